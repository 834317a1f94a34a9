/**
 * The ledger of one tenant: acts wait as records of their own, `sequence` moves them into the stream in batches and
 * signs the new head, `verify` recomputes everything.
 *
 * Two processes may sequence at once: each batch expects the head it read, so one of them reads again. Nothing is
 * built on a head that was not signed: whoever rewrites the store does not get the library's signature under it.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, newId } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys, LedgerWriter } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import { type LedgerEntry, type LedgerReport, pendingActParser } from './model.ts'
import {
  againstHead,
  check,
  emptyFrontier,
  enter,
  type Fault,
  type Frontier,
  readEntry,
  readFrontier,
  rootOf,
  unseen,
  writtenFrontier,
} from './rules.ts'

/** An entry takes an append and a removal, so that a batch and its head stay within one commit. */
const batch = 200
const checkpointType = 'pilvi-ledger-checkpoint+jws'

/** The ledger of one tenant. */
export interface Ledger extends LedgerWriter {
  /**
   * Moves the acts that wait into the stream, in order of their ids, and says how many there were.
   * @throws IntegrityFailure `ledger.broken` where the head is not one that was signed, or not of as many entries as
   *   there are; `record.corrupt` where what waits is no act
   */
  sequence(): Promise<number>
  /** The entries of the stream, in sequence. @throws IntegrityFailure `ledger.broken` at one that cannot be read */
  list(): AsyncIterable<LedgerEntry>
  /**
   * Recomputes the tree from the stored bytes and compares it, entry by entry and with the signed head. Writes
   * nothing. A broken ledger is a value, not an error.
   */
  verify(): Promise<LedgerReport>
}

/** The head as it was found; `head` is `null` where that is not one that was signed for this tenant. */
interface FoundHead {
  readonly found: Versioned
  readonly head: Frontier | null
}

/** Makes the ledger of a tenant. */
export function createLedger(
  tenant: string,
  { store, environment, keys }: { store: Store; environment: Environment; keys: Keys },
): Ledger {
  const stream = { collection: collections.ledger.name, key: key(tenant, 'ledger') }
  const headAt = { collection: collections.heads.name, key: key(tenant, 'ledger') }
  const pending = collections.pending.name
  const actKey = (id: string): string => key(tenant, 'act', id)
  const prefix = `${key(tenant, 'act')}/`

  async function readHead(): Promise<FoundHead | null> {
    const [found] = await store.get(headAt.collection, [headAt.key])
    if (!found) return null
    const head = readFrontier(found.value)
    return { found, head: head && (await isSigned(head, found.value)) ? head : null }
  }

  async function isSigned(head: Frontier, value: JsonValue): Promise<boolean> {
    try {
      const statement = await keys.verify((value as { checkpoint: string }).checkpoint, checkpointType)
      return statement.tenant === tenant && statement.size === head.size && statement.root === rootOf(head)
    } catch (error) {
      // A store that is down says nothing about the ledger.
      if (error instanceof IntegrityFailure) return false
      throw error
    }
  }

  const moved = async (since: FoundHead | null): Promise<boolean> =>
    (await readHead())?.found.version !== since?.found.version

  /** The head to build on: one that was signed, over as many entries as there are. */
  async function soundHead(): Promise<FoundHead | null> {
    const at = await readHead()
    if (at && !at.head) throw broken('the stored head is not one that was signed', headAt.key)
    const [last] = await store.get(stream.collection, [stream.key])
    const size = at?.head?.size ?? 0
    const there = last?.version ?? 0
    // More entries than a moment ago may be another process's batch, whose head is then there as well.
    if (there === size || (there > size && (await moved(at)))) return at
    throw broken('the stored head is not that of the entries', headAt.key)
  }

  async function nextBatch(): Promise<{ changes: Change[]; result: number }> {
    const at = await soundHead()
    const changes: Change[] = []
    let frontier = at?.head ?? emptyFrontier
    for await (const waiting of store.scan(pending, { prefix, limit: batch })) {
      const act = parseStored(pendingActParser, waiting.value, waiting.key)
      if (actKey(act.id) !== waiting.key) throw broken('an act does not wait in its own place', waiting.key)
      const entered = enter(frontier, act)
      frontier = entered.frontier
      changes.push({ append: stream, id: act.id, value: { ...entered.entry }, expect: frontier.size })
      changes.push({ remove: { collection: pending, key: waiting.key }, expect: waiting.version })
    }
    if (changes.length === 0) return { changes, result: 0 }
    const statement = { tenant, size: frontier.size, root: rootOf(frontier), at: environment.now() }
    const value = { ...writtenFrontier(frontier), checkpoint: await keys.sign(statement, checkpointType) }
    return {
      changes: [...changes, { put: headAt, value, expect: at?.found.version ?? 'absent' }],
      result: changes.length / 2,
    }
  }

  /** Walks the entries that the head covers; `beyond` where there are more. */
  async function recompute(size: number): Promise<{ frontier: Frontier; fault?: Fault; beyond?: true }> {
    let frontier = emptyFrontier
    for await (const stored of store.scan(stream.collection, { stream: stream.key })) {
      if (frontier.size >= size) return { frontier, beyond: true }
      const checked = check(frontier, stored)
      if ('fault' in checked) return { frontier, fault: checked.fault }
      frontier = checked.frontier
    }
    return { frontier }
  }

  async function countPending(): Promise<number> {
    let count = 0
    for await (const _ of store.scan(pending, { prefix })) count++
    return count
  }

  return {
    changes(act) {
      const id = newId(environment)
      const value = { ...act, id, recordedAt: environment.now() } as unknown as JsonValue
      return [{ put: { collection: pending, key: actKey(id) }, value, expect: 'absent' }]
    },

    async sequence() {
      let total = 0
      for (;;) {
        const count = await settle({ store, environment }, nextBatch)
        total += count
        if (count < batch) return total
      }
    },

    async *list() {
      for await (const { value, version } of store.scan(stream.collection, { stream: stream.key })) {
        const entry = readEntry(value, version)
        if (entry === null) throw broken('an entry is not what was written', `${stream.key}/${version}`)
        yield entry
      }
    },

    async verify() {
      // The head is read first: entries that are added meanwhile lie beyond it and are left for the next time.
      const at = await readHead()
      const unsigned = at !== null && at.head === null
      const head = at?.head ?? emptyFrontier
      const { frontier, fault, beyond } = await recompute(unsigned ? Number.POSITIVE_INFINITY : head.size)
      const found =
        fault ??
        (unsigned ? { sequence: 1, says: 'the stored head is not one that was signed' } : null) ??
        againstHead(frontier, head) ??
        // Entries beyond the head are another process's next batch, unless the head stays where it was.
        (beyond && !(await moved(at)) ? unnamed(frontier) : null)
      const entries = frontier.size
      const report = { entries, pending: await countPending(), root: rootOf(frontier), unseen }
      return found ? { outcome: 'broken', ...report, broken: found } : { outcome: 'intact', ...report }
    },
  }
}

const unnamed = ({ size }: Frontier): Fault => ({
  sequence: size + 1,
  says: 'no signed head names this entry',
})

const broken = (says: string, record: string): IntegrityFailure =>
  new IntegrityFailure('ledger.broken', says, { record })
