/**
 * When an attempt may be made, and what its end does to the counter.
 *
 * One counter per subject, whatever the factor and however many challenges are open. An attempt is counted before
 * anything is looked at, so that guesses made at the same time are counted too. Five are free; then each costs a wait
 * that doubles from 30 seconds to an hour; after fifty in a row nothing but a reset helps (NIST SP 800-63B §5.2.2 allows
 * at most 100). Only a full factor clears the count: a code in a mailbox or a trusted device gives back its own attempt
 * and the lock that it caused, nothing else, or whoever reads the mailbox could clear the count between guesses at the
 * app. Where the clock stands before what has been, no attempt is made.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import type { SecondFactor } from '../policy/model.ts'
import type { Refused } from './model.ts'
import type { Attempts } from './stored.ts'

export const throttle = { free: 5, firstWait: 30_000, longestWait: 3_600_000, hardStop: 50 } as const
/** By how much the clocks of a host's machines may differ, in milliseconds. */
export const clockTolerance = 30_000

/** The counter of a subject that has none. */
export const noAttempts = (now: Instant): Attempts => ({
  failures: 0,
  lockedUntil: null,
  clears: 0,
  generation: 0,
  latest: now,
  sends: null,
})

/** Whether the clock stands before a moment that has been, by more than machines may differ. */
export const isSteppedBack = (latest: Instant, now: Instant): boolean => now < later(latest, -clockTolerance)

/** Reserves an attempt, or says why there is none. */
export function reserve(attempts: Attempts, now: Instant): { next: Attempts } | { refused: Refused } {
  const { failures, lockedUntil, latest } = attempts
  if (isSteppedBack(latest, now)) return { refused: { outcome: 'clock' } }
  if (failures >= throttle.hardStop) return { refused: { outcome: 'locked', until: null } }
  if (lockedUntil !== null && now < lockedUntil) return { refused: { outcome: 'locked', until: lockedUntil } }
  const count = failures + 1
  const wait = Math.min(throttle.longestWait, throttle.firstWait * 2 ** (count - throttle.free))
  const locked = count < throttle.free ? null : later(now, wait)
  return { next: { ...attempts, failures: count, lockedUntil: locked, latest: now > latest ? now : latest } }
}

/** Whether a factor shows who somebody is, beyond opening a sign-in. */
export const isFull = (factor: SecondFactor): boolean =>
  factor !== 'contact-code' && factor !== 'trusted-device'

/** The counter as an attempt found it, and as its reservation left it. */
export interface Reservation {
  readonly before: Attempts
  readonly next: Attempts
}

/** The counter after an answer was accepted. */
export const succeeded = (
  attempts: Attempts,
  { factor, reservation }: { readonly factor: SecondFactor; readonly reservation: Reservation },
): Attempts => (isFull(factor) ? unlocked(attempts) : givenBack(attempts, reservation))

const unlocked = (attempts: Attempts): Attempts => ({
  ...attempts,
  failures: 0,
  lockedUntil: null,
  clears: attempts.clears + 1,
})

/**
 * The counter without that attempt, and without its lock where no other attempt has set one since. Where a success has
 * cleared the count meanwhile, the attempt is in it no more, and what is there is others'.
 */
export function givenBack(attempts: Attempts, { before, next }: Reservation): Attempts {
  if (attempts.clears !== next.clears) return attempts
  const failures = Math.max(0, attempts.failures - 1)
  if (failures < throttle.free) return { ...attempts, failures, lockedUntil: null }
  // A lock is set only once the one before it is over, so no two are the same.
  const own = attempts.lockedUntil === next.lockedUntil
  return { ...attempts, failures, lockedUntil: own ? before.lockedUntil : attempts.lockedUntil }
}

/**
 * The counter after an administrative reset, the one thing beside a success that ends a lock. A clock that was ahead is
 * forgotten: nothing is left that could be taken a second time.
 */
export const cleared = (attempts: Attempts, now: Instant): Attempts =>
  changed({ ...unlocked(attempts), latest: now })

/** The counter after factors changed: every challenge and trusted device of before is worthless. */
export const changed = (attempts: Attempts): Attempts => ({
  ...attempts,
  generation: attempts.generation + 1,
})
