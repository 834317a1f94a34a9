/** What every adapter refuses alike, with the same code, before a driver sees it: one table of calls. */

import type { InvalidInputCode } from '../../errors.ts'
import type { Change, Range, Store } from '../../store.ts'
import { all, NotConforming, refuses, same } from './assert.ts'
import { type BadValue, badJson, badKeys, badLists, badNumbers, badTenants, badTexts } from './bad-values.ts'
import { type Case, events, note, thing } from './scene.ts'

/** A call that has to be refused, and with which code. */
export interface BadCall {
  readonly verb: 'get' | 'scan' | 'commit'
  readonly name: string
  readonly code: InvalidInputCode
  call(store: Store, tenant: string): Promise<unknown>
}

/** Makes calls from values that are wrong in some place. */
const from = (
  values: readonly BadValue[],
  into: Pick<BadCall, 'verb'> & {
    readonly as: string
    with(value: unknown, store: Store, tenant: string): Promise<unknown>
  },
): BadCall[] =>
  values.map(({ name, code, value }) => ({
    verb: into.verb,
    name: `${into.as}: ${name}`,
    code,
    call: (store, tenant) => into.with(value, store, tenant),
  }))

/** Where the name of a collection or an index is meant. */
const badNames: readonly BadValue[] = [
  ...badTexts.map((each): BadValue => ({ ...each, code: 'input.invalid' })),
  ...['', 'none', '__proto__', 'constructor', 'KIT_THINGS', 'kit_things"', 'byColour; --', 'colour'].map(
    (value): BadValue => ({ name: value, code: 'input.invalid', value }),
  ),
  { name: 'a collection in an array', code: 'input.invalid', value: ['kit_things'] },
  { name: 'an index in an array', code: 'input.invalid', value: ['byColour'] },
]

const defined = (values: readonly BadValue[]): BadValue[] => values.filter((each) => each.value !== undefined)
const wrong = (...values: unknown[]): BadValue[] =>
  values.map((value, i) => ({ name: `no ${i}`, code: 'input.invalid', value }))

const tooMany = (name: string, value: unknown): BadValue => ({ name, code: 'input.too-large', value })

const gets: readonly BadCall[] = [
  ...from(badKeys, {
    verb: 'get',
    as: 'key',
    with: (key, store) => store.get('kit_things', [key as string]),
  }),
  ...from(badLists, { verb: 'get', as: 'keys', with: (keys, store) => store.get('kit_things', keys as []) }),
  ...from([tooMany('a thousand and one', new Array(1_001).fill('a/b')), ...wrong(new Array(1))], {
    verb: 'get',
    as: 'keys',
    with: (keys, store) => store.get('kit_things', keys as string[]),
  }),
  ...from(badNames, {
    verb: 'get',
    as: 'collection',
    with: (name, store, tenant) => store.get(name as string, [`${tenant}/a`]),
  }),
]

const scanning = (
  values: readonly BadValue[],
  as: string,
  range: (value: unknown, tenant: string) => unknown,
): BadCall[] =>
  from(values, {
    verb: 'scan',
    as,
    with: (value, store, tenant) => {
      const wanted = range(value, tenant) as Range
      return all(store.scan('stream' in Object(wanted) ? 'kit_events' : 'kit_things', wanted))
    },
  })

const scans: readonly BadCall[] = [
  ...from(badNames, {
    verb: 'scan',
    as: 'collection',
    with: (name, store, tenant) => all(store.scan(name as string, { prefix: `${tenant}/` })),
  }),
  ...scanning(wrong(undefined, null, 'a/', {}, [], { tenant: 'a' }), 'range', (range) => range),
  ...scanning(badTexts, 'prefix', (prefix) => ({ prefix })),
  ...scanning(wrong('', 'a', '/', '/a', 'a b/', '%/', '__proto__'), 'prefix', (prefix) => ({ prefix })),
  ...scanning(defined(badKeys), 'after a key', (after, tenant) => ({ prefix: `${tenant}/`, after })),
  ...scanning(defined(badNumbers), 'limit', (limit, tenant) => ({ prefix: `${tenant}/`, limit })),
  ...scanning(badTenants, 'tenant', (tenant) => ({ tenant, index: 'byColour' })),
  ...scanning(badNames.slice(1), 'index', (index, tenant) => ({ tenant, index })),
  ...scanning(badTexts, 'equals', (value, tenant) => ({ tenant, index: 'byColour', equals: [value] })),
  ...scanning(wrong('red', { 0: 'red' }, ['red', 'm'], null), 'list of equals', (equals, tenant) => {
    return { tenant, index: 'byColour', equals }
  }),
  ...scanning(defined(badTexts), 'from', (value, tenant) => ({ tenant, index: 'byColour', from: value })),
  ...scanning(defined(badTexts), 'before', (before, tenant) => ({ tenant, index: 'byColour', before })),
  ...scanning(wrong({ from: 'a' }, { before: 'a' }), 'interval without a field', (interval, tenant) => {
    return { tenant, index: 'byColour', equals: ['red'], ...(interval as object) }
  }),
  ...scanning(
    wrong(
      null,
      'a/b',
      {},
      { key: 'a/b' },
      { key: 'a/b', value: { size: 'm' } },
      { key: {}, value: { colour: '' } },
    ),
    'after a record',
    (after, tenant) => ({ tenant, index: 'byColour', after }),
  ),
  ...scanning(badKeys, 'stream', (stream) => ({ stream })),
  ...scanning(defined(badNumbers).slice(1), 'after a number', (after, tenant) => {
    return { stream: `${tenant}/s`, after }
  }),
  ...from(wrong({ stream: 'a/s' }), {
    verb: 'scan',
    as: 'a stream of records',
    with: (range, store) => all(store.scan('kit_things', range as Range)),
  }),
  ...from(wrong({ prefix: 'a/' }, { tenant: 'a', index: 'byColour' }), {
    verb: 'scan',
    as: 'records of streams',
    with: (range, store) => all(store.scan('kit_events', range as Range)),
  }),
]

