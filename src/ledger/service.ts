/**
 * The ledger of one tenant: acts wait as records of their own, `sequence` moves them into the stream in batches and
 * signs the new head, `verify` recomputes everything.
 *
 * Two processes may sequence at once: each batch expects the head it read, so one of them reads again.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, newId } from '../environment.ts'
import { hex } from '../keys/digest.ts'
import type { Keys, LedgerWriter } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import type { Act, LedgerEntry, LedgerReport } from './model.ts'
import {
  emptyFrontier,
  entryBytes,
  type Frontier,
  grow,
  leafHash,
  type PendingAct,
  readEntry,
  rootOf,
} from './rules.ts'

/** An entry takes an append and a removal, so that a batch and its head stay within one commit. */
const batch = 200
const checkpointType = 'pilvi-ledger-checkpoint+jws'
const encoder = new TextEncoder()

/** The ledger of one tenant. */
export interface Ledger extends LedgerWriter {
  /** Moves the acts that wait into the stream, in order of their ids, and says how many there were. */
  sequence(): Promise<number>
  /** The entries of the stream, in sequence. */
  list(): AsyncIterable<LedgerEntry>
  /**
   * Recomputes the tree from the stored bytes and compares it, entry by entry and with the signed head. Writes
   * nothing. A broken ledger is a value, not an error.
   */
  verify(): Promise<LedgerReport>
}

interface Head {
  readonly frontier: Frontier
  readonly checkpoint: string
}

/** Makes the ledger of a tenant. */
export function createLedger(
  tenant: string,
  { store, environment, keys }: { store: Store; environment: Environment; keys: Keys },
): Ledger {
  const stream = { collection: collections.ledger.name, key: key(tenant, 'ledger') }
  const headAt = { collection: collections.heads.name, key: key(tenant, 'ledger') }
  const pending = collections.pending.name
  const prefix = `${key(tenant, 'act')}/`

  async function readHead(): Promise<{ found: Versioned | null; head: Head | null }> {
    const [found = null] = await store.get(headAt.collection, [headAt.key])
    return { found, head: found && parseHead(found.value) }
  }

  async function nextBatch(): Promise<{ changes: Change[]; result: number }> {
    const { found, head } = await readHead()
    const changes: Change[] = []
    let frontier = head?.frontier ?? emptyFrontier
    for await (const waiting of store.scan(pending, { prefix, limit: batch })) {
      const act = waiting.value as unknown as PendingAct
      const bytes = entryBytes(act, frontier.size + 1)
      frontier = grow(frontier, leafHash(encoder.encode(bytes)))
      const value = { bytes, root: rootOf(frontier) }
      changes.push({ append: stream, id: act.id, value, expect: frontier.size })
      changes.push({ remove: { collection: pending, key: waiting.key }, expect: waiting.version })
    }
    if (changes.length === 0) return { changes, result: 0 }
    const statement = { tenant, size: frontier.size, root: rootOf(frontier), at: environment.now() }
    const checkpoint = await keys.sign(statement, checkpointType)
    const value = { size: frontier.size, roots: frontier.roots.map(hex), checkpoint }
    return {
      changes: [...changes, { put: headAt, value, expect: found?.version ?? 'absent' }],
      result: changes.length / 2,
    }
  }

  async function countPending(): Promise<number> {
    let count = 0
    for await (const _ of store.scan(pending, { prefix })) count++
    return count
  }

  return {
    changes(act: Act) {
      const id = newId(environment)
      const value = { ...act, id, recordedAt: environment.now() } as unknown as JsonValue
      return [{ put: { collection: pending, key: key(tenant, 'act', id) }, value, expect: 'absent' }]
    },

    async sequence() {
      let moved = 0
      for (;;) {
        const count = await settle({ store, environment }, nextBatch)
        moved += count
        if (count < batch) return moved
      }
    },

    async *list() {
      for await (const { value, version } of store.scan(stream.collection, { stream: stream.key })) {
        const entry = readEntry((value as { bytes: string }).bytes, version)
        if (entry) yield entry
      }
    },

    async verify() {
      // The head is read first: entries that are added meanwhile lie beyond it and are left for the next time.
      const { found, head } = await readHead()
      const size = head?.frontier.size ?? 0
      const checked = await recompute(store.scan(stream.collection, { stream: stream.key }), size)
      const broken =
        checked.broken ??
        (found && (await judgeHead(head, checked.frontier))) ??
        (checked.beyond ? await judgeBeyond(found, size) : null)
      const report = {
        entries: checked.frontier.size,
        pending: await countPending(),
        root: rootOf(checked.frontier),
      }
      return broken
        ? { outcome: 'broken', ...report, broken, unseen }
        : { outcome: 'intact', ...report, unseen }
    },
  }

  /** Entries beyond the head are another process's next batch, unless the head stays where it was. */
  async function judgeBeyond(found: Versioned | null, size: number): Promise<LedgerReport['broken'] | null> {
    const now = await readHead()
    const moved = now.found?.version !== found?.version
    return moved ? null : { sequence: size + 1, says: 'no signed head names this entry' }
  }

  async function judgeHead(head: Head | null, frontier: Frontier): Promise<LedgerReport['broken'] | null> {
    const sequence = frontier.size
    if (head === null) return { sequence, says: 'the stored head is not one' }
    if (head.frontier.size !== sequence)
      return { sequence: sequence + 1, says: 'entries are missing at the end' }
    const statement = await keys.verify(head.checkpoint, checkpointType).catch(() => null)
    const signed =
      statement?.tenant === tenant && statement.size === sequence && statement.root === rootOf(frontier)
    return signed ? null : { sequence, says: 'the signed head is not of these entries' }
  }
}

const unseen = [
  'A head cut back together with its entries, to a state that was signed before: only a checkpoint kept outside the store shows it.',
  'A ledger written anew by somebody who holds the signing key: likewise.',
]

function parseHead(value: JsonValue): Head | null {
  const { size, roots, checkpoint } = value as { size: number; roots: string[]; checkpoint: string }
  if (!Number.isSafeInteger(size) || !Array.isArray(roots) || typeof checkpoint !== 'string') return null
  return { frontier: { size, roots: roots.map(fromHex) }, checkpoint }
}

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** Walks the first `size` entries: the first whose bytes, number or stored root is not what it should be is named. */
async function recompute(
  entries: AsyncIterable<Versioned>,
  size: number,
): Promise<{ frontier: Frontier; broken?: { sequence: number; says: string }; beyond?: true }> {
  let frontier = emptyFrontier
  for await (const { value, version } of entries) {
    if (frontier.size >= size) return { frontier, beyond: true }
    const sequence = frontier.size + 1
    const { bytes, root } = value as { bytes: string; root: string }
    if (version !== sequence) return { frontier, broken: { sequence, says: 'an entry is missing' } }
    if (typeof bytes !== 'string' || readEntry(bytes, sequence) === null) {
      return { frontier, broken: { sequence, says: 'the entry is not one' } }
    }
    const grown = grow(frontier, leafHash(encoder.encode(bytes)))
    if (rootOf(grown) !== root) return { frontier, broken: { sequence, says: 'the entry was changed' } }
    frontier = grown
  }
  return { frontier }
}
