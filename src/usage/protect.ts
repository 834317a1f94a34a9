/**
 * Threshold protection (design §8, "Statistics"): of the one base table that a policy declares, a day's cell is
 * released only if at least k sessions were counted in it. What is not released is not counted anywhere: there is no
 * "other" row and no separate total, because either could be subtracted from. Coarser figures are sums of released
 * cells (`rollup.ts`).
 *
 * A source that gives away an identifier of the batch becomes `unknown` before anything is released. This is not
 * differential privacy, and the publication says so.
 */

import { isTimeZone } from '../calendar.ts'
import { InvalidInput } from '../errors.ts'
import { publicationTables, publicationThreshold } from '../policy/checks.ts'
import type { PublicationTable } from '../policy/model.ts'
import { compareBytes } from '../values/text.ts'
import type { Cell, Protection, UsagePolicy, VisitSource } from './model.ts'
import { type Counted, type Partial, visitsPerCell } from './tally.ts'

/** The base table of a policy, by name. */
export interface BaseTable {
  readonly name: string
  readonly table: PublicationTable
  readonly k: number
}

/**
 * The one table that is counted from visits. `name`: the table asked for.
 * @throws InvalidInput `policy.invalid` if the policy declares none, several or an unsafe one; `input.not-in-policy`
 */
export function baseTable(policy: Pick<UsagePolicy, 'publications'>, name?: string): BaseTable {
  const { tables, protection } = policy.publications
  const [wrong] = [...publicationTables(policy), ...publicationThreshold(policy), ...unbounded(policy)]
  if (wrong) {
    throw new InvalidInput('policy.invalid', `${wrong.path} ${wrong.says}`, { path: wrong.path })
  }
  const [[base, table]] = Object.entries(tables) as [[string, PublicationTable]]
  if (name !== undefined && name !== base) {
    throw new InvalidInput('input.not-in-policy', 'table is not one that the policy declares', {
      path: 'table',
    })
  }
  return { name: base, table, k: protection.k }
}

/** Without a bound one session could be in every cell. A policy that was parsed has one; this one may not have been. */
function* unbounded({
  publications,
}: Pick<UsagePolicy, 'publications'>): Iterable<{ path: string; says: string }> {
  for (const [name, { cellsPerSession }] of Object.entries(publications.tables)) {
    if (Number.isSafeInteger(cellsPerSession) && cellsPerSession > 0) continue
    yield { path: `publications.tables.${name}.cellsPerSession`, says: 'must be a positive whole number' }
  }
}

/** The zone that days are counted in. @throws InvalidInput `policy.invalid` */
export function timeZoneOf({ timeZone }: Pick<UsagePolicy, 'timeZone'>): string {
  if (isTimeZone(timeZone)) return timeZone
  throw new InvalidInput('policy.invalid', 'timeZone is not known to this runtime', { path: 'timeZone' })
}

/** The promise that goes with the numbers, and what it does not cover. */
export const protectionOf = ({ table, k }: BaseTable): Protection => ({
  mode: 'threshold',
  k,
  unit: 'session-day',
  cellsPerSession: table.cellsPerSession,
  visitsPerCell,
  promise: `Every figure rests on at least ${k} sessions of its day. Smaller groups are left out and counted nowhere.`,
  limits: [
    'This is not differential privacy: a threshold hides small groups, it does not blur the figures of large ones.',
    'Whoever can send sessions of their own making can lift a small group over the threshold.',
    'The unit is one session on one day, not one person.',
    `A session is counted in at most ${table.cellsPerSession} cells of its day, and with at most ${visitsPerCell} visits in each.`,
    'Sums of figures are sums of released cells only, and so at most the true sums.',
  ],
})

/** The released cells of each day, in order of the day, each day's in order of the dimensions. */
export function release(partial: Partial, base: BaseTable): Map<string, Cell[]> {
  const enough = ({ sessions }: Counted): boolean => sessions >= base.k
  const days = new Map<string, Counted[]>()
  for (const counted of unnamed(partial, enough).filter(enough)) {
    const day = days.get(counted.cell.day)
    if (day === undefined) days.set(counted.cell.day, [counted])
    else day.push(counted)
  }
  return new Map(
    [...days]
      .sort(([a], [b]) => compareBytes(a, b))
      .map(([day, counts]) => [day, counts.sort(byDimensions).map((counted) => published(counted, base))]),
  )
}

/** The counts, with each source that would be released and gives an identifier away counted as unknown. */
function unnamed(partial: Partial, enough: (counted: Counted) => boolean): Counted[] {
  const counts = partial.counts()
  const candidates = new Set(counts.filter(enough).flatMap(({ cell }) => cell.source ?? []))
  const telling = new Set([...candidates].filter((source) => partial.identifiers.traceIn(source) !== null))
  const rename = (source: VisitSource): VisitSource => (telling.has(source) ? 'unknown' : source)
  return telling.size === 0 ? counts : partial.counts(rename)
}

const byDimensions = ({ cell: a }: Counted, { cell: b }: Counted): number =>
  (a.hour ?? 0) - (b.hour ?? 0) ||
  (a.weekday ?? 0) - (b.weekday ?? 0) ||
  compareBytes(a.source ?? '', b.source ?? '')

/** Field by field: whatever else a count may come to hold stays here. */
const published = ({ cell, visits, sessions }: Counted, { table }: BaseTable): Cell => ({
  ...(cell.hour !== undefined && { hour: cell.hour }),
  ...(cell.weekday !== undefined && { weekday: cell.weekday }),
  ...(cell.source !== undefined && { source: cell.source }),
  ...(table.measures.includes('visits') && { visits }),
  ...(table.measures.includes('sessions') && { sessions }),
})
