/**
 * The one way a service writes: read, decide, commit with what you expect, and when somebody was faster read again.
 *
 * Retries are bounded by ten seconds of waiting with jitter, then the call fails closed with `conflict.contended`
 * (design §8). Only a lost race is retried: any other error, an unknown outcome included, is the caller's to judge.
 */

import type { Environment } from './environment.ts'
import { Conflict } from './errors.ts'
import type { Change, Store } from './store.ts'

/** Reads afresh on each try, and says what to commit and what to answer. */
export type Decide<T> = () => Promise<{ readonly changes: readonly Change[]; readonly result: T }>

const longest = 10_000

/**
 * Runs `decide` and commits what it says until the commit is not overtaken; no changes, no commit.
 * @throws Conflict `conflict.contended`, and whatever `decide` or the store throw
 */
export async function settle<T>(
  { store, environment }: { store: Pick<Store, 'commit'>; environment: Pick<Environment, 'random' | 'wait'> },
  decide: Decide<T>,
): Promise<T> {
  let waited = 0
  for (let attempt = 0; ; attempt++) {
    const { changes, result } = await decide()
    try {
      if (changes.length > 0) await store.commit(changes)
      return result
    } catch (error) {
      if (!(error instanceof Conflict) || error.code !== 'conflict.version') throw error
      if (waited >= longest) {
        throw new Conflict('conflict.contended', 'gave up after ten seconds of lost races', { cause: error })
      }
      const [a = 0, b = 0] = environment.random(2)
      const pause = 1 + ((a * 256 + b) / 65_536) * Math.min(1_000, 5 * 2 ** Math.min(attempt, 10))
      waited += pause
      await environment.wait(pause)
    }
  }
}
