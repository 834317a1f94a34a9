/**
 * What lies in MongoDB. A record is `{ _id: key, tenant, version, x, json }`; an entry of a stream is
 * `{ _id, key, sequence, id, json }`; the head of a stream is `{ _id: key, last, changes }`.
 *
 * A value is kept as JSON text, not as a document: BSON tells `1` from `1.0`, reads `$` and dots in names as operators
 * and paths, and turns an object with a member `_bsontype` into a type of its own; text comes back as it went in.
 * What an index can order by stands beside the text in `x`: the top-level members that are strings of at most 512
 * bytes with a name that a field may have. They are taken out of the text, so that nothing is kept twice, and they
 * are there whichever indexes a writer knows of; an array never gets into an index that way.
 *
 * A version begins at a random number of 48 bits and grows by one: a record made anew gets, for all that can happen,
 * none that the key had before, and no counter is needed that all writers would queue for.
 */

import { systemEnvironment } from '../../src/environment.ts'
import type { JsonValue, Versioned } from '../../src/store.ts'
import { utf8Length } from '../../src/values/text.ts'
import { isFieldName } from '../declared.ts'
import type { Doc } from './driver.ts'

/** The parts of a document that carry a value. */
export interface Carried {
  readonly x: Readonly<Record<string, string>>
  readonly json: string
}

/** Takes out of a value what an index can order by. */
export function carry(json: string): Carried {
  const value = JSON.parse(json) as JsonValue
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { x: {}, json }
  const members = Object.entries(value)
  const x = members.filter((member): member is [string, string] => isIndexable(member))
  if (x.length === 0) return { x: {}, json }
  const rest = members.filter((member) => !isIndexable(member))
  return { x: Object.fromEntries(x), json: JSON.stringify(Object.fromEntries(rest)) }
}

const isIndexable = ([name, member]: readonly [string, JsonValue]): boolean =>
  typeof member === 'string' && isFieldName(name) && member.length <= 512 && utf8Length(member) <= 512

/** Puts a value together again. */
export function carried(doc: Doc): JsonValue {
  const rest = JSON.parse(String(doc['json'])) as JsonValue
  const x = Object(doc['x']) as Record<string, string>
  return Object.keys(x).length === 0 ? rest : { ...(rest as Record<string, JsonValue>), ...x }
}

export const recordOf = (doc: Doc): Versioned => ({
  key: String(doc['_id']),
  version: Number(doc['version']),
  value: carried(doc),
})

export const entryOf = (doc: Doc): Versioned => ({
  key: String(doc['key']),
  version: Number(doc['sequence']),
  value: carried(doc),
})

/** About how large a value is, without putting it together. */
export const charactersOf = (doc: Doc): number =>
  Object.values(Object(doc['x']) as Record<string, string>).reduce(
    (sum, each) => sum + each.length,
    String(doc['json']).length,
  )

/** The `_id` of an entry: one for each id in each stream. The length tells where the key ends. */
export const entryId = (key: string, id: string): string => `${key.length}:${key}${id}`

/** The version of a record that is made. */
export const firstVersion = (): number =>
  systemEnvironment.random(6).reduce((version, byte) => version * 256 + byte, 0) + 1
