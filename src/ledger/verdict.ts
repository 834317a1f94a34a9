/**
 * What verifying a ledger comes to: how far its entries agree with each other, with the signed head and with
 * checkpoints from outside, and which entry is named where they do not.
 *
 * A change of single entries is found where it is. Where every hash stored with the entries was made to fit, only a
 * signature disagrees: named is then the first entry that no checkpoint from outside vouches for.
 */

import type { Versioned } from '../store.ts'
import type { Checkpoint } from './model.ts'
import { check, emptyFrontier, type Fault, type Frontier, rootOf } from './rules.ts'

/** How far a ledger has been walked. */
export interface Walk {
  readonly frontier: Frontier
  /** How many of its entries a checkpoint vouches for. */
  readonly vouched: number
  readonly fault?: Fault
}

/** The roots that checkpoints name, by the number of entries they cover. */
export type Roots = ReadonlyMap<number, ReadonlySet<string>>

export function rootsBySize(outside: readonly Checkpoint[]): Roots {
  const roots = new Map<number, Set<string>>()
  for (const { size, root } of outside) roots.set(size, (roots.get(size) ?? new Set()).add(root))
  return roots
}

/** Before the first entry. */
export const beginning = (roots: Roots): Walk => held({ frontier: emptyFrontier, vouched: 0 }, roots)

/** One entry further. */
export function stepped(
  walk: Walk,
  { stored, roots }: { stored: Pick<Versioned, 'value' | 'version'>; roots: Roots },
): Walk {
  const checked = check(walk.frontier, stored)
  if ('fault' in checked) return { ...walk, fault: checked.fault }
  return held({ ...walk, frontier: checked.frontier }, roots)
}

/** Holds what was walked against the checkpoints over as many entries. */
function held(walk: Walk, roots: Roots): Walk {
  const { frontier, vouched } = walk
  const named = roots.get(frontier.size)
  if (named === undefined) return walk
  if (named.size === 1 && named.has(rootOf(frontier))) return { ...walk, vouched: frontier.size }
  return { ...walk, fault: { sequence: vouched + 1, says: 'the entries are not those of the checkpoint' } }
}

/** What is wrong with a ledger that was walked; a head that is text was not signed for it, which the text says. */
export function verdict(
  { frontier, vouched, fault }: Walk,
  { head, outside }: { head: Frontier | string; outside: readonly Checkpoint[] },
): Fault | null {
  if (fault) return fault
  const unvouched = vouched + 1
  if (typeof head === 'string') return { sequence: unvouched, says: head }
  const most = outside.reduce((size, each) => Math.max(size, each.size), head.size)
  if (frontier.size < most) return { sequence: frontier.size + 1, says: 'entries are missing at the end' }
  if (rootOf(frontier) === rootOf(head)) return null
  return { sequence: unvouched, says: 'the entries are not those that were signed' }
}

/** What no reader of the store can see with checkpoints that vouch for so many entries. */
export const unseenBeyond = (vouched: number): readonly string[] => [
  ...(vouched === 0
    ? [
        'A ledger cut back, together with its head, to a state that was signed before or to nothing: only a checkpoint kept outside the store shows it.',
        'A ledger written anew by somebody who holds the signing key: likewise.',
      ]
    : [
        `Entries after number ${vouched} cut off together with the head, or written anew by somebody who holds the signing key: only a later checkpoint shows it.`,
      ]),
  'An act changed or removed while it waits for its place: the tree covers it from then on.',
]
