/**
 * The visit log by days: a day (UTC) comes to be with its first visit, and goes as a whole for every tenant at once.
 * Its cases work in the eighteenth century and in years that no other run has, because what they purge is everybody's.
 */

import { systemEnvironment } from '../../environment.ts'
import type { Store, StoredVisit } from '../../store.ts'
import { holds, same, there } from './assert.ts'
import { type Case, kitCollections, type Scene } from './scene.ts'
import { inOrder, read, visit } from './visit-log.ts'

const day = 86_400_000
/** The days of these cases begin here; nothing else of the kit is so old. */
const first = Date.parse('1701-03-01T00:00:00.000Z')

/** An instant, so many days and milliseconds after the first. */
const at = (days: number, milliseconds = 0): string =>
  new Date(first + days * day + milliseconds).toISOString()

/** Visits at both ends of a day and in the midst of it. */
const ofDay = (n: number): StoredVisit[] =>
  [0, day / 2, day - 1].map((milliseconds, i) => visit(i, { at: at(n, milliseconds), id: `${n}-${i}` }))
const ofDays = (...days: number[]): StoredVisit[] => days.flatMap(ofDay)

export const visitDayCases: readonly Case[] = [
  {
    name: 'a new day: comes to be whole, however many begin it at once',
    async run(scene) {
      const { tenant, peekVisits } = scene
      const stores = await several(scene)
      const start = unusedDay()
      const batches = Array.from({ length: 12 }, (_, i) =>
        [0, 1, 2].map((n) => visit(i, { at: new Date(start + n * day + i).toISOString(), id: `${i}-${n}` })),
      )
      await Promise.all(
        batches.map((batch, i) => there(stores[i % stores.length]).visits.append(tenant, batch)),
      )
      same(inOrder(await peekVisits(tenant)), inOrder(batches.flat()), 'what lies there')
    },
  },
  {
    name: 'purge all: every tenant loses what is before the instant, and nothing else',
    async run({ store: { visits: log }, tenant, peekVisits }) {
      const tenants = [tenant, `${tenant}-b`, `${tenant}b`]
      for (const each of tenants) await log.append(each, ofDays(0, 1, 2))
      await log.append(tenant, ofDays(3))
      const left = async (before: string, what: string): Promise<void> => {
        for (const each of tenants) {
          const days = each === tenant ? ofDays(0, 1, 2, 3) : ofDays(0, 1, 2)
          const kept = days.filter((one) => one.at >= before)
          same(inOrder(await peekVisits(each)), kept, `${what}: what lies there`)
          same(await read(log, each), kept, `${what}: what read gives`)
        }
      }
      // In a day, at its very end, at the beginning of the next, and days later.
      for (const before of [at(0, 1), at(1, -1), at(1), at(2, day / 2)]) {
        await log.purgeAll(before)
        await left(before, before)
      }
    },
  },
  {
    name: 'purge all says: whether there were any',
    async run({ store: { visits: log }, tenant }) {
      await log.purgeAll(at(9))
      same(await log.purgeAll(at(9)), false, 'of none')
      await log.append(tenant, ofDay(7))
      same(await log.purgeAll(at(7)), false, 'of none before it')
      same(await log.purgeAll(at(7, 1)), true, 'of a part of a day')
      same(await log.purgeAll(at(7, 1)), false, 'of the same again')
      same(await log.purgeAll(at(8)), true, 'of the rest of it')
      same(await log.purgeAll(at(8)), false, 'of the rest again')
    },
  },
  {
    name: 'a day that has gone: takes late visits again',
    async run({ store: { visits: log }, tenant, peekVisits }) {
      await log.append(tenant, ofDays(0, 1))
      await log.purgeAll(at(1))
      await log.append(tenant, [visit(5, { at: at(0, 5) }), ...ofDay(1)])
      same(inOrder(await peekVisits(tenant)), [visit(5, { at: at(0, 5) }), ...ofDay(1)], 'what lies there')
      await log.purgeAll(at(2))
      same(await peekVisits(tenant), [], 'what lies there in the end')
    },
  },
  {
    name: 'read under purging all: a reader in the midst of a day goes on to those that are left',
    async run({ store: { visits: log }, tenant }) {
      const many = (n: number): StoredVisit[] =>
        Array.from({ length: 1_500 }, (_, i) => visit(i, { at: at(n, i), id: `${n}-${i}` }))
      for (const n of [0, 1]) await log.append(tenant, many(n))
      const seen: StoredVisit[] = []
      for await (const batch of log.read(tenant, { from: at(0), before: at(9) })) {
        seen.push(...batch)
        await log.purgeAll(at(1))
      }
      const later = seen.filter((each) => each.at >= at(1))
      same(later.length, 1_500, 'how many of the day that stays')
      same(new Set(seen.map((each) => each.id)).size, seen.length, 'how many were seen once')
      await log.purgeAll(at(9))
    },
  },
  {
    name: 'purge all races: late visits to a day that goes are no error, and no other day loses one',
    async run(scene) {
      const { tenant, peekVisits } = scene
      const stores = await several(scene)
      const rounds = 6
      const batch = (writer: number, round: number): StoredVisit[] =>
        [0, 1, 2].map((n) => visit(n, { at: at(n, round), id: `${writer}-${round}-${n}` }))
      const given: StoredVisit[] = []
      await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const { visits: log } = there(stores[writer % stores.length])
          for (let round = 0; round < rounds; round++) {
            given.push(...batch(writer, round))
            await log.append(tenant, batch(writer, round))
            if (writer % 4 === 0) await log.purgeAll(at(1))
          }
        }),
      )
      const stay = (each: StoredVisit): boolean => each.at >= at(1)
      const found = inOrder(await peekVisits(tenant))
      same(found.filter(stay), inOrder(given.filter(stay)), 'what lies in the days that stay')
      holds(await there(stores[0]).visits.purgeAll(at(9)), 'there was something to purge')
      same(await peekVisits(tenant), [], 'what lies there in the end')
    },
  },
]

/** The store, and a second one on the same data where the fixture can open one. */
async function several({ store, open }: Scene): Promise<Store[]> {
  return open === undefined ? [store] : [store, await open(kitCollections)]
}

/** The beginning of a day that most likely no other run has used, between the years 2200 and 9500. */
function unusedDay(): number {
  const random = systemEnvironment.random(4).reduce((sum, byte) => sum * 256 + byte, 0)
  return Date.UTC(2200, 0, 1) + Math.floor((random / 2 ** 32) * 7_300 * 365) * day
}
