/** What tests of races share: processes on one store, what comes of many calls, and a store that something happens in. */

import type { Store } from '@pilvi/privacy'
import { memoryBacking } from '@pilvi/privacy/memory'
import type { Outcome } from '../../src/mfa/model.ts'
import { mfaScene, type Scene } from './scene.ts'

/** The token of what was accepted; empty where nothing was. */
export const tokenOf = (outcome: Outcome): string =>
  outcome.outcome === 'accepted' ? (outcome.device?.token ?? '') : ''

/** So many processes on one store. */
export const processes = (count: number, round: number | string = 0): Scene[] => {
  const backing = memoryBacking()
  return Array.from({ length: count }, (_, i) => mfaScene({ backing, seed: `${i} ${round}` }))
}

/** How many of each outcome there were; errors by their code. */
export async function counted(calls: readonly Promise<Outcome>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const settled = await Promise.allSettled(calls)
  for (const each of settled) {
    const name = each.status === 'fulfilled' ? each.value.outcome : (each.reason as { code: string }).code
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** A store that does something once, just before it reads that collection for the `nth` time. */
export const racing =
  (collection: string, nth: number, act: () => Promise<unknown>) =>
  (store: Store): Store => {
    let reads = 0
    return {
      ...store,
      get: async (...asked) => {
        if (asked[0] === collection && ++reads === nth) await act()
        return store.get(...asked)
      },
    }
  }
