import { afterAll, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { expectSound, racedByProcesses } from './factors.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const url = inject('databaseUrl')
const pool = testPool(url)
const where = `factors_${process.pid}`
afterAll(async () => {
  await dropSchemas(pool, [where])
  await pool.end()
})

describe('second factors on PostgreSQL', () => {
  it('200 guesses over 50 challenges, 100 uses of one code', async ({ annotate }) => {
    await migrated(postgresStore(pool, { schema: where }))
    const report = await racedByProcesses({ url, where })
    await annotate(JSON.stringify(report))
    expectSound(report)
  }, 3_600_000)
})
