/**
 * Administrative resets: which step may follow which, who may take it and when.
 *
 * opened -> done | cancelled. Whoever has lost every factor is given none by an operator, and no code or session either:
 * the factors go, and the person enrols anew. A reset is the way around a second factor, so two operators are needed, the
 * person is told before anything is done, and nothing is done before the policy's hours have passed since (a day, where it
 * says nothing). A step that was taken already can be taken again and changes nothing.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { Conflict, NotAuthorised } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { ResetRecord } from './stored.ts'

/** Hours, where the policy says nothing. */
const usualWait = 24

/** When a reset of which the person has been told may be done. */
export const notBeforeOf = ({ mfa }: Pick<Policy, 'mfa'>, told: Instant): Instant =>
  later(told, (mfa.reset?.hours ?? usualWait) * 3_600_000)

/**
 * Whether a reset is yet to be done; not where it is done.
 * @throws NotAuthorised `proof.missing` for the operator who opened it; Conflict `conflict.state` where it was cancelled
 *   or may not be done yet
 */
export function toComplete(
  reset: ResetRecord,
  { operator, now }: { operator: string; now: Instant },
): boolean {
  const { id: record, state } = reset
  if (state === 'done') return false
  if (state === 'cancelled') throw new Conflict('conflict.state', 'the reset was cancelled', { record })
  if (operator === reset.operator) {
    throw new NotAuthorised('proof.missing', 'another operator than the one who opened it is needed', {
      record,
    })
  }
  if (now < reset.notBefore) {
    throw new Conflict('conflict.state', 'the person was told too short a time ago', { record })
  }
  return true
}

/** Whether a reset is yet to be cancelled; not where it was. @throws Conflict `conflict.state` where it is done */
export function toCancel({ id: record, state }: ResetRecord): boolean {
  if (state === 'done') throw new Conflict('conflict.state', 'the reset is done', { record })
  return state === 'opened'
}
