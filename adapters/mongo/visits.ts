/**
 * The visit log in MongoDB: one document a visit in the collection of its UTC day (days.ts), so that `purgeAll` drops
 * whole days at a cost that does not depend on their size. The `_id` is `tenant/at/id`: what a visit is known by, and
 * the order it is read in. A day that is listed and then dropped has no visits, and is no error.
 */

import type { StoredVisit, VisitLog } from '../../src/store.ts'
import type { Connection } from './connection.ts'
import { type Days, dayOf, daysOf } from './days.ts'
import type { Doc } from './driver.ts'
import type { Names } from './names.ts'

const batchSize = 1_000
const instantLength = 24

const text = (value: unknown): string | null => (value === null ? null : String(value))

const isMidnight = (instant: string): boolean => instant.endsWith('T00:00:00.000Z')

const placeOf = (tenant: string, { at, id }: StoredVisit): string => `${tenant}/${at}/${id}`

const documentOf = (tenant: string, visit: StoredVisit): Doc => {
  const { session, ip, host, source } = visit
  return { _id: placeOf(tenant, visit), tenant, session, ip, host, source }
}

/**
 * Of two alike in one batch the first is kept. In one order for everybody, so that on an engine that locks what it
 * inserts, batches that overlap wait for each other in turn.
 */
function documentsOf(tenant: string, given: readonly StoredVisit[]): Doc[] {
  const docs = new Map<string, Doc>()
  for (const each of given) {
    const place = placeOf(tenant, each)
    if (!docs.has(place)) docs.set(place, documentOf(tenant, each))
  }
  return [...docs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, doc]) => doc)
}

/** The time and the id of a document. */
function partsOf(doc: Doc): { readonly at: string; readonly id: string } {
  const place = String(doc['_id']).slice(String(doc['tenant']).length + 1)
  return { at: place.slice(0, instantLength), id: place.slice(instantLength + 1) }
}

const visitOf = (doc: Doc): StoredVisit => ({
  ...partsOf(doc),
  session: String(doc['session']),
  ip: text(doc['ip']),
  host: text(doc['host']),
  source: text(doc['source']),
})

/** Keeps each document in the collection of its day. */
async function keep(days: Days, docs: readonly Doc[]): Promise<void> {
  const byDay = new Map<string, Doc[]>()
  for (const doc of docs) {
    const day = dayOf(partsOf(doc).at)
    const others = byDay.get(day)
    if (others === undefined) byDay.set(day, [doc])
    else others.push(doc)
  }
  for (const [day, some] of byDay) await days.keep(day, some)
}

/** The visits of any tenant before an instant: a place begins with its tenant, which is ASCII like the instant. */
function before(instant: string): Doc {
  const begin = { $add: [{ $strLenBytes: '$tenant' }, 1] }
  return { $expr: { $lt: [{ $substrBytes: ['$_id', begin, instantLength] }, instant] } }
}

/** The visit log. */
export function visitLog(connection: Connection, name: Names): VisitLog {
  const days = daysOf(connection, name)
  const remove = async (day: string, filter: Doc): Promise<number> =>
    (await connection.write(() => days.at(day).deleteMany(filter))).deletedCount
  async function* batches(day: string, of: Doc & { readonly _id: Doc }): AsyncGenerator<StoredVisit[]> {
    for (let after: Doc = {}; ; ) {
      const filter = { ...of, _id: { ...of._id, ...after } }
      const options = { sort: { _id: 1 }, limit: batchSize, batchSize }
      const found = await connection.read(() => days.at(day).find(filter, options).toArray())
      yield found.map(visitOf)
      if (found.length < batchSize) return
      after = { $gt: found.at(-1)?.['_id'] }
    }
  }
  return {
    async append(tenant, given) {
      await keep(days, documentsOf(tenant, given))
    },
    async *read(tenant, range) {
      const place = { $gte: `${tenant}/${range.from}`, $lt: `${tenant}/${range.before}` }
      const listed = await days.list({ first: dayOf(range.from), last: dayOf(range.before) })
      for (const day of listed) yield* batches(day, { _id: place })
    },
    async purge(tenant, instant) {
      const place = { $gte: `${tenant}/`, $lt: `${tenant}/${instant}` }
      for (const day of await days.list({ last: dayOf(instant) })) await remove(day, { _id: place })
    },
    async purgeAll(instant) {
      const last = dayOf(instant)
      let any = false
      for (const day of await days.list({ last })) {
        if (day < last) any = (await days.drop(day)) || any
        else if (!isMidnight(instant)) any = (await remove(day, before(instant))) > 0 || any
      }
      return any
    },
    async *find(tenant, sessions) {
      for (const day of await days.list())
        yield* batches(day, { tenant, session: { $in: sessions }, _id: { $gte: `${tenant}/` } })
    },
    async erase(tenant, sessions) {
      let gone = 0
      for (const day of await days.list()) gone += await remove(day, { tenant, session: { $in: sessions } })
      return gone
    },
  }
}

/**
 * Moves what an earlier layout kept in one collection into days. A visit is kept in its day before it is taken out
 * of there, so that nothing is lost when this ends half-way, and doing it again goes on.
 */
export async function divide(connection: Connection, name: Names): Promise<void> {
  const days = daysOf(connection, name)
  const undivided = connection.collection(name.undivided)
  for (;;) {
    const some = await connection.read(() => undivided.find({}, { limit: batchSize, batchSize }).toArray())
    if (some.length === 0) return
    await keep(days, some)
    await connection.write(() => undivided.deleteMany({ _id: { $in: some.map((doc) => doc['_id']) } }))
  }
}
