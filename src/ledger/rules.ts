/**
 * The tree hash of the ledger, and what an entry's bytes are.
 *
 * RFC 6962 §2.1: a leaf is SHA-256(0x00 || bytes), a node SHA-256(0x01 || left || right); a list of n > 1 leaves splits
 * at the largest power of two below n. A frontier holds the roots of the full subtrees, largest first, so that a leaf
 * is added, and the root known, in a logarithm of steps without reading the ledger.
 */

import type { Instant } from '../environment.ts'
import { hex, prefixedDigest } from '../keys/digest.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values.ts'
import type { Act, LedgerEntry } from './model.ts'

/** The roots of the full subtrees of a tree of `size` leaves, largest first. */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Uint8Array[]
}

export const emptyFrontier: Frontier = { size: 0, roots: [] }

const node = (left: Uint8Array, right: Uint8Array): Uint8Array => prefixedDigest(1, left, right)

/** The hash of a leaf (RFC 6962 §2.1). */
export const leafHash = (bytes: Uint8Array): Uint8Array => prefixedDigest(0, bytes)

/** The tree with one leaf more. */
export function grow({ size, roots }: Frontier, leaf: Uint8Array): Frontier {
  const next = [...roots]
  let last = leaf
  // Each trailing one of the size is a full subtree that the new leaf completes into one of twice its size.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) last = node(next.pop() as Uint8Array, last)
  return { size: size + 1, roots: [...next, last] }
}

/** The tree's root (RFC 6962 §2.1), hex; of no leaves the hash of nothing. */
export function rootOf({ roots }: Frontier): string {
  const [last, ...larger] = [...roots].reverse()
  if (last === undefined) return 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  return hex(larger.reduce((right, left) => node(left, right), last))
}

/** An act that waits for its place, as stored: with its id and the moment it was recorded. */
export interface PendingAct extends Act {
  readonly id: string
  readonly recordedAt: Instant
}

/** The exact bytes of an entry (RFC 8785), as text: these are stored and hashed, never made again. */
export const entryBytes = (act: PendingAct, sequence: number): string =>
  canonical({ ...act, sequence } as unknown as JsonValue)

/** An entry read back from its bytes; `null` where they are not those of entry number `sequence`. */
export function readEntry(bytes: string, sequence: number): LedgerEntry | null {
  try {
    const entry = JSON.parse(bytes) as LedgerEntry
    return entry.sequence === sequence && typeof entry.action === 'string' ? entry : null
  } catch {
    return null
  }
}
