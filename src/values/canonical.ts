/** The one text of a JSON value (RFC 8785), by which values are compared, hashed and signed. Pure; checks nothing. */

import type { JsonValue } from '../store.ts'

/**
 * The canonical JSON text of a value (RFC 8785): object members in order of UTF-16 units, ECMAScript numbers.
 * The value must have passed {@link checkValue}.
 */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.keys(value)
    .sort() // the default order is that of UTF-16 units: RFC 8785 §3.2.3
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] as JsonValue)}`)
  return `{${members.join(',')}}`
}

/** Whether two values are the same under RFC 8785. */
export const sameValue = (a: JsonValue, b: JsonValue): boolean => canonical(a) === canonical(b)
