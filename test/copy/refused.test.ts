/** What is not copied: into a target that holds something else, or that has no place for it. */

import { type Collection, copySteps, copyStore, type Store } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { key } from '../../src/values/key.ts'
import { filled, inside, interrupted, memory, visit } from './scene.ts'

const refused = (code: string, path?: string): unknown =>
  expect.objectContaining({ code, ...(path !== undefined && { path }) })

describe('the wrong target: a copy is refused where the target holds what the source does not', () => {
  const foreign: readonly [string, string, (store: Store) => Promise<void>][] = [
    [
      'a record before all others',
      'attempts',
      (store) => store.bulk.write('attempts', [{ key: '_a/a', value: 1 }]),
    ],
    [
      'a record behind all others',
      'standings',
      (store) => store.bulk.write('standings', [{ key: 'zz/z', value: 1 }]),
    ],
    [
      'another value under a key of the source',
      'register',
      (store) => store.bulk.write('register', [{ key: key('pilvi', 'customer', '7'), value: {} }]),
    ],
    [
      'the same entry under another id',
      'ledger',
      (store) =>
        store.bulk.write('ledger', [
          { key: key('pilvi', 'long'), value: { i: 4 }, entry: { sequence: 5, id: 'other' } },
        ]),
    ],
    [
      'an entry behind the last',
      'ledger',
      (store) =>
        store.bulk.write('ledger', [
          { key: key('pilvi', 'short'), value: 1, entry: { sequence: 10, id: 'other' } },
        ]),
    ],
    ['a visit of another tenant', '_visits', (store) => store.visits.append('other', [visit(1)])],
    [
      'another visit of the same time and id',
      '_visits',
      (store) => store.visits.append('pilvi', [visit(3, { session: 'other' })]),
    ],
  ]
  it.each(foreign)('%s, and nothing is written', async (_, path, put) => {
    const [from, to] = [await filled(), memory()]
    await put(to.store)
    const before = structuredClone(inside(to.backing))
    await expect(copyStore(from.store, to.store)).rejects.toEqual(refused('conflict.state', path))
    expect(inside(to.backing)).toEqual(before)
  })

  it('that it was written to while it is copied is told as well', async () => {
    const [from, to] = [await filled(), memory()]
    const late = interrupted(to.store, 5, () => to.store.bulk.write('standings', [{ key: 'zz/z', value: 1 }]))
    await expect(copyStore(from.store, late)).rejects.toEqual(refused('copy.differs', 'standings'))
  })

  it('its message names the collection and never a value', async () => {
    const [from, to] = [await filled(), memory()]
    await to.store.visits.append('pilvi', [visit(3, { session: 'secret', ip: '198.51.100.9' })])
    const error: unknown = await copyStore(from.store, to.store).catch((given: unknown) => given)
    expect(JSON.stringify(error)).not.toMatch(/secret|198\.51/)
    expect(error).toMatchObject({ record: 'pilvi' })
  })
})

describe('nothing is copied', () => {
  const records = (name: string): Collection => ({ name, kind: 'records', indexes: {} })
  const unmigrated = (): Store => {
    const backing = memoryBacking()
    memoryStore({ backing, collections: [records('other')] })
    return memoryStore({ backing })
  }
  const blocked = (store: Store): Store => ({
    ...store,
    migrate: {
      ...store.migrate,
      plan: async () => ({ from: 1, to: 1, steps: [], blocked: ['it is newer'] }),
    },
  })

  it('from or into a store that is not migrated, or cannot be', async () => {
    for (const [store, code] of [
      [unmigrated(), 'store.not-migrated'],
      [blocked(memory().store), 'store.unsupported'],
    ] as const) {
      await expect(copyStore(store, memory().store)).rejects.toEqual(refused(code))
      await expect(copyStore(memory().store, store)).rejects.toEqual(refused(code))
    }
  })

  it('into a store that keeps no such collection, or one of another kind', async () => {
    const from = memoryStore({ collections: [records('a'), records('b')] })
    for (const collections of [
      [records('a')],
      [records('a'), { ...records('b'), kind: 'streams' as const }],
    ]) {
      const to = memoryStore({ collections })
      await expect(copyStore(from, to)).rejects.toEqual(refused('input.invalid', 'b'))
    }
    const more = memoryStore({ collections: [records('c'), records('b'), records('a')] })
    expect((await copyStore(from, more)).sections.map((each) => each.section)).toEqual([
      'a',
      'b',
      'c',
      '_visits',
    ])
  })

  it('with a verification that there is none of', async () => {
    const options = { verify: 'counts' as 'none' }
    await expect(copyStore(memory().store, memory().store, options)).rejects.toEqual(
      refused('input.invalid', 'verify'),
    )
  })

  it('before somebody walks its steps', async () => {
    const [from, to] = [await filled(), memory()]
    const steps = copySteps(from.store, to.store)
    await steps.next()
    await steps.return(undefined)
    await copyStore(from.store, to.store)
    expect(inside(to.backing)).toEqual(inside(from.backing))
  })
})
