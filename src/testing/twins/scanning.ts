/** Twins that scan wrongly. */

import type { JsonValue, Range, Store, Versioned } from '../../store.ts'
import { all } from '../conformance/assert.ts'
import { type BrokenTwin, now, through } from './twin.ts'

type Of<Name extends string> = Extract<Range, Readonly<Record<Name, unknown>>>
type Scan = Store['scan']

const scanning = (
  store: Store,
  scan: (collection: string, range: Range) => AsyncIterable<Versioned>,
): Store => through(store, { scan })

/** Breaks scans by key only. */
const byKey = (
  store: Store,
  scan: (collection: string, range: Of<'prefix'>) => AsyncIterable<Versioned>,
): Store =>
  scanning(store, (name, range) => ('prefix' in range ? scan(name, range) : store.scan(name, range)))

/** Breaks scans by index only. */
const byIndex = (
  store: Store,
  scan: (collection: string, range: Of<'index'>) => AsyncIterable<Versioned>,
): Store => scanning(store, (name, range) => ('index' in range ? scan(name, range) : store.scan(name, range)))

/** Pages by how many were seen, which moves when something before them goes. */
const byOffset = (store: Store): Scan =>
  async function* (collection, range) {
    for (let offset = 0; ; ) {
      const page = (await all(store.scan(collection, range))).slice(offset, offset + 20)
      yield* page
      if (page.length === 0) return
      offset += page.length
    }
  }

/** `fields[i]` of a value, where it is a string. */
const text = (value: JsonValue, field: string): string => {
  const found = value !== null && typeof value === 'object' && !Array.isArray(value) ? value[field] : ''
  return typeof found === 'string' ? found : ''
}

const ghosts = (store: Store): Store => {
  const was = new Map<string, Versioned[]>()
  return through(store, {
    async commit(changes) {
      for (const change of changes) {
        if (!('put' in change) || change.expect === 'absent') continue
        const before = await now(store, change.put)
        if (before !== null) was.set(before.key, [...(was.get(before.key) ?? []), before])
      }
      await store.commit(changes)
    },
    async *scan(collection, range) {
      yield* store.scan(collection, range)
      if (!('index' in range) || range.equals === undefined) return
      for (const before of [...was.values()].flat()) {
        if (text(before.value, 'colour') === range.equals[0]) yield before
      }
    },
  })
}

