/** Twins whose visit log is wrong. */

import { InvalidInput, StoreFailure } from '../../errors.ts'
import type { Store, StoredVisit, VisitLog } from '../../store.ts'
import { type BrokenTwin, flat, later, readingByCount, throughVisits } from './twin.ts'

const name = (visit: StoredVisit): string => `${visit.at}/${visit.id}`
const whole = { from: '0001-01-01T00:00:00.000Z', before: '9999-12-31T23:59:59.999Z' }

/** Keeps something else than it was given. */
const keeping = (store: Store, instead: (visits: readonly StoredVisit[]) => readonly StoredVisit[]): Store =>
  throughVisits(store, {
    append: (tenant, visits) => store.visits.append(tenant, Array.isArray(visits) ? instead(visits) : visits),
  })

/** Gives the visits of a range in another way. */
const reading = (store: Store, instead: (found: StoredVisit[][]) => Iterable<StoredVisit[]>): Store =>
  throughVisits(store, {
    read: async function* (tenant, range) {
      const batches: StoredVisit[][] = []
      for await (const batch of store.visits.read(tenant, range)) batches.push(batch)
      yield* instead(batches)
    },
  })

const pages = function* (visits: readonly StoredVisit[], next: (page: StoredVisit[]) => StoredVisit[]) {
  for (let left = [...visits]; left.length > 0; ) {
    const page = left.slice(0, 1_000)
    yield page
    left = next(left)
  }
}

/** Hands out, and knows, one object for each visit. */
function sharing(store: Store): Store {
  const own = new Map<string, StoredVisit>()
  const shared = (batch: StoredVisit[]): StoredVisit[] =>
    batch.map((visit) => {
      const kept = own.get(name(visit)) ?? visit
      own.set(name(visit), kept)
      return kept
    })
  return throughVisits(store, {
    read: async function* (tenant, range) {
      for await (const batch of store.visits.read(tenant, range)) yield shared(batch)
    },
  })
}

function oneAtATime(store: Store): Store {
  let running = 0
  return throughVisits(store, {
    async append(tenant, visits) {
      if (running++ > 0) throw new StoreFailure('store.unavailable', 'somebody else is appending')
      await store.visits.append(tenant, visits).finally(() => running--)
    },
  })
}

const finding = (store: Store, instead: (log: VisitLog) => VisitLog['find']): Store =>
  throughVisits(store, { find: instead(store.visits) })

const erasing = (store: Store, instead: (log: VisitLog) => VisitLog['erase']): Store =>
  throughVisits(store, { erase: instead(store.visits) })

