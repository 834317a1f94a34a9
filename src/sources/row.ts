/** Rows of the library's own records, whose fields share one category and one date. */

import type { Instant } from '../environment.ts'
import type { Row } from '../source.ts'
import type { JsonValue } from '../store.ts'

/** What such a row is made of. */
export interface UniformRow {
  readonly id: string
  readonly category: string
  readonly recordedAt: Instant
  readonly values: Readonly<Record<string, JsonValue>>
}

/** The row, with its values where they are wanted. */
export const uniformRow = (
  { id, category, recordedAt, values }: UniformRow,
  wanted: 'outline' | 'values',
): Row => ({
  id,
  fields: Object.entries(values).map(([name, value]) => ({
    name,
    category,
    recordedAt,
    ...(wanted === 'values' && { value }),
  })),
})
