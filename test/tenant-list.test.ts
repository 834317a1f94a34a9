/** The list of tenants: whoever has anything in the store is in it, whatever fails and whoever writes at once. */

import { createPrivacy, localKeys, type Store, StoreFailure } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { describe, expect, it } from 'vitest'
import { tenantOf } from '../src/values/key.ts'
import { refusal } from './keys/scene.ts'

const denial = {
  subject: 'person-1',
  purpose: 'telemarketing',
  by: 'phone',
  operator: 'agent-7',
} as const
const visit = { session: 's', ip: '192.0.2.1', source: 'https://example.org/' }

/** One process, and how many commits it made for the list. */
function scene({ backing = memoryBacking(), around = (store: Store) => store } = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' })
  const listings: string[] = []
  const beneath = memoryStore({ backing })
  const store = around({
    ...beneath,
    async commit(changes) {
      for (const each of changes)
        if ('put' in each && each.put.collection === 'tenants') listings.push(each.put.key)
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
          const listing = changes.some((each) => 'put' in each && each.put.collection === 'tenants')
          if (listing) throw new StoreFailure('store.unavailable', 'no answer')
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
    const rows = [...(backing.records.get('tenants')?.rows ?? [])]
    expect(rows.map(([at, { json }]) => [at, JSON.parse(json)])).toEqual([
      ['_system/tenant/a', { at: '2026-11-23T10:00:00.000Z' }],
    ])
    expect(Object.keys(privacy.tenant('a'))).not.toContain('tenants')
    expect(Object.keys(privacy.tenant('a'))).not.toContain('keyring')
  })
})
