/**
 * Changes to records. One change is one statement whose condition is the expectation: at READ COMMITTED PostgreSQL
 * waits for whoever holds the row and then holds the condition against what that one left, so that of several
 * writers one finds its row. Several changes to one collection lock their rows first, in key order, which lets no
 * two commits wait for each other; then they are judged, and written by one statement each for removals, replacements
 * and new records.
 */

import { judge, nothing, type Placed } from '../expectations.ts'
import type { Query } from './driver.ts'
import type { Names } from './schema.ts'

/** What became of a group of changes: they hold, one does not, or somebody came between and it has to begin anew. */
export type Outcome = { readonly failed: Placed | null } | { readonly raced: true }

/** Commits a change by itself; says whether its expectation held. */
export async function changeRecord(query: Query, name: Names, placed: Placed): Promise<boolean> {
  const { change, collection, key, json } = placed
  const table = name.table(collection.name)
  if (json === null) {
    const text = `DELETE FROM ${table} WHERE key = $1 AND version = $2 RETURNING key`
    return (await query(text, [key, change.expect])).length === 1
  }
  if (change.expect === 'absent') {
    const text = `INSERT INTO ${table} (key, version, value) VALUES ($1, nextval('${name.versions}'), $2::jsonb)
      ON CONFLICT (key) DO NOTHING RETURNING key`
    return (await query(text, [key, json])).length === 1
  }
  const text = `UPDATE ${table} SET version = nextval('${name.versions}'), value = $3::jsonb
    WHERE key = $1 AND version = $2 RETURNING key`
  return (await query(text, [key, change.expect, json])).length === 1
}

/** Several changes to one collection, within a transaction. */
export async function changeRecords(
  query: Query,
  name: Names,
  changes: readonly [Placed, ...Placed[]],
): Promise<Outcome> {
  const table = name.table(changes[0].collection.name)
  const locked = await query(
    `SELECT key, version FROM ${table} WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE`,
    [changes.map((each) => each.key)],
  )
  const versions = new Map(locked.map((row) => [String(row['key']), Number(row['version'])]))
  const { failed } = judge(changes, { ...nothing, version: (_, key) => versions.get(key) })
  if (failed !== null) return { failed }
  await remove(query, table, changes)
  await replace(query, name, changes)
  return (await make(query, name, changes)) ? { failed: null } : { raced: true }
}

async function remove(query: Query, table: string, changes: readonly Placed[]): Promise<void> {
  const keys = changes.flatMap((each) => (each.json === null ? [each.key] : []))
  if (keys.length > 0) await query(`DELETE FROM ${table} WHERE key = ANY($1::text[])`, [keys])
}

const values = (changes: readonly Placed[]): unknown[] => [
  changes.map((each) => each.key),
  changes.map((each) => each.json),
]

async function replace(query: Query, name: Names, changes: readonly Placed[]): Promise<void> {
  const replaced = changes.filter((each) => each.json !== null && each.change.expect !== 'absent')
  const [first] = replaced
  if (first === undefined) return
  await query(
    `UPDATE ${name.table(first.collection.name)} AS there
     SET version = nextval('${name.versions}'), value = given.value::jsonb
     FROM unnest($1::text[], $2::text[]) AS given (key, value) WHERE there.key = given.key`,
    values(replaced),
  )
}

/** Says whether all were made; one that somebody else made meanwhile is not. */
async function make(query: Query, name: Names, changes: readonly Placed[]): Promise<boolean> {
  const made = changes.filter((each) => each.change.expect === 'absent')
  const [first] = made
  if (first === undefined) return true
  const rows = await query(
    `INSERT INTO ${name.table(first.collection.name)} (key, version, value)
     SELECT key, nextval('${name.versions}'), value::jsonb FROM unnest($1::text[], $2::text[]) AS given (key, value)
     ORDER BY key COLLATE "C" ON CONFLICT (key) DO NOTHING RETURNING key`,
    values(made),
  )
  return rows.length === made.length
}
