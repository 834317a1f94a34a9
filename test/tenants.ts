/** Stores that stand between the library and a real one: one that watches whose keys are touched, and one that errs. */

import type { Range, Store } from '@pilvi/privacy'
import { tenantOf } from '../src/values/key.ts'

/** A real store around which is written down which tenants' keys are asked for, given, and changed. */
export function watched(store: Store): { store: Store; touched: Set<string> } {
  const touched = new Set<string>()
  const note = (collection: string, key: string): void => {
    const tenant = tenantOf(key)
    touched.add(tenant === '_system' ? `${tenant} ${collection}` : tenant)
  }
  const placeOf = (range: Range): string =>
    'prefix' in range ? range.prefix : 'stream' in range ? range.stream : `${range.tenant}/`
  const visits: Store['visits'] = {
    append: (tenant, all) => store.visits.append(noted(tenant), all),
    read: (tenant, range) => store.visits.read(noted(tenant), range),
    purge: (tenant, before) => store.visits.purge(noted(tenant), before),
    purgeAll: (before) => store.visits.purgeAll(before),
    find: (tenant, sessions) => store.visits.find(noted(tenant), sessions),
    erase: (tenant, sessions) => store.visits.erase(noted(tenant), sessions),
  }
  const noted = (tenant: string): string => {
    touched.add(tenant)
    return tenant
  }
  const wrapped: Store = {
    name: store.name,
    migrate: store.migrate,
    bulk: store.bulk,
    visits,
    close: () => store.close(),
    async get(collection, keys) {
      for (const key of keys) note(collection, key)
      return store.get(collection, keys)
    },
    async *scan(collection, range) {
      note(collection, placeOf(range))
      for await (const found of store.scan(collection, range)) {
        note(collection, found.key)
        yield found
      }
    },
    async commit(changes) {
      for (const change of changes) {
        const ref = 'put' in change ? change.put : 'append' in change ? change.append : change.remove
        note(ref.collection, ref.key)
      }
      return store.commit(changes)
    },
  }
  return { store: wrapped, touched }
}

/** A store that takes one tenant for another. */
export function confused(store: Store): Store {
  const mixed = (key: string): string => key.replace(/^ab\//, 'a-b/')
  const ref = (at: { collection: string; key: string }) => ({ ...at, key: mixed(at.key) })
  return {
    name: store.name,
    migrate: store.migrate,
    bulk: store.bulk,
    visits: store.visits,
    close: () => store.close(),
    get: (collection, keys) => store.get(collection, keys.map(mixed)),
    scan: (collection, range) => {
      if ('prefix' in range) return store.scan(collection, { ...range, prefix: mixed(range.prefix) })
      if ('stream' in range) return store.scan(collection, { ...range, stream: mixed(range.stream) })
      return store.scan(collection, { ...range, tenant: range.tenant === 'ab' ? 'a-b' : range.tenant })
    },
    commit: (changes) =>
      store.commit(
        changes.map((change) => {
          if ('put' in change) return { ...change, put: ref(change.put) }
          if ('append' in change) return { ...change, append: ref(change.append) }
          return { ...change, remove: ref(change.remove) }
        }),
      ),
  }
}
