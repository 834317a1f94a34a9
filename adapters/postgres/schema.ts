/**
 * The tables, and how they come to be.
 *
 * A collection of records is a table of its own name: key, version, value as `jsonb`, and a generated column for the
 * tenant and for each indexed field. Being generated, they hold what the value holds, whoever wrote it and with
 * whichever version of the code; a new index is filled by making it. `jsonb` loses nothing that RFC 8785 tells apart:
 * numbers are kept as exact decimals, member names are unique, and NUL is refused before. A stream is a table of
 * entries with two unique constraints, (key, sequence) and (key, id), beside a table of heads with one row a stream:
 * the row that appends to it wait for. Names that begin with `_` are the adapter's own.
 *
 * Keys and indexed fields are `COLLATE "C"`: the order of UTF-8 bytes, on every machine. All names come from an
 * allow-list and are quoted.
 *
 * A migration is planned from the catalogue. It is applied in one transaction under an advisory lock, which plans
 * anew: what another process has done meanwhile is not done again. Nothing is ever dropped.
 */

import { InvalidInput, StoreFailure } from '../../src/errors.ts'
import type { Collection, Migration, Store } from '../../src/store.ts'
import { checkLayout, checkRead, layout } from '../migration.ts'
import type { Connection, Query } from './connection.ts'

type Step = Migration['steps'][number]

/** The names of a schema, quoted. */
export interface Names {
  readonly schema: string
  readonly versions: string
  readonly visits: string
  readonly layout: string
  table(collection: string): string
  heads(collection: string): string
}

/** @throws InvalidInput `input.invalid` for a name that is not allowed */
export function names(schema: unknown): Names {
  if (typeof schema !== 'string' || !/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || schema.startsWith('pg_')) {
    throw new InvalidInput(
      'input.invalid',
      'schema must be [a-z_][a-z0-9_]{0,62} and no name of PostgreSQL',
      {
        path: 'schema',
      },
    )
  }
  const within = (name: string): string => `"${schema}"."${name}"`
  return {
    schema,
    versions: within('_versions'),
    visits: within('_visits'),
    layout: within('_layout'),
    table: within,
    heads: (collection) => within(`_heads_${collection}`),
  }
}

/** The generated column of an indexed field, quoted. */
export const column = (field: string): string => `"x_${field}"`

/** What the catalogue holds of the schema: names of relations, and of columns as `table.column`. */
async function catalogue(query: Query, schema: string): Promise<ReadonlySet<string>> {
  const rows = await query(
    `SELECT c.relname AS name, c.relkind = 'r' AS is_table, a.attname AS "column"
     FROM pg_namespace n
     JOIN pg_class c ON c.relnamespace = n.oid
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
     WHERE n.nspname = $1`,
    [schema],
  )
  const found = new Set<string>()
  for (const row of rows) {
    found.add(String(row['name']))
    if (row['is_table'] === true) found.add(`${row['name']}.${row['column']}`)
  }
  return found
}

const says = (text: string, statement: string): Step => ({ says: text, statement })

function recordSteps(collection: Collection, name: Names, there: ReadonlySet<string>): Step[] {
  const steps: Step[] = []
  const table = name.table(collection.name)
  if (!there.has(collection.name)) {
    steps.push(
      says(
        `Make a table for ${collection.name}.`,
        `CREATE TABLE ${table} (key text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, value jsonb NOT NULL, tenant text COLLATE "C" NOT NULL GENERATED ALWAYS AS (split_part(key, '/', 1)) STORED)`,
      ),
    )
  }
  for (const field of new Set(Object.values(collection.indexes).flat())) {
    if (there.has(`${collection.name}.x_${field}`)) continue
    const text = `value ->> '${field}'`
    const short = `jsonb_typeof(value -> '${field}') = 'string' AND octet_length(${text}) <= 512`
    steps.push(
      says(
        `Add a column to ${collection.name} that holds its field ${field}; this rewrites the table.`,
        `ALTER TABLE ${table} ADD COLUMN ${column(field)} text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN ${short} THEN ${text} END) STORED`,
      ),
    )
  }
  for (const fields of Object.values(collection.indexes)) {
    const index = indexName(collection.name, fields)
    if (there.has(index) || steps.some((step) => step.statement.includes(`"${index}"`))) continue
    const columns = fields.map(column)
    const all = columns.map((each) => `${each} IS NOT NULL`).join(' AND ')
    steps.push(
      says(
        `Make an index of ${collection.name} by ${fields.join(', ')}.`,
        `CREATE INDEX "${index}" ON ${table} (tenant, ${columns.join(', ')}, key) WHERE ${all}`,
      ),
    )
  }
  return steps
}

