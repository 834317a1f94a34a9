/**
 * The kit's own assertions: strict, small, and without a dependency, so that the kit runs under any test runner.
 * Their messages hold values; they speak of the kit's made-up data only.
 */

import type { ErrorCode } from '../../errors.ts'

/** What an assertion of the kit throws. */
export class NotConforming extends Error {
  override readonly name = 'NotConforming'
}

/** Throws unless a condition holds. @throws NotConforming */
export function holds(condition: boolean, message: string): void {
  if (!condition) throw new NotConforming(message)
}

/**
 * Throws unless two values are the same: same types, same members in any order, same items in the same order; `0`
 * and `-0` are the same (RFC 8785 §3.2.2.3).
 * @throws NotConforming
 */
export function same(actual: unknown, expected: unknown, message: string): void {
  if (!isSame(actual, expected)) {
    throw new NotConforming(`${message}: got ${shown(actual)}, expected ${shown(expected)}`)
  }
}

/** What has to be there. @throws NotConforming where it is not */
export function there<T>(found: T | null | undefined, what = 'something'): T {
  if (found === null || found === undefined) throw new NotConforming(`${what} should be there`)
  return found
}

/**
 * Throws unless an act is refused with this code; gives the error, to look at further.
 * @throws NotConforming
 */
export async function refuses(
  act: () => unknown,
  code: ErrorCode,
): Promise<{ readonly code?: unknown; readonly path?: unknown; readonly record?: unknown }> {
  let given: unknown
  try {
    given = await act()
  } catch (error) {
    const found = error as { readonly code?: unknown; readonly name?: unknown; readonly message?: unknown }
    if (found?.code === code) return found
    throw new NotConforming(`should be refused with ${code}, but threw ${found?.name}: ${found?.message}`)
  }
  throw new NotConforming(`should be refused with ${code}, but gave ${shown(given)}`)
}

/** Everything an iteration gives. @throws NotConforming where it goes on after twenty thousand items */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) {
    holds(found.push(item) <= 20_000, 'an iteration should end')
  }
  return found
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(member(a, name), member(b, name)))
  )
}

/** An own member, `__proto__` included. */
const member = (of: object, name: string): unknown => Object.getOwnPropertyDescriptor(of, name)?.value

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text
}
