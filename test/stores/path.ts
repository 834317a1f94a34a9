/** The services on a real database: an export, an erasure, its receipt and the sweep, with their races. */

import type { Store } from '@pilvi/privacy'
import { expect } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import { completionType } from '../../src/requests/sweep.ts'
import { canary, scene } from '../requests/scene.ts'
import { unzip } from '../requests/zip.ts'

/**
 * Walks the path, and holds what is in the database, read around the store, against it.
 * @param dump everything that the database holds, as texts
 */
export async function walksThePath(store: Store, dump: () => Promise<readonly string[]>): Promise<void> {
  const made = scene({ store })
  const { privacy, environment } = made
  await made.populate('customer-2')
  await made.populate()
  const holding = async (text: string) => (await dump()).filter((each) => each.includes(text)).length

  const asked = await made.confirmed('export')
  const { digest } = await privacy.requests.plan(asked)
  const { token = '' } = await privacy.requests.fulfil(asked, { plan: digest })
  const reads = await Promise.allSettled(
    [1, 2, 3].map(async () => new Response(await privacy.requests.redeem(token)).arrayBuffer()),
  )
  const [archive, ...more] = reads.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  expect(more).toEqual([])
  expect(unzip(new Uint8Array(archive ?? new ArrayBuffer(0))).has('data/register.json')).toBe(true)

  const id = await made.confirmed('erasure')
  const plan = await privacy.requests.plan(id)
  const reports = await Promise.all([1, 2, 3].map(() => privacy.requests.fulfil(id, { plan: plan.digest })))
  expect(new Set(reports.map((report) => JSON.stringify(report))).size).toBe(1)
  expect(await privacy.keys.verify(reports[0]?.receipt ?? '', receiptType)).toMatchObject({ request: id })
  // What is kept of the one, and everything of the other.
  expect(await holding(canary.phone)).toBe(1)
  expect(await holding(canary.street)).toBe(2)

  environment.set('2033-01-01T12:00:00.000Z')
  const sweeps = await Promise.all([1, 2].map(() => privacy.retention.sweep()))
  expect(sweeps.flatMap(({ completed }) => completed)).toEqual([id])
  const { completion = '' } = (await privacy.requests.find(id)) ?? {}
  expect(await privacy.keys.verify(completion, completionType)).toMatchObject({ request: id })
  expect(await holding('customer-1')).toBe(0)
  expect((await privacy.register.find({ group: 'customer', subject: 'customer-2' }))?.fields.phone).toBe(
    canary.phone,
  )
  await returns(made, holding)
  await privacy.ledger.sequence()
  expect(await privacy.ledger.verify()).toMatchObject({ outcome: 'intact' })
}

/** Somebody who is erased and comes back, with what is kept of them, their keys and their lookups. */
async function returns(
  made: ReturnType<typeof scene>,
  holding: (text: string) => Promise<number>,
): Promise<void> {
  const { privacy, environment } = made
  const where = { group: 'customer', subject: 'customer-3' } as const
  const place = { subject: 'customer-3', category: 'delivery', model: 'orders', field: 'note', record: 'o-9' }
  const found = async (equals: string) => {
    const subjects: string[] = []
    const asked = { group: 'customer', field: 'paymentDetails', equals } as const
    for await (const { subject } of privacy.register.lookup(asked)) subjects.push(subject)
    return subjects.sort()
  }
  await made.populate('customer-3')
  const sealed = await privacy.keys.seal('leave it at the door', place)
  expect(await found(canary.iban)).toEqual(['customer-2', 'customer-3'])
  const { id } = await made.erased('customer-3')
  expect(await found(canary.iban)).toEqual(['customer-2'])
  const reopening = { subject: 'customer-3', operator: 'agent-7', because: 'returned' } as const
  const reopened = await Promise.allSettled([1, 2].map(() => privacy.requests.reopen(reopening)))
  expect(reopened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await privacy.register.find(where)).toBeNull()
  const iban = 'DE89370400440532013000'
  const paymentDetails = { method: 'invoice', iban } as const
  const fields = { contactPerson: 'N. N.', email: 'n@example.com', vatId: canary.vatId, paymentDetails }
  await privacy.register.save({ ...where, origin: 'customer', fields })
  expect(await found(iban)).toEqual(['customer-3'])
  expect(await privacy.keys.open(sealed, place)).toMatchObject({ erased: true })
  expect(await holding(canary.street)).toBe(2)
  environment.set('2041-01-01T12:00:00.000Z')
  expect((await privacy.retention.sweep()).completed).toEqual([id])
  expect(await holding(canary.street)).toBe(1)
  expect((await privacy.register.find(where))?.fields).toEqual(fields)
  expect(await found(iban)).toEqual(['customer-3'])
}
