/**
 * Administrative resets: which step may follow which, who may take it and when.
 *
 * announcing -> opened -> done | cancelled. Whoever has lost every factor is given none by an operator, and no code or
 * session either: the factors go, and the person enrols anew. A reset is the way around a second factor, so two operators
 * are needed, the person is told before anything is done, and nothing is done before the policy's hours have passed since
 * (a day, where it says nothing), nor a week after that. Where a factor was stolen, it neither cancels the reset nor gives
 * a proof of anything meanwhile. A step that was taken already can be taken again and changes nothing.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { Conflict, NotAuthorised } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { ResetRecord } from './stored.ts'

const hour = 3_600_000

/** `wait` where the policy says nothing; `most` are asked for in a day, for each is a message to the person. */
const limits = { wait: 24 * hour, lifetime: 7 * 24 * hour, most: 5 } as const

/** When a reset of which the person has been told may be done. */
export function termOf(
  { mfa }: Pick<Policy, 'mfa'>,
  told: Instant,
): Pick<ResetRecord, 'openedAt' | 'notBefore' | 'expiresAt'> {
  const notBefore = later(told, mfa.reset === undefined ? limits.wait : mfa.reset.hours * hour)
  return { openedAt: told, notBefore, expiresAt: later(notBefore, limits.lifetime) }
}

/** Whether a reset can still be done. */
export const isPending = ({ state, expiresAt }: ResetRecord, now: Instant): boolean =>
  (state === 'announcing' || state === 'opened') && now < expiresAt

/** Whether a person's factors are said to be in somebody's hands. */
export const isStolen = (reset: ResetRecord, now: Instant): boolean =>
  reset.because === 'stolen' && isPending(reset, now)

/** Whether so many were asked for within a day that no more are. */
export const isFlood = (there: readonly ResetRecord[], now: Instant): boolean =>
  there.filter(({ openedAt }) => openedAt > later(now, -24 * hour)).length >= limits.most

/**
 * Whether a reset is yet to be done; not where it is done.
 * @throws NotAuthorised `proof.missing` for the operator who opened it; Conflict `conflict.state` where it was cancelled
 *   or may not be done yet or any more
 */
export function toComplete(
  reset: ResetRecord,
  { operator, now }: { operator: string; now: Instant },
): boolean {
  const { id: record, state } = reset
  if (state === 'done') return false
  if (state === 'cancelled') throw new Conflict('conflict.state', 'the reset was cancelled', { record })
  if (isSame(operator, reset.operator)) {
    throw new NotAuthorised('proof.missing', 'another operator than the one who opened it is needed', {
      record,
    })
  }
  if (state === 'announcing' || now < reset.notBefore) {
    throw new Conflict('conflict.state', 'the person was told too short a time ago', { record })
  }
  if (!isPending(reset, now)) {
    throw new Conflict('conflict.state', 'the person was told too long a time ago', { record })
  }
  return true
}

/** One person by another spelling of the id is no second one. */
const isSame = (one: string, other: string): boolean => plain(one) === plain(other)
const plain = (id: string): string =>
  id
    .normalize('NFKC')
    .replace(/[\s\p{Cf}]/gu, '')
    .toLowerCase()

/**
 * Whether a reset is yet to be cancelled; not where it was.
 * @throws Conflict `conflict.state` where it is done; NotAuthorised `proof.missing` for an answer where a factor was stolen
 */
export function toCancel({ id: record, state, because }: ResetRecord, by: 'operator' | 'answer'): boolean {
  if (state === 'done') throw new Conflict('conflict.state', 'the reset is done', { record })
  if (by === 'answer' && because === 'stolen') {
    throw new NotAuthorised('proof.missing', 'a factor that was stolen shows nobody: an operator is needed', {
      record,
    })
  }
  return state !== 'cancelled'
}
