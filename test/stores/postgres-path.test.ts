import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { walksThePath } from './path.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const pool = testPool(inject('databaseUrl'))
const schema = `path_${process.pid}`
afterAll(async () => {
  await dropSchemas(pool, [schema])
  await pool.end()
})

/** Every row of every table. */
async function dump(): Promise<string[]> {
  const { rows: tables } = await pool.query(
    'SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      "WHERE n.nspname = $1 AND c.relkind = 'r'",
    [schema],
  )
  const all = await Promise.all(
    tables.map(({ name }) => pool.query(`SELECT t::text AS row FROM "${schema}"."${name}" t`)),
  )
  return all.flatMap(({ rows }) => rows.map(({ row }) => String(row)))
}

describe('the services on PostgreSQL', () => {
  it('export, erase, keep and sweep as they do in memory, raced', async () => {
    await walksThePath(await migrated(postgresStore(pool, { schema })), dump)
  }, 120_000)
})
