/** What becomes of a MongoDB store when connections break. */

import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Store, StoredVisit } from '../../src/store.ts'
import { freePort } from '../servers/ports.ts'
import { type FaultyProxy, startProxy } from '../servers/proxy.ts'
import { onMongoDb } from './mongo.ts'
import { append, collections, put, visit } from './mongo-scene.ts'
import { migrated } from './postgres.ts'

onMongoDb(onMongo)

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
}