/** An index is known by what it orders by. PostgreSQL cuts names at 63 bytes: a longer one ends in a digest. */
export function indexName(collection: string, fields: readonly string[]): string {
  const name = [collection, ...fields].join('$')
  if (name.length <= 63) return name
  let digest = 0x811c9dc5 // FNV-1a
  for (let i = 0; i < name.length; i++) digest = Math.imul(digest ^ name.charCodeAt(i), 0x01000193)
  return `${name.slice(0, 54)}$${(digest >>> 0).toString(16).padStart(8, '0')}`
}

function streamSteps(collection: Collection, name: Names, there: ReadonlySet<string>): Step[] {
  if (there.has(collection.name)) return []
  return [
    says(
      `Make a table for the entries of ${collection.name}.`,
      `CREATE TABLE ${name.table(collection.name)} (key text COLLATE "C" NOT NULL, sequence bigint NOT NULL, id text COLLATE "C" NOT NULL, value jsonb NOT NULL, PRIMARY KEY (key, sequence), UNIQUE (key, id))`,
    ),
    says(
      `Make a table for the heads of ${collection.name}.`,
      `CREATE TABLE ${name.heads(collection.name)} (key text COLLATE "C" PRIMARY KEY, last bigint NOT NULL)`,
    ),
  ]
}

function ownSteps(name: Names, there: ReadonlySet<string>): Step[] {
  if (there.has('_layout')) return []
  return [
    says('Make the schema.', `CREATE SCHEMA IF NOT EXISTS "${name.schema}"`),
    says('Make the sequence that versions come from.', `CREATE SEQUENCE ${name.versions} AS bigint`),
    says(
      'Make a table for the visit log.',
      `CREATE TABLE ${name.visits} (tenant text COLLATE "C" NOT NULL, at text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, ip text, host text, source text, PRIMARY KEY (tenant, at, id))`,
    ),
    says(
      'Make an index of the visit log by session.',
      `CREATE INDEX "_visits$session" ON ${name.visits} (tenant, session, at, id)`,
    ),
    says(
      'Make a table for the number of this layout.',
      `CREATE TABLE ${name.layout} (layout integer NOT NULL)`,
    ),
    says('Note the number of this layout.', `INSERT INTO ${name.layout} VALUES (${layout})`),
  ]
}

async function plan(
  query: Query,
  name: Names,
  collections: ReadonlyMap<string, Collection>,
): Promise<Migration> {
  await checkServer(query)
  const there = await catalogue(query, name.schema)
  const [row] = there.has('_layout') ? await query(`SELECT max(layout) AS layout FROM ${name.layout}`) : []
  const from = Number(row?.['layout'] ?? 0)
  checkLayout(from)
  const steps = ownSteps(name, there)
  for (const collection of collections.values()) {
    const make = collection.kind === 'records' ? recordSteps : streamSteps
    steps.push(...make(collection, name, there))
  }
  return { from, to: layout, steps }
}

async function checkServer(query: Query): Promise<void> {
  const [row] = await query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
  )
  if (Number(row?.['version']) < 120_000 || row?.['encoding'] !== 'UTF8') {
    throw new StoreFailure('store.unsupported', 'PostgreSQL 12 or later with the encoding UTF8 is needed')
  }
}

/** Plans and applies the migrations of a schema. */
export function migrations(
  connection: Connection,
  name: Names,
  collections: ReadonlyMap<string, Collection>,
): Store['migrate'] {
  return {
    plan: () => plan(connection.read, name, collections),
    apply: (migration) =>
      connection.transaction(async (query) => {
        await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`migrate ${name.schema}`])
        const left = await plan(query, name, collections)
        checkRead(migration, left)
        for (const step of left.steps) await query(step.statement)
        return { done: undefined }
      }),
  }
}
