/**
 * The list of tenants, under the system tenant: what reaches all of them reads it, because no call of the port crosses
 * tenants.
 *
 * A tenant is in the list before anything of it is in the store: the first write that a process makes for a tenant puts
 * it there first. So the list may name a tenant whose first write failed, and lacks none. A tenant whose data are from
 * before there was a list comes into it with the next write.
 */

import { collections } from './collections.ts'
import type { Environment } from './environment.ts'
import { Conflict } from './errors.ts'
import type { Store } from './store.ts'
import { key, partsOf, systemTenant } from './values/key.ts'

const collection = collections.tenants.name

/** The list of tenants. */
export interface Tenants {
  /** A store for the services of one tenant, whose writes put the tenant into the list first. */
  listing(tenant: string, store: Store): Store
  /** The ids of all tenants, in order. */
  list(): AsyncIterable<string>
}

/** Makes the list over a store, which is never one inside a transaction of the host's: that may be rolled back. */
export function createTenants(parts: { readonly store: Store; readonly environment: Environment }): Tenants {
  /** Those that this process has seen in the list or is putting there. */
  const listed = new Map<string, Promise<void>>()
  const enter = (tenant: string): Promise<void> => {
    const known = listed.get(tenant)
    if (known) return known
    const begun = put(parts, tenant)
    listed.set(tenant, begun)
    begun.catch(() => listed.delete(tenant))
    return begun
  }
  return {
    listing: (tenant, store) => entering(store, () => enter(tenant)),
    async *list() {
      const prefix = `${key(systemTenant, 'tenant')}/`
      for await (const found of parts.store.scan(collection, { prefix }))
        yield partsOf(found.key)[1] as string
    },
  }
}

/** The store, each of whose writes is preceded by a call. Verb by verb: a spread loses those of a class. */
function entering(store: Store, enter: () => Promise<void>): Store {
  const { visits } = store
  const within = store.within?.bind(store)
  return {
    name: store.name,
    get: (collection, keys) => store.get(collection, keys),
    scan: (collection, range) => store.scan(collection, range),
    async commit(changes) {
      await enter()
      await store.commit(changes)
    },
    migrate: store.migrate,
    visits: {
      async append(tenant, some) {
        await enter()
        await visits.append(tenant, some)
      },
      read: (tenant, range) => visits.read(tenant, range),
      purge: (tenant, before) => visits.purge(tenant, before),
      purgeAll: (before) => visits.purgeAll(before),
      find: (tenant, sessions) => visits.find(tenant, sessions),
      erase: (tenant, sessions) => visits.erase(tenant, sessions),
    },
    bulk: store.bulk,
    ...(within && { within }),
    close: () => store.close(),
  }
}

async function put(
  { store, environment }: { store: Store; environment: Environment },
  tenant: string,
): Promise<void> {
  const ref = { collection, key: key(systemTenant, 'tenant', tenant) }
  try {
    await store.commit([{ put: ref, value: { at: environment.now() }, expect: 'absent' }])
  } catch (error) {
    if (!(error instanceof Conflict) || error.code !== 'conflict.version') throw error
  }
}
