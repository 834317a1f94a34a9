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
import type { Change, JsonValue, Ref, Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { type Act, type LedgerEntry, type LedgerReport, pendingActParser } from './model.ts'
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
const pending = collections.pending.name
const checkpointType = 'pilvi-ledger-checkpoint+jws'

/** The ledger of one tenant. */
export interface Ledger extends LedgerWriter {
  /**
   * Moves the acts that wait into the stream, in order of their ids, and says how many there were: 0 where none waited.
   * @throws IntegrityFailure `ledger.broken` where the head is not one that was signed, or not of as many entries as
   *   there are; `record.corrupt` where what waits is no act
   * @throws Conflict `conflict.contended`; StoreFailure
   */
  sequence(): Promise<number>
  /**
   * The entries of the stream, in sequence; acts that still wait are not among them. Whether they are those that were
   * written is for `verify` to say.
   * @throws IntegrityFailure `ledger.broken` at an entry that cannot be read; StoreFailure
   */
  list(): AsyncIterable<LedgerEntry>
  /**
   * Recomputes the tree from the stored bytes and compares it, entry by entry and with the signed head. Writes
   * nothing. A broken ledger is a value, not an error; a ledger in which nothing was ever sequenced is intact.
   * @throws StoreFailure
   * @see RFC 6962 §2.1
   */
  verify(): Promise<LedgerReport>
}

/** The head as it was found; `head` is `null` where that is not one that was signed for this tenant. */
interface FoundHead {
  readonly found: Versioned
  readonly head: Frontier | null
}

interface Parts {
  readonly store: Store
  readonly environment: Environment
  readonly keys: Pick<Keys, 'sign' | 'verify'>
  readonly tenant: string
}

/** Makes the ledger of a tenant. */
export function createLedger(tenant: string, given: Omit<Parts, 'tenant'>): Ledger {
  const parts = { ...given, tenant }
  return {
    changes: (act) => [waiting(parts, act)],
    sequence: () => sequence(parts),
    list: () => list(parts),
    verify: () => verify(parts),
  }
}

const streamOf = (tenant: string): Ref => ({
  collection: collections.ledger.name,
  key: key(tenant, 'ledger'),
})
const headOf = (tenant: string): Ref => ({ collection: collections.heads.name, key: key(tenant, 'ledger') })
const actKey = (tenant: string, id: string): string => key(tenant, 'act', id)
const actsOf = (tenant: string): string => `${key(tenant, 'act')}/`

function waiting({ tenant, environment }: Parts, act: Act): Change {
  const id = newId(environment)
  const value = { ...act, id, recordedAt: environment.now() } as unknown as JsonValue
  return { put: { collection: pending, key: actKey(tenant, id) }, value, expect: 'absent' }
}

async function sequence(parts: Parts): Promise<number> {
  let total = 0
  for (;;) {
    const count = await settle(parts, () => nextBatch(parts))
    total += count
    if (count < batch) return total
  }
}

async function nextBatch(parts: Parts): Promise<{ changes: Change[]; result: number }> {
  const { tenant, store } = parts
  const at = await soundHead(parts)
  const changes: Change[] = []
  let frontier = at?.head ?? emptyFrontier
  for await (const found of store.scan(pending, { prefix: actsOf(tenant), limit: batch })) {
    const act = parseStored(pendingActParser, found.value, found.key)
    if (actKey(tenant, act.id) !== found.key) throw broken('an act does not wait in its own place', found.key)
    const entered = enter(frontier, act)
    frontier = entered.frontier
    const value = { ...entered.entry }
    changes.push({ append: streamOf(tenant), id: act.id, value, expect: frontier.size })
    changes.push({ remove: { collection: pending, key: found.key }, expect: found.version })
  }
  if (changes.length === 0) return { changes, result: 0 }
  return { changes: [...changes, await signedHead(parts, { frontier, at })], result: changes.length / 2 }
}

/** The new head, in the place of the one that was built on. */
async function signedHead(
  { tenant, environment, keys }: Parts,
  { frontier, at }: { frontier: Frontier; at: FoundHead | null },
): Promise<Change> {
  const statement = { size: frontier.size, root: rootOf(frontier), at: environment.now() }
  const value = { ...writtenFrontier(frontier), checkpoint: await keys.sign(statement, checkpointType) }
  return { put: headOf(tenant), value, expect: at?.found.version ?? 'absent' }
}

/** The head to build on: one that was signed, over as many entries as there are. */
async function soundHead(parts: Parts): Promise<FoundHead | null> {
  const at = await readHead(parts)
  const { key: headAt } = headOf(parts.tenant)
  if (at && !at.head) throw broken('the stored head is not one that was signed', headAt)
  const { collection, key: stream } = streamOf(parts.tenant)
  const [last] = await parts.store.get(collection, [stream])
  const size = at?.head?.size ?? 0
  const there = last?.version ?? 0
  // More entries than a moment ago may be another process's batch, whose head is then there as well.
  if (there === size || (there > size && (await moved(parts, at)))) return at
  throw broken('the stored head is not that of the entries', headAt)
}

async function readHead(parts: Parts): Promise<FoundHead | null> {
  const { collection, key: at } = headOf(parts.tenant)
  const [found] = await parts.store.get(collection, [at])
  if (!found) return null
  const head = readFrontier(found.value)
  return { found, head: head && (await isSigned(parts, { head, value: found.value })) ? head : null }
}

/** Whether a head is one that was signed for this tenant. */
async function isSigned(
  { keys }: Parts,
  { head, value }: { head: Frontier; value: JsonValue },
): Promise<boolean> {
  try {
    const statement = await keys.verify((value as { checkpoint: string }).checkpoint, checkpointType)
    return statement.size === head.size && statement.root === rootOf(head)
  } catch (error) {
    // A store that is down says nothing about the ledger.
    if (error instanceof IntegrityFailure) return false
    throw error
  }
}

const moved = async (parts: Parts, since: FoundHead | null): Promise<boolean> =>
  (await readHead(parts))?.found.version !== since?.found.version

async function* list({ tenant, store }: Parts): AsyncIterable<LedgerEntry> {
  const { collection, key: stream } = streamOf(tenant)
  for await (const { value, version } of store.scan(collection, { stream })) {
    const entry = readEntry(value, version)
    if (entry === null) throw broken('an entry is not what was written', `${stream}/${version}`)
    yield entry
  }
}

async function verify(parts: Parts): Promise<LedgerReport> {
  // The head is read first: entries that are added meanwhile lie beyond it and are left for the next time.
  const at = await readHead(parts)
  const unsigned = at !== null && at.head === null
  const head = at?.head ?? emptyFrontier
  const { frontier, fault, beyond } = await recompute(parts, unsigned ? Number.POSITIVE_INFINITY : head.size)
  const found =
    fault ??
    (unsigned ? { sequence: 1, says: 'the stored head is not one that was signed' } : null) ??
    againstHead(frontier, head) ??
    // Entries beyond the head are another process's next batch, unless the head stays where it was.
    (beyond && !(await moved(parts, at)) ? unnamed(frontier) : null)
  const entries = frontier.size
  const report = { entries, pending: await countPending(parts), root: rootOf(frontier), unseen }
  return found ? { outcome: 'broken', ...report, broken: found } : { outcome: 'intact', ...report }
}

/** Walks the entries that the head covers; `beyond` where there are more. */
async function recompute(
  { tenant, store }: Parts,
  size: number,
): Promise<{ frontier: Frontier; fault?: Fault; beyond?: true }> {
  const { collection, key: stream } = streamOf(tenant)
  let frontier = emptyFrontier
  for await (const stored of store.scan(collection, { stream })) {
    if (frontier.size >= size) return { frontier, beyond: true }
    const checked = check(frontier, stored)
    if ('fault' in checked) return { frontier, fault: checked.fault }
    frontier = checked.frontier
  }
  return { frontier }
}

async function countPending({ tenant, store }: Parts): Promise<number> {
  let count = 0
  for await (const _ of store.scan(pending, { prefix: actsOf(tenant) })) count++
  return count
}

const unnamed = ({ size }: Frontier): Fault => ({
  sequence: size + 1,
  says: 'no signed head names this entry',
})

const broken = (says: string, record: string): IntegrityFailure =>
  new IntegrityFailure('ledger.broken', says, { record })
