/**
 * Recovery codes: what they look like, and which of a set one is.
 *
 * Ten in a set, each a public index and 80 random bits (NIST SP 800-63B §5.1.2.2: fewer than 112 bits are salted and
 * hashed slowly): `3-ABCD-EFGH-JKMN-PQRS`. What is stored of one is PBKDF2 over a keyed digest, so that neither the store
 * nor the key alone allows guessing. The index says which salt to use, so an attempt costs one derivation and no more;
 * it costs the same one where there is no such code. Unknown, used and wrong are one outcome.
 */

import { sameText } from '../keys/digest.ts'
import { crockford, toBase32 } from './spelling.ts'
import type { RecoveryRecord } from './stored.ts'

/** With 80 random bits the iterations are a second wall: 100,000 make one derivation about 30 milliseconds. */
export const recovery = { codes: 10, bytes: 10, saltBytes: 16, iterations: 100_000, hashBits: 256 } as const

/** A recovery code as it was read: its index, and all of it in the one spelling that is digested. */
export interface RecoveryText {
  readonly index: number
  readonly text: string
}

/** The code of an index and ten random bytes, in the one spelling that is digested. */
export const recoveryText = (index: number, bytes: Uint8Array): string =>
  `${index}${toBase32(bytes, crockford)}`

/** A code as it is shown. */
export const shownCode = (text: string): string => text.match(/^\d|.{4}/g)?.join('-') ?? ''

/**
 * A code as a person typed it: case, spaces and dashes do not matter, and a letter that is not used stands for the digit
 * it looks like. `null` where it is not a code.
 */
export function readRecoveryCode(given: unknown): RecoveryText | null {
  if (typeof given !== 'string' || given.length > 100) return null
  const text = given
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  return /^\d[0-9A-HJKMNP-TV-Z]{16}$/.test(text) ? { index: Number(text.charAt(0)), text } : null
}

/** The set with that code used at a moment; `null` where it is none, was used, or is of another set. */
export function useCode(
  { codes, ...rest }: RecoveryRecord,
  {
    index,
    hash,
    at,
  }: { index: number; hash: string; at: NonNullable<RecoveryRecord['codes'][number]['usedAt']> },
): RecoveryRecord | null {
  const code = codes[index]
  if (code === undefined) return null
  const right = sameText(code.hash, hash)
  if (!right || code.usedAt !== null) return null
  return { ...rest, codes: codes.map((each, i) => (i === index ? { ...each, usedAt: at } : each)) }
}
