/**
 * Data keys: one per subject and category, wrapped, each in a place of its own. A key is active until it is destroyed,
 * and then a tombstone that refuses a new one until it is forgotten on record. Never cached, so that a destroyed key
 * stops working at once, everywhere.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys } from '../services.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import { key } from '../values.ts'
import type { Bytes } from './local.ts'
import { type DataKeyRecord, dataKeyParser, type WrappedKey } from './model.ts'
import { type Installation, unwrapped } from './secrets.ts'

const collection = collections.keys.name

/** The data keys of one tenant. */
export interface DataKeys extends Pick<Keys, 'categories' | 'destroy' | 'forget'> {
  /** The subject's key for a category, made where there is none. @throws Conflict `conflict.erased` */
  active(subject: string, category: string): Promise<{ id: string; material: Bytes }>
  /** The key of that id as it stands, or `null` where the subject has none of that id for the category. */
  find(where: { subject: string; category: string; id: string }): Promise<FoundKey | null>
}

/** A data key: its material, or since when there is none. */
type FoundKey = { readonly material: Bytes } | Extract<DataKeyRecord, { readonly state: 'destroyed' }>

/** Makes the data keys of a tenant. */
export function createDataKeys(
  tenant: string,
  { store, environment, provider, digest }: Installation & Pick<Keys, 'digest'>,
): DataKeys {
  const place = async (subject: string, category: string): Promise<string> =>
    key(tenant, 'data', await digest('subject', [subject]), category)

  const material = (at: string, record: { id: string; material: WrappedKey }): Promise<Bytes> =>
    unwrapped(provider, { material: record.material, context: `${at}\n${record.id}` })

  const recordOf = (found: Versioned): DataKeyRecord => parseStored(dataKeyParser, found.value, found.key)

  async function* all(subjectDigest: string): AsyncIterable<{ found: Versioned; record: DataKeyRecord }> {
    const prefix = `${key(tenant, 'data', subjectDigest)}/`
    for await (const found of store.scan(collection, { prefix })) yield { found, record: recordOf(found) }
  }

  /** Overwrites a key by the statement that it was destroyed; whoever was first has the say about when. */
  async function shred(at: string): Promise<void> {
    await settle({ store, environment }, async () => {
      const [found] = await store.get(collection, [at])
      const record = found && recordOf(found)
      if (!found || record?.state !== 'active') return { changes: [], result: undefined }
      const value: JsonValue = {
        id: record.id,
        category: record.category,
        state: 'destroyed',
        at: environment.now(),
      }
      const put: Change = { put: { collection, key: at }, value, expect: found.version }
      return { changes: [put], result: undefined }
    })
  }

  return {
    async active(subject, category) {
      const at = await place(subject, category)
      return settle({ store, environment }, async () => {
        const [found] = await store.get(collection, [at])
        if (found) {
          const record = recordOf(found)
          const { id } = record
          if (record.state === 'active')
            return { changes: [], result: { id, material: await material(at, record) } }
          throw new Conflict('conflict.erased', 'the keys of this subject were destroyed', { record: id })
        }
        const made = environment.random(32)
        const id = newId(environment)
        const wrapped = { ...(await provider.wrap(made, `${at}\n${id}`)) }
        const value = { id, category, state: 'active', at: environment.now(), material: wrapped }
        const put: Change = { put: { collection, key: at }, value, expect: 'absent' }
        return { changes: [put], result: { id, material: made } }
      })
    },

    async find({ subject, category, id }) {
      const at = await place(subject, category)
      const [found] = await store.get(collection, [at])
      const record = found && recordOf(found)
      // By its id, never by trial: another key in this place has sealed nothing of what is asked about.
      if (record?.id !== id) return null
      return record.state === 'destroyed' ? record : { material: await material(at, record) }
    },

    async categories(subject) {
      const names: string[] = []
      for await (const { record } of all(await digest('subject', [subject]))) names.push(record.category)
      return names
    },

    async destroy(subject, categories) {
      const ids: string[] = []
      for await (const { found, record } of all(await digest('subject', [subject]))) {
        if (!categories.includes(record.category)) continue
        await shred(found.key)
        ids.push(record.id)
      }
      return ids
    },

    async forget(subjectDigest) {
      const changes: Change[] = []
      for await (const { found, record } of all(subjectDigest)) {
        if (record.state === 'active') continue
        changes.push({ remove: { collection, key: found.key }, expect: found.version })
      }
      return changes
    },
  }
}
