/**
 * The outside of every adapter: what comes in is checked here, once, so that all adapters refuse the same things with
 * the same codes before a driver sees them; and a store that was closed refuses everything.
 */

import { StoreFailure } from '../src/errors.ts'
import type { Collection, Range, Store, Versioned, VisitLog } from '../src/store.ts'
import { checkChanges } from '../src/values/change.ts'
import { checkCollection } from '../src/values/collection.ts'
import { checkKeys, checkTenant } from '../src/values/key.ts'
import { checkRange } from '../src/values/range.ts'
import { checkInstant } from '../src/values/text.ts'
import { checkSessions, checkVisits } from '../src/values/visits.ts'
import { guardedBulk, type InnerBulk } from './bulk.ts'
import { type Placed, placed } from './expectations.ts'
import type { Ready } from './migration.ts'

/** The inside of an adapter; everything it is given was checked. */
export interface Inner {
  get(collection: Collection, keys: readonly string[]): Promise<(Versioned | null)[]>
  /** In pages, so that each record does not wait for a promise of its own; they may be empty. */
  scan(
    collection: Collection,
    range: Range,
  ): AsyncIterable<readonly Versioned[]> | Iterable<readonly Versioned[]>
  /** At least one change. @throws Conflict `conflict.version` */
  commit(changes: readonly Placed[]): Promise<void>
  readonly migrate: Store['migrate']
  /** Batches may be empty; they are not passed on. */
  readonly visits: VisitLog
  readonly bulk: InnerBulk
  /** Asked before everything but migrations. */
  readonly ready?: Ready
}

/** The port around the inside of an adapter. */
export function guarded(name: string, collections: ReadonlyMap<string, Collection>, inner: Inner): Store {
  let state: 'open' | 'closed' = 'open'
  const open = (): void => {
    if (state === 'closed') throw new StoreFailure('store.closed', `the ${name} store is closed`)
  }
  const ready = inner.ready ?? (() => undefined)
  return {
    name,
    async get(collection, keys) {
      open()
      const [declared, checked] = [checkCollection(collections, collection), checkKeys(keys)]
      await ready()
      return inner.get(declared, checked)
    },
    async *scan(collection, range) {
      open()
      const declared = checkCollection(collections, collection)
      checkRange(declared, range)
      await ready()
      for await (const page of inner.scan(declared, range)) {
        for (const each of page) {
          yield each
          open()
        }
      }
    },
    async commit(changes) {
      open()
      const checked = placed(checkChanges(collections, changes))
      if (checked.length === 0) return
      await ready()
      await inner.commit(checked)
    },
    migrate: guardedMigrate(inner.migrate, open),
    visits: guardedVisits(inner.visits, { open, ready }),
    bulk: guardedBulk(collections, inner.bulk, { open, ready }),
    async close() {
      state = 'closed'
    },
  }
}

const guardedMigrate = (inner: Store['migrate'], open: () => void): Store['migrate'] => ({
  async plan() {
    open()
    return inner.plan()
  },
  async apply(migration) {
    open()
    await inner.apply(migration)
  },
})

/** What is asked of a store before it is used. */
export interface Gate {
  /** @throws StoreFailure `store.closed` */
  open(): void
  readonly ready: Ready
}

function guardedVisits(inner: VisitLog, { open, ready }: Gate): VisitLog {
  return {
    async append(tenant, visits) {
      open()
      checkVisits(tenant, visits)
      if (visits.length === 0) return
      await ready()
      await inner.append(tenant, visits)
    },
    async *read(tenant, range) {
      open()
      checkTenant(tenant)
      const from = checkInstant(range?.from, 'range.from')
      const before = checkInstant(range.before, 'range.before')
      await ready()
      yield* batches(inner.read(tenant, { from, before }), open)
    },
    async purge(tenant, before) {
      open()
      checkTenant(tenant)
      checkInstant(before, 'before')
      await ready()
      await inner.purge(tenant, before)
    },
    async purgeAll(before) {
      open()
      checkInstant(before, 'before')
      await ready()
      return inner.purgeAll(before)
    },
    async *find(tenant, sessions) {
      open()
      checkSessions(tenant, sessions)
      await ready()
      yield* batches(inner.find(tenant, sessions), open)
    },
    async erase(tenant, sessions) {
      open()
      checkSessions(tenant, sessions)
      await ready()
      return inner.erase(tenant, sessions)
    },
  }
}

async function* batches<T>(found: AsyncIterable<T[]>, open: () => void): AsyncGenerator<T[]> {
  for await (const batch of found) {
    if (batch.length > 0) yield batch
    open()
  }
}