export const visitTwins: readonly BrokenTwin[] = [
  {
    name: 'the last visit of a batch is lost',
    promise: 'append visits',
    break: (store) => keeping(store, (visits) => visits.slice(0, -1)),
  },
  {
    name: 'null is kept as an empty string',
    promise: 'append visits',
    break: (store) => keeping(store, (visits) => visits.map((each) => ({ ...each, ip: each.ip ?? '' }))),
  },
  {
    name: 'an empty batch is an error',
    promise: 'append nothing',
    break: (store) =>
      keeping(store, (visits) => {
        if (visits.length === 0) throw new InvalidInput('input.invalid', 'no visits')
        return visits
      }),
  },
  { name: 'what is returned is the log’s own object', promise: 'append copies', break: sharing },
  {
    name: 'a visit that is there is kept again',
    promise: 'append twice',
    break(store) {
      let n = 0
      return keeping(store, (visits) => visits.map((each) => ({ ...each, id: `${each.id}.${n++}` })))
    },
  },
  {
    name: 'a visit that is there keeps the others out',
    promise: 'append twice',
    break(store) {
      const seen = new Set<string>()
      return keeping(store, (visits) => {
        const known = visits.some((each) => seen.has(name(each)))
        for (const each of visits) seen.add(name(each))
        return known ? [] : visits
      })
    },
  },
  {
    name: 'visits of a session at one time are taken for one',
    promise: 'append alike',
    break: (store) =>
      keeping(store, (visits) => [
        ...new Map(visits.map((each) => [`${each.at} ${each.session}`, each])).values(),
      ]),
  },
  { name: 'appends cannot be made at once', promise: 'append races', break: oneAtATime },
  {
    name: 'a batch is cut at a thousand',
    promise: 'a full batch',
    break: (store) => keeping(store, (visits) => visits.slice(0, 1_000)),
  },
  {
    name: 'visits are read in the order of their ids',
    promise: 'read order',
    break: (store) => reading(store, (found) => [found.flat().sort((a, b) => (name(a) < name(b) ? -1 : 1))]),
  },
  {
    name: 'a range includes its end',
    promise: 'read range',
    break: (store) =>
      throughVisits(store, {
        read: (tenant, range) => store.visits.read(tenant, { ...range, before: later(range.before, 1) }),
      }),
  },
  {
    name: 'a range leaves out its beginning',
    promise: 'read range',
    break: (store) =>
      throughVisits(store, {
        read: (tenant, range) => store.visits.read(tenant, { ...range, from: later(range.from, 1) }),
      }),
  },
  {
    name: 'only the first batch is read',
    promise: 'read batches',
    break: (store) => reading(store, (found) => found.slice(0, 1)),
  },
  {
    name: 'visits at the time where a batch ends are skipped',
    promise: 'read batches',
    break: (store) =>
      reading(store, (found) =>
        pages(found.flat(), (left) => left.slice(1_000).filter((each) => each.at !== left[999]?.at)),
      ),
  },
  {
    name: 'reading counts what it has read, which purging moves',
    promise: 'read under purging',
    break: readingByCount,
  },
  {
    name: 'a purge purges nothing',
    promise: 'purge',
    break: (store) => throughVisits(store, { purge: async () => {} }),
  },
  {
    name: 'a purge takes one too many',
    promise: 'purge',
    break: (store) =>
      throughVisits(store, { purge: (tenant, before) => store.visits.purge(tenant, later(before, 1)) }),
  },
  {
    name: 'a purge leaves the last one',
    promise: 'purge',
    break: (store) =>
      throughVisits(store, { purge: (tenant, before) => store.visits.purge(tenant, later(before, -1)) }),
  },
  {
    name: 'a purge stops after a thousand',
    promise: 'purge many',
    break: (store) =>
      throughVisits(store, {
        async purge(tenant, before) {
          const first = (await flat(store.visits.read(tenant, { ...whole, before })))[1_000]
          await store.visits.purge(tenant, first?.at ?? before)
        },
      }),
  },
  {
    name: 'only the first session is looked for',
    promise: 'find sessions',
    break: (store) => finding(store, (log) => (tenant, sessions) => log.find(tenant, sessions.slice(0, 1))),
  },
  {
    name: 'a session finds those that begin alike',
    promise: 'find sessions',
    break: (store) =>
      finding(
        store,
        (log) =>
          async function* (tenant, sessions) {
            const found = await flat(log.read(tenant, whole))
            yield found.filter((visit) => sessions.some((each) => visit.session.startsWith(each)))
          },
      ),
  },
  {
    name: 'finding stops after its first batch',
    promise: 'find sessions',
    break: (store) =>
      finding(
        store,
        (log) =>
          async function* (tenant, sessions) {
            yield (await flat(log.find(tenant, sessions))).slice(0, 500)
          },
      ),
  },
  {
    name: 'finding leaks the visits of another tenant',
    promise: 'visits of tenants apart',
    break: (store) =>
      finding(
        store,
        (log) =>
          async function* (tenant, sessions) {
            yield* log.find(tenant, sessions)
            yield* log.find(`${tenant}-b`, sessions)
          },
      ),
  },
  {
    name: 'erasing erases nothing, and counts',
    promise: 'erase sessions',
    break: (store) =>
      erasing(store, (log) => async (tenant, sessions) => (await flat(log.find(tenant, sessions))).length),
  },
  {
    name: 'erasing counts sessions',
    promise: 'erase sessions',
    break: (store) =>
      erasing(store, (log) => async (tenant, sessions) => {
        await log.erase(tenant, sessions)
        return sessions.length
      }),
  },
  {
    name: 'erasing takes everything',
    promise: 'erase sessions',
    break: (store) =>
      erasing(store, (log) => async (tenant, sessions) => {
        const count = await log.erase(tenant, sessions)
        await log.purge(tenant, whole.before)
        return count
      }),
  },
  {
    name: 'erasing reaches into another tenant',
    promise: 'visits of tenants apart',
    break: (store) =>
      erasing(store, (log) => async (tenant, sessions) => {
        await log.erase(`${tenant}-b`, sessions)
        return log.erase(tenant, sessions)
      }),
  },
  {
    name: 'what is no session is made into one',
    promise: 'bad input of visits',
    break: (store) =>
      finding(
        store,
        (log) => (tenant, sessions) => log.find(tenant, Array.isArray(sessions) ? sessions.map(String) : []),
      ),
  },
]
