/**
 * Challenges: which answer one takes, and which are to go.
 *
 * A challenge is answered once, within ten minutes, in the session it was made for, and only while the factors are those
 * of when it was made. Any failure of this is the same to whoever answers. A new challenge resets no counter.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { clockTolerance, isSteppedBack } from './rules.ts'
import type { ChallengeRecord, DeviceRecord, ProofRecord } from './stored.ts'

/** `most` are open at a time for one person: more than anybody needs, and no more than a store should be filled with. */
export const challenges = { lifetime: 600_000, most: 50, nonceBytes: 32 } as const

/** What an answer is for, as far as a challenge says. */
export interface Answering extends Pick<ChallengeRecord, 'purpose' | 'generation' | 'session'> {
  /** What the answer brings about: a challenge for something else does not take it. Absent: nothing but a proof. */
  readonly act?: string | undefined
  readonly now: Instant
}

/** Whether a challenge takes an answer. */
export const isOpen = (
  { purpose, at, expiresAt, generation, session, action }: ChallengeRecord,
  answer: Answering,
): boolean =>
  purpose === answer.purpose &&
  (answer.act === undefined || action === null || action === answer.act) &&
  generation === answer.generation &&
  session === answer.session &&
  answer.now < expiresAt &&
  answer.now >= later(at, -clockTolerance)

/** What is kept for a while, of a person who can have so many of it. */
type Dated =
  | Pick<ChallengeRecord | ProofRecord, 'at' | 'expiresAt'>
  | Pick<DeviceRecord, 'enrolledAt' | 'expiresAt'>

/**
 * Those that must go so that one more has room: what is over, and of the rest first what a clock ahead of this one made,
 * which is the first to go because it would be the newest for as long as that clock was ahead; then the oldest.
 */
export function makeRoom<T extends { readonly record: Dated }>(
  there: readonly T[],
  { now, most }: { readonly now: Instant; readonly most: number },
): T[] {
  const over = there.filter(({ record }) => now >= record.expiresAt)
  const alive = there.filter(({ record }) => now < record.expiresAt)
  const oldest = alive.toSorted((a, b) => (madeAt(a.record) < madeAt(b.record) ? -1 : 1))
  const isAhead = ({ record }: T) => isSteppedBack(madeAt(record), now)
  const going = [...oldest.filter(isAhead), ...oldest.filter((each) => !isAhead(each))]
  return [...over, ...going.slice(0, Math.max(0, alive.length - most + 1))]
}

const madeAt = (record: Dated): Instant => ('at' in record ? record.at : record.enrolledAt)
