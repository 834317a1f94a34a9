/**
 * The tree hash of the ledger, and what an entry's bytes are.
 *
 * RFC 6962 §2.1: a leaf is SHA-256(0x00 || bytes), a node SHA-256(0x01 || left || right); a list of n > 1 leaves splits
 * at the largest power of two below n. A frontier holds the roots of the full subtrees, largest first, so that a leaf
 * is added, and the root known, in a logarithm of steps without reading the ledger.
 */

import { digest, fromHex, hex, prefixedDigest } from '../keys/digest.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import type { LedgerEntry, PendingAct } from './model.ts'

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
  return last === undefined ? digest('') : hex(larger.reduce((right, left) => node(left, right), last))
}

/** The frontier as it is stored. */
export const writtenFrontier = ({ size, roots }: Frontier): { size: number; roots: string[] } => ({
  size,
  roots: roots.map(hex),
})

/** A frontier read back; `null` where it cannot be one: a tree of that size has another number of full subtrees. */
export function readFrontier(value: JsonValue): Frontier | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  const { size, roots } = value
  if (!Number.isSafeInteger(size) || (size as number) < 1 || !Array.isArray(roots)) return null
  const subtrees = (size as number).toString(2).replaceAll('0', '').length
  const hashes = roots.filter((root) => typeof root === 'string' && /^[0-9a-f]{64}$/.test(root)) as string[]
  if (hashes.length !== subtrees || roots.length !== subtrees) return null
  return { size: size as number, roots: hashes.map(fromHex) }
}

/** An entry as it is stored: its exact bytes (RFC 8785) as text, and the root of the tree up to it. */
export interface StoredEntry {
  readonly bytes: string
  readonly root: string
}

const encoder = new TextEncoder()

/** An act in its place: the entry as it is stored, and the tree with it. Its bytes are never made again. */
export function enter(frontier: Frontier, act: PendingAct): { entry: StoredEntry; frontier: Frontier } {
  const sequence = frontier.size + 1
  const bytes = canonical({ ...act, sequence } as unknown as JsonValue)
  const grown = grow(frontier, leafHash(encoder.encode(bytes)))
  return { entry: { bytes, root: rootOf(grown) }, frontier: grown }
}

/** An entry read back from what is stored; `null` where that is not entry number `sequence`. */
export function readEntry(value: JsonValue, sequence: number): LedgerEntry | null {
  try {
    const entry = JSON.parse((value as unknown as StoredEntry).bytes) as LedgerEntry
    return entry.sequence === sequence && typeof entry.action === 'string' ? entry : null
  } catch {
    return null
  }
}

/** Where and how an entry is not what was written. */
export interface Fault {
  readonly sequence: number
  readonly says: string
}

/** The tree with the next stored entry in it, or what is wrong with that entry. */
export function check(
  frontier: Frontier,
  { value, version }: { value: JsonValue; version: number },
): { frontier: Frontier } | { fault: Fault } {
  const sequence = frontier.size + 1
  if (version !== sequence) return { fault: { sequence, says: 'an entry is missing' } }
  if (readEntry(value, sequence) === null) return { fault: { sequence, says: 'the entry is not one' } }
  const { bytes, root } = value as unknown as StoredEntry
  const grown = grow(frontier, leafHash(encoder.encode(bytes)))
  return rootOf(grown) === root ? { frontier: grown } : { fault: { sequence, says: 'the entry was changed' } }
}

/** What is wrong between the entries, which agree with each other, and the head, which is signed. */
export function againstHead(entries: Frontier, head: Frontier): Fault | null {
  if (entries.size < head.size) return { sequence: entries.size + 1, says: 'entries are missing at the end' }
  if (rootOf(entries) === rootOf(head)) return null
  return { sequence: 1, says: 'the entries are not those that were signed' }
}

/** What no reader of the store can see by itself. */
export const unseen: readonly string[] = [
  'A ledger cut back, together with its head, to a state that was signed before or to nothing: only a checkpoint kept outside the store shows it.',
  'A ledger written anew by somebody who holds the signing key: likewise.',
  'An act changed or removed while it waits for its place: the tree covers it from then on.',
]
