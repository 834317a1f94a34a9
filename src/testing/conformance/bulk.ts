/**
 * Copying: all that a store keeps, of every tenant, out in an order that all stores share, and in again with the
 * sequence numbers and ids that entries had. What other cases left in the database is seen too, and passed over.
 */

import type { InvalidInputCode } from '../../errors.ts'
import type { BulkRow, Store, StoredVisit } from '../../store.ts'
import { key, tenantOf } from '../../values/key.ts'
import { limits } from '../../values/limits.ts'
import { compareBytes } from '../../values/text.ts'
import { all, holds, refuses, same, there } from './assert.ts'
import { badJson, badKeys, badLists, badNumbers, badTexts } from './bad-values.ts'
import {
  appendAll,
  type Case,
  events,
  kitCollections,
  putAll,
  type Scene,
  thing,
  versionOf,
} from './scene.ts'
import { oddStrings } from './values.ts'
import { visit } from './visit-log.ts'

/** Three tenants whose order by bytes is not the order of their keys. */
const tenantsOf = ({ tenant }: Scene): string[] => [tenant, `${tenant}-b`, `${tenant}b`]

const record = (at: string, value: BulkRow['value'] = { colour: 'red' }): BulkRow => ({ key: at, value })
const entry = (at: string, sequence: number): BulkRow => ({
  key: at,
  value: `e${sequence}`,
  entry: { sequence, id: `e${sequence}` },
})

/** Odd keys, values and ids; some more of them than a first page holds. */
const oddRecords = (tenant: string): BulkRow[] => [
  ...oddStrings.map((odd) => record(key(tenant, 'odd', odd), { odd, [odd]: [odd], colour: odd })),
  ...Array.from({ length: 150 }, (_, i) => record(key(tenant, 'many', `${i}`), i)),
]

const byKey = (a: BulkRow, b: BulkRow): number =>
  compareBytes(a.key, b.key) || Number(a.entry?.sequence) - Number(b.entry?.sequence)

/** The rows of this case's tenants. */
async function readOwn(scene: Scene, collection: string, store: Store = scene.store): Promise<BulkRow[]> {
  const tenants = new Set(tenantsOf(scene))
  const found: BulkRow[] = []
  for await (const rows of store.bulk.read(collection)) {
    holds(rows.length > 0, 'a batch should not be empty')
    for (const row of rows) if (tenants.has(tenantOf(row.key))) found.push(row)
  }
  return found
}

async function writeAll(store: Store, collection: string, rows: readonly BulkRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += limits.changes) {
    await store.bulk.write(collection, rows.slice(i, i + limits.changes))
  }
}

