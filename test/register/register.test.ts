import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { collect, customer, pilvi, scene, startedAt } from '../consent/scene.ts'

const where = { group: 'customer', subject: customer.subject } as const
const service = {
  domainName: 'example.com',
  registrantName: 'Esimerkki Oy',
  registrantType: 'company',
} as const
/** A member that a copy by assignment would hide. */
const hidden = Object.defineProperty({}, '__proto__', { value: { x: 1 }, enumerable: true })
const odd = (more: object) => ({ ...customer, ...more }) as never

describe('save', () => {
  it('keeps what it was given, with where it came from and when', async () => {
    const { privacy } = pilvi()
    const saved = await privacy.register.save({ ...customer, services: { 'domain-registration': service } })
    expect(saved).toEqual({
      group: 'customer',
      subject: customer.subject,
      fields: customer.fields,
      services: { 'domain-registration': service },
      provenance: { origin: 'customer', at: startedAt },
      changedAt: startedAt,
    })
    expect(await privacy.register.find(where)).toEqual(saved)
  })

  it('replaces a record whole, under one subject and group', async () => {
    const { privacy, environment } = pilvi()
    await privacy.register.save({ ...customer, services: { 'domain-registration': service } })
    environment.advance(1000)
    const replaced = await privacy.register.save({
      ...customer,
      origin: 'public-source',
      fields: { ...customer.fields, email: 'new@example.com' },
    })
    expect(await collect(privacy.register.list({ group: 'customer' }))).toEqual([replaced])
    expect(replaced.services).toEqual({})
    expect(replaced.provenance).toEqual({ origin: 'public-source', at: '2026-11-23T10:00:01.000Z' })
  })

  it('stands in the ledger with the clause, and without the person or a value', async () => {
    const { privacy } = pilvi()
    await privacy.register.save(customer)
    await privacy.ledger.sequence()
    const entries = await collect(privacy.ledger.list())
    expect(entries).toMatchObject([
      {
        action: 'register.saved',
        actor: { role: 'system', id: 'register' },
        record: expect.stringMatching(/^[0-9a-f]{64}$/),
        clause: 'Personal information',
        details: { group: 'customer', origin: 'customer' },
      },
    ])
  })

  it('of 20 at the same moment leaves one record and 20 entries of the ledger', async () => {
    const { privacy } = pilvi({ waits: 'really' })
    const saves = Array.from({ length: 20 }, (_, i) =>
      privacy.register.save({ ...customer, fields: { ...customer.fields, contactPerson: `Person ${i}` } }),
    )
    const saved = await Promise.all(saves)
    const found = await privacy.register.find(where)
    expect(saved).toContainEqual(found)
    expect((await collect(privacy.register.list({ group: 'customer' }))).length).toBe(1)
    expect(await privacy.ledger.sequence()).toBe(20)
  })

  it.each([
    [
      'one of a list must be given',
      { fields: { contactPerson: 'x', email: 'a@example.com' } },
      'record.fields.vatId',
    ],
    [
      'a required field',
      { fields: { ...customer.fields, contactPerson: undefined } },
      'record.fields.contactPerson',
    ],
    [
      'a field that the policy does not name',
      { fields: { ...customer.fields, shoeSize: '42' } },
      'record.fields',
    ],
    ['a field __proto__', { fields: { ...customer.fields, ...hidden } }, 'record.fields'],
    ['a field constructor', { fields: { ...customer.fields, constructor: 'x' } }, 'record.fields'],
    ['fields that are none', { fields: 'x' }, 'record.fields'],
    ['a service that the policy does not name', { services: { hosting: {} } }, 'record.services'],
    [
      'a service without its required fields',
      { services: { 'domain-registration': {} } },
      'record.services.domain-registration.domainName',
    ],
    [
      'a field that the service does not name',
      { services: { 'domain-registration': { ...service, note: 'x' } } },
      'record.services.domain-registration',
    ],
    [
      'a choice of a service that it does not offer',
      { services: { 'domain-registration': { ...service, registrantType: 'cat' } } },
      'record.services.domain-registration.registrantType',
    ],
    ['a wrong check digit', { fields: { ...customer.fields, vatId: 'FI20774741' } }, 'record.fields.vatId'],
    ['an object as subject', { subject: { $ne: null } }, 'record.subject'],
    ['an origin that is no text', { origin: {} }, 'record.origin'],
    ['notes', { notes: 'free text' }, 'record'],
    ['provenance of one’s own', { provenance: { origin: 'customer', at: startedAt } }, 'record'],
  ])('refuses what the policy does not have: %s', async (_, more, path) => {
    const { privacy, backing } = pilvi()
    await expect(privacy.register.save(odd(more))).rejects.toMatchObject({
      name: 'InvalidInput',
      code: 'input.invalid',
      path,
    })
    expect(backing.records.get('register')?.rows.size).toBe(0)
  })

  it.each([
    ['a group', { group: 'employee' }, 'group'],
    ['the group __proto__', { group: '__proto__' }, 'group'],
    ['an object as group', { group: {} }, 'group'],
    ['an origin', { origin: 'rumour' }, 'record.origin'],
    ['the origin constructor', { origin: 'constructor' }, 'record.origin'],
  ])('refuses what the policy does not name: %s', async (_, more, path) => {
    const { privacy } = pilvi()
    await expect(privacy.register.save(odd(more))).rejects.toMatchObject({
      code: 'input.not-in-policy',
      path,
    })
  })

  it.each([undefined, null, 'x', 7, []])('refuses %j', async (input) => {
    const { privacy } = pilvi()
    await expect(privacy.register.save(input as never)).rejects.toMatchObject({ code: 'input.not-in-policy' })
  })
})

