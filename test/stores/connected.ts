/** A store over a database of the tests, as a process of its own would open it. */

import { MongoClient } from 'mongodb'
import pg from 'pg'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { postgresStore } from '../../adapters/postgres/index.ts'
import type { Store } from '../../src/store.ts'

/** @param where the schema, or the prefix */
export async function connected(
  url: string,
  where: string,
): Promise<{ readonly store: Store; close(): Promise<void> }> {
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: url, max: 8 })
    return { store: postgresStore(pool, { schema: where }), close: () => pool.end() }
  }
  const client = new MongoClient(url)
  return { store: mongoStore(client.db(), { prefix: where }), close: () => client.close() }
}
