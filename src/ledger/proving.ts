/**
 * Making proofs from what is stored, by a logarithm of reads. Every proof is verified before it is handed out: what
 * stands in the store is believed only where it leads to a root that was signed.
 */

import { InvalidInput, NotFound } from '../errors.ts'
import type { Checkpoint, ConsistencyProof, InclusionProof } from './model.ts'
import { consistencySpans, inclusionSpans, verifyConsistency, verifyInclusion } from './proof.ts'
import {
  broken,
  hashesOf,
  headOf,
  type LedgerPlace,
  openIn,
  readHead,
  storedAt,
  streamOf,
  unsigned,
} from './reading.ts'
import { readEntry, rootOf, type StoredEntry } from './rules.ts'

/** A checkpoint, and what it says. */
interface Opened {
  readonly note: string
  readonly said: Checkpoint
}

/** @throws as `Ledger.proveInclusion` */
export async function inclusion(
  place: LedgerPlace,
  { sequence, checkpoint }: { sequence: number; checkpoint?: string },
): Promise<InclusionProof> {
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new InvalidInput('input.invalid', 'sequence must be the number of an entry', { path: 'sequence' })
  }
  const against = await opened(place, checkpoint)
  if (against === null || sequence > against.said.size) {
    throw new NotFound('record.missing', 'the checkpoint covers no entry of that number', {
      path: 'sequence',
    })
  }
  const { size } = against.said
  const path = await hashesOf(place, inclusionSpans(sequence - 1, size))
  const value = await storedAt(place, sequence)
  const proof = { sequence, bytes: (Object(value) as StoredEntry).bytes, path, checkpoint: against.note }
  if (readEntry(value, sequence) !== null && verifyInclusion(proof, against.said)) return proof
  throw broken('the entries are not those of the checkpoint', streamOf(place.tenant).key)
}

/** @throws as `Ledger.proveConsistency` */
export async function consistency(
  place: LedgerPlace,
  { from, to }: { from: string; to?: string },
): Promise<ConsistencyProof> {
  const earlier = { note: from, said: await openIn(place, from) }
  const later = await opened(place, to)
  if (later === null || earlier.said.size > later.said.size) {
    if (to === undefined) throw broken('the ledger is shorter than the checkpoint', headOf(place.tenant).key)
    throw new InvalidInput('input.invalid', 'to must cover at least as many entries as from', { path: 'to' })
  }
  const path = await hashesOf(place, consistencySpans(earlier.said.size, later.said.size))
  const proof = { path, from, to: later.note }
  if (verifyConsistency(proof, { from: earlier.said, to: later.said })) return proof
  throw broken('the entries are not those of the checkpoint', streamOf(place.tenant).key)
}

/** A checkpoint that was given, or that of the head; `null` where nothing was ever sequenced. */
async function opened(place: LedgerPlace, note: string | undefined): Promise<Opened | null> {
  if (note !== undefined) return { note, said: await openIn(place, note) }
  const at = await readHead(place)
  if (at === null) return null
  if (at.signed === null) throw broken(unsigned(place, at), headOf(place.tenant).key)
  const { frontier, note: signed } = at.signed
  return {
    note: signed,
    said: { origin: place.origin, size: frontier.size, root: rootOf(frontier) },
  }
}
