/** Copying between memory stores, where what lies there can be looked at. Between databases: between.test.ts. */

import { type BulkRow, type CopyStep, copySteps, copyStore, type Store } from '@pilvi/privacy'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oddStrings } from '../../src/testing/conformance/values.ts'
import { key } from '../../src/values/key.ts'
import { failing, filled, inside, interrupted, memory } from './scene.ts'

async function rowsIn(store: Store, collection: string): Promise<BulkRow[]> {
  const found: BulkRow[] = []
  for await (const rows of store.bulk.read(collection)) found.push(...rows)
  return found
}

/** In how many batches a copy of all that is there is written. */
async function batchesOf(from: Store): Promise<number> {
  const { store } = memory()
  const { bulk, visits } = store
  let batches = 0
  const counted: Store = {
    ...store,
    bulk: {
      ...bulk,
      write(name, rows) {
        batches++
        return bulk.write(name, rows)
      },
    },
    visits: {
      ...visits,
      append(tenant, given) {
        batches++
        return visits.append(tenant, given)
      },
    },
  }
  await copyStore(from, counted, { verify: 'none' })
  return batches
}

const refused = (code: string, path?: string): unknown =>
  expect.objectContaining({ code, ...(path !== undefined && { path }) })

describe('a copy', () => {
  it('holds all that the source holds, of every tenant, and says how much', async () => {
    const [from, to] = [await filled(), memory()]
    const report = await copyStore(from.store, to.store)
    expect(inside(to.backing)).toEqual(inside(from.backing))
    const rows = Object.fromEntries(report.sections.map((each) => [each.section, each.rows]))
    expect(rows).toMatchObject({
      register: 4 * 150,
      standings: 4 * oddStrings.length,
      ledger: 4 * (150 + 3),
      _visits: 4 * 150,
      heads: 0,
    })
    expect(report.written).toBe(Object.values(rows).reduce((sum, each) => sum + each, 0))
    expect(report.verified).toBe('digest')
    expect(report.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it('lets the stores go on as the source would have: streams, indexes, sessions', async () => {
    const [from, to] = [await filled(), memory()]
    await copyStore(from.store, to.store)
    const short = { collection: 'ledger', key: key('pilvi', 'short') }
    await to.store.commit([{ append: short, id: 'next', value: 1, expect: 10 }])
    expect((await to.store.get('ledger', [short.key]))[0]?.version).toBe(10)
    await to.store.commit([
      { append: { collection: 'ledger', key: key('pilvi', 'gone') }, id: 'n', value: 1, expect: 1 },
    ])
    expect(await to.store.visits.erase('pilvi', ['s1'])).toBe(50)
  })

  it('done again writes nothing, and has the same digest', async () => {
    const [from, to] = [await filled(), memory()]
    const first = await copyStore(from.store, to.store)
    const again = await copyStore(from.store, to.store)
    expect(again).toEqual({ ...first, written: 0 })
    expect(await copyStore(to.store, from.store)).toEqual({ ...first, written: 0 })
  })

  it('of an empty store is empty', async () => {
    const to = memory()
    const report = await copyStore(memory().store, to.store)
    expect([report.written, report.sections.every((each) => each.rows === 0)]).toEqual([0, true])
  })

  it('tells how far it has come, and ends with its report', async () => {
    const [from, to] = [await filled(), memory()]
    const seen: CopyStep[] = []
    for await (const step of copySteps(from.store, to.store)) seen.push(step)
    const phases = seen.map((step) => step.phase)
    expect([...new Set(phases)]).toEqual(['copying', 'verifying', 'done'])
    const last = seen.findLast((step) => step.phase === 'copying')
    const report = seen.at(-1)
    expect(report?.phase === 'done' && report.report.written).toBe(last?.phase === 'copying' && last.rows)
  })

  it('trusts the target where it is told to', async () => {
    const [from, to] = [await filled(), memory()]
    const report = await copyStore(from.store, to.store, { verify: 'none' })
    expect(report).toEqual({
      ...(await copyStore(from.store, to.store)),
      written: report.written,
      verified: 'none',
    })
    expect(inside(to.backing)).toEqual(inside(from.backing))
  })
})

describe('a copy that was interrupted', () => {
  it('at any call of either side, loses nothing and doubles nothing when it is done again', async () => {
    const from = await filled(20)
    const whole = memory()
    await copyStore(from.store, whole.store)
    for (const side of ['from', 'to'] as const) {
      let finished = false
      for (let n = 1; !finished; n++) {
        const to = memory()
        const stores = { from: from.store, to: to.store }
        const broken = { ...stores, [side]: failing(stores[side], n) }
        const outcome = await copyStore(broken.from, broken.to).catch((error: unknown) => error)
        finished = !(outcome instanceof Error)
        if (!finished) expect(outcome).toEqual(refused('store.unavailable'))
        await copyStore(from.store, to.store)
        expect(inside(to.backing)).toEqual(inside(whole.backing))
        expect(n).toBeLessThan(200)
      }
    }
  })

  it('goes on from whatever part of the rows is there', async () => {
    const from = await filled(12)
    const report = await copyStore(from.store, memory().store)
    const [register, ledger] = [await rowsIn(from.store, 'register'), await rowsIn(from.store, 'ledger')]
    await fc.assert(
      fc.asyncProperty(fc.subarray(register), fc.subarray(ledger), async (some, others) => {
        const to = memory()
        await to.store.bulk.write('register', some)
        await to.store.bulk.write('ledger', others)
        const again = await copyStore(from.store, to.store)
        expect(again.written).toBe(report.written - some.length - others.length)
        expect(inside(to.backing)).toEqual(inside(from.backing))
      }),
      { numRuns: 40 },
    )
  })
})

describe('a source that is written to while it is copied, or a target that loses something', () => {
  const changes: readonly [string, string, (store: Store) => Promise<void>][] = [
    [
      'a record is made where the copy has passed',
      'attempts',
      (store) => store.bulk.write('attempts', [{ key: 'a/a', value: 1 }]),
    ],
    [
      'a record is changed',
      'register',
      async (store) => {
        const at = key('_system', 'customer', '0')
        const [found] = await store.get('register', [at])
        await store.commit([
          { put: { collection: 'register', key: at }, value: 1, expect: found?.version ?? 0 },
        ])
      },
    ],
    [
      'the oldest entries of a stream go',
      'ledger',
      (store) =>
        store.commit([
          { remove: { collection: 'ledger', key: key('_system', 'long') }, expect: 150, through: 3 },
        ]),
    ],
    ['visits are purged', '_visits', (store) => store.visits.purge('_system', '2026-11-21T00:00:00.000Z')],
  ]
  it.each(changes)('%s: it is noticed in the end', async (_, path, change) => {
    const [from, to] = [await filled(), memory()]
    const written = interrupted(to.store, await batchesOf(from.store), () => change(from.store))
    await expect(copyStore(from.store, written)).rejects.toEqual(refused('copy.differs', path))
  })

  it.each(['register', 'ledger'])('a target that forgets a row of %s is noticed', async (collection) => {
    const [from, to] = [await filled(), memory()]
    const { bulk } = to.store
    const forgetful: Store = {
      ...to.store,
      bulk: {
        ...bulk,
        write: (name, rows) => bulk.write(name, name === collection ? rows.slice(1) : rows),
      },
    }
    await expect(copyStore(from.store, forgetful)).rejects.toEqual(refused('copy.differs', collection))
  })

  it('a target that keeps an entry under another id is noticed', async () => {
    const [from, to] = [await filled(), memory()]
    const { bulk } = to.store
    const careless: Store = {
      ...to.store,
      bulk: {
        ...bulk,
        write: (name, rows) =>
          bulk.write(
            name,
            rows.map((row) =>
              row.entry ? { ...row, entry: { ...row.entry, id: `${row.entry.sequence}` } } : row,
            ),
          ),
      },
    }
    await expect(copyStore(from.store, careless)).rejects.toEqual(refused('copy.differs', 'ledger'))
  })
})
