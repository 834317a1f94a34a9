import { afterAll, describe, expect, inject, it } from 'vitest'
import { brokenTwins, storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { postgresFactory, testPool } from './postgres.ts'
import { caught } from './twins.ts'

const pool = testPool(inject('databaseUrl'))
const factory = postgresFactory(pool, `kit_${process.pid}`)
afterAll(() => pool.end())

describe('PostgreSQL', () => {
  storeConformance({ runner: { describe, it }, factory })
  visitLogConformance({ runner: { describe, it }, factory })
})

describe('the kit on PostgreSQL', () => {
  it.each(brokenTwins.map((twin) => [twin.name, twin] as const))('fails where %s', async (_, twin) => {
    const { passed, failed } = await caught(twin, factory)
    expect({ passed, failed: failed.map((each) => each.name.split(':')[0]) }).toEqual({
      passed: 0,
      failed: [twin.promise],
    })
  })
})
