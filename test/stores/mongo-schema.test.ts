/** How a MongoDB store looks from outside: what it refuses to connect to, its collections, and how it reads. */

import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Change, Collection, Store } from '../../src/store.ts'
import { migrated } from './postgres.ts'

const collections: readonly Collection[] = [
  { name: 'things', kind: 'records', indexes: { byColour: ['colour', 'size'] } },
  { name: 'events', kind: 'streams', indexes: {} },
]
const append = (key: string, expect = 1): Change => ({
  append: { collection: 'events', key },
  id: `e${expect}`,
  value: 'e',
  expect,
})

const server = inject('mongo')
if ('none' in server) {
  it.skip(`MongoDB was not run (${server.none}): give MONGODB_URI of a replica set to run it`)
} else {
  onMongo(server.url)
}

function onMongo(url: string): void {
  const client = new MongoClient(url)
  const db = client.db(`pilvi_privacy_looks_${process.pid}`)
  const straight = mongoStore(db, { collections })
  beforeAll(async () => void (await migrated(straight)))
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  describe('plaintext that leaves this machine is refused before a connection is made', () => {
    it.each([
      ['a host elsewhere', 'mongodb://user:hunter2@db.example.org/', 'refused'],
      ['one of several elsewhere', 'mongodb://localhost,db.example.org/', 'refused'],
      ['TLS switched off', 'mongodb://db.example.org/?tls=false', 'refused'],
      ['TLS', 'mongodb://db.example.org/?tls=true', 'taken'],
      ['this machine', 'mongodb://localhost,127.0.0.1:5/', 'taken'],
      ['a socket', 'mongodb://%2Ftmp%2Fmongodb.sock/', 'taken'],
    ] as const)('%s', (_, uri, outcome) => {
      const given = new MongoClient(uri).db('x')
      const make = (): Store => mongoStore(given, { collections })
      if (outcome === 'taken') return void make()
      expect(make).toThrow(expect.objectContaining({ code: 'store.insecure' }))
      expect(make).not.toThrow(/hunter2|example/)
      mongoStore(given, { collections, allowPlaintext: 'the network is trusted' })
    })

    it('a client that does not tell', () => {
      const silent: Db = Object.create(db, {
        client: { value: { startSession: () => client.startSession() } },
      })
      expect(() => mongoStore(silent, { collections })).toThrow(
        expect.objectContaining({ code: 'store.insecure' }),
      )
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
      expect([plan.from, plan.to]).toEqual([0, 1])
      const statements = plan.steps.map((step) => step.statement)
      expect(statements).toContain('db.createCollection("planned_things")')
      expect(statements).toContain(
        'db.getCollection("planned_things").createIndex({"tenant":1,"x.colour":1,"x.size":1,"_id":1}, ' +
          '{"name":"tenant+colour+size","partialFilterExpression":{"x.colour":{"$exists":true},"x.size":{"$exists":true}}})',
      )
      const names = (await db.listCollections().toArray()).map((each) => each.name)
      expect(names.filter((name) => name.startsWith('planned_'))).toEqual([])
    })

    it('that a newer version has made is refused', async () => {
      const store = await migrated(mongoStore(db, { prefix: 'newer_', collections }))
      await db
        .collection<{ _id: string }>('newer__layout')
        .updateOne({ _id: 'layout' }, { $set: { layout: 2 } })
      await expect(store.migrate.plan()).rejects.toMatchObject({ code: 'store.unsupported' })
    })
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