export const scanningTwins: readonly BrokenTwin[] = [
  {
    name: 'scan sorts by UTF-16 units',
    promise: 'scan in key order',
    break: (store) =>
      byKey(store, async function* (collection, range) {
        const found = await all(store.scan(collection, range))
        yield* found.sort((a, b) => (a.key < b.key ? -1 : 1))
      }),
  },
  {
    name: 'scan gives no versions',
    promise: 'scan gives records',
    break: (store) =>
      scanning(store, async function* (collection, range) {
        for await (const each of store.scan(collection, range)) yield { ...each, version: 1 }
      }),
  },
  {
    name: 'scan takes a prefix for a pattern',
    promise: 'scan of a prefix',
    break: (store) =>
      byKey(store, async function* (collection, range) {
        const slash = range.prefix.indexOf('/') + 1
        const pattern = range.prefix
          .slice(slash)
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll('_', '.')
          .replaceAll('%', '.*')
        const like = new RegExp(`^${pattern}`, 'u')
        for await (const each of store.scan(collection, { ...range, prefix: range.prefix.slice(0, slash) })) {
          if (like.test(each.key.slice(slash))) yield each
        }
      }),
  },
  {
    name: 'scan forgets the limit',
    promise: 'limit',
    break: (store) => byKey(store, (collection, { limit: _, ...range }) => store.scan(collection, range)),
  },
  {
    name: 'scan ends with its first page',
    promise: 'limit',
    break: (store) =>
      byKey(store, (collection, range) =>
        store.scan(collection, { ...range, limit: Math.min(range.limit ?? 100, 100) }),
      ),
  },
  {
    name: 'scan gives the record it was to go on behind',
    promise: 'after',
    break: (store) =>
      byKey(store, async function* (collection, range) {
        if (range.after !== undefined) {
          const again = await now(store, { collection, key: range.after })
          if (again !== null) yield again
        }
        yield* store.scan(collection, range)
      }),
  },
  {
    name: 'scan skips records when others go',
    promise: 'scan under writing',
    break: (store) => byKey(store, byOffset(store)),
  },
  {
    name: 'scan and change does not fit: what was removed makes it skip',
    promise: 'scan and change',
    break: (store) => byKey(store, byOffset(store)),
  },
  {
    name: 'scan works one at a time',
    promise: 'scan ends early',
    break(store) {
      let running = 0
      return byKey(store, async function* (collection, range) {
        if (running > 0) throw new Error('a scan is running')
        running++
        yield* store.scan(collection, range)
        running--
      })
    },
  },
  {
    name: 'scan of a stream forgets where it was to go on',
    promise: 'scan of a stream',
    break: (store) =>
      scanning(store, (collection, range) => {
        if (!('stream' in range)) return store.scan(collection, range)
        const { after: _, ...rest } = range
        return store.scan(collection, rest)
      }),
  },
  {
    name: 'scan takes whatever it is given for a limit',
    promise: 'bad input of scan',
    break: (store) =>
      scanning(store, (collection, range) => {
        const { limit, ...rest } = Object(range) as Range
        return store.scan(collection, Number.isSafeInteger(limit) ? range : rest)
      }),
  },
  {
    name: 'an index sorts by key alone',
    promise: 'index order',
    break: (store) =>
      byIndex(store, async function* (collection, range) {
        const found = await all(store.scan(collection, range))
        yield* found.sort((a, b) => (a.key < b.key ? -1 : 1))
      }),
  },
  {
    name: 'an index holds records that lack a field',
    promise: 'not indexed',
    break: (store) =>
      byIndex(store, (collection, range) =>
        store.scan(collection, range.index === 'byColourAndSize' ? { ...range, index: 'byColour' } : range),
      ),
  },
  {
    name: 'index equality takes what begins alike',
    promise: 'index equality',
    break: (store) =>
      byIndex(store, async function* (collection, range) {
        const { equals, ...rest } = range
        const last = equals?.at(-1)
        if (equals?.length !== 1 || last === undefined) return yield* store.scan(collection, range)
        for await (const each of store.scan(collection, rest)) {
          if (text(each.value, 'colour').startsWith(last)) yield each
        }
      }),
  },
  {
    name: 'an index scan ignores the interval',
    promise: 'index interval',
    break: (store) =>
      byIndex(store, (collection, { from: _, before: __, ...range }) => store.scan(collection, range)),
  },
  {
    name: 'an index scan includes the upper end',
    promise: 'index interval',
    break: (store) =>
      byIndex(store, (collection, range) =>
        store.scan(
          collection,
          typeof range.before === 'string' ? { ...range, before: `${range.before}\u0001` } : range,
        ),
      ),
  },
  {
    name: 'an index scan that goes on skips ties',
    promise: 'index limit and after',
    break: (store) =>
      byIndex(store, async function* (collection, range) {
        const place = range.after === undefined ? null : text(range.after.value, 'colour')
        for await (const each of store.scan(collection, range)) {
          if (text(each.value, 'colour') !== place) yield each
        }
      }),
  },
  {
    name: 'an index scan goes on from where the record is now',
    promise: 'index resumption',
    break: (store) =>
      byIndex(store, async function* (collection, range) {
        const moved = range.after && (await now(store, { collection, key: range.after.key }))
        yield* store.scan(collection, moved ? { ...range, after: moved } : range)
      }),
  },
  {
    name: 'an index finds a record where it was',
    promise: 'index follows',
    break: ghosts,
  },
  {
    name: 'an index scan skips records when others move',
    promise: 'index scan under writing',
    break: (store) => byIndex(store, byOffset(store)),
  },
  {
    name: 'an index scan leaks another tenant',
    promise: 'tenants apart in scans',
    break: (store) =>
      byIndex(store, async function* (collection, range) {
        yield* store.scan(collection, range)
        yield* store.scan(collection, { ...range, tenant: `${range.tenant}-b` })
      }),
  },
  {
    name: 'a scan that goes on leaks the tenant it goes on from',
    promise: 'tenants apart in pages',
    break: (store) =>
      scanning(store, (collection, range) => {
        if (!('index' in range) || range.after === undefined) return store.scan(collection, range)
        const tenant = range.after.key.slice(0, range.after.key.indexOf('/'))
        return store.scan(collection, { ...range, tenant })
      }),
  },
]
