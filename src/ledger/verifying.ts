/**
 * Verifying a ledger: everything is computed anew from the stored bytes and held against the signed head and against
 * checkpoints from outside the store.
 *
 * What was cut off, or written anew by whoever holds the signing key, is seen by a checkpoint that was made before and
 * kept where neither could reach it, and by nothing else. A checkpoint that is not of this ledger is refused rather than
 * passed over: whoever gave it means to be told what it shows.
 */

import type { Store } from '../store.ts'
import { checkTenant } from '../values/key.ts'
import { type JsonWebKeySet, publicKeysOf } from './checkpoint.ts'
import type { Checkpoint, LedgerReport } from './model.ts'
import {
  actsOf,
  type FoundHead,
  type LedgerPlace,
  moved,
  openIn,
  pendingName,
  readHead,
  streamOf,
  unsigned,
} from './reading.ts'
import { emptyFrontier, type Fault, type Frontier, rootOf } from './rules.ts'
import { beginning, rootsBySize, stepped, unseenBeyond, verdict, type Walk } from './verdict.ts'

/**
 * Verifies the ledger of a tenant without any key that signs: for whoever is given the store, or a copy of it, and the
 * public keys. As `privacy.ledger.verify`, which says more.
 *
 * @param known the origin of its checkpoints, `pilvi-privacy/<controller>/<tenant>` if the host gave none; the public
 *   keys; and checkpoints that were kept outside, in any order
 * @throws IntegrityFailure `seal.rejected`, path `checkpoint`; InvalidInput; StoreFailure
 */
export function verifyLedger(
  { store, tenant }: { readonly store: Pick<Store, 'get' | 'scan'>; readonly tenant: string },
  {
    origin,
    jwks,
    checkpoints = [],
  }: { readonly origin: string; readonly jwks: JsonWebKeySet; readonly checkpoints?: readonly string[] },
): Promise<LedgerReport> {
  checkTenant(tenant)
  const publicKeys = publicKeysOf(jwks)
  return verified({ store, tenant, origin, publicKeys: async () => publicKeys }, checkpoints)
}

/** The report on a ledger, held against these checkpoints. @throws IntegrityFailure `seal.rejected`; StoreFailure */
export async function verified(from: LedgerPlace, notes: readonly string[]): Promise<LedgerReport> {
  const place = readingKeysOnce(from)
  // Checkpoints are older than the head, and the head than the keys and the entries: what is added meanwhile is left for
  // next time, and the key that signed the head is among those that are read after it.
  const at = await readHead(place)
  const outside = await Promise.all(notes.map((note) => openIn(place, note)))
  const { walk, beyond } = await walked(place, { at, outside })
  const { frontier, vouched } = walk
  const found =
    verdict(walk, { head: headOf(place, at), outside }) ?? (await unnamed(place, { at, walk, beyond }))
  const report = {
    entries: frontier.size,
    pending: await countPending(place),
    root: rootOf(frontier),
    vouched,
    unseen: unseenBeyond(vouched),
  }
  if (found) return { outcome: 'broken', ...report, broken: found }
  return { outcome: 'intact', ...report, ...(at?.signed && { checkpoint: at.signed.note }) }
}

/** However many notes there are: the keys are read with the first, and by nobody before. */
function readingKeysOnce(place: LedgerPlace): LedgerPlace {
  let read: ReturnType<LedgerPlace['publicKeys']> | undefined
  const publicKeys = () => {
    read ??= place.publicKeys()
    return read
  }
  return { ...place, publicKeys }
}

/** The tree that the head stands for: that of nothing where there is none; in words where it was not signed. */
const headOf = (place: LedgerPlace, at: FoundHead | null): Frontier | string =>
  at === null ? emptyFrontier : (at.signed?.frontier ?? unsigned(place, at))

/** Walks the entries that the head covers, all of them where it was not signed; `beyond` where there are more. */
async function walked(
  place: LedgerPlace,
  { at, outside }: { at: FoundHead | null; outside: readonly Checkpoint[] },
): Promise<{ walk: Walk; beyond: 'more' | 'none' }> {
  const size = at === null ? 0 : (at.signed?.frontier.size ?? Number.POSITIVE_INFINITY)
  const roots = rootsBySize(outside)
  let walk = beginning(roots)
  const { collection, key: stream } = streamOf(place.tenant)
  for await (const stored of place.store.scan(collection, { stream })) {
    if (walk.fault) break
    if (walk.frontier.size >= size) return { walk, beyond: 'more' }
    walk = stepped(walk, { stored, roots })
  }
  return { walk, beyond: 'none' }
}

/** Entries beyond the head are another process's next batch, unless the head stays where it was. */
async function unnamed(
  place: LedgerPlace,
  { at, walk, beyond }: { at: FoundHead | null; walk: Walk; beyond: 'more' | 'none' },
): Promise<Fault | null> {
  if (beyond === 'none' || (await moved(place, at))) return null
  return { sequence: walk.frontier.size + 1, says: 'no signed head names this entry' }
}

async function countPending({ store, tenant }: LedgerPlace): Promise<number> {
  let count = 0
  for await (const _ of store.scan(pendingName, { prefix: actsOf(tenant) })) count++
  return count
}
