/**
 * The sweep: what an erasure had to keep is erased when its last day has passed, and the request gets a second receipt
 * that names the first.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Standing } from '../consent/model.ts'
import type { CalendarDate, Environment } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { digest } from '../keys/digest.ts'
import type { Actor } from '../ledger/model.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptRow, RightsRequest } from '../requests/model.ts'
import type { Keys, LedgerWriter } from '../services.ts'
import type { Source } from '../source.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values.ts'
import { isOver, todayOf } from './rules.ts'

const kept = collections.kept.name
const standings = collections.standings.name
const actor: Actor = { role: 'system', id: 'retention' }
const clause = 'Your rights'
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
   * @see GDPR 5(1)(e), 17(3)
   */
  sweep(): Promise<SweepReport>
  /** What is still kept of erased people, with its dates, earliest first. */
  list(): AsyncIterable<KeptRow>
}

interface Parts {
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly sources: readonly Source[]
}

/** Makes the retention of a tenant. */
export function createRetention(
  tenant: string,
  { policy, store, environment, keys, ledger, sources }: Parts,
): RetentionService {
  const byName = new Map(sources.map((source) => [source.name, source]))

  /** The categories under which a request keeps something, in all rows or in all but one. */
  async function categoriesOf(request: string, but?: KeptRow): Promise<Set<string>> {
    const categories = new Set<string>()
    for await (const { value } of store.scan(kept, { prefix: `${key(tenant, request)}/` })) {
      const { source, row, fields } = value as unknown as KeptRow
      if (source === but?.source && row === but.row) continue
      for (const { category } of fields) categories.add(category)
    }
    return categories
  }

  /** Erases, destroys keys and only then forgets that there was something: a sweep that is cut off finds the row again. */
  async function sweepRow(row: KeptRow, today: CalendarDate): Promise<'keeping' | 'completed'> {
    const remaining = row.fields.filter(({ until }) => !isOver(until, today))
    const keep = remaining.map(({ field }) => field)
    const identity = { subject: row.subject, sessions: [], request: row.request }
    const source = byName.get(row.source)
    if (source === undefined) {
      throw new Conflict('conflict.state', 'the source of a kept row is not there', { record: row.request })
    }
    await source.erase(identity, [{ row: row.row, keep }])
    const needed = new Set(remaining.map(({ category }) => category))
    for (const category of await categoriesOf(row.request, row)) needed.add(category)
    const going = (await keys.categories(row.subject)).filter((category) => !needed.has(category))
    await keys.destroy(row.subject, going)
    return forget(row, remaining)
  }

  /**
   * Writes down that less, or nothing, is kept. The request's record is part of the commit even where it stays as it
   * is: two sweeps of one request exclude each other, so exactly one of them sees that nothing is left.
   */
  function forget(row: KeptRow, remaining: KeptRow['fields']): Promise<'keeping' | 'completed'> {
    return settle({ store, environment }, async () => {
      const [found] = await store.get(kept, [key(tenant, row.request, row.source, row.row)])
      const [asked] = await store.get(collections.requests.name, [key(tenant, row.request)])
      if (!found || !asked) return { changes: [], result: 'keeping' }
      const last = remaining.length === 0 && (await categoriesOf(row.request, row)).size === 0
      const details = { source: row.source, fields: row.fields.length - remaining.length }
      const swept = ledger.changes({ action: 'retention.swept', actor, record: row.request, clause, details })
      const request = await putRequest(asked, last)
      return {
        changes: [after(row, { remaining, found }), request, ...swept],
        result: last ? 'completed' : 'keeping',
      }
    })
  }

  /** The request's record; once nothing is kept, with the second receipt, which names the first by its digest. */
  async function putRequest(asked: Versioned, last: boolean): Promise<Change> {
    const before = asked.value as unknown as RightsRequest
    const put = { collection: collections.requests.name, key: asked.key }
    const statement = {
      tenant,
      request: before.id,
      at: environment.now(),
      receipt: digest(before.report?.receipt ?? ''),
    }
    const value = last ? { ...before, completion: await keys.sign(statement, completionType) } : before
    return { put, value: value as unknown as JsonValue, expect: asked.version }
  }

  /** A tombstone outlives what is kept of its subject: while it stands, nobody reads what was kept. */
  async function sweepTombstones(today: CalendarDate): Promise<number> {
    let count = 0
    for await (const found of store.scan(standings, { tenant, index: 'erased', before: today })) {
      const { erased } = found.value as unknown as Standing
      const request = erased?.request ?? ''
      if ((await categoriesOf(request)).size > 0) continue
      count += await forgetTombstone(found.key, request)
    }
    return count
  }

  /** Two sweeps at once forget a tombstone once. */
  function forgetTombstone(at: string, request: string): Promise<number> {
    return settle({ store, environment }, async () => {
      const [found] = await store.get(standings, [at])
      if (!found) return { changes: [], result: 0 }
      const removed: Change = { remove: { collection: standings, key: at }, expect: found.version }
      const act = { action: 'retention.forgotten', actor, record: request, clause }
      const forgotten = await keys.forget(partsOf(at)[1] ?? '')
      return { changes: [removed, ...forgotten, ...ledger.changes(act)], result: 1 }
    })
  }

  return {
    async sweep() {
      const today = todayOf(policy, environment.now())
      const completed: string[] = []
      let rows = 0
      for await (const { value } of store.scan(kept, { tenant, index: 'until', before: today })) {
        const row = value as unknown as KeptRow
        if ((await sweepRow(row, today)) === 'completed') completed.push(row.request)
        rows++
      }
      return { rows, completed, tombstones: await sweepTombstones(today) }
    },
    async *list() {
      for await (const { value } of store.scan(kept, { tenant, index: 'until' }))
        yield value as unknown as KeptRow
    },
  }
}

function after(
  row: KeptRow,
  { remaining, found }: { remaining: KeptRow['fields']; found: Versioned },
): Change {
  const ref = { collection: kept, key: found.key }
  const [until] = remaining.map((field) => field.until).sort()
  if (until === undefined) return { remove: ref, expect: found.version }
  return {
    put: ref,
    value: { ...row, fields: remaining, until } as unknown as JsonValue,
    expect: found.version,
  }
}
