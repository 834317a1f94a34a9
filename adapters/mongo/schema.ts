/**
 * The collections and indexes there are to be, and whether they are there. MongoDB would make a collection with the
 * first write; a store that finds one missing refuses instead.
 *
 * No collation is set, so that strings are ordered by their UTF-8 bytes.
 */

import { StoreFailure } from '../../src/errors.ts'
import type { Collection } from '../../src/store.ts'
import type { Connection } from './connection.ts'
import type { Doc } from './driver.ts'
import { isMissing } from './failures.ts'
import type { Names } from './names.ts'

/** An index as it is to be. */
export interface Index {
  readonly name: string
  readonly keys: Readonly<Record<string, 1>>
  readonly options: object
}

/** The index of records that orders by these fields; known by what it orders by. */
export function indexOf(fields: readonly string[]): Index {
  const paths = fields.map((field) => `x.${field}`)
  return {
    name: ['tenant', ...fields].join('+'),
    keys: Object.fromEntries(['tenant', ...paths, '_id'].map((path) => [path, 1])),
    // Without a partial index, records that lack a field would stand in it as null.
    options: { partialFilterExpression: Object.fromEntries(paths.map((path) => [path, { $exists: true }])) },
  }
}

const bySequence: Index = { name: 'key+sequence', keys: { key: 1, sequence: 1 }, options: { unique: true } }

/** Collection -> the indexes it needs. */
export function wanted(name: Names, collections: ReadonlyMap<string, Collection>): Map<string, Index[]> {
  const found = new Map<string, Index[]>([[name.layout, []]])
  for (const collection of collections.values()) {
    if (collection.kind === 'streams') {
      found.set(name.heads(collection.name), [])
      found.set(name.of(collection.name), [bySequence])
    } else found.set(name.of(collection.name), Object.values(collection.indexes).map(indexOf))
  }
  return found
}

/** The names of the indexes of a collection, or `null` where there is no such collection. */
export async function indexesOf(
  connection: Connection,
  collection: string,
): Promise<ReadonlySet<string> | null> {
  const list = (): Promise<Doc[]> => connection.collection(collection).listIndexes().toArray()
  const indexes = await connection.read(() =>
    list().catch((error: unknown): Doc[] => {
      if (isMissing(error)) return []
      throw error
    }),
  )
  return indexes.length > 0 ? new Set(indexes.map((each) => String(each['name']))) : null
}

/** Makes sure, once, that a collection is there and has an index. @throws StoreFailure `store.not-migrated` */
export function readiness(connection: Connection): (collection: string, index?: string) => Promise<void> {
  const known = new Map<string, ReadonlySet<string>>()
  return async (collection, index = '_id_') => {
    if (known.get(collection)?.has(index)) return
    const there = await indexesOf(connection, collection)
    if (there !== null) known.set(collection, there)
    if (!there?.has(index)) {
      throw new StoreFailure('store.not-migrated', `${collection} or an index of it is missing: migrate`)
    }
  }
}
