/** Records: what `get` gives, and what `put` and `remove` do. */

import type { Change } from '../../store.ts'
import { holds, refuses, same, there } from './assert.ts'
import { type Case, note, putAll, thing, versionOf } from './scene.ts'

export const recordCases: readonly Case[] = [
  {
    name: 'get: gives what was put, with its version',
    async run({ store, tenant, peek }) {
      await putAll(store, { [`${tenant}/a`]: { n: 1 } })
      const lies = await peek('kit_things', `${tenant}/a`)
      same(lies?.value, { n: 1 }, 'what lies there')
      const [found] = await store.get('kit_things', [`${tenant}/a`])
      same(found, { key: `${tenant}/a`, ...lies }, 'what get gives')
    },
  },
  {
    name: 'order of get: values come in the order of the keys, null where there is none',
    async run({ store, tenant }) {
      await putAll(store, { [`${tenant}/a`]: 'A', [`${tenant}/b`]: 'B', [`${tenant}/c`]: 'C' })
      const keys = ['c', 'missing', 'a', 'b', 'a'].map((part) => `${tenant}/${part}`)
      const found = await store.get('kit_things', keys)
      same(
        found.map((each) => each?.value ?? null),
        ['C', null, 'A', 'B', 'A'],
        'the values',
      )
      same(found[1], null, 'the absent one')
      same(await store.get('kit_things', []), [], 'nothing asked')
    },
  },
  {
    name: 'get many: a thousand keys in one call',
    async run({ store, tenant }) {
      const keys = Array.from({ length: 1_000 }, (_, i) => `${tenant}/${i}`)
      await putAll(store, { [`${tenant}/0`]: 0, [`${tenant}/999`]: 999 })
      const found = await store.get('kit_things', keys)
      same(found.length, 1_000, 'as many as were asked')
      same([found[0]?.value, found[1], found[999]?.value], [0, null, 999], 'in their places')
    },
  },
  {
    name: 'put absent: makes a record and refuses one that is there',
    async run({ store, tenant, peek }) {
      const put: Change = { put: thing(`${tenant}/a`), value: 'first', expect: 'absent' }
      await store.commit([put])
      await refuses(() => store.commit([{ ...put, value: 'second' }]), 'conflict.version')
      same((await peek('kit_things', `${tenant}/a`))?.value, 'first', 'what lies there')
    },
  },
  {
    name: 'put version: replaces that version and no other',
    async run(scene) {
      const { store, tenant, peek } = scene
      const key = `${tenant}/a`
      await putAll(store, { [key]: 1 })
      const first = await versionOf(scene, key)
      await store.commit([{ put: thing(key), value: 2, expect: first }])
      same((await peek('kit_things', key))?.value, 2, 'replaced')
      const stale: Change = { put: thing(key), value: 3, expect: first }
      const error = await refuses(() => store.commit([stale]), 'conflict.version')
      same([error.path, error.record], ['changes[0]', key], 'the change that is named')
      await refuses(() => store.commit([{ ...stale, expect: first + 1_000_000 }]), 'conflict.version')
      same((await peek('kit_things', key))?.value, 2, 'left alone')
      await refuses(
        () => store.commit([{ put: thing(`${tenant}/none`), value: 1, expect: first }]),
        'conflict.version',
      )
      same(await peek('kit_things', `${tenant}/none`), null, 'no record made')
    },
  },
  {
    name: 'remove: the record of that version is gone, and no other',
    async run(scene) {
      const { store, tenant, peek } = scene
      await putAll(store, { [`${tenant}/a`]: 1, [`${tenant}/b`]: 2 })
      const version = await versionOf(scene, `${tenant}/a`)
      await store.commit([{ remove: thing(`${tenant}/a`), expect: version }])
      same(await peek('kit_things', `${tenant}/a`), null, 'gone')
      same((await peek('kit_things', `${tenant}/b`))?.value, 2, 'the other one')
      same(await store.get('kit_things', [`${tenant}/a`]), [null], 'get of what is gone')
    },
  },
  {
    name: 'remove version: refuses another version, and what is not there',
    async run(scene) {
      const { store, tenant, peek } = scene
      const key = `${tenant}/a`
      await putAll(store, { [key]: 1 })
      const first = await versionOf(scene, key)
      await store.commit([{ put: thing(key), value: 2, expect: first }])
      await refuses(() => store.commit([{ remove: thing(key), expect: first }]), 'conflict.version')
      same((await peek('kit_things', key))?.value, 2, 'left alone')
      await refuses(
        () => store.commit([{ remove: thing(`${tenant}/none`), expect: first }]),
        'conflict.version',
      )
    },
  },
  {
    name: 'versions grow: every put gives a greater one, also where the value stays the same',
    async run(scene) {
      const { store, tenant } = scene
      const key = `${tenant}/a`
      await putAll(store, { [key]: 'same' })
      let last = await versionOf(scene, key)
      holds(Number.isSafeInteger(last) && last > 0, 'a version is a positive safe integer')
      for (let i = 0; i < 3; i++) {
        const [found] = await store.get('kit_things', [key])
        same(found?.version, last, 'the version that get gives')
        await store.commit([{ put: thing(key), value: 'same', expect: last }])
        const next = await versionOf(scene, key)
        holds(next > last, `version ${next} should be greater than ${last}`)
        last = next
      }
      const [found] = await store.get('kit_things', [key])
      same(found?.version, last, 'the version that get gives in the end')
    },
  },
  {
    name: 'versions of a new life: a record made anew gets none that the key had before',
    async run(scene) {
      const { store, tenant } = scene
      const key = `${tenant}/a`
      const seen: number[] = []
      for (let life = 0; life < 3; life++) {
        await store.commit([{ put: thing(key), value: life, expect: 'absent' }])
        for (let i = 0; i < 2; i++) {
          const [found] = await store.get('kit_things', [key])
          const version = there(found).version
          holds(!seen.includes(version), `version ${version} was used before`)
          seen.push(version)
          if (i === 0) await store.commit([{ put: thing(key), value: life, expect: version }])
        }
        await store.commit([{ remove: thing(key), expect: there(seen.at(-1)) }])
        await refuses(
          () => store.commit([{ remove: thing(key), expect: there(seen.at(-1)) }]),
          'conflict.version',
        )
      }
    },
  },
  {
    name: 'two collections: the same key in each is two records',
    async run({ store, tenant, peek }) {
      const key = `${tenant}/a`
      await store.commit([
        { put: thing(key), value: 'thing', expect: 'absent' },
        { put: note(key), value: 'note', expect: 'absent' },
      ])
      same((await peek('kit_things', key))?.value, 'thing', 'one')
      same((await peek('kit_notes', key))?.value, 'note', 'the other')
      const [found] = await store.get('kit_notes', [key])
      same(found?.value, 'note', 'what get gives')
    },
  },
]
