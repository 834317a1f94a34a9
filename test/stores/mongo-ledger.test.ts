import { type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest'
import { carried, carry, entryId } from '../../adapters/mongo/documents.ts'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { StoredEntry } from '../../src/ledger/rules.ts'
import type { RawLedger } from '../sweeps/tampers.ts'
import { commanded, filesFor, tamperedWith, writtenByMany } from './ledger.ts'
import { onMongoDb } from './mongo.ts'
import { migrated } from './postgres.ts'

onMongoDb(onMongo)

type Doc = Document & { _id: string }

function onMongo(given: string): void {
  const database = `pilvi_privacy_ledger_${process.pid}`
  const address = new URL(given)
  address.pathname = `/${database}`
  const at = { url: address.href, where: 'p_' }
  const client = new MongoClient(at.url)
  const db = client.db()
  const [entries, heads] = [db.collection<Doc>('p_ledger'), db.collection<Doc>('p_heads')]
  const files = filesFor()
  const key = 'pilvi/ledger'

  beforeAll(async () => {
    await migrated(mongoStore(db, { prefix: at.where }))
  }, 120_000)
  beforeEach(async () => {
    for (const { collectionName } of await db.collections()) {
      if (collectionName !== 'p__layout') await db.collection(collectionName).deleteMany({})
    }
  }, 60_000)
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
    files.end()
  }, 60_000)

  async function read(): Promise<RawLedger> {
    const found = await entries.find({ key }).sort({ sequence: 1 }).toArray()
    const head = await heads.findOne({ _id: key })
    return {
      entries: found.map((doc) => {
        const value = carried(doc) as unknown as StoredEntry
        return { sequence: Number(doc['sequence']), id: String(doc['id']), value }
      }),
      head: head === null ? null : carried(head),
    }
  }

  /** By the driver, as whoever has the database could: what is there goes, and this comes. */
  async function write(state: RawLedger): Promise<void> {
    await entries.deleteMany({ key })
    const docs = state.entries.map(({ sequence, id, value }): Doc => {
      return { _id: entryId(key, id), key, sequence, id, ...carry(JSON.stringify(value)) }
    })
    if (docs.length > 0) await entries.insertMany(docs)
    await heads.deleteMany({ _id: key })
    const version = 1 + Math.floor(Math.random() * 1e9)
    const head = { _id: key, tenant: 'pilvi', version, ...carry(JSON.stringify(state.head)) }
    if (state.head !== null) await heads.insertOne(head)
  }

  describe('the ledger on MongoDB', () => {
    it(
      '50 concurrent writers in five processes, all of which sequence, leave no gap and no double',
      () => writtenByMany({ ...at, file: files.path('many.jsonl') }),
      240_000,
    )

    it(
      'random tampers by the driver are all seen with a checkpoint outside',
      () => tamperedWith(at, { read, write }),
      120_000,
    )

    it(
      'the command makes checkpoints and verifies, and sees a cut tail',
      () =>
        commanded(at, {
          path: files.path,
          cut: async () => void (await entries.deleteMany({ key, sequence: { $gt: 5 } })),
        }),
      120_000,
    )
  })
}
