/**
 * Tries again what a database undid because two commits got in each other's way: nothing of it was done, so that
 * doing it again is safe. A bounded number of times, with a growing pause that differs between the two.
 */

import { systemEnvironment } from '../src/environment.ts'
import { StoreFailure } from '../src/errors.ts'

const mostAttempts = 12

/** What an attempt came to: a result, or that it was undone and why. */
export type Attempt<T> = { readonly done: T } | { readonly undone: unknown }

/**
 * Runs `attempt` until it is done.
 * @throws StoreFailure `store.unavailable` after twelve attempts, and whatever an attempt throws
 */
export async function untilDone<T>(attempt: () => Promise<Attempt<T>>): Promise<T> {
  let cause: unknown
  for (let n = 0; n < mostAttempts; n++) {
    if (n > 0) await systemEnvironment.wait(pause(n))
    const outcome = await attempt()
    if ('done' in outcome) return outcome.done
    cause = outcome.undone
  }
  throw new StoreFailure('store.unavailable', `undone ${mostAttempts} times by other commits`, { cause })
}

/** Between half of and the whole of 4, 8, 16 … at most 250 milliseconds. */
function pause(attempt: number): number {
  const most = Math.min(250, 2 ** (attempt + 1))
  return most / 2 + (most / 2) * (systemEnvironment.random(1).reduce((_, byte) => byte, 0) / 256)
}
