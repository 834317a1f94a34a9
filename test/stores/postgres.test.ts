import * as fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { alikeCollections, both, commits } from './alike.ts'
import { dropSchemas, migrated, postgresFactory, testPool } from './postgres.ts'
import { failsOnEveryTwin } from './twins.ts'

const pool = testPool(inject('databaseUrl'))
const factory = postgresFactory(pool, `kit_${process.pid}`)
const lone = new pg.Client(inject('databaseUrl'))
beforeAll(() => lone.connect())
afterAll(async () => {
  await lone.end()
  await dropSchemas(pool, [`kit_${process.pid}`, `lone_${process.pid}`, `alike_${process.pid}`])
  await pool.end()
})

describe('PostgreSQL', () => {
  storeConformance({ runner: { describe, it }, factory })
  visitLogConformance({ runner: { describe, it }, factory })
})

describe('PostgreSQL by one connection', () => {
  const one = postgresFactory(lone, `lone_${process.pid}`)
  storeConformance({ runner: { describe, it }, factory: one })
  visitLogConformance({ runner: { describe, it }, factory: one })
})

describe('the kit on PostgreSQL', () => failsOnEveryTwin(factory))

describe('PostgreSQL and memory', () => {
  it('end alike, whatever the calls', async () => {
    const store = await migrated(
      postgresStore(pool, { schema: `alike_${process.pid}`, collections: alikeCollections }),
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(commits, async (calls) => {
        const { ours, memory } = await both(store, `t${run++}`, calls)
        expect(ours).toEqual(memory)
      }),
      { numRuns: 100 },
    )
  }, 120_000)
})
