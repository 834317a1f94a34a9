/** What becomes of a MongoDB store when servers refuse, and commits get in each other's way. */

import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { type Db, MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Store } from '../../src/store.ts'
import { messages, parse } from '../servers/mongodb/wire.ts'
import { onMongoDb } from './mongo.ts'
import { append, collections, put, visit } from './mongo-scene.ts'
import { migrated } from './postgres.ts'

const named = (name: string, details: object): Error => Object.assign(new Error(), details, { name })

onMongoDb(onMongo)

function onMongo(url: string): void {
  const client = new MongoClient(url)
  const db = client.db(`pilvi_privacy_refusals_${process.pid}`)
  const straight = mongoStore(db, { collections })
  let tenants = 0
  /** A tenant that no other test has. */
  const tenant = (): string => `t${tenants++}`
  beforeAll(async () => void (await migrated(straight)))
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
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
            if (name.endsWith('_layout')) return collection
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
