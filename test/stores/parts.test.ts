/** The parts that adapters are made of, as tables and properties. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declared, isFieldName, prefixEnd } from '../../adapters/declared.ts'
import { judge, nothing, placed } from '../../adapters/expectations.ts'
import { checkRead, newerLayout } from '../../adapters/migration.ts'
import { pages } from '../../adapters/paging.ts'
import { checkPeers, isLoopback } from '../../adapters/plaintext.ts'
import { indexName } from '../../adapters/postgres/schema.ts'
import { untilDone } from '../../adapters/retry.ts'
import type { Change, Collection } from '../../src/store.ts'
import { checkChanges } from '../../src/values/change.ts'
import { compareBytes } from '../../src/values/text.ts'

const records = (more: Partial<Collection>): Collection => ({
  name: 'a',
  kind: 'records',
  indexes: {},
  ...more,
})
const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'))

describe('declared collections', () => {
  it.each<[string, Collection[], string]>([
    ['a great letter', [records({ name: 'A' })], 'collections[0].name'],
    ['a quotation mark', [records({ name: 'a"; drop' })], 'collections[0].name'],
    ['an underscore first', [records({ name: '_a' })], 'collections[0].name'],
    ['41 characters', [records({ name: 'a'.repeat(41) })], 'collections[0].name'],
    ['the same name twice', [records({}), records({})], 'collections[1].name'],
    ['another kind', [records({ kind: 'heaps' as 'records' })], 'collections[0].kind'],
    ['an index on streams', [records({ kind: 'streams', indexes: { x: ['a'] } })], 'collections[0].indexes'],
    ['an index without fields', [records({ indexes: { x: [] } })], 'collections[0].indexes'],
    [
      'an index of five fields',
      [records({ indexes: { x: ['a', 'b', 'c', 'd', 'e'] } })],
      'collections[0].indexes',
    ],
    ['the same field twice', [records({ indexes: { x: ['a', 'a'] } })], 'collections[0].indexes'],
    ['a path for a field', [records({ indexes: { x: ['a.b'] } })], 'collections[0].indexes'],
    ['an operator for a field', [records({ indexes: { x: ['$a'] } })], 'collections[0].indexes'],
    ['a quotation mark in a field', [records({ indexes: { x: ["a'"] } })], 'collections[0].indexes'],
    ['a bad name of an index', [records({ indexes: { 'x"': ['a'] } })], 'collections[0].indexes'],
  ])('refuse %s before it becomes an identifier', (_, collections, path) => {
    expect(() => declared(collections)).toThrow(expect.objectContaining({ code: 'input.invalid', path }))
  })

  it('are found by name', () => {
    const found = declared([
      records({ indexes: { x: ['a', 'b', 'c', 'd'] } }),
      records({ name: 'b', kind: 'streams' }),
    ])
    expect([...found.keys()]).toEqual(['a', 'b'])
    expect(isFieldName('receivedAt')).toBe(true)
    expect(isFieldName('__proto__')).toBe(false)
  })
})

describe('the end of a prefix', () => {
  it('comes after all that begin with it, and before all that come behind them', () => {
    fc.assert(
      fc.property(text, text, text, (prefix, rest, other) => {
        const start = `t/${prefix}`
        const end = prefixEnd(start)
        expect(compareBytes(start + rest, end)).toBeLessThan(0)
        const behind = compareBytes(other, start) > 0 && !other.startsWith(start)
        if (behind) expect(compareBytes(other, end)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it.each([
    ['a', 'b'],
    ['a/', 'a0'],
    ['a\ud7ff', 'a\ue000'],
    ['a\u{10ffff}', 'b'],
    ['a\u{10ffff}\u{10ffff}', 'b'],
    ['a\uffff', 'a\u{10000}'],
  ])('of %j is %j', (prefix, end) => expect(prefixEnd(prefix)).toBe(end))

  it('refuses a prefix that nothing can come after', () => {
    expect(() => prefixEnd('\u{10ffff}')).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  })
})

describe('a page', () => {
  const over = async (
    sizes: readonly number[],
    limit?: number,
  ): Promise<{ asked: number[]; given: number }> => {
    const asked: number[] = []
    const items = sizes.map((size, at) => ({ size, at }))
    let given = 0
    const walk = pages<{ size: number; at: number }>({
      limit,
      characters: ({ size }) => size,
      async page(size, last) {
        asked.push(size)
        return items.slice((last?.at ?? -1) + 1, (last?.at ?? -1) + 1 + size)
      },
    })
    for await (const page of walk) for (const { at } of page) expect(at).toBe(given++)
    return { asked, given }
  }

  it('grows where records are small and shrinks where they are large', async () => {
    expect(await over(new Array(2_500).fill(10))).toEqual({ asked: [64, 1_000, 1_000, 1_000], given: 2_500 })
    expect(await over(new Array(70).fill(1_000_000))).toEqual({ asked: [64, 3, 3, 3], given: 70 })
    expect(await over(new Array(66).fill(9_000_000))).toEqual({ asked: [64, 1, 1, 1], given: 66 })
  })

  it('asks for no more than the limit', async () => {
    expect(await over(new Array(500).fill(10), 70)).toEqual({ asked: [64, 6], given: 70 })
    expect(await over(new Array(500).fill(10), 3)).toEqual({ asked: [3], given: 3 })
    expect(await over([], 3)).toEqual({ asked: [3], given: 0 })
  })
})

describe('trying again', () => {
  it('gives what the attempt that was not undone came to', async () => {
    let n = 0
    const given = await untilDone(async () => (++n < 3 ? { undone: new Error('again') } : { done: n }))
    expect(given).toBe(3)
  })

  it('ends after twelve attempts, and says why in its cause only', async () => {
    let n = 0
    const attempt = untilDone(async () => ({ undone: new Error(`secret ${++n}`) }))
    await expect(attempt).rejects.toMatchObject({
      code: 'store.unavailable',
      retryable: true,
      message: expect.not.stringContaining('secret'),
    })
    expect(n).toBe(12)
  })
})

describe('plaintext that leaves this machine', () => {
  it.each([
    ['localhost', true],
    ['LOCALHOST', true],
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['/var/run/postgresql', true],
    ['', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.org', false],
    ['localhost.example.org', false],
    ['0.0.0.0', false],
    ['::', false],
    ['db', false],
  ])('%j is this machine: %s', (host, local) => expect(isLoopback(host)).toBe(local))

  it('is refused unless the words are there, and so is what cannot be told', () => {
    const far = { host: 'db.example.org', encrypted: false }
    const near = { host: 'localhost', encrypted: false }
    const insecure = expect.objectContaining({ code: 'store.insecure', retryable: false })
    expect(() => checkPeers([far], undefined)).toThrow(insecure)
    expect(() => checkPeers([near, far], undefined)).toThrow(insecure)
    expect(() => checkPeers(null, undefined)).toThrow(insecure)
    expect(() => checkPeers([far], true as unknown as undefined)).toThrow(insecure)
    checkPeers([near, { ...far, encrypted: true }], undefined)
    checkPeers([far], 'the network is trusted')
    checkPeers(null, 'the network is trusted')
  })
})

describe('a migration', () => {
  const step = (statement: string): { says: string; statement: string } => ({ says: statement, statement })

  it('is stale where something is left that was not read', () => {
    const read = { from: 0, to: 1, steps: [step('a'), step('b')], blocked: [] }
    checkRead(read, { ...read, steps: [step('b')] })
    checkRead(read, { ...read, steps: [] })
    expect(() => checkRead(read, { ...read, steps: [step('c')] })).toThrow(
      expect.objectContaining({ code: 'conflict.plan' }),
    )
  })

  it('is refused where something stands in its way, when it was read or now', () => {
    const free = { from: 0, to: 1, steps: [], blocked: [] }
    const blocked = { ...free, blocked: ['it is late'] }
    for (const [read, left] of [
      [free, blocked],
      [blocked, free],
      [blocked, blocked],
    ] as const) {
      expect(() => checkRead(read, left)).toThrow(
        expect.objectContaining({
          code: 'store.unsupported',
          message: expect.stringMatching(/: it is late$/),
        }),
      )
    }
  })

  it('is blocked by what a newer version has made', () => {
    expect([newerLayout(0, 1), newerLayout(1, 1), newerLayout(2, 2)]).toEqual([[], [], []])
    expect(newerLayout(2, 1)).toEqual([expect.stringContaining('layout 2')])
  })
})

describe('expectations of a store in which there is nothing', () => {
  const byName = declared([records({}), records({ name: 's', kind: 'streams' })])
  const key = 't/a'
  const found = (change: Change): number | undefined =>
    judge(placed(checkChanges(byName, [change])), nothing).failed?.place

  it.each<[string, Change, number | undefined]>([
    ['a new record', { put: { collection: 'a', key }, value: 1, expect: 'absent' }, undefined],
    ['a record', { put: { collection: 'a', key }, value: 1, expect: 1 }, 0],
    ['a record to remove', { remove: { collection: 'a', key }, expect: 1 }, 0],
    ['a first entry', { append: { collection: 's', key }, id: 'x', value: 1, expect: 1 }, undefined],
    ['a second entry', { append: { collection: 's', key }, id: 'x', value: 1, expect: 2 }, 0],
    ['entries to drop', { remove: { collection: 's', key }, expect: 1, through: 1 }, 0],
  ])('%s', (_, change, failed) => expect(found(change)).toBe(failed))
})

describe('names of indexes in PostgreSQL', () => {
  it('are readable, of at most 63 characters, and different for different fields', () => {
    expect(indexName('things', ['a', 'b'])).toBe('things$a$b')
    expect(indexName('things', ['a_b'])).not.toBe(indexName('things', ['a', 'b']))
    const long = ['a', 'b'].map((last) => indexName('c'.repeat(40), ['f'.repeat(40), last]))
    expect(new Set(long).size).toBe(2)
    for (const name of long) expect(name).toHaveLength(63)
  })
})
