/**
 * Reading: by key, and in order, page by page. Each page is a query of its own that begins behind the last record of
 * the page before, so that no cursor is held open and none loses its place when documents come or go.
 */

import type { Collection, Range, Versioned } from '../../src/store.ts'
import { indexed } from '../../src/values/collection.ts'
import { prefixEnd } from '../declared.ts'
import { paged } from '../paging.ts'
import type { Connection, Doc } from './connection.ts'
import { entryOf, recordOf } from './documents.ts'
import type { Names } from './schema.ts'

type Of<Name extends string> = Extract<Range, Readonly<Record<Name, unknown>>>

/** Values in the order of the keys. */
export async function get(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly keys: readonly string[] },
): Promise<(Versioned | null)[]> {
  const { collection, keys } = of
  const found =
    collection.kind === 'records'
      ? await findAll(connection, name.of(collection.name), { _id: { $in: [...new Set(keys)] } })
      : await lastEntries(connection, name, of)
  const read = collection.kind === 'records' ? recordOf : entryOf
  const byKey = new Map(found.map((doc) => [String(doc['key'] ?? doc['_id']), doc]))
  return keys.map((key) => {
    const doc = byKey.get(key)
    return doc === undefined ? null : read(doc)
  })
}

const findAll = (connection: Connection, collection: string, filter: Doc): Promise<Doc[]> =>
  connection.read(() => connection.collection(collection).find(filter).toArray())

/** The last entries of streams: by their heads, or one by one where a stream was changed in between. */
async function lastEntries(
  connection: Connection,
  name: Names,
  { collection, keys }: { readonly collection: Collection; readonly keys: readonly string[] },
): Promise<Doc[]> {
  const entries = name.of(collection.name)
  const heads = await findAll(connection, name.heads(collection.name), { _id: { $in: [...new Set(keys)] } })
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

/** The records or entries of a range, in order. */
export function scan(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly range: Range },
): AsyncGenerator<Versioned> {
  const { collection, range } = of
  const query = queryOf(collection, range)
  const read = collection.kind === 'records' ? recordOf : entryOf
  const from = connection.collection(name.of(collection.name))
  return paged<Versioned>({
    limit: range.limit,
    characters: ({ value }) => JSON.stringify(value).length,
    async page(size, last) {
      const { filter, sort } = query(last)
      const docs = await connection.read(() => from.find(filter, { sort, limit: size }).toArray())
      return docs.map(read)
    },
  })
}

function queryOf(collection: Collection, range: Range): (last: Versioned | undefined) => Query {
  if ('stream' in range) return (last) => bySequence(range, last)
  if ('prefix' in range) return (last) => byKey(range, last)
  const fields = collection.indexes[range.index] ?? []
  return (last) => byIndex(fields, range, last)
}

function byKey(range: Of<'prefix'>, last: Versioned | undefined): Query {
  const after = last?.key ?? range.after
  const place = {
    $gte: range.prefix,
    $lt: prefixEnd(range.prefix),
    ...(after !== undefined && { $gt: after }),
  }
  return { filter: { _id: place }, sort: { _id: 1 } }
}

function bySequence(range: Of<'stream'>, last: Versioned | undefined): Query {
  const sequence = { $gt: last?.version ?? range.after ?? 0 }
  return { filter: { key: range.stream, sequence }, sort: { key: 1, sequence: 1 } }
}

function byIndex(fields: readonly string[], range: Of<'index'>, last: Versioned | undefined): Query {
  const paths = fields.map((field) => `x.${field}`)
  const equals = range.equals ?? []
  // The index holds only documents that have all fields; saying so lets MongoDB use it.
  const conditions = paths.map((path, i): [string, Doc] => [
    path,
    {
      $exists: true,
      ...(i < equals.length && { $eq: equals[i] }),
      ...(i === equals.length && range.from !== undefined && { $gte: range.from }),
      ...(i === equals.length && range.before !== undefined && { $lt: range.before }),
    },
  ])
  const after = last ?? range.after
  const places = after && [...(indexed(after.value, fields) ?? []), after.key]
  return {
    filter: {
      tenant: range.tenant,
      ...Object.fromEntries(conditions),
      ...(places && { $or: behind([...paths, '_id'], places) }),
    },
    sort: Object.fromEntries(['tenant', ...paths, '_id'].map((path) => [path, 1])),
  }
}

/** What comes behind a place: greater in the first field, or the same there and greater in the next … */
const behind = (paths: readonly string[], places: readonly string[]): Doc[] =>
  paths.map((path, i) => ({
    ...Object.fromEntries(paths.slice(0, i).map((before, j) => [before, places[j]])),
    [path]: { $gt: places[i] },
  }))
