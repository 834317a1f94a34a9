import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { type AnyCall, everyCall } from './calls.ts'
import { onMongoDb } from './mongo.ts'
import { migrated } from './postgres.ts'

onMongoDb((url) => onMongo(new MongoClient(url)))

function onMongo(client: MongoClient): void {
  const db = client.db(`pilvi_privacy_layout_${process.pid}`)
  const layouts = db.collection<{ _id: string; layout: number }>('pilvi_privacy__layout')
  const set = (layout: number) => layouts.updateOne({ _id: 'layout' }, { $set: { layout } })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  describe('a database of another layout', () => {
    it.each([
      [1, 'store.not-migrated'],
      [99, 'store.unsupported'],
    ])('%i is neither read nor written: what lies elsewhere would not be found', async (layout, code) => {
      const store = await migrated(mongoStore(db))
      await store.get('register', ['t/a'])
      expect((await set(layout)).matchedCount).toBe(1)
      const other = mongoStore(db)
      for (const [name, call] of Object.entries<AnyCall>(everyCall(other)))
        expect([name, await call()]).toEqual([name, code])
      await set(2)
      expect(await other.get('register', ['t/a'])).toEqual([null])
    })
  })
}
