import { localKeys, type Policy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { createConsentSource } from '../../src/consent/source.ts'
import { createKeys, createSecrets } from '../../src/keys/service.ts'
import { createRegisterSources } from '../../src/register/source.ts'
import type { IdentityKeys, Row, Source } from '../../src/source.ts'
import { collect, customer, pilvi, startedAt } from '../consent/scene.ts'
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
  await privacy.register.correct({
    ...correction,
    fields: { email: 'new@example.com', paymentDetails: null },
  })
  await privacy.register.correct({ ...correction, fields: { paymentDetails } })
  await privacy.consent.deny({ subject: customer.subject, purpose: 'telemarketing', by: 'link' })
  const provider = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const keys = createKeys('pilvi', {
    store,
    environment,
    provider,
    secrets: createSecrets({ store, environment, provider }),
  })
  const parts = { policy, store, environment, keys }
  const [register, corrections] = createRegisterSources('pilvi', parts) as [Source, Source]
  return { backing, keys, register, corrections, consents: createConsentSource('pilvi', parts) }
}

const rows = async (source: Source): Promise<Row[]> => (await collect(source.find(identity))).flat()
const first = async (source: Source): Promise<Row> => {
  const [row] = await rows(source)
  if (row === undefined) throw new Error('there is no row')
  return row
}

describe('the register as a source', () => {
  it('shows a record with each field under its category, its origin and its contact addresses', async () => {
    const { register } = await filled()
    const row = await first(register)
    expect(row).toMatchObject({ id: 'customer', origin: 'customer', recordedAt: startedAt })
    expect(row.values).toMatchObject({ email: 'new@example.com', paymentDetails })
    expect(register.category('email', row)).toBe('contact')
    expect(register.category('paymentDetails', row)).toBe('payment')
    expect([...(register.contacts?.(row) ?? [])].sort()).toEqual(['+358 40 1234567', 'new@example.com'])
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
    expect(Object.keys((await first(register)).values).sort()).toEqual(['paymentAddress', 'paymentDetails'])
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    expect(raw()).toBeNull()
    expect(await rows(register)).toEqual([])
  })

  it('leaves out what a destroyed key has erased, in records and in their history', async () => {
    const { register, corrections, keys } = await filled()
    await keys.destroy(customer.subject, ['payment'])
    expect((await first(register)).values).not.toHaveProperty('paymentDetails')
    expect((await first(corrections)).values['entries']).toMatchObject([
      { changes: { email: { from: customer.fields.email, to: 'new@example.com' } } },
      { changes: {} },
    ])
    expect(JSON.stringify(await rows(corrections))).not.toContain('RF1')
  })

  it('reaches records under a group, and fields, that the policy no longer names', async () => {
    const { customer: _, ...groups } = pilviPolicy.groups
    const { recipients: __, ...rest } = pilviPolicy
    const without = parsePolicy({ ...rest, groups, recipients: {} })
    const { register, corrections } = await filled(without)
    const row = await first(register)
    expect(row.values).toMatchObject({
      email: 'new@example.com',
      paymentDetails: expect.stringMatching(/^pv1\./),
    })
    expect(register.category('email', row)).toBe(pilviPolicy.ownData.corrections)
    expect(register.contacts?.(row)).toEqual([])
    expect(await rows(corrections)).toEqual([])
    await register.erase(identity, [{ row: 'customer', keep: [] }])
    expect(await rows(register)).toEqual([])
  })

  it('shows of a correction the fields that the policy still names', async () => {
    const { email: _, ...fields } = pilviPolicy.groups.customer.fields
    const groups = { ...pilviPolicy.groups, customer: { ...pilviPolicy.groups.customer, fields } }
    const { corrections } = await filled(parsePolicy({ ...pilviPolicy, groups, recipients: {} }))
    const { entries } = (await first(corrections)).values
    expect(entries).toMatchObject([
      { changes: { paymentDetails: { from: paymentDetails, to: null } } },
      { changes: { paymentDetails: { from: null, to: paymentDetails } } },
    ])
  })
})

describe('a stream as a source', () => {
  it('is one row, recorded when its last entry was, under one category', async () => {
    const { corrections, consents } = await filled()
    for (const [source, id, category] of [
      [corrections, 'customer', pilviPolicy.ownData.corrections],
      [consents, 'events', pilviPolicy.ownData.consents],
    ] as const) {
      const found = await rows(source)
      expect(found.map((row) => [row.id, row.recordedAt])).toEqual([[id, startedAt]])
      expect(source.category('entries', await first(source))).toBe(category)
    }
  })

  it('goes whole or not at all, once and again', async () => {
    const { consents } = await filled()
    await consents.erase(identity, [{ row: 'events', keep: ['entries'] }])
    await consents.erase(identity, [{ row: 'other', keep: [] }])
    expect(await rows(consents)).toHaveLength(1)
    await consents.erase(identity, [{ row: 'events', keep: [] }])
    await consents.erase(identity, [{ row: 'events', keep: [] }])
    expect(await rows(consents)).toEqual([])
  })
})
