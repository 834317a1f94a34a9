/**
 * Walking the sources for one person: the one pass that a plan, an erasure, its read-back and an export share.
 */

import type { CalendarDate, Instant } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptField } from '../retention/model.ts'
import { keptFields, todayOf } from '../retention/rules.ts'
import type { IdentityKeys, Row, Source } from '../source.ts'
import type { Plan, RightsRequest } from './model.ts'
import { addRow, type Found, nothingFound, planOf } from './rules.ts'

/** A row with what must be kept of it. */
export interface Judged {
  readonly row: Row
  readonly kept: readonly KeptField[]
}

/** The category of each field of a row. */
const categoriesOf = (source: Source, row: Row): Record<string, string> =>
  Object.fromEntries(Object.keys(row.values).map((field) => [field, source.category(field, row)]))

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

/** The pages of a source, each row judged by the policy as of a day. */
export async function* judged(
  source: Source,
  { identity, policy, today }: { identity: IdentityKeys; policy: Policy; today: CalendarDate },
): AsyncIterable<readonly Judged[]> {
  for await (const page of source.find(identity)) {
    yield page.map((row) => {
      const dated = { recordedAt: row.recordedAt, categories: categoriesOf(source, row) }
      return { row, kept: keptFields(dated, { policy, today }) }
    })
  }
}

/** The plan for a request as things stand; touches nothing. An export keeps nothing, because nothing goes. */
export async function planFrom(
  request: RightsRequest,
  { sources, policy, at }: { sources: readonly Source[]; policy: Policy; at: Instant },
): Promise<Plan> {
  const found: Found[] = []
  for (const source of sources) {
    const counted = nothingFound(source.name)
    const where = { identity: identityOf(request), policy, today: todayOf(policy, at) }
    for await (const page of judged(source, where)) {
      for (const { row, kept } of page)
        addRow(counted, { row: row.id, kept: request.kind === 'erasure' ? kept : [] })
    }
    found.push(counted)
  }
  return planOf(request, { found, policy, at })
}
