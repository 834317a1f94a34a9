/** From when an erasure is effective, as the receipt says it; which keys go with it; and a sweep that is overtaken. */

import { createPrivacy, localKeys, parsePolicy, type Store } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import type { HeldKey } from '../../src/keys/model.ts'
import type { KeptRow } from '../../src/requests/model.ts'
import { receiptType } from '../../src/requests/receipt.ts'
import { idleKeys, keysDestroyed } from '../../src/requests/rules.ts'
import { completionType } from '../../src/requests/sweep.ts'
import { held, under } from './held.ts'
import { scene, secret } from './scene.ts'

describe('the receipt says from when on nothing opens any more', () => {
  it('how many keys, since when, that no process holds one, and by when no backup does', async () => {
    const made = held()
    await made.populate()
    made.environment.set('2027-02-28T22:30:00.000Z')
    const { report, id } = await made.erased()
    expect(report.keys).toEqual({
      destroyed: expect.any(Number),
      effectiveFrom: '2027-02-28T22:30:00.000Z',
      cache: 'PT0S',
      // In Helsinki it is 1 March already.
      backups: { until: '2028-03-01' },
    })
    expect(report.keys?.destroyed).toBeGreaterThan(2)
    const receipt = await made.privacy.keys.verify(report.receipt ?? '', receiptType)
    expect(receipt['keys']).toEqual(report.keys)
    expect(receipt['destroyedKeys']).toHaveLength(report.keys?.destroyed ?? 0)
    expect((await made.privacy.requests.find(id))?.report?.keys).toEqual(report.keys)
  })

  it('the second receipt says it of the keys that had to stay until then', async () => {
    const made = held()
    await made.populate()
    const { id } = await made.erased()
    made.environment.set('2033-01-01T12:00:00.000Z')
    await made.privacy.retention.sweep()
    const { completion = '' } = (await made.privacy.requests.find(id)) ?? {}
    expect(await made.privacy.keys.verify(completion, completionType)).toMatchObject({
      keys: { effectiveFrom: '2033-01-01T12:00:00.000Z', cache: 'PT0S', backups: { until: '2034-01-01' } },
    })
  })

  it('that it is not known how long backups are kept, where the policy does not say', async () => {
    const { backups: _, ...silent } = pilviPolicy
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const privacy = under(made, parsePolicy(silent))
    const { digest: plan } = await privacy.requests.plan(id)
    expect((await privacy.requests.fulfil(id, { plan })).keys?.backups).toEqual({ until: null })
  })

  it('nothing of keys, where the person had none', async () => {
    const { report } = await held().erased('nobody')
    expect(report).not.toHaveProperty('keys')
    expect(keysDestroyed([], pilviPolicy)).toEqual({})
  })

  it('the moment of the first attempt, where the erasure was cut off and went on later', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const { digest: plan } = await made.privacy.requests.plan(id)
    const shredded = () =>
      [...(made.backing.records.get('keys')?.rows.values() ?? [])].filter(({ json }) =>
        json.includes('"shredded"'),
      )
    let all = 0
    for (let call = 1; call < 400; call++) {
      made.faults.arm(call, 'before')
      const cut = await made.privacy.requests.fulfil(id, { plan }).catch(() => null)
      made.faults.arm(-1, 'before')
      all = shredded().length
      if (cut !== null || all > 1) break
    }
    expect((await made.privacy.requests.find(id))?.state).toBe('running')
    made.environment.set('2026-11-30T10:00:00.000Z')
    const report = await made.privacy.requests.fulfil(id, { plan })
    const times = shredded().map(({ json }) => JSON.parse(json).at)
    expect(times).toContain('2026-11-23T10:00:00.000Z')
    expect(report.keys?.effectiveFrom).toBe(times.sort().at(-1))
    expect(report.keys?.destroyed).toBe(times.length)
  })
})

describe('a key is destroyed with the last thing kept under it, and not before', () => {
  const key = (id: string, category: string, aside?: string): HeldKey => ({
    id,
    category,
    ...(aside && { aside }),
  })
  const row = (category: string, aside?: string) =>
    ({
      ...(aside && { aside }),
      fields: [{ field: 'f', category, exemption: 'legal', law: 'x', until: '2030-12-31' }],
    }) as unknown as KeptRow
  const cases: readonly [string, HeldKey[], KeptRow[], string[]][] = [
    ['nothing kept', [key('a', 'payment')], [], ['a']],
    ['something kept under one', [key('a', 'payment'), key('b', 'contact')], [row('payment')], ['b']],
    ['kept aside, key aside', [key('a', 'payment', 'r1')], [row('payment', 'r1')], []],
    [
      'kept aside of another erasure',
      [key('a', 'payment', 'r1'), key('b', 'payment', 'r2')],
      [row('payment', 'r2')],
      ['a'],
    ],
    [
      'the new key of a person who was reopened and erased again',
      [key('a', 'payment', 'r1'), key('b', 'payment')],
      [row('payment', 'r1')],
      ['b'],
    ],
    [
      'the former key of such a person',
      [key('a', 'payment', 'r1'), key('b', 'payment')],
      [row('payment')],
      ['a'],
    ],
    ['rows that went aside before their keys did', [key('a', 'payment')], [row('payment', 'r1')], []],
  ]
  it.each(cases)('%s', (_, keys, kept, ids) => {
    expect(idleKeys(keys, kept)).toEqual(ids)
  })
})

describe('a sweep that an erasure of the person overtakes', () => {
  /** A store that runs something once, just before the next read of one record of a collection. */
  function hooked() {
    const backing = memoryBacking()
    const real = memoryStore({ backing })
    const hook: { before: string; run: (() => Promise<void>) | null } = { before: '', run: null }
    const store: Store = {
      ...real,
      async get(collection, keys) {
        const { run } = hook
        if (run !== null && collection === hook.before) {
          hook.run = null
          await run()
        }
        return real.get(collection, keys)
      },
    }
    return { backing, hook, ...scene({ store }) }
  }

  it('leaves to it what it has written down anew: no row and no completion is lost', async () => {
    const made = hooked()
    const { privacy, environment, hook } = made
    await made.populate()
    const first = await made.erased()
    environment.set('2033-01-01T12:00:00.000Z')
    const second = await made.confirmed('erasure')
    const keys = localKeys([{ id: 'k1', secret }], environment)
    const { store } = made
    const other = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'pilvi', environment })
    hook.before = 'register'
    hook.run = async () => {
      const { digest: plan } = await other.requests.plan(second)
      await other.requests.fulfil(second, { plan })
    }
    const overtaken = await privacy.retention.sweep()
    expect(hook.run).toBeNull()
    const kept = []
    for await (const each of privacy.retention.list()) kept.push(each)
    expect(kept).toContainEqual(expect.objectContaining({ source: 'register', requests: [first.id, second] }))
    const completed = [...overtaken.completed, ...(await privacy.retention.sweep()).completed]
    expect(completed.sort()).toEqual([first.id, second].sort())
    for (const id of [first.id, second]) expect((await privacy.requests.find(id))?.completion).toBeDefined()
    const left = []
    for await (const each of privacy.retention.list()) left.push(each.source)
    expect(left).toEqual([])
  })
})
