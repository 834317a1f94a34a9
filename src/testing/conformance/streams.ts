/** Streams: entries without gap or fork, each once; and dropping the oldest. */

import type { Change } from '../../store.ts'
import { all, refuses, same } from './assert.ts'
import { appendAll, type Case, events, type Scene } from './scene.ts'

export const streamCases: readonly Case[] = [
  {
    name: 'append: entries get the sequence numbers 1, 2, 3 …',
    async run(scene) {
      const { store, tenant, peekStream } = scene
      await appendAll(store, { key: `${tenant}/s`, first: 1, last: 1 })
      await appendAll(store, { key: `${tenant}/s`, first: 2, last: 4 })
      const expected = [1, 2, 3, 4].map((n) => ({ sequence: n, id: `e${n}`, value: `e${n}` }))
      same(await peekStream('kit_events', `${tenant}/s`), expected, 'what lies there')
      same(await scanned(scene), [1, 2, 3, 4], 'what scan gives')
    },
  },
  {
    name: 'get of a stream: its last entry, null where there is none',
    async run({ store, tenant }) {
      await appendAll(store, { key: `${tenant}/s`, first: 1, last: 3 })
      const found = await store.get('kit_events', [`${tenant}/none`, `${tenant}/s`])
      same(found, [null, { key: `${tenant}/s`, version: 3, value: 'e3' }], 'what get gives')
    },
  },
  {
    name: 'expect of an append: the sequence number it will have, and nothing else',
    async run({ store, tenant, peekStream }) {
      const key = `${tenant}/s`
      const append = (expect: number): Change => ({ append: events(key), id: 'new', value: 'new', expect })
      await refuses(() => store.commit([append(2)]), 'conflict.version')
      await appendAll(store, { key, first: 1, last: 3 })
      for (const expect of [1, 2, 3, 5, 6, 1_000]) {
        const error = await refuses(() => store.commit([append(expect)]), 'conflict.version')
        same([error.path, error.record], ['changes[0]', key], 'the change that is named')
      }
      same((await peekStream('kit_events', key)).length, 3, 'nothing appended')
      await store.commit([append(4)])
      same((await peekStream('kit_events', key)).at(-1)?.id, 'new', 'the right one')
    },
  },
  {
    name: 'repeated append: the same again succeeds and changes nothing',
    async run({ store, tenant, peekStream }) {
      const key = `${tenant}/s`
      const first: Change = { append: events(key), id: 'one', value: { a: 1, b: [2] }, expect: 1 }
      await store.commit([first])
      await store.commit([first])
      await store.commit([{ ...first, value: { b: [2], a: 1 } }])
      await appendAll(store, { key, first: 2, last: 3 })
      await store.commit([first])
      await store.commit([
        { append: events(key), id: 'e3', value: 'e3', expect: 3 },
        { append: events(key), id: 'e4', value: 'e4', expect: 4 },
      ])
      const ids = (await peekStream('kit_events', key)).map((entry) => [entry.sequence, entry.id])
      const expected = [
        [1, 'one'],
        [2, 'e2'],
        [3, 'e3'],
        [4, 'e4'],
      ]
      same(ids, expected, 'what lies there')
    },
  },
  {
    name: 'unique id: the same id with anything else is refused',
    async run({ store, tenant, peekStream }) {
      const key = `${tenant}/s`
      await appendAll(store, { key, first: 1, last: 2 })
      const again: Change = { append: events(key), id: 'e2', value: 'e2', expect: 2 }
      const others: Change[] = [
        { ...again, value: 'other' },
        { ...again, expect: 3 },
        { ...again, expect: 1 },
        { ...again, id: 'e1', expect: 3 },
      ]
      for (const other of others) {
        await refuses(() => store.commit([other]), 'conflict.version')
        await refuses(
          () => store.commit([{ append: events(`${tenant}/t`), id: 'e1', value: 1, expect: 1 }, other]),
          'conflict.version',
        )
      }
      const twice: Change = { append: events(key), id: 'new', value: 1, expect: 3 }
      const error = await refuses(() => store.commit([twice, { ...twice, expect: 4 }]), 'conflict.version')
      same(error.path, 'changes[1]', 'the change that is named')
      same((await peekStream('kit_events', key)).length, 2, 'what lies there')
      same(await peekStream('kit_events', `${tenant}/t`), [], 'nothing of the rest')
      await store.commit([{ append: events(`${tenant}/t`), id: 'e1', value: 'e2', expect: 1 }])
      same((await peekStream('kit_events', `${tenant}/t`)).length, 1, 'the same id in another stream')
    },
  },
  {
    name: 'appends in one commit: they follow each other, per stream, in the order given',
    async run({ store, tenant, peekStream }) {
      const append = (part: string, expect: number): Change => {
        return { append: events(`${tenant}/${part}`), id: `i${expect}`, value: expect, expect }
      }
      await store.commit([append('b', 1), append('a', 1), append('b', 2), append('a', 2)])
      const error = await refuses(
        () => store.commit([append('a', 3), append('b', 4), append('b', 3)]),
        'conflict.version',
      )
      same(error.path, 'changes[1]', 'the change that is named')
      await refuses(() => store.commit([append('a', 3), append('a', 5)]), 'conflict.version')
      same((await peekStream('kit_events', `${tenant}/a`)).length, 2, 'one stream')
      same((await peekStream('kit_events', `${tenant}/b`)).length, 2, 'the other')
    },
  },
  {
    name: 'scan of a stream: in sequence, after a number, no more than the limit',
    async run(scene) {
      const { store, tenant } = scene
      await appendAll(store, { key: `${tenant}/s`, first: 1, last: 300 })
      await appendAll(store, { key: `${tenant}/s/2`, first: 1, last: 1 })
      const numbers = Array.from({ length: 300 }, (_, i) => i + 1)
      same(await scanned(scene), numbers, 'all of them')
      same(await scanned(scene, { after: 297 }), [298, 299, 300], 'after a number')
      same(await scanned(scene, { after: 2, limit: 2 }), [3, 4], 'no more than the limit')
      same(await scanned(scene, { after: 300 }), [], 'after the last')
      same(await scanned(scene, { limit: 400 }), numbers, 'a limit beyond the end')
    },
  },
  {
    name: 'drop the oldest: entries up to a number go, the others stay and numbers go on',
    async run(scene) {
      const { store, tenant, peekStream } = scene
      const key = `${tenant}/s`
      await appendAll(store, { key, first: 1, last: 5 })
      for (const expect of [3, 4, 6]) {
        await refuses(() => store.commit([{ remove: events(key), expect, through: 3 }]), 'conflict.version')
      }
      same((await peekStream('kit_events', key)).length, 5, 'left alone')
      await store.commit([{ remove: events(key), expect: 5, through: 3 }])
      same(
        (await peekStream('kit_events', key)).map((entry) => entry.sequence),
        [4, 5],
        'what lies there',
      )
      same(await scanned(scene), [4, 5], 'what scan gives')
      same((await store.get('kit_events', [key]))[0]?.version, 5, 'the last entry')
      await refuses(
        () => store.commit([{ append: events(key), id: 'new', value: 1, expect: 1 }]),
        'conflict.version',
      )
      await appendAll(store, { key, first: 6, last: 6 })
      await store.commit([{ remove: events(key), expect: 6, through: 3 }])
      same(
        (await peekStream('kit_events', key)).map((entry) => entry.sequence),
        [4, 5, 6],
        'afterwards',
      )
    },
  },
  {
    name: 'drop everything: the stream is as if it never was',
    async run(scene) {
      const { store, tenant, peekStream } = scene
      const key = `${tenant}/s`
      await appendAll(store, { key, first: 1, last: 3 })
      await appendAll(store, { key: `${tenant}/other`, first: 1, last: 1 })
      same((await store.get('kit_events', [key]))[0]?.version, 3, 'what get gives before')
      await store.commit([{ remove: events(key), expect: 3, through: 3 }])
      same(await peekStream('kit_events', key), [], 'what lies there')
      same(await store.get('kit_events', [key]), [null], 'what get gives')
      same(await scanned(scene), [], 'what scan gives')
      await refuses(
        () => store.commit([{ append: events(key), id: 'e4', value: 'e4', expect: 4 }]),
        'conflict.version',
      )
      await refuses(() => store.commit([{ remove: events(key), expect: 3, through: 1 }]), 'conflict.version')
      await appendAll(store, { key, first: 1, last: 2 })
      same((await peekStream('kit_events', key)).length, 2, 'begun again, with ids used before')
      same((await peekStream('kit_events', `${tenant}/other`)).length, 1, 'the other stream')
    },
  },
  {
    name: 'drop and append in one commit: both speak of the stream as it was',
    async run({ store, tenant, peekStream }) {
      const key = `${tenant}/s`
      await appendAll(store, { key, first: 1, last: 3 })
      await store.commit([
        { append: events(key), id: 'e4', value: 'e4', expect: 4 },
        { remove: events(key), expect: 3, through: 3 },
        { append: events(key), id: 'e5', value: 'e5', expect: 5 },
      ])
      same(
        (await peekStream('kit_events', key)).map((entry) => entry.id),
        ['e4', 'e5'],
        'what lies there',
      )
      same((await store.get('kit_events', [key]))[0]?.version, 5, 'the last entry')
    },
  },
]

const scanned = async (
  { store, tenant }: Scene,
  range: { readonly after?: number; readonly limit?: number } = {},
): Promise<number[]> => {
  const found = await all(store.scan('kit_events', { stream: `${tenant}/s`, ...range }))
  return found.map((each) => {
    same([each.key, each.value], [`${tenant}/s`, `e${each.version}`], 'an entry')
    return each.version
  })
}
