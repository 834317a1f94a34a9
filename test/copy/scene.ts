/** Stores to copy: everything that can be kept, in ways that copies get wrong. */

import {
  type BulkRow,
  type Change,
  type JsonValue,
  type Store,
  type StoredVisit,
  StoreFailure,
} from '@pilvi/privacy'
import { type MemoryBacking, memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { oddStrings } from '../../src/testing/conformance/values.ts'
import { key } from '../../src/values/key.ts'

/** In order of bytes, the one with a hyphen is the second; in order of keys the first. */
const tenants = ['_system', 'pilvi', 'pilvi-b', 'pilvib']

export const visit = (n: number, more: Partial<StoredVisit> = {}): StoredVisit => ({
  id: `v${n}`,
  at: new Date(Date.UTC(2026, 10, 20, n)).toISOString(),
  session: `s${n % 3}`,
  ip: n % 2 === 0 ? '203.0.113.7' : null,
  host: null,
  source: null,
  ...more,
})

const records = (tenant: string, count: number): Change[] =>
  Array.from({ length: count }, (_, i) => ({
    put: { collection: 'register', key: key(tenant, 'customer', `${i}`) },
    value: { group: 'customer', i, name: 'x'.repeat(i % 90) },
    expect: 'absent',
  }))

const odd = (tenant: string): Change[] =>
  oddStrings.map((each) => ({
    put: { collection: 'standings', key: key(tenant, 'odd', each) },
    value: { [each]: [each, -0, 1e21, 5e-324, null, { [each]: true }], erasedUntil: each },
    expect: 'absent',
  }))

const entries = (tenant: string, name: string, count: number): Change[] =>
  Array.from({ length: count }, (_, i) => ({
    append: { collection: 'ledger', key: key(tenant, name) },
    id: `${name} ${i}`,
    value: { i } as JsonValue,
    expect: i + 1,
  }))

async function commitAll(store: Store, changes: readonly Change[]): Promise<void> {
  for (let i = 0; i < changes.length; i += 500) await store.commit(changes.slice(i, i + 500))
}

/** Fills a store by its own verbs; of one stream the oldest have gone, of another all. */
export async function fill(store: Store, count = 150): Promise<void> {
  for (const tenant of tenants) {
    await commitAll(store, [...records(tenant, count), ...odd(tenant)])
    await commitAll(store, entries(tenant, 'long', count))
    await commitAll(store, [...entries(tenant, 'short', 9), ...entries(tenant, 'gone', 2)])
    const ref = (name: string) => ({ collection: 'ledger', key: key(tenant, name) })
    await store.commit([
      { remove: ref('short'), expect: 9, through: 6 },
      { remove: ref('gone'), expect: 2, through: 2 },
    ])
    await store.visits.append(
      tenant,
      Array.from({ length: count }, (_, n) =>
        visit(n, { source: oddStrings[n % oddStrings.length] ?? null }),
      ),
    )
  }
}

/** A memory store and what it keeps it in. */
export function memory(): { store: Store; backing: MemoryBacking } {
  const backing = memoryBacking()
  return { backing, store: memoryStore({ backing }) }
}

/** Everything that lies in a backing, but for versions; read without the verbs under test. */
export function inside({ records: all, streams, visits }: MemoryBacking): unknown {
  const parsed = (json: string): unknown => JSON.parse(json)
  const sorted = <T>(from: Iterable<readonly [string, T]>): [string, T][] =>
    [...from].map(([name, of]): [string, T] => [name, of]).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    records: sorted(all).map(([name, { rows }]) => [
      name,
      sorted(rows).map(([at, row]) => [at, parsed(row.json)]),
    ]),
    streams: sorted(streams).map(([name, of]) => [
      name,
      sorted(of).map(([at, stream]) => [
        at,
        stream.entries.map(({ sequence, id, json }) => [sequence, id, parsed(json)]),
        [...stream.ids.keys()].sort(),
      ]),
    ]),
    visits: sorted(visits).map(([tenant, { rows }]) => [tenant, sorted(rows)]),
  }
}

/** A store that does `act` when it is asked to read or write rows for the n-th time, before it does it. */
export function interrupted(store: Store, n: number, act: () => Promise<void> | void): Store {
  let calls = 0
  const call = async (): Promise<void> => {
    if (++calls === n) await act()
  }
  return {
    ...store,
    bulk: {
      collections: store.bulk.collections,
      async *read(collection): AsyncGenerator<BulkRow[]> {
        for await (const rows of store.bulk.read(collection)) {
          await call()
          yield rows
        }
      },
      async write(collection, rows) {
        await call()
        await store.bulk.write(collection, rows)
      },
      tenants: () => store.bulk.tenants(),
    },
    visits: {
      ...store.visits,
      async append(tenant, visits) {
        await call()
        await store.visits.append(tenant, visits)
      },
    },
  }
}

/** A store that fails when it is asked for the n-th time. */
export const failing = (store: Store, n: number): Store =>
  interrupted(store, n, () => {
    throw new StoreFailure('store.unavailable', 'killed by the test')
  })

/** A memory store that holds all that {@link fill} gives. */
export async function filled(count?: number): Promise<ReturnType<typeof memory>> {
  const made = memory()
  await fill(made.store, count)
  return made
}
