/**
 * Which expectations of a commit hold, given what is stored. One function, so that adapters agree.
 *
 * All expectations speak of the state before the commit, except that appends to one stream follow each other in the
 * caller's order. An append that took place already (same stream, id, sequence number and value) holds and changes
 * nothing; the same id with anything else does not hold. The first that does not hold, in the caller's order, is
 * the one that is named.
 */

import { Conflict } from '../src/errors.ts'
import type { JsonValue } from '../src/store.ts'
import { sameValue } from '../src/values/canonical.ts'
import type { CheckedChange } from '../src/values/change.ts'

/** A change and its place in the caller's list. */
export interface Placed extends CheckedChange {
  readonly place: number
}

/** An entry of a stream as adapters know it. */
export interface Entry {
  readonly sequence: number
  readonly json: string
}

/** What is stored, before the commit. */
export interface Present {
  /** The version of a record, `undefined` where there is none. */
  version(collection: string, key: string): number | undefined
  /** The last sequence number of a stream, 0 where there is none. */
  head(collection: string, key: string): number
  /** The entry of a stream that has this id. */
  entry(collection: string, key: string, id: string): Entry | undefined
}

/** A store in which there is nothing; adapters replace what they look for. */
export const nothing: Present = {
  version: () => undefined,
  head: () => 0,
  entry: () => undefined,
}

/** What was found: the first change that fails, or `null`, and the appends that took place already. */
export interface Verdict {
  readonly failed: Placed | null
  readonly repeated: ReadonlySet<number>
}

/** The changes with their places. */
export const placed = (changes: readonly CheckedChange[]): Placed[] =>
  changes.map((change, place) => ({ ...change, place }))

/** Holds the expectations of `changes`, which are in the caller's order, against what is stored. */
export function judge(changes: readonly Placed[], present: Present): Verdict {
  const repeated = new Set<number>()
  const heads = new Map<string, number>()
  const ids = new Set<string>()
  for (const each of changes) {
    const { change, collection, key } = each
    if ('append' in change) {
      const entry = present.entry(collection.name, key, change.id)
      if (entry !== undefined) {
        if (!isRepeat(each, entry)) return { failed: each, repeated }
        repeated.add(each.place)
        continue
      }
      const stream = `${collection.name} ${key}`
      const head = heads.get(stream) ?? present.head(collection.name, key)
      // Keys and ids hold no NUL, so that this names one entry of one stream.
      const id = `${stream}\0${change.id}`
      if (change.expect !== head + 1 || ids.has(id)) return { failed: each, repeated }
      heads.set(stream, change.expect)
      ids.add(id)
    } else if (!holds(each, present)) return { failed: each, repeated }
  }
  return { failed: null, repeated }
}

function holds({ change, collection, key }: Placed, present: Present): boolean {
  if (collection.kind === 'streams') return present.head(collection.name, key) === change.expect
  const version = present.version(collection.name, key)
  return change.expect === 'absent' ? version === undefined : version === change.expect
}

/** Whether an append is the one that made this entry. */
export const isRepeat = ({ change, json }: CheckedChange, entry: Entry): boolean =>
  change.expect === entry.sequence &&
  sameValue(JSON.parse(String(json)) as JsonValue, JSON.parse(entry.json) as JsonValue)

/** The error that names a change whose expectation did not hold. */
export const conflict = ({ place, key, collection }: Placed): Conflict =>
  new Conflict('conflict.version', `changes[${place}] of ${collection.name} expected another state`, {
    path: `changes[${place}]`,
    record: key,
  })
