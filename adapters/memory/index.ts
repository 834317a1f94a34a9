/**
 * The store in memory: for tests, and for what may be gone when the process ends. It keeps every promise of the
 * port and passes the same kit as the databases; it only keeps nothing on disk, and it is for one process.
 *
 * A commit is judged and applied without giving way, so that nothing comes between. Values are copied in and out as
 * JSON text. A backing that is empty is made ready at once; one that another store made and that lacks
 * something this one declares has to be migrated like any database.
 */

import { libraryCollections } from '../../src/collections.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { Collection, Migration, Range, Store, Versioned } from '../../src/store.ts'
import { versioned } from '../../src/values/json.ts'
import { declared } from '../declared.ts'
import { conflict, judge, type Placed, type Present } from '../expectations.ts'
import { guarded } from '../guard.ts'
import { checkRead } from '../migration.ts'
import {
  addIndex,
  indexId,
  type MemoryBacking,
  type MemoryRecords,
  type MemoryStream,
  memoryBacking,
  memoryRecords,
  setRecord,
} from './backing.ts'
import { memoryBulk } from './bulk.ts'
import { byIndex, byKey, bySequence } from './scan.ts'
import { memoryVisits } from './visits.ts'

export {
  type MemoryBacking,
  type MemoryEntry,
  type MemoryIndex,
  type MemoryRecord,
  type MemoryRecords,
  type MemoryStream,
  type MemoryVisits,
  memoryBacking,
} from './backing.ts'

/** What a memory store is made of. */
export interface MemoryOptions {
  /** What it keeps; all that the library keeps, if not given. */
  readonly collections?: readonly Collection[]
  /** Where it keeps it; a new and empty backing, if not given. */
  readonly backing?: MemoryBacking
}

/**
 * A store in this process's memory.
 * @throws InvalidInput `input.invalid` for a collection with a name or an index that is not allowed
 */
export function memoryStore(options: MemoryOptions = {}): Store {
  const collections = declared(options.collections ?? libraryCollections)
  const backing = options.backing ?? memoryBacking()
  if (backing.records.size + backing.streams.size === 0) make(backing, collections)
  return guarded('memory', collections, {
    get: async ({ kind, name }, keys) => {
      const found = kind === 'records' ? recordOf(backing, name) : lastOf(backing, name)
      return keys.map(found)
    },
    scan: (collection, range) => walk(backing, collection, range),
    commit: async (changes) => commit(backing, changes),
    migrate: {
      plan: async () => planned(backing, collections),
      apply: async (migration) => {
        checkRead(migration, planned(backing, collections))
        make(backing, collections)
      },
    },
    visits: memoryVisits(backing),
    bulk: memoryBulk(backing, {
      records: (name) => recordsOf(backing, name),
      streams: (name) => streamsOf(backing, name),
    }),
  })
}

const recordOf = (backing: MemoryBacking, name: string): ((key: string) => Versioned | null) => {
  const { rows } = recordsOf(backing, name)
  return (key) => {
    const row = rows.get(key)
    return row === undefined ? null : versioned(key, row.version, row.json)
  }
}

const lastOf = (backing: MemoryBacking, name: string): ((key: string) => Versioned | null) => {
  const streams = streamsOf(backing, name)
  return (key) => {
    const last = streams.get(key)?.entries.at(-1)
    return last === undefined ? null : versioned(key, last.sequence, last.json)
  }
}

/** There is only one: nothing outlives the process. */
const layout = 1

function planned(backing: MemoryBacking, collections: ReadonlyMap<string, Collection>): Migration {
  const steps = [...collections.values()].flatMap((collection) => [
    ...(kept(backing, collection) === undefined
      ? [{ says: `Make the collection ${collection.name}.`, statement: `collection ${collection.name}` }]
      : []),
    ...missingIndexes(backing, collection).map((fields) => ({
      says: `Make an index of ${collection.name} by ${fields.join(', ')}.`,
      statement: `index ${collection.name} (${indexId(fields)})`,
    })),
  ])
  return { from: layout, to: layout, steps, blocked: [] }
}

