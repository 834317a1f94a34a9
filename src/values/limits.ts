/**
 * How large a key, a value or a commit may be, the same on every adapter, and how what is malformed or too large is
 * refused: with the path of the field, never with what stood there.
 */

import { InvalidInput } from '../errors.ts'

export const limits = {
  keyBytes: 512,
  /** Of an id that comes from the host, escaped: leaves room for a tenant and the library's own parts. */
  keyPartBytes: 300,
  valueBytes: 1_000_000,
  valueDepth: 64,
  changes: 500,
  keysPerGet: 1_000,
  visitsPerBatch: 10_000,
  visitFieldBytes: 2_048,
} as const

/** Refuses what is malformed. */
export const invalid = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} ${says}`, { path })

/** Refuses what is over a limit. */
export const tooLarge = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.too-large', `${path} ${says}`, { path })

/**
 * The path of a member of what is at `path`. A name that the caller made up can be a personal value itself (an
 * address as a member name): only names that look like a field's are shown, any other is `?`.
 */
export const memberPath = (path: string, member: PropertyKey): string =>
  typeof member === 'number'
    ? `${path}[${member}]`
    : `${path}.${/^[A-Za-z_][A-Za-z0-9_-]{0,39}$/.test(String(member)) ? String(member) : '?'}`

/** A list of at most `most`. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkList<T>(list: readonly T[], path: string, most: number): readonly T[] {
  if (!Array.isArray(list)) throw invalid(path, 'must be an array')
  if (list.length > most) throw tooLarge(path, `must be at most ${most}`)
  return Array.from(list) // reads every place once, holes included
}

/** Whether a value is a whole number from `least`. */
export const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least
