/**
 * What a case of the kit is, and what it works with. Every case gets tenants of its own, so that a factory may hand
 * out the same database again and again; the kit never relies on an empty one. Effects are looked at through `peek`,
 * a way around the verbs under test: a kit that asks the store whether the store worked proves nothing.
 */

import { systemEnvironment } from '../../environment.ts'
import type { Change, Collection, JsonValue, Ref, Store, StoredVisit } from '../../store.ts'
import { there } from './assert.ts'

/** The two functions of a test runner that the kit needs; those of vitest, jest and node:test fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/** What lies in the database under a key, read without the store. */
export interface Peeked {
  readonly version: number
  readonly value: JsonValue
}

/** An entry of a stream as it lies in the database, read without the store. */
export interface PeekedEntry {
  readonly sequence: number
  readonly id: string
  readonly value: JsonValue
}

/** A store to test, and the ways around it. */
export interface StoreFixture {
  /** Migrated and ready; the data may hold what earlier cases left. */
  readonly store: Store
  /** `null` where there is nothing. */
  peek(collection: string, key: string): Promise<Peeked | null>
  /** In sequence; empty where there is nothing. */
  peekStream(collection: string, key: string): Promise<readonly PeekedEntry[]>
  /** All visits of a tenant, in any order. */
  peekVisits(tenant: string): Promise<readonly StoredVisit[]>
  /** Another store on the same data, for other collections, not migrated: as a second process would open it. */
  open?(collections: readonly Collection[]): Promise<Store>
  /** Closes every store and whatever else was opened. */
  close(): Promise<void>
}

/** Makes a fixture whose store keeps these collections. */
export type StoreFactory = (needs: { readonly collections: readonly Collection[] }) => Promise<StoreFixture>

/** What a case is given. */
export interface Scene extends StoreFixture {
  /** This case's own tenant. `${tenant}-b` and `${tenant}b` are its own as well. */
  readonly tenant: string
}

/** One promise of the port. Names are `promise: what is seen`, so that a broken twin can say which it breaks. */
export interface Case {
  readonly name: string
  run(scene: Scene): Promise<void>
}

/** The collections that the kit's cases use. */
export const kitCollections: readonly Collection[] = [
  {
    name: 'kit_things',
    kind: 'records',
    indexes: { byColour: ['colour'], byColourAndSize: ['colour', 'size'] },
  },
  { name: 'kit_notes', kind: 'records', indexes: {} },
  { name: 'kit_events', kind: 'streams', indexes: {} },
]

export const thing = (key: string): Ref => ({ collection: 'kit_things', key })
export const note = (key: string): Ref => ({ collection: 'kit_notes', key })
export const events = (key: string): Ref => ({ collection: 'kit_events', key })

/** Puts records that must not exist. */
export const putAll = (store: Store, records: Readonly<Record<string, JsonValue>>): Promise<void> =>
  store.commit(
    Object.entries(records).map(([key, value]): Change => ({ put: thing(key), value, expect: 'absent' })),
  )

/** Appends entries `first`, `first + 1`, … whose ids and values are `e1`, `e2`, … */
export const appendAll = (
  store: Store,
  at: { readonly key: string; readonly first: number; readonly last: number },
): Promise<void> =>
  store.commit(
    Array.from({ length: at.last - at.first + 1 }, (_, i): Change => {
      const expect = at.first + i
      return { append: events(at.key), id: `e${expect}`, value: `e${expect}`, expect }
    }),
  )

/** The version of a record, read without the store. */
export async function versionOf(scene: Scene, key: string): Promise<number> {
  return there(await scene.peek('kit_things', key), key).version
}

/** A name that no other run has: lower-case letters and digits. */
export function uniqueName(prefix: string): string {
  const bytes = systemEnvironment.random(6)
  return prefix + Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}

/** Registers cases with a runner; each gets a fixture and tenants of its own. */
export function register(
  cases: readonly Case[],
  with_: {
    readonly runner: Runner
    readonly factory: StoreFactory
    readonly tenantPrefix: string | undefined
    readonly title: string
  },
): void {
  const prefix = with_.tenantPrefix ?? uniqueName('kit')
  with_.runner.describe(with_.title, () => {
    cases.forEach((each, i) => {
      with_.runner.it(each.name, async () => {
        const fixture = await with_.factory({ collections: kitCollections })
        try {
          await each.run({ ...fixture, tenant: `${prefix}n${i}` })
        } finally {
          await fixture.close()
        }
      })
    })
  })
}
