/** What statements must come to on a store, wherever it runs; `SWEEP_ORDERS=10000` runs the whole. */

import type { Store } from '@pilvi/privacy'
import { expect } from 'vitest'
import { mergePairs, raceWriters, sweepOrders } from '../sweeps/consents.ts'

const count = Number(process.env['SWEEP_ORDERS'] ?? 40)

/** Every order is decided as the words of the rule say; gives what is worth telling. */
export async function ordersAreObeyed(store: Store): Promise<string> {
  const report = await sweepOrders(store, { count })
  expect(report).toMatchObject({ orders: count, faults: [] })
  // A sweep in which nothing is permitted, or everything, would show nothing.
  expect(report.permitted).toBeGreaterThan(report.orders / 4)
  expect(report.permitted).toBeLessThan(report.decisions)
  return JSON.stringify(report)
}

/** Of fifty writers about one person none loses an event. */
export async function noEventIsLost(store: Store): Promise<void> {
  expect(await raceWriters(store, 50)).toEqual({
    writers: 50,
    events: 50,
    acts: 50,
    lost: 0,
    standing: 'the replay',
  })
}

/** Of writers about two ids that are merged meanwhile none loses a no, and undoing it leaves what there would be without. */
export async function noNoIsLostInMerges(store: Store): Promise<void> {
  const report = await mergePairs(store, { pairs: 4, writers: 12 })
  expect(report).toMatchObject({ merged: 4, unmerged: 4, faults: [] })
  expect(report.carried).toBeGreaterThan(0)
  expect(report.relayed).toBeGreaterThan(0)
}
