import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { rotatesTheKeys } from './keys-path.ts'
import { tellsEverybodyOnce } from './notices-path.ts'
import { walksThePath } from './path.ts'
import { dropSchemas, migrated, rowsOf, testPool } from './postgres.ts'

const pool = testPool(inject('databaseUrl'))
const schema = `path_${process.pid}`
const schemas = [schema, `${schema}_keys`, `${schema}_notices`] as const
afterAll(async () => {
  await dropSchemas(pool, schemas)
  await pool.end()
})

const dump = (of: string = schema) => rowsOf(pool, of)

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
