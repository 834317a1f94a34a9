/**
 * The sweep: what an erasure had to keep is erased when its last day has passed, and the request gets a second receipt
 * that names the first. When nothing is kept of a person any more, and the tombstone's own last day has passed, that
 * somebody was erased at all is forgotten, too.
 */

import { todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import type { CalendarDate } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { digest } from '../keys/digest.ts'
import type { Actor } from '../ledger/model.ts'
import { isOver } from '../retention/rules.ts'
import type { Change } from '../store.ts'
import { keptCategories, keptCollection, keptRef, keptRow, putKept } from './kept.ts'
import type { KeptRow, RightsRequest } from './model.ts'
import { putRequest, type RequestParts, requestOf, requestRef } from './record.ts'
import { clauseOf } from './rules.ts'

const actor: Actor = { role: 'system', id: 'retention' }
export const completionType = 'pilvi-erasure-completion+jws'

/** What a sweep did. */
export interface SweepReport {
  /** Rows of which something was erased. */
  readonly rows: number
  /** Requests of which nothing is kept any more. */
  readonly completed: readonly string[]
  /** Tombstones that reached their last day. */
  readonly tombstones: number
}

/** Retention of one tenant. */
export interface RetentionService {
  /**
   * Erases everything that was kept until a day that has passed, and then that somebody was erased at all, once that
   * day has passed and nothing else is kept of the person. Can be cut off and done again at any point.
   * @throws Conflict `conflict.state` where the source of a kept row is not there; StoreFailure
   * @see GDPR 5(1)(e), 17(3)
   */
  sweep(): Promise<SweepReport>
  /** What is still kept of erased people, with its dates, earliest first. */
  list(): AsyncIterable<KeptRow>
}

type Parts = Omit<RequestParts, 'verifyFactor'>

/** Makes the retention of a tenant. */
export function createRetention(parts: Parts): RetentionService {
  const { store, tenant, policy, environment } = parts
  return {
    async sweep() {
      const today = todayOf(policy, environment.now())
      const completed: string[] = []
      let rows = 0
      for await (const found of store.scan(keptCollection, { tenant, index: 'until', before: today })) {
        const row = keptRow(found)
        if ((await sweepRow(parts, row, today)) === 'completed') completed.push(row.request)
        rows++
      }
      return { rows, completed, tombstones: await sweepTombstones(parts, today) }
    },
    async *list() {
      for await (const found of store.scan(keptCollection, { tenant, index: 'until' })) yield keptRow(found)
    },
  }
}

/** Erases, destroys keys and only then forgets that there was something: a sweep that is cut off finds the row again. */
async function sweepRow(parts: Parts, row: KeptRow, today: CalendarDate): Promise<'keeping' | 'completed'> {
  const { sources, keys } = parts
  const remaining = row.fields.filter(({ until }) => !isOver(until, today))
  const source = sources.find(({ name }) => name === row.source)
  if (source === undefined) {
    throw new Conflict('conflict.state', 'the source of a kept row is not there', { record: row.request })
  }
  const identity = { subject: row.subject, sessions: [], request: row.request }
  await source.erase(identity, [{ row: row.row, keep: remaining.map(({ field }) => field) }])
  const needed = await keptCategories(parts, row.request, row)
  for (const { category } of remaining) needed.add(category)
  const going = (await keys.categories(row.subject)).filter((category) => !needed.has(category))
  await keys.destroy(row.subject, going)
  return forgetRow(parts, row, remaining)
}

/**
 * Writes down that less, or nothing, is kept. The request's record is part of the commit even where it stays as it
 * is: two sweeps of one request exclude each other, so exactly one of them sees that nothing is left.
 */
function forgetRow(
  parts: Parts,
  row: KeptRow,
  remaining: KeptRow['fields'],
): Promise<'keeping' | 'completed'> {
  const { store, environment, tenant, ledger, policy } = parts
  return settle({ store, environment }, async () => {
    const ref = requestRef(tenant, row.request)
    const [found] = await store.get(keptCollection, [keptRef(parts, row).key])
    const [asked] = await store.get(ref.collection, [ref.key])
    if (!found || !asked) return { changes: [], result: 'keeping' }
    const last = remaining.length === 0 && (await keptCategories(parts, row.request, row)).size === 0
    const before = requestOf(asked)
    const request = last ? await completed(parts, before) : before
    const details = { source: row.source, fields: row.fields.length - remaining.length }
    const clause = clauseOf(policy, 'erasure')
    const act = { action: 'retention.swept', actor, record: row.request, clause, details }
    const { until: _, ...rest } = row
    return {
      changes: [
        putKept(parts, { found, row: { ...rest, fields: remaining } }),
        putRequest(parts, { found: asked, request }),
        ...ledger.changes(act),
      ],
      result: last ? 'completed' : 'keeping',
    }
  })
}

/** A request of which nothing is kept any more: with the second receipt, which names the first by its digest. */
async function completed(
  { tenant, environment, keys }: Parts,
  request: RightsRequest,
): Promise<RightsRequest> {
  const receipt = digest(request.report?.receipt ?? '')
  const statement = { tenant, request: request.id, at: environment.now(), receipt }
  return { ...request, completion: await keys.sign(statement, completionType) }
}

/** A tombstone outlives what is kept of its subject: while it stands, nobody reads what was kept. */
async function sweepTombstones(parts: Parts, today: CalendarDate): Promise<number> {
  let count = 0
  for await (const { subjectDigest, request } of parts.standings.ended(today)) {
    if ((await keptCategories(parts, request)).size > 0) continue
    count += await forgetTombstone(parts, { subjectDigest, request })
  }
  return count
}

/** Two sweeps at once forget a tombstone once. */
function forgetTombstone(
  { store, environment, standings, keys, ledger, policy }: Parts,
  { subjectDigest, request }: { subjectDigest: string; request: string },
): Promise<number> {
  return settle({ store, environment }, async () => {
    const removed: Change[] = await standings.forget(subjectDigest)
    if (removed.length === 0) return { changes: [], result: 0 }
    const clause = clauseOf(policy, 'erasure')
    const act = { action: 'retention.forgotten', actor, record: request, clause }
    const forgotten = await keys.forget(subjectDigest)
    return { changes: [...removed, ...forgotten, ...ledger.changes(act)], result: 1 }
  })
}
