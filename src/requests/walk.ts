/**
 * Walking the sources for one person: the one pass that a plan, the start of an erasure and its steps share.
 */

import { todayOf } from '../calendar.ts'
import { othersOf } from '../consent/merge.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptField } from '../retention/model.ts'
import { keptFields } from '../retention/rules.ts'
import type { IdentityKeys, Row, Source } from '../source.ts'
import { keptRows } from './kept.ts'
import type { RightsRequest } from './model.ts'
import type { RequestParts } from './record.ts'
import { addRow, type Found, nothingFound, type Survey } from './rules.ts'

/** By what a person is found, in every place where their data are: their own now, and what was set aside. */
export async function identitiesOf(
  parts: Pick<RequestParts, 'tenant' | 'store'>,
  request: RightsRequest,
): Promise<readonly IdentityKeys[]> {
  const own = identityOf(request)
  const asides = new Set<string>()
  for await (const { aside } of keptRows(parts, request.subjectDigest ?? ''))
    if (aside !== undefined) asides.add(aside)
  return [own, ...[...asides].map((aside) => ({ ...own, aside }))]
}

/** Rows of a source in one of those places. */
export interface Page {
  readonly identity: IdentityKeys
  readonly rows: readonly Row[]
}

/** The pages of a source, in every place. */
export async function* pagesOf(
  source: Source,
  identities: readonly IdentityKeys[],
  wanted: 'outline' | 'values',
): AsyncIterable<Page> {
  for (const identity of identities) {
    // Where nothing can be set aside, nothing is.
    if (identity.aside !== undefined && typeof source.setAside !== 'function') continue
    for await (const rows of source.find(identity, wanted)) yield { identity, rows }
  }
}

/** A row with what must be kept of it. */
export interface Judged {
  readonly row: Row
  readonly kept: readonly KeptField[]
}

/**
 * By what the person of a request is found.
 * @throws Conflict `conflict.erased` where an erasure has taken away whose request it was
 */
export function identityOf({ id, subject, sessions, kind }: RightsRequest): IdentityKeys {
  if (subject === undefined) {
    throw new Conflict('conflict.erased', 'the person of this request was erased', { record: id })
  }
  return { subject, sessions, request: id, ...(kind !== 'erasure' && { audience: 'subject' }) }
}

/** What must be kept of a row. */
export type Judge = (row: Row) => readonly KeptField[]

/** By the policy as of a day. */
export const judgeBy =
  (policy: Policy, today: CalendarDate): Judge =>
  ({ fields }) =>
    keptFields(fields, { policy, today })

/** A page of rows, each judged. */
export interface JudgedPage extends Pick<Page, 'identity'> {
  readonly rows: readonly Judged[]
}

/** The pages of a source, each row judged. */
export async function* judged(
  source: Source,
  identities: readonly IdentityKeys[],
  judge: Judge,
): AsyncIterable<JudgedPage> {
  for await (const { identity, rows } of pagesOf(source, identities, 'outline'))
    yield { identity, rows: rows.map((row) => ({ row, kept: judge(row) })) }
}

/**
 * What there is of the person, source by source, and which other ids are on record. Of what is exported nothing is kept,
 * because nothing goes.
 */
export async function survey(
  parts: Pick<RequestParts, 'tenant' | 'store' | 'sources' | 'policy' | 'standings'>,
  { request, at }: { request: RightsRequest; at: Instant },
): Promise<Survey> {
  const { sources, policy, standings } = parts
  const { standing } = await standings.read(identityOf(request).subject)
  const all: Found[] = []
  const identities = await identitiesOf(parts, request)
  const judge: Judge = request.kind === 'erasure' ? judgeBy(policy, todayOf(policy, at)) : () => []
  for (const source of sources) {
    const found = nothingFound(source.name)
    for await (const { identity, rows } of judged(source, identities, judge))
      for (const { row, kept } of rows)
        addRow(found, { row: rowName(row.id, identity.aside), of: row.fields, kept })
    all.push(found)
  }
  return { found: all, others: othersOf(standing) }
}

/** What tells a row that was set aside from one that took its place. */
export const rowName = (row: string, aside: string | undefined): string =>
  aside === undefined ? row : `${row} ${aside}`
