/**
 * The long ones, a sample of them: `SWEEP_ROUNDS=1000` and `SWEEP_RESTARTS=100` run the whole. The server that is
 * killed is one of its own.
 */

import { MongoClient } from 'mongodb'
import { describe, expect, inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { startMongo } from '../servers/mongodb.ts'
import { race, raceCollections } from '../sweeps/races.ts'
import { restartCollections, restartUnderLoad } from '../sweeps/restarts.ts'
import { migrated } from './postgres.ts'

const rounds = Number(process.env['SWEEP_ROUNDS'] ?? 10)
const times = Number(process.env['SWEEP_RESTARTS'] ?? 2)

const server = inject('mongo')

describe.skipIf('none' in server)('on MongoDB', () => {
  it('of 50 writers one wins, in every round, and the stream has neither gap nor fork', async ({
    annotate,
  }) => {
    const client = new MongoClient('none' in server ? '' : server.url)
    const db = client.db(`pilvi_privacy_races_${process.pid}`)
    const stores = Array.from({ length: 50 }, () => mongoStore(db, { collections: raceCollections }))
    await migrated(mongoStore(db, { collections: raceCollections }))
    const report = await race(stores, { tenant: 't', rounds })
    await annotate(JSON.stringify(report))
    expect(report).toMatchObject({ rounds, faults: [] })
    expect(Object.keys(report.told)).toEqual(['conflict.version'])
    await db.dropDatabase()
    await client.close()
  }, 3_600_000)

  const ours = 'engine' in server && server.engine === 'ours'
  it.runIf(ours)(
    'a server that is killed under load loses nothing and doubles nothing',
    async ({ annotate }) => {
      const killed = await startMongo()
      const open = () => {
        const client = new MongoClient(killed.url)
        const store = mongoStore(client.db('restarts'), { collections: restartCollections })
        return { store, close: () => client.close() }
      }
      try {
        const first = open()
        await migrated(first.store)
        await first.close()
        const report = await restartUnderLoad(killed, { open, workers: 8, times })
        await annotate(JSON.stringify(report))
        expect(report).toMatchObject({ restarts: times, lost: 0, doubled: 0, hidden: 0, others: [] })
        expect(report.acknowledged).toBeGreaterThan(times)
      } finally {
        await killed.stop()
      }
    },
    3_600_000,
  )
})
