/** Keys and values come back as they were given, however odd; and nobody shares an object with the store. */

import type { JsonValue } from '../../store.ts'
import { key } from '../../values/key.ts'
import { all, same } from './assert.ts'
import { type Case, events, putAll, thing, versionOf } from './scene.ts'

/** Strings that stores have mistaken for something else, or lost a part of. */
export const oddStrings: readonly string[] = [
  '',
  ' ',
  '0',
  '123',
  '1e3',
  '-0',
  '00',
  'true',
  'null',
  'undefined',
  '[]',
  '{}',
  '{"$ne":null}',
  '$ne',
  '$',
  '.',
  '..',
  'a.b',
  'a..b',
  '$a.$b',
  '__proto__',
  'constructor',
  'toString',
  '%',
  '%2F',
  '%00',
  '_',
  'a_b',
  'a%b',
  '\\',
  '\\u0000',
  "'; drop table x; --",
  '"',
  '`',
  '\n',
  '\t',
  '\u0001',
  '\u007f',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\ufffd',
  '\uffff',
  'ß',
  'ss',
  'é',
  'e\u0301',
  'İ',
  'ı',
  'I',
  'i',
  '日本',
  '🙂',
  '\u{10ffff}',
  '2026-01-31T00:00:00.000Z',
  '2026-01-31',
  '507f1f77bcf86cd799439011',
]

const oddNumbers: readonly number[] = [
  0,
  1,
  -1,
  0.1,
  0.1 + 0.2,
  1.5,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53) - 2,
  2 ** 63,
  1e21,
  1e-7,
  123456789.12345678,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.EPSILON,
]

const nested: JsonValue = Array.from({ length: 60 }).reduce<JsonValue>((inner) => [inner], 'deep')

/** JSON.parse makes `__proto__` a member like any other, where a literal would set the prototype. */
const oddMembers = JSON.parse(
  '{"__proto__":{"x":1},"constructor":1,"$ne":null,"$set":{"a":1},"a.b":1,"":0,"_id":"x","key":1,"1":1,"é":[],"toJSON":2,"_bsontype":"ObjectId","toBSON":"x","hasOwnProperty":"x","valueOf":"x"}',
) as JsonValue

const oddValues: readonly JsonValue[] = [
  null,
  true,
  false,
  [],
  {},
  [null],
  [[], {}],
  { a: null },
  { value: { value: { value: null } } },
  oddMembers,
  [oddMembers],
  nested,
  [...oddNumbers],
  [...oddStrings],
  { size: 'x'.repeat(900_000) },
]

export const valueCases: readonly Case[] = [
  {
    name: 'odd values: strings stay strings, numbers stay numbers, members keep their names',
    async run({ store, tenant, peek }) {
      const values = [...oddStrings, ...oddNumbers, ...oddValues]
      for (const [i, value] of values.entries()) {
        await store.commit([{ put: thing(`${tenant}/${i}`), value, expect: 'absent' }])
        same((await peek('kit_things', `${tenant}/${i}`))?.value, value, `value ${i} as it lies there`)
      }
      const found = await store.get(
        'kit_things',
        values.map((_, i) => `${tenant}/${i}`),
      )
      for (const [i, value] of values.entries()) same(found[i]?.value, value, `value ${i} as get gives it`)
    },
  },
  {
    name: 'odd values in a stream: the same in entries and ids',
    async run({ store, tenant, peekStream }) {
      const entries = oddStrings.map((id, i) => ({ sequence: i + 1, id, value: { [id]: id } as JsonValue }))
      await store.commit(
        entries.map(({ sequence, id, value }) => {
          return { append: events(`${tenant}/s`), id, value, expect: sequence }
        }),
      )
      same(await peekStream('kit_events', `${tenant}/s`), entries, 'what lies there')
      const found = await all(store.scan('kit_events', { stream: `${tenant}/s` }))
      same(
        found.map((each) => each.value),
        entries.map((entry) => entry.value),
        'what scan gives',
      )
    },
  },
  {
    name: 'odd keys: each is a key of its own and comes back as it was given',
    async run({ store, tenant, peek }) {
      const keys = oddStrings.map((part) => key(tenant, 'odd', part))
      await putAll(store, Object.fromEntries(keys.map((each) => [each, each])))
      for (const each of keys) same((await peek('kit_things', each))?.value, each, 'as it lies there')
      const found = await store.get('kit_things', keys)
      same(
        found.map((each) => [each?.key, each?.value]),
        keys.map((each) => [each, each]),
        'what get gives',
      )
      const scanned = await all(store.scan('kit_things', { prefix: `${tenant}/odd/` }))
      same(scanned.length, keys.length, 'how many scan gives')
    },
  },
  {
    name: 'long keys and values: the longest that are allowed',
    async run({ store, tenant, peek }) {
      const longest = `${tenant}/`.padEnd(512, 'k')
      const wide = `${tenant}/${'🙂'.repeat(Math.floor((512 - tenant.length - 1) / 4))}`
      const value = { size: 's'.repeat(512), colour: '🙂'.repeat(128) }
      const large = 'x'.repeat(999_998)
      await putAll(store, { [longest]: value, [wide]: large })
      same((await peek('kit_things', longest))?.value, value, 'as it lies there')
      const found = await store.get('kit_things', [longest, wide])
      same(
        found.map((each) => each?.value),
        [value, large],
        'what get gives',
      )
      const range = { tenant, index: 'byColour', equals: [value.colour] }
      same((await all(store.scan('kit_things', range))).length, 1, 'what the index gives')
    },
  },
  {
    name: 'copies: changing what was given, or what was returned, changes nothing',
    async run(scene) {
      const { store, tenant, peek, peekStream } = scene
      const value = { list: [1], inner: { a: 1 } }
      const before = { list: [1], inner: { a: 1 } }
      const spoil = (found: unknown): void => {
        const mine = found as typeof value | undefined
        mine?.list.push(2)
        if (mine !== undefined) mine.inner.a = 2
      }
      const [record, stream] = [`${tenant}/a`, `${tenant}/s`]
      await store.commit([
        { put: thing(record), value, expect: 'absent' },
        { append: events(stream), id: 'one', value, expect: 1 },
      ])
      spoil(value)
      spoil((await store.get('kit_things', [record]))[0]?.value)
      spoil((await store.get('kit_events', [stream]))[0]?.value)
      for await (const each of store.scan('kit_things', { prefix: `${tenant}/` })) spoil(each.value)
      for await (const each of store.scan('kit_events', { stream })) spoil(each.value)
      same((await store.get('kit_things', [record]))[0]?.value, before, 'the record, by get')
      same((await store.get('kit_events', [stream]))[0]?.value, before, 'the entry, by get')
      same((await peek('kit_things', record))?.value, before, 'the record')
      same((await peekStream('kit_events', stream))[0]?.value, before, 'the entry')
      await store.commit([{ put: thing(record), value: 0, expect: await versionOf(scene, record) }])
    },
  },
]
