/**
 * What a memory store keeps. It is handed in, so that two stores can share it as two processes share a database,
 * and so that a test can look at what is there without the verbs under test.
 *
 * Values are kept as JSON text: nobody ever holds an object that the store holds. Versions come from one counter of
 * the whole backing, so that a record made anew never gets a version that was used before.
 */

import type { JsonValue, StoredVisit } from '../../src/store.ts'
import { indexed } from '../../src/values/collection.ts'
import { tenantOf } from '../../src/values/key.ts'
import { compareBytes } from '../../src/values/text.ts'
import { Ordered } from './ordered.ts'

/** A record as it lies in memory. */
export interface MemoryRecord {
  readonly version: number
  readonly json: string
}

/** An entry of a stream as it lies in memory. */
export interface MemoryEntry {
  readonly sequence: number
  readonly id: string
  readonly json: string
}

/** An index: tenant, the indexed fields and the key, in that order. */
export interface MemoryIndex {
  readonly fields: readonly string[]
  readonly entries: Ordered<readonly string[]>
}

/** The records of a collection. */
export interface MemoryRecords {
  readonly rows: Map<string, MemoryRecord>
  readonly keys: Ordered<string>
  /** By `indexId`: what an index orders by is what it is known by. */
  readonly indexes: Map<string, MemoryIndex>
}

/** One stream: its entries in sequence, and the same by id. */
export interface MemoryStream {
  readonly entries: MemoryEntry[]
  readonly ids: Map<string, MemoryEntry>
}

/** The visits of a tenant. A place is `at/id`, so that places in byte order are in order of time, then id. */
export interface MemoryVisits {
  readonly rows: Map<string, StoredVisit>
  readonly places: Ordered<string>
  readonly sessions: Map<string, Set<string>>
}

/** All that a memory store keeps. */
export interface MemoryBacking {
  readonly records: Map<string, MemoryRecords>
  readonly streams: Map<string, Map<string, MemoryStream>>
  readonly visits: Map<string, MemoryVisits>
  /** The last version given out. */
  version: number
}

/** An empty backing. */
export const memoryBacking = (): MemoryBacking => ({
  records: new Map(),
  streams: new Map(),
  visits: new Map(),
  version: 0,
})

/** The name of an index: the fields it orders by. */
export const indexId = (fields: readonly string[]): string => fields.join(' ')

/** Compares lists of strings part by part; a list comes before those that begin with it. */
export function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareBytes(a[i] as string, b[i] as string)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Empty records of a collection. */
export const memoryRecords = (): MemoryRecords => ({
  rows: new Map(),
  keys: new Ordered(compareBytes),
  indexes: new Map(),
})

/** Makes an index over what is there. */
export function addIndex(records: MemoryRecords, fields: readonly string[]): void {
  const index: MemoryIndex = { fields, entries: new Ordered(compareLists) }
  for (const [key, row] of records.rows) place(index, { key, json: row.json }, 'add')
  records.indexes.set(indexId(fields), index)
}

/** Sets a record, or takes it away, and keeps key order and indexes in step. */
export function setRecord(records: MemoryRecords, key: string, row: MemoryRecord | null): void {
  const before = records.rows.get(key)
  for (const index of records.indexes.values()) {
    if (before !== undefined) place(index, { key, json: before.json }, 'delete')
    if (row !== null) place(index, { key, json: row.json }, 'add')
  }
  if (row === null) {
    records.rows.delete(key)
    records.keys.delete(key)
  } else {
    if (before === undefined) records.keys.add(key)
    records.rows.set(key, row)
  }
}

function place(index: MemoryIndex, row: { key: string; json: string }, act: 'add' | 'delete'): void {
  const fields = indexed(JSON.parse(row.json) as JsonValue, index.fields)
  if (fields !== null) index.entries[act]([tenantOf(row.key), ...fields, row.key])
}
