/** A copy that is left, stands still or fails while it verifies: both sides are read in step, and no further. */

import { type BulkRow, type CopyStep, copySteps, copyStore, type Store, StoreFailure } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { key } from '../../src/values/key.ts'
import { memory } from './scene.ts'

/** What was read of a store since it was set back. */
interface Reads {
  batches: number
  /** Readings that were begun and not ended. */
  open: number
}

const rows: BulkRow[] = Array.from({ length: 20_000 }, (_, i) => {
  return { key: key('pilvi', 'customer', `${i}`.padStart(5, '0')), value: i }
})
const inBatches = 20_000 / 500

/** A store whose reading of records is counted, and ends as `fail` says before the n-th batch. */
function watched(store: Store, fail: { at?: number } = {}): { store: Store; reads: Reads } {
  const reads: Reads = { batches: 0, open: 0 }
  async function* read(collection: string): AsyncGenerator<BulkRow[]> {
    reads.open++
    try {
      for await (const batch of store.bulk.read(collection)) {
        if (batch.length > 0 && ++reads.batches === fail.at) {
          throw new StoreFailure('store.unavailable', 'killed by the test')
        }
        yield batch
      }
    } finally {
      reads.open--
    }
  }
  return { reads, store: { ...store, bulk: { ...store.bulk, read } } }
}

/** Two stores that hold the same, and a copy of the one into the other that has begun to verify. */
async function verifying(fail: { from?: number; to?: number } = {}) {
  const [one, other] = [memory().store, memory().store]
  for (let i = 0; i < rows.length; i += 500) await one.bulk.write('register', rows.slice(i, i + 500))
  await copyStore(one, other, { verify: 'none' })
  const limits: [{ at?: number }, { at?: number }] = [{}, {}]
  const [from, to] = [watched(one, limits[0]), watched(other, limits[1])]
  const steps = copySteps(from.store, to.store)
  for await (const step of unended(steps)) if (step.phase === 'copying' && step.rows === rows.length) break
  for (const { reads } of [from, to]) reads.batches = 0
  if (fail.from !== undefined) limits[0].at = fail.from
  if (fail.to !== undefined) limits[1].at = fail.to
  return { steps, from: from.reads, to: to.reads }
}

/** The same steps, which leaving them does not end. */
const unended = (steps: AsyncGenerator<CopyStep>): AsyncIterable<CopyStep> => ({
  [Symbol.asyncIterator]: () => ({ next: () => steps.next() }),
})

/** Long enough for a reader that nobody stops to read all of a store. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300))

describe('a copy that verifies', () => {
  it('and is left has ended both readings, and reads no more', async () => {
    const { steps, from, to } = await verifying()
    for await (const { phase } of unended(steps)) if (phase === 'verifying') break
    await steps.return(undefined)
    const left = { from: { ...from }, to: { ...to } }
    expect(left).toMatchObject({ from: { open: 0 }, to: { open: 0, batches: 1 } })
    expect(left.from.batches).toBeLessThanOrEqual(1)
    await aWhile()
    expect({ from, to }).toEqual(left)
  })

  it('reads nothing while nobody asks for a step', async () => {
    const { steps, from, to } = await verifying()
    for await (const { phase } of unended(steps)) if (phase === 'verifying') break
    const before = { from: from.batches, to: to.batches }
    await aWhile()
    expect({ from: from.batches, to: to.batches }).toEqual(before)
    for await (const step of steps) expect(step.phase).toMatch(/verifying|done/)
    expect([from, to]).toEqual([
      { batches: inBatches, open: 0 },
      { batches: inBatches, open: 0 },
    ])
  })

  it.each([
    ['from', 'to'],
    ['to', 'from'],
  ] as const)('ends at once where reading %s fails, and %s is read no further', async (side, other) => {
    const { steps, ...reads } = await verifying({ [side]: 3 })
    const walk = async (): Promise<void> => {
      for await (const _ of steps);
    }
    await expect(walk()).rejects.toMatchObject({ code: 'store.unavailable' })
    const left = { ...reads[other] }
    expect(left.open).toBe(0)
    expect(left.batches).toBeLessThanOrEqual(3)
    await aWhile()
    expect(reads[other]).toEqual(left)
  })
})
