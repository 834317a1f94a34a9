/** Finding people by a value: by digests that live exactly as long as the value they are of. */

import { createPrivacy, definePolicy, localKeys, type Policy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparedForm, isLookedUp } from '../../src/register/equality.ts'
import { type Held, held, under } from '../requests/held.ts'
import { dump, holding } from '../requests/raw.ts'
import { canary, secret } from '../requests/scene.ts'

const subject = 'customer-1'
const where = { group: 'customer', subject } as const
const iban = 'FI21 1234 5600 0007 85'
const fields = {
  contactPerson: 'Example Person',
  email: 'Person@Example.com',
  vatId: 'FI20774740',
  companyNumber: { country: 'FI', number: '2077474-0' },
  paymentDetails: { method: 'invoice', iban },
} as const
const saved = { ...where, origin: 'customer', fields } as const

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of all) found.push(each)
  return found
}

const lookups = ({ backing }: Pick<Held, 'backing'>): [string, Record<string, unknown>][] =>
  [...(backing.records.get('lookups')?.rows ?? [])].map(([at, { json }]) => [at, JSON.parse(json)])

const find = ({ privacy }: Pick<Held, 'privacy'>, asked: object): Promise<{ subject: string }[]> =>
  collect(privacy.register.lookup({ group: 'customer', ...asked } as never))

describe('a person is found by a value of theirs', () => {
  it.each([
    ['e-mail, in any letter case', 'email', ' person@EXAMPLE.com'.trim()],
    ['VAT id, with separators', 'vatId', 'FI 2077.4740'],
    ['company register number, with separators', 'companyNumber', { country: 'FI', number: '2077 4740' }],
    ['the IBAN of sealed payment details, without spaces', 'paymentDetails', iban.replaceAll(' ', '')],
    ['the IBAN in small letters', 'paymentDetails', iban.toLowerCase()],
  ])('%s', async (_, field, equals) => {
    const made = held()
    await made.privacy.register.save(saved)
    expect(await find(made, { field, equals })).toEqual([{ group: 'customer', subject }])
  })

  it.each([
    ['another e-mail', 'email', 'person@example.org'],
    ['the number of another country', 'companyNumber', { country: 'EE', number: '20774740' }],
    ['another IBAN', 'paymentDetails', 'DE89370400440532013000'],
  ])('and not by %s', async (_, field, equals) => {
    const made = held()
    await made.privacy.register.save(saved)
    expect(await find(made, { field, equals })).toEqual([])
  })

  it('everybody who has it, and nobody of another group, field or tenant', async () => {
    const made = held()
    const { privacy } = made
    await privacy.register.save(saved)
    await privacy.register.save({ ...saved, subject: 'customer-2' })
    const tenant = privacy.tenant('customer-1').register
    await tenant.save({
      group: 'prospect',
      subject: 'prospect-1',
      origin: 'public-source',
      fields: { contactPerson: 'Prospect', email: fields.email },
    })
    const found = await collect(
      privacy.register.lookup({ group: 'customer', field: 'email', equals: fields.email }),
    )
    expect(found.map((each) => each.subject).sort()).toEqual(['customer-1', 'customer-2'])
    const theirs = tenant.lookup({ group: 'prospect', field: 'email', equals: fields.email })
    expect(await collect(theirs)).toEqual([{ group: 'prospect', subject: 'prospect-1' }])
    const nobody = privacy.tenant('customer-2').register
    expect(await collect(nobody.lookup({ group: 'prospect', field: 'email', equals: fields.email }))).toEqual(
      [],
    )
  })

  it('payment details without an IBAN are found by nothing', async () => {
    const made = held()
    const paymentDetails = { method: 'card', cardReference: 'tok_AAAABBBB' } as const
    await made.privacy.register.save({ ...saved, fields: { ...fields, paymentDetails } })
    expect(lookups(made).map(([, { field }]) => field)).not.toContain('paymentDetails')
  })

  it.each([
    [
      'a group that there is not',
      { group: 'nobody', field: 'email', equals: 'a@example.com' },
      'input.not-in-policy',
      'group',
    ],
    [
      'a field that is not looked up by',
      { field: 'contactPerson', equals: 'x' },
      'input.not-in-policy',
      'where.field',
    ],
    ['a field that there is not', { field: 'shoeSize', equals: '42' }, 'input.not-in-policy', 'where.field'],
    [
      'a field that every object has',
      { field: 'constructor', equals: '42' },
      'input.not-in-policy',
      'where.field',
    ],
    [
      'a value that no such field has',
      { field: 'email', equals: 'kanaria' },
      'input.invalid',
      'where.equals',
    ],
    [
      'an operator instead of a value',
      { field: 'email', equals: { $ne: null } },
      'input.invalid',
      'where.equals',
    ],
    [
      'payment details instead of an IBAN',
      { field: 'paymentDetails', equals: { method: 'invoice' } },
      'input.invalid',
      'where.equals',
    ],
    ['something more', { field: 'email', equals: 'a@example.com', limit: 1 }, 'input.invalid', 'where'],
    [
      'a group of the customers’ tenants',
      { group: 'prospect', field: 'email', equals: 'a@example.com' },
      'tenant.not-allowed',
      'group',
    ],
  ])('refuses %s, without saying what it was', async (_, asked, code, path) => {
    const refused = await find(held(), asked).catch((error: Error) => error)
    expect(refused).toMatchObject({ code, path })
    expect(JSON.stringify(refused)).not.toContain('kanaria')
  })

  it('a field that the policy does not declare so does not compile', () => {
    const { privacy } = held()
    const { register } = privacy
    // @ts-expect-error: not looked up by
    register.lookup({ group: 'customer', field: 'contactPerson', equals: 'x' })
    // @ts-expect-error: an IBAN, no payment details
    register.lookup({ group: 'customer', field: 'paymentDetails', equals: { method: 'invoice' } })
    // @ts-expect-error: of another group
    register.lookup({ group: 'prospect', field: 'paymentDetails', equals: iban })
    expect(register).toBeDefined()
  })
})

