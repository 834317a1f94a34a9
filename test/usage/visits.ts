/** Made-up visits and log lines for these tests. */

import type { StoredVisit } from '../../src/store.ts'
import type { UsagePolicy } from '../../src/usage/model.ts'

/** A visit of the visit log. */
export const visit = (given: Partial<StoredVisit> = {}): StoredVisit => ({
  id: 'visit-1',
  at: '2026-01-05T12:00:00.000Z',
  session: 'session-1',
  ip: '192.0.2.1',
  host: null,
  source: null,
  ...given,
})

interface Line {
  readonly host?: string
  /** ISO-8601 in UTC, to the second. */
  readonly at?: string
  readonly referrer?: string
  readonly agent?: string
}

/** A line of the combined format, without its LF. */
export function line({
  host = '192.0.2.1',
  at = '2026-01-05T12:00:00Z',
  referrer = '-',
  agent = 'A/1',
}: Line = {}) {
  const [, day, month, year, time] = new Date(at).toUTCString().match(/, (\d\d) (\w+) (\d+) ([\d:]+)/) ?? []
  return `${host} - - [${day}/${month}/${year}:${time} +0000] "GET / HTTP/1.1" 200 1 "${referrer}" "${agent}"`
}

/** A policy that says what statistics need. */
export function usagePolicy({
  dimensions = ['hour', 'source'],
  measures = ['visits', 'sessions'],
  cellsPerSession = 4,
  k = 3,
  timeZone = 'UTC',
}: Partial<UsagePolicy['publications']['tables'][string]> & {
  k?: number
  timeZone?: string
} = {}): UsagePolicy {
  return {
    id: 'test',
    version: '1',
    timeZone,
    publications: {
      tables: { visits: { label: { en: 'Visits' }, dimensions, measures, cellsPerSession } },
      protection: { mode: 'threshold', k },
      rawHours: 48,
      keepMonths: 25,
      clause: 'Use log',
    },
  }
}
