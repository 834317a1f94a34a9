/**
 * A broken twin: a store that does all that another does, but for one promise. The kit has to fail on every one of
 * them; a kit that passes a `remove` that removes nothing is worth nothing.
 */

import { Conflict } from '../../errors.ts'
import type { Change, Ref, Store, StoredVisit, Versioned, VisitLog } from '../../store.ts'

/** A way to break a store. */
export interface BrokenTwin {
  /** What it does wrong. */
  readonly name: string
  /** The case of the kit that has to catch it: what stands before the colon of the case's name. */
  readonly promise: string
  /** The store, broken. Stores on the same data are broken alike. */
  break(store: Store): Store
}

/** A store that hands everything on, but for what is given. */
export const through = (store: Store, broken: Partial<Store>): Store => ({
  name: store.name,
  get: (collection, keys) => store.get(collection, keys),
  scan: (collection, range) => store.scan(collection, range),
  commit: (changes) => store.commit(changes),
  close: () => store.close(),
  migrate: store.migrate,
  bulk: store.bulk,
  visits: store.visits,
  ...broken,
})

/** A store whose visit log hands everything on, but for what is given. */
export const throughVisits = (store: Store, broken: Partial<VisitLog>): Store =>
  through(store, {
    visits: {
      append: (tenant, visits) => store.visits.append(tenant, visits),
      read: (tenant, range) => store.visits.read(tenant, range),
      purge: (tenant, before) => store.visits.purge(tenant, before),
      purgeAll: (before) => store.visits.purgeAll(before),
      find: (tenant, sessions) => store.visits.find(tenant, sessions),
      erase: (tenant, sessions) => store.visits.erase(tenant, sessions),
      ...broken,
    },
  })

/** The record or stream that a change is about. */
export const refOf = (change: Change): Ref =>
  'put' in change ? change.put : 'remove' in change ? change.remove : change.append

/** A store that commits something else than it was given. */
export const committing = (
  store: Store,
  instead: (changes: readonly Change[]) => Promise<readonly Change[]> | readonly Change[],
): Store => through(store, { commit: async (changes) => store.commit(await instead(changes)) })

/** A store that changes what it gives. */
export const giving = (store: Store, spoil: (found: Versioned) => Versioned): Store =>
  through(store, {
    get: async (collection, keys) =>
      (await store.get(collection, keys)).map((each) => (each === null ? null : spoil(each))),
    scan: async function* (collection, range) {
      for await (const each of store.scan(collection, range)) yield spoil(each)
    },
  })

/** What lies under a reference now. */
export async function now(store: Store, ref: Ref): Promise<Versioned | null> {
  return (await store.get(ref.collection, [ref.key]))[0] ?? null
}

/** The conflict of a change, as a store throws it. */
export const conflictAt = (place: number, change: Change): Conflict =>
  new Conflict('conflict.version', `changes[${place}] expected another state`, {
    path: `changes[${place}]`,
    record: refOf(change).key,
  })

/** Whether an error is a lost expectation, whatever copy of the library threw it. */
export const isConflict = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null)?.code === 'conflict.version'

/** All visits of a range, or of some sessions. */
export async function flat(batches: AsyncIterable<StoredVisit[]>): Promise<StoredVisit[]> {
  const found: StoredVisit[] = []
  for await (const batch of batches) found.push(...batch)
  return found
}

/** The instant that lies so many milliseconds after another. */
export const later = (at: string, by: number): string => new Date(Date.parse(at) + by).toISOString()

/** Reads visits by counting what it has read, which a purge meanwhile moves. */
export const readingByCount = (store: Store): Store =>
  throughVisits(store, {
    read: async function* (tenant, range) {
      for (let offset = 0; ; offset += 1_000) {
        const page = (await flat(store.visits.read(tenant, range))).slice(offset, offset + 1_000)
        if (page.length === 0) return
        yield page
      }
    },
  })
