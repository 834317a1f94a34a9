/**
 * The ledger of one tenant: acts wait as records of their own, `sequence` moves them into the stream in batches, signs
 * the new head and hands it to the place outside where checkpoints are kept.
 *
 * Two processes may sequence at once: each batch expects the head it read, so one of them reads again. Nothing is
 * built on a head that was not signed, or that does not continue the last checkpoint kept outside: whoever rewrites
 * the store, or cuts it back, does not get the library's signature under it.
 */

import { settle } from '../commit.ts'
import { type Environment, newId } from '../environment.ts'
import { PrivacyError, StoreFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys, LedgerWriter } from '../services.ts'
import type { Change, JsonValue, Store } from '../store.ts'
import { signCheckpoint } from './checkpoint.ts'
import {
  type Act,
  type CheckpointSink,
  type ConsistencyProof,
  type InclusionProof,
  type LedgerEntry,
  type LedgerReport,
  pendingActParser,
} from './model.ts'
import { consistency, inclusion } from './proving.ts'
import {
  actKey,
  actsOf,
  broken,
  type FoundHead,
  headOf,
  type LedgerPlace,
  listEntries,
  moved,
  pendingName,
  readHead,
  streamOf,
  unsigned,
} from './reading.ts'
import { emptyFrontier, enter, type Frontier, rootOf, writtenFrontier } from './rules.ts'
import { verified } from './verifying.ts'

/** An entry takes an append and a removal, so that a batch and its head stay within one commit. */
const batch = 200

/** The ledger of one tenant. */
export interface Ledger extends LedgerWriter {
  /**
   * Moves the acts that wait into the stream, in order of their ids, and says how many there were: 0 where none waited.
   * Then hands the new checkpoint to the host's sink, if there is one; also one that an earlier call could not hand
   * over. Where the sink fails, so does this. Where its last checkpoint cannot be read, nothing was moved; where
   * handing over fails, the acts are in their place. Either way the next call does what is due.
   * @throws IntegrityFailure `ledger.broken` where the head is not one that was signed, is of another origin, not of as
   *   many entries as there are, or does not continue the last checkpoint of the sink; `record.corrupt` where what waits is no act;
   *   `seal.rejected`, path `checkpoint`, where the sink's last is not of this ledger
   * @throws Conflict `conflict.contended`; StoreFailure, of the sink too
   */
  sequence(): Promise<number>
  /**
   * The entries of the stream, in sequence; acts that still wait are not among them. Whether they are those that were
   * written is for `verify` to say.
   * @throws IntegrityFailure `ledger.broken` at an entry that cannot be read; StoreFailure
   */
  list(): AsyncIterable<LedgerEntry>
  /**
   * Recomputes the tree from the stored bytes and compares it, entry by entry, with the signed head, and with
   * checkpoints from outside the store: those that are given, in any order, or the last of the host's sink. Writes
   * nothing. A broken ledger is a value, not an error; a ledger in which nothing was ever sequenced is intact.
   * @throws IntegrityFailure `seal.rejected`, path `checkpoint`, for one that is not of this ledger; StoreFailure
   * @see RFC 6962 §2.1
   */
  verify(against?: { readonly checkpoints?: readonly string[] }): Promise<LedgerReport>
  /**
   * The proof that an entry stands in the ledger, for whoever has no store; against a checkpoint of this ledger, or
   * against the present head. It takes a logarithm of reads.
   * @throws NotFound `record.missing` for an entry that the checkpoint does not cover
   * @throws IntegrityFailure `seal.rejected`, path `checkpoint`; `ledger.broken` where what is stored proves it not
   * @throws InvalidInput `input.invalid`; StoreFailure
   * @see RFC 6962 §2.1.1
   */
  proveInclusion(of: { readonly sequence: number; readonly checkpoint?: string }): Promise<InclusionProof>
  /**
   * The proof that the ledger continues an earlier checkpoint of its own; up to a later one, or to the present head.
   * It takes a logarithm of reads.
   * @throws IntegrityFailure `seal.rejected`, path `checkpoint`; `ledger.broken` where it does not continue it
   * @throws InvalidInput `input.invalid` where the later one is over fewer entries; StoreFailure
   * @see RFC 6962 §2.1.2
   */
  proveConsistency(of: { readonly from: string; readonly to?: string }): Promise<ConsistencyProof>
}

interface Parts {
  readonly store: Store
  readonly environment: Environment
  readonly keys: Pick<Keys, 'signBytes' | 'publicKeys'>
  readonly tenant: string
  /** Which ledger its checkpoints say they are of. */
  readonly origin: string
  readonly sink?: CheckpointSink | undefined
  readonly place: LedgerPlace
}

