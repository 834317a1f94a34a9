/** What becomes of a MongoDB store when connections break, servers refuse, and commits get in each other's way. */

import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { type Db, MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Change, Collection, Store, StoredVisit } from '../../src/store.ts'
import { messages, parse } from '../servers/mongodb/wire.ts'
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

    it('after visits were kept: the outcome is unknown, and appending them again doubles none', async () => {
      const at = tenant()
      const visits = [1, 2, 3].map((n) => ({ ...visit, id: `${at}-${n}` }))
      proxy.cut('after', `${at}-1`)
      await expect(store.visits.append(at, visits)).rejects.toMatchObject({ code: 'store.outcome-unknown' })
      await store.visits.append(at, visits)
      const found: StoredVisit[] = []
      for await (const batch of straight.visits.find(at, [visit.session])) found.push(...batch)
      expect(found).toEqual(visits)
    })

    it('and stays broken after a write: unknown once, unavailable until it is back, and nothing in between', async () => {
      const retrying = new MongoClient(`mongodb://127.0.0.1:${proxy.port}/?directConnection=true`, {
        serverSelectionTimeoutMS: 300,
      })
      const other = mongoStore(retrying.db(db.databaseName), { collections })
      const at = tenant()
      await other.get('things', [`${at}/a`])
      proxy.cut('after', `${at}/a`)
      const writing = other.commit([put(`${at}/a`, 'a')]).catch((error: unknown) => error)
      while (proxy.left() > 0) await new Promise((resolve) => setImmediate(resolve))
      proxy.cut('before', '', Number.POSITIVE_INFINITY)
      // What the driver says last is that it finds no server; it has sent the write before.
      expect(await writing).toMatchObject({
        code: 'store.outcome-unknown',
        cause: { name: 'MongoServerSelectionError' },
      })
      await expect(other.commit([put(`${at}/b`, 'b')])).rejects.toMatchObject({ code: 'store.unavailable' })
      await expect(other.commit([append(`${at}/s`)])).rejects.toMatchObject({ code: 'store.unavailable' })
      proxy.cut('before', '', 0)
      expect((await other.get('things', [`${at}/a`, `${at}/b`])).map((each) => each?.value ?? null)).toEqual([
        'a',
        null,
      ])
      await retrying.close()
    })

    it('while several changes commit, and stays broken: the outcome is unknown', async () => {
      const at = tenant()
      proxy.cut('after', 'commitTransaction')
      const writing = store.commit([append(`${at}/s`), put(`${at}/a`, 'a')]).catch((error: unknown) => error)
      while (proxy.left() > 0) await new Promise((resolve) => setImmediate(resolve))
      proxy.cut('before', '', Number.POSITIVE_INFINITY)
      expect(await writing).toMatchObject({ code: 'store.outcome-unknown', retryable: false })
      proxy.cut('before', '', 0)
      expect((await store.get('things', [`${at}/a`]))[0]?.value).toBe('a')
      await expect(store.commit([append(`${at}/s`), put(`${at}/a`, 'a')])).rejects.toMatchObject({
        path: 'changes[1]',
      })
    }, 60_000)

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
      const unsupported = { code: 'store.unsupported', message: expect.stringContaining('rs.initiate()') }
      const { blocked, ...plan } = await store.migrate.plan()
      expect([plan.steps, blocked]).toEqual([[], [expect.stringContaining('rs.initiate()')]])
      await expect(store.migrate.apply({ ...plan, blocked: [] })).rejects.toMatchObject(unsupported)
      await expect(store.get('things', ['t/a'])).rejects.toMatchObject(unsupported)
      await expect(store.commit([append('t/s')])).rejects.toMatchObject(unsupported)
      await expect(store.visits.erase('t', ['s'])).rejects.toMatchObject(unsupported)
    })

    it.each([
      'mongodb://user:hunter2@no-such-host.invalid/',
      'mongodb+srv://user:hunter2@no-such-host.invalid/',
    ])('by having no address (%s): unavailable, without a word about credentials', async (uri) => {
      const nowhere = new MongoClient(uri, { serverSelectionTimeoutMS: 300 })
      const options = { collections, allowPlaintext: 'the network is trusted' } as const
      await refusedQuietly(mongoStore(nowhere.db('x'), options), 'store.unavailable')
      await nowhere.close()
    })

    it('a password: unavailable, without a word about credentials', async () => {
      const port = await refusingPasswords()
      const wrong = new MongoClient(`mongodb://user:hunter2@127.0.0.1:${port}/?directConnection=true`)
      await refusedQuietly(mongoStore(wrong.db('x'), { collections }), 'store.unavailable')
      await wrong.close()
    })

    const told = { message: 'told: a secret' }
    it.each([
      ['without the right to write', new MongoServerError({ ...told, code: 13 }), 'store.unavailable'],
      ['without transactions', new MongoServerError({ ...told, code: 20 }), 'store.unsupported'],
      ['while it steps down', new MongoServerError({ ...told, code: 10_107 }), 'store.outcome-unknown'],
      ['without a majority', named('MongoWriteConcernError', { ...told, code: 64 }), 'store.outcome-unknown'],
      ['by going away', new MongoNetworkError(told.message), 'store.outcome-unknown'],
      ['by not being there any more', named('MongoServerSelectionError', told), 'store.outcome-unknown'],
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

    it.each([
      ['WriteConflict', { code: 112 }],
      ['WriteConflict of one of several', { code: 11_000, writeErrors: [{ code: 11_000 }, { code: 112 }] }],
      ['QueryPlanKilled, as its collection is dropped', { code: 175 }],
      ['IndexBuildAborted, as its collection is dropped', { code: 276 }],
    ])('once, because of others (%s): it is asked again', async (_, details) => {
      const asked: Record<string, number> = {}
      const busy: Db = Object.create(db, {
        collection: {
          value: (name: string, options: object) => {
            const collection = db.collection(name, options)
            const once =
              (verb: 'insertMany' | 'createIndex' | 'deleteMany' | 'find') =>
              (...args: unknown[]): unknown => {
                asked[verb] = (asked[verb] ?? 0) + 1
                const refuse = async (): Promise<never> => {
                  throw named('MongoServerError', details)
                }
                if (asked[verb] === 1) return verb === 'find' ? { toArray: refuse } : refuse()
                return Reflect.apply(collection[verb], collection, args)
              }
            const verbs = (['insertMany', 'createIndex', 'deleteMany', 'find'] as const).map((verb) => [
              verb,
              once(verb),
            ])
            return Object.assign(Object.create(collection), Object.fromEntries(verbs))
          },
        },
      })
      const at = tenant()
      const { visits } = mongoStore(busy, { collections })
      await visits.append(at, [visit])
      const range = { from: '2026-01-01T00:00:00.000Z', before: '2027-01-01T00:00:00.000Z' }
      for await (const batch of visits.read(at, range)) expect(batch).toEqual([visit])
      expect(await visits.erase(at, [visit.session])).toBe(1)
      expect(asked).toEqual({ insertMany: 2, createIndex: 2, deleteMany: 2, find: 2 })
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

/** Every call ends in this code, and says nothing of user, password or host. */
async function refusedQuietly(store: Store, code: string): Promise<void> {
  const calls = [
    () => store.commit([put('t/a', 'a')]),
    () => store.commit([append('t/s')]),
    () => store.get('things', ['t/a']),
    () => store.migrate.plan(),
    () => store.visits.append('t', [visit]),
  ]
  for (const call of calls) {
    const error = (await call().catch((each: unknown) => each)) as Error
    expect(error).toMatchObject({ code, cause: expect.any(Error) })
    const shown = `${error.message} ${JSON.stringify(error)} ${inspect(error)} ${Object.keys(error)}`
    expect(shown).not.toMatch(/hunter2|user|no-such-host/)
  }
}

/** A server that knows nobody, and repeats what it was told. */
async function refusingPasswords(): Promise<number> {
  const greeting = { ok: 1, setName: 'rs0', isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21 }
  const refusing = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const bytes of messages(chunk).found) {
        const { command, answer } = parse(bytes)
        const hello = 'hello' in command || 'ismaster' in command
        const refusal = { ok: 0, code: 18, errmsg: 'Authentication failed for user:hunter2' }
        socket.write(answer(hello ? greeting : refusal) ?? Buffer.alloc(0))
      }
    })
  })
  refusing.unref()
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  return (refusing.address() as AddressInfo).port
}
