import type { Correction } from '@pilvi/privacy'
import type { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, customer, pilvi } from '../consent/scene.ts'
import { dump, holding } from '../requests/raw.ts'

const where = { group: 'customer', subject: customer.subject } as const
const correction = { ...where, why: 'wrong', initiative: 'controller', operator: 'agent-7' } as const
const iban = 'FI21 1234 5600 0007 85'
const paymentDetails = { method: 'invoice', iban, reference: 'REFERENCE1234' } as const

/** Every text within a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

describe('what would harm if the database leaked', () => {
  it('payment details are never in the raw store, before, after and in the history of a correction', async () => {
    const { privacy, backing } = pilvi()
    await privacy.register.save({ ...customer, fields: { ...customer.fields, paymentDetails } })
    const other = { method: 'card', cardReference: 'tok_NEWTOKEN99' } as const
    await privacy.register.correct({ ...correction, fields: { paymentDetails: other } })
    await privacy.register.correct({ ...correction, fields: { paymentDetails: null } })
    await privacy.ledger.sequence()
    for (const text of [iban, iban.replaceAll(' ', ''), 'REFERENCE1234', 'tok_NEWTOKEN99', '"method"']) {
      expect([text, holding(dump(backing), text)]).toEqual([text, []])
    }
    const changes = (await collect(privacy.register.history(where))).map((entry) => entry.changes)
    expect(changes).toEqual([
      { paymentDetails: { from: paymentDetails, to: other } },
      { paymentDetails: { from: other, to: null } },
    ])
  })

  it('a value that was corrected away is nowhere in clear', async () => {
    const { privacy, backing } = pilvi()
    await privacy.register.save(customer)
    expect(holding(dump(backing), customer.fields.email)).toHaveLength(1)
    await privacy.register.correct({ ...correction, fields: { email: 'new@example.com' } })
    expect(holding(dump(backing), customer.fields.email)).toEqual([])
  })

  it('sealed details that are moved to another person, or another tenant, do not open', async () => {
    const { privacy, backing } = pilvi()
    await privacy.register.save({ ...customer, fields: { ...customer.fields, paymentDetails } })
    const theirs = { ...paymentDetails, reference: 'OTHER' }
    await privacy.register.save({
      ...customer,
      subject: 'customer-2',
      fields: { ...customer.fields, paymentDetails: theirs },
    })
    const rows = backing.records.get('register')?.rows ?? new Map()
    const [mine, other] = ['customer-1', 'customer-2'].map((subject) => `pilvi/${subject}/customer`)
    const moved = JSON.parse(rows.get(other).json)
    moved.fields.paymentDetails = JSON.parse(rows.get(mine).json).fields.paymentDetails
    rows.set(other, { ...rows.get(other), json: JSON.stringify(moved) })
    const at = { group: 'customer', subject: 'customer-2' } as const
    await expect(privacy.register.find(at)).rejects.toMatchObject({ code: 'seal.rejected' })
    expect((await privacy.register.find(where))?.fields.paymentDetails).toEqual(paymentDetails)
  })

  it('what lies sealed in the history does not open as a record', async () => {
    const { privacy, backing } = pilvi()
    await privacy.register.save({ ...customer, fields: { ...customer.fields, paymentDetails } })
    await privacy.register.correct({ ...correction, fields: { paymentDetails: { method: 'card' } } })
    const rows = backing.records.get('register')?.rows ?? new Map()
    const [[place, row] = []] = rows
    const [entry] = backing.records.get('corrections')?.rows.values() ?? []
    const moved = JSON.parse(row.json)
    moved.fields.paymentDetails.value = JSON.parse(entry?.json ?? '{}').changes.paymentDetails.sealed
    rows.set(place, { ...row, json: JSON.stringify(moved) })
    await expect(privacy.register.find(where)).rejects.toMatchObject({ code: 'seal.rejected' })
  })
})

describe('the ledger carries no personal values', () => {
  const word = fc.stringMatching(/^[A-Z][a-z]{7,11}$/)
  const fields = fc.record({
    contactPerson: fc.tuple(word, word).map((names) => names.join(' ')),
    email: word.map((name) => `${name.toLowerCase()}@example.com`),
    phone: fc.stringMatching(/^\+358 4[0-9]{8}$/),
    companyName: word.map((name) => `${name} Oy`),
    paymentDetails: fc
      .stringMatching(/^RF[0-9]{10}$/)
      .map((reference) => ({ method: 'invoice', reference }) as const),
    paymentAddress: word.map((street) => ({
      street,
      postalCode: '99999',
      city: `${street}la`,
      country: 'FI',
    })),
  })
  type Fields = Correction<typeof pilviPolicy, 'customer'>['fields']

  it('no value of a record or a correction, old or new, in what waits and in what stands', async () => {
    await fc.assert(
      fc.asyncProperty(fields, fields, async (before, after) => {
        const { privacy, backing } = pilvi()
        await privacy.register.save({ ...customer, fields: { ...customer.fields, ...before } })
        await privacy.register.correct({ ...correction, fields: after satisfies Fields })
        await privacy.register.correct({ ...correction, fields: { phone: null } })
        const ledger = () => [...dump(backing)].filter(([place]) => /^(ledger|pending|heads) /.test(place))
        const waiting = ledger()
        await privacy.ledger.sequence()
        const standing = ledger()
        expect([waiting.length, standing.length]).toEqual([3, 4])
        const texts = [customer.subject, customer.fields.vatId, ...textsOf(before), ...textsOf(after)]
        for (const text of texts.filter((each) => each.length > 2 && each !== 'invoice')) {
          for (const [place, json] of [...waiting, ...standing]) {
            expect([place, json.includes(text)], text).toEqual([place, false])
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
