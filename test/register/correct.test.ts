import { type Policy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { collect, customer, pilvi, scene, startedAt } from '../consent/scene.ts'
import { dump } from '../requests/raw.ts'

const where = { group: 'customer', subject: customer.subject } as const
const correction = { ...where, why: 'outdated', initiative: 'subject' } as const
const domain = { domainName: 'example.com', registrantName: 'Esimerkki Oy' } as const

async function saved(options?: Parameters<typeof pilvi>[0]) {
  const held = pilvi(options)
  await held.privacy.register.save({ ...customer, services: { 'domain-registration': domain } })
  const { correct, find, history } = held.privacy.register
  const changed = async () => (await collect(history(where))).map(({ changes }) => changes)
  return { ...held, correct, find: () => find(where), history: () => collect(history(where)), changed }
}

describe('a correction', () => {
  it('changes what it names, and keeps what it was, when, why, and on whose initiative', async () => {
    const { environment, correct, find, history } = await saved()
    environment.set('2026-11-24T08:00:00.000Z')
    const record = await correct({
      ...correction,
      fields: { email: 'new@example.com', phone: '+358 40 1234567' },
    })
    expect(record).toEqual({
      ...where,
      fields: { ...customer.fields, email: 'new@example.com', phone: '+358 40 1234567' },
      services: { 'domain-registration': domain },
      provenance: { origin: 'customer', at: startedAt },
      changedAt: '2026-11-24T08:00:00.000Z',
    })
    expect(await find()).toEqual(record)
    environment.set('2026-11-25T08:00:00.000Z')
    await correct({
      ...correction,
      fields: { phone: null },
      why: 'unnecessary',
      initiative: 'controller',
      operator: 'agent-7',
    })
    expect(await history()).toEqual([
      {
        at: '2026-11-24T08:00:00.000Z',
        why: 'outdated',
        initiative: 'subject',
        changes: {
          email: { from: customer.fields.email, to: 'new@example.com' },
          phone: { from: null, to: '+358 40 1234567' },
        },
      },
      {
        at: '2026-11-25T08:00:00.000Z',
        why: 'unnecessary',
        initiative: 'controller',
        operator: 'agent-7',
        changes: { phone: { from: '+358 40 1234567', to: null } },
      },
    ])
    expect((await find())?.fields).toEqual({ ...customer.fields, email: 'new@example.com' })
  })

  it.each([
    ['the operator', { operator: 'agent-7' }, { role: 'operator', id: 'agent-7' }],
    ['the person', {}, { role: 'subject', id: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    ['the controller', { initiative: 'controller' }, { role: 'system', id: 'register' }],
  ] as const)('stands in the ledger as the act of %s, by the names of the fields', async (_, more, actor) => {
    const { privacy, environment, correct } = await saved()
    environment.advance(1000)
    const fields = { phone: '+358 40 1234567', email: 'new@example.com' }
    await correct({ ...correction, ...more, fields })
    await privacy.ledger.sequence()
    const [, entry] = await collect(privacy.ledger.list())
    expect(entry).toMatchObject({
      action: 'register.corrected',
      actor,
      clause: 'Personal information',
      details: { group: 'customer', why: 'outdated', fields: 'email phone' },
    })
  })

  it.each([
    ['nothing', {}],
    ['what is so already', { email: customer.fields.email }],
    ['away what is not there', { phone: null }],
    ['a service that is so already', { 'domain-registration.domainName': domain.domainName }],
  ])('of %s writes nothing', async (_, fields) => {
    const { backing, environment, correct, find } = await saved()
    const before = dump(backing)
    environment.advance(1000)
    const record = await correct({ ...correction, fields })
    expect(dump(backing)).toEqual(before)
    expect(record).toEqual(await find())
  })

  it('of an object compares its members, in whatever order', async () => {
    const { correct, changed } = await saved()
    const address = { street: 'Testikatu 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
    await correct({ ...correction, fields: { paymentAddress: address } })
    const turned = Object.fromEntries(Object.entries(address).reverse()) as unknown as typeof address
    await correct({ ...correction, fields: { paymentAddress: turned } })
    expect(await changed()).toEqual([{ paymentAddress: { from: null, to: address } }])
  })

  it('of a record that is not there is NotFound', async () => {
    const { correct } = pilvi().privacy.register
    await expect(correct({ ...correction, fields: {} })).rejects.toMatchObject({ code: 'record.missing' })
  })

  it('of 20 at the same moment loses none', async () => {
    const { privacy, correct, find, changed } = await saved({ waits: 'really' })
    const phones = Array.from({ length: 15 }, (_, i) => `+358 40 10000${i + 10}`)
    const companies = Array.from({ length: 5 }, (_, i) => `Esimerkki ${i} Oy`)
    await Promise.all([
      ...phones.map((phone) => correct({ ...correction, fields: { phone } })),
      ...companies.map((companyName) => correct({ ...correction, fields: { companyName } })),
    ])
    const changes = await changed()
    expect(changes.flatMap(({ phone }) => (phone ? [phone.to] : [])).sort()).toEqual(phones)
    expect(changes.flatMap(({ companyName }) => (companyName ? [companyName.to] : [])).sort()).toEqual(
      companies,
    )
    // Each starts from what the one before left.
    for (const name of ['phone', 'companyName']) {
      let now: unknown = null
      for (const change of changes.flatMap((each) => each[name] ?? [])) {
        expect(change.from).toBe(now)
        now = change.to
      }
    }
    const last = (name: string) => changes.flatMap((each) => each[name] ?? []).at(-1)?.to
    expect((await find())?.fields).toMatchObject({ phone: last('phone'), companyName: last('companyName') })
    expect(await privacy.ledger.sequence()).toBe(21)
  })
})

describe('what must be there stays', () => {
  const path = (field: string) => ({
    name: 'InvalidInput',
    code: 'input.invalid',
    path: `correction.fields.${field}`,
  })

  it.each([
    ['a required field', { email: null }, 'email'],
    ['the last of a list of which one must be given', { vatId: null }, 'vatId'],
    [
      'a required field of a service',
      { 'domain-registration.domainName': null },
      'domain-registration.domainName',
    ],
    ['two of three required ones', { email: null, phone: '+358 40 1234567' }, 'email'],
  ])('%s cannot be taken away', async (_, fields, field) => {
    const { backing, correct } = await saved()
    const before = dump(backing)
    await expect(correct({ ...correction, fields: fields as never })).rejects.toMatchObject(path(field))
    expect(dump(backing)).toEqual(before)
  })

  it('one of a list can be taken away for another', async () => {
    const { correct } = await saved()
    const companyNumber = { country: 'FI', number: '2077474-0' }
    const record = await correct({ ...correction, fields: { vatId: null, companyNumber } })
    expect(record.fields).toEqual({
      contactPerson: customer.fields.contactPerson,
      email: customer.fields.email,
      companyNumber,
    })
  })

  it('a service can be taken away as a whole, and cannot be begun by half', async () => {
    const { correct } = await saved()
    const away = {
      'domain-registration.domainName': null,
      'domain-registration.registrantName': null,
    } as const
    expect((await correct({ ...correction, fields: away })).services).toEqual({})
    const half = { 'domain-registration.registrantType': 'company' } as const
    await expect(correct({ ...correction, fields: half })).rejects.toMatchObject(
      path('domain-registration.domainName'),
    )
    const whole = {
      ...half,
      'domain-registration.domainName': 'a.fi',
      'domain-registration.registrantName': 'A',
    }
    expect((await correct({ ...correction, fields: whole })).services).toEqual({
      'domain-registration': { registrantType: 'company', domainName: 'a.fi', registrantName: 'A' },
    })
  })

  it('a record that a newer policy would not accept can still be corrected', async () => {
    const held = await saved()
    const registration = pilviPolicy.services['domain-registration']
    const newer: Policy = parsePolicy({
      ...pilviPolicy,
      groups: {
        ...pilviPolicy.groups,
        customer: {
          ...pilviPolicy.groups.customer,
          fields: {
            ...pilviPolicy.groups.customer.fields,
            phone: { ...pilviPolicy.groups.customer.fields.phone, required: true },
          },
          anyOf: [['companyName'], ['vatId', 'companyNumber']],
        },
      },
      services: {
        'domain-registration': {
          ...registration,
          fields: {
            ...registration.fields,
            registrantType: { ...registration.fields.registrantType, required: true },
          },
        },
      },
    })
    const { privacy } = scene(newer, { over: held.backing })
    const record = await privacy.register.correct({ ...correction, fields: { email: 'new@example.com' } })
    expect(record.fields).toMatchObject({ email: 'new@example.com' })
    const companyName = { ...correction, fields: { companyName: null } }
    expect((await privacy.register.correct(companyName)).fields).not.toHaveProperty('companyName')
  })
})

describe('bad input is refused, by the path of the field and never by its value', () => {
  it.each([
    ['a field not in the policy', { fields: { shoeSize: '42' } }, 'input.not-in-policy', 'correction.fields'],
    [
      'a field __proto__',
      { fields: JSON.parse('{"__proto__":{"email":"x"}}') },
      'input.invalid',
      'correction.fields',
    ],
    ['a field constructor', { fields: { constructor: 'x' } }, 'input.not-in-policy', 'correction.fields'],
    ['a list of fields', { fields: ['email'] }, 'input.invalid', 'correction.fields'],
    ['no fields', { fields: undefined }, 'input.invalid', 'correction.fields'],
    [
      'a field of another kind',
      { fields: { email: { $set: 1 } } },
      'input.invalid',
      'correction.fields.email',
    ],
    ['a field without a value', { fields: { email: undefined } }, 'input.invalid', 'correction.fields.email'],
    ['a wrong check digit', { fields: { vatId: 'FI20774741' } }, 'input.invalid', 'correction.fields.vatId'],
    [
      'an IBAN with one',
      { fields: { paymentDetails: { method: 'invoice', iban: 'FI2112345600000786' } } },
      'input.invalid',
      'correction.fields.paymentDetails.iban',
    ],
    ['a reason that is none', { why: 'because' }, 'input.invalid', 'correction.why'],
    ['an initiative of nobody', { initiative: 'chance' }, 'input.invalid', 'correction.initiative'],
    ['an object as subject', { subject: {} }, 'input.invalid', 'correction.subject'],
    ['an object as operator', { operator: {} }, 'input.invalid', 'correction.operator'],
    ['a moment of one’s own', { at: startedAt }, 'input.invalid', 'correction'],
    ['a group not in the policy', { group: 'employee' }, 'input.not-in-policy', 'group'],
  ])('%s', async (_, more, code, path) => {
    const { backing, correct } = await saved()
    const before = dump(backing)
    const input = { ...correction, fields: { email: 'new@example.com' }, ...more } as never
    await expect(correct(input)).rejects.toMatchObject({ name: 'InvalidInput', code, path })
    expect(dump(backing)).toEqual(before)
  })
})
