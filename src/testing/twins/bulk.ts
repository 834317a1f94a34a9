/** Twins that are copied wrongly. */

import { StoreFailure } from '../../errors.ts'
import type { Bulk, BulkRow, Store } from '../../store.ts'
import { tenantOf } from '../../values/key.ts'
import { type BrokenTwin, through } from './twin.ts'

const copying = (store: Store, broken: Partial<Bulk>): Store =>
  through(store, {
    bulk: {
      collections: store.bulk.collections,
      read: (collection) => store.bulk.read(collection),
      write: (collection, rows) => store.bulk.write(collection, rows),
      tenants: () => store.bulk.tenants(),
      ...broken,
    },
  })

/** Gives other rows than there are. */
const reading = (store: Store, spoil: (rows: BulkRow[]) => BulkRow[]): Store =>
  copying(store, {
    read: async function* (collection) {
      const rows: BulkRow[] = []
      for await (const batch of store.bulk.read(collection)) rows.push(...batch)
      const spoilt = spoil(rows)
      if (spoilt.length > 0) yield spoilt
    },
  })

const spoilEntries =
  (spoil: (entry: NonNullable<BulkRow['entry']>) => BulkRow['entry']) => (row: BulkRow) => {
    const entry = row.entry && spoil(row.entry)
    return entry === undefined ? row : { ...row, entry }
  }

/** Writes other rows than it was given; what is no list of rows is handed on. */
const writing = (store: Store, spoil: (row: BulkRow) => BulkRow): Store =>
  copying(store, {
    write: (collection, rows) =>
      store.bulk.write(collection, sound(rows) ? rows.map(spoil) : (rows as readonly BulkRow[])),
  })

const sound = (rows: unknown): rows is readonly BulkRow[] =>
  Array.isArray(rows) && rows.every((row) => typeof row?.key === 'string')

/** Whether a row is there already. */
async function isThere(store: Store, collection: string, row: BulkRow): Promise<boolean> {
  if (row.entry === undefined) return (await store.get(collection, [row.key]))[0] !== null
  for await (const each of store.scan(collection, { stream: row.key })) {
    if (each.version === row.entry.sequence) return true
  }
  return false
}

export const bulkTwins: readonly BrokenTwin[] = [
  {
    name: 'it names one collection only',
    promise: 'bulk collections',
    break: (store) => copying(store, { collections: store.bulk.collections.slice(0, 1) }),
  },
  {
    name: 'copying sees the first rows only',
    promise: 'bulk read',
    break: (store) => reading(store, (rows) => rows.slice(0, 64)),
  },
  {
    name: 'copying sees a record twice',
    promise: 'bulk read',
    break: (store) =>
      reading(store, (rows) => rows.flatMap((row, i) => (i % 100 === 0 ? [row, row] : [row]))),
  },
  {
    name: 'copying reads tenant by tenant, not in order of keys',
    promise: 'bulk read',
    break: (store) =>
      reading(store, (rows) => {
        const order = (row: BulkRow): string => tenantOf(row.key)
        return [...rows].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
      }),
  },
  {
    name: 'copying passes over the tenants of customers',
    promise: 'bulk read',
    break: (store) => reading(store, (rows) => rows.filter((row) => !tenantOf(row.key).endsWith('-b'))),
  },
  {
    name: 'copying forgets the ids of entries',
    promise: 'bulk read entries',
    break: (store) =>
      reading(store, (rows) => rows.map(spoilEntries(({ sequence }) => ({ sequence, id: `${sequence}` })))),
  },
  {
    name: 'copying gives the last entry of a stream only',
    promise: 'bulk read entries',
    break: (store) => reading(store, (rows) => rows.filter((row, i) => row.key !== rows[i + 1]?.key)),
  },
  {
    name: 'copying writes nothing',
    promise: 'bulk write',
    break: (store) => copying(store, { write: async () => {} }),
  },
  {
    name: 'copying writes records as text',
    promise: 'bulk write',
    break: (store) =>
      writing(store, (row) => (row.entry ? row : { ...row, value: JSON.stringify(row.value ?? null) })),
  },
  {
    name: 'copying overwrites what is there',
    promise: 'bulk write again',
    break: (store) =>
      copying(store, {
        async write(collection, rows) {
          await store.bulk.write(collection, rows)
          for (const { key, value } of rows) {
            const [found] = await store.get(collection, [key])
            if (found === null || found === undefined) continue
            await store.commit([{ put: { collection, key }, value, expect: found.version }])
          }
        },
      }),
  },
  {
    name: 'copying fails where something is there',
    promise: 'bulk write again',
    break: (store) =>
      copying(store, {
        async write(collection, rows) {
          for (const row of rows) {
            if (await isThere(store, collection, row))
              throw new StoreFailure('store.unavailable', 'there already')
          }
          await store.bulk.write(collection, rows)
        },
      }),
  },
  {
    name: 'copying numbers entries anew',
    promise: 'bulk write entries',
    break: (store) =>
      writing(
        store,
        spoilEntries(({ sequence, id }) => ({ sequence: sequence > 4 ? sequence - 4 : sequence, id })),
      ),
  },
  {
    name: 'copying gives entries new ids',
    promise: 'bulk write entries',
    break: (store) =>
      writing(
        store,
        spoilEntries(({ sequence, id }) => ({ sequence, id: `new ${id}` })),
      ),
  },
  {
    name: 'a stream that was copied has no end',
    promise: 'bulk write entries',
    break(store) {
      const copied = new Set<string>()
      return through(
        copying(store, {
          async write(collection, rows) {
            await store.bulk.write(collection, rows)
            for (const row of rows) if (row.entry !== undefined) copied.add(row.key)
          },
        }),
        {
          get: async (collection, keys) =>
            (await store.get(collection, keys)).map((each) => (each && copied.has(each.key) ? null : each)),
        },
      )
    },
  },
  {
    name: 'copying again passes over a batch that was begun',
    promise: 'bulk write entries again',
    break: (store) =>
      copying(store, {
        async write(collection, rows) {
          const [first] = rows
          if (first !== undefined && (await isThere(store, collection, first))) return
          await store.bulk.write(collection, rows)
        },
      }),
  },
  {
    name: 'copying writes row by row, until one is refused',
    promise: 'bulk write refuses',
    break: (store) =>
      copying(store, {
        async write(collection, rows) {
          if (!Array.isArray(rows) || rows.length > 500) await store.bulk.write(collection, rows)
          else for (const row of rows) await store.bulk.write(collection, [row])
        },
      }),
  },
  {
    name: 'copying knows no tenant that has visits',
    promise: 'bulk tenants',
    break: (store) => copying(store, { tenants: async () => [] }),
  },
  {
    name: 'copying knows tenants whose visits have gone',
    promise: 'bulk tenants',
    break(store) {
      const known = new Set<string>()
      return copying(store, {
        async tenants() {
          for (const each of await store.bulk.tenants()) known.add(each)
          return [...known].sort()
        },
      })
    },
  },
  {
    name: 'copying gives tenants in no order',
    promise: 'bulk tenants',
    break: (store) => copying(store, { tenants: async () => (await store.bulk.tenants()).reverse() }),
  },
  {
    name: 'a closed store can be copied',
    promise: 'bulk closed',
    break: (store) => copying(store, { tenants: async () => [] }),
  },
]
