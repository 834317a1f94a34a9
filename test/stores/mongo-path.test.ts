import { MongoClient } from 'mongodb'
import { afterAll, describe, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { rotatesTheKeys } from './keys-path.ts'
import { documentsOf, onMongoDb } from './mongo.ts'
import { tellsEverybodyOnce } from './notices-path.ts'
import { walksThePath } from './path.ts'
import { migrated } from './postgres.ts'

onMongoDb((url) => onMongo(new MongoClient(url)))

function onMongo(client: MongoClient): void {
  const db = client.db(`pilvi_privacy_path_${process.pid}`)
  const keysDb = client.db(`pilvi_privacy_keys_path_${process.pid}`)
  const noticesDb = client.db(`pilvi_privacy_notices_path_${process.pid}`)
  afterAll(async () => {
    await db.dropDatabase()
    await keysDb.dropDatabase()
    await noticesDb.dropDatabase()
    await client.close()
  })

  const dump = (of = db) => documentsOf(of)

  describe('the services on MongoDB', () => {
    it('export, erase, keep and sweep as they do in memory, raced', async () => {
      await walksThePath(await migrated(mongoStore(db)), dump)
    }, 120_000)

    it('rotate keys while they run', async () => {
      await rotatesTheKeys(await migrated(mongoStore(keysDb)), () => dump(keysDb))
    }, 120_000)

    it('tell everybody of a policy once, from several processes', async () => {
      await tellsEverybodyOnce(await migrated(mongoStore(noticesDb)), () => dump(noticesDb))
    }, 120_000)
  })
}
