/** Recording, sequencing and verifying: no gap, no double, no waiting for each other. */

import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { Change, Store } from '../../src/store.ts'
import { refusal, tamper } from '../keys/scene.ts'
import { act, ledgerScene } from './scene.ts'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('recording', () => {
  it('is a change of the act’s own commit: both or neither', async () => {
    const { store, ledger } = ledgerScene()
    const put: Change = { put: { collection: 'kept', key: 'pilvi/a' }, value: 1, expect: 7 }
    expect(await refusal(store.commit([...ledger.changes(act(1)), put]))).toMatchObject({
      code: 'conflict.version',
    })
    expect(await ledger.verify()).toMatchObject({ pending: 0 })
    await store.commit([...ledger.changes(act(1)), { ...put, expect: 'absent' }])
    expect(await ledger.verify()).toMatchObject({ pending: 1, entries: 0 })
  })

  it('an entry is the act with id, time and place, in order of recording', async () => {
    const { ledger, sequenced, entries } = ledgerScene()
    await sequenced(3)
    const found = await entries()
    expect(found.map(({ sequence, record }) => [sequence, record])).toEqual([
      [1, 'record-1'],
      [2, 'record-2'],
      [3, 'record-3'],
    ])
    expect(found[0]).toEqual({
      ...act(1),
      id: expect.stringMatching(/^[0-9a-z]{26}$/),
      sequence: 1,
      recordedAt: '2026-11-23T10:00:00.001Z',
    })
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 3, pending: 0 })
  })

  it('of an empty ledger there is nothing to sequence, and it is intact', async () => {
    const { ledger, raw, entries } = ledgerScene()
    expect(await ledger.sequence()).toBe(0)
    expect(raw.head()).toBeNull()
    expect(await entries()).toEqual([])
    expect(await ledger.verify()).toMatchObject({
      outcome: 'intact',
      entries: 0,
      pending: 0,
      root: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    })
  })
})

describe('sequencing', () => {
  it('moves more than a commit can hold in batches that it can', async () => {
    const sizes: number[] = []
    const counted = (store: Store): Store => ({
      ...store,
      commit: (changes) => {
        sizes.push(changes.length)
        return store.commit(changes)
      },
    })
    const { ledger, record, entries } = ledgerScene({ aroundStore: counted })
    await record(450)
    sizes.length = 0
    expect(await ledger.sequence()).toBe(450)
    // Secrets apart, three batches: two full ones of 200 acts with their head, and the rest.
    expect(sizes.filter((size) => size > 1)).toEqual([401, 401, 101])
    expect((await entries()).map(({ details }) => details?.['n'])).toEqual(numbers(450))
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 450, pending: 0 })
    expect(await ledger.sequence()).toBe(0)
  })

  it('exactly a batch is moved wholly', async () => {
    const { ledger, record } = ledgerScene()
    await record(200)
    expect(await ledger.sequence()).toBe(200)
    expect(await ledger.verify()).toMatchObject({ entries: 200, pending: 0 })
  })

  it('two processes that sequence at once move each act once', async () => {
    const backing = memoryBacking()
    const [one, other] = [ledgerScene({ backing }), ledgerScene({ backing, seed: 2 })]
    await one.record(250)
    await other.record(250, 251)
    const moved = await Promise.all([one, other, one, other].map(({ ledger }) => ledger.sequence()))
    expect(moved.reduce((a, b) => a + b, 0)).toBe(500)
    const found = (await one.entries()).map(({ details }) => details?.['n'] as number)
    expect(found.sort((a, b) => a - b)).toEqual(numbers(500))
    expect(await other.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 500, pending: 0 })
  })

  it('50 concurrent writers in 5 processes, sequenced meanwhile, leave no gap and no double', async () => {
    const backing = memoryBacking()
    const scenes = numbers(5).map((seed) => ledgerScene({ backing, seed }))
    const writer = async (n: number): Promise<void> => {
      const scene = scenes[n % 5] as (typeof scenes)[0]
      for (let i = 0; i < 6; i++) {
        await scene.store.commit(scene.ledger.changes(act(n * 6 + i)))
        if (i === 3 && n % 10 === 0) await scene.ledger.sequence()
      }
    }
    await Promise.all(Array.from({ length: 50 }, (_, n) => writer(n)))
    const [first] = scenes as [(typeof scenes)[0]]
    await first.ledger.sequence()
    const found = await first.entries()
    expect(found.map(({ sequence }) => sequence)).toEqual(numbers(300))
    expect(new Set(found.map(({ id }) => id)).size).toBe(300)
    expect(new Set(found.map(({ details }) => details?.['n'])).size).toBe(300)
    for (const { ledger } of scenes)
      expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 300, pending: 0 })
  })

  it('a crash between batches loses nothing: the next call goes on', async () => {
    let commits = 0
    const failing = (store: Store): Store => ({
      ...store,
      commit: async (changes) => {
        if (changes.length > 100 && ++commits === 2) throw new StoreFailure('store.unavailable', 'gone')
        return store.commit(changes)
      },
    })
    const { ledger, record } = ledgerScene({ aroundStore: failing })
    await record(450)
    expect(await refusal(ledger.sequence())).toMatchObject({ code: 'store.unavailable' })
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 200, pending: 250 })
    expect(await ledger.sequence()).toBe(250)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 450, pending: 0 })
  })

  it('a commit whose acknowledgement was lost is neither repeated nor lost', async () => {
    let lost = true
    const losing = (store: Store): Store => ({
      ...store,
      commit: async (changes) => {
        await store.commit(changes)
        if (lost && changes.length > 20) {
          lost = false
          throw new StoreFailure('store.outcome-unknown', 'no acknowledgement')
        }
      },
    })
    const { ledger, record } = ledgerScene({ aroundStore: losing })
    await record(30)
    expect(await refusal(ledger.sequence())).toMatchObject({ code: 'store.outcome-unknown' })
    expect(await ledger.sequence()).toBe(0)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 30, pending: 0 })
  })

  it('tenants have ledgers of their own', async () => {
    const backing = memoryBacking()
    const [ours, theirs] = [ledgerScene({ backing }), ledgerScene({ backing, tenant: 'customer-a', seed: 2 })]
    await ours.record(3)
    await theirs.record(2)
    expect(await ours.ledger.sequence()).toBe(3)
    expect(await theirs.ledger.verify()).toMatchObject({ entries: 0, pending: 2 })
    expect(await theirs.ledger.sequence()).toBe(2)
    expect((await theirs.entries()).map(({ record }) => record)).toEqual(['record-1', 'record-2'])
    expect(await ours.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 3, pending: 0 })
  })
})

