import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { expectSound, racedByProcesses } from './factors.ts'
import { usesEveryFactor } from './factors-path.ts'
import { dropSchemas, migrated, rowsOf, testPool } from './postgres.ts'

const url = inject('databaseUrl')
const pool = testPool(url)
const where = `factors_${process.pid}`
const path = `${where}_path`
afterAll(async () => {
  await dropSchemas(pool, [where, path])
  await pool.end()
})

describe('second factors on PostgreSQL', () => {
  it('200 guesses over 50 challenges, 100 uses of one code', async ({ annotate }) => {
    await migrated(postgresStore(pool, { schema: where }))
    const report = await racedByProcesses({ url, where })
    await annotate(JSON.stringify(report))
    expectSound(report)
  }, 7_200_000)

  it('every kind, a step-up and a reset, by two processes', async () => {
    await usesEveryFactor(await migrated(postgresStore(pool, { schema: path })), () => rowsOf(pool, path))
  }, 120_000)
})
