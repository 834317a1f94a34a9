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

/** A tree with a leaf more, and the roots of the full subtrees that end with it: of 1 leaf, of 2, of 4 … */
export interface Grown {
  readonly frontier: Frontier
  readonly ended: readonly Uint8Array[]
}

/** Adds a leaf. */
export function grow({ size, roots }: Frontier, leaf: Uint8Array): Grown {
  const next = [...roots]
  const ended = [leaf]
  let last = leaf
  // Each trailing one of the size is a full subtree that the new leaf completes into one of twice its size.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    last = node(next.pop() as Uint8Array, last)
    ended.push(last)
  }
  return { frontier: { size: size + 1, roots: [...next, last] }, ended }
}

/** The hash over full subtrees side by side, at least one, largest first (RFC 6962 §2.1). */
export const joined = (roots: readonly Uint8Array[]): Uint8Array =>
  roots.reduceRight((right, left) => node(left, right))

/** The tree's root (RFC 6962 §2.1), hex; of no leaves the hash of nothing. */
export const rootOf = ({ roots }: Frontier): string => (roots.length === 0 ? digest('') : hex(joined(roots)))

/** Whether a value is a SHA-256 in lower-case hex. */
export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

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
  const hashes = roots.filter(isHash)
  if (hashes.length !== subtrees || roots.length !== subtrees) return null
  return { size: size as number, roots: hashes.map(fromHex) }
}

/**
 * An entry as it is stored: its exact bytes (RFC 8785) as text, the root of the tree up to it, and the roots of the
 * full subtrees of 2, 4, 8 … entries that end with it. So each node of the tree is found in the entry where it ends,
 * and a proof takes a logarithm of reads; on average that is one hash an entry.
 */
export interface StoredEntry {
  readonly bytes: string
  readonly root: string
  readonly subtrees: string[]
}

const encoder = new TextEncoder()

/** The leaf of an entry's bytes. */
export const entryLeaf = (bytes: string): Uint8Array => leafHash(encoder.encode(bytes))

/** The entry of these bytes as it stands at the end of a tree, and the tree with it. */
function placed(tree: Frontier, bytes: string): { entry: StoredEntry; frontier: Frontier } {
  const { frontier, ended } = grow(tree, entryLeaf(bytes))
  return { entry: { bytes, root: rootOf(frontier), subtrees: ended.slice(1).map(hex) }, frontier }
}

/** An act in its place: the entry as it is stored, and the tree with it. Its bytes are never made again. */
export const enter = (frontier: Frontier, act: PendingAct): { entry: StoredEntry; frontier: Frontier } =>
  placed(frontier, canonical({ ...act, sequence: frontier.size + 1 } as unknown as JsonValue))

/**
 * The root of the full subtree of 2^`level` leaves that ends with a stored entry, as that entry says; `null` where it
 * says none. What it says is only worth as much as the proof that is made with it.
 */
export function nodeOf(value: JsonValue, level: number): Uint8Array | null {
  const { bytes, subtrees } = Object(value) as Partial<StoredEntry>
  if (level === 0) return typeof bytes === 'string' ? entryLeaf(bytes) : null
  const said: unknown = Array.isArray(subtrees) ? subtrees[level - 1] : null
  return isHash(said) ? fromHex(said) : null
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
  const { bytes } = value as unknown as StoredEntry
  const { entry, frontier: grown } = placed(frontier, bytes)
  return isSame(entry, value) ? { frontier: grown } : { fault: { sequence, says: 'the entry was changed' } }
}

function isSame(entry: StoredEntry, value: JsonValue): boolean {
  const { root, subtrees } = value as Partial<Record<keyof StoredEntry, JsonValue>>
  if (root !== entry.root || !Array.isArray(subtrees)) return false
  return subtrees.length === entry.subtrees.length && entry.subtrees.every((each, i) => each === subtrees[i])
}
