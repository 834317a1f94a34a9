import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { brokenTwins, storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { mongoFactory } from './mongo.ts'
import { caught } from './twins.ts'

const server = inject('mongo')

describe.runIf('none' in server)('MongoDB', () => {
  it.skip(`was not run (${'none' in server && server.none}): give MONGODB_URI of a replica set to run it`)
})

describe.runIf('url' in server)('MongoDB', () => {
  const client = new MongoClient('url' in server ? server.url : 'mongodb://127.0.0.1')
  const factory = mongoFactory(client.db(`pilvi_privacy_test_${process.pid}`), 'kit_')
  afterAll(async () => {
    await client.db(`pilvi_privacy_test_${process.pid}`).dropDatabase()
    await client.close()
  })

  storeConformance({ runner: { describe, it }, factory })
  visitLogConformance({ runner: { describe, it }, factory })

  describe('the kit', () => {
    it.each(brokenTwins.map((twin) => [twin.name, twin] as const))('fails where %s', async (_, twin) => {
      const { passed, failed } = await caught(twin, factory)
      expect({ passed, failed: failed.map((each) => each.name.split(':')[0]) }).toEqual({
        passed: 0,
        failed: [twin.promise],
      })
    })
  })
})
