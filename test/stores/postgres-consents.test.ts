import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { noEventIsLost, noNoIsLostInMerges, ordersAreObeyed } from './consents.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const pool = testPool(inject('databaseUrl'))
const schemas = ['orders', 'writers', 'merges'].map((each) => `consents_${each}_${process.pid}`)
const [orders = '', writers = '', merges = ''] = schemas
afterAll(async () => {
  await dropSchemas(pool, schemas)
  await pool.end()
})

describe('statements on PostgreSQL', () => {
  it('orders of statements are decided as the words of the rule say', async ({ annotate }) => {
    await annotate(await ordersAreObeyed(await migrated(postgresStore(pool, { schema: orders }))))
  }, 3_600_000)

  it('50 writers about one person lose nothing, and the standing is the replay', async () => {
    await noEventIsLost(await migrated(postgresStore(pool, { schema: writers })))
  }, 120_000)

  it('merges of two ids under other writers lose no no, and are undone', async () => {
    await noNoIsLostInMerges(await migrated(postgresStore(pool, { schema: merges })))
  }, 120_000)
})
