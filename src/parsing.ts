/**
 * How input becomes a model: one way to run a zod parser that names the field and never the value, and the few
 * parsers that all models share.
 */

import * as z from 'zod'
import { isCalendarDate } from './calendar.ts'
import type { CalendarDate, Instant } from './environment.ts'
import { IntegrityFailure, InvalidInput } from './errors.ts'
import type { JsonValue } from './store.ts'
import { fitsKey } from './values/key.ts'
import { memberPath } from './values/limits.ts'
import { isInstant } from './values/text.ts'

/**
 * An opaque id of the host's: 1 to 200 characters, well-formed, without control characters, and at most 300 bytes as
 * part of a key (UTF-8, `%` and `/` taking three).
 */
export const idParser: z.ZodType<string> = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text) && fitsKey(text))

/** An ISO-8601 instant in UTC with three decimals. */
export const instantParser: z.ZodType<Instant> = z.custom<Instant>(isInstant)

/** A date of the calendar, `YYYY-MM-DD`. */
export const dateParser: z.ZodType<CalendarDate> = z.custom<CalendarDate>(isCalendarDate)

/**
 * The parsed input.
 * @throws InvalidInput `input.invalid`, whose path names the first field that is wrong
 */
export function parse<T>(parser: z.ZodType<T>, input: unknown, what: string): T {
  const parsed = parser.safeParse(input)
  if (parsed.success) return parsed.data
  const [{ path: within, code }] = parsed.error.issues as [z.core.$ZodIssue]
  const path = within.reduce(memberPath, what)
  // zod's own messages can quote a member's name that the caller made up: say only which kind of wrong it is.
  throw new InvalidInput('input.invalid', `${path} is not what it should be (${code})`, { path })
}

/**
 * A stored value as what it was written as.
 * @throws IntegrityFailure `record.corrupt`: whoever acts on a record that is not what it should be fails open
 */
export function parseStored<T>(parser: z.ZodType<T>, value: JsonValue, record: string): T {
  const parsed = parser.safeParse(value)
  if (parsed.success) return parsed.data
  throw new IntegrityFailure('record.corrupt', 'a stored record is not what it should be', { record })
}