describe('no lookup outlives its value', () => {
  it('that is corrected, taken away, or gone with the record that replaced it', async () => {
    const made = held()
    const { privacy } = made
    await privacy.register.save(saved)
    const correction = { ...where, why: 'wrong', initiative: 'subject' } as const
    const corrected = { email: 'new@example.com', paymentDetails: null }
    await privacy.register.correct({ ...correction, fields: corrected })
    expect(await find(made, { field: 'email', equals: fields.email })).toEqual([])
    expect(await find(made, { field: 'email', equals: 'new@example.com' })).toHaveLength(1)
    expect(await find(made, { field: 'paymentDetails', equals: iban })).toEqual([])
    const { companyNumber: _, paymentDetails: __, ...fewer } = fields
    await privacy.register.save({ ...saved, fields: fewer })
    expect(
      lookups(made)
        .map(([, { field }]) => field)
        .sort(),
    ).toEqual(['email', 'vatId'])
  })

  it('that is erased, kept or not: nothing of the person can be looked up', async () => {
    const made = held()
    await made.populate()
    await made.populate('customer-2')
    expect(await find(made, { field: 'paymentDetails', equals: canary.iban })).toHaveLength(2)
    await made.erased()
    expect(await find(made, { field: 'paymentDetails', equals: canary.iban })).toEqual([
      { group: 'customer', subject: 'customer-2' },
    ])
    expect(lookups(made).every(([, { subject }]) => subject === 'customer-2')).toBe(true)
  })

  it('while an erasure runs: from the tombstone on the person is not found', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const { digest: plan } = await made.privacy.requests.plan(id)
    let call = 1
    const state = async () => (await made.privacy.requests.find(id))?.state
    while ((await state()) !== 'running') {
      made.faults.arm(call++, 'before')
      await made.privacy.requests.fulfil(id, { plan }).catch(() => null)
      made.faults.arm(-1, 'before')
    }
    expect(lookups(made).length).toBeGreaterThan(0)
    expect(await find(made, { field: 'email', equals: canary.email })).toEqual([])
  })

  it('that is written or corrected in a call cut off anywhere: lookups are those of the values that are there', async () => {
    const acts = [
      ({ privacy }: Held) =>
        privacy.register.save({ ...saved, fields: { ...fields, email: 'new@example.com' } }),
      ({ privacy }: Held) =>
        privacy.register.correct({
          ...where,
          ...{ why: 'wrong', initiative: 'subject' },
          fields: { email: 'new@example.com', paymentDetails: null },
        }),
    ]
    for (const act of acts) {
      for (const fault of ['before', 'after'] as const) {
        for (let call = 1, ended = false; !ended; call++) {
          const made = held()
          await made.privacy.register.save(saved)
          made.faults.arm(call, fault)
          ended = await act(made).then(
            () => true,
            () => false,
          )
          made.faults.arm(-1, 'before')
          const present = (await made.privacy.register.find(where))?.fields
          const found = async (field: string, equals: unknown) => (await find(made, { field, equals })).length
          expect([
            await found('email', fields.email),
            await found('email', 'new@example.com'),
            await found('paymentDetails', iban),
          ]).toEqual([
            present?.email === fields.email ? 1 : 0,
            present?.email === 'new@example.com' ? 1 : 0,
            present?.paymentDetails ? 1 : 0,
          ])
        }
      }
    }
  })

  it('by ten writers at once: one value, one lookup', async () => {
    const made = held()
    const emails = Array.from({ length: 10 }, (_, i) => `n${i}@example.com`)
    await Promise.all(
      emails.map((email) => made.privacy.register.save({ ...saved, fields: { ...fields, email } })),
    )
    const present = (await made.privacy.register.find(where))?.fields.email
    for (const email of emails)
      expect(await find(made, { field: 'email', equals: email })).toHaveLength(email === present ? 1 : 0)
  })

  it('where a policy no longer declares it, the next write takes it away; where it newly does, makes it', async () => {
    const { email, ...others } = pilviPolicy.groups.customer.fields
    const { lookup: _, ...silent } = email
    const without: Policy = parsePolicy({
      ...pilviPolicy,
      groups: {
        ...pilviPolicy.groups,
        customer: { ...pilviPolicy.groups.customer, fields: { ...others, email: silent } },
      },
    })
    const made = held()
    await made.privacy.register.save(saved)
    await under(made, without).register.save(saved)
    expect(await find(made, { field: 'email', equals: fields.email })).toEqual([])
    await made.privacy.register.save(saved)
    expect(await find(made, { field: 'email', equals: fields.email })).toHaveLength(1)
  })
})

