/** All that a memory store keeps, in the order in which stores are copied. */

import type { BulkRow, JsonValue } from '../../src/store.ts'
import type { CheckedChange } from '../../src/values/change.ts'
import { compareBytes } from '../../src/values/text.ts'
import type { InnerBulk } from '../bulk.ts'
import { type MemoryBacking, type MemoryRecords, type MemoryStream, setRecord } from './backing.ts'

const batchSize = 500

/** Where a store's records and streams lie; both throw where the store was not migrated. */
export interface Lies {
  records(collection: string): MemoryRecords
  streams(collection: string): Map<string, MemoryStream>
}

/** Copying from and into a backing. */
export function memoryBulk(backing: MemoryBacking, lies: Lies): InnerBulk {
  return {
    read: ({ kind, name }) =>
      kind === 'records' ? readRecords(lies.records(name)) : readStreams(lies.streams(name)),
    async write({ kind, name }, rows) {
      if (kind === 'records') writeRecords(backing, lies.records(name), rows)
      else for (const row of rows) writeEntry(lies.streams(name), row)
    },
    async tenants() {
      const all = [...backing.visits].filter(([, { rows }]) => rows.size > 0)
      return all.map(([tenant]) => tenant).sort(compareBytes)
    },
  }
}

const parsed = (json: string): JsonValue => JSON.parse(json) as JsonValue

function* readRecords({ keys, rows }: MemoryRecords): Generator<BulkRow[]> {
  let seen: string | undefined
  for (;;) {
    const page = keys.page(seen ?? '', { limit: batchSize, seen })
    yield page.flatMap((key) => {
      const row = rows.get(key)
      return row === undefined ? [] : [{ key, value: parsed(row.json) }]
    })
    seen = page.at(-1)
    if (seen === undefined) return
  }
}

function* readStreams(streams: Map<string, MemoryStream>): Generator<BulkRow[]> {
  let batch: BulkRow[] = []
  for (const key of [...streams.keys()].sort(compareBytes)) {
    for (const { sequence, id, json } of [...(streams.get(key)?.entries ?? [])]) {
      if (batch.push({ key, entry: { sequence, id }, value: parsed(json) }) < batchSize) continue
      yield batch
      batch = []
    }
  }
  yield batch
}

function writeRecords(backing: MemoryBacking, records: MemoryRecords, rows: readonly CheckedChange[]): void {
  for (const { key, json } of rows) {
    if (json === null || records.rows.has(key)) continue
    setRecord(records, key, { version: ++backing.version, json })
  }
}

function writeEntry(streams: Map<string, MemoryStream>, { change, key, json }: CheckedChange): void {
  if (!('append' in change) || json === null) return
  const stream: MemoryStream = streams.get(key) ?? { entries: [], ids: new Map() }
  const sequence = change.expect
  const place = stream.entries.findLastIndex((each) => each.sequence <= sequence)
  if (stream.entries[place]?.sequence === sequence || stream.ids.has(change.id)) return
  const entry = { sequence, id: change.id, json }
  stream.entries.splice(place + 1, 0, entry)
  stream.ids.set(entry.id, entry)
  streams.set(key, stream)
}
