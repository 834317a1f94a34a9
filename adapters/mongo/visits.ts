/**
 * The visit log in MongoDB: one document a visit, whose `_id` is `tenant/at/id`. That is what a visit is known by,
 * and the order that it is read in and purged by; an index by session beside it.
 */

import type { StoredVisit, VisitLog } from '../../src/store.ts'
import { allDuplicates, type Connection, type Doc } from './connection.ts'
import type { Names } from './schema.ts'

const batchSize = 1_000
const instantLength = 24
const text = (value: unknown): string | null => (value === null ? null : String(value))

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

function visitOf(doc: Doc): StoredVisit {
  const place = String(doc['_id']).slice(String(doc['tenant']).length + 1)
  return {
    id: place.slice(instantLength + 1),
    at: place.slice(0, instantLength),
    session: String(doc['session']),
    ip: text(doc['ip']),
    host: text(doc['host']),
    source: text(doc['source']),
  }
}

/** The visit log; `ready` makes sure that its collection is there. */
export function visitLog(connection: Connection, name: Names, ready: () => Promise<void>): VisitLog {
  const visits = connection.collection(name.visits)
  async function* batches(of: Doc, from: string): AsyncGenerator<StoredVisit[]> {
    await ready()
    for (let after: Doc = { $gte: from }; ; ) {
      const filter = { ...of, _id: { ...Object(of['_id']), ...after } }
      const query = visits.find(filter, { sort: { _id: 1 }, limit: batchSize })
      const found = await connection.read(() => query.toArray())
      yield found.map(visitOf)
      if (found.length < batchSize) return
      after = { $gt: found.at(-1)?.['_id'] }
    }
  }
  return {
    async append(tenant, given) {
      await ready()
      const docs = documentsOf(tenant, given)
      const insert = (): Promise<unknown> => visits.insertMany(docs, { ordered: false })
      await connection.write(insert, (error) => (allDuplicates(error) ? 'there' : undefined))
    },
    read: (tenant, { from, before }) => batches({ _id: { $lt: `${tenant}/${before}` } }, `${tenant}/${from}`),
    async purge(tenant, before) {
      await ready()
      const place = { $gte: `${tenant}/`, $lt: `${tenant}/${before}` }
      await connection.write(() => visits.deleteMany({ _id: place }))
    },
    find: (tenant, sessions) => batches({ tenant, session: { $in: sessions } }, `${tenant}/`),
    async erase(tenant, sessions) {
      await ready()
      const gone = await connection.write(() => visits.deleteMany({ tenant, session: { $in: sessions } }))
      return gone.deletedCount
    },
  }
}
