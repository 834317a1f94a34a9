/** What becomes of a MongoDB store when connections break, servers refuse, and commits get in each other's way. */

import { type Db, MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Change, Collection, Store, StoredVisit } from '../../src/store.ts'
import { freePort } from '../servers/ports.ts'
import { type FaultyProxy, startProxy } from '../servers/proxy.ts'
import { migrated } from './postgres.ts'

const collections: readonly Collection[] = [
  { name: 'things', kind: 'records', indexes: { byColour: ['colour', 'size'] } },
  { name: 'events', kind: 'streams', indexes: {} },
]
const put = (key: string, value: string): Change => ({
  put: { collection: 'things', key },
  value,
  expect: 'absent',
})
const append = (key: string, expect = 1): Change => ({
  append: { collection: 'events', key },
  id: `e${expect}`,
  value: 'e',
  expect,
})

const visit: StoredVisit = {
  id: 'v',
  at: '2026-01-31T00:00:00.000Z',
  session: 'a secret',
  ip: null,
  host: null,
  source: null,
}
const named = (name: string, details: object): Error => Object.assign(new Error(), details, { name })

const server = inject('mongo')
if ('none' in server) {
  it.skip(`MongoDB was not run (${server.none}): give MONGODB_URI of a replica set to run it`)
} else {
  onMongo(server.url)
}

