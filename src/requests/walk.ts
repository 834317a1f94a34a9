/**
 * Walking the sources for one person: the one pass that a plan, the start of an erasure and its steps share.
 */

import { todayOf } from '../calendar.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptField } from '../retention/model.ts'
import { keptFields } from '../retention/rules.ts'
import type { IdentityKeys, Row, Source } from '../source.ts'
import type { RightsRequest } from './model.ts'
import { addRow, type Found, nothingFound } from './rules.ts'

/** A row with what must be kept of it. */
export interface Judged {
  readonly row: Row
  readonly kept: readonly KeptField[]
}

/**
 * By what the person of a request is found.
 * @throws Conflict `conflict.erased` where an erasure has taken away whose request it was
 */
export function identityOf({ id, subject, sessions }: RightsRequest): IdentityKeys {
  if (subject === undefined) {
    throw new Conflict('conflict.erased', 'the person of this request was erased', { record: id })
  }
  return { subject, sessions, request: id }
}

/** What must be kept of a row. */
export type Judge = (row: Row) => readonly KeptField[]

/** By the policy as of a day. */
export const judgeBy =
  (policy: Policy, today: CalendarDate): Judge =>
  ({ fields }) =>
    keptFields(fields, { policy, today })

/** The pages of a source, each row judged. */
export async function* judged(
  source: Source,
  identity: IdentityKeys,
  judge: Judge,
): AsyncIterable<readonly Judged[]> {
  for await (const page of source.find(identity, 'outline'))
    yield page.map((row) => ({ row, kept: judge(row) }))
}

/** What there is of the person, source by source. Of what is exported nothing is kept, because nothing goes. */
export async function survey(
  request: RightsRequest,
  { sources, policy, at }: { sources: readonly Source[]; policy: Policy; at: Instant },
): Promise<Found[]> {
  const all: Found[] = []
  const judge: Judge = request.kind === 'erasure' ? judgeBy(policy, todayOf(policy, at)) : () => []
  for (const source of sources) {
    const found = nothingFound(source.name)
    for await (const page of judged(source, identityOf(request), judge))
      for (const { row, kept } of page) addRow(found, { row: row.id, kept })
    all.push(found)
  }
  return all
}
