/** The MongoDB store as the kit wants it: what lies in the collections is read by the driver, around the store. */

import type { Db, Document } from 'mongodb'
import { inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Collection, JsonValue, Store, StoredVisit } from '../../src/store.ts'
import type { StoreFactory } from '../../src/testing/index.ts'
import { migrated } from './postgres.ts'

/** Runs tests where there is a server; elsewhere one skipped case says why there is none, and how to have one. */
export function onMongoDb(tests: (url: string) => void): void {
  const server = inject('mongo')
  if ('none' in server) {
    it.skip(`MongoDB was not run (${server.none}): give MONGODB_URI of a replica set to run it`)
  } else tests(server.url)
}

const valueIn = (doc: Document): JsonValue => {
  const rest = JSON.parse(doc['json']) as JsonValue
  const beside = (doc['x'] ?? {}) as Record<string, string>
  return Object.keys(beside).length === 0 ? rest : Object.assign(rest as object, beside)
}

/** Fixtures in one database, migrated once for each list of collections. */
export function mongoFactory(db: Db, prefix: string): StoreFactory {
  const ready = new Set<readonly Collection[]>()
  return async ({ collections }) => {
    const open = (of: readonly Collection[]): Store => mongoStore(db, { prefix, collections: of })
    const stores = [open(collections)]
    if (!ready.has(collections)) for (const store of stores) await migrated(store)
    ready.add(collections)
    return {
      store: stores[0] as Store,
      peek: async (collection, key) => {
        const doc = await db.collection<Document & { _id: string }>(prefix + collection).findOne({ _id: key })
        return doc === null ? null : { version: doc['version'], value: valueIn(doc) }
      },
      peekStream: async (collection, key) => {
        const docs = await db
          .collection(prefix + collection)
          .find({ key })
          .sort({ sequence: 1 })
          .toArray()
        return docs.map((doc) => ({ sequence: doc['sequence'], id: doc['id'], value: valueIn(doc) }))
      },
      peekVisits: async (tenant) => {
        const names = (await db.listCollections().toArray()).map((each) => each.name)
        const days = names.filter((each) => each.startsWith(`${prefix}_visits_`))
        const docs = await Promise.all(days.map((day) => db.collection(day).find({ tenant }).toArray()))
        return docs.flat().map(({ _id, session, ip, host, source }): StoredVisit => {
          const [, at = '', ...id] = String(_id).split('/')
          return { id: id.join('/'), at, session, ip, host, source }
        })
      },
      open: async (others) => {
        const store = open(others)
        stores.push(store)
        return store
      },
      close: async () => {
        for (const store of stores) await store.close()
      },
    }
  }
}

/** Every document of every collection of a database, as text. */
export async function documentsOf(db: Db): Promise<string[]> {
  const all = (await db.listCollections().toArray()).map(({ name }) => db.collection(name).find().toArray())
  return (await Promise.all(all)).flat().map((doc) => JSON.stringify(doc))
}
