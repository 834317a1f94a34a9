/**
 * All that a PostgreSQL store keeps, in the order in which stores are copied: pages of the primary keys, each a
 * statement of its own. A batch is written by one statement, and a stream's head with its entries, so that no
 * interruption leaves a stream whose end is not known.
 */

import type { BulkRow, Collection, JsonValue } from '../../src/store.ts'
import type { CheckedChange } from '../../src/values/change.ts'
import type { InnerBulk } from '../bulk.ts'
import { pages } from '../paging.ts'
import type { Connection } from './connection.ts'
import type { Row } from './driver.ts'
import type { Names } from './schema.ts'

/** Few enough that they are gone before the collector takes them for what stays. */
const batchSize = 50

/** A row as it was read, and the length of its value's JSON text. */
interface Found {
  readonly row: BulkRow
  readonly size: number
}

/** Copying from and into the tables. */
export const postgresBulk = (connection: Connection, name: Names): InnerBulk => ({
  read: (collection) => read(connection, name, collection),
  async write(collection, rows) {
    const text = collection.kind === 'records' ? recordsInto(name, collection) : entriesInto(name, collection)
    const columns = collection.kind === 'records' ? recordColumns(rows) : entryColumns(rows)
    await connection.write(text, columns)
  },
  async tenants() {
    return (await connection.read(tenantsOf(name.visits))).map((row) => String(row['tenant']))
  },
})

async function* read(connection: Connection, name: Names, collection: Collection): AsyncGenerator<BulkRow[]> {
  const table = name.table(collection.name)
  const text =
    collection.kind === 'records'
      ? `SELECT key, value AS json FROM ${table} WHERE key > $1 ORDER BY key LIMIT $2`
      : `SELECT key, sequence, id, value AS json FROM ${table}
         WHERE (key, sequence) > ($1, $2) ORDER BY key, sequence LIMIT $3`
  const found = pages<Found>({
    largest: batchSize,
    characters: ({ size }) => size,
    async page(size, last) {
      const { key = '', entry } = last?.row ?? {}
      const place = collection.kind === 'records' ? [key, size] : [key, entry?.sequence ?? 0, size]
      return (await connection.read(text, place)).map(rowOf)
    },
  })
  for await (const page of found) yield page.map(({ row }) => row)
}

function rowOf(found: Row): Found {
  const json = String(found['json'])
  const row = { key: String(found['key']), value: JSON.parse(json) as JsonValue }
  if (found['id'] === undefined) return { row, size: json.length }
  const entry = { sequence: Number(found['sequence']), id: String(found['id']) }
  return { row: { ...row, entry }, size: json.length }
}

const recordsInto = (name: Names, { name: collection }: Collection): string =>
  `INSERT INTO ${name.table(collection)} (key, version, value)
   SELECT key, nextval('${name.versions}'), value::jsonb FROM unnest($1::text[], $2::text[]) AS given (key, value)
   ORDER BY key COLLATE "C" ON CONFLICT DO NOTHING`

const recordColumns = (rows: readonly CheckedChange[]): unknown[] => [
  rows.map((each) => each.key),
  rows.map((each) => each.json),
]

const entriesInto = (name: Names, { name: collection }: Collection): string =>
  `WITH given AS (
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS given (key, value, sequence, id)
   ), heads AS (
     INSERT INTO ${name.heads(collection)} AS head (key, last)
     SELECT key, max(sequence) FROM given GROUP BY key ORDER BY key COLLATE "C"
     ON CONFLICT (key) DO UPDATE SET last = greatest(head.last, excluded.last)
   )
   INSERT INTO ${name.table(collection)} (key, sequence, id, value)
   SELECT key, sequence, id, value::jsonb FROM given ON CONFLICT DO NOTHING`

const entryColumns = (rows: readonly CheckedChange[]): unknown[] => [
  ...recordColumns(rows),
  rows.map((each) => each.change.expect),
  rows.map(({ change }) => ('append' in change ? change.id : '')),
]

/** Each tenant is looked for behind the one before, so that it costs what there are tenants, not visits. */
const tenantsOf = (visits: string): string =>
  `WITH RECURSIVE found AS (
     (SELECT tenant FROM ${visits} ORDER BY tenant LIMIT 1)
     UNION ALL
     SELECT (SELECT next.tenant FROM ${visits} AS next WHERE next.tenant > found.tenant ORDER BY tenant LIMIT 1)
     FROM found WHERE found.tenant IS NOT NULL
   ) SELECT tenant FROM found WHERE tenant IS NOT NULL`
