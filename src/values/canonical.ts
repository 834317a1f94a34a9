/** The one text of a JSON value (RFC 8785), by which values are compared, hashed and signed. Pure; checks nothing. */

import type { JsonValue } from '../store.ts'

/**
 * The canonical JSON text of a value (RFC 8785): object members in order of UTF-16 units, ECMAScript numbers.
 * The value must have passed {@link checkValue}.
 */
export function canonical(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  // One text that grows, rather than lists of parts: this is most of what copies and hashes allocate.
  let text = ''
  if (Array.isArray(value)) {
    for (const each of value) text += `${text === '' ? '' : ','}${canonical(each)}`
    return `[${text}]`
  }
  for (const name of inOrder(Object.keys(value))) {
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(value[name] as JsonValue)}`
  }
  return `{${text}}`
}

/** Names in the order of UTF-16 units (RFC 8785 §3.2.3), the default one; what was canonical before is in it already. */
function inOrder(names: string[]): string[] {
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] as string) > (names[i] as string)) return names.sort()
  }
  return names
}

/** Whether two values are the same under RFC 8785. */
export const sameValue = (a: JsonValue, b: JsonValue): boolean => canonical(a) === canonical(b)
