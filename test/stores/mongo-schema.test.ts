/** How a MongoDB store looks from outside: its collections, and how it reads and writes them. */

import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Change, Store } from '../../src/store.ts'
import { ended, program } from '../servers/program.ts'
import { onMongoDb } from './mongo.ts'
import { append, collections } from './mongo-scene.ts'
import { migrated } from './postgres.ts'

onMongoDb(onMongo)

function onMongo(url: string): void {
  const client = new MongoClient(url)
  const db = client.db(`pilvi_privacy_looks_${process.pid}`)
  const straight = mongoStore(db, { collections })
  beforeAll(async () => void (await migrated(straight)))
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  describe('a commit of several changes', () => {
    it('that are as expected is written without reading; otherwise it is read which one is not', async () => {
      const own = new MongoClient(url, { monitorCommands: true })
      const sent: string[] = []
      own.on('commandStarted', ({ commandName }) => void sent.push(commandName))
      const store = mongoStore(own.db(db.databaseName), { collections })
      await store.get('events', ['t3/s'])
      await store.get('things', ['t3/a'])
      const put = (key: string): Change => ({
        put: { collection: 'things', key },
        value: 1,
        expect: 'absent',
      })
      sent.length = 0
      await store.commit([append('t3/s'), append('t3/s', 2)])
      expect(sent).toEqual(['insert', 'insert', 'commitTransaction'])
      sent.length = 0
      await store.commit([put('t3/a'), put('t3/b'), append('t3/s', 3)])
      expect(sent).toEqual(['update', 'insert', 'insert', 'commitTransaction'])
      sent.length = 0
      await store.commit([append('t3/s', 2), append('t3/s', 3), append('t3/s', 4)])
      expect(sent).toContain('find')
      expect((await store.get('events', ['t3/s']))[0]?.version).toBe(4)
      await expect(store.commit([append('t3/s', 5), put('t3/c'), put('t3/b')])).rejects.toMatchObject({
        path: 'changes[2]',
      })
      expect(await store.get('things', ['t3/c'])).toEqual([null])
      expect((await store.get('events', ['t3/s']))[0]?.version).toBe(4)
      await own.close()
    })
  })

  describe('a database', () => {
    it.each(['', 'A', 'a.b', 'a$b', '1', 'a'.repeat(41), null, { $ne: 1 }])(
      'prefix %j is refused before it becomes a name',
      (prefix) => {
        expect(() => mongoStore(db, { prefix: prefix as string, collections })).toThrow(
          expect.objectContaining({ code: 'input.invalid', path: 'prefix' }),
        )
      },
    )

    it('is planned in words and in the language of its shell, and planning makes nothing', async () => {
      const plan = await mongoStore(db, { prefix: 'planned_', collections }).migrate.plan()
      expect([plan.from, plan.to]).toEqual([0, 2])
      expect(plan.blocked).toEqual([])
      const statements = plan.steps.map((step) => step.statement)
      expect(statements).toContain('db.createCollection("planned_things")')
      expect(statements).toContain(
        'db.getCollection("planned_things").createIndex({"tenant":1,"x.colour":1,"x.size":1,"_id":1}, ' +
          '{"name":"tenant+colour+size","partialFilterExpression":{"x.colour":{"$exists":true},"x.size":{"$exists":true}}})',
      )
      const names = (await db.listCollections().toArray()).map((each) => each.name)
      expect(names.filter((name) => name.startsWith('planned_'))).toEqual([])
    })

    it('that a newer version has made is left alone: the plan says so, and none is applied', async () => {
      const store = mongoStore(db, { prefix: 'newer_', collections })
      const planned = await store.migrate.plan()
      await store.migrate.apply(planned)
      const layouts = db.collection<{ _id: string }>('newer__layout')
      await layouts.updateOne({ _id: 'layout' }, { $set: { layout: 3 } })
      const says = 'the database has layout 3, this version knows 2: update the library'
      const plan = await store.migrate.plan()
      expect(plan).toEqual({ from: 3, to: 2, steps: [], blocked: [says] })
      const refused = { code: 'store.unsupported', message: expect.stringContaining(says) }
      for (const each of [plan, planned, { ...plan, blocked: [] }]) {
        await expect(store.migrate.apply(each)).rejects.toMatchObject(refused)
      }
      expect(await layouts.find().toArray()).toEqual([{ _id: 'layout', layout: 3 }])
    })

    it('of the first layout has its visits moved into days, by several at once, and none is lost', async () => {
      const stores = [1, 2, 3].map(() => mongoStore(db, { prefix: 'first_', collections }))
      const store = await migrated(stores[0] as Store)
      const visit = { tenant: 't', session: 's', ip: null, host: null, source: null }
      const days = ['2026-11-22', '2026-11-23', '2026-11-24']
      await store.visits.append('t', [{ ...visit, id: 'v/0', at: `${days[0]}T12:00:00.000Z` }])
      await db
        .collection<{ _id: string }>('first__layout')
        .updateOne({ _id: 'layout' }, { $set: { layout: 1 } })
      const undivided = db.collection<{ _id: string; tenant: string }>('first__visits')
      const docs = Array.from({ length: 2_500 }, (_, i) => {
        return { ...visit, _id: `t/${days[i % 3]}T12:00:00.000Z/v/${i}` }
      })
      await undivided.insertMany(docs)
      const plan = await store.migrate.plan()
      expect(plan.from).toBe(1)
      expect(plan.steps.map((step) => step.says)).toEqual([
        'Move the visits of first__visits into a collection a day, first__visits_YYYYMMDD.',
        'Note the number of this layout.',
      ])
      await Promise.all(stores.map((each) => each.migrate.apply(plan)))
      const range = { from: '2026-01-01T00:00:00.000Z', before: '2027-01-01T00:00:00.000Z' }
      const ids: string[] = []
      for await (const batch of store.visits.read('t', range)) ids.push(...batch.map(({ id }) => id))
      expect(new Set(ids).size).toBe(2_500)
      expect(ids).toHaveLength(2_500)
      expect(await undivided.countDocuments({})).toBe(0)
      expect(await store.migrate.plan()).toMatchObject({ from: 2, steps: [] })
    })

    it('that is new is made by processes that begin at the same moment: all of them can use it', async () => {
      const start = await program('stores/mongo-migrate')
      for (const prefix of ['one_', 'two_']) {
        const at = `${Date.now() + 1_500}`
        const processes = [1, 2, 3].map(() => start(url, db.databaseName, prefix, at))
        expect(await Promise.all(processes.map(ended))).toEqual([0, 0, 0])
        const store = mongoStore(db, { prefix })
        expect((await store.migrate.plan()).steps).toEqual([])
        expect(await store.visits.erase('t', ['s'])).toBe(3)
      }
    }, 60_000)
  })

  describe('the library’s own collections', () => {
    it('are what a store keeps, if nothing else is said', async () => {
      const plan = await mongoStore(db).migrate.plan()
      expect(plan.steps.map((step) => step.statement)).toContain(
        'db.createCollection("pilvi_privacy_ledger")',
      )
      const store = await migrated(mongoStore(db, { prefix: 'library_' }))
      expect((await store.migrate.plan()).steps).toEqual([])
    })
  })

  describe('streams', () => {
    it('that move while they are read give the entry that is there then', async () => {
      const at = 't1'
      await straight.commit([append(`${at}/s`), append(`${at}/s`, 2)])
      let moved = 0
      const moving: Db = Object.create(db, {
        collection: {
          value: (name: string, options: object) => {
            const collection = db.collection(name, options)
            if (!name.includes('_heads_')) return collection
            const find = (filter: object): { toArray(): Promise<unknown[]> } => ({
              toArray: async () => {
                const found = await collection.find(filter).toArray()
                moved++
                await straight.commit([
                  { remove: { collection: 'events', key: `${at}/s` }, expect: 2, through: 2 },
                  append(`${at}/s`, 3),
                ])
                return found
              },
            })
            return Object.assign(Object.create(collection), { find })
          },
        },
      })
      const [found] = await mongoStore(moving, { collections }).get('events', [`${at}/s`])
      expect([moved, found?.version]).toEqual([1, 3])
    })

    it('are got many at a time, also more than one query asks for', async () => {
      const at = 't2'
      const keys = Array.from({ length: 250 }, (_, i) => `${at}/${i}`)
      await straight.commit(keys.map((key) => append(key)))
      await straight.commit(keys.slice(0, 5).map((key) => append(key, 2)))
      const found = await straight.get('events', [...keys, `${at}/none`])
      expect(found.map((each) => each?.version ?? 0)).toEqual([
        ...new Array(5).fill(2),
        ...new Array(245).fill(1),
        0,
      ])
    })
  })
}
