/** Twins whose visit log is wrong about days. */

import { StoreFailure } from '../../errors.ts'
import type { Store, VisitLog } from '../../store.ts'
import { type BrokenTwin, later, readingByCount, throughVisits } from './twin.ts'

const midnight = (at: string): string => `${at.slice(0, 10)}T00:00:00.000Z`

const purging = (store: Store, instead: (log: VisitLog) => VisitLog['purgeAll']): Store =>
  throughVisits(store, { purgeAll: instead(store.visits) })

/** Purges by another instant than the one given. */
const purgingBy = (store: Store, by: (before: string) => string): Store =>
  purging(store, (log) => (before) => log.purgeAll(typeof before === 'string' ? by(before) : before))

/** Remembers which days there are, and refuses or forgets where two begin one at once. */
function beginning(answer: 'refuse' | 'forget'): (store: Store) => Store {
  const begun = new Set<string>()
  const known = new Set<string>()
  return (store) =>
    throughVisits(store, {
      async append(tenant, visits) {
        if (!Array.isArray(visits)) return store.visits.append(tenant, visits)
        const days = visits.map((each) => String(each?.at).slice(0, 10)).filter((each) => !known.has(each))
        if (days.some((each) => begun.has(each))) {
          if (answer === 'forget') return
          throw new StoreFailure('store.unavailable', 'the day exists already')
        }
        for (const each of days) begun.add(each)
        await store.visits.append(tenant, visits)
        for (const each of days) known.add(each)
      },
    })
}

/** Loses or refuses what is appended while a purge runs. */
function purgingApart(answer: 'refuse' | 'lose'): (store: Store) => Store {
  let running = 0
  return (store) =>
    throughVisits(store, {
      async append(tenant, visits) {
        if (running > 0 && answer === 'lose') return
        if (running > 0) throw new StoreFailure('store.unavailable', 'the day is being dropped')
        await store.visits.append(tenant, visits)
      },
      async purgeAll(before) {
        running++
        try {
          return await store.visits.purgeAll(before)
        } finally {
          running--
        }
      },
    })
}

export const visitDayTwins: readonly BrokenTwin[] = [
  {
    name: 'of two that begin a day at once one is refused',
    promise: 'a new day',
    break: beginning('refuse'),
  },
  {
    name: 'of two that begin a day at once one is lost',
    promise: 'a new day',
    break: beginning('forget'),
  },
  {
    name: 'purging all purges nothing',
    promise: 'purge all',
    break: (store) => purging(store, () => async () => true),
  },
  {
    name: 'purging all takes one too many',
    promise: 'purge all',
    break: (store) => purgingBy(store, (before) => later(before, 1)),
  },
  {
    name: 'purging all leaves the last one',
    promise: 'purge all',
    break: (store) => purgingBy(store, (before) => later(before, -1)),
  },
  {
    name: 'purging all leaves the rest of a day',
    promise: 'purge all',
    break: (store) => purgingBy(store, midnight),
  },
  {
    name: 'purging all takes a day whole of which a part is to go',
    promise: 'purge all',
    break: (store) => purgingBy(store, (before) => midnight(later(before, 86_399_999))),
  },
  {
    name: 'purging all says that there were some',
    promise: 'purge all says',
    break: (store) =>
      purging(store, (log) => async (before) => {
        await log.purgeAll(before)
        return true
      }),
  },
  {
    name: 'purging all says that there were none',
    promise: 'purge all says',
    break: (store) =>
      purging(store, (log) => async (before) => {
        await log.purgeAll(before)
        return false
      }),
  },
  {
    name: 'a day that has gone takes no visits again',
    promise: 'a day that has gone',
    break(store) {
      let gone = ''
      return throughVisits(store, {
        append: (tenant, visits) =>
          store.visits.append(
            tenant,
            Array.isArray(visits) ? visits.filter((each) => !(each?.at < gone)) : visits,
          ),
        async purgeAll(before) {
          const found = await store.visits.purgeAll(before)
          gone = before
          return found
        },
      })
    },
  },
  {
    name: 'reading counts what it has read, which purging all moves',
    promise: 'read under purging all',
    break: readingByCount,
  },
  {
    name: 'visits that come while days go are refused',
    promise: 'purge all races',
    break: purgingApart('refuse'),
  },
  {
    name: 'visits that come while days go are lost',
    promise: 'purge all races',
    break: purgingApart('lose'),
  },
]
