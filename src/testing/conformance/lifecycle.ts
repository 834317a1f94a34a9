/** Migrating and closing. */

import type { Collection, Migration, Store } from '../../store.ts'
import { all, holds, refuses, same } from './assert.ts'
import { type Case, type Scene, uniqueName } from './scene.ts'

export const lifecycleCases: readonly Case[] = [
  {
    name: 'migrated: nothing is left to do for the collections it was made for',
    async run({ store }) {
      const plan = await store.migrate.plan()
      same(plan.steps, [], 'the steps')
      same(plan.from, plan.to, 'the layout')
      same(plan.blocked, [], 'what stands in the way')
      await store.migrate.apply(plan)
    },
  },
  {
    name: 'a plan writes nothing: the same again, and nothing works before it is applied',
    async run(scene) {
      const { collections, things } = fresh()
      const other = await opened(scene, collections)
      if (other === null) return
      const plan = await other.migrate.plan()
      holds(plan.steps.length > 0, 'a plan for new collections should have steps')
      for (const step of plan.steps) {
        holds(step.says.length > 0 && step.statement.length > 0, 'a step says what it does')
      }
      same(await other.migrate.plan(), plan, 'the plan made again')
      await refuses(() => other.get(things, [`${scene.tenant}/a`]), 'store.not-migrated')
      await refuses(() => put(other, things, `${scene.tenant}/a`), 'store.not-migrated')
      await refuses(() => all(other.scan(things, { prefix: `${scene.tenant}/` })), 'store.not-migrated')
    },
  },
  {
    name: 'a plan that is applied: makes what is needed, and again does no harm',
    async run(scene) {
      const { collections, things } = fresh()
      const other = await opened(scene, collections)
      if (other === null) return
      const plan = await other.migrate.plan()
      await other.migrate.apply(plan)
      same((await other.migrate.plan()).steps, [], 'what is left to do')
      await put(other, things, `${scene.tenant}/a`)
      await other.migrate.apply(plan)
      same((await other.get(things, [`${scene.tenant}/a`]))[0]?.value, { at: 'x' }, 'what was kept')
    },
  },
  {
    name: 'two at once: migrations that race both end well',
    async run(scene) {
      const { collections, things } = fresh()
      const stores: Store[] = []
      for (let i = 0; i < 4; i++) {
        const other = await opened(scene, collections)
        if (other === null) return
        stores.push(other)
      }
      await Promise.all(
        stores.map(async (other) => {
          await other.migrate.apply(await other.migrate.plan())
        }),
      )
      await put(stores[0] as Store, things, `${scene.tenant}/a`)
      for (const other of stores) {
        same((await other.migrate.plan()).steps, [], 'what is left to do')
        same((await other.get(things, [`${scene.tenant}/a`]))[0]?.value, { at: 'x' }, 'what all see')
      }
    },
  },
  {
    name: 'a new index: holds what was there before, and what is written by those who do not know it',
    async run(scene) {
      const { collections, things, indexed } = fresh()
      const old = await opened(scene, collections)
      const other = await opened(scene, indexed)
      if (old === null || other === null) return
      await old.migrate.apply(await old.migrate.plan())
      await put(old, things, `${scene.tenant}/a`)
      const range = { tenant: scene.tenant, index: 'byAt' }
      await refuses(() => all(other.scan(things, range)), 'store.not-migrated')
      await other.migrate.apply(await other.migrate.plan())
      await put(other, things, `${scene.tenant}/b`)
      const keys = (await all(other.scan(things, range))).map((each) => each.key)
      same(keys, [`${scene.tenant}/a`, `${scene.tenant}/b`], 'what the index gives')
      await put(old, things, `${scene.tenant}/c`)
      same((await all(other.scan(things, range))).length, 3, 'with what the other store wrote')
    },
  },
  {
    name: 'a stale plan: steps that nobody read are not taken',
    async run(scene) {
      const { collections } = fresh()
      const other = await opened(scene, collections)
      if (other === null) return
      const plan = await other.migrate.plan()
      await refuses(() => other.migrate.apply({ ...plan, steps: plan.steps.slice(1) }), 'conflict.plan')
      same((await other.migrate.plan()).steps.length, plan.steps.length, 'what is left to do')
      for (const bad of [undefined, null, {}, { steps: 'all' }, { steps: [] }]) {
        await refuses(() => other.migrate.apply(bad as unknown as Migration), 'input.invalid')
      }
    },
  },
  {
    name: 'a blocked plan: is refused, and nothing is done',
    async run(scene) {
      const { collections } = fresh()
      const other = await opened(scene, collections)
      if (other === null) return
      const plan = await other.migrate.plan()
      const blocked = { ...plan, blocked: ['the kit says so'] }
      await refuses(() => other.migrate.apply(blocked), 'store.unsupported')
      same(await other.migrate.plan(), plan, 'the plan made again')
    },
  },
  {
    name: 'closed: every later call is refused, and closing again is no error',
    async run({ store, tenant }) {
      const plan = await store.migrate.plan()
      const scan = store.scan('kit_things', { prefix: `${tenant}/` })
      await store.close()
      await store.close()
      const range = { from: '2026-01-01T00:00:00.000Z', before: '2026-01-02T00:00:00.000Z' }
      const calls: (() => Promise<unknown>)[] = [
        () => store.get('kit_things', [`${tenant}/a`]),
        () => all(scan),
        () => all(store.scan('kit_events', { stream: `${tenant}/s` })),
        () => store.commit([]),
        () => put(store, 'kit_things', `${tenant}/a`),
        () => store.migrate.plan(),
        () => store.migrate.apply(plan),
        () => store.visits.append(tenant, []),
        () => all(store.visits.read(tenant, range)),
        () => store.visits.purge(tenant, range.from),
        () => store.visits.purgeAll('0001-01-01T00:00:00.000Z'),
        () => all(store.visits.find(tenant, ['s'])),
        () => store.visits.erase(tenant, ['s']),
      ]
      for (const call of calls) await refuses(call, 'store.closed')
    },
  },
]

/** Collections that no database has yet; `indexed` is the same with an index added. */
function fresh(): { collections: Collection[]; indexed: Collection[]; things: string } {
  const things = uniqueName('kit_')
  const streams: Collection = { name: `${things}s`, kind: 'streams', indexes: {} }
  const records = (indexes: Collection['indexes']): Collection => ({ name: things, kind: 'records', indexes })
  return {
    things,
    collections: [records({ byPlace: ['place'] }), streams],
    indexed: [records({ byPlace: ['place'], byAt: ['at'] }), streams],
  }
}

/** Another store on the same data, or `null` where the fixture cannot open one. */
async function opened({ open }: Scene, collections: readonly Collection[]): Promise<Store | null> {
  return open === undefined ? null : await open(collections)
}

const put = (store: Store, collection: string, key: string): Promise<void> =>
  store.commit([{ put: { collection, key }, value: { at: 'x' }, expect: 'absent' }])
