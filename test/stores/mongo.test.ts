import * as fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { alikeCollections, both, commits } from './alike.ts'
import { mongoFactory, onMongoDb } from './mongo.ts'
import { migrated } from './postgres.ts'
import { failsOnEveryTwin } from './twins.ts'

onMongoDb((url) => onMongo(new MongoClient(url)))

function onMongo(client: MongoClient): void {
  const db = client.db(`pilvi_privacy_test_${process.pid}`)
  const factory = mongoFactory(db, 'kit_')
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  describe('MongoDB', () => {
    storeConformance({ runner: { describe, it }, factory })
    visitLogConformance({ runner: { describe, it }, factory })
  })

  describe('the kit on MongoDB', () => failsOnEveryTwin(factory))

  describe('MongoDB and memory', () => {
    it('end alike, whatever the calls', async () => {
      const store = await migrated(mongoStore(db, { prefix: 'alike_', collections: alikeCollections }))
      let run = 0
      await fc.assert(
        fc.asyncProperty(commits, async (calls) => {
          const { ours, memory } = await both(store, `t${run++}`, calls)
          expect(ours).toEqual(memory)
        }),
        { numRuns: 25 },
      )
    }, 120_000)
  })
}
