/** Scans in the order of a declared index: an equality prefix and one interval. */

import type { Change, JsonValue, Range, Store } from '../../store.ts'
import { compareBytes } from '../../values/text.ts'
import { all, holds, same, there } from './assert.ts'
import { type Case, putAll, type Scene, thing, versionOf } from './scene.ts'

/** Key -> value; those whose colour or size is no string, or is not there, are in no index that orders by it. */
const rows: Readonly<Record<string, JsonValue>> = {
  k1: { colour: 'red', size: 'l' },
  k2: { colour: 'red', size: 'm' },
  k3: { colour: 'red', size: 'm', more: 1 },
  k4: { colour: 'blue', size: 'm' },
  k5: { colour: 'redder', size: 's' },
  k6: { colour: 'Red', size: 's' },
  k7: { colour: '', size: '' },
  k8: { colour: '🙂', size: '10' },
  k9: { colour: '\uffee', size: '9' },
  l1: { colour: 'red' },
  l2: { colour: 'red', size: 5 },
  l3: { colour: 7, size: 'm' },
  l4: { size: 'm' },
  l5: { colour: ['red'], size: 'm' },
  l6: { colour: null, size: 'm' },
  l7: { inner: { colour: 'red', size: 'm' } },
  l8: 'red',
  l9: ['red', 'm'],
}

type Query = Omit<Extract<Range, { readonly index: string }>, 'tenant'>

export const indexCases: readonly Case[] = [
  {
    name: 'index order: by the fields, then by key, in the order of UTF-8 bytes',
    async run(scene) {
      await prepare(scene)
      const colour = ['k7', 'k6', 'k4', 'k1', 'k2', 'k3', 'l1', 'l2', 'k5', 'k9', 'k8']
      same(await parts(scene, { index: 'byColour' }), colour, 'by colour')
      const both = ['k7', 'k6', 'k4', 'k1', 'k2', 'k3', 'k5', 'k9', 'k8']
      same(await parts(scene, { index: 'byColourAndSize' }), both, 'by colour and size')
    },
  },
  {
    name: 'not indexed: a record that lacks a field, or has no string there',
    async run(scene) {
      await prepare(scene)
      const found = await parts(scene, { index: 'byColourAndSize', equals: ['red'] })
      same(found, ['k1', 'k2', 'k3'], 'red ones of a size')
    },
  },
  {
    name: 'index equality: exactly these values, and nothing like them',
    async run(scene) {
      await prepare(scene)
      const table: [Query, string[]][] = [
        [{ index: 'byColour', equals: ['red'] }, ['k1', 'k2', 'k3', 'l1', 'l2']],
        [{ index: 'byColour', equals: ['re'] }, []],
        [{ index: 'byColour', equals: [''] }, ['k7']],
        [{ index: 'byColour', equals: ['7'] }, []],
        [{ index: 'byColourAndSize', equals: ['red', 'm'] }, ['k2', 'k3']],
        [{ index: 'byColourAndSize', equals: ['blue', 'l'] }, []],
      ]
      for (const [query, expected] of table) same(await parts(scene, query), expected, JSON.stringify(query))
    },
  },
  {
    name: 'index interval: from the lower end, up to but without the upper',
    async run(scene) {
      await prepare(scene)
      const table: [Query, string[]][] = [
        [{ index: 'byColour', from: 'red' }, ['k1', 'k2', 'k3', 'l1', 'l2', 'k5', 'k9', 'k8']],
        [{ index: 'byColour', before: 'red' }, ['k7', 'k6', 'k4']],
        [{ index: 'byColour', from: 'Red', before: 'red' }, ['k6', 'k4']],
        [{ index: 'byColour', from: 'red', before: 'red' }, []],
        [{ index: 'byColour', from: 'z', before: 'a' }, []],
        [{ index: 'byColour', from: '', before: 'a' }, ['k7', 'k6']],
        [{ index: 'byColourAndSize', equals: ['red'], from: 'm' }, ['k2', 'k3']],
        [{ index: 'byColourAndSize', equals: ['red'], before: 'm' }, ['k1']],
        [{ index: 'byColourAndSize', from: 'blue', before: 'redd' }, ['k4', 'k1', 'k2', 'k3']],
      ]
      for (const [query, expected] of table) same(await parts(scene, query), expected, JSON.stringify(query))
    },
  },
  {
    name: 'index limit and after: pages fit together, ties included',
    async run(scene) {
      await prepare(scene)
      const queries: Query[] = [
        { index: 'byColour' },
        { index: 'byColour', equals: ['red'] },
        { index: 'byColour', from: 'S', before: 'reddish' },
        { index: 'byColourAndSize', equals: ['red'], from: 'a' },
      ]
      for (const query of queries) {
        const whole = await parts(scene, query)
        for (const limit of [1, 2, 3, 50]) {
          same(await paged(scene, { ...query, limit }), whole, `${JSON.stringify(query)} by ${limit}`)
        }
      }
    },
  },
  {
    name: 'index resumption: after a record that has moved or gone since',
    async run(scene) {
      const { store, tenant } = scene
      await prepare(scene)
      const key = `${tenant}/k2`
      const after = there((await store.get('kit_things', [key]))[0])
      await store.commit([{ remove: thing(key), expect: after.version }])
      const rest = ['k3', 'l1', 'l2', 'k5', 'k9', 'k8']
      same(await parts(scene, { index: 'byColour', after }), rest, 'after what has gone')
      await store.commit([{ put: thing(key), value: { colour: 'zinc' }, expect: 'absent' }])
      const moved = ['k3', 'l1', 'l2', 'k5', 'k2', 'k9', 'k8']
      same(await parts(scene, { index: 'byColour', after }), moved, 'after what has moved')
      const outside = { key, value: { colour: 'blue' } }
      const red = ['k1', 'k3', 'l1', 'l2']
      same(
        await parts(scene, { index: 'byColour', equals: ['red'], after: outside }),
        red,
        'after what comes before',
      )
      const beyond = { key, value: { colour: 'zinc' } }
      same(await parts(scene, { index: 'byColour', equals: ['red'], after: beyond }), [], 'after all')
    },
  },
  {
    name: 'index follows: what is changed or removed is found where it is now, and only there',
    async run(scene) {
      const { store, tenant } = scene
      await prepare(scene)
      const change = async (part: string, value: JsonValue): Promise<void> => {
        const key = `${tenant}/${part}`
        await store.commit([{ put: thing(key), value, expect: await versionOf(scene, key) }])
      }
      await change('k1', { colour: 'blue' })
      await change('k2', { colour: 5 })
      await change('l8', { colour: 'blue' })
      const key = `${tenant}/k3`
      await store.commit([{ remove: thing(key), expect: await versionOf(scene, key) }])
      same(await parts(scene, { index: 'byColour', equals: ['red'] }), ['l1', 'l2'], 'red')
      same(await parts(scene, { index: 'byColour', equals: ['blue'] }), ['k1', 'k4', 'l8'], 'blue')
      same(await parts(scene, { index: 'byColourAndSize', equals: ['red'] }), [], 'red of a size')
    },
  },
  {
    name: 'index scan under writing: what stays is seen exactly once',
    async run(scene) {
      const { store, tenant } = scene
      const name = (i: number): string => `${tenant}/${String(i).padStart(3, '0')}`
      const stable = Array.from({ length: 300 }, (_, i) => name(i))
      await putAll(store, Object.fromEntries(stable.map((key, i) => [key, { colour: `c${i % 5}` }])))
      await churn(store, tenant, 'make')
      const seen: string[] = []
      for await (const each of store.scan('kit_things', { tenant, index: 'byColour' })) {
        if (!each.key.includes('churn')) seen.push(each.key)
        if (seen.length === 20) await churn(store, tenant, 'move')
        if (seen.length === 150) await churn(store, tenant, 'remove')
      }
      same([...seen].sort(compareBytes), stable, 'the records that stay')
    },
  },
]

