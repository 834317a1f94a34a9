/**
 * Reading: by key, and in order, page by page. Each page is a statement of its own that begins behind the last record
 * of the page before (keyset paging), so that no scan holds a transaction open and none loses its place when rows
 * come or go.
 */

import type { Collection, Range, Versioned } from '../../src/store.ts'
import { indexed } from '../../src/values/collection.ts'
import { versioned } from '../../src/values/json.ts'
import { compareBytes } from '../../src/values/text.ts'
import { prefixEnd } from '../declared.ts'
import { pages } from '../paging.ts'
import type { Connection } from './connection.ts'
import type { Row } from './driver.ts'
import { column, type Names } from './schema.ts'

type Of<Name extends string> = Extract<Range, Readonly<Record<Name, unknown>>>

const found = (row: Row): Versioned =>
  versioned(String(row['key']), Number(row['version']), String(row['json']))

/** Values in the order of the keys. */
export async function get(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly keys: readonly string[] },
): Promise<(Versioned | null)[]> {
  if (of.keys.length === 0) return []
  const table = name.table(of.collection.name)
  const text =
    of.collection.kind === 'records'
      ? `SELECT key, version, value AS json FROM ${table} WHERE key = ANY($1::text[])`
      : `SELECT key, sequence AS version, value AS json
         FROM ${name.heads(of.collection.name)} AS head JOIN ${table} AS entry USING (key)
         WHERE key = ANY($1::text[]) AND entry.sequence = head.last`
  const rows = await connection.read(text, [of.keys])
  const byKey = new Map(rows.map((row) => [String(row['key']), row]))
  return of.keys.map((key) => {
    const row = byKey.get(key)
    return row === undefined ? null : found(row)
  })
}

/** The records or entries of a range, in order, page by page. */
export function scan(
  connection: Connection,
  name: Names,
  of: { readonly collection: Collection; readonly range: Range },
): AsyncGenerator<Versioned[]> {
  const statement = statementOf(name, of.collection, of.range)
  let characters = 0
  return pages<Versioned>({
    limit: of.range.limit,
    characters: () => characters,
    async page(size, last) {
      const { text, values } = statement(last, size)
      const rows = await connection.read(text, values)
      // What one holds on the average: a page is sized by all of them.
      characters = rows.reduce((sum, row) => sum + String(row['json']).length, 0) / rows.length
      return rows.map(found)
    },
  })
}

type Statement = (last: Versioned | undefined, size: number) => { text: string; values: unknown[] }

function statementOf(name: Names, collection: Collection, range: Range): Statement {
  const table = name.table(collection.name)
  if ('stream' in range) return bySequence(table, range)
  if ('prefix' in range) return byKey(table, range)
  return byIndex(table, collection.indexes[range.index] ?? [], range)
}

const byKey =
  (table: string, range: Of<'prefix'>): Statement =>
  (last, size) => {
    const after = last?.key ?? range.after
    // One lower bound: with two, the planner takes the range for narrower than it is.
    const behind = after !== undefined && compareBytes(after, range.prefix) >= 0
    return {
      text: `SELECT key, version, value AS json FROM ${table}
        WHERE key ${behind ? '>' : '>='} $1 AND key < $2 ORDER BY key LIMIT $3`,
      values: [behind ? after : range.prefix, prefixEnd(range.prefix), size],
    }
  }

const bySequence =
  (table: string, range: Of<'stream'>): Statement =>
  (last, size) => ({
    text: `SELECT key, sequence AS version, value AS json FROM ${table}
      WHERE key = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    values: [range.stream, last?.version ?? range.after ?? 0, size],
  })

const byIndex =
  (table: string, fields: readonly string[], range: Of<'index'>): Statement =>
  (last, size) => {
    const columns = fields.map(column)
    const values: unknown[] = []
    const given = (value: unknown): string => `$${values.push(value)}`
    // The index holds only records that have all fields; saying so lets PostgreSQL use it.
    const holds = [`tenant = ${given(range.tenant)}`, ...columns.map((each) => `${each} IS NOT NULL`)]
    const equals = range.equals ?? []
    equals.forEach((value, i) => {
      holds.push(`${columns[i]} = ${given(value)}`)
    })
    const open = columns[equals.length]
    if (range.from !== undefined) holds.push(`${open} >= ${given(range.from)}`)
    if (range.before !== undefined) holds.push(`${open} < ${given(range.before)}`)
    const after = last ?? range.after
    if (after !== undefined) {
      const place = [...(indexed(after.value, fields) ?? []), after.key].map(given)
      holds.push(`(${[...columns, 'key'].join(', ')}) > (${place.join(', ')})`)
    }
    const order = [...columns, 'key'].join(', ')
    return {
      text: `SELECT key, version, value AS json FROM ${table}
        WHERE ${holds.join(' AND ')} ORDER BY ${order} LIMIT ${given(size)}`,
      values,
    }
  }
