/**
 * The long ones, a sample of them: `SWEEP_ROUNDS=1000` and `SWEEP_RESTARTS=100` run the whole. The server that is
 * killed is one of its own, which asks for a password and waits for the disk.
 */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import type { PrivacyError } from '../../src/errors.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { race, raceCollections } from '../sweeps/races.ts'
import { restartCollections, restartUnderLoad } from '../sweeps/restarts.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const rounds = Number(process.env['SWEEP_ROUNDS'] ?? 20)
const times = Number(process.env['SWEEP_RESTARTS'] ?? 2)
const mostTime = 3_600_000

describe('on PostgreSQL', () => {
  it(
    'of 50 writers one wins, in every round, and the stream has neither gap nor fork',
    async ({ annotate }) => {
      const schema = `races_${process.pid}`
      const pool = new pg.Pool({ connectionString: inject('databaseUrl'), max: 50 })
      const stores = Array.from({ length: 50 }, () =>
        postgresStore(pool, { schema, collections: raceCollections }),
      )
      await migrated(postgresStore(pool, { schema, collections: raceCollections }))
      const report = await race(stores, { tenant: 't', rounds })
      await annotate(JSON.stringify(report))
      expect(report).toMatchObject({ rounds, faults: [] })
      expect(Object.keys(report.told)).toEqual(['conflict.version'])
      await dropSchemas(pool, [schema])
      await pool.end()
    },
    mostTime,
  )
})

describe('a server of its own', () => {
  const password = 'hunter2/&:@'
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(password)
  }, 60_000)
  afterAll(() => server.stop())

  it('a password, right or wrong, is in no error', async () => {
    const wrong = Object.assign(new URL(server.url), { password: 'swordfish' }).href
    const away = Object.assign(new URL(server.url), { hostname: '127.0.0.2', port: '1' }).href
    for (const url of [wrong, away, `${server.url}x`, 'postgres://me:hunter2@[x/db']) {
      const pool = testPool(url)
      const told = await postgresStore(pool)
        .get('heads', ['t/a'])
        .catch((error: PrivacyError) => error)
      expect(told).toMatchObject({ code: expect.stringMatching(/^store\.(unavailable|insecure)$/) })
      const shown = `${told} ${JSON.stringify(told)} ${(told as PrivacyError).message}`
      expect(shown).not.toMatch(/hunter2|swordfish|postgres@|me:/)
      await pool.end()
    }
  })

  it(
    'that is killed under load loses nothing and doubles nothing',
    async ({ annotate }) => {
      const pool = testPool(server.url)
      const open = () => ({
        store: postgresStore(pool, { collections: restartCollections }),
        close: async () => {},
      })
      await migrated(postgresStore(pool, { collections: restartCollections }))
      const report = await restartUnderLoad(server, { open, workers: 8, times })
      await annotate(JSON.stringify(report))
      expect(report).toMatchObject({
        restarts: times,
        lost: 0,
        doubled: 0,
        hidden: 0,
        reopened: 0,
        others: [],
      })
      expect(report.acknowledged).toBeGreaterThan(times)
      await pool.end()
    },
    mostTime,
  )
})
