/**
 * What was known, and what had taken effect, at a moment that is past.
 *
 * Every entry has two clocks. "What was allowed on D" takes what had taken effect by D, whenever it was recorded; "what did
 * we believe on D" takes only what had been recorded by then. The standing is replayed by the same rule that wrote it, so
 * a question about the past and one about now cannot be answered by different rules.
 *
 * Refused: a moment that was known of ahead of now, and one asked about that lies further ahead than policies last.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Entry, Question } from './model.ts'

/** The moments of a question. */
export interface Clocks {
  /** The moment it is decided for. */
  readonly at: Instant
  /** What had been recorded by then; absent: everything. */
  readonly asKnownAt?: Instant
}

const day = 24 * 3_600_000
/** How far ahead a question may look: ten years of 366 days. */
const ahead = 3_660 * day

/** The moments of a question, and whether the standing as it is now answers it. @throws InvalidInput `input.invalid` */
export function clocksOf(
  { at, asKnownAt }: Pick<Question, 'at' | 'asKnownAt'>,
  now: Instant,
): Clocks & { readonly answeredBy: 'standing' | 'stream' } {
  if (asKnownAt !== undefined && asKnownAt > now) throw wrong('asKnownAt', 'must not lie ahead of now')
  if (at !== undefined && at > later(now, ahead)) throw wrong('at', 'must lie within ten years from now')
  const past = asKnownAt !== undefined || (at !== undefined && at < now)
  return {
    at: at ?? asKnownAt ?? now,
    ...(asKnownAt !== undefined && { asKnownAt }),
    answeredBy: past ? 'stream' : 'standing',
  }
}

/**
 * Whether an entry counts at these moments. What came from a merged id counts from when it came: before the merge there
 * were two ids, and what was decided about each is as it was.
 */
export function counts(entry: Entry, { at, asKnownAt }: Clocks): boolean {
  const { effectiveAt, recordedAt } = entry
  if ('via' in entry && recordedAt > at) return false
  return effectiveAt <= at && (asKnownAt === undefined || recordedAt <= asKnownAt)
}

const wrong = (field: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `question.${field} ${says}`, { path: `question.${field}` })
