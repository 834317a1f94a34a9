/**
 * What erasures had to keep of a person, as it is written down: one record for each row, with the fields, their
 * exemptions and their dates, and the requests that kept it. Once written it is what holds: a run that goes on, its
 * read-back, its receipt, a later erasure and the sweep go by what stands here, and not by the policy of the day on
 * which they happen. It is kept by person, because keys and tombstones are the person's, whatever request it was.
 */

import { collections } from '../collections.ts'
import { parseStored } from '../parsing.ts'
import type { KeptField } from '../retention/model.ts'
import type { Row } from '../source.ts'
import type { Change, JsonValue, Ref, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { KeptRow } from './model.ts'
import type { RequestParts } from './record.ts'
import { keptRowParser } from './stored.ts'

export const keptCollection = collections.kept.name

/** Which row of which source, of which person. */
export type KeptPlace = Pick<KeptRow, 'subjectDigest' | 'source' | 'row' | 'aside'>

type Parts = Pick<RequestParts, 'tenant' | 'store'>

export const keptRef = ({ tenant }: Parts, { subjectDigest, source, row, aside }: KeptPlace): Ref => ({
  collection: keptCollection,
  key: key(tenant, subjectDigest, source, row, ...(aside === undefined ? [] : [aside])),
})

/** @throws IntegrityFailure `record.corrupt` */
export const keptRow = ({ key: at, value }: Versioned): KeptRow => parseStored(keptRowParser, value, at)

/** Everything that is kept of a person. */
export async function* keptRows({ store, tenant }: Parts, subjectDigest: string): AsyncIterable<KeptRow> {
  for await (const found of store.scan(keptCollection, { prefix: `${key(tenant, subjectDigest)}/` }))
    yield keptRow(found)
}

/** What is kept of a person beside one row. */
export async function keptBeside(
  parts: Parts,
  { subjectDigest, source, row, aside }: KeptPlace,
): Promise<KeptRow[]> {
  const others: KeptRow[] = []
  for await (const other of keptRows(parts, subjectDigest))
    if (other.source !== source || other.row !== row || other.aside !== aside) others.push(other)
  return others
}

/** What is written down of these rows of a source, in their order. */
export async function keptOf(
  parts: Parts,
  { rows, ...of }: Omit<KeptPlace, 'row'> & { readonly rows: readonly Row[] },
): Promise<(Versioned | null)[]> {
  const places = rows.map(({ id }) => keptRef(parts, { ...of, row: id }).key)
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

/** What is to be kept of a row: what was written down and what is found to be exempt, each until the later date. */
export function joined(written: readonly KeptField[], judged: readonly KeptField[]): readonly KeptField[] {
  const fields = new Map(written.map((each) => [each.field, each]))
  for (const each of judged) {
    const before = fields.get(each.field)
    if (before === undefined || before.until < each.until) fields.set(each.field, each)
  }
  return [...fields.values()]
}
