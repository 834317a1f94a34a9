import { afterAll, describe, expect, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { type AnyCall, everyCall } from './calls.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const pool = testPool(inject('databaseUrl'))
const schema = `layout_${process.pid}`
afterAll(async () => {
  await dropSchemas(pool, [schema])
  await pool.end()
})

describe('a database of another layout', () => {
  it.each([
    [1, 'store.not-migrated'],
    [99, 'store.unsupported'],
  ])('%i is neither read nor written: what lies elsewhere would not be found', async (layout, code) => {
    const store = await migrated(postgresStore(pool, { schema }))
    await store.get('register', ['t/a'])
    await pool.query(`UPDATE "${schema}"."_layout" SET layout = ${layout}`)
    const other = postgresStore(pool, { schema })
    for (const [name, call] of Object.entries<AnyCall>(everyCall(other)))
      expect([name, await call()]).toEqual([name, code])
    await pool.query(`UPDATE "${schema}"."_layout" SET layout = 2`)
    expect(await other.get('register', ['t/a'])).toEqual([null])
  })

  it('that was never migrated is said to be so, and a closed store gives no transaction', async () => {
    const never = postgresStore(pool, { schema: `never_${process.pid}` })
    await expect(never.get('register', ['t/a'])).rejects.toMatchObject({ code: 'store.not-migrated' })
    const closed = postgresStore(pool, { schema })
    await closed.close()
    const client = await pool.connect()
    await client.query('BEGIN')
    await expect(closed.within(client).get('register', ['t/a'])).rejects.toMatchObject({
      code: 'store.closed',
    })
    await client.query('ROLLBACK')
    client.release()
  })
})
