/**
 * Data keys: one per subject and category, wrapped, each in a place of its own. A key is active until it is destroyed,
 * and then a tombstone that refuses a new one until it is forgotten on record. Never cached, so that a destroyed key
 * stops working at once, everywhere.
 *
 * A key that is made puts the subject's standing in its commit: it is made before an erasure begins, which then finds
 * it, or never. Nothing new about a person who was erased can come under a key that nobody destroys.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys, Standings } from '../services.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { Bytes } from './local.ts'
import { type DataKeyRecord, dataKeyParser, type WrappedKey } from './model.ts'
import { type Installation, unwrapped } from './secrets.ts'

const collection = collections.keys.name

/** The data keys of one tenant. */
export interface DataKeys extends Pick<Keys, 'categories' | 'destroy' | 'forget'> {
  /**
   * The subject's key for a category, made where there is none.
   * @throws Conflict `conflict.erased` where the key was destroyed, or the subject erased before there was one
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

/** A data key: its material, or since when there is none. */
type FoundKey = { readonly material: Bytes } | Extract<DataKeyRecord, { readonly state: 'destroyed' }>

interface Parts extends Installation, Pick<Keys, 'digest'> {
  readonly tenant: string
  readonly standings: Pick<Standings, 'touch'>
}

/** Makes the data keys of a tenant. */
export function createDataKeys(tenant: string, given: Omit<Parts, 'tenant'>): DataKeys {
  const parts = { ...given, tenant }
  return {
    active: (subject, category) => active(parts, { subject, category }),
    find: (where) => find(parts, where),
    categories: (subject) => categories(parts, subject),
    destroy: (subject, named) => destroy(parts, { subject, categories: named }),
    forget: (subjectDigest) => forget(parts, subjectDigest),
  }
}

/** Whose key, and for which category of data. */
interface Place {
  readonly subject: string
  readonly category: string
}

async function active(parts: Parts, { subject, category }: Place): Promise<ActiveKey> {
  const at = await placeOf(parts, { subject, category })
  return settle(parts, async () => {
    const [found] = await parts.store.get(collection, [at])
    if (found) return { changes: [], result: await usable(parts, found) }
    const { put, made } = await fresh(parts, { at, category })
    return { changes: [put, ...(await parts.standings.touch(subject))], result: made }
  })
}

/** The key that was found. @throws Conflict `conflict.erased` */
async function usable(parts: Parts, found: Versioned): Promise<ActiveKey> {
  const record = recordOf(found)
  if (record.state === 'active')
    return { id: record.id, material: await materialOf(parts, { found, record }) }
  throw new Conflict('conflict.erased', 'the keys of this subject were destroyed', { record: record.id })
}

/** A key where there is none yet. */
async function fresh(
  { environment, provider }: Parts,
  { at, category }: { at: string; category: string },
): Promise<{ put: Change; made: ActiveKey }> {
  const material = environment.random(32)
  const id = newId(environment)
  const wrapped = { ...(await provider.wrap(material, `${at}\n${id}`)) }
  const value = { id, category, state: 'active', at: environment.now(), material: wrapped }
  return { put: { put: { collection, key: at }, value, expect: 'absent' }, made: { id, material } }
}

async function find(
  parts: Parts,
  { subject, category, id }: Place & { id: string },
): Promise<FoundKey | null> {
  const [found] = await parts.store.get(collection, [await placeOf(parts, { subject, category })])
  if (!found) return null
  const record = recordOf(found)
  // By its id, never by trial: another key in this place has sealed nothing of what is asked about.
  if (record.id !== id) return null
  return record.state === 'destroyed' ? record : { material: await materialOf(parts, { found, record }) }
}

async function categories(parts: Parts, subject: string): Promise<string[]> {
  const names: string[] = []
  for await (const { record } of all(parts, await parts.digest('subject', [subject]))) {
    names.push(record.category)
  }
  return names
}

async function destroy(
  parts: Parts,
  { subject, categories: named }: { subject: string; categories: readonly string[] },
): Promise<string[]> {
  const ids: string[] = []
  for await (const { found, record } of all(parts, await parts.digest('subject', [subject]))) {
    if (!named.includes(record.category)) continue
    await shred(parts, found.key)
    ids.push(record.id)
  }
  return ids
}

/** Overwrites a key by the statement that it was destroyed; whoever was first has the say about when. */
async function shred(parts: Parts, at: string): Promise<void> {
  await settle(parts, async () => {
    const [found] = await parts.store.get(collection, [at])
    const record = found && recordOf(found)
    if (!found || record?.state !== 'active') return { changes: [], result: undefined }
    const { id, category } = record
    const value: JsonValue = { id, category, state: 'destroyed', at: parts.environment.now() }
    const put: Change = { put: { collection, key: at }, value, expect: found.version }
    return { changes: [put], result: undefined }
  })
}

async function forget(parts: Parts, subjectDigest: string): Promise<Change[]> {
  const changes: Change[] = []
  for await (const { found, record } of all(parts, subjectDigest)) {
    if (record.state === 'active') continue
    changes.push({ remove: { collection, key: found.key }, expect: found.version })
  }
  return changes
}

async function* all(
  { store, tenant }: Parts,
  subjectDigest: string,
): AsyncIterable<{ found: Versioned; record: DataKeyRecord }> {
  const prefix = `${key(tenant, 'data', subjectDigest)}/`
  for await (const found of store.scan(collection, { prefix })) yield { found, record: recordOf(found) }
}

const placeOf = async ({ tenant, digest }: Parts, { subject, category }: Place): Promise<string> =>
  key(tenant, 'data', await digest('subject', [subject]), category)

const recordOf = (found: Versioned): DataKeyRecord => parseStored(dataKeyParser, found.value, found.key)

/** The material of a key, which is bound to its place and its id. */
const materialOf = (
  { provider }: Parts,
  { found, record }: { found: Versioned; record: { id: string; material: WrappedKey } },
): Promise<Bytes> => unwrapped(provider, { material: record.material, context: `${found.key}\n${record.id}` })
