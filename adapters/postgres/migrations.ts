/**
 * How the tables come to be. A migration is planned from the catalogue. It is applied in one transaction under an
 * advisory lock, which plans anew: what another process has done meanwhile is not done again. No data are dropped:
 * what a step replaces was moved by the step before it.
 *
 * Layouts: 1, the visit log as one table; 2, by days.
 */

import type { Collection, Migration, Store } from '../../src/store.ts'
import { checkRead, layoutReady, newerLayout, type Ready } from '../migration.ts'
import type { Connection } from './connection.ts'
import { dayStatements } from './days.ts'
import type { Query } from './driver.ts'
import { catalogue, type Names, recordSteps, type Step, says, streamSteps } from './schema.ts'

const layout = 2

/** What migrations are about. */
export interface Migrated {
  readonly name: Names
  readonly collections: ReadonlyMap<string, Collection>
  /** What whoever runs this store should know. */
  readonly notes?: readonly string[]
}

/** Plans and applies the migrations of a schema. */
export function migrations(connection: Connection, of: Migrated): Store['migrate'] {
  return {
    plan: () => plan(connection.read, of),
    apply: (migration) =>
      connection.transaction(async (query) => {
        await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`migrate ${of.name.schema}`])
        const left = await plan(query, of)
        checkRead(migration, left)
        for (const step of left.steps) await query(step.statement)
        return { done: undefined }
      }),
  }
}

/** That the tables are those that this version knows. */
export const tablesReady = ({ read }: Pick<Connection, 'read'>, name: Names): Ready =>
  layoutReady(async () => {
    const [row] = await read(`SELECT max(layout) AS layout FROM ${name.layout}`)
    return Number(row?.['layout'] ?? 0)
  }, layout)

async function plan(query: Query, { name, collections, notes }: Migrated): Promise<Migration> {
  const there = await catalogue(query, name.schema)
  const from = await layoutOf(query, name, there)
  const newer = newerLayout(from, layout)
  const steps = newer.length > 0 ? [] : stepsFrom(from, { name, collections, there })
  const blocked = [...newer, ...(await obstacles(query, name, steps))]
  return { from, to: layout, steps, blocked, ...(notes && { notes }) }
}

async function layoutOf(query: Query, name: Names, there: ReadonlySet<string>): Promise<number> {
  const [row] = there.has('_layout') ? await query(`SELECT max(layout) AS layout FROM ${name.layout}`) : []
  return Number(row?.['layout'] ?? 0)
}

function stepsFrom(from: number, of: Migrated & { readonly there: ReadonlySet<string> }): Step[] {
  const { name, collections, there } = of
  const steps = from === 0 ? firstSteps(name) : from === 1 ? daySteps(name) : []
  for (const collection of collections.values()) {
    const make = collection.kind === 'records' ? recordSteps : streamSteps
    steps.push(...make(collection, name, there))
  }
  return steps
}

const firstSteps = (name: Names): Step[] => [
  says('Make the schema.', `CREATE SCHEMA IF NOT EXISTS "${name.schema}"`),
  says('Make the sequence that versions come from.', `CREATE SEQUENCE ${name.versions} AS bigint`),
  ...visitSteps(name),
  says(
    'Make a table for the number of this layout.',
    `CREATE TABLE ${name.layout} (layout integer NOT NULL)`,
  ),
  says('Note the number of this layout.', `INSERT INTO ${name.layout} VALUES (${layout})`),
]

const visitSteps = (name: Names): Step[] => [
  says(
    'Make a table for the visit log, by days.',
    `CREATE TABLE ${name.visits} (tenant text COLLATE "C" NOT NULL, at text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, ip text, host text, source text, PRIMARY KEY (tenant, at, id)) PARTITION BY RANGE (at)`,
  ),
  says(
    'Make an index of the visit log by session.',
    `CREATE INDEX "_visits$session" ON ${name.visits} (tenant, session, at, id)`,
  ),
]

/** From the visit log in one table to the same by days. */
function daySteps(name: Names): Step[] {
  const old = name.table('_visits_before')
  // A day's statements with a mark for the day, which the database fills in; the mark needs no quoting.
  const mark = '0000-00-00'
  const named = `replace(day, '-', '_')`
  const make = dayStatements(name, mark).map((statement) => {
    const text = `'${statement.replaceAll("'", "''")}'`
    return `EXECUTE replace(replace(${text}, '${mark}', day), '${mark.replaceAll('-', '_')}', ${named});`
  })
  return [
    says('Put the visit log aside.', `ALTER TABLE ${name.visits} RENAME TO _visits_before`),
    says('Drop its index by session.', `DROP INDEX ${name.table('_visits$session')}`),
    ...visitSteps(name),
    says(
      'Make a table for each day that has visits.',
      `DO $$ DECLARE day text; BEGIN FOR day IN SELECT DISTINCT left(at, 10) FROM ${old} LOOP ${make.join(' ')} END LOOP; END $$`,
    ),
    says(
      'Move the visits there.',
      `INSERT INTO ${name.visits} (tenant, at, id, session, ip, host, source) SELECT tenant, at, id, session, ip, host, source FROM ${old}`,
    ),
    says('Drop the table they were moved from.', `DROP TABLE ${old}`),
    says('Note the number of this layout.', `UPDATE ${name.layout} SET layout = ${layout}`),
  ]
}

/** What stands in the way of these steps, in words. */
async function obstacles(query: Query, name: Names, steps: readonly Step[]): Promise<string[]> {
  const [row] = await query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
       CASE WHEN to_regnamespace($1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
            ELSE has_schema_privilege($1::text, 'CREATE') END AS may`,
    [name.schema],
  )
  const found: string[] = []
  if (Number(row?.['version']) < 120_000) found.push('PostgreSQL 12 or later is needed')
  if (row?.['encoding'] !== 'UTF8') found.push('the database has another encoding than UTF8')
  if (steps.length > 0 && row?.['may'] !== 't') {
    found.push(`the user may not create anything in schema ${name.schema}: the privilege CREATE is needed`)
  }
  return found
}
