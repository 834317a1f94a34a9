/**
 * Strings as every store can keep them, in the one order that all stores keep, and instants. Refused are NUL and lone
 * surrogates, which some database drops or replaces, and instants in any spelling but one: texts of the same moment
 * are equal, and their order is that of time.
 */

import type { Instant } from '../environment.ts'
import { invalid, limits, tooLarge } from './limits.ts'

const encoder = new TextEncoder()

/** The size of a string in UTF-8. */
export const utf8Length = (text: string): number => encoder.encode(text).length

/** Whether a string is at most so many bytes. A unit of UTF-16 is three at most: what is short is not encoded to see. */
export const fitsBytes = (text: string, bytes: number): boolean =>
  3 * text.length <= bytes || (text.length <= bytes && utf8Length(text) <= bytes)

/** Order of UTF-8 bytes, which is order of code points: not what `<` does with surrogate pairs. */
export function compareBytes(a: string, b: string): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    // Surrogates (D800-DFFF) stand for code points above all others: lift them over E000-FFFF.
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

/** A string without NUL and lone surrogates, of at most `bytes` bytes. @throws InvalidInput */
export function checkText(text: unknown, path: string, bytes: number = limits.valueBytes): string {
  if (typeof text !== 'string') throw invalid(path, 'must be a string')
  if (text.includes('\0')) throw invalid(path, 'must not contain NUL')
  if (!text.isWellFormed()) throw invalid(path, 'must not contain a lone surrogate')
  if (!fitsBytes(text, bytes)) throw tooLarge(path, `must be at most ${bytes} bytes of UTF-8`)
  return text
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** The first 28 days of a month, which every month has: nothing is left to ask of the calendar. */
const plainInstant = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** Whether something is an instant: exactly three decimals, and a moment that exists. */
export function isInstant(value: unknown): value is Instant {
  if (typeof value !== 'string') return false
  if (plainInstant.test(value)) return true
  if (!instantPattern.test(value)) return false
  const milliseconds = Date.parse(value)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value
}

/** An instant with exactly three decimals that names a real moment. @throws InvalidInput `input.invalid` */
export function checkInstant(value: unknown, path: string): Instant {
  if (!isInstant(value)) throw invalid(path, 'must be an instant like 2026-01-31T00:00:00.000Z')
  return value
}