/** Makes the ledger of a tenant. */
export function createLedger(tenant: string, given: Omit<Parts, 'tenant' | 'place'>): Ledger {
  const { store, origin, keys } = given
  const place = { store, tenant, origin, publicKeys: () => keys.publicKeys() }
  const parts = { ...given, tenant, place }
  return {
    changes: (act) => [waiting(parts, act)],
    sequence: () => sequence(parts),
    list: () => listEntries(place),
    verify: async ({ checkpoints } = {}) => verified(place, checkpoints ?? (await kept(parts))),
    proveInclusion: (of) => inclusion(place, of),
    proveConsistency: (of) => consistency(place, of),
  }
}

function waiting({ tenant, environment }: Parts, act: Act): Change {
  const id = newId(environment)
  const value = { ...act, id, recordedAt: environment.now() } as unknown as JsonValue
  return { put: { collection: pendingName, key: actKey(tenant, id) }, value, expect: 'absent' }
}

async function sequence(parts: Parts): Promise<number> {
  // Before any head is read: the sink may have newer ones by then, of other processes.
  const [last] = await kept(parts)
  let total = 0
  for (;;) {
    const { count, note } = await settle(parts, () => nextBatch(parts, last))
    total += count
    if (count === batch) continue
    if (note !== undefined && note !== last)
      await outside(() => parts.sink?.put({ tenant: parts.tenant, note }))
    return total
  }
}

/** The last checkpoint that was kept outside, if there is one. */
async function kept({ sink, tenant }: Parts): Promise<string[]> {
  const last = await outside(() => sink?.last(tenant))
  return last === null || last === undefined ? [] : [last]
}

/** What the sink answers. What it throws of its own may hold anything, and stays in the process. */
async function outside<T>(ask: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof PrivacyError) throw cause
    throw new StoreFailure('store.unavailable', 'the place where checkpoints are kept failed', { cause })
  }
}

/** The changes that move the next batch; how many acts there are in it, and the checkpoint after it. */
async function nextBatch(
  parts: Parts,
  last: string | undefined,
): Promise<{ changes: Change[]; result: { count: number; note: string | undefined } }> {
  const { tenant, store } = parts
  const at = await soundHead(parts, last)
  const changes: Change[] = []
  let frontier = at?.signed?.frontier ?? emptyFrontier
  for await (const found of store.scan(pendingName, { prefix: actsOf(tenant), limit: batch })) {
    const act = parseStored(pendingActParser, found.value, found.key)
    if (actKey(tenant, act.id) !== found.key) throw broken('an act does not wait in its own place', found.key)
    const entered = enter(frontier, act)
    frontier = entered.frontier
    const value = { ...entered.entry }
    changes.push({ append: streamOf(tenant), id: act.id, value, expect: frontier.size })
    changes.push({ remove: { collection: pendingName, key: found.key }, expect: found.version })
  }
  if (changes.length === 0) return { changes, result: { count: 0, note: at?.signed?.note } }
  const { change, note } = await signedHead(parts, { frontier, at })
  return { changes: [...changes, change], result: { count: changes.length / 2, note } }
}

/** The new head, in the place of the one that was built on. */
async function signedHead(
  { tenant, origin, keys }: Parts,
  { frontier, at }: { frontier: Frontier; at: FoundHead | null },
): Promise<{ change: Change; note: string }> {
  const note = await signCheckpoint(keys, { origin, size: frontier.size, root: rootOf(frontier) })
  const value = { ...writtenFrontier(frontier), note }
  return { change: { put: headOf(tenant), value, expect: at?.found.version ?? 'absent' }, note }
}

/** The head to build on: one that was signed, over as many entries as there are, and continues the last one outside. */
async function soundHead(parts: Parts, last: string | undefined): Promise<FoundHead | null> {
  const { place, store, tenant } = parts
  const at = await readHead(place)
  const { key: headAt } = headOf(tenant)
  if (at && !at.signed) throw broken(unsigned(place, at), headAt)
  const { collection, key: stream } = streamOf(tenant)
  const [newest] = await store.get(collection, [stream])
  const size = at?.signed?.frontier.size ?? 0
  const there = newest?.version ?? 0
  // More entries than a moment ago may be another process's batch, whose head is then there as well.
  if (there !== size && !(there > size && (await moved(place, at)))) {
    throw broken('the stored head is not that of the entries', headAt)
  }
  if (last !== undefined && last !== at?.signed?.note) await consistency(place, { from: last })
  return at
}
