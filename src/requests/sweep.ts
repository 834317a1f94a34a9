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
import type { DestroyedKey } from '../keys/model.ts'
import type { Actor } from '../ledger/model.ts'
import { isOver, keptFields } from '../retention/rules.ts'
import type { EndedTombstone } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import { sameValue } from '../values/canonical.ts'
import { keptBeside, keptCollection, keptRef, keptRow, keptRows, putKept } from './kept.ts'
import type { KeptRow, RightsRequest } from './model.ts'
import { putRequest, type RequestParts, readRequest } from './record.ts'
import { clauseOf, idleKeys, isEnded, keysDestroyed } from './rules.ts'
import { close, requestsOf, rowOf } from './source.ts'

const actor: Actor = { role: 'system', id: 'retention' }
export const completionType = 'pilvi-erasure-completion+jws'

/** What a sweep did. */
export interface SweepReport {
  /** Rows of which something was erased; none of a person whose erasure is running. */
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

type Parts = Omit<RequestParts, 'stepUps'>

/** Makes the retention of a tenant. */
export function createRetention(parts: Parts): RetentionService {
  const { store, tenant, policy, environment } = parts
  return {
    async sweep() {
      await parts.keys.endDestruction()
      const today = todayOf(policy, environment.now())
      const completed: string[] = []
      let rows = 0
      for await (const found of store.scan(keptCollection, { tenant, index: 'until', before: today })) {
        const ended = await sweepRow(parts, keptRow(found), today)
        if (ended !== null) rows++
        completed.push(...(ended ?? []))
      }
      return { rows, completed, tombstones: await sweepTombstones(parts, today) }
    },
    async *list() {
      for await (const found of store.scan(keptCollection, { tenant, index: 'until' })) yield keptRow(found)
    },
  }
}

/**
 * Erases, destroys keys and only then forgets that there was something: a sweep that is cut off finds the row again.
 * While an erasure of the person is running it has the say: it may not have written down all that it keeps.
 */
async function sweepRow(parts: Parts, row: KeptRow, today: CalendarDate): Promise<readonly string[] | null> {
  const { sources, keys } = parts
  // Before the standing: where the person is erased, none of these keys was made after a reopening.
  const held = await keys.list(row.subject)
  const tombstone = (await parts.standings.read(row.subject)).standing.erased
  if (tombstone && (await isRunning(parts, tombstone.request))) return null
  const remaining = row.fields.filter(({ until }) => !isOver(until, today))
  const source = sources.find(({ name }) => name === row.source)
  if (source === undefined) {
    const record = tombstone?.request
    const says = 'the source of a kept row is not there'
    throw new Conflict('conflict.state', says, record === undefined ? {} : { record })
  }
  const { subject, aside } = row
  const identity = { subject, sessions: [], ...(aside !== undefined && { aside }) }
  await source.erase(identity, [{ row: row.row, keep: remaining.map(({ field }) => field) }])
  // Of a person who was reopened only what was set aside: the other keys are of what they gave since.
  const ending = tombstone ? held : held.filter((key) => key.aside !== undefined)
  const left = { ...row, fields: remaining }
  const going = idleKeys(ending, [...(await keptBeside(parts, row)), left])
  const destroyed = await keys.destroy(subject, going)
  return forgetRow(parts, { row, left, destroyed })
}

async function isRunning(parts: Parts, id: string): Promise<boolean> {
  return (await readRequest(parts, id)).request.state === 'running'
}

/** A row as it was judged, what is left of it, and the keys that went with it. */
interface Swept {
  readonly row: KeptRow
  readonly left: KeptRow
  readonly destroyed: readonly DestroyedKey[]
}

/**
 * Writes down that less, or nothing, is kept; gives the requests that are completed by it. Their records are part of
 * the commit even where they stay as they are: two sweeps of one request exclude each other, so exactly one of them
 * sees that nothing is left. A row that is not any more what was judged is left alone: an erasure of the person has
 * written down anew what it keeps.
 */
function forgetRow(parts: Parts, { row, left, destroyed }: Swept): Promise<readonly string[] | null> {
  const { store, environment, ledger, policy } = parts
  return settle({ store, environment }, async () => {
    const [found] = await store.get(keptCollection, [keptRef(parts, row).key])
    if (!found || !sameValue(found.value, row as unknown as JsonValue)) return { changes: [], result: null }
    const { until: _, ...rest } = left
    const changes = [putKept(parts, { found, row: rest })]
    const still = new Set((await keptBeside(parts, row)).flatMap(({ requests }) => requests))
    const ended = left.fields.length > 0 ? [] : row.requests.filter((id) => !still.has(id))
    for (const id of row.requests) {
      const asked = await readRequest(parts, id)
      const request = ended.includes(id) ? await completed(parts, asked.request, destroyed) : asked.request
      changes.push(putRequest(parts, { found: asked.found, request }))
      const details = { source: row.source, fields: row.fields.length - left.fields.length }
      const clause = clauseOf(policy, 'erasure')
      changes.push(...ledger.changes({ action: 'retention.swept', actor, record: id, clause, details }))
    }
    return { changes, result: ended }
  })
}

/** A request of which nothing is kept any more: with the second receipt, which names the first by its digest. */
async function completed(
  { tenant, environment, keys, policy }: Parts,
  request: RightsRequest,
  destroyed: readonly DestroyedKey[],
): Promise<RightsRequest> {
  const receipt = digest(request.report?.receipt ?? '')
  const ended = keysDestroyed(destroyed, policy)
  const statement = { tenant, request: request.id, at: environment.now(), receipt, ...ended }
  return { ...request, completion: await keys.sign(statement, completionType) }
}

/**
 * A tombstone outlives what is kept of its subject, the requests that were made after it included: while it stands,
 * nobody reads what was kept. That of a person who was reopened outlives what was set aside then.
 */
async function sweepTombstones(parts: Parts, today: CalendarDate): Promise<number> {
  let count = 0
  for await (const tombstone of parts.standings.ended(today)) {
    if (await isKept(parts, tombstone)) continue
    if (tombstone.person === 'erased' && (await isAsking(parts, tombstone.subjectDigest, today))) continue
    count += await forgetTombstone(parts, tombstone)
  }
  return count
}

async function isKept(parts: Parts, { subjectDigest, person, request }: EndedTombstone): Promise<boolean> {
  for await (const { aside } of keptRows(parts, subjectDigest))
    if (person === 'erased' || aside === request) return true
  return false
}

/** Takes away whose requests those are that have ended and need not be kept; says whether others are left. */
async function isAsking(parts: Parts, subjectDigest: string, today: CalendarDate): Promise<boolean> {
  const { policy } = parts
  let left = false
  for await (const request of requestsOf(parts, subjectDigest)) {
    const { fields } = rowOf(request, 'outline')
    if (!isEnded(request) || keptFields(fields, { policy, today }).length > 0) left = true
    else await close(parts, request.id, [])
  }
  return left
}

/** Two sweeps at once forget a tombstone once. */
function forgetTombstone(
  { store, environment, standings, keys, ledger, policy }: Parts,
  tombstone: EndedTombstone,
): Promise<number> {
  return settle({ store, environment }, async () => {
    const removed: Change[] = await standings.forget(tombstone)
    if (removed.length === 0) return { changes: [], result: 0 }
    const { subjectDigest, request, person } = tombstone
    const clause = clauseOf(policy, 'erasure')
    const act = { action: 'retention.forgotten', actor, record: request, clause }
    const forgotten = await keys.forget(subjectDigest, person === 'reopened' ? request : undefined)
    return { changes: [...removed, ...forgotten, ...ledger.changes(act)], result: 1 }
  })
}
