/**
 * Data keys: one per subject and category, wrapped, each in a place of its own. A key is active until it is destroyed
 * (`destruction.ts`), and then a tombstone that refuses a new one until the person is reopened or it is forgotten, both
 * on record. Never cached, so that a destroyed key stops working at once, everywhere.
 *
 * A key that is made puts the subject's standing in its commit: it is made before an erasure begins, which then finds
 * it, or never. Nothing new about a person who was erased can come under a key that nobody destroys.
 *
 * Between wrapping and commit the key-encryption key may be disabled and destroyed, by someone who sees nothing under
 * it. So a key that was made is given out only after the keyring was read once more: where it may not be unwrapped, it is
 * wrapped anew first. A key-encryption key that is disabled after that is destroyed only by who sees this key.
 */

import { collections } from '../collections.ts'
import { type Decide, settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { Keys } from '../services.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import type { Bytes } from './aes.ts'
import { destruction } from './destruction.ts'
import {
  type DataKeyParts,
  type KeyPlace,
  materialOf,
  presentPlace,
  recordById,
  recordOf,
  recordsOf,
  usedOf,
  wrappedAt,
} from './key-records.ts'
import type { DataKeyRecord, HeldKey } from './model.ts'

const collection = collections.keys.name

/** The data keys of one tenant. */
export interface DataKeys extends Pick<Keys, 'list' | 'destroy' | 'endDestruction' | 'setAside' | 'forget'> {
  /**
   * The subject's key for a category, made where there is none.
   * @throws Conflict `conflict.erased` where the key was destroyed, or the subject erased before there was one;
   *   `conflict.state` where its key-encryption key may not be used any more
   * @throws InvalidInput `transaction.not-allowed` where a transaction of the host's would have to wrap it anew
   */
  active(subject: string, category: string): Promise<ActiveKey>
  /** The key of that id as it stands, or `null` where the subject has none of that id for the category. */
  find(where: { subject: string; category: string; id: string }): Promise<FoundKey | null>
}

/** A data key that seals. */
interface ActiveKey {
  readonly id: string
  readonly material: Bytes
}

/** A data key as it was found or made, before what seals is derived from it. */
interface MadeKey extends ActiveKey {
  /** The key-encryption key that wrapped it, where it was made just now. */
  readonly wrapped?: string
}

/** A data key: its material, or since when there is none. */
type FoundKey = { readonly material: Bytes } | Exclude<DataKeyRecord, { readonly state: 'active' }>

/** Makes the data keys of a tenant. */
export function createDataKeys(tenant: string, given: Omit<DataKeyParts, 'tenant'>): DataKeys {
  const parts = { ...given, tenant }
  return {
    active: (subject, category) => active(parts, { subject, category }),
    find: (where) => find(parts, where),
    list: (subject) => list(parts, subject),
    ...destruction(parts),
  }
}

async function active(parts: DataKeyParts, { subject, category }: KeyPlace): Promise<ActiveKey> {
  const at = await presentPlace(parts, { subject, category })
  const { id, material, wrapped } = await settle(parts, async (): ReturnType<Decide<MadeKey>> => {
    const [found] = await parts.store.get(collection, [at])
    if (found) return { changes: [], result: await usable(parts, found) }
    const { put, made } = await fresh(parts, { at, category })
    return { changes: [put, ...(await parts.standings.touch(subject))], result: made }
  })
  let keyId = wrapped
  while (keyId && !(await parts.provider.mayUnwrap(keyId)))
    keyId = await wrapAnew(parts, { at, id, keyId, material })
  return { id, material: usedOf(material) }
}

/** The key that was found. @throws Conflict `conflict.erased` */
async function usable(parts: DataKeyParts, found: Versioned): Promise<MadeKey> {
  const record = recordOf(found)
  if (record.state === 'active')
    return { id: record.id, material: await materialOf(parts, { found, record }) }
  throw new Conflict('conflict.erased', 'the keys of this subject were destroyed', { record: record.id })
}

/** A key where there is none yet. */
async function fresh(
  parts: DataKeyParts,
  { at, category }: { at: string; category: string },
): Promise<{ put: Change; made: MadeKey }> {
  const { environment } = parts
  const material = environment.random(32)
  const id = newId(environment)
  const wrapped = await wrappedAt(parts, { at, id, material })
  const record: DataKeyRecord = { id, category, state: 'active', at: environment.now(), ...wrapped }
  const value = record as unknown as JsonValue
  return {
    put: { put: { collection, key: at }, value, expect: 'absent' },
    made: { id, material, wrapped: wrapped.material.keyId },
  }
}

/** Wraps a key anew that lies where it was made; gives what it lies under then, nothing where it is gone from there. */
const wrapAnew = (
  parts: DataKeyParts,
  { at, id, keyId, material }: { at: string; id: string; keyId: string; material: Bytes },
): Promise<string | undefined> =>
  settle(parts, async () => {
    const [found] = await parts.store.get(collection, [at])
    const record = found && recordOf(found)
    if (!found || record?.id !== id || record.state !== 'active') return { changes: [], result: undefined }
    if (record.material.keyId !== keyId) return { changes: [], result: record.material.keyId }
    const wrapped = await wrappedAt(parts, { at, id, material })
    const value = { ...record, ...wrapped } as unknown as JsonValue
    const put: Change = { put: { collection, key: at }, value, expect: found.version }
    return { changes: [put], result: wrapped.material.keyId }
  })

async function find(
  parts: DataKeyParts,
  { subject, category, id }: KeyPlace & { id: string },
): Promise<FoundKey | null> {
  const there = await recordById(parts, { present: await presentPlace(parts, { subject, category }), id })
  if (there === null) return null
  const { found, record } = there
  if (record.state !== 'active') return record
  return { material: usedOf(await materialOf(parts, { found, record })) }
}

async function list(parts: DataKeyParts, subject: string): Promise<HeldKey[]> {
  const held: HeldKey[] = []
  for await (const { record } of recordsOf(parts, await parts.digest('subject', [subject]))) {
    const { id, category, aside } = record
    held.push({ id, category, ...(aside !== undefined && { aside }) })
  }
  return held
}
