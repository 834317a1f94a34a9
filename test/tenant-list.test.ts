/** The list of tenants: whoever has anything in the store is in it, whatever fails and whoever writes at once. */

import { type Change, createPrivacy, localKeys, type Store, StoreFailure } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { describe, expect, it } from 'vitest'
import type { VisitLog } from '../src/store.ts'
import { createTenants } from '../src/tenants.ts'
import { tenantOf } from '../src/values/key.ts'
import { refusal } from './keys/scene.ts'

const denial = {
  subject: 'person-1',
  purpose: 'telemarketing',
  by: 'phone',
  operator: 'agent-7',
} as const
const visit = { session: 's', ip: '192.0.2.1', source: 'https://example.org/' }

/** A store as a host may write one: its verbs are a class's, which no spread carries. */
class ClassStore implements Store {
  readonly #beneath = memoryStore()
  readonly visits = new ClassVisits(this.#beneath)
  readonly migrate = this.#beneath.migrate
  readonly bulk = this.#beneath.bulk
  get name() {
    return 'class'
  }
  get(...given: Parameters<Store['get']>) {
    return this.#beneath.get(...given)
  }
  scan(...given: Parameters<Store['scan']>) {
    return this.#beneath.scan(...given)
  }
  commit(...given: Parameters<Store['commit']>) {
    return this.#beneath.commit(...given)
  }
  within(_: object): Store {
    return this.#beneath
  }
  close() {
    return this.#beneath.close()
  }
}

class ClassVisits implements VisitLog {
  readonly #beneath: VisitLog
  constructor({ visits }: Store) {
    this.#beneath = visits
  }
  append(...given: Parameters<VisitLog['append']>) {
    return this.#beneath.append(...given)
  }
  read(...given: Parameters<VisitLog['read']>) {
    return this.#beneath.read(...given)
  }
  purge(...given: Parameters<VisitLog['purge']>) {
    return this.#beneath.purge(...given)
  }
  purgeAll(...given: Parameters<VisitLog['purgeAll']>) {
    return this.#beneath.purgeAll(...given)
  }
  find(...given: Parameters<VisitLog['find']>) {
    return this.#beneath.find(...given)
  }
  erase(...given: Parameters<VisitLog['erase']>) {
    return this.#beneath.erase(...given)
  }
}

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of given) found.push(each)
  return found
}

const isListing = (change: Change): boolean =>
  'put' in change && change.put.collection === 'tenants' && change.put.key.startsWith('_system/tenant/')

/** One process, and how many commits it made for the list. */
function scene({ backing = memoryBacking(), around = (store: Store) => store } = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' })
  const listings: string[] = []
  const beneath = memoryStore({ backing })
  const store = around({
    ...beneath,
    async commit(changes) {
      for (const each of changes) if ('put' in each && isListing(each)) listings.push(each.put.key)
      return beneath.commit(changes)
    },
  })
  const keys = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const privacy = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'pilvi', environment })
  const list = async (): Promise<string[]> => {
    const all: string[] = []
    for await (const tenant of privacy.tenants()) all.push(tenant)
    return all
  }
  return { backing, privacy, listings, list }
}

