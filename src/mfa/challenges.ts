/**
 * Challenges: which answer one takes, and which are to go.
 *
 * A challenge is answered once, within ten minutes, in the session it was made for, and only while the factors are those
 * of when it was made. Any failure of this is the same to whoever answers. A new challenge resets no counter.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { clockTolerance } from './rules.ts'
import type { ChallengeRecord } from './stored.ts'

/** `most` are open at a time for one person: more than anybody needs, and no more than a store should be filled with. */
export const challenges = { lifetime: 600_000, most: 50, nonceBytes: 32 } as const

/** Whether a challenge takes an answer. */
export const isOpen = (
  { purpose, at, expiresAt, generation, session }: ChallengeRecord,
  answer: Pick<ChallengeRecord, 'purpose' | 'generation' | 'session'> & { readonly now: Instant },
): boolean =>
  purpose === answer.purpose &&
  generation === answer.generation &&
  session === answer.session &&
  answer.now < expiresAt &&
  answer.now >= later(at, -clockTolerance)

/** Those that must go so that one more has room: what is over, and of the rest the oldest. */
export function makeRoom<T extends { readonly at: Instant; readonly expiresAt: Instant }>(
  there: readonly T[],
  { now, most }: { readonly now: Instant; readonly most: number },
): T[] {
  const [over, alive] = [
    there.filter((each) => now >= each.expiresAt),
    there.filter((each) => now < each.expiresAt),
  ]
  const oldest = alive.toSorted((a, b) => (a.at < b.at ? -1 : 1))
  return [...over, ...oldest.slice(0, Math.max(0, alive.length - most + 1))]
}
