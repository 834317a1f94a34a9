import { MongoClient } from 'mongodb'
import { afterAll, describe, inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { noEventIsLost, noNoIsLostInMerges, ordersAreObeyed } from './consents.ts'
import { migrated } from './postgres.ts'

const server = inject('mongo')

if ('none' in server) {
  it.skip(`MongoDB was not run (${server.none}): give MONGODB_URI of a replica set to run it`)
} else {
  onMongo(new MongoClient(server.url))
}

function onMongo(client: MongoClient): void {
  const orders = client.db(`pilvi_privacy_orders_${process.pid}`)
  const writers = client.db(`pilvi_privacy_writers_${process.pid}`)
  const merges = client.db(`pilvi_privacy_merges_${process.pid}`)
  afterAll(async () => {
    await orders.dropDatabase()
    await writers.dropDatabase()
    await merges.dropDatabase()
    await client.close()
  })

  describe('statements on MongoDB', () => {
    it('orders of statements are decided as the words of the rule say', async ({ annotate }) => {
      await annotate(await ordersAreObeyed(await migrated(mongoStore(orders))))
    }, 3_600_000)

    it('50 writers about one person lose nothing, and the standing is the replay', async () => {
      await noEventIsLost(await migrated(mongoStore(writers)))
    }, 120_000)

    it('merges of two ids under other writers lose no no, and are undone', async () => {
      await noNoIsLostInMerges(await migrated(mongoStore(merges)))
    }, 120_000)
  })
}
