/**
 * What is copied, row by row, in an order that all stores share: the collections in order of their names, records by
 * key, entries by stream and sequence; then the visits by tenant, time and id. Order is that of UTF-8 bytes.
 *
 * Each row has one line of text: the canonical JSON (RFC 8785) of a list that begins with the section it belongs to.
 * Two rows are the same when their lines are. A dump is made of these lines, and digests are of them. Versions of
 * records are not in them: they mean nothing in another store.
 */

import type { BulkRow, Collection, JsonValue, StoredVisit } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { compareBytes } from '../values/text.ts'

/** The section of the visits; no collection can have this name. */
export const visitsSection = '_visits'

/** A record, an entry or a visit, and the section it belongs to. */
export type CopyRow = {
  /** The name of a collection, or {@link visitsSection}. */
  readonly section: string
  /** Its line, without a line break. */
  readonly line: string
} & ({ readonly row: BulkRow } | { readonly tenant: string; readonly visit: StoredVisit })

/** The sections of collections, in order. */
export const sectionsOf = (collections: readonly Pick<Collection, 'name'>[]): string[] => [
  ...collections.map((each) => each.name).sort(compareBytes),
  visitsSection,
]

/** A record or an entry as it is copied. */
export function copiedRow(section: string, row: BulkRow): CopyRow {
  const { key, value, entry } = row
  const parts = entry === undefined ? [section, key, value] : [section, key, entry.sequence, entry.id, value]
  return { section, line: canonical(parts), row }
}

/** A visit as it is copied. */
export function copiedVisit(tenant: string, given: StoredVisit): CopyRow {
  const { id, at, session, ip, host, source } = given
  const visit = { id, at, session, ip, host, source }
  return { section: visitsSection, line: canonical([visitsSection, tenant, visit]), tenant, visit }
}

/** What names a row to whoever has to look for it: no key of a visit, which would be personal. */
export const nameOf = (of: CopyRow): string => ('row' in of ? of.row.key : of.tenant)

/** Order of rows: negative where `a` comes first, 0 where they stand in the same place. */
export function compareRows(a: CopyRow, b: CopyRow): number {
  if (a.section !== b.section) {
    // Visits come last, though an underscore comes before letters.
    if (a.section === visitsSection) return 1
    return b.section === visitsSection ? -1 : compareBytes(a.section, b.section)
  }
  if ('row' in a && 'row' in b) {
    const sequence = (of: BulkRow): number => of.entry?.sequence ?? 0
    return compareBytes(a.row.key, b.row.key) || sequence(a.row) - sequence(b.row)
  }
  if ('row' in a || 'row' in b) return 0
  return (
    compareBytes(a.tenant, b.tenant) ||
    compareBytes(a.visit.at, b.visit.at) ||
    compareBytes(a.visit.id, b.visit.id)
  )
}

/**
 * The row of a line that was read, `null` where it is none; `kinds` are the collections that may occur. Keys and
 * values are looked at by the store that takes them.
 */
export function parsedRow(
  parts: readonly JsonValue[],
  kinds: ReadonlyMap<string, Collection['kind']>,
): CopyRow | null {
  const [section, name, ...rest] = parts
  if (typeof section !== 'string' || typeof name !== 'string') return null
  if (section === visitsSection && rest.length === 1) {
    const visit = visitOf(rest[0])
    return visit && copiedVisit(name, visit)
  }
  const kind = kinds.get(section)
  if (kind === 'records' && rest.length === 1) {
    return copiedRow(section, { key: name, value: rest[0] as JsonValue })
  }
  const [sequence, id, value] = rest
  if (kind !== 'streams' || rest.length !== 3) return null
  if (typeof sequence !== 'number' || typeof id !== 'string') return null
  return copiedRow(section, { key: name, value: value as JsonValue, entry: { sequence, id } })
}

function visitOf(given: JsonValue | undefined): StoredVisit | null {
  const {
    id,
    at,
    session,
    ip = null,
    host = null,
    source = null,
  } = Object(given) as Record<string, JsonValue>
  if (![id, at, session].every((each) => typeof each === 'string')) return null
  if (![ip, host, source].every((each) => each === null || typeof each === 'string')) return null
  return { id, at, session, ip, host, source } as StoredVisit
}
