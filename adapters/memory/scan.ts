/**
 * Walks over what a memory store keeps, a page at a time. Between pages the world may change: each record is looked
 * up anew when its turn comes, and left out where it has gone or no longer stands at this place.
 */

import type { Range, Versioned } from '../../src/store.ts'
import { indexed } from '../../src/values/collection.ts'
import { versioned } from '../../src/values/json.ts'
import { compareBytes } from '../../src/values/text.ts'
import { prefixEnd } from '../declared.ts'
import { compareLists, type MemoryIndex, type MemoryRecords, type MemoryStream } from './backing.ts'

const pageSize = 128
type Of<Name extends string> = Extract<Range, Readonly<Record<Name, unknown>>>

/** Records by key. */
export function* byKey(records: MemoryRecords, range: Of<'prefix'>): Generator<Versioned> {
  const end = prefixEnd(range.prefix)
  let seen = range.after
  let start = seen !== undefined && compareBytes(seen, range.prefix) > 0 ? seen : range.prefix
  for (;;) {
    const page = records.keys.page(start, { limit: pageSize, seen })
    for (const key of page) {
      if (compareBytes(key, end) >= 0) return
      const row = records.rows.get(key)
      if (row !== undefined) yield versioned(key, row.version, row.json)
    }
    const last = page.at(-1)
    if (last === undefined) return
    seen = last
    start = last
  }
}

/** Records in the order of an index. */
export function* byIndex(
  records: MemoryRecords,
  index: MemoryIndex,
  range: Of<'index'>,
): Generator<Versioned> {
  const fixed = [range.tenant, ...(range.equals ?? [])]
  const low = range.from === undefined ? fixed : [...fixed, range.from]
  const place = range.after && indexed(range.after.value, index.fields)
  let seen: readonly string[] | undefined =
    place && range.after ? [range.tenant, ...place, range.after.key] : undefined
  let start: readonly string[] = seen !== undefined && compareLists(seen, low) > 0 ? seen : low
  for (;;) {
    const page = index.entries.page(start, { limit: pageSize, seen })
    for (const entry of page) {
      if (!inside(entry, fixed, range.before)) return
      const found = current(records, index, entry)
      if (found !== null) yield found
    }
    const last = page.at(-1)
    if (last === undefined) return
    seen = last
    start = last
  }
}

const inside = (entry: readonly string[], fixed: readonly string[], before: string | undefined): boolean =>
  fixed.every((each, i) => entry[i] === each) &&
  (before === undefined || compareBytes(String(entry[fixed.length]), before) < 0)

function current(records: MemoryRecords, index: MemoryIndex, entry: readonly string[]): Versioned | null {
  const key = String(entry.at(-1))
  const row = records.rows.get(key)
  if (row === undefined) return null
  const found = versioned(key, row.version, row.json)
  const place = indexed(found.value, index.fields)
  return place?.every((each, i) => each === entry[i + 1]) ? found : null
}

/** The entries of a stream; `find` looks the stream up anew, since it can be dropped and begun again. */
export function* bySequence(find: () => MemoryStream | undefined, range: Of<'stream'>): Generator<Versioned> {
  for (let after = range.after ?? 0; ; ) {
    const entries = find()?.entries
    const first = entries?.[0]?.sequence
    if (entries === undefined || first === undefined) return
    const entry = entries[Math.max(0, after + 1 - first)]
    if (entry === undefined) return
    yield versioned(range.stream, entry.sequence, entry.json)
    after = entry.sequence
  }
}
