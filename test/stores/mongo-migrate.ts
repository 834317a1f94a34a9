/** A process that migrates: URL, database, prefix, and the moment at which it begins. It exits with 0 when it could. */

import { MongoClient } from 'mongodb'
import { mongoStore } from '../../adapters/mongo/index.ts'

const [url = '', name = '', prefix = '', at = '0'] = process.argv.slice(2)
const client = new MongoClient(url)
await client.connect()
const store = mongoStore(client.db(name), { prefix })
await new Promise((resolve) => setTimeout(resolve, Number(at) - Date.now()))
await store.migrate.apply(await store.migrate.plan())
await store.visits.append('t', [
  { id: `${process.pid}`, at: '2026-11-23T00:00:00.000Z', session: 's', ip: null, host: null, source: null },
])
await client.close()