describe('find and list', () => {
  it('give null and nothing where there is nothing', async () => {
    const { privacy } = pilvi()
    expect(await privacy.register.find(where)).toBeNull()
    expect(await collect(privacy.register.list({ group: 'customer' }))).toEqual([])
    expect(await collect(privacy.register.history(where))).toEqual([])
  })

  it('list a group, and no other group', async () => {
    const { privacy } = pilvi()
    const shop = privacy.tenant('shop')
    const fields = { contactPerson: 'x', email: 'x@example.com' }
    const subjects = ['c', 'a', 'ab', 'a-b', 'b/1', 'b%2F1', 'ä', '🙂']
    for (const subject of subjects) {
      await shop.register.save({ group: 'customers-customer', subject, origin: 'customer', fields })
      await shop.register.save({ group: 'prospect', subject, origin: 'public-source', fields })
    }
    const listed = () => collect(shop.register.list({ group: 'prospect' }))
    const once = await listed()
    expect(once.map(({ subject }) => subject).sort()).toEqual([...subjects].sort())
    expect(new Set(once.map(({ group }) => group))).toEqual(new Set(['prospect']))
    expect(await listed()).toEqual(once)
  })

  it.each([
    ['an object as subject', { group: 'customer', subject: { $gt: '' } }, 'input.invalid', 'where.subject'],
    ['an array as subject', { group: 'customer', subject: ['a', 'b'] }, 'input.invalid', 'where.subject'],
    ['no subject', { group: 'customer' }, 'input.invalid', 'where.subject'],
    ['an object as group', { group: {}, subject: 'a' }, 'input.invalid', 'where.group'],
    ['a group not in the policy', { group: 'toString', subject: 'a' }, 'input.not-in-policy', 'group'],
    ['nothing', undefined, 'input.invalid', 'where'],
  ])('refuse %s', async (_, input, code, path) => {
    const { register } = pilvi().privacy
    await expect(register.find(input as never)).rejects.toMatchObject({ code, path })
    await expect(collect(register.history(input as never))).rejects.toMatchObject({ code, path })
    const { subject: __, ...group } = { ...(input as object | undefined) } as { subject?: unknown }
    if (path.startsWith('where.subject')) return
    await expect(collect(register.list((input && group) as never))).rejects.toMatchObject({ code, path })
  })

  it('stop at a record that is not what it should be', async () => {
    const { privacy, backing } = pilvi()
    await privacy.register.save(customer)
    const rows = backing.records.get('register')?.rows ?? new Map()
    const [[place, row] = []] = rows
    rows.set(place, { ...row, json: '{"group":"customer"}' })
    const corrupt = { name: 'IntegrityFailure', code: 'record.corrupt', record: place }
    await expect(privacy.register.find(where)).rejects.toMatchObject(corrupt)
    const correction = { ...where, fields: {}, why: 'wrong', initiative: 'subject' } as const
    await expect(privacy.register.correct(correction)).rejects.toMatchObject(corrupt)
  })
})

