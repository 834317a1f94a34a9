/** How a MongoDB store connects: what it refuses to connect to, and what it asks for, whatever its client asks for. */

import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Change, Store } from '../../src/store.ts'
import { onMongoDb } from './mongo.ts'
import { append, collections } from './mongo-scene.ts'
import { migrated } from './postgres.ts'

onMongoDb(onMongo)

function onMongo(url: string): void {
  const client = new MongoClient(url)
  const db = client.db(`pilvi_privacy_connects_${process.pid}`)
  beforeAll(async () => void (await migrated(mongoStore(db, { collections }))))
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
      ['IPv6 of this machine', 'mongodb://[::1]:5/', 'taken'],
      ['a host that begins like this machine', 'mongodb://localhost.db.example.org/', 'refused'],
      ['a proxy elsewhere', 'mongodb://localhost/?proxyHost=proxy.example.org', 'refused'],
      ['a name that is looked up, which is TLS', 'mongodb+srv://user:hunter2@db.example.org/', 'taken'],
      ['one with TLS switched off', 'mongodb+srv://user:hunter2@db.example.org/?tls=false', 'refused'],
    ] as const)('%s', (_, uri, outcome) => {
      const given = new MongoClient(uri).db('x')
      const make = (): Store => mongoStore(given, { collections })
      if (outcome === 'taken') return void make()
      expect(make).toThrow(expect.objectContaining({ code: 'store.insecure' }))
      expect(make).not.toThrow(/hunter2|example/)
      mongoStore(given, { collections, allowPlaintext: 'the network is trusted' })
    })

    it.each([
      ['a member elsewhere', { hosts: ['localhost:1', 'db.example.org:1'] }, '', 'refused'],
      ['an arbiter elsewhere', { hosts: ['localhost:1'], arbiters: ['db.example.org:1'] }, '', 'refused'],
      [
        'members elsewhere that are not gone on to',
        { hosts: ['db.example.org:1'] },
        'directConnection',
        'taken',
      ],
      ['members elsewhere by TLS', { hosts: ['db.example.org:1'] }, 'tls', 'taken'],
      [
        'members on this machine',
        { hosts: ['localhost:1', '[::1]:2'], passives: ['127.0.0.1:3'] },
        '',
        'taken',
      ],
    ] as const)('a replica set with %s', async (_, members, option, outcome) => {
      const set: Db = Object.create(db, {
        command: { value: async () => ({ setName: 'rs0', ...members }) },
        client: { value: new MongoClient('mongodb://localhost:1', option ? { [option]: true } : {}) },
        collection: { value: db.collection.bind(db) },
      })
      const read = mongoStore(set, { collections }).get('things', ['t/a'])
      if (outcome === 'taken') return void expect(await read).toEqual([null])
      await expect(read).rejects.toMatchObject({ code: 'store.insecure' })
      const trusting = mongoStore(set, { collections, allowPlaintext: 'the network is trusted' })
      expect(await trusting.get('things', ['t/a'])).toEqual([null])
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

  describe('whatever the host has set on its client', () => {
    const careless: MongoClientOptions = {
      readPreference: 'secondaryPreferred',
      readConcern: { level: 'available' },
      writeConcern: { w: 0 },
      promoteValues: false,
      promoteLongs: false,
      raw: true,
      ignoreUndefined: true,
    }
    const visit = {
      id: 'v',
      at: '2026-11-23T00:00:00.000Z',
      session: 's',
      ip: null,
      host: null,
      source: null,
    }
    const put = (key: string, colour: string, expect: number | 'absent'): Change => ({
      put: { collection: 'things', key },
      value: { colour, size: '1' },
      expect,
    })

    it('reads are of the primary and a majority, writes wait for one, and values come back as given', async () => {
      const own = new MongoClient(url, { ...careless, monitorCommands: true })
      const sent: { name: string; command: Record<string, unknown> }[] = []
      own.on('commandStarted', ({ commandName, command }) => void sent.push({ name: commandName, command }))
      const store = await migrated(mongoStore(own.db(db.databaseName), { prefix: 'careless_', collections }))
      await store.commit([put('t/a', 'red', 'absent')])
      const [before] = await store.get('things', ['t/a'])
      await store.commit([put('t/a', 'blue', before?.version ?? 'absent'), append('t/s'), append('t/s', 2)])
      const found: unknown[] = []
      for await (const { value } of store.scan('things', { tenant: 't', index: 'byColour' }))
        found.push(value)
      expect(found).toEqual([{ colour: 'blue', size: '1' }])
      expect((await store.get('events', ['t/s']))[0]).toMatchObject({ version: 2, value: 'e' })
      await store.visits.append('t', [visit])
      for await (const batch of store.visits.read('t', {
        from: visit.at,
        before: '2027-01-01T00:00:00.000Z',
      })) {
        expect(batch).toEqual([visit])
      }
      expect(await store.visits.erase('t', ['s'])).toBe(1)
      await store.visits.purgeAll('2026-11-24T00:00:00.000Z')
      expect((await store.migrate.plan()).steps).toEqual([])
      await own.close()

      const majority = { w: 'majority', j: true }
      const writes = new Set([
        'insert',
        'update',
        'delete',
        'create',
        'createIndexes',
        'drop',
        'commitTransaction',
      ])
      for (const { name, command } of sent.filter((each) => each.name !== 'endSessions')) {
        const preference = command['$readPreference'] as { readonly mode?: string } | undefined
        expect([name, preference?.mode ?? 'primary']).toEqual([name, 'primary'])
        const within = command['autocommit'] === false && name !== 'commitTransaction'
        if (writes.has(name) && !within)
          expect({ name, ...command }).toMatchObject({ name, writeConcern: majority })
        if (name === 'find' && !within) expect(command['readConcern']).toMatchObject({ level: 'majority' })
        if (command['startTransaction']) expect(command['readConcern']).toMatchObject({ level: 'snapshot' })
      }
      const names = new Set(sent.map((each) => each.name))
      for (const name of [...writes, 'find', 'listCollections', 'listIndexes']) expect(names).toContain(name)
    })
  })
}
