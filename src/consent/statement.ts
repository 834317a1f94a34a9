/**
 * What can be stated, held against the moment and the policy before it becomes an event: when it takes effect and when
 * it ends, who must be named, and whose word a consent may be.
 *
 * The invariant: a yes is backed by more than a no. A no by anybody is taken as it comes; a consent that somebody took
 * down names who did (GDPR 7(1)), one by proxy names whose right to speak was shown and how, and one of a child below
 * the limit of the jurisdiction is a guardian's (GDPR 8). A birth date is looked at and never kept.
 */

import { addPeriod, dayBounds, dayIn, isInYearBefore } from '../calendar.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { consentAge } from '../policy/law.ts'
import type { Policy } from '../policy/model.ts'
import type { ConsentEvent, EventKind, Revocation, Route, Statement } from './model.ts'

/** Routes by which somebody takes down what another person says. */
const taken: readonly Route[] = ['letter', 'phone', 'in-person', 'list-import', 'proxy']

/** Whether a statement reached us through somebody who took it down. */
export const isTaken = (by: Route): boolean => taken.includes(by)

/** A statement of a kind, and what it is held against. */
interface Given {
  readonly kind: EventKind
  readonly statement: Statement | Revocation
  readonly policy: Policy
  readonly now: Instant
}

/** What an event says of its own besides who and when it was recorded. */
export type Stated = Omit<ConsentEvent, 'id' | 'recordedAt' | 'category' | 'policyVersion' | 'policyDigest'>

/**
 * What is kept of a statement, held against what can be stated.
 * @throws InvalidInput `input.invalid`; `input.not-in-policy` for a list that the policy does not name
 */
export function statedOf(given: Given): Stated {
  const { kind, statement, now } = given
  checkMoments(given)
  checkVoice(given)
  const { subject: _, age: __, birthDate: ___, ...kept } = statement as Statement
  const { effectiveAt = now } = statement
  const expiresAt = endOf(given, effectiveAt)
  const ageLimit = ageLimitOf(given, effectiveAt)
  return {
    ...kept,
    kind,
    effectiveAt,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(ageLimit !== undefined && { ageLimit }),
  }
}

/** Whether a statement permits. */
export const isYes = (kind: EventKind): boolean => kind === 'given' || kind === 'renewed'

function checkMoments({ kind, statement, now }: Given): void {
  const { effectiveAt = now, expiresAt } = statement as Statement
  // A list's word outweighs nothing, so however old it is it lifts nothing.
  const isTaken = statement.by === 'list-import' ? effectiveAt <= now : isInYearBefore(now, effectiveAt)
  if (!isTaken) {
    throw wrong('effectiveAt', 'must lie within the year before now')
  }
  if (expiresAt !== undefined && !isYes(kind) && kind !== 'denied') {
    throw wrong('expiresAt', 'is for consents and denials: an answer does not end by itself')
  }
  if (expiresAt !== undefined && expiresAt <= effectiveAt)
    throw wrong('expiresAt', 'must lie after effectiveAt')
}

function checkVoice({ kind, statement, policy }: Given): void {
  const { by, operator, proxy, list } = statement as Statement
  if (by === 'gpc' && kind !== 'denied') throw wrong('by', 'is a signal that can only deny')
  if (proxy !== undefined && by !== 'proxy') throw wrong('proxy', 'is for statements by proxy')
  if (list !== undefined && by !== 'list-import') throw wrong('list', 'is for statements from a list')
  if (list !== undefined && !Object.hasOwn(policy.denialLists ?? {}, list)) {
    throw new InvalidInput('input.not-in-policy', 'list is not in the policy', { path: 'statement.list' })
  }
  if (!isYes(kind)) return
  if (isTaken(by) && operator === undefined) {
    throw wrong('operator', 'must say who took a consent that came this way')
  }
  if (by === 'proxy' && proxy === undefined) throw wrong('proxy', 'must say who consents for the person')
}

/** When it ends: as stated; or, of a denial from a list, as the policy says of the list. */
function endOf({ kind, statement, policy }: Given, effectiveAt: Instant): Instant | undefined {
  const { expiresAt, list } = statement as Statement
  const lasts = list === undefined ? undefined : policy.denialLists?.[list]?.lasts
  if (expiresAt !== undefined || lasts === undefined || kind !== 'denied') return expiresAt
  // Through the whole of its last day, where the policy holds.
  return dayBounds(policy.timeZone, addPeriod(dayIn(policy.timeZone, effectiveAt), lasts)).before
}

/** How a consent stands to the age limit; none where the host gave no age. @throws InvalidInput `input.invalid` */
function ageLimitOf(given: Given, effectiveAt: Instant): ConsentEvent['ageLimit'] {
  const { kind, statement, policy } = given
  const { age, birthDate, proxy } = statement as Statement
  if (!isYes(kind) || (age === undefined && birthDate === undefined)) return undefined
  const on = dayIn(policy.timeZone, effectiveAt)
  const limit = consentAge(policy.jurisdiction, on)
  if (hasReached(limit, { age, birthDate, on })) return 'reached'
  if (proxy?.role === 'guardian') return 'guardian'
  throw wrong('proxy', 'must be a guardian: the person has not reached the age of consent')
}

/** Where both are given, by both. */
function hasReached(
  limit: number,
  { age, birthDate, on }: { age: number | undefined; birthDate: CalendarDate | undefined; on: CalendarDate },
): boolean {
  if (age !== undefined && age < limit) return false
  return birthDate === undefined || birthday(birthDate, limit) <= on
}

/**
 * The day somebody comes to be so old. Who was born on 29 February does so, in other years, on 1 March: no Finnish law says
 * which day it is, and until the later of the two a guardian consents.
 */
function birthday(birthDate: CalendarDate, years: number): CalendarDate {
  const day = addPeriod(birthDate, { years })
  return day.slice(5) === birthDate.slice(5) ? day : addPeriod(day, { days: 1 })
}

const wrong = (field: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `statement.${field} ${says}`, { path: `statement.${field}` })
