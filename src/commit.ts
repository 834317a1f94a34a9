/**
 * The one way a service writes: read, decide, commit with what you expect, and when somebody was faster read again.
 *
 * Retries are bounded by ten seconds, then the call fails closed with `conflict.contended` (design §8). Both the pauses
 * (with jitter, growing to a second) and the clock are counted, so that neither a slow store nor a clock that stands
 * still or is set back makes it longer. Only a lost race is retried: any other error, an unknown outcome included, is
 * the caller's to judge.
 */

import type { Environment } from './environment.ts'
import { Conflict } from './errors.ts'
import type { Change, Store } from './store.ts'

/** Reads afresh on each try, and says what to commit and what to answer. */
export type Decide<T> = () => Promise<{ readonly changes: readonly Change[]; readonly result: T }>

const longest = 10_000

/** Two random bytes as a fraction: 0 up to, not including, 1. */
const jitter = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (sum + byte) / 256, 0)

/**
 * Runs `decide` and commits what it says until the commit is not overtaken; no changes, no commit.
 * @throws Conflict `conflict.contended`, and whatever `decide` or the store throw
 */
export async function settle<T>(
  { store, environment }: { store: Pick<Store, 'commit'>; environment: Environment },
  decide: Decide<T>,
): Promise<T> {
  const end = Date.parse(environment.now()) + longest
  let waited = 0
  for (let attempt = 0; ; attempt++) {
    const { changes, result } = await decide()
    try {
      if (changes.length > 0) await store.commit(changes)
      return result
    } catch (error) {
      if (!(error instanceof Conflict) || error.code !== 'conflict.version') throw error
      if (waited >= longest || Date.parse(environment.now()) >= end) {
        throw new Conflict('conflict.contended', 'gave up after ten seconds of lost races', { cause: error })
      }
      const pause = 1 + jitter(environment.random(2)) * Math.min(1_000, 5 * 2 ** Math.min(attempt, 10))
      waited += pause
      await environment.wait(pause)
    }
  }
}

/** What something came to; `null` where the person was erased meanwhile, about whom nothing is recorded. */
export async function unlessErased<T>(doing: Promise<T>): Promise<T | null> {
  try {
    return await doing
  } catch (error) {
    if (error instanceof Conflict && error.code === 'conflict.erased') return null
    throw error
  }
}
