/**
 * Proofs about the tree of a ledger: that an entry is in it, and that a later tree continues an earlier one.
 *
 * Which subtrees a proof is made of is RFC 6962 §2.1.1 and §2.1.2; how it is verified is RFC 9162 §2.1.3.2 and
 * §2.1.4.2, which rebuild both roots from the path alone. Whoever verifies needs the proof, checkpoints that were
 * opened, and nothing of the store. Anything malformed is `false`, never an error.
 */

import { fromHex, hex, prefixedDigest } from '../keys/digest.ts'
import type { Checkpoint, ConsistencyProof, InclusionProof } from './model.ts'
import { emptyFrontier, entryLeaf, isHash, rootOf } from './rules.ts'

/** Leaves of a tree, `from` included and `to` not, counted from 0. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Where a hash of the tree is found: in the entry of that number, over the 2^`level` leaves that end with it. */
export interface NodePlace {
  readonly sequence: number
  readonly level: number
}

/** The level of the largest full subtree of so many leaves. */
function levelOf(leaves: number): number {
  let level = 0
  while (2 ** (level + 1) <= leaves) level++
  return level
}

/** The largest power of two below a number of leaves, which is more than 1 (RFC 6962 §2.1). */
const splitOf = (leaves: number): number => 2 ** levelOf(leaves - 1)

/** The subtrees whose hashes lead from leaf `index` to the root of `size` leaves (RFC 6962 §2.1.1, PATH). */
export function inclusionSpans(index: number, size: number): Span[] {
  const spans: Span[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const split = from + splitOf(to - from)
    spans.unshift(index < split ? { from: split, to } : { from, to: split })
    if (index < split) to = split
    else from = split
  }
  return spans
}

/** The subtrees whose hashes lead from the first `first` leaves to all `size` (RFC 6962 §2.1.2, PROOF). */
export function consistencySpans(first: number, size: number): Span[] {
  if (first === 0) return []
  const spans: Span[] = []
  let [from, to] = [0, size]
  while (to > first) {
    const split = from + splitOf(to - from)
    spans.unshift(first <= split ? { from: split, to } : { from, to: split })
    if (first <= split) to = split
    else from = split
  }
  // What is left ends where the first tree ends; where it is all of that tree, whoever verifies has its root.
  return from === 0 ? spans : [{ from, to }, ...spans]
}

/** The full subtrees that a span of a tree is made of, largest first. */
export function placesOf({ from, to }: Span): NodePlace[] {
  const places: NodePlace[] = []
  for (let at = from; at < to; ) {
    const level = levelOf(to - at)
    at += 2 ** level
    places.push({ sequence: at, level })
  }
  return places
}

/**
 * Whether an entry of these bytes has that number in the ledger of which the checkpoint is. It must have been opened,
 * by `openCheckpoint`: what stands in a note that nobody verified proves nothing.
 *
 * @see RFC 9162 §2.1.3.2
 */
export function verifyInclusion(
  proof: Pick<InclusionProof, 'sequence' | 'bytes' | 'path'>,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): boolean {
  const { sequence, bytes, path } = Object(proof) as Partial<InclusionProof>
  if (!isCount(sequence) || sequence > size || typeof bytes !== 'string') return false
  const hashes = hashesOf(path)
  const climb = hashes && climbed({ first: sequence - 1, last: size - 1 }, hashes)
  return climb !== null && hex(joinedBy(climb, entryLeaf(bytes))) === root
}

/**
 * Whether the ledger of the later checkpoint begins with all entries of the earlier one, unchanged. Both must have
 * been opened, by `openCheckpoint`, and be of one origin.
 *
 * @see RFC 9162 §2.1.4.2
 */
export function verifyConsistency(
  proof: Pick<ConsistencyProof, 'path'>,
  { from, to }: { from: Checkpoint; to: Checkpoint },
): boolean {
  const hashes = hashesOf((Object(proof) as Partial<ConsistencyProof>).path)
  if (hashes === null || from.origin !== to.origin || from.size > to.size) return false
  if (from.size === 0) return hashes.length === 0 && from.root === rootOf(emptyFrontier)
  if (from.size === to.size) return hashes.length === 0 && from.root === to.root
  const [seed, rest] = isPower(from.size) ? [fromHex(from.root), hashes] : [hashes[0], hashes.slice(1)]
  if (seed === undefined) return false
  // §2.1.4.2 step 4: the levels at which the first tree is full lie within the seed.
  let [first, last] = [from.size - 1, to.size - 1]
  for (; first % 2 === 1; first = half(first)) last = half(last)
  const climb = climbed({ first, last }, rest)
  if (climb === null) return false
  const left = climb.filter(({ side }) => side === 'left')
  return hex(joinedBy(left, seed)) === from.root && hex(joinedBy(climb, seed)) === to.root
}

/** A hash of a path, and on which side of what was there before it stands. */
interface Step {
  readonly side: 'left' | 'right'
  readonly hash: Uint8Array
}

/** A path as steps from a node to the root, `null` where it is not of the tree's height (RFC 9162 §2.1.3.2). */
function climbed(
  { first, last }: { first: number; last: number },
  path: readonly Uint8Array[],
): Step[] | null {
  const steps: Step[] = []
  for (const hash of path) {
    if (last === 0) return null
    const side = first % 2 === 1 || first === last ? 'left' : 'right'
    steps.push({ side, hash })
    // A node without a neighbour on its right is that of the level above.
    for (; side === 'left' && first % 2 === 0 && first !== 0; first = half(first)) last = half(last)
    first = half(first)
    last = half(last)
  }
  return last === 0 ? steps : null
}

const joinedBy = (steps: readonly Step[], seed: Uint8Array): Uint8Array =>
  steps.reduce(
    (at, { side, hash }) => (side === 'left' ? prefixedDigest(1, hash, at) : prefixedDigest(1, at, hash)),
    seed,
  )

const half = (count: number): number => Math.floor(count / 2)
const isPower = (count: number): boolean => 2 ** levelOf(count) === count
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

function hashesOf(path: unknown): Uint8Array[] | null {
  if (!Array.isArray(path) || path.length > 64 || !path.every(isHash)) return null
  return path.map(fromHex)
}
