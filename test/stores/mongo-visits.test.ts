/** The days of the visit log in MongoDB: many clients at once, days that go while they are used, and one that is new. */

import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import type { Store, StoredVisit } from '../../src/store.ts'
import { onMongoDb } from './mongo.ts'
import { migrated } from './postgres.ts'

const visit = (at: string, id: string, session = 's'): StoredVisit => {
  return { id, at, session, ip: '203.0.113.7', host: null, source: null }
}
const hour = (day: string, n: number): string =>
  new Date(Date.parse(`${day}T00:00:00.000Z`) + n * 3_600_000).toISOString()
const whole = { from: '0001-01-01T00:00:00.000Z', before: '9999-12-31T23:59:59.999Z' }

onMongoDb(onMongo)

function onMongo(url: string): void {
  const clients = Array.from({ length: 8 }, () => new MongoClient(url))
  const name = `pilvi_privacy_days_${process.pid}`
  const dbs = clients.map((each) => each.db(name))
  const db = dbs[0] as Db
  beforeAll(async () => void (await migrated(mongoStore(db, { prefix: 'all_', collections: [] }))))
  afterAll(async () => {
    await db.dropDatabase()
    await Promise.all(clients.map((each) => each.close()))
  })
  let prefixes = 0
  /** The same new store, as each of several processes has it. */
  async function stores(): Promise<{ at: string; store: Store; all: Store[] }> {
    const prefix = `n${prefixes++}_`
    const all = dbs.map((each) => mongoStore(each, { prefix, collections: [] }))
    const store = await migrated(all[0] as Store)
    return { at: `${prefix}_visits_`, store, all }
  }
  const indexesOf = async (collection: string): Promise<string[]> =>
    (await db.collection(collection).listIndexes().toArray()).map((each) => each.name)
  const daysOf = async (at: string): Promise<string[]> => {
    const found = await db.listCollections({}, { nameOnly: true }).toArray()
    const names = found.map((each) => each.name).filter((each) => each.startsWith(at))
    return names.map((each) => each.slice(at.length)).sort()
  }
  const idsIn = async (store: Store, range = whole, tenant = 't'): Promise<string[]> => {
    const ids: string[] = []
    for await (const batch of store.visits.read(tenant, range)) ids.push(...batch.map((each) => each.id))
    return ids
  }

  describe('a day', () => {
    it('that is new is made once, with its index, by many clients at once', async () => {
      for (let round = 0; round < 5; round++) {
        const { at, store, all } = await stores()
        await Promise.all(
          all.map((each, i) =>
            each.visits.append('t', [
              visit(hour('2026-11-23', i), `v${i}`),
              visit(hour('2026-11-24', i), `w${i}`),
            ]),
          ),
        )
        expect(await daysOf(at)).toEqual(['20261123', '20261124'])
        for (const day of ['20261123', '20261124']) {
          expect(await indexesOf(at + day)).toEqual(['_id_', 'tenant+session'])
        }
        expect(await idsIn(store)).toEqual([...all.map((_, i) => `v${i}`), ...all.map((_, i) => `w${i}`)])
      }
    })

    it('is read, found and erased together with the others, in order of time across them', async () => {
      const { store } = await stores()
      const days = ['2026-12-31', '2027-01-01', '2027-01-02']
      const given = days.flatMap((day) => [0, 12, 23].map((n) => visit(hour(day, n), `${day} ${n}`, `s${n}`)))
      await store.visits.append('t', [...given].reverse())
      const ids = given.map((each) => each.id)
      expect(await idsIn(store)).toEqual(ids)
      expect(await idsIn(store, { from: hour('2026-12-31', 12), before: hour('2027-01-02', 12) })).toEqual(
        ids.slice(1, 7),
      )
      expect(await idsIn(store, { from: hour('2027-01-01', 0), before: hour('2027-01-02', 0) })).toEqual(
        ids.slice(3, 6),
      )
      const found: StoredVisit[] = []
      for await (const batch of store.visits.find('t', ['s12'])) found.push(...batch)
      expect(found.map((each) => each.id).sort()).toEqual(days.map((day) => `${day} 12`))
      expect(await store.visits.erase('t', ['s12', 's23'])).toBe(6)
      expect(await idsIn(store)).toEqual(days.map((day) => `${day} 0`))
    })

    it('that is over is dropped whole; the rest of a day goes by its visits, of every tenant', async () => {
      const { at, store } = await stores()
      const days = ['2026-11-21', '2026-11-22', '2026-11-23']
      for (const tenant of ['t', 'tt', 'T-1']) {
        await store.visits.append(
          tenant,
          days.flatMap((day) => [0, 11, 12, 23].map((n) => visit(hour(day, n), `${day} ${n}`))),
        )
      }
      expect(await store.visits.purgeAll(hour('2026-11-22', 12))).toBe(true)
      expect(await daysOf(at)).toEqual(['20261122', '20261123'])
      for (const tenant of ['t', 'tt', 'T-1']) {
        const left = await idsIn(store, whole, tenant)
        expect(left).toEqual([
          '2026-11-22 12',
          '2026-11-22 23',
          ...[0, 11, 12, 23].map((n) => `2026-11-23 ${n}`),
        ])
      }
      expect(await store.visits.purgeAll(hour('2026-11-22', 12))).toBe(false)
      expect(await store.visits.purgeAll(hour('2026-11-23', 0))).toBe(true)
      expect(await daysOf(at)).toEqual(['20261123'])
      await store.visits.erase('t', ['s'])
      await store.visits.purge('tt', whole.before)
      await store.visits.purge('T-1', whole.before)
      expect(await store.visits.purgeAll(hour('2026-11-24', 0))).toBe(false)
      expect(await daysOf(at)).toEqual([])
    })

    it('whose name only looks like one is not touched', async () => {
      const { at, store } = await stores()
      const others = [`${at}2026112`, `${at}202611230`, `x${at}20261123`, `${at}2026112x`]
      for (const other of others) await db.collection(other).insertOne({ here: true })
      await store.visits.append('t', [visit(hour('2026-11-23', 0), 'v')])
      await store.visits.purgeAll(whole.before)
      for (const other of others) expect(await db.collection(other).countDocuments({})).toBe(1)
    })
  })

  describe('a day that goes', () => {
    it('while it is read: what was not read yet is gone, the days behind it are not', async () => {
      const { store, all } = await stores()
      const many = Array.from({ length: 2_500 }, (_, i) =>
        visit(hour('2026-11-22', 1), `v${String(i).padStart(4, '0')}`),
      )
      await store.visits.append('t', many)
      await store.visits.append('t', [visit(hour('2026-11-23', 0), 'next')])
      const seen: string[] = []
      for await (const batch of store.visits.read('t', whole)) {
        seen.push(...batch.map((each) => each.id))
        await (all[1] as Store).visits.purgeAll(hour('2026-11-23', 0))
      }
      expect(seen).toEqual([...many.slice(0, 1_000).map((each) => each.id), 'next'])
    })

    it('while others append to it, read, find and erase: none of them fails, and what comes later is kept', async () => {
      const { at, store, all } = await stores()
      const old = '2026-11-22'
      const [purging, ...others] = all
      const end = Date.now() + 4_000
      let appended = 0
      await Promise.all([
        ...others.map(async (each, i) => {
          for (let n = 0; Date.now() < end; n++) {
            const batch = Array.from({ length: 20 }, (_, k) => visit(hour(old, 1), `${i}-${n}-${k}`, `s${i}`))
            await each.visits.append('t', [...batch, visit(hour('2026-11-23', 1), `${i}-${n}`, `k${i}`)])
            appended++
            await idsIn(each)
            if (n % 3 === 0) for await (const _ of each.visits.find('t', [`s${i}`]));
            if (n % 3 === 1) await each.visits.erase('t', [`s${i}`])
            if (n % 3 === 2) await each.visits.purge('t', hour(old, 12))
          }
        }),
        (async () => {
          while (Date.now() < end) await purging?.visits.purgeAll(hour('2026-11-23', 0))
        })(),
      ])
      expect((await idsIn(store)).filter((id) => id.split('-').length === 2)).toHaveLength(appended)
      await store.visits.append('t', [visit(hour(old, 1), 'late')])
      expect((await idsIn(store)).includes('late')).toBe(true)
      expect(await store.visits.purgeAll(hour('2026-11-23', 0))).toBe(true)
      expect(await daysOf(at)).toEqual(['20261123'])
    })
  })
}
