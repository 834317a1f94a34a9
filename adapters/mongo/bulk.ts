/**
 * All that a MongoDB store keeps, in the order in which stores are copied: pages in the order of an index.
 *
 * Of a batch of entries the heads of their streams are written first: what is interrupted then leaves entries
 * missing, which are made when it is done again, and never a stream whose end is not known.
 */

import type { BulkRow, Collection } from '../../src/store.ts'
import type { CheckedChange } from '../../src/values/change.ts'
import type { InnerBulk } from '../bulk.ts'
import { pages } from '../paging.ts'
import { newEntry, newRecord } from './commit.ts'
import type { Connection } from './connection.ts'
import { daysOf } from './days.ts'
import { carried, charactersOf } from './documents.ts'
import type { Doc } from './driver.ts'
import { allDuplicates } from './failures.ts'
import type { Names } from './names.ts'

/** Few enough that they are gone before the collector takes them for what stays. */
const batchSize = 50

/** Copying from and into the collections; `ready` makes sure that one was migrated. */
export function mongoBulk(
  connection: Connection,
  name: Names,
  ready: (collection: string) => Promise<void>,
): InnerBulk {
  return {
    async *read(collection) {
      await ready(name.of(collection.name))
      yield* read(connection, name, collection)
    },
    async write(collection, rows) {
      await ready(name.of(collection.name))
      if (collection.kind === 'streams') await writeHeads(connection, name.heads(collection.name), rows)
      await insert(connection, name.of(collection.name), rows.map(docOf))
    },
    async tenants() {
      return tenants(connection, name)
    },
  }
}

/** A row as it was read, and the length of its value's JSON text. */
interface Found {
  readonly row: BulkRow
  readonly size: number
}

/** A query for each page, and no cursor that is kept: one that a server ends could look like the end of what there is. */
async function* read(connection: Connection, name: Names, collection: Collection): AsyncGenerator<BulkRow[]> {
  const from = connection.collection(name.of(collection.name))
  const find = (filter: Doc, sort: Doc, limit: number): Promise<Doc[]> =>
    connection.read(() => from.find(filter, { sort, limit, batchSize: limit + 1 }).toArray())
  const page = collection.kind === 'records' ? recordsPage(find) : entriesPage(find)
  for await (const found of pages<Found>({ page, characters: ({ size }) => size, largest: batchSize }))
    yield found.map(({ row }) => row)
}

type Find = (filter: Doc, sort: Doc, limit: number) => Promise<Doc[]>
type Page = (size: number, last: Found | undefined) => Promise<Found[]>

const recordsPage =
  (find: Find): Page =>
  async (size, last) =>
    (await find(last ? { _id: { $gt: last.row.key } } : {}, { _id: 1 }, size)).map((doc) =>
      foundOf(doc, recordRow),
    )

/** The rest of a stream, and then the streams behind it: each is one interval of the index. */
const entriesPage =
  (find: Find): Page =>
  async (size, last) => {
    const sort = { key: 1, sequence: 1 }
    const { key = '', entry } = last?.row ?? {}
    const rest = entry ? await find({ key, sequence: { $gt: entry.sequence } }, sort, size) : []
    const more = rest.length < size ? await find({ key: { $gt: key } }, sort, size - rest.length) : []
    return [...rest, ...more].map((doc) => foundOf(doc, entryRow))
  }

const foundOf = (doc: Doc, rowOf: (doc: Doc) => BulkRow): Found => ({
  row: rowOf(doc),
  size: charactersOf(doc),
})

const recordRow = (doc: Doc): BulkRow => ({ key: String(doc['_id']), value: carried(doc) })

const entryRow = (doc: Doc): BulkRow => ({
  key: String(doc['key']),
  entry: { sequence: Number(doc['sequence']), id: String(doc['id']) },
  value: carried(doc),
})

const docOf = ({ change, key, json }: CheckedChange): Doc =>
  'append' in change ? newEntry(key, change, String(json)) : newRecord(key, String(json))

async function writeHeads(
  connection: Connection,
  heads: string,
  rows: readonly CheckedChange[],
): Promise<void> {
  const last = new Map<string, number>()
  for (const { change, key } of rows) last.set(key, Math.max(last.get(key) ?? 0, Number(change.expect)))
  const operations = [...last].map(([key, sequence]) => ({
    updateOne: {
      filter: { _id: key },
      update: { $max: { last: sequence }, $inc: { changes: 1 } },
      upsert: true,
    },
  }))
  await connection.write(() => connection.collection(heads).bulkWrite(operations))
}

async function insert(connection: Connection, collection: string, docs: Doc[]): Promise<void> {
  const work = (): Promise<unknown> => connection.collection(collection).insertMany(docs, { ordered: false })
  await connection.write(work, (error) => (allDuplicates(error) ? 'there' : undefined))
}

/** Day by day, each tenant behind the one before, so that it costs what there are tenants, not visits. */
async function tenants(connection: Connection, name: Names): Promise<string[]> {
  const days = daysOf(connection, name)
  const found = new Set<string>()
  for (const day of await days.list()) {
    const options = { sort: { tenant: 1 }, limit: 1, projection: { tenant: 1 } }
    const behind = (tenant: string): Promise<Doc[]> =>
      connection.read(() =>
        days
          .at(day)
          .find({ tenant: { $gt: tenant } }, options)
          .toArray(),
      )
    for (let [next] = await behind(''); next !== undefined; [next] = await behind(String(next['tenant']))) {
      found.add(String(next['tenant']))
    }
  }
  return [...found].sort()
}
