/**
 * The days of the visit log: a collection for each UTC day, with an index by session, made before the first visit of
 * that day is kept. Which days there are is asked of the server each time.
 *
 * A visit that comes late to a day being dropped goes with it, or is kept in the day made anew. The server makes that
 * with the insert, and without the index: a process therefore knows a day for a minute only, and then makes sure of
 * the index again. Without it everything is found all the same.
 */

import { systemEnvironment } from '../../src/environment.ts'
import type { Connection } from './connection.ts'
import type { Doc, MongoCollection } from './driver.ts'
import { allDuplicates, isInternal } from './failures.ts'
import type { Names } from './names.ts'

const knownFor = 60_000
const bySession = { tenant: 1, session: 1, _id: 1 } as const

/** The UTC day of an instant, as the name of its collection ends. */
export const dayOf = (instant: string): string => instant.slice(0, 10).replaceAll('-', '')

/** The days that a visit log keeps. */
export interface Days {
  /** The collection of a day, whether or not it is there. */
  at(day: string): MongoCollection
  /** The days that have a collection, of those from `first` to `last`, in order. */
  list(range?: { readonly first?: string; readonly last?: string }): Promise<string[]>
  /** Keeps documents, all of one day, that are not there yet. */
  keep(day: string, docs: Doc[]): Promise<void>
  /** Drops a day, and says whether it held anything. */
  drop(day: string): Promise<boolean>
}

/** The days of the log of a store. */
export function daysOf(connection: Connection, name: Names): Days {
  const known = new Map<string, number>()
  const at = (day: string): MongoCollection => connection.collection(name.visits + day)
  async function make(day: string): Promise<void> {
    const now = Date.parse(systemEnvironment.now())
    if ((known.get(day) ?? 0) > now) return
    await connection.write(() => at(day).createIndex(bySession, { name: 'tenant+session' }))
    known.set(day, now + knownFor)
  }
  return {
    at,
    async list({ first = '', last = '99999999' } = {}) {
      const names = await connection.list(`^${name.visits}[0-9]{8}$`)
      return names.map((each) => each.slice(-8)).filter((day) => day >= first && day <= last)
    },
    async keep(day, docs) {
      await make(day)
      const insert = (): Promise<unknown> => at(day).insertMany(docs, { ordered: false })
      // Once more where the server could not make a collection that was being dropped: a visit is kept once.
      const again = (error: unknown): Promise<unknown> => {
        if (isInternal(error)) return insert()
        throw error
      }
      const kept = (error: unknown) => (allDuplicates(error) ? 'there' : undefined)
      await connection.write(() => insert().catch(again), kept)
    },
    async drop(day) {
      known.delete(day)
      const [some] = await connection.read(() => at(day).find({}, { limit: 1 }).toArray())
      await connection.drop(name.visits + day)
      return some !== undefined
    },
  }
}