describe('what a lookup tells', () => {
  it('stolen store: nothing of a sealed value, and not that two groups, fields or tenants share one', async () => {
    const made = held()
    await made.privacy.register.save(saved)
    const texts = [iban, iban.replaceAll(' ', ''), 'FI2112345600000785'.slice(4)]
    for (const text of texts) expect([text, holding(dump(made.backing), text)]).toEqual([text, []])
    const tenant = made.privacy.tenant('customer-1').register
    const { companyNumber: _, ...others } = fields
    await tenant.save({ group: 'customers-customer', subject, origin: 'customer', fields: others })
    const digests = lookups(made).map(([, { digest }]) => digest)
    expect(digests).toHaveLength(7)
    expect(new Set(digests).size).toBe(7)
  })

  it('another installation secret makes other digests', async () => {
    const made = held()
    await made.privacy.register.save(saved)
    const rows = made.backing.records.get('keys')?.rows
    expect([...(rows?.keys() ?? [])]).toContain('_system/secret/digest-lookup')
    rows?.delete('_system/secret/digest-lookup')
    made.backing.records.get('tenants')?.rows.delete('_system/secret/digest-lookup')
    const keys = localKeys([{ id: 'k1', secret }], made.environment)
    const { store, environment } = made
    const other = createPrivacy({ policy: pilviPolicy, store, environment, keys, tenant: 'pilvi' })
    expect(await find({ privacy: other }, { field: 'email', equals: fields.email })).toEqual([])
  })

  it('a lookup that is not what it should be stops the line', async () => {
    const made = held()
    await made.privacy.register.save(saved)
    const rows = made.backing.records.get('lookups')?.rows
    for (const [at, row] of rows ?? [])
      rows?.set(at, { ...row, json: row.json.replace('"field"', '"fields"') })
    const refused = find(made, { field: 'email', equals: fields.email })
    await expect(refused).rejects.toMatchObject({ code: 'record.corrupt' })
  })
})

describe('the form in which values are compared', () => {
  const separators = fc.array(fc.constantFrom(' ', '-', '.'), { maxLength: 3 }).map((all) => all.join(''))

  it('does not depend on letter case and separators, and tells different numbers apart', () => {
    const digits = fc.stringMatching(/^[0-9]{8}$/)
    fc.assert(
      fc.property(digits, digits, separators, (a, b, between) => {
        const spelt = `FI${between}${a.slice(0, 4)}${between}${a.slice(4)}`
        expect(comparedForm({ kind: 'vat-id' }, spelt)).toBe(comparedForm({ kind: 'vat-id' }, `FI${a}`))
        const form = (number: string) => comparedForm({ kind: 'company-number' }, { country: 'FI', number })
        expect(form(a) === form(b)).toBe(a === b)
      }),
    )
  })

  it('of a text holds spaces and letter case for nothing', () => {
    expect(comparedForm({ kind: 'text' }, '  Example   OY ')).toBe('example oy')
    expect(comparedForm({ kind: 'phone' }, '+358 (0)40 123')).toBe('+35840123')
  })

  it('there is none of kinds that cannot be looked up by, declared or not', () => {
    for (const kind of ['date', 'number', 'choice', 'address'] as const) {
      expect(comparedForm({ kind }, 'x')).toBeNull()
      expect(isLookedUp({ kind, lookup: true })).toBe(false)
    }
    expect(isLookedUp({ kind: 'email' })).toBe(false)
  })

  it('a policy that looks people up by such a kind is refused', () => {
    const { email, ...others } = pilviPolicy.groups.customer.fields
    const policy = {
      ...pilviPolicy,
      groups: {
        ...pilviPolicy.groups,
        customer: {
          ...pilviPolicy.groups.customer,
          fields: { ...others, email, born: { ...email, kind: 'date', lookup: true } },
        },
      },
    } as const
    expect(() => definePolicy(policy)).toThrow('groups.customer.fields.born.lookup')
  })
})
