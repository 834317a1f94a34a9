/** Twins that migrate or close wrongly. */

import { StoreFailure } from '../../errors.ts'
import type { Store } from '../../store.ts'
import { type BrokenTwin, through } from './twin.ts'

const migrating = (store: Store, broken: Partial<Store['migrate']>): Store =>
  through(store, {
    migrate: {
      plan: () => store.migrate.plan(),
      apply: (migration) => store.migrate.apply(migration),
      ...broken,
    },
  })

const applied = async (store: Store): Promise<void> => store.migrate.apply(await store.migrate.plan())

function oneAtATime(): (store: Store) => Store {
  let running = 0
  return (store) =>
    migrating(store, {
      async apply(migration) {
        if (running > 0) throw new StoreFailure('store.unavailable', 'somebody else is migrating')
        running++
        try {
          await store.migrate.apply(migration)
        } finally {
          running--
        }
      },
    })
}

export const lifecycleTwins: readonly BrokenTwin[] = [
  {
    name: 'there is always something left to migrate',
    promise: 'migrated',
    break: (store) =>
      migrating(store, {
        async plan() {
          const plan = await store.migrate.plan()
          return { ...plan, steps: [...plan.steps, { says: 'Again.', statement: 'again' }] }
        },
      }),
  },
  {
    name: 'making a plan applies it',
    promise: 'a plan writes nothing',
    break: (store) =>
      migrating(store, {
        async plan() {
          const plan = await store.migrate.plan()
          await store.migrate.apply(plan)
          return plan
        },
      }),
  },
  {
    name: 'what is missing is made when it is first used',
    promise: 'a plan writes nothing',
    break: (store) =>
      through(store, {
        get: async (collection, keys) => {
          await applied(store)
          return store.get(collection, keys)
        },
      }),
  },
  {
    name: 'applying a plan does nothing',
    promise: 'a plan that is applied',
    break: (store) => migrating(store, { apply: async () => {} }),
  },
  {
    name: 'a plan can be applied once',
    promise: 'a plan that is applied',
    break(store) {
      let times = 0
      return migrating(store, {
        async apply(migration) {
          if (times++ > 0) throw new StoreFailure('store.unavailable', 'it exists already')
          await store.migrate.apply(migration)
        },
      })
    },
  },
  {
    name: 'two processes cannot migrate at once',
    promise: 'two at once',
    break: oneAtATime(),
  },
  {
    name: 'a new index holds only what is written after it was made',
    promise: 'a new index',
    break(store) {
      const known = new Set<string>()
      return through(store, {
        async commit(changes) {
          await store.commit(changes)
          for (const change of changes) if ('put' in change) known.add(change.put.key)
        },
        async *scan(collection, range) {
          for await (const each of store.scan(collection, range)) {
            if (!('index' in range) || known.has(each.key)) yield each
          }
        },
      })
    },
  },
  {
    name: 'steps are taken that nobody read',
    promise: 'a stale plan',
    break: (store) =>
      migrating(store, {
        async apply(migration) {
          if (Array.isArray(migration?.steps)) await applied(store)
          else await store.migrate.apply(migration)
        },
      }),
  },
  {
    name: 'a plan that is blocked is applied all the same',
    promise: 'a blocked plan',
    break: (store) =>
      migrating(store, {
        apply: (migration) =>
          store.migrate.apply(Array.isArray(migration?.blocked) ? { ...migration, blocked: [] } : migration),
      }),
  },
  {
    name: 'closing does not close',
    promise: 'closed',
    break: (store) => through(store, { close: async () => {} }),
  },
  {
    name: 'closing closes all but the visit log',
    promise: 'closed',
    break(store) {
      let closed = false
      const visits: Store['visits'] = {
        append: async (tenant, given) => (closed ? undefined : store.visits.append(tenant, given)),
        read: (tenant, range) => store.visits.read(tenant, range),
        purge: (tenant, before) => store.visits.purge(tenant, before),
        purgeAll: (before) => store.visits.purgeAll(before),
        find: (tenant, sessions) => store.visits.find(tenant, sessions),
        erase: (tenant, sessions) => store.visits.erase(tenant, sessions),
      }
      return through(store, {
        visits,
        async close() {
          closed = true
          await store.close()
        },
      })
    },
  },
  {
    name: 'closing twice is an error',
    promise: 'closed',
    break(store) {
      let times = 0
      return through(store, {
        async close() {
          if (times++ > 0) throw new StoreFailure('store.closed', 'it is closed')
          await store.close()
        },
      })
    },
  },
]
