/**
 * Values as they are stored: JSON within the limits, read once and copied on the way in, parsed anew on the way out, so
 * that no object is ever shared between a store and its callers. Refused is what JSON would lose without a word:
 * `undefined`, dates, infinities, objects with a class, NUL and lone surrogates.
 */

import type { JsonValue, Versioned } from '../store.ts'
import { invalid, limits, memberPath, tooLarge } from './limits.ts'
import { checkText, utf8Length } from './text.ts'

/** A JSON value within the limits; gives its JSON text. @throws InvalidInput `input.invalid`, `input.too-large` */
export const checkValue = (value: unknown, path: string): string => checkedCopy(value, path).json

/**
 * What was checked is what is stored: the value is read once, into a copy, so that no getter and no `toJSON` can show
 * something else to the check than to the store.
 */
export function checkedCopy(value: unknown, path: string): { copy: JsonValue; json: string } {
  const oversize = () => tooLarge(path, `must be at most ${limits.valueBytes} bytes as JSON`)
  let room: number = limits.valueBytes
  function copied(node: unknown, at: string, depth: number): JsonValue {
    room -= typeof node === 'string' ? node.length : 1
    if (room < 0) throw oversize()
    if (node === null || typeof node === 'boolean') return node
    if (typeof node === 'string') return checkText(node, at)
    if (typeof node === 'number') {
      if (!Number.isFinite(node)) throw invalid(at, 'must be a finite number')
      return node
    }
    if (depth >= limits.valueDepth) throw tooLarge(at, `is nested deeper than ${limits.valueDepth}`)
    if (Array.isArray(node)) {
      return Array.from(node, (each, i) => copied(each, memberPath(at, i), depth + 1))
    }
    return members(node, at, depth)
  }
  function members(node: unknown, at: string, depth: number): JsonValue {
    const prototype = typeof node === 'object' ? Object.getPrototypeOf(node) : undefined
    if (prototype !== Object.prototype && prototype !== null) throw invalid(at, 'must be a JSON value')
    // Without a prototype, so that a member named `__proto__` is a member like any other.
    const copy: { [name: string]: JsonValue } = Object.create(null)
    for (const [name, member] of Object.entries(node as object)) {
      room -= name.length
      checkText(name, `a member name of ${at}`, limits.keyBytes)
      copy[name] = copied(member, memberPath(at, name), depth + 1)
    }
    return copy
  }
  const copy = copied(value, path, 0)
  const json = JSON.stringify(copy)
  if (json.length > limits.valueBytes || utf8Length(json) > limits.valueBytes) throw oversize()
  return { copy, json }
}

/** What a caller sees of a stored record; parsing anew makes sure that nobody shares an object with the store. */
export const versioned = (storeKey: string, version: number, json: string): Versioned => ({
  key: storeKey,
  version,
  value: JSON.parse(json) as JsonValue,
})
