/**
 * What an erasure had to keep, as it is written down: one record for each row, with the fields, their exemptions and
 * their dates. Once written it is what holds: a run that goes on, its read-back, its receipt and the sweep go by what
 * stands here, and not by the policy of the day on which they happen.
 */

import { collections } from '../collections.ts'
import { parseStored } from '../parsing.ts'
import type { KeptField } from '../retention/model.ts'
import type { Row } from '../source.ts'
import type { Change, JsonValue, Ref, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { type KeptRow, keptRowParser } from './model.ts'
import type { RequestParts } from './record.ts'

export const keptCollection = collections.kept.name

/** Which row of which source a request keeps something of. */
export type KeptPlace = Pick<KeptRow, 'request' | 'source' | 'row'>

type Parts = Pick<RequestParts, 'tenant' | 'store'>

export const keptRef = ({ tenant }: Parts, { request, source, row }: KeptPlace): Ref => ({
  collection: keptCollection,
  key: key(tenant, request, source, row),
})

/** @throws IntegrityFailure `record.corrupt` */
export const keptRow = ({ key: at, value }: Versioned): KeptRow => parseStored(keptRowParser, value, at)

/** Everything a request keeps. */
export async function* keptRows({ store, tenant }: Parts, request: string): AsyncIterable<KeptRow> {
  for await (const found of store.scan(keptCollection, { prefix: `${key(tenant, request)}/` })) {
    yield keptRow(found)
  }
}

/** The categories under which a request keeps something, in all rows or in all but one. */
export async function keptCategories(parts: Parts, request: string, but?: KeptPlace): Promise<Set<string>> {
  const categories = new Set<string>()
  for await (const { source, row, fields } of keptRows(parts, request)) {
    if (source === but?.source && row === but.row) continue
    for (const { category } of fields) categories.add(category)
  }
  return categories
}

/** What is written down of these rows of a source, in their order. */
export async function keptOf(
  parts: Parts,
  { request, source, rows }: { request: string; source: string; rows: readonly Row[] },
): Promise<(Versioned | null)[]> {
  const places = rows.map(({ id }) => keptRef(parts, { request, source, row: id }).key)
  return places.length > 0 ? parts.store.get(keptCollection, places) : []
}

/** The change that writes down what is kept of a row; of nothing, that it is no longer kept. */
export function putKept(
  parts: Parts,
  { found, row }: { found: Versioned | null; row: Omit<KeptRow, 'until'> },
): Change {
  const ref = keptRef(parts, row)
  const [until] = row.fields.map((field) => field.until).sort()
  if (until === undefined) return { remove: ref, expect: found?.version ?? 1 }
  const value = { ...row, until } satisfies KeptRow as unknown as JsonValue
  return { put: ref, value, expect: found?.version ?? 'absent' }
}

/** What is to be kept of a row: what was written down, and what is found to be exempt besides. */
export function joined(written: readonly KeptField[], judged: readonly KeptField[]): readonly KeptField[] {
  const names = new Set(written.map(({ field }) => field))
  const more = judged.filter(({ field }) => !names.has(field))
  return more.length > 0 ? [...written, ...more] : written
}
