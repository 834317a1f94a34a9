/**
 * Random tampers of a ledger as it lies in a store: entries edited, deleted, inserted, swapped and cut off, with the
 * hashes that are stored made to fit or not, with the head left, put back or forged. Every one must be seen with a
 * checkpoint from outside; two kinds cannot be seen without: a ledger cut back together with its head to what was
 * signed before, and one written anew by whoever holds the signing key.
 */

import { signCheckpoint } from '../../src/ledger/checkpoint.ts'
import type { LedgerReport } from '../../src/ledger/model.ts'
import { emptyFrontier, enter, type StoredEntry, writtenFrontier } from '../../src/ledger/rules.ts'
import type { Ledger } from '../../src/ledger/service.ts'
import type { Keys } from '../../src/services.ts'
import type { JsonValue } from '../../src/store.ts'

/** An entry beside the store's verbs. */
export interface RawEntry {
  readonly sequence: number
  readonly id: string
  readonly value: StoredEntry
}

/** What lies in a store of one ledger. */
export interface RawLedger {
  readonly entries: readonly RawEntry[]
  readonly head: JsonValue
}

/** A ledger, and a way to what lies in its store around its verbs. */
export interface Tamperable {
  readonly ledger: Pick<Ledger, 'verify'>
  readonly keys: Pick<Keys, 'signBytes'>
  readonly origin: string
  /** The states it was in when each of its heads was signed, the last one being that which it is in. */
  readonly states: readonly RawLedger[]
  write(state: RawLedger): Promise<void>
}

/** A state to put into the store. */
interface Tampered extends RawLedger {
  /** The entry that has to be named, where that can be told. */
  readonly first?: number
  /** Whether a checkpoint from outside is needed to see it. */
  readonly needs: 'nothing' | 'checkpoint'
}

/** What the tampers came to. */
export interface TamperReport {
  readonly tampers: number
  /** How many of each kind, and of which kinds a checkpoint was needed. */
  readonly kinds: Readonly<Record<string, number>>
  readonly neededCheckpoint: readonly string[]
  /** Tampers that were not seen, or not where they were, or seen without the checkpoint they need: in words. */
  readonly faults: readonly string[]
}

/** A number from 0 up to, not including, `below`. */
type Pick1 = (below: number) => number

type Kind = (at: { of: Tamperable; now: RawLedger; pick: Pick1 }) => Tampered | Promise<Tampered>

const other = (character: string): string => (character === '7' ? '8' : '7')
const spoilt = (text: string, place: number): string => {
  const at = place % text.length
  return text.slice(0, at) + other(text[at] ?? '') + text.slice(at + 1)
}
const numbered = (value: StoredEntry, sequence: number): StoredEntry => ({
  ...value,
  bytes: value.bytes.replace(/"sequence":\d+/, `"sequence":${sequence}`),
})
const renumbered = (entries: readonly RawEntry[]): RawEntry[] =>
  entries.map(({ id, value }, i) => ({ id, sequence: i + 1, value: numbered(value, i + 1) }))

/** Every hash that is stored with the entries made to fit. */
function rechained(entries: readonly RawEntry[]): { entries: RawEntry[]; frontier: typeof emptyFrontier } {
  let frontier = emptyFrontier
  const made = entries.map(({ id, value }, i) => {
    const { sequence: _, ...act } = JSON.parse(value.bytes)
    const entered = enter(frontier, act)
    frontier = entered.frontier
    return { id, sequence: i + 1, value: entered.entry }
  })
  return { entries: made, frontier }
}

/** The entries with something else said in one of them, or one less, or one more, as whoever rewrites a ledger would. */
function rewritten(entries: readonly RawEntry[], pick: Pick1): RawEntry[] {
  const at = pick(entries.length)
  const entry = entries[at] as RawEntry
  const said = {
    ...entry,
    value: { ...entry.value, bytes: entry.value.bytes.replace('register.', 'consent.') },
  }
  const ways = [
    entries.toSpliced(at, 1, said),
    entries.toSpliced(at, 1),
    entries.toSpliced(at, 0, { ...said, id: `${entry.id}x` }),
  ]
  return ways[pick(ways.length)] as RawEntry[]
}

