/** Collections as they were declared, and where a value stands in the indexes of its own. */

import type { Collection, JsonValue } from '../store.ts'
import { invalid, limits } from './limits.ts'
import { checkText } from './text.ts'

/** The declared collection of that name. @throws InvalidInput `input.invalid` */
export function checkCollection(collections: ReadonlyMap<string, Collection>, name: unknown): Collection {
  const found = typeof name === 'string' ? collections.get(name) : undefined
  if (found === undefined) throw invalid('collection', 'is not declared')
  return found
}

/** The values a record has in an index, or `null` where it is not in the index. */
export function indexed(value: JsonValue, fields: readonly string[]): string[] | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  const found: string[] = []
  for (const field of fields) {
    const each = Object.hasOwn(value, field) ? value[field] : undefined
    if (typeof each !== 'string') return null
    found.push(each)
  }
  return found
}

/** What a value has in each index of its collection. */
export function places(
  value: JsonValue,
  { indexes }: Collection,
  path: string,
): Readonly<Record<string, string[] | null>> {
  const found = Object.entries(indexes).map(([name, fields]) => {
    const values = indexed(value, fields)
    values?.forEach((each, i) => {
      checkText(each, `${path}.${fields[i]}`, limits.keyBytes)
    })
    return [name, values] as const
  })
  return Object.fromEntries(found)
}
