import { localKeys, type Policy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { createConsentSource } from '../../src/consent/source.ts'
import { createStandings } from '../../src/consent/standings.ts'
import { createDigests, createKeys, createSecrets } from '../../src/keys/service.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import { createRegisterSources } from '../../src/register/source.ts'
import type { Held, IdentityKeys, Row, Source } from '../../src/source.ts'
import { collect, customer, pilvi, startedAt } from '../consent/scene.ts'
import { destroyKeys } from '../keys/scene.ts'
import { dump } from '../requests/raw.ts'

const identity: IdentityKeys = { subject: customer.subject, sessions: [], request: 'r' }
const paymentDetails = { method: 'invoice', reference: 'RF1' } as const
const paymentAddress = { street: 'Testikatu 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
const correction = {
  group: 'customer',
  subject: customer.subject,
  why: 'wrong',
  initiative: 'subject',
} as const

/** The sources of a register in which one customer was saved, corrected and heard. */
async function filled(policy: Policy = pilviPolicy) {
  const { privacy, backing, store, environment } = pilvi()
  const fields = { ...customer.fields, paymentDetails, paymentAddress, phone: '+358 40 1234567' }
  await privacy.register.save({ ...customer, fields })
  environment.set('2026-11-24T10:00:00.000Z')
  await privacy.register.correct({
    ...correction,
    fields: { email: 'new@example.com', paymentDetails: null },
  })
  await privacy.register.correct({ ...correction, fields: { paymentDetails }, origin: 'public-source' })
  await privacy.consent.deny({ subject: customer.subject, purpose: 'telemarketing', by: 'link' })
  const local = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const provider = createWrapping({ store, environment, provider: local }).through(store)
  const secrets = createSecrets({ store, environment, provider })
  const standings = createStandings('pilvi', { store, keys: createDigests('pilvi', secrets) })
  const keys = createKeys('pilvi', { store, environment, provider, secrets, standings })
  const parts = { policy, store, environment, keys }
  const [register, corrections] = createRegisterSources('pilvi', parts) as [Source, Source]
  return { privacy, backing, keys, register, corrections, consents: createConsentSource('pilvi', parts) }
}

const rows = async (source: Source, wanted: 'outline' | 'values' = 'values'): Promise<Row[]> =>
  (await collect(source.find(identity, wanted))).flat()

/** The fields of the first row, by name. */
async function first(source: Source): Promise<Readonly<Record<string, Held>>> {
  const [row] = await rows(source)
  return Object.fromEntries((row?.fields ?? []).map((field) => [field.name, field]))
}

const contacts = async ({ contacts: of }: Source): Promise<string[]> =>
  of ? (await collect(of(identity))).sort() : []

describe('the register as a source', () => {
  it('shows of each field its value, its category, its own date and its own origin', async () => {
    const { register } = await filled()
    const held = await first(register)
    const corrected = '2026-11-24T10:00:00.000Z'
    expect(held).toMatchObject({
      email: { value: 'new@example.com', category: 'contact', recordedAt: corrected, origin: 'customer' },
      paymentDetails: {
        value: paymentDetails,
        category: 'payment',
        recordedAt: corrected,
        origin: 'public-source',
      },
      paymentAddress: { value: paymentAddress, category: 'payment', recordedAt: startedAt },
      phone: { value: '+358 40 1234567', recordedAt: startedAt, origin: 'customer' },
    })
    expect((await rows(register)).map(({ id }) => id)).toEqual(['customer'])
  })

  it('gives the addresses that the person has, and those that were corrected away', async () => {
    const { register, corrections } = await filled()
    expect(await contacts(register)).toEqual(['+358 40 1234567', 'new@example.com'])
    expect(await contacts(corrections)).toEqual([customer.fields.email])
  })

  it('names what there is without opening or showing a value', async () => {
    const { register, corrections } = await filled()
    for (const source of [register, corrections]) {
      const outline = await rows(source, 'outline')
      const names = (found: Row[]) => found.map(({ id, fields }) => [id, fields.map(({ name }) => name)])
      expect(names(outline)).toEqual(names(await rows(source)))
      expect(outline.flatMap(({ fields }) => fields.filter((field) => 'value' in field))).toEqual([])
    }
  })

  it('erases all but what is to be kept, once and again', async () => {
    const { register, backing } = await filled()
    const raw = () => JSON.parse(dump(backing).get('register pilvi/customer-1/customer') ?? 'null')
    const before = raw()
    const erasures = [{ row: 'customer', keep: ['paymentDetails', 'paymentAddress'] }]
    await register.erase(identity, erasures)
    const { paymentDetails: sealed, paymentAddress: address } = before.fields
    expect(raw()).toEqual({ ...before, fields: { paymentDetails: sealed, paymentAddress: address } })
    await register.erase(identity, erasures)
    expect(Object.keys(await first(register)).sort()).toEqual(['paymentAddress', 'paymentDetails'])
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    expect(raw()).toBeNull()
    expect(await rows(register)).toEqual([])
  })

  it('leaves of a correction the fields that are to be kept, and not who made it', async () => {
    const { corrections, backing } = await filled()
    const found = await rows(corrections)
    expect(found.map(({ id }) => id)).toEqual(['customer/000000001', 'customer/000000002'])
    const erasures = found.map(({ id }) => ({ row: id, keep: ['paymentDetails'] }))
    await corrections.erase(identity, erasures)
    await corrections.erase(identity, erasures)
    const raw = JSON.parse(dump(backing).get('corrections pilvi/customer-1/customer/000000001') ?? 'null')
    expect(Object.keys(raw).sort()).toEqual(['at', 'category', 'changes'])
    expect(Object.keys(raw.changes)).toEqual(['paymentDetails'])
    expect((await first(corrections))['paymentDetails']?.value).toEqual({ from: paymentDetails, to: null })
    await corrections.erase(identity, [{ row: 'customer/000000001', keep: [] }])
    expect((await rows(corrections)).map(({ id }) => id)).toEqual(['customer/000000002'])
  })

  it('keeps who made a correction where that is to be kept', async () => {
    const { corrections } = await filled()
    await corrections.erase(identity, [{ row: 'customer/000000001', keep: ['_made'] }])
    expect(Object.values(await first(corrections)).map(({ name, value }) => [name, value])).toEqual([
      ['_made', { why: 'wrong', initiative: 'subject' }],
    ])
  })

  it('leaves out what a destroyed key has erased, in records and in their history', async () => {
    const { register, corrections, keys } = await filled()
    await destroyKeys(keys, customer.subject, ['payment'])
    expect(await first(register)).not.toHaveProperty('paymentDetails')
    expect(await first(corrections)).toMatchObject({
      email: { value: { from: customer.fields.email, to: 'new@example.com' } },
    })
    expect(JSON.stringify(await rows(corrections))).not.toContain('RF1')
    // The outline still names it: what lies there, opened or not, is there to be erased.
    const outline = (await rows(register, 'outline')).flatMap(({ fields }) => fields.map(({ name }) => name))
    expect(outline).toContain('paymentDetails')
  })
})

describe('a policy edit does not decide over what is there', () => {
  it('records under a group, and fields, that the policy no longer names are found, opened and dated as they were', async () => {
    const { customer: _, ...groups } = pilviPolicy.groups
    const without = parsePolicy({ ...pilviPolicy, groups, recipients: {} })
    const { register, corrections } = await filled(without)
    expect(await first(register)).toMatchObject({
      email: { value: 'new@example.com', category: 'contact' },
      paymentDetails: { value: paymentDetails, category: 'payment' },
    })
    expect(await contacts(register)).toEqual(['+358 40 1234567', 'new@example.com'])
    expect(await first(corrections)).toMatchObject({
      email: { value: { from: customer.fields.email, to: 'new@example.com' }, category: 'contact' },
    })
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    expect(await rows(register)).toEqual([])
  })

  it('a field that moves to another category still opens, and stays under the one it was written under', async () => {
    const { paymentDetails: field, ...fields } = pilviPolicy.groups.customer.fields
    const moved = { ...fields, paymentDetails: { ...field, category: 'company' } }
    const groups = { ...pilviPolicy.groups, customer: { ...pilviPolicy.groups.customer, fields: moved } }
    const { register, corrections } = await filled(parsePolicy({ ...pilviPolicy, groups }))
    const expected = { value: paymentDetails, category: 'payment' }
    expect((await first(register))['paymentDetails']).toMatchObject(expected)
    expect((await first(corrections))['paymentDetails']).toMatchObject({
      value: { from: paymentDetails, to: null },
      category: 'payment',
    })
  })
})

describe('a stream as a source', () => {
  it('is outlined as one row, recorded when its last entry was, under one category', async () => {
    const { consents } = await filled()
    const [row, ...more] = await rows(consents, 'outline')
    expect(more).toEqual([])
    expect(row).toEqual({
      id: 'stream',
      fields: [
        {
          name: 'entries',
          category: pilviPolicy.ownData.consents,
          recordedAt: '2026-11-24T10:00:00.000Z',
        },
      ],
    })
  })

  it('is shown entry by entry', async () => {
    const { consents, privacy } = await filled()
    await privacy.consent.give({ subject: customer.subject, purpose: 'telemarketing', by: 'link' })
    const kinds = (await rows(consents)).map(
      ({ fields }) => fields.find(({ name }) => name === 'kind')?.value,
    )
    expect(kinds).toEqual(['denied', 'given'])
  })

  it('goes whole or not at all, once and again', async () => {
    const { consents } = await filled()
    await consents.erase(identity, [{ row: 'stream', keep: ['entries'] }])
    await consents.erase(identity, [{ row: 'other', keep: [] }])
    expect(await rows(consents)).toHaveLength(1)
    await consents.erase(identity, [{ row: 'stream', keep: [] }])
    await consents.erase(identity, [{ row: 'stream', keep: [] }])
    expect(await rows(consents)).toEqual([])
    expect(await rows(consents, 'outline')).toEqual([])
  })
})
