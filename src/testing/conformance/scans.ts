/** Scans by key: order, limits, resuming, and what happens when the world moves meanwhile. */

import type { Change, JsonValue, Range } from '../../store.ts'
import { compareBytes } from '../../values/text.ts'
import { all, holds, same, there } from './assert.ts'
import { type Case, putAll, type Scene, thing, versionOf } from './scene.ts'

/** Part names that sort differently under UTF-16, a language's rules, or numbers, than by their UTF-8 bytes. */
const parts = [
  'a',
  'B',
  'b',
  'Z',
  '_',
  '-',
  '~',
  '10',
  '9',
  'ä',
  'é',
  'z',
  '\ufb01',
  '\uffee',
  '🙂',
  '\u{10000}',
]

export const scanCases: readonly Case[] = [
  {
    name: 'scan in key order: the order of UTF-8 bytes',
    async run(scene) {
      const { store, tenant } = scene
      const keys = parts.map((part) => `${tenant}/${part}`)
      await putAll(store, Object.fromEntries(keys.map((each) => [each, each])))
      same(await keysOf(scene, { prefix: `${tenant}/` }), [...keys].sort(compareBytes), 'the keys')
    },
  },
  {
    name: 'scan gives records: key, version and value, as they lie there',
    async run({ store, tenant, peek }) {
      await putAll(store, { [`${tenant}/a`]: { n: '1' }, [`${tenant}/b`]: '2' })
      for (const each of await all(store.scan('kit_things', { prefix: `${tenant}/` }))) {
        same({ version: each.version, value: each.value }, await peek('kit_things', each.key), each.key)
      }
    },
  },
  {
    name: 'scan of a prefix: what begins with it, and nothing like it',
    async run(scene) {
      const { store, tenant } = scene
      const names = ['a_c', 'a_c/d', 'abc', 'a%c', 'a', 'b', 'A_C', 'a_d', 'a_', 'a_c\u{10ffff}x']
      const keys = names.map((name) => `${tenant}/${name}`)
      await putAll(store, Object.fromEntries(keys.map((each) => [each, 0])))
      for (const name of ['a_c', 'a_', 'a%', 'a', '', 'a_c/', 'zz', 'a_c\u{10ffff}']) {
        const prefix = `${tenant}/${name}`
        const expected = keys.filter((each) => each.startsWith(prefix)).sort(compareBytes)
        same(await keysOf(scene, { prefix }), expected, `under ${name}`)
      }
    },
  },
  {
    name: 'limit: no more than asked for',
    async run(scene) {
      const keys = await many(scene, 300)
      for (const limit of [1, 2, 128, 299, 300, 301]) {
        const found = await keysOf(scene, { prefix: `${scene.tenant}/`, limit })
        same(found, keys.slice(0, limit), `limit ${limit}`)
      }
    },
  },
  {
    name: 'after: goes on behind a key, whether it exists or not',
    async run(scene) {
      const { tenant } = scene
      const keys = await many(scene, 300)
      const from = async (after: string, limit = 500): Promise<string[]> =>
        await keysOf(scene, { prefix: `${tenant}/`, after, limit })
      same(await from(there(keys[149])), keys.slice(150), 'behind one that exists')
      same(await from(`${keys[149]}x`), keys.slice(150), 'behind one that does not')
      same(await from(`${tenant}/zzz`), [], 'behind the last')
      same(await from(`${tenant}/!`), keys, 'behind what comes before the first')
      same(await from('-/x'), keys, 'behind what comes before the prefix')
      let seen: string[] = []
      for (;;) {
        const page = await keysOf(scene, {
          prefix: `${tenant}/`,
          limit: 70,
          ...(seen.length > 0 && { after: there(seen.at(-1)) }),
        })
        if (page.length === 0) break
        seen = [...seen, ...page]
        holds(seen.length <= keys.length, 'pages should not go on behind the end')
      }
      same(seen, keys, 'all pages together')
    },
  },
  {
    name: 'scan under writing: what stays is seen exactly once, whatever else is written',
    async run(scene) {
      const { store, tenant } = scene
      const stable = await many(scene, 300)
      const churn = await putChurn(scene)
      const seen: string[] = []
      for await (const each of store.scan('kit_things', { prefix: `${tenant}/` })) {
        if (each.value === 'stable') seen.push(each.key)
        if (seen.length % 3 === 1) await disturb(scene, churn)
      }
      same(seen, stable, 'the records that stay')
    },
  },
  {
    name: 'scan and change: each record may be removed, or replaced, while the scan stands on it',
    async run(scene) {
      const { store, tenant, peek } = scene
      const keys = await many(scene, 200)
      let seen = 0
      for await (const each of store.scan('kit_things', { prefix: `${tenant}/` })) {
        if (seen++ % 2 === 0) await store.commit([{ remove: thing(each.key), expect: each.version }])
        else await store.commit([{ put: thing(each.key), value: 'changed', expect: each.version }])
      }
      same(seen, 200, 'how many were seen')
      same(await peek('kit_things', there(keys[0])), null, 'the first')
      same((await peek('kit_things', there(keys[1])))?.value, 'changed', 'the second')
      same((await keysOf(scene, { prefix: `${tenant}/` })).length, 100, 'how many are left')
    },
  },
  {
    name: 'scan ends early: a scan may be left, and others go on',
    async run({ store, tenant, ...scene }) {
      const keys = await many({ store, tenant, ...scene }, 150)
      const outer: string[] = []
      for await (const each of store.scan('kit_things', { prefix: `${tenant}/` })) {
        outer.push(each.key)
        for await (const inner of store.scan('kit_things', { prefix: `${tenant}/` })) {
          same(inner.key, keys[0], 'the first of another scan')
          break
        }
        if (outer.length === 3) break
      }
      same(outer, keys.slice(0, 3), 'the scan that was left')
    },
  },
]

/** The keys that a scan of things gives. */
async function keysOf({ store }: Scene, range: Range): Promise<string[]> {
  return (await all(store.scan('kit_things', range))).map((each) => each.key)
}

async function many({ store, tenant }: Scene, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `${tenant}/m${String(i).padStart(4, '0')}`)
  await putAll(store, Object.fromEntries(keys.map((each): [string, JsonValue] => [each, 'stable'])))
  return keys
}

/** Records before, between and behind the stable ones, to be removed while the scan goes on. */
async function putChurn({ store, tenant }: Scene): Promise<string[]> {
  const between = Array.from({ length: 50 }, (_, i) => `m${String(i * 6).padStart(4, '0')}-churn`)
  const keys = ['a', 'b', ...between, 'y', 'z'].map((part) => `${tenant}/${part}`)
  await putAll(store, Object.fromEntries(keys.map((each): [string, JsonValue] => [each, 'churn'])))
  return keys
}

/** Removes one from either end, and now and then makes one before all others and one behind them. */
async function disturb(scene: Scene, churn: string[]): Promise<void> {
  const { store, tenant, peek } = scene
  const gone = [churn.shift(), churn.pop()].filter((each) => each !== undefined)
  const changes: Change[] = []
  for (const each of gone) changes.push({ remove: thing(each), expect: await versionOf(scene, each) })
  if (churn.length % 3 === 0) {
    for (const part of ['!', '~']) {
      changes.push({ put: thing(`${tenant}/${part}${churn.length}`), value: 'churn', expect: 'absent' })
    }
  }
  if (gone.length === 0) return
  await store.commit(changes)
  same(await peek('kit_things', there(gone[0])), null, 'what was removed during the scan')
}