function onMongo(url: string): void {
  const client = new MongoClient(url)
  const db = client.db(`pilvi_privacy_faults_${process.pid}`)
  const straight = mongoStore(db, { collections })
  let tenants = 0
  /** A tenant that no other test has. */
  const tenant = (): string => `t${tenants++}`
  beforeAll(async () => void (await migrated(straight)))
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  // The proxy stands before a server on this machine that asks for no password.
  const [, local] = /^mongodb:\/\/(?:127\.0\.0\.1|localhost):(\d+)\//.exec(url) ?? []

  describe.runIf(local)('a connection that breaks', () => {
    let proxy: FaultyProxy
    let broken: MongoClient
    let store: Store
    beforeAll(async () => {
      proxy = await startProxy(Number(local))
      broken = new MongoClient(`mongodb://127.0.0.1:${proxy.port}/?retryWrites=false&directConnection=true`, {
        serverSelectionTimeoutMS: 2_000,
      })
      store = mongoStore(broken.db(db.databaseName), { collections })
      await store.get('things', ['t/none'])
      await store.get('events', ['t/none'])
    })
    afterAll(async () => {
      await broken.close()
      await proxy.stop()
    })
    beforeEach(() => void proxy.cut('before', '', 0))

    it('after a commit took effect: committing again tells that it has, and nothing is doubled', async () => {
      const at = tenant()
      proxy.cut('after', 'commitTransaction')
      await store.commit([append(`${at}/s`), put(`${at}/a`, 'a')])
      expect(proxy.left()).toBe(0)
      const entries = await db
        .collection('pilvi_privacy_events')
        .find({ key: `${at}/s` })
        .toArray()
      expect(entries).toHaveLength(1)
    })

    it('each time that a commit is asked for: the outcome is unknown, and reading tells', async () => {
      const at = tenant()
      proxy.cut('after', 'commitTransaction', 100)
      await expect(store.commit([append(`${at}/s`)])).rejects.toMatchObject({
        code: 'store.outcome-unknown',
        retryable: false,
      })
      proxy.cut('before', '', 0)
      await store.commit([append(`${at}/s`)])
      expect((await store.get('events', [`${at}/s`]))[0]?.version).toBe(1)
    })

    it.each(['before', 'after'] as const)('%s a lone write: the outcome is unknown', async (when) => {
      const at = tenant()
      proxy.cut(when, `${at}/a`)
      await expect(store.commit([put(`${at}/a`, 'a')])).rejects.toMatchObject({
        code: 'store.outcome-unknown',
      })
      expect((await straight.get('things', [`${at}/a`]))[0]?.value ?? null).toBe(
        when === 'after' ? 'a' : null,
      )
    })

    it('before anything is committed: it is done again, and done once', async () => {
      const at = tenant()
      proxy.cut('after', 'insert\0', 2)
      await store.commit([append(`${at}/s`), put(`${at}/a`, 'a')])
      expect(proxy.left()).toBe(0)
      expect((await straight.get('events', [`${at}/s`]))[0]?.version).toBe(1)
    })

    it('that cannot be made: unavailable, without a word about credentials', async () => {
      const nowhere = new MongoClient(`mongodb://user:hunter2@127.0.0.1:${await freePort()}/`, {
        serverSelectionTimeoutMS: 200,
      })
      const error = (await mongoStore(nowhere.db('x'), { collections })
        .commit([put('t/a', 'a')])
        .catch((each: unknown) => each)) as Error
      expect(error).toMatchObject({ code: 'store.unavailable', retryable: true })
      expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/hunter2|user/)
      await nowhere.close()
    })
  })

  describe('a server that refuses', () => {
    it('because it is alone and has no transactions: at first use, with what to do', async () => {
      const lone: Db = Object.create(db, {
        command: { value: async () => ({ isWritablePrimary: true, ok: 1 }) },
      })
      const store = mongoStore(lone, { collections })
      const unsupported = { code: 'store.unsupported', message: expect.stringContaining('replica set') }
      await expect(store.migrate.plan()).rejects.toMatchObject(unsupported)
      await expect(store.get('things', ['t/a'])).rejects.toMatchObject(unsupported)
      await expect(store.commit([append('t/s')])).rejects.toMatchObject(unsupported)
      await expect(store.visits.erase('t', ['s'])).rejects.toMatchObject(unsupported)
    })

    const told = { message: 'told: a secret' }
    it.each([
      ['without the right to write', new MongoServerError({ ...told, code: 13 }), 'store.unavailable'],
      ['without transactions', new MongoServerError({ ...told, code: 20 }), 'store.unsupported'],
      ['while it steps down', new MongoServerError({ ...told, code: 10_107 }), 'store.outcome-unknown'],
      ['without a majority', named('MongoWriteConcernError', { ...told, code: 64 }), 'store.outcome-unknown'],
      ['by going away', new MongoNetworkError(told.message), 'store.outcome-unknown'],
      ['by not being there', named('MongoServerSelectionError', told), 'store.unavailable'],
    ])('%s: a write ends in a code, and never in a value (design §5.8)', async (_, refusal, code) => {
      const refuse = async (): Promise<never> => {
        throw refusal
      }
      const refusing: Db = Object.create(db, {
        collection: {
          value: (name: string, options: object) =>
            Object.assign(Object.create(db.collection(name, options)), {
              insertOne: refuse,
              insertMany: refuse,
            }),
        },
      })
      const store = mongoStore(refusing, { collections })
      for (const write of [
        () => store.commit([put(`${tenant()}/a`, 'a secret')]),
        () => store.visits.append('t', [visit]),
      ]) {
        const error = (await write().catch((each: unknown) => each)) as Error
        expect(error).toMatchObject({ code, cause: refusal })
        expect(`${error.message} ${JSON.stringify(error)} ${Object.keys(error)}`).not.toMatch(/secret|cause/)
      }
    })

    it('again and again, because of others: it gives up as unavailable', async () => {
      const busy = new MongoServerError({ message: 'busy', code: 112 })
      busy.addErrorLabel('TransientTransactionError')
      let commits = 0
      const contended: Db = Object.create(db, {
        collection: { value: db.collection.bind(db) },
        client: {
          value: Object.assign(Object.create(client), {
            startSession: () =>
              Object.assign(client.startSession(), {
                commitTransaction: async () => {
                  commits++
                  throw busy
                },
              }),
          }),
        },
      })
      const at = tenant()
      await expect(mongoStore(contended, { collections }).commit([append(`${at}/s`)])).rejects.toMatchObject({
        code: 'store.unavailable',
        retryable: true,
      })
      expect(commits).toBe(12)
      expect(await straight.get('events', [`${at}/s`])).toEqual([null])
    })
  })
}
