import { MongoClient } from 'mongodb'
import { afterAll, describe, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { onMongoDb } from './mongo.ts'
import { walksThePath } from './path.ts'
import { migrated } from './postgres.ts'

onMongoDb((url) => onMongo(new MongoClient(url)))

function onMongo(client: MongoClient): void {
  const db = client.db(`pilvi_privacy_path_${process.pid}`)
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  /** Every document of every collection. */
  async function dump(): Promise<string[]> {
    const all = (await db.listCollections().toArray()).map(({ name }) => db.collection(name).find().toArray())
    return (await Promise.all(all)).flat().map((doc) => JSON.stringify(doc))
  }

  describe('the services on MongoDB', () => {
    it('export, erase, keep and sweep as they do in memory, raced', async () => {
      await walksThePath(await migrated(mongoStore(db)), dump)
    }, 120_000)
  })
}