/** A good change first, so that the case can see that nothing of it was done. */
const committing = (
  values: readonly BadValue[],
  as: string,
  change: (value: unknown, tenant: string) => unknown,
): BadCall[] =>
  from(values, {
    verb: 'commit',
    as,
    with: (value, store, tenant) =>
      store.commit([
        { put: note(`${tenant}/good`), value: 1, expect: 'absent' },
        change(value, tenant) as Change,
      ]),
  })

const commits: readonly BadCall[] = [
  ...from(badLists, { verb: 'commit', as: 'changes', with: (changes, store) => store.commit(changes as []) }),
  ...from([tooMany('five hundred and one', 501)], {
    verb: 'commit',
    as: 'changes',
    with: (count, store, tenant) =>
      store.commit(
        Array.from({ length: count as number }, (_, i): Change => {
          return { put: note(`${tenant}/${i || 'good'}`), value: i, expect: 'absent' }
        }),
      ),
  }),
  ...committing(wrong(undefined, null, 'put', 5, {}, [], { expect: 'absent' }), 'change', (change) => change),
  ...committing(wrong(undefined, null, 'a/b', {}), 'put', (ref) => ({
    put: ref,
    value: 1,
    expect: 'absent',
  })),
  ...committing(badNames, 'collection', (collection, tenant) => {
    return { put: { collection, key: `${tenant}/a` }, value: 1, expect: 'absent' }
  }),
  ...committing(badKeys, 'key of a put', (key) => ({
    put: thing(key as string),
    value: 1,
    expect: 'absent',
  })),
  ...committing(badKeys, 'key of a removal', (key) => ({ remove: thing(key as string), expect: 1 })),
  ...committing(badKeys, 'key of an append', (key) => {
    return { append: events(key as string), id: 'x', value: 1, expect: 1 }
  }),
  ...committing(badTexts, 'id', (id, tenant) => ({ append: events(`${tenant}/s`), id, value: 1, expect: 1 })),
  ...committing(badJson, 'value', (value, tenant) => ({
    put: thing(`${tenant}/a`),
    value,
    expect: 'absent',
  })),
  ...committing(badJson.slice(0, -1), 'value of an entry', (value, tenant) => {
    return { append: events(`${tenant}/s`), id: 'x', value, expect: 1 }
  }),
  ...committing([...badNumbers, ...wrong('present', '')], 'version', (expect, tenant) => {
    return { put: thing(`${tenant}/a`), value: 1, expect }
  }),
  ...committing([...badNumbers, ...wrong('absent')], 'version to remove', (expect, tenant) => {
    return { remove: thing(`${tenant}/a`), expect }
  }),
  ...committing([...badNumbers, ...wrong('absent')], 'sequence number', (expect, tenant) => {
    return { append: events(`${tenant}/s`), id: 'x', value: 1, expect }
  }),
  ...committing([...badNumbers, ...wrong(3)], 'number to drop through', (through, tenant) => {
    return { remove: events(`${tenant}/s`), expect: 2, through }
  }),
  ...committing(
    wrong(
      { put: events('a/b'), value: 1, expect: 'absent' },
      { append: thing('a/b'), id: 'x', value: 1, expect: 1 },
      { remove: thing('a/b'), expect: 1, through: 1 },
    ),
    'a verb that does not fit',
    (change) => change,
  ),
  ...committing(
    wrong({ value: 2, expect: 'absent' }, { value: 2, expect: 1 }),
    'the same record twice',
    (change, tenant) => ({ put: note(`${tenant}/good`), ...(change as object) }),
  ),
]

/** All of them. Whatever the tenant and the data, each is refused with its code. */
export const badInput: readonly BadCall[] = [...gets, ...scans, ...commits]

const refused = (verb: BadCall['verb']): Case => ({
  name: `bad input of ${verb}: refused with its code, and nothing is done`,
  async run({ store, tenant, peek, peekStream }) {
    for (const bad of badInput.filter((each) => each.verb === verb)) {
      try {
        await refuses(() => bad.call(store, tenant), bad.code)
      } catch (error) {
        throw new NotConforming(`${bad.name}: ${(error as Error).message}`)
      }
      same(await peek('kit_notes', `${tenant}/good`), null, `${bad.name}: the good change beside it`)
    }
    same(await peek('kit_things', `${tenant}/a`), null, 'what lies there')
    same(await peekStream('kit_events', `${tenant}/s`), [], 'what lies in the stream')
  },
})

export const badInputCases: readonly Case[] = [
  refused('get'),
  refused('scan'),
  refused('commit'),
  {
    name: 'bad input of a stream: two appends with the same sequence number',
    async run({ store, tenant, peekStream }) {
      const append: Change = { append: events(`${tenant}/s`), id: 'a', value: 1, expect: 1 }
      await refuses(() => store.commit([append, { ...append, id: 'b' }]), 'input.invalid')
      same(await peekStream('kit_events', `${tenant}/s`), [], 'what lies there')
    },
  },
]
