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
 * The visit log is a table by days (days.ts).
 */

import { InvalidInput } from '../../src/errors.ts'
import type { Collection, Migration } from '../../src/store.ts'
import type { Query } from './driver.ts'

export type Step = Migration['steps'][number]

/** The names of a schema, quoted. */
export interface Names {
  readonly schema: string
  readonly versions: string
  readonly visits: string
  readonly layout: string
  /** The partition of a day, `YYYY-MM-DD`. */
  day(day: string): string
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
    day: (day) => within(`_visits_${day.replaceAll('-', '_')}`),
    table: within,
    heads: (collection) => within(`_heads_${collection}`),
  }
}

/** The generated column of an indexed field, quoted. */
export const column = (field: string): string => `"x_${field}"`

/** What the catalogue holds of the schema: names of relations, and of columns as `table.column`. */
export async function catalogue(query: Query, schema: string): Promise<ReadonlySet<string>> {
  const rows = await query(
    `SELECT c.relname AS name, c.relkind = 'r' AS is_table, a.attname AS "column"
     FROM pg_namespace n
     JOIN pg_class c ON c.relnamespace = n.oid
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
     WHERE n.nspname = $1 AND NOT c.relispartition`,
    [schema],
  )
  const found = new Set<string>()
  for (const row of rows) {
    found.add(String(row['name']))
    if (row['is_table'] === 't') found.add(`${row['name']}.${row['column']}`)
  }
  return found
}

/** A step of a migration. */
export const says = (text: string, statement: string): Step => ({ says: text, statement })

/** What a collection of records lacks. */
export function recordSteps(collection: Collection, name: Names, there: ReadonlySet<string>): Step[] {
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

/** What a collection of streams lacks. */
export function streamSteps(collection: Collection, name: Names, there: ReadonlySet<string>): Step[] {
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
