/**
 * Reading a ledger from its store: the head, the entries, and the hashes that proofs are made of. It takes public keys
 * only, so that whoever checks a ledger needs none that signs.
 */

import { collections } from '../collections.ts'
import { IntegrityFailure } from '../errors.ts'
import { hex } from '../keys/digest.ts'
import type { JsonValue, Ref, Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { openedBy, signedBy } from './checkpoint.ts'
import type { Checkpoint, LedgerEntry } from './model.ts'
import { readHead as readCheckpoint, readNote } from './note.ts'
import { type NodePlace, placesOf, type Span } from './proof.ts'
import { type Frontier, joined, nodeOf, readEntry, readFrontier, rootOf } from './rules.ts'

/** What it takes to read and check the ledger of a tenant. */
export interface LedgerPlace {
  readonly store: Pick<Store, 'get' | 'scan'>
  readonly tenant: string
  /** Which ledger its checkpoints say they are of. */
  readonly origin: string
  /** The public keys of which one has signed it, present and former. */
  publicKeys(): Promise<readonly Uint8Array[]>
}

/** The head of a ledger as it was found. */
export interface FoundHead {
  readonly found: Versioned
  /** What was signed; `null` where that is not what stands there, or not for this ledger. */
  readonly signed: SignedHead | null
}

/** A head that was signed. */
export interface SignedHead {
  readonly frontier: Frontier
  readonly note: string
}

export const streamOf = (tenant: string): Ref => ({
  collection: collections.ledger.name,
  key: key(tenant, 'ledger'),
})
export const headOf = (tenant: string): Ref => ({
  collection: collections.heads.name,
  key: key(tenant, 'ledger'),
})
export const pendingName = collections.pending.name
export const actKey = (tenant: string, id: string): string => key(tenant, 'act', id)
export const actsOf = (tenant: string): string => `${key(tenant, 'act')}/`

/** The head as it stands, `null` where nothing was ever sequenced. @throws StoreFailure */
export async function readHead(place: LedgerPlace): Promise<FoundHead | null> {
  const { collection, key: at } = headOf(place.tenant)
  const [found] = await place.store.get(collection, [at])
  return found ? { found, signed: await signedHead(place, found.value) } : null
}

/** Whether the head is another one by now. @throws StoreFailure */
export const moved = async (place: LedgerPlace, since: FoundHead | null): Promise<boolean> =>
  (await readHead(place))?.found.version !== since?.found.version

async function signedHead(place: LedgerPlace, value: JsonValue): Promise<SignedHead | null> {
  const frontier = readFrontier(value)
  const { note } = Object(value) as { note?: unknown }
  // Asked for first: keys that are not to be had say nothing about the ledger.
  const known = { origin: place.origin, publicKeys: await place.publicKeys() }
  const said = await signedBy(note, known)
  if (frontier === null || said?.size !== frontier.size || said.root !== rootOf(frontier)) return null
  return { frontier, note: note as string }
}

/** What is wrong with a head that was not signed for this ledger. What it says of its origin is not verified. */
export function unsigned({ origin }: LedgerPlace, { found }: FoundHead): string {
  const { note } = Object(found.value) as { note?: unknown }
  const said = readCheckpoint(readNote(note)?.text ?? '')
  return said === null || said.origin === origin
    ? 'the stored head is not one that was signed'
    : 'the stored head is of another origin'
}

/** A checkpoint of this ledger. @throws IntegrityFailure `seal.rejected`, path `checkpoint`; StoreFailure */
export const openIn = async (place: LedgerPlace, note: unknown): Promise<Checkpoint> =>
  openedBy(note, { origin: place.origin, publicKeys: await place.publicKeys() })

/** The entries in sequence. @throws IntegrityFailure `ledger.broken`; StoreFailure */
export async function* listEntries({ tenant, store }: LedgerPlace): AsyncIterable<LedgerEntry> {
  const { collection, key: stream } = streamOf(tenant)
  for await (const { value, version } of store.scan(collection, { stream })) {
    const entry = readEntry(value, version)
    if (entry === null) throw broken('an entry is not what was written', `${stream}/${version}`)
    yield entry
  }
}

/** What is stored as an entry, `null` where there is none of that number. @throws StoreFailure */
export async function storedAt({ tenant, store }: LedgerPlace, sequence: number): Promise<JsonValue> {
  const { collection, key: stream } = streamOf(tenant)
  for await (const { value, version } of store.scan(collection, { stream, after: sequence - 1, limit: 1 })) {
    if (version === sequence) return value
  }
  return null
}

/** The hashes of subtrees, hex, by one read for each full subtree they are made of. @throws IntegrityFailure, StoreFailure */
export const hashesOf = (place: LedgerPlace, spans: readonly Span[]): Promise<string[]> =>
  Promise.all(
    spans.map(async (span) => hex(joined(await Promise.all(placesOf(span).map((at) => nodeAt(place, at)))))),
  )

async function nodeAt(place: LedgerPlace, { sequence, level }: NodePlace): Promise<Uint8Array> {
  const found = nodeOf(await storedAt(place, sequence), level)
  if (found !== null) return found
  throw broken('an entry is not what was written', `${streamOf(place.tenant).key}/${sequence}`)
}

export const broken = (says: string, record: string): IntegrityFailure =>
  new IntegrityFailure('ledger.broken', says, { record })