describe('the list of tenants', () => {
  it('names those of which something is kept, in order, the controller’s own with them', async () => {
    const { privacy, list } = scene()
    expect(await list()).toEqual([])
    await privacy.tenant('b').consent.deny(denial)
    await privacy.tenant('a-b').usage.record(visit)
    expect(await list()).toEqual(['a-b', 'b'])
    await privacy.consent.deny(denial)
    await privacy.tenant('a').register.save({
      group: 'customers-customer',
      subject: 'person-2',
      origin: 'customer',
      fields: { contactPerson: 'Firstname Lastname', email: 'someone@example.com', vatId: 'FI20774740' },
    })
    expect(await list()).toEqual(['a', 'a-b', 'b', 'pilvi'])
  })

  it('does not name who was only asked about', async () => {
    const { privacy, list } = scene()
    await privacy.tenant('a').consent.decide({
      subject: 'person-1',
      purpose: 'telemarketing',
      channel: 'phone',
    })
    expect(await privacy.tenant('b').register.find({ group: 'customers-customer', subject: 'x' })).toBeNull()
    expect(await list()).toEqual([])
  })

  it('is written once for a tenant by each process, however many writes begin at once', async () => {
    const backing = memoryBacking()
    const processes = [scene({ backing }), scene({ backing })]
    await Promise.all(
      processes.flatMap(({ privacy }) =>
        ['a', 'b'].flatMap((tenant) =>
          [1, 2, 3].map((n) => privacy.tenant(tenant).consent.deny({ ...denial, subject: `person-${n}` })),
        ),
      ),
    )
    for (const { listings, list } of processes) {
      expect(listings.sort()).toEqual(['_system/tenant/a', '_system/tenant/b'])
      expect(await list()).toEqual(['a', 'b'])
    }
  })

  it('has a tenant before anything of it is in the store, whichever call fails', async () => {
    for (let failing = 1; failing <= 6; failing++) {
      let calls = 0
      const cut = (store: Store): Store => ({
        ...store,
        async commit(changes) {
          if (++calls === failing) throw new StoreFailure('store.unavailable', 'killed by the test')
          return store.commit(changes)
        },
      })
      const { backing, privacy, list } = scene({ around: cut })
      await privacy
        .tenant('a')
        .consent.deny(denial)
        .catch(() => {})
      const kept = [...backing.records].flatMap(([, { rows }]) => [...rows.keys()]).map(tenantOf)
      if (kept.includes('a')) expect(await list()).toEqual(['a'])
      // Whatever failed, the same call succeeds when it is made again.
      await privacy.tenant('a').consent.deny(denial)
      expect(await list()).toEqual(['a'])
    }
  })

  it('a store that is down is not taken for a tenant that is there', async () => {
    const { privacy } = scene({
      around: (store) => ({
        ...store,
        async commit(changes) {
          if (changes.some(isListing)) throw new StoreFailure('store.unavailable', 'no answer')
          return store.commit(changes)
        },
      }),
    })
    expect(await refusal(privacy.tenant('a').usage.record(visit))).toMatchObject({
      code: 'store.unavailable',
    })
  })

  it('nothing of it is personal, and no tenant’s own API reaches it', async () => {
    const { backing, privacy } = scene()
    await privacy.tenant('a').consent.deny(denial)
    // Beside it lie the fingerprints of secrets, which name nobody.
    const all = [...(backing.records.get('tenants')?.rows ?? [])]
    const rows = all.filter(([at]) => !at.startsWith('_system/secret/'))
    expect(rows.map(([at, { json }]) => [at, JSON.parse(json)])).toEqual([
      ['_system/tenant/a', { at: '2026-11-23T10:00:00.000Z' }],
    ])
    expect(Object.keys(privacy.tenant('a'))).not.toContain('tenants')
    expect(Object.keys(privacy.tenant('a'))).not.toContain('keyring')
  })

  it('a store that is a class loses no verb on the way to a tenant’s services', async () => {
    const store = new ClassStore()
    const { privacy, list } = scene({ around: () => store })
    const tenant = privacy.tenant('a')
    await tenant.consent.deny(denial)
    await tenant.usage.record(visit)
    const question = { subject: 'person-1', purpose: 'telemarketing', channel: 'phone' } as const
    expect(await tenant.consent.decide(question)).toMatchObject({ outcome: 'deny' })
    expect(await list()).toEqual(['a'])
    const inside = privacy.within({})
    expect(await inside.tenant('a').consent.decide(question)).toMatchObject({ outcome: 'deny' })
  })

  it('a store that is a class: every verb of the port reaches it, with what it was given', async () => {
    const store = new ClassStore()
    const parts = { store, environment: fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' }) }
    const { name, visits, migrate, bulk, ...listed } = createTenants(parts).listing('a', store)
    const at = '2026-11-23T10:00:00.000Z'
    const later = '2026-11-24T10:00:00.000Z'
    const kept = { ...visit, id: 'v', at, host: null }
    expect(name).toBe('class')
    await migrate.apply(await migrate.plan())
    const put = { collection: 'kept', key: 'a/1' }
    await listed.commit([{ put, value: { n: 1 }, expect: 'absent' }])
    const [found] = await listed.get('kept', ['a/1'])
    expect(found).toMatchObject({ value: { n: 1 } })
    expect(await all(listed.scan('kept', { prefix: 'a/' }))).toEqual([found])
    expect(await listed.within?.({}).get('kept', ['a/1'])).toEqual([found])
    expect(await all(bulk.read('kept'))).toEqual([[{ key: 'a/1', value: { n: 1 } }]])
    await visits.append('a', [kept, { ...kept, id: 'w', session: 't' }])
    expect(await bulk.tenants()).toEqual(['a'])
    expect(await all(visits.find('a', ['s']))).toEqual([[kept]])
    expect(await visits.erase('a', ['s'])).toBe(1)
    const range = { from: at, before: later }
    expect((await all(visits.read('a', range))).flat().map(({ id }) => id)).toEqual(['w'])
    await visits.purge('a', later)
    expect(await all(visits.read('a', range))).toEqual([])
    await visits.append('a', [kept])
    expect(await visits.purgeAll(later)).toBe(true)
    await listed.close()
    expect(await refusal(store.get('kept', ['a/1']))).toMatchObject({ code: 'store.closed' })
  })
})
