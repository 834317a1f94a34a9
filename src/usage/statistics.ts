/**
 * Statistics from an access log, without a store: the asynchronous shell around `log.ts`, `protect.ts` and `guard.ts`.
 */

import * as z from 'zod'
import { dayBounds } from '../calendar.ts'
import { type CalendarDate, type Environment, systemEnvironment } from '../environment.ts'
import { parse } from '../parsing.ts'
import { guarded } from './guard.ts'
import { type LogLines, LogTally } from './log.ts'
import type { Cell, Publication, Statistics, UsagePolicy } from './model.ts'
import { baseTable, release, timeZoneOf } from './protect.ts'
import { publicationOf, written } from './publication.ts'
import { sitesOf } from './referrer.ts'
import { statisticsOf } from './rollup.ts'
import { Partial } from './tally.ts'

/** What statistics of a log are made of. */
export interface StatisticsOptions {
  /** The log, in chunks of any size. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  readonly policy: UsagePolicy
  /** The service's own host names: a referrer on one of them or below it is `internal`. */
  readonly sites?: readonly string[]
  readonly environment?: Environment
}

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)

/** What of the options would otherwise fail in the middle: a policy that was not parsed is not looked at further. */
const optionsParser = z.looseObject({
  chunks: z.custom(isIterable),
  policy: z.looseObject({
    publications: z.looseObject({ tables: z.looseObject({}), protection: z.looseObject({}) }),
  }),
})

/** What came of a log. Only `statistics` may be published. */
export interface LogStatistics {
  readonly statistics: Statistics
  /** For whoever runs the service, never for publication: see {@link LogLines}. */
  readonly lines: LogLines
  /** Days that had visits and have not closed yet: they are left out, and are published once they have. */
  readonly openDays: readonly CalendarDate[]
}

/**
 * Anonymous statistics of an access log (common or combined format), by the policy's base table and time zone.
 * Malformed lines are counted by reason and never thrown on. Running it again on a log that has grown gives figures
 * that could be compared: publish a day once.
 * @throws InvalidInput `policy.invalid` (no safe base table, unknown time zone), `input.invalid` (an option, a site that
 *   is no host name); IntegrityFailure `guard.tripped`
 */
export async function statistics(options: StatisticsOptions): Promise<LogStatistics> {
  parse(optionsParser, options, 'options')
  const { policy, environment = systemEnvironment } = options
  const base = baseTable(policy)
  const timeZone = timeZoneOf(policy)
  const partial = new Partial({ ...base.table, key: environment.random(32) })
  const log = new LogTally(partial, { timeZone, sites: sitesOf(options.sites ?? []) })
  for await (const chunk of options.chunks) log.push(chunk)
  const lines = log.end()
  const now = environment.now()
  const closed = (day: CalendarDate): boolean => dayBounds(timeZone, day).before <= now
  const days = [...release(partial, base)] as [CalendarDate, Cell[]][]
  const publications = days
    .filter(([day]) => closed(day))
    .map(([day, cells]): Publication => {
      const empty = publicationOf({ policy, base, day }, [])
      const publication = { ...empty, cells }
      guarded(written(publication), { empty, identifiers: partial.identifiers })
      return publication
    })
  const openDays = partial.days().filter((day) => !closed(day))
  return { statistics: statisticsOf(publications), lines, openDays }
}
