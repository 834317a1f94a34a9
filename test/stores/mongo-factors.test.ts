import { MongoClient } from 'mongodb'
import { afterAll, describe, inject, it, onTestFinished } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { expectSound, racedByProcesses } from './factors.ts'
import { usesEveryFactor } from './factors-path.ts'
import { documentsOf } from './mongo.ts'
import { migrated } from './postgres.ts'

const server = inject('mongo')

if ('none' in server) {
  it.skip(`MongoDB was not run (${server.none}): give MONGODB_URI of a replica set to run it`)
} else {
  onMongo(server.url)
}

function onMongo(given: string): void {
  const address = new URL(given)
  address.pathname = `/pilvi_privacy_factors_${process.pid}`
  const [url, where] = [address.href, 'f_']
  const client = new MongoClient(url)
  afterAll(async () => {
    await client.db().dropDatabase()
    await client.close()
  })

  describe('second factors on MongoDB', () => {
    it('200 guesses over 50 challenges, 100 uses of one code', async ({ annotate }) => {
      await migrated(mongoStore(client.db(), { prefix: where }))
      const report = await racedByProcesses({ url, where })
      await annotate(JSON.stringify(report))
      expectSound(report)
    }, 7_200_000)

    it('every kind, a step-up and a reset, by two processes', async () => {
      const db = client.db(`pilvi_privacy_factors_path_${process.pid}`)
      onTestFinished(async () => {
        await db.dropDatabase()
      })
      await usesEveryFactor(await migrated(mongoStore(db)), () => documentsOf(db))
    }, 120_000)
  })
}
