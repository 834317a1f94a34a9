/**
 * Days as people count them. An instant becomes a calendar date only through a time zone, and a day in a zone has 23,
 * 24 or 25 hours; nothing here adds 86,400 seconds. Pure: no clock is read.
 */

import { TZDate, tzOffset } from '@date-fns/tz'
// One by one: the package's index loads all of its two hundred functions at every start.
import { addDays } from 'date-fns/addDays'
import { addMonths } from 'date-fns/addMonths'
import { endOfYear } from 'date-fns/endOfYear'
import { formatISO } from 'date-fns/formatISO'
import { isValid } from 'date-fns/isValid'
import { lastDayOfMonth } from 'date-fns/lastDayOfMonth'
import type { CalendarDate, Instant } from './environment.ts'
import { InvalidInput } from './errors.ts'

const date = (day: CalendarDate): TZDate => new TZDate(`${day}T00:00:00.000Z`, 'UTC')
const written = (at: Date): CalendarDate => formatISO(at, { representation: 'date' }) as CalendarDate

/** Whether something is a date of the calendar, written `YYYY-MM-DD`. */
export function isCalendarDate(value: unknown): value is CalendarDate {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false
  const at = date(value as CalendarDate)
  return isValid(at) && written(at) === value
}

/** A date of the calendar, written `YYYY-MM-DD`. @throws InvalidInput `input.invalid` */
export function calendarDate(value: unknown, path = 'date'): CalendarDate {
  if (isCalendarDate(value)) return value
  throw new InvalidInput('input.invalid', `${path} must be a date like 2026-01-31`, { path })
}

/** An instant from milliseconds since 1970. */
export const instant = (milliseconds: number): Instant => new Date(milliseconds).toISOString() as Instant

/** The instant that lies so many milliseconds after another. */
export const later = (at: Instant, milliseconds: number): Instant => instant(Date.parse(at) + milliseconds)

/** The most that a stated moment may lie before it is recorded: a letter can travel, a year it cannot. */
const longestTravel = 366 * 24 * 3_600_000

/** Whether a stated moment lies in the year before now, and not ahead. */
export const isInYearBefore = (now: Instant, at: Instant): boolean =>
  at <= now && at >= later(now, -longestTravel)

/** Minutes that a zone is ahead of UTC at a moment. */
const offset = (timeZone: string, milliseconds: number): number => tzOffset(timeZone, new Date(milliseconds))

/**
 * Whether a name is a time zone of the IANA database that this runtime knows. Asked of the runtime itself: what
 * `tzOffset` takes for an offset somewhere in a name (`Banana+05`) is none, and neither is a bare offset.
 */
export function isTimeZone(timeZone: string): boolean {
  if (!/^[A-Za-z]/.test(timeZone)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== ''
  } catch {
    return false
  }
}

/** The date on the wall calendar of a zone at a moment. */
export function dayIn(timeZone: string, at: Instant): CalendarDate {
  const ms = Date.parse(at)
  return instant(ms + offset(timeZone, ms) * 60_000).slice(0, 10) as CalendarDate
}

/** The date it is, at a moment, where a policy holds. */
export const todayOf = ({ timeZone }: { readonly timeZone: string }, now: Instant): CalendarDate =>
  dayIn(timeZone, now)

/** The hour (0 to 23) on the wall clock of a zone at a moment. */
export function hourIn(timeZone: string, at: Instant): number {
  const ms = Date.parse(at)
  return new Date(ms + offset(timeZone, ms) * 60_000).getUTCHours()
}

/**
 * The first moment of a day in a zone, and the first of the next: 23 to 25 hours apart; none, for a day that a zone left
 * out when it crossed the date line. For zones as they are since 1972: offsets of whole quarters of an hour.
 */
export function dayBounds(timeZone: string, day: CalendarDate): { from: Instant; before: Instant } {
  return { from: midnight(timeZone, day), before: midnight(timeZone, addPeriod(day, { days: 1 })) }
}

/** The earliest moment whose wall date is `day`; where there is none, the first after it. */
function midnight(timeZone: string, day: CalendarDate): Instant {
  // No zone is more than 14 hours ahead of UTC. Where a clock change skips midnight, the day begins later.
  let ms = Date.parse(`${day}T00:00:00.000Z`) - 15 * 3_600_000
  while (dayIn(timeZone, instant(ms)) < day) ms += 900_000
  return instant(ms)
}

/**
 * A date some years, months and days later, in this order; a month too short for the day ends it (31 January and one
 * month: 28 February). Years count as twelve months each, so that only the last month can cut the day.
 */
export const addPeriod = (
  day: CalendarDate,
  period: { readonly years?: number; readonly months?: number; readonly days?: number },
): CalendarDate =>
  written(addDays(addMonths(date(day), (period.years ?? 0) * 12 + (period.months ?? 0)), period.days ?? 0))

/** 31 December of the year of a date. */
export const yearEnd = (day: CalendarDate): CalendarDate => written(endOfYear(date(day)))

/** The last day of the financial year that a date lies in, for years that end on `monthDay` (`MM-DD`). */
export function financialYearEnd(day: CalendarDate, monthDay: string): CalendarDate {
  // 29 February is the last day of that month in other years as well.
  const ends = (year: string): CalendarDate =>
    (monthDay === '02-29'
      ? written(lastDayOfMonth(date(`${year}-02-01` as CalendarDate)))
      : `${year}-${monthDay}`) as CalendarDate
  const end = ends(day.slice(0, 4))
  return day <= end ? end : ends(addPeriod(day, { years: 1 }).slice(0, 4))
}