const kinds: Readonly<Record<string, Kind>> = {
  'edit of the bytes': ({ now, pick }) => {
    const at = pick(now.entries.length)
    const entry = now.entries[at] as RawEntry
    const value = { ...entry.value, bytes: spoilt(entry.value.bytes, pick(1_000)) }
    return { ...now, entries: now.entries.with(at, { ...entry, value }), first: at + 1, needs: 'nothing' }
  },
  'edit of a stored hash': ({ now, pick }) => {
    const at = pick(now.entries.length)
    const entry = now.entries[at] as RawEntry
    const { subtrees, root } = entry.value
    const which = pick(subtrees.length + 1)
    const changed =
      which === 0
        ? { root: spoilt(root, pick(64)) }
        : { subtrees: subtrees.with(which - 1, spoilt(subtrees[which - 1] ?? '', pick(64))) }
    const value = { ...entry.value, ...changed }
    return { ...now, entries: now.entries.with(at, { ...entry, value }), first: at + 1, needs: 'nothing' }
  },
  'delete, leaving a gap': ({ now, pick }) => {
    const at = pick(now.entries.length)
    return { ...now, entries: now.entries.toSpliced(at, 1), first: at + 1, needs: 'nothing' }
  },
  'delete, the others moved up': ({ now, pick }) => {
    const at = pick(now.entries.length)
    return { ...now, entries: renumbered(now.entries.toSpliced(at, 1)), first: at + 1, needs: 'nothing' }
  },
  insert: ({ now, pick }) => {
    const [at, from] = [pick(now.entries.length + 1), pick(now.entries.length)]
    const copy = now.entries[from] as RawEntry
    const entries = renumbered(now.entries.toSpliced(at, 0, { ...copy, id: `${copy.id}x` }))
    // A copy in the very place of what it is of is that, and the first that is changed is the one after it.
    return { ...now, entries, first: at === from ? at + 2 : at + 1, needs: 'nothing' }
  },
  swap: ({ now, pick }) => {
    const [one, another] = [pick(now.entries.length), pick(now.entries.length - 1)]
    const two = another < one ? another : another + 1
    const [a, b] = [now.entries[one] as RawEntry, now.entries[two] as RawEntry]
    const swapped = now.entries.with(one, { ...b, sequence: one + 1 }).with(two, { ...a, sequence: two + 1 })
    const entries = pick(2) === 0 ? swapped : renumbered(swapped)
    return { ...now, entries, first: Math.min(one, two) + 1, needs: 'nothing' }
  },
  cut: ({ now, pick }) => {
    const at = pick(now.entries.length)
    return { ...now, entries: now.entries.slice(0, at), first: at + 1, needs: 'nothing' }
  },
  'cut, together with its head, to what was signed before': ({ of, pick }) => {
    const before = of.states[pick(of.states.length) - 1] ?? { entries: [], head: null }
    return { ...before, first: before.entries.length + 1, needs: 'checkpoint' }
  },
  're-chain under the head that was there': ({ now, pick }) => ({
    ...rechained(rewritten(now.entries, pick)),
    head: now.head,
    needs: 'nothing',
  }),
  're-chain, the head made to fit under its old signature': ({ now, pick }) => {
    const { entries, frontier } = rechained(rewritten(now.entries, pick))
    return { entries, head: { ...(now.head as object), ...writtenFrontier(frontier) }, needs: 'nothing' }
  },
  're-chain, signed with the signing key': async ({ of, now, pick }) => {
    const { entries, frontier } = rechained(rewritten(now.entries, pick))
    const root = entries.at(-1)?.value.root ?? ''
    const note = await signCheckpoint(of.keys, { origin: of.origin, size: frontier.size, root })
    return { entries, head: { ...writtenFrontier(frontier), note }, needs: 'checkpoint' }
  },
}

/** Does so many tampers, each upon the ledger as it was, and puts that back in the end. */
export async function tamper(
  of: Tamperable,
  { tampers, random }: { readonly tampers: number; readonly random: (bytes: number) => Uint8Array },
): Promise<TamperReport> {
  const pick: Pick1 = (below) => random(4).reduce((sum, byte) => sum * 256 + byte, 0) % below
  const now = of.states.at(-1) as RawLedger
  await of.write(now)
  const { checkpoint = '', ...sound } = await of.ledger.verify({ checkpoints: [] })
  const faults: string[] = sound.outcome === 'intact' ? [] : ['the ledger was not sound to begin with']
  const counts: Record<string, number> = {}
  const needed = new Set<string>()
  const names = Object.keys(kinds)
  for (let n = 0; n < tampers; n++) {
    const name = names[n % names.length] as string
    const tampered = await (kinds[name] as Kind)({ of, now, pick })
    counts[name] = (counts[name] ?? 0) + 1
    if (tampered.needs === 'checkpoint') needed.add(name)
    await of.write(tampered)
    const [alone, held] = [
      await of.ledger.verify({ checkpoints: [] }),
      await of.ledger.verify({ checkpoints: [checkpoint] }),
    ]
    faults.push(...faultsOf(tampered, { alone, held }).map((says) => `${n} (${name}): ${says}`))
  }
  await of.write(now)
  const after = await of.ledger.verify({ checkpoints: [checkpoint] })
  if (after.outcome === 'broken') faults.push('the ledger was not sound in the end')
  return { tampers, kinds: counts, neededCheckpoint: [...needed], faults }
}

function faultsOf(
  { needs, first }: Tampered,
  { alone, held }: { alone: LedgerReport; held: LedgerReport },
): string[] {
  const named = held.broken?.sequence
  return [
    ...(held.outcome === 'broken' ? [] : ['not seen with a checkpoint']),
    ...(first === undefined || first === named ? [] : [`named entry ${named}, not ${first}`]),
    ...(needs === 'nothing' && alone.outcome === 'intact' ? ['not seen without a checkpoint'] : []),
    ...(needs === 'checkpoint' && alone.outcome === 'broken' ? ['seen without a checkpoint'] : []),
  ]
}