/** Twenty records before and behind the scan: made, then moved in the index, then removed. */
async function churn(store: Store, tenant: string, act: 'make' | 'move' | 'remove'): Promise<void> {
  const keys = Array.from({ length: 20 }, (_, i) => `${tenant}/churn${i}`)
  const found = await store.get('kit_things', keys)
  await store.commit(
    keys.map((key, i): Change => {
      const expect = found[i]?.version ?? 'absent'
      if (act === 'remove' && expect !== 'absent') return { remove: thing(key), expect }
      const colours = act === 'make' ? ['c3', 'a'] : ['a', 'z']
      return { put: thing(key), value: { colour: there(colours[i % 2]) }, expect }
    }),
  )
}

const prepare = ({ store, tenant }: Scene): Promise<void> =>
  putAll(store, Object.fromEntries(Object.entries(rows).map(([part, row]) => [`${tenant}/${part}`, row])))

async function parts({ store, tenant }: Scene, query: Query): Promise<string[]> {
  const found = await all(store.scan('kit_things', { tenant, ...query }))
  return found.map((each) => each.key.slice(tenant.length + 1))
}

async function paged({ store, tenant }: Scene, query: Query): Promise<string[]> {
  const found: string[] = []
  for (let page = await all(store.scan('kit_things', { tenant, ...query })); page.length > 0; ) {
    found.push(...page.map((each) => each.key.slice(tenant.length + 1)))
    holds(found.length <= Object.keys(rows).length, 'pages should not go on behind the end')
    const after = page.at(-1)
    page = after === undefined ? [] : await all(store.scan('kit_things', { tenant, ...query, after }))
  }
  return found
}