describe('an act that waits and is not what was recorded', () => {
  const malformed: readonly [string, unknown][] = [
    ['nothing', null],
    ['no act', { id: 'x' }],
    [
      'an act by nobody',
      { ...act(1), id: 'x', recordedAt: '2026-11-23T10:00:00.000Z', actor: { role: 'root', id: '' } },
    ],
  ]
  it.each(malformed)('%s: stops the line', async (_, value) => {
    const { ledger, backing, record } = ledgerScene()
    await record(1)
    const [key = ''] = [...(backing.records.get('pending')?.rows.keys() ?? [])]
    tamper(backing, { collection: 'pending', key, value })
    expect(await refusal(ledger.sequence())).toMatchObject({ code: 'record.corrupt', record: key })
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 0, pending: 1 })
  })

  it('under another id: is not moved, so that no id can be made to stand twice', async () => {
    const { ledger, backing, record } = ledgerScene()
    await record(2)
    const [[, first] = ['', { json: '' }], [key] = ['']] = [...(backing.records.get('pending')?.rows ?? [])]
    tamper(backing, { collection: 'pending', key, value: JSON.parse(first.json) })
    expect(await refusal(ledger.sequence())).toMatchObject({ code: 'ledger.broken', record: key })
  })
})

describe('verifying', () => {
  it('entries that another process adds meanwhile are left for the next time', async () => {
    const backing = memoryBacking()
    const other = ledgerScene({ backing, seed: 2 })
    const { ledger, sequenced } = ledgerScene({
      backing,
      aroundStore: (store) => ({
        ...store,
        scan: (collection, range) =>
          collection === 'ledger' && 'stream' in range
            ? meanwhile(store, range)
            : store.scan(collection, range),
      }),
    })
    async function* meanwhile(store: Store, range: Parameters<Store['scan']>[1]) {
      await other.sequenced(2, 4)
      yield* store.scan('ledger', range)
    }
    await sequenced(3)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 3 })
    expect(await other.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 5 })
  })

  it('writes nothing', async () => {
    const { ledger, backing, sequenced, record } = ledgerScene()
    await sequenced(3)
    await record(1, 4)
    const before = backing.version
    await ledger.verify()
    expect(backing.version).toBe(before)
  })

  it('a store that is down is not taken for a broken ledger', async () => {
    const backing = memoryBacking()
    await ledgerScene({ backing }).sequenced(2)
    // A process that has not yet read the signing key, and cannot.
    const cold = ledgerScene({
      backing,
      seed: 2,
      aroundStore: (store) => ({
        ...store,
        get: async (...given: Parameters<Store['get']>) => {
          if (given[1].some((key) => key.includes('/secret/'))) {
            throw new StoreFailure('store.unavailable', 'no answer')
          }
          return store.get(...given)
        },
      }),
    })
    expect(await refusal(cold.ledger.verify())).toMatchObject({ code: 'store.unavailable' })
  })
})
