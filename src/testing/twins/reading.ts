/** Twins that read wrongly. */

import type { JsonValue, Store, Versioned } from '../../store.ts'
import { tenantOf } from '../../values/key.ts'
import { all } from '../conformance/assert.ts'
import { type BrokenTwin, giving, now, through } from './twin.ts'

const getting = (
  store: Store,
  spoil: (found: (Versioned | null)[], keys: readonly string[], collection: string) => (Versioned | null)[],
): Store =>
  through(store, {
    get: async (collection, keys) => spoil(await store.get(collection, keys), keys, collection),
  })

export const readingTwins: readonly BrokenTwin[] = [
  {
    name: 'get leaves out what is absent',
    promise: 'order of get',
    break: (store) => getting(store, (found) => found.filter((each) => each !== null)),
  },
  {
    name: 'get gives values in the order of their keys',
    promise: 'order of get',
    break: (store) =>
      getting(store, (found) => [...found].sort((a, b) => ((a?.key ?? '') < (b?.key ?? '') ? -1 : 1))),
  },
  {
    name: 'get answers for a hundred keys at most',
    promise: 'get many',
    break: (store) => getting(store, (found) => found.map((each, i) => (i < 100 ? each : null))),
  },
  {
    name: 'get gives no version',
    promise: 'get',
    break: (store) =>
      getting(store, (found) => found.map((each) => (each === null ? null : { ...each, version: 0 }))),
  },
  {
    name: 'get of a stream gives its first entry',
    promise: 'get of a stream',
    break: (store) =>
      through(store, {
        get: async (collection, keys) => {
          const found = await store.get(collection, keys)
          if (collection !== 'kit_events') return found
          for (const [i, key] of keys.entries()) {
            const [first] = await all(store.scan(collection, { stream: key, limit: 1 }))
            found[i] = first ?? null
          }
          return found
        },
      }),
  },
  {
    name: 'get of an emptied stream still gives its last entry',
    promise: 'drop everything',
    break(store) {
      const last = new Map<string, Versioned>()
      return getting(store, (found, keys, collection) =>
        found.map((each, i) => {
          const key = `${collection} ${keys[i]}`
          if (each !== null) last.set(key, each)
          return each ?? last.get(key) ?? null
        }),
      )
    },
  },
  {
    name: 'a version does not grow',
    promise: 'versions grow',
    break: (store) => giving(store, (found) => ({ ...found, version: 1 })),
  },
  {
    name: 'versions of a record made anew begin again',
    promise: 'versions of a new life',
    break(store) {
      const lives = new Map<string, number>()
      const broken = giving(store, (found) => ({ ...found, version: lives.get(found.key) ?? found.version }))
      return through(broken, {
        async commit(changes) {
          for (const change of changes) {
            if ('append' in change) continue
            const ref = 'put' in change ? change.put : change.remove
            const expect = change.expect === lives.get(ref.key) ? (await now(store, ref))?.version : undefined
            await store.commit([{ ...change, ...(expect !== undefined && { expect }) }])
            lives.set(ref.key, change.expect === 'absent' ? 1 : change.expect + 1)
          }
        },
      })
    },
  },
  {
    name: 'strings that look like numbers come back as numbers',
    promise: 'odd values',
    break: (store) => giving(store, (found) => ({ ...found, value: numbered(found.value) })),
  },
  {
    name: 'an empty string comes back as null',
    promise: 'odd values',
    break: (store) =>
      giving(store, (found) => ({ ...found, value: found.value === '' ? null : found.value })),
  },
  {
    name: 'entries of a stream come back with numbers for strings',
    promise: 'odd values in a stream',
    break: (store) => giving(store, (found) => ({ ...found, value: numbered(found.value) })),
  },
  {
    name: 'what is returned is the store’s own object',
    promise: 'copies',
    break(store) {
      const own = new Map<string, Versioned>()
      return giving(store, (found) => {
        const name = `${found.key} ${found.version}`
        const kept = own.get(name) ?? found
        own.set(name, kept)
        return kept
      })
    },
  },
  {
    name: 'get finds a key of another tenant',
    promise: 'tenants apart in get',
    break: (store) =>
      through(store, {
        get: async (collection, keys) => {
          const found = await store.get(collection, keys)
          const others = await store.get(
            collection,
            keys.map((key) => key.replace('/', '-b/')),
          )
          return found.map((each, i) => each ?? others[i] ?? null)
        },
      }),
  },
  {
    name: 'a scan of a stream gives entries of another tenant',
    promise: 'tenants apart in get',
    break: (store) =>
      through(store, {
        scan: async function* (collection, range) {
          yield* store.scan(collection, range)
          if (!('stream' in range)) return
          const other = `${tenantOf(range.stream)}b${range.stream.slice(tenantOf(range.stream).length)}`
          yield* store.scan(collection, { ...range, stream: other })
        },
      }),
  },
  {
    name: 'get takes what is no key for one',
    promise: 'bad input of get',
    break: (store) =>
      through(store, {
        get: (collection, keys) =>
          store.get(collection, Array.isArray(keys) ? keys.map((key) => String(key)) : keys),
      }),
  },
  {
    name: 'get of a collection that is not declared finds nothing',
    promise: 'bad input of get',
    break: (store) =>
      through(store, {
        get: (collection, keys) =>
          store.get(`${collection}`.startsWith('kit_') ? collection : 'kit_things', keys),
      }),
  },
]

function numbered(value: JsonValue): JsonValue {
  if (typeof value === 'string') return /^\d+$/.test(value) ? Number(value) : value
  if (Array.isArray(value)) return value.map(numbered)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbered(member)]))
}
