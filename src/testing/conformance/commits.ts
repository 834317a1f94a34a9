/** Commits of several changes: all or none, and which change is named when none. */

import type { Change } from '../../store.ts'
import { refuses, same } from './assert.ts'
import { appendAll, type Case, events, note, putAll, type Scene, thing, versionOf } from './scene.ts'

export const commitCases: readonly Case[] = [
  {
    name: 'empty commit: no changes are no error',
    run: ({ store }) => store.commit([]),
  },
  {
    name: 'all of a commit: puts, removals and appends in several collections',
    async run(scene) {
      const { store, tenant, peek, peekStream } = scene
      await putAll(store, { [`${tenant}/old`]: 1, [`${tenant}/gone`]: 1, [`${tenant}/z`]: 1 })
      await store.commit([
        { append: events(`${tenant}/s`), id: 'one', value: 1, expect: 1 },
        { put: thing(`${tenant}/z`), value: 2, expect: await versionOf(scene, `${tenant}/z`) },
        { put: note(`${tenant}/n`), value: 'n', expect: 'absent' },
        { put: thing(`${tenant}/new`), value: 'new', expect: 'absent' },
        { remove: thing(`${tenant}/gone`), expect: await versionOf(scene, `${tenant}/gone`) },
        { put: thing(`${tenant}/old`), value: 2, expect: await versionOf(scene, `${tenant}/old`) },
        { append: events(`${tenant}/s`), id: 'two', value: 2, expect: 2 },
      ])
      same(await values(scene, ['old', 'gone', 'z', 'new']), [2, null, 2, 'new'], 'the records')
      same((await peek('kit_notes', `${tenant}/n`))?.value, 'n', 'the other collection')
      same((await peekStream('kit_events', `${tenant}/s`)).length, 2, 'the stream')
    },
  },
  {
    name: 'rollback: one expectation that fails leaves nothing of the others',
    async run(scene) {
      const { store, tenant, peek, peekStream } = scene
      await putAll(store, { [`${tenant}/old`]: 1, [`${tenant}/gone`]: 1 })
      await appendAll(store, { key: `${tenant}/s`, first: 1, last: 2 })
      const good: Change[] = [
        { put: thing(`${tenant}/a`), value: 1, expect: 'absent' },
        { put: thing(`${tenant}/old`), value: 2, expect: await versionOf(scene, `${tenant}/old`) },
        { remove: thing(`${tenant}/gone`), expect: await versionOf(scene, `${tenant}/gone`) },
        { append: events(`${tenant}/s`), id: 'e3', value: 3, expect: 3 },
        { remove: events(`${tenant}/s`), expect: 2, through: 1 },
        { put: note(`${tenant}/n`), value: 1, expect: 'absent' },
      ]
      for (const bad of failing(tenant)) {
        for (const changes of [
          [bad, ...good],
          [...good, bad],
          [...good.slice(0, 3), bad, ...good.slice(3)],
        ]) {
          await refuses(() => store.commit(changes), 'conflict.version')
          same(await values(scene, ['a', 'old', 'gone', 'x']), [null, 1, 1, null], 'the records')
          same((await peekStream('kit_events', `${tenant}/s`)).length, 2, 'the stream')
          same(await peek('kit_notes', `${tenant}/n`), null, 'the other collection')
        }
      }
      await store.commit(good)
      same(await values(scene, ['a', 'old', 'gone']), [1, 2, null], 'without the bad one')
    },
  },
  {
    name: 'the conflict names the change: the first that fails, in the order given',
    async run(scene) {
      const { store, tenant } = scene
      await putAll(store, { [`${tenant}/b`]: 1, [`${tenant}/d`]: 1 })
      const version = await versionOf(scene, `${tenant}/b`)
      const make = (part: string): Change => ({ put: thing(`${tenant}/${part}`), value: 2, expect: 'absent' })
      const far: Change = { append: events(`${tenant}/s`), id: 'x', value: 1, expect: 7 }
      const stale: Change = { remove: note(`${tenant}/n`), expect: 3 }
      const table: [Change[], number][] = [
        [[make('d'), make('b')], 0],
        [[make('a'), make('d'), make('b')], 1],
        [[make('z'), make('c'), make('a'), make('b')], 3],
        [[make('z'), far, make('b')], 1],
        [[make('z'), make('b'), far, stale], 1],
        [[stale, far, make('b')], 0],
        [[{ put: thing(`${tenant}/b`), value: 3, expect: version }, make('a'), stale, make('d')], 2],
      ]
      for (const [changes, first] of table) {
        const error = await refuses(() => store.commit(changes), 'conflict.version')
        const named = changes[first] as Change
        const ref = 'put' in named ? named.put : 'remove' in named ? named.remove : named.append
        same([error.path, error.record], [`changes[${first}]`, ref.key], 'the change that is named')
      }
    },
  },
  {
    name: 'as many as are allowed: five hundred changes are one commit',
    async run({ store, tenant, peek }) {
      const changes = Array.from(
        { length: 500 },
        (_, i): Change => ({ put: thing(`${tenant}/${i}`), value: i, expect: 'absent' }),
      )
      await store.commit(changes.slice(499))
      const error = await refuses(() => store.commit(changes), 'conflict.version')
      same(error.path, 'changes[499]', 'the change that is named')
      same(await peek('kit_things', `${tenant}/0`), null, 'nothing of it')
      await store.commit(changes.slice(0, 499))
      same((await peek('kit_things', `${tenant}/498`))?.value, 498, 'all of it')
    },
  },
]

/** One change of each kind that cannot hold where {@link commitCases} use it. */
const failing = (tenant: string): Change[] => [
  { put: thing(`${tenant}/x`), value: 1, expect: 12_345 },
  { remove: thing(`${tenant}/x`), expect: 12_345 },
  { append: events(`${tenant}/other`), id: 'x', value: 1, expect: 2 },
  { remove: events(`${tenant}/other`), expect: 1, through: 1 },
]

const values = async ({ peek, tenant }: Scene, parts: readonly string[]): Promise<unknown[]> => {
  const found: unknown[] = []
  for (const part of parts) found.push((await peek('kit_things', `${tenant}/${part}`))?.value ?? null)
  return found
}
