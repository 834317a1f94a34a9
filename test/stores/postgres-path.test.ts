import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { rotatesTheKeys } from './keys-path.ts'
import { tellsEverybodyOnce } from './notices-path.ts'
import { walksThePath } from './path.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const pool = testPool(inject('databaseUrl'))
const schema = `path_${process.pid}`
const schemas = [schema, `${schema}_keys`, `${schema}_notices`] as const
afterAll(async () => {
  await dropSchemas(pool, schemas)
  await pool.end()
})

/** Every row of every table. */
async function dump(of: string = schema): Promise<string[]> {
  const { rows: tables } = await pool.query(
    'SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      "WHERE n.nspname = $1 AND c.relkind = 'r'",
    [of],
  )
  const all = await Promise.all(
    tables.map(({ name }) => pool.query(`SELECT t::text AS row FROM "${of}"."${name}" t`)),
  )
  return all.flatMap(({ rows }) => rows.map(({ row }) => String(row)))
}

describe('the services on PostgreSQL', () => {
  it('export, erase, keep and sweep as they do in memory, raced', async () => {
    await walksThePath(await migrated(postgresStore(pool, { schema })), dump)
  }, 120_000)

  it('rotate keys while they run', async () => {
    const store = await migrated(postgresStore(pool, { schema: schemas[1] }))
    await rotatesTheKeys(store, () => dump(schemas[1]))
  }, 120_000)

  it('tell everybody of a policy once, from several processes', async () => {
    const store = await migrated(postgresStore(pool, { schema: schemas[2] }))
    await tellsEverybodyOnce(store, () => dump(schemas[2]))
  }, 120_000)
})
