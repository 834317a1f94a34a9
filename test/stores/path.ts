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
  await privacy.ledger.sequence()
  expect(await privacy.ledger.verify()).toMatchObject({ outcome: 'intact' })
}