describe('the two tiers', () => {
  const fields = { contactPerson: 'x', email: 'x@example.com' }
  const theirs = { group: 'prospect', subject: 'p', origin: 'customer', fields } as const
  const refused = { code: 'tenant.not-allowed', path: 'group' }

  it('customers stand in the controller’s tenant only', async () => {
    const { privacy } = pilvi()
    const { register } = privacy.tenant('shop')
    const correction = { ...where, fields: {}, why: 'wrong', initiative: 'subject' } as const
    await expect(register.save(customer)).rejects.toMatchObject(refused)
    await expect(register.find(where)).rejects.toMatchObject(refused)
    await expect(register.correct(correction)).rejects.toMatchObject(refused)
    await expect(collect(register.list({ group: 'customer' }))).rejects.toMatchObject(refused)
    await expect(collect(register.history(where))).rejects.toMatchObject(refused)
  })

  it.each(['prospect', 'customers-customer'] as const)(
    '%s stand in a customer’s tenant only',
    async (group) => {
      const { register } = pilvi().privacy
      const at = { group, subject: 'p' }
      await expect(register.save({ ...theirs, group })).rejects.toMatchObject(refused)
      await expect(register.find(at)).rejects.toMatchObject(refused)
      await expect(collect(register.list({ group }))).rejects.toMatchObject(refused)
      await expect(collect(register.history(at))).rejects.toMatchObject(refused)
    },
  )

  it('one customer’s prospects are not another’s', async () => {
    const { privacy } = pilvi()
    await privacy.tenant('shop').register.save(theirs)
    const at = { group: 'prospect', subject: 'p' } as const
    expect((await privacy.tenant('shop').register.find(at))?.fields).toEqual(fields)
    expect(await privacy.tenant('shop-2').register.find(at)).toBeNull()
    expect(await collect(privacy.tenant('shop-2').register.list({ group: 'prospect' }))).toEqual([])
  })
})

describe('after an erasure', () => {
  it('nothing of the person is found, listed, shown or written, whatever had to be kept', async () => {
    const { privacy, erase, backing } = pilvi()
    const paymentAddress = { street: 'Testikatu 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
    const paying = { ...customer, fields: { ...customer.fields, paymentAddress } }
    const other = await privacy.register.save({ ...paying, subject: 'customer-2' })
    await privacy.register.save(paying)
    const correction = { ...where, why: 'outdated', initiative: 'subject' } as const
    await privacy.register.correct({ ...correction, fields: { email: 'new@example.com' } })
    const { id, report } = await erase(customer.subject)
    expect(report.kept.some(({ source }) => source === 'register')).toBe(true)
    expect(await privacy.register.find(where)).toBeNull()
    expect(await collect(privacy.register.list({ group: 'customer' }))).toEqual([other])
    expect(await collect(privacy.register.history(where))).toEqual([])
    const keys = backing.records.get('keys')?.rows.size
    const erased = { code: 'conflict.erased', record: id }
    const paymentDetails = { method: 'invoice' } as const
    await expect(
      privacy.register.save({ ...customer, fields: { ...customer.fields, paymentDetails } }),
    ).rejects.toMatchObject(erased)
    // A correction to what is kept would change nothing, and show it.
    for (const fields of [{}, { paymentAddress }, { email: 'x@example.com' }]) {
      await expect(privacy.register.correct({ ...correction, fields })).rejects.toMatchObject(erased)
    }
    expect(backing.records.get('keys')?.rows.size).toBe(keys)
  })

  it('a history that had to be kept is not shown', async () => {
    const proof = pilviPolicy.retention['consent-record']
    const { privacy, erase, backing } = scene({
      ...pilviPolicy,
      retention: { ...pilviPolicy.retention, 'correction-record': proof },
    })
    await privacy.register.save(customer)
    const fields = { email: 'new@example.com' }
    await privacy.register.correct({ ...where, fields, why: 'outdated', initiative: 'subject' })
    await erase(customer.subject)
    expect(backing.records.get('corrections')?.rows.size).toBe(1)
    expect(await collect(privacy.register.history(where))).toEqual([])
  })
})
