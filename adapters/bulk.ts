/**
 * The outside of copying, for every adapter: rows are checked as the puts and appends that they are, so that nothing
 * comes into a store by copying that could not come into it by a commit.
 */

import type { Bulk, BulkRow, Change, Collection } from '../src/store.ts'
import { type CheckedChange, checkChanges } from '../src/values/change.ts'
import { checkCollection } from '../src/values/collection.ts'
import type { Ready } from './migration.ts'

/** The inside of copying; everything it is given was checked. Batches may be empty; they are not passed on. */
export interface InnerBulk {
  read(collection: Collection): AsyncIterable<BulkRow[]> | Iterable<BulkRow[]>
  /** At least one row, all of one collection. */
  write(collection: Collection, rows: readonly CheckedChange[]): Promise<void>
  tenants(): Promise<string[]>
}

/** Copying around the inside of an adapter. */
export function guardedBulk(
  collections: ReadonlyMap<string, Collection>,
  inner: InnerBulk,
  { open, ready }: { open(): void; readonly ready: Ready },
): Bulk {
  return {
    collections: [...collections.values()],
    async *read(collection) {
      open()
      const declared = checkCollection(collections, collection)
      await ready()
      for await (const rows of inner.read(declared)) {
        if (rows.length > 0) yield rows
        open()
      }
    },
    async write(collection, rows) {
      open()
      const declared = checkCollection(collections, collection)
      const checked = checkChanges(collections, changesOf(collection, rows))
      if (checked.length === 0) return
      await ready()
      await inner.write(declared, checked)
    },
    async tenants() {
      open()
      await ready()
      return inner.tenants()
    },
  }
}

/** What is no list is handed on, to be refused as it is of a commit. */
const changesOf = (collection: string, rows: unknown): readonly Change[] =>
  Array.isArray(rows) ? Array.from(rows, (row) => changeOf(collection, row)) : (rows as readonly Change[])

/** The change that makes a row. */
function changeOf(collection: string, row: BulkRow | null | undefined): Change {
  const { key, value, entry } = Object(row) as BulkRow
  const ref = { collection, key }
  if (entry === undefined) return { put: ref, value, expect: 'absent' }
  const { sequence, id } = Object(entry) as NonNullable<BulkRow['entry']>
  return { append: ref, id, value, expect: sequence }
}
