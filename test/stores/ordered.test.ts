/** What the memory store keeps its keys and indexes in. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addIndex, compareLists, memoryRecords } from '../../adapters/memory/backing.ts'
import { memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import { Ordered } from '../../adapters/memory/ordered.ts'
import type { Collection } from '../../src/store.ts'

const records = (more: Partial<Collection>): Collection => ({
  name: 'a',
  kind: 'records',
  indexes: {},
  ...more,
})

describe('an ordered set', () => {
  it('is the sorted list of what was added and not taken out, however it is paged', () => {
    const act = fc.record({ add: fc.boolean(), item: fc.integer({ min: 0, max: 3_000 }) })
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 3_000, size: 'max' }),
        fc.integer({ min: 1, max: 700 }),
        (acts, limit) => {
          const ordered = new Ordered<number>((a, b) => a - b)
          const model = new Set<number>()
          for (const { add, item } of acts) {
            if (add) ordered.add(item)
            else ordered.delete(item)
            if (add) model.add(item)
            else model.delete(item)
          }
          const found: number[] = []
          for (let page = ordered.page(-1, { limit, seen: undefined }); page.length > 0; ) {
            found.push(...page)
            const seen = page.at(-1) as number
            page = ordered.page(seen, { limit, seen })
          }
          expect(found).toEqual([...model].sort((a, b) => a - b))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('begins a page at what is not before, whether it is there or not', () => {
    const ordered = new Ordered<number>((a, b) => a - b)
    for (let i = 0; i < 2_000; i++) ordered.add(((i * 7) % 2_000) * 2)
    expect(ordered.page(5, { limit: 2, seen: undefined })).toEqual([6, 8])
    expect(ordered.page(6, { limit: 2, seen: undefined })).toEqual([6, 8])
    expect(ordered.page(6, { limit: 2, seen: 6 })).toEqual([8, 10])
    expect(ordered.page(4_000, { limit: 2, seen: undefined })).toEqual([])
    expect(ordered.page(3_998, { limit: 9, seen: undefined })).toEqual([3_998])
  })
})

describe('lists in an index', () => {
  it('are ordered part by part, and a list comes before those that begin with it', () => {
    const lists = [['a'], ['a', ''], ['a', 'b'], ['ab'], ['b', 'a']]
    for (const [i, a] of lists.entries()) {
      for (const [j, b] of lists.entries()) expect(Math.sign(compareLists(a, b))).toBe(Math.sign(i - j))
    }
  })

  it('hold what was there before the index was made', () => {
    const all = memoryRecords()
    all.rows.set('t/a', { version: 1, json: '{"at":"x"}' })
    all.rows.set('t/b', { version: 2, json: '{"at":5}' })
    addIndex(all, ['at'])
    const entries = [...all.indexes.values()].map((index) =>
      index.entries.page([''], { limit: 9, seen: undefined }),
    )
    expect(entries).toEqual([[['t', 'x', 't/a']]])
  })
})

describe('a backing that is shared', () => {
  const before = [records({})]
  const after = [records({ indexes: { byAt: ['at'] } }), records({ name: 's', kind: 'streams' })]

  it('is made ready while it is empty, and has to be migrated afterwards', async () => {
    const backing = memoryBacking()
    await memoryStore({ collections: before, backing }).commit([
      { put: { collection: 'a', key: 't/a' }, value: { at: 'x' }, expect: 'absent' },
    ])
    const newer = memoryStore({ collections: after, backing })
    await expect(newer.get('s', ['t/a'])).rejects.toMatchObject({ code: 'store.not-migrated' })
    const plan = await newer.migrate.plan()
    expect(plan.steps.map((step) => step.says)).toEqual([
      'Make an index of a by at.',
      'Make the collection s.',
    ])
    await newer.migrate.apply(plan)
    expect(await newer.get('s', ['t/a'])).toEqual([null])
  })
})
