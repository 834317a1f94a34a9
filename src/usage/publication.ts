/**
 * The bytes of a publication. Everything in it but the day and the cells follows from the policy alone, so that the
 * guard can tell what came from people.
 */

import type { CalendarDate } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { type Cell, type Publication, publicationParser, type UsagePolicy } from './model.ts'
import { type BaseTable, protectionOf } from './protect.ts'

/** A publication of these cells. */
export const publicationOf = (
  { policy, base, day }: { policy: UsagePolicy; base: BaseTable; day: CalendarDate },
  cells: readonly Cell[],
): Publication => ({
  format: 'pilvi-privacy/publication',
  formatVersion: 1,
  policy: { id: policy.id, version: policy.version },
  day,
  timeZone: policy.timeZone,
  table: base.name,
  dimensions: base.table.dimensions,
  measures: base.table.measures,
  protection: protectionOf(base),
  cells,
})

/** The publication as bytes of UTF-8 in a string: what is stored, and what is handed out ever after. */
export const written = (publication: Publication): string => JSON.stringify(publication)

/** The publication that such a text holds. @throws IntegrityFailure `record.corrupt`, naming `record` */
export function readPublication(text: unknown, record: string): Publication {
  const corrupt = (): never => {
    throw new IntegrityFailure('record.corrupt', 'a stored publication does not parse', { record })
  }
  if (typeof text !== 'string') return corrupt()
  const parsed = publicationParser.safeParse(jsonOf(text))
  return parsed.success ? parsed.data : corrupt()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
