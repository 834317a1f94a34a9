/** A process that migrates: URL, schema, and the moment at which it begins. It exits with 0 when it could. */

import pg from 'pg'
import { postgresStore } from '../../adapters/postgres/index.ts'

const [url = '', schema = '', at = '0'] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url })
const store = postgresStore(pool, { schema })
await pool.query('SELECT 1')
await new Promise((resolve) => setTimeout(resolve, Number(at) - Date.now()))
await store.migrate.apply(await store.migrate.plan())
await store.visits.append('t', [
  { id: `${process.pid}`, at: '2026-11-23T00:00:00.000Z', session: 's', ip: null, host: null, source: null },
])
await pool.end()
