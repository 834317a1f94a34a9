/** No tenant sees another's data, however alike their names are. */

import { key } from '../../values/key.ts'
import { all, same, there } from './assert.ts'
import { type Case, events, putAll, type Scene, thing } from './scene.ts'

/** Tenants whose names begin alike. */
const alike = (tenant: string): string[] => [tenant, `${tenant}-b`, `${tenant}b`, `${tenant}_`, `${tenant}A`]

export const tenantCases: readonly Case[] = [
  {
    name: 'tenants apart in get: a key of one is no key of another',
    async run({ store, tenant }) {
      for (const each of alike(tenant).slice(1)) {
        await putAll(store, { [`${each}/x`]: each })
        await store.commit([{ append: events(`${each}/s`), id: 'one', value: each, expect: 1 }])
      }
      same(await store.get('kit_things', [`${tenant}/x`]), [null], 'a record')
      same(await store.get('kit_events', [`${tenant}/s`]), [null], 'a stream')
      same(await all(store.scan('kit_events', { stream: `${tenant}/s` })), [], 'the entries of a stream')
    },
  },
  {
    name: 'tenants apart in scans: by key and by index',
    async run(scene) {
      const { store, tenant } = scene
      for (const each of alike(tenant)) await putAll(store, { [`${each}/x`]: { colour: 'red', of: each } })
      for (const each of alike(tenant)) {
        const byKey = await all(store.scan('kit_things', { prefix: `${each}/` }))
        same(
          byKey.map((found) => found.key),
          [`${each}/x`],
          `by key in ${each}`,
        )
        for (const range of [{}, { equals: ['red'] }, { from: 'a' }]) {
          const found = await all(store.scan('kit_things', { tenant: each, index: 'byColour', ...range }))
          same(
            found.map((one) => one.key),
            [`${each}/x`],
            `by index in ${each}`,
          )
        }
      }
    },
  },
  {
    name: 'tenants apart in pages: resuming after a record of another shows none of its data',
    async run({ store, tenant }) {
      for (const each of alike(tenant)) await putAll(store, { [`${each}/x`]: { colour: 'red' } })
      const after = { key: `${tenant}-b/x`, value: { colour: 'a' } }
      const byIndex = await all(store.scan('kit_things', { tenant, index: 'byColour', after }))
      same(
        byIndex.map((each) => each.key),
        [`${tenant}/x`],
        'by index',
      )
      const byKey = await all(store.scan('kit_things', { prefix: `${tenant}/`, after: `${tenant}-/x` }))
      same(
        byKey.map((each) => each.key),
        [`${tenant}/x`],
        'by key',
      )
    },
  },
  {
    name: 'tenants apart in writing: nothing of one is changed or removed by another',
    async run(scene) {
      const { store, tenant, peek } = scene
      for (const each of alike(tenant)) await putAll(store, { [`${each}/x`]: each })
      const [found] = await store.get('kit_things', [`${tenant}/x`])
      await store.commit([{ remove: thing(`${tenant}/x`), expect: there(found).version }])
      for (const each of alike(tenant).slice(1)) {
        same((await peek('kit_things', `${each}/x`))?.value, each, each)
      }
    },
  },
  {
    name: 'parts cannot reach out: slashes and percent signs in a part stay in it',
    async run(scene) {
      const { store, tenant } = scene
      const keys = [
        key(tenant, 'a', 'b'),
        key(tenant, 'a/b'),
        key(tenant, 'a%2Fb'),
        key(tenant, `../${tenant}-b/x`),
        key(tenant, 'a', '/b'),
      ]
      await putAll(store, Object.fromEntries(keys.map((each, i) => [each, i])))
      const found = await store.get('kit_things', keys)
      same(
        found.map((each) => each?.value),
        keys.map((_, i) => i),
        'each its own',
      )
      same(await under(scene, key(tenant, 'a')), 4, 'what begins alike')
      same(await under(scene, `${key(tenant, 'a')}/`), 2, 'what is a part below')
      same((await all(store.scan('kit_things', { prefix: `${tenant}-b/` }))).length, 0, 'the other tenant')
    },
  },
]

const under = async ({ store }: Scene, prefix: string): Promise<number> =>
  (await all(store.scan('kit_things', { prefix }))).length
