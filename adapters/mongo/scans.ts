/**
 * Reading: by key, and in order, page by page. Each page is a query of its own that begins behind the last record of
 * the page before, so that no cursor is held open and none loses its place when documents come or go.
 */

import type { Collection, Range, Versioned } from '../../src/store.ts'
import { indexed } from '../../src/values/collection.ts'
import { compareBytes } from '../../src/values/text.ts'
import { prefixEnd } from '../declared.ts'
import { pages } from '../paging.ts'
import type { Connection } from './connection.ts'
import { charactersOf, entryOf, recordOf } from './documents.ts'
import type { Doc } from './driver.ts'
import type { Names } from './names.ts'

/** More than are ever asked for in one query. */
const atOnce = 1_001

type Of<Name extends string> = Extract<Range, Readonly<Record<Name, unknown>>>

/** Values in the order of the keys. */
export async function get(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly keys: readonly string[] },
): Promise<(Versioned | null)[]> {
  const { collection, keys } = of
  if (keys.length === 0) return []
  const found =
    collection.kind === 'records'
      ? await findAll(connection, name.of(collection.name), byKeys(keys))
      : await lastEntries(connection, name, of)
  const read = collection.kind === 'records' ? recordOf : entryOf
  const byKey = new Map(found.map((doc) => [String(doc['key'] ?? doc['_id']), doc]))
  return keys.map((key) => {
    const doc = byKey.get(key)
    return doc === undefined ? null : read(doc)
  })
}

/** Servers have a shorter way to one document than to a list of one. */
const byKeys = (keys: readonly string[]): Doc => {
  const [first, ...others] = new Set(keys)
  return { _id: others.length === 0 ? first : { $in: [first, ...others] } }
}

/** All in one answer, as far as it has room: a server would else begin with a hundred and be asked again. */
const findAll = (connection: Connection, collection: string, filter: Doc): Promise<Doc[]> =>
  connection.read(() => connection.collection(collection).find(filter, { batchSize: atOnce }).toArray())

/** The last entries of streams: by their heads, or one by one where a stream was changed in between. */
async function lastEntries(
  connection: Connection,
  name: Names,
  { collection, keys }: { readonly collection: Collection; readonly keys: readonly string[] },
): Promise<Doc[]> {
  const entries = name.of(collection.name)
  const heads = await findAll(connection, name.heads(collection.name), byKeys(keys))
  const found: Doc[] = []
  for (let i = 0; i < heads.length; i += 100) {
    const some = heads.slice(i, i + 100).map((head) => ({ key: head['_id'], sequence: head['last'] }))
    found.push(...(await findAll(connection, entries, { $or: some })))
  }
  const seen = new Set(found.map((doc) => doc['key']))
  for (const { _id: key } of heads) if (!seen.has(key)) found.push(...(await last(connection, entries, key)))
  return found
}

const last = (connection: Connection, entries: string, key: unknown): Promise<Doc[]> => {
  const newest = { sort: { key: -1, sequence: -1 }, limit: 1 }
  return connection.read(() => connection.collection(entries).find({ key }, newest).toArray())
}

interface Query {
  readonly filter: Doc
  readonly sort: Readonly<Record<string, 1>>
}

/** The records or entries of a range, in order, page by page. */
export function scan(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly range: Range },
): AsyncGenerator<Versioned[]> {
  const { collection, range } = of
  const queries = queriesOf(collection, range)
  const read = collection.kind === 'records' ? recordOf : entryOf
  const from = connection.collection(name.of(collection.name))
  let characters = 0
  return pages<Versioned>({
    limit: range.limit,
    characters: () => characters,
    async page(size, last) {
      const docs: Doc[] = []
      for (const { filter, sort } of queries(last)) {
        const limit = size - docs.length
        if (limit === 0) break
        const options = { sort, limit, batchSize: limit }
        docs.push(...(await connection.read(() => from.find(filter, options).toArray())))
      }
      // What one holds on the average: measuring each would cost as much as reading it.
      characters = docs.reduce((sum, doc) => sum + charactersOf(doc), 0) / docs.length
      return docs.map(read)
    },
  })
}

/** The queries that together give what comes behind `last`, each of them behind those before it. */
function queriesOf(collection: Collection, range: Range): (last: Versioned | undefined) => Query[] {
  if ('stream' in range) return (last) => [bySequence(range, last)]
  if ('prefix' in range) return (last) => [byKey(range, last)]
  const fields = collection.indexes[range.index] ?? []
  return (last) => byIndex(fields, range, last)
}

function byKey({ prefix, ...range }: Of<'prefix'>, last: Versioned | undefined): Query {
  const after = last?.key ?? range.after
  // One bound below, so that no planner has two to choose from.
  const begin = after === undefined || compareBytes(after, prefix) < 0 ? { $gte: prefix } : { $gt: after }
  return { filter: { _id: { ...begin, $lt: prefixEnd(prefix) } }, sort: { _id: 1 } }
}

function bySequence(range: Of<'stream'>, last: Versioned | undefined): Query {
  const sequence = { $gt: last?.version ?? range.after ?? 0 }
  return { filter: { key: range.stream, sequence }, sort: { key: 1, sequence: 1 } }
}

/**
 * Behind a place come those that share all its fields and have a greater key, then those that share all but the last
 * field and are greater in that one, and so on. Each is a query of its own, because each is one interval of the index;
 * asked for all of them at once, a server would read the range from its beginning for every page.
 */
function byIndex(fields: readonly string[], range: Of<'index'>, last: Versioned | undefined): Query[] {
  const paths = [...fields.map((field) => `x.${field}`), '_id']
  const sort = Object.fromEntries(['tenant', ...paths].map((path) => [path, 1 as const]))
  const query = (more: readonly Doc[]): Query => {
    const conditions = paths.map((path, i): [string, Doc] => [path, { ...conditionOf(range, i), ...more[i] }])
    return { filter: { tenant: range.tenant, ...Object.fromEntries(conditions) }, sort }
  }
  const after = last ?? range.after
  const places = after && [...(indexed(after.value, fields) ?? []), after.key]
  const equals = range.equals ?? []
  if (places === undefined) return [query([])]
  const apart = equals.findIndex((each, i) => each !== places[i])
  // A place that is not in the range lies before all of it, or behind.
  if (apart >= 0) return compareBytes(places[apart] ?? '', equals[apart] ?? '') < 0 ? [query([])] : []
  const depths = paths
    .map((_, i) => i)
    .slice(equals.length)
    .reverse()
  return depths.map((depth) =>
    query(places.slice(0, depth + 1).map((place, i) => (i < depth ? { $eq: place } : { $gt: place }))),
  )
}

/** What a range asks of a field, or of the key behind them. */
function conditionOf(range: Of<'index'>, i: number): Doc {
  const { equals = [], from, before } = range
  return {
    // The index holds only documents that have all fields; saying so lets MongoDB use it.
    $exists: true,
    ...(i < equals.length && { $eq: equals[i] }),
    ...(i === equals.length && from !== undefined && { $gte: from }),
    ...(i === equals.length && before !== undefined && { $lt: before }),
  }
}
