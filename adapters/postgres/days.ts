/**
 * The days of the visit log: each (UTC) is a partition of its own, made when its first visit comes and dropped whole.
 *
 * A table is made beside the log and attached to it, which takes a lock that neither reads nor writes of the log wait
 * for; CREATE TABLE … PARTITION OF would stop them. Dropping a day does stop them, so that it waits for its turn no
 * longer than a second at a time and tries again. Days are made and dropped under an advisory lock: of many that come
 * to make the same one, the first makes it.
 *
 * The bounds are texts, as the instants are: all of a day begin with its date and `T`, which comes before `U`.
 */

import type { Connection } from './connection.ts'
import type { Query } from './driver.ts'
import type { Names } from './schema.ts'

/** The day of an instant, `YYYY-MM-DD`. */
export const dayOf = (at: string): string => at.slice(0, 10)

/** The days that there are, oldest first. */
export async function days(query: Query, name: Names): Promise<string[]> {
  const rows = await query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::text::regclass ORDER BY c.relname COLLATE "C"`,
    [name.visits],
  )
  return rows.map((row) => String(row['name']).slice('_visits_'.length).replaceAll('_', '-'))
}

const lock = async (query: Query, name: Names): Promise<void> => {
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`days ${name.schema}`])
}

/** The statements that make a day. */
export const dayStatements = (name: Names, day: string): string[] => [
  `CREATE TABLE ${name.day(day)} (LIKE ${name.visits})`,
  `ALTER TABLE ${name.visits} ATTACH PARTITION ${name.day(day)} FOR VALUES FROM ('${day}T') TO ('${day}U')`,
]

/** Makes those of the days that are not there. */
export async function makeDays(
  connection: Connection,
  name: Names,
  wanted: ReadonlySet<string>,
): Promise<void> {
  await connection.transaction(async (query) => {
    await lock(query, name)
    const there = new Set(await days(query, name))
    for (const day of wanted) {
      if (there.has(day)) continue
      for (const statement of dayStatements(name, day)) await query(statement)
    }
    return { done: undefined }
  })
}

/** Drops a day, whatever it holds, and says whether it held visits. */
export function dropDay(connection: Connection, name: Names, day: string): Promise<boolean> {
  return connection.transaction(async (query) => {
    await query(`SET LOCAL lock_timeout = '1s'`)
    await lock(query, name)
    if (!(await days(query, name)).includes(day)) return { done: false }
    // Before it is looked at, so that no visit comes in between and goes unnoticed.
    await query(`LOCK TABLE ${name.day(day)} IN ACCESS EXCLUSIVE MODE`)
    const [row] = await query(`SELECT EXISTS (SELECT FROM ${name.day(day)}) AS some`)
    await query(`DROP TABLE ${name.day(day)}`)
    return { done: row?.['some'] === 't' }
  })
}
