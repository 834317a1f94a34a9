/**
 * The store in MongoDB, on a replica set or behind mongos, through the host's own `mongodb` client. Correct because
 * every expectation is the filter of a write, or judged on a snapshot that the server keeps to.
 */

import { libraryCollections } from '../../src/collections.ts'
import type { Store } from '../../src/store.ts'
import { declared } from '../declared.ts'
import { guarded } from '../guard.ts'
import type { DatabaseOptions } from '../options.ts'
import { mongoBulk } from './bulk.ts'
import { commit } from './commit.ts'
import { connection } from './connection.ts'
import type { MongoDatabase } from './driver.ts'
import { layoutKnown, migrations } from './migrations.ts'
import { names } from './names.ts'
import { get, scan } from './scans.ts'
import { indexOf, readiness } from './schema.ts'
import { visitLog } from './visits.ts'

export type { DatabaseOptions } from '../options.ts'
export type { PlaintextConsent } from '../plaintext.ts'
export type { Doc, MongoCollection, MongoCursor, MongoDatabase, MongoSession } from './driver.ts'

/** What a MongoDB store is made of. */
export interface MongoOptions extends DatabaseOptions {
  /** What the names of its collections begin with, `[a-z_][a-z0-9_]{0,39}`; `pilvi_privacy_`, if not given. */
  readonly prefix?: string
}

/**
 * A store in MongoDB. The client stays the host's: `close` does not close it.
 * @throws InvalidInput `input.invalid` for a name that is not allowed; StoreFailure `store.insecure`
 */
export function mongoStore(db: MongoDatabase, options: MongoOptions = {}): Store {
  const { prefix = 'pilvi_privacy_' } = options
  const collections = declared(options.collections ?? libraryCollections)
  const name = names(prefix)
  const to = connection(db, options.allowPlaintext)
  const ready = readiness(to)
  return guarded('mongo', collections, {
    async get(collection, keys) {
      await ready(name.of(collection.name))
      return get(to, name, { collection, keys })
    },
    async *scan(collection, range) {
      const index = 'index' in range ? indexOf(collection.indexes[range.index] ?? []).name : undefined
      await ready(name.of(collection.name), index)
      yield* scan(to, name, { collection, range })
    },
    async commit(changes) {
      for (const each of new Set(changes.map((change) => change.collection))) await ready(name.of(each.name))
      await commit(to, name, changes)
    },
    migrate: migrations(to, name, collections),
    visits: visitLog(to, name),
    bulk: mongoBulk(to, name, ready),
    ready: layoutKnown(to, name),
  })
}