export const bulkCases: readonly Case[] = [
  {
    name: 'bulk collections: those the store was made for',
    async run({ store }) {
      same(store.bulk.collections, kitCollections, 'the collections')
    },
  },
  {
    name: 'bulk read: the records of every tenant, each once, in order of keys',
    async run(scene) {
      const rows = tenantsOf(scene).flatMap(oddRecords)
      for (const tenant of tenantsOf(scene)) {
        const own = oddRecords(tenant).map((each) => [each.key, each.value])
        await putAll(scene.store, Object.fromEntries(own))
      }
      same(await readOwn(scene, 'kit_things'), [...rows].sort(byKey), 'what is read')
      same(await readOwn(scene, 'kit_notes'), [], 'what is read of another collection')
    },
  },
  {
    name: 'bulk read entries: with sequence and id, stream by stream, without those that were dropped',
    async run(scene) {
      const { store, tenant } = scene
      const [long, short] = [`${tenant}/long`, `${tenant}-b/short`]
      await appendAll(store, { key: long, first: 1, last: 300 })
      await appendAll(store, { key: short, first: 1, last: 9 })
      await appendAll(store, { key: `${tenant}b/gone`, first: 1, last: 2 })
      await store.commit([{ remove: events(short), expect: 9, through: 4 }])
      await store.commit([{ remove: events(`${tenant}b/gone`), expect: 2, through: 2 }])
      const expected = [
        ...Array.from({ length: 300 }, (_, i) => entry(long, i + 1)),
        ...[5, 6, 7, 8, 9].map((n) => entry(short, n)),
      ].sort(byKey)
      same(await readOwn(scene, 'kit_events'), expected, 'what is read')
    },
  },
  {
    name: 'bulk write: records come back as they were, also by index, and can be changed',
    async run(scene) {
      const { store, tenant } = scene
      const rows = tenantsOf(scene).flatMap(oddRecords)
      await writeAll(store, 'kit_things', rows)
      for (const { key: at, value } of rows) same((await scene.peek('kit_things', at))?.value, value, at)
      const [red] = await all(store.scan('kit_things', { tenant, index: 'byColour', equals: ['$ne'] }))
      same(red?.key, key(tenant, 'odd', '$ne'), 'what an index gives')
      const { key: at } = there(red)
      await store.commit([{ put: thing(at), value: 'new', expect: there(red).version }])
      same((await scene.peek('kit_things', at))?.value, 'new', 'what was put')
    },
  },
  {
    name: 'bulk write again: leaves what is there as it is, and makes the rest',
    async run(scene) {
      const { store, tenant, peek } = scene
      const [a, b] = [`${tenant}/a`, `${tenant}/b`]
      await store.bulk.write('kit_things', [record(a, 'first')])
      const version = await versionOf(scene, a)
      await store.bulk.write('kit_things', [record(a, 'second'), record(b, 'b')])
      same(await peek('kit_things', a), { version, value: 'first' }, 'what was there')
      same((await peek('kit_things', b))?.value, 'b', 'what was not there')
      await store.bulk.write('kit_things', [record(b, 'b'), record(a, 'first')])
      same(await peek('kit_things', a), { version, value: 'first' }, 'what was there, once more')
      await store.bulk.write('kit_things', [])
    },
  },
  {
    name: 'bulk write entries: keep their numbers and ids, and the stream goes on behind the last',
    async run({ store, tenant, peekStream }) {
      const at = `${tenant}/s`
      await store.bulk.write('kit_events', [entry(at, 5), entry(at, 6), entry(`${at}2`, 1)])
      await store.bulk.write('kit_events', [entry(at, 7), entry(at, 8)])
      const peeked = (n: number) => ({ sequence: n, id: `e${n}`, value: `e${n}` })
      same(await peekStream('kit_events', at), [5, 6, 7, 8].map(peeked), 'what lies there')
      const [last] = await store.get('kit_events', [at])
      same(last, { key: at, version: 8, value: 'e8' }, 'the last entry')
      await refuses(() => appendAll(store, { key: at, first: 10, last: 10 }), 'conflict.version')
      await appendAll(store, { key: at, first: 8, last: 9 }) // the first is there already
      await store.commit([{ remove: events(at), expect: 9, through: 6 }])
      const found = await all(store.scan('kit_events', { stream: at }))
      same(
        found.map((each) => each.version),
        [7, 8, 9],
        'what is left',
      )
    },
  },
  {
    name: 'bulk write entries again: leaves what is there, and closes gaps',
    async run({ store, tenant, peekStream }) {
      const at = `${tenant}/s`
      await store.bulk.write('kit_events', [entry(at, 3), entry(at, 6)])
      await store.bulk.write(
        'kit_events',
        [3, 4, 5, 6].map((n) => ({ ...entry(at, n), value: `new ${n}` })),
      )
      const found = (await peekStream('kit_events', at)).map((each) => [each.sequence, each.value])
      const expected = [
        [3, 'e3'],
        [4, 'new 4'],
        [5, 'new 5'],
        [6, 'e6'],
      ]
      same(found, expected, 'what lies there')
      same((await store.get('kit_events', [at]))[0]?.version, 6, 'the last entry')
      await store.bulk.write('kit_events', [entry(at, 3)])
      await appendAll(store, { key: at, first: 7, last: 7 })
    },
  },
  {
    name: 'bulk write refuses: what a commit refuses, and nothing of the batch is written',
    async run(scene) {
      const { store, tenant } = scene
      const good = record(`${tenant}/good`)
      const rows = (...bad: unknown[]): BulkRow[] => [good, ...(bad as BulkRow[])]
      const into = (collection: string, given: unknown, code: InvalidInputCode) =>
        refuses(() => store.bulk.write(collection, given as BulkRow[]), code)
      for (const { code, value } of badKeys) await into('kit_things', rows({ key: value, value: 1 }), code)
      for (const { code, value } of badJson)
        await into('kit_things', rows({ key: `${tenant}/a`, value }), code)
      for (const { code, value } of badLists) await into('kit_things', value, code)
      for (const bad of [undefined, null, 5, good, entry(`${tenant}/a`, 1)]) {
        await into('kit_things', rows(bad), 'input.invalid')
      }
      const many = Array.from({ length: 501 }, (_, i) => record(`${tenant}/${i}`))
      await into('kit_things', many, 'input.too-large')
      await into('none', [good], 'input.invalid')
      await refuses(() => all(store.bulk.read('none')), 'input.invalid')
      for (const { code, value } of badTexts) {
        const odd = { key: `${tenant}/s`, value: 1, entry: { sequence: 1, id: value } }
        await into('kit_events', [odd], code)
      }
      for (const { value } of badNumbers) {
        const odd = { key: `${tenant}/s`, value: 1, entry: { sequence: value, id: 'a' } }
        await into('kit_events', [odd], 'input.invalid')
      }
      await into('kit_events', [good], 'input.invalid')
      for (const { name } of kitCollections) same(await readOwn(scene, name), [], name)
    },
  },
  {
    name: 'bulk tenants: those that have visits, in order, and no others',
    async run(scene) {
      const { store, tenant } = scene
      const own = async (): Promise<string[]> => {
        const found = await store.bulk.tenants()
        same([...found].sort(), found, 'their order')
        return found.filter((each) => tenantsOf(scene).includes(each))
      }
      await putAll(store, { [`${tenant}/a`]: 1 })
      same(await own(), [], 'without visits')
      for (const each of [...tenantsOf(scene)].reverse()) await store.visits.append(each, visits())
      same(await own(), tenantsOf(scene), 'with visits')
      await store.visits.erase(`${tenant}-b`, ['s0', 's1', 's2'])
      same(await own(), [tenant, `${tenant}b`], 'after an erasure')
    },
  },
  {
    name: 'bulk closed: every later call is refused',
    async run({ store, tenant }) {
      const reading = store.bulk.read('kit_things')
      await store.close()
      for (const call of [
        () => all(reading),
        () => store.bulk.write('kit_things', [record(`${tenant}/a`)]),
        () => store.bulk.write('kit_things', []),
        () => store.bulk.tenants(),
      ])
        await refuses(call, 'store.closed')
    },
  },
]

/** On three days, so that no day alone knows the tenant. */
const visits = (): StoredVisit[] => [0, 1, 2].map((n) => visit(n, { at: `1888-02-0${n + 1}T00:00:00.000Z` }))
