/**
 * Changes to streams. Each stream has a row in the table of heads that holds its last sequence number; whoever
 * changes the stream changes that row first, so that changes to one stream come one after another, and a head that
 * is not the expected one is not found. A stream of which everything was dropped has no head, as if it never was.
 */

import { type Entry, isRepeat, judge, nothing, type Placed, type Verdict } from '../expectations.ts'
import type { Query } from './driver.ts'
import type { Outcome } from './records.ts'
import type { Names } from './schema.ts'

/** Commits a change by itself; says whether its expectation held. */
export function changeStream(query: Query, name: Names, placed: Placed): Promise<boolean> {
  return 'append' in placed.change ? append(query, name, placed) : drop(query, name, placed)
}

async function append(query: Query, name: Names, placed: Placed): Promise<boolean> {
  const { change, collection, key, json } = placed
  if (!('append' in change)) return false
  const [table, heads] = [name.table(collection.name), name.heads(collection.name)]
  const head =
    change.expect === 1
      ? `INSERT INTO ${heads} (key, last) VALUES ($1, $2::bigint) ON CONFLICT (key) DO NOTHING RETURNING key`
      : `UPDATE ${heads} SET last = $2::bigint WHERE key = $1 AND last = $2::bigint - 1
         AND NOT EXISTS (SELECT FROM ${table} WHERE key = $1 AND id = $3::text) RETURNING key`
  const rows = await query(
    `WITH head AS (${head})
     INSERT INTO ${table} (key, sequence, id, value)
     SELECT key, $2::bigint, $3::text, $4::jsonb FROM head RETURNING sequence`,
    [key, change.expect, change.id, json],
  )
  if (rows.length === 1) return true
  const [there] = await entries(query, table, [[key, change.id]])
  return there !== undefined && isRepeat(placed, there.entry)
}

async function drop(query: Query, name: Names, placed: Placed): Promise<boolean> {
  const { change, collection, key } = placed
  if (!('remove' in change)) return false
  const heads = name.heads(collection.name)
  const found = `key = $1 AND last = $2 RETURNING key`
  const head =
    change.through === change.expect
      ? `DELETE FROM ${heads} WHERE ${found}`
      : `UPDATE ${heads} SET last = last WHERE ${found}`
  const rows = await query(
    `WITH head AS (${head}),
       gone AS (DELETE FROM ${name.table(collection.name)} AS entry USING head
                WHERE entry.key = head.key AND entry.sequence <= $3)
     SELECT key FROM head`,
    [key, change.expect, change.through],
  )
  return rows.length === 1
}

interface Known {
  readonly key: string
  readonly id: string
  readonly entry: Entry
}

/** The entries that have these ids already. */
async function entries(
  query: Query,
  table: string,
  of: readonly (readonly [string, string])[],
): Promise<Known[]> {
  const rows = await query(
    `SELECT key, id, sequence, value AS json FROM ${table}
     JOIN unnest($1::text[], $2::text[]) AS given (key, id) USING (key, id)`,
    [of.map(([key]) => key), of.map(([, id]) => id)],
  )
  return rows.map((row) => ({
    key: String(row['key']),
    id: String(row['id']),
    entry: { sequence: Number(row['sequence']), json: String(row['json']) },
  }))
}

/** Several changes to the streams of one collection, within a transaction. */
export async function changeStreams(
  query: Query,
  name: Names,
  changes: readonly [Placed, ...Placed[]],
): Promise<Outcome> {
  const collection = changes[0].collection.name
  const locked = await query(
    `SELECT key, last FROM ${name.heads(collection)} WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE`,
    [[...new Set(changes.map((each) => each.key))]],
  )
  const heads = new Map(locked.map((row) => [String(row['key']), Number(row['last'])]))
  const verdict = await judged(query, name.table(collection), { changes, heads })
  if (verdict.failed !== null) return { failed: verdict.failed }
  const fresh = changes.filter((each) => !verdict.repeated.has(each.place))
  if (!(await setHeads(query, name, { collection, changes: fresh, heads }))) return { raced: true }
  await dropEntries(query, name.table(collection), fresh)
  await appendEntries(query, name.table(collection), fresh)
  return { failed: null }
}

async function judged(
  query: Query,
  table: string,
  of: { readonly changes: readonly Placed[]; readonly heads: ReadonlyMap<string, number> },
): Promise<Verdict> {
  const ids = of.changes.flatMap(({ change, key }): (readonly [string, string])[] =>
    'append' in change ? [[key, change.id]] : [],
  )
  const known = new Map<string, Entry>()
  // Keys and ids hold no NUL, so that this names one entry.
  for (const each of await entries(query, table, ids)) known.set(`${each.key}\0${each.id}`, each.entry)
  return judge(of.changes, {
    ...nothing,
    head: (_, key) => of.heads.get(key) ?? 0,
    entry: (_, key, id) => known.get(`${key}\0${id}`),
  })
}

/** Says whether all were set; one that somebody else made meanwhile is not. */
async function setHeads(
  query: Query,
  name: Names,
  to: {
    readonly collection: string
    readonly changes: readonly Placed[]
    readonly heads: ReadonlyMap<string, number>
  },
): Promise<boolean> {
  const after = new Map(to.heads)
  for (const { change, key } of to.changes) if ('append' in change) after.set(key, change.expect)
  for (const { change, key } of to.changes) {
    if ('remove' in change && change.through === after.get(key)) after.delete(key)
  }
  const heads = name.heads(to.collection)
  const gone = [...to.heads.keys()].filter((key) => !after.has(key))
  const made = [...after].filter(([key]) => !to.heads.has(key))
  const moved = [...after].filter(([key, last]) => to.heads.has(key) && to.heads.get(key) !== last)
  const given = `unnest($1::text[], $2::bigint[]) AS given (key, last)`
  const columns = (of: [string, number][]): unknown[] => [of.map(([key]) => key), of.map(([, last]) => last)]
  if (gone.length > 0) await query(`DELETE FROM ${heads} WHERE key = ANY($1::text[])`, [gone])
  if (moved.length > 0) {
    const text = `UPDATE ${heads} AS head SET last = given.last FROM ${given} WHERE head.key = given.key`
    await query(text, columns(moved))
  }
  if (made.length === 0) return true
  const text = `INSERT INTO ${heads} (key, last) SELECT key, last FROM ${given}
    ORDER BY key COLLATE "C" ON CONFLICT (key) DO NOTHING RETURNING key`
  return (await query(text, columns(made))).length === made.length
}

async function dropEntries(query: Query, table: string, changes: readonly Placed[]): Promise<void> {
  const drops = changes.flatMap(({ change, key }): [string, number][] =>
    'remove' in change ? [[key, Number(change.through)]] : [],
  )
  if (drops.length === 0) return
  await query(
    `DELETE FROM ${table} AS entry USING unnest($1::text[], $2::bigint[]) AS given (key, through)
     WHERE entry.key = given.key AND entry.sequence <= given.through`,
    [drops.map(([key]) => key), drops.map(([, through]) => through)],
  )
}

async function appendEntries(query: Query, table: string, changes: readonly Placed[]): Promise<void> {
  const appends = changes.filter((each) => 'append' in each.change)
  if (appends.length === 0) return
  await query(
    `INSERT INTO ${table} (key, sequence, id, value)
     SELECT key, sequence, id, value::jsonb
     FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS given (key, sequence, id, value)`,
    [
      appends.map((each) => each.key),
      appends.map((each) => each.change.expect),
      appends.map(({ change }) => ('append' in change ? change.id : '')),
      appends.map((each) => each.json),
    ],
  )
}
