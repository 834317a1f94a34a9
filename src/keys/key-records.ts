/**
 * Where data keys are kept, and how their material is taken out.
 *
 * The key that seals for a subject and category lies at `tenant/data/<digest of the subject>/<category>`; one of the
 * time before the person was reopened lies below it, under its id. The material is wrapped with the place and the id as
 * context, and carries a commitment: AES-GCM opens a text that was made for two keys under either of them, so material
 * that is not what was committed to is refused before anything is opened or sealed under it.
 *
 * The material itself seals nothing. From it come, by HMAC-SHA-256 under labels of their own, the commitment and the
 * key that is used: neither tells of the other.
 */

import { collections } from '../collections.ts'
import { IntegrityFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys, Standings } from '../services.ts'
import type { Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import type { Bytes } from './aes.ts'
import { fromHex, keyedDigest, sameText } from './digest.ts'
import { type DataKeyRecord, dataKeyParser, type WrappedKey } from './model.ts'
import { type Installation, unwrapped } from './secrets.ts'

const collection = collections.keys.name

/** What the data keys of a tenant are made of. */
export interface DataKeyParts extends Installation, Pick<Keys, 'digest'> {
  readonly tenant: string
  readonly standings: Pick<Standings, 'touch'>
}

/** Whose key, and for which category of data. */
export interface KeyPlace {
  readonly subject: string
  readonly category: string
}

/** A data key as it was found. */
export interface FoundKeyRecord<R extends DataKeyRecord = DataKeyRecord> {
  readonly found: Versioned
  readonly record: R
}

export type ActiveRecord = Extract<DataKeyRecord, { readonly state: 'active' }>

/** Where the key that seals for a subject and category is. */
export const presentPlace = async (
  { tenant, digest }: Pick<DataKeyParts, 'tenant' | 'digest'>,
  { subject, category }: KeyPlace,
): Promise<string> => key(tenant, 'data', await digest('subject', [subject]), category)

/** Where a key of the time before a reopening is. */
export const formerPlace = (present: string, id: string): string => `${present}/${id}`

/** The place of the key that seals, of a place of either kind. */
export const presentOf = (at: string): string => at.split('/').slice(0, 4).join('/')

/** The digest of the subject and the category of a place. */
export function ownerOf(at: string): { readonly subjectDigest: string; readonly category: string } {
  const [, subjectDigest = '', category = ''] = partsOf(at)
  return { subjectDigest, category }
}

/** @throws IntegrityFailure `record.corrupt` */
export const recordOf = (found: Versioned): DataKeyRecord =>
  parseStored(dataKeyParser, found.value, found.key)

/** All data keys of a subject, those of the time before included. */
export async function* recordsOf(
  { store, tenant }: Pick<DataKeyParts, 'store' | 'tenant'>,
  subjectDigest: string,
): AsyncIterable<FoundKeyRecord> {
  const prefix = `${key(tenant, 'data', subjectDigest)}/`
  for await (const found of store.scan(collection, { prefix })) yield { found, record: recordOf(found) }
}

/** The key of that id, wherever it lies now; by its id, never by trial: another key there has sealed nothing of it. */
export async function recordById(
  { store }: { readonly store: Pick<Store, 'get'> },
  { present, id }: { readonly present: string; readonly id: string },
): Promise<FoundKeyRecord | null> {
  for (const found of await store.get(collection, [present, formerPlace(present, id)])) {
    const record = found && recordOf(found)
    if (found && record?.id === id) return { found, record }
  }
  return null
}

/** What the wrapping of a data key is bound to: its place and its id. */
export const contextOfDataKey = (at: string, id: string): string => `${at}\n${id}`

/** Material as it is stored at a place. */
export async function wrappedAt(
  { provider }: Pick<Installation, 'provider'>,
  { at, id, material }: { at: string; id: string; material: Bytes },
): Promise<{ readonly material: WrappedKey; readonly commitment: string }> {
  const context = contextOfDataKey(at, id)
  return { material: await provider.wrap(material, context), commitment: commitmentTo(material, context) }
}

const commitmentTo = (material: Bytes, context: string): string =>
  keyedDigest(material, ['commitment', context])

/**
 * The material of a key.
 * @throws IntegrityFailure `seal.rejected` where it is not what was committed to; `record.corrupt`
 */
export async function materialOf(
  { provider }: Pick<Installation, 'provider'>,
  { found, record: { id, material: wrapped, commitment } }: FoundKeyRecord<ActiveRecord>,
): Promise<Bytes> {
  const context = contextOfDataKey(found.key, id)
  const material = await unwrapped(provider, { material: wrapped, context })
  if (sameText(commitment, commitmentTo(material, context))) return material
  throw new IntegrityFailure('seal.rejected', 'a data key is not the one that was committed to', {
    record: id,
  })
}

/** What seals, or makes references, under a key. */
export const usedOf = (material: Bytes): Bytes => new Uint8Array(fromHex(keyedDigest(material, ['use'])))