function make(backing: MemoryBacking, collections: ReadonlyMap<string, Collection>): void {
  for (const collection of collections.values()) {
    const missing = missingIndexes(backing, collection)
    if (collection.kind === 'streams') {
      if (!backing.streams.has(collection.name)) backing.streams.set(collection.name, new Map())
      continue
    }
    const records = backing.records.get(collection.name) ?? memoryRecords()
    backing.records.set(collection.name, records)
    for (const fields of missing) addIndex(records, fields)
  }
}

const kept = (backing: MemoryBacking, { kind, name }: Collection): object | undefined =>
  kind === 'streams' ? backing.streams.get(name) : backing.records.get(name)

function missingIndexes(backing: MemoryBacking, collection: Collection): (readonly string[])[] {
  const there = backing.records.get(collection.name)?.indexes
  const wanted = new Map(Object.values(collection.indexes).map((fields) => [indexId(fields), fields]))
  return [...wanted].flatMap(([id, fields]) => (there?.has(id) ? [] : [fields]))
}

function there<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new StoreFailure('store.not-migrated', `the memory store lacks ${what}`)
  return found
}

const recordsOf = (backing: MemoryBacking, name: string): MemoryRecords =>
  there(backing.records.get(name), name)

const streamsOf = (backing: MemoryBacking, name: string): Map<string, MemoryStream> =>
  there(backing.streams.get(name), name)

function* walk(backing: MemoryBacking, collection: Collection, range: Range): Generator<[Versioned]> {
  let left = range.limit ?? Number.POSITIVE_INFINITY
  for (const each of walkAll(backing, collection, range)) {
    yield [each]
    if (--left === 0) return
  }
}

function* walkAll(backing: MemoryBacking, collection: Collection, range: Range): Generator<Versioned> {
  const { name } = collection
  if ('stream' in range) {
    const streams = streamsOf(backing, name)
    yield* bySequence(() => streams.get(range.stream), range)
  } else if ('prefix' in range) {
    yield* byKey(recordsOf(backing, name), range)
  } else {
    const records = recordsOf(backing, name)
    const id = indexId(collection.indexes[range.index] ?? [])
    yield* byIndex(records, there(records.indexes.get(id), `an index of ${name}`), range)
  }
}

/** What is there, as the expectations of a commit are held against it. */
const presentIn = (backing: MemoryBacking): Present => ({
  version: (name, key) => recordsOf(backing, name).rows.get(key)?.version,
  head: (name, key) => streamsOf(backing, name).get(key)?.entries.at(-1)?.sequence ?? 0,
  entry: (name, key, id) => streamsOf(backing, name).get(key)?.ids.get(id),
})

/** Judged and applied without giving way: nothing comes between. */
function commit(backing: MemoryBacking, changes: readonly Placed[]): void {
  const { failed, repeated } = judge(changes, presentIn(backing))
  if (failed !== null) throw conflict(failed)
  for (const each of changes) if (!repeated.has(each.place)) apply(backing, each)
}

function apply(backing: MemoryBacking, { change, collection, key, json }: Placed): void {
  if (collection.kind === 'records') {
    const row = json === null ? null : { version: ++backing.version, json }
    setRecord(recordsOf(backing, collection.name), key, row)
    return
  }
  const streams = streamsOf(backing, collection.name)
  const stream: MemoryStream = streams.get(key) ?? { entries: [], ids: new Map() }
  if ('append' in change && json !== null) {
    const entry = { sequence: change.expect, id: change.id, json }
    stream.entries.push(entry)
    stream.ids.set(entry.id, entry)
  } else if ('remove' in change) {
    const through = Number(change.through)
    const from = stream.entries.findIndex((entry) => entry.sequence > through)
    for (const entry of stream.entries.splice(0, from < 0 ? stream.entries.length : from)) {
      stream.ids.delete(entry.id)
    }
  }
  // A stream of which nothing is left is as if it never was.
  if (stream.entries.length === 0) streams.delete(key)
  else streams.set(key, stream)
}
