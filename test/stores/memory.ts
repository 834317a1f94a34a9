/** The memory store as the kit wants it: what lies in its backing is read around the store. */

import { type MemoryBacking, memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import type { JsonValue, Store } from '../../src/store.ts'
import type { StoreFactory } from '../../src/testing/index.ts'

const parsed = (json: string): JsonValue => JSON.parse(json) as JsonValue

/** Fixtures over one backing, or over a new one each. */
export const memoryFactory =
  (given?: MemoryBacking): StoreFactory =>
  async ({ collections }) => {
    const backing = given ?? memoryBacking()
    const stores: Store[] = [memoryStore({ collections, backing })]
    return {
      store: stores[0] as Store,
      peek: async (collection, key) => {
        const row = backing.records.get(collection)?.rows.get(key)
        return row === undefined ? null : { version: row.version, value: parsed(row.json) }
      },
      peekStream: async (collection, key) =>
        (backing.streams.get(collection)?.get(key)?.entries ?? []).map(({ sequence, id, json }) => {
          return { sequence, id, value: parsed(json) }
        }),
      peekVisits: async (tenant) => [...(backing.visits.get(tenant)?.rows.values() ?? [])],
      open: async (others) => {
        const store = memoryStore({ collections: others, backing })
        stores.push(store)
        return store
      },
      close: async () => {
        for (const store of stores) await store.close()
      },
    }
  }
