/** Keys, order and form of values, and what is refused before any adapter sees it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { InvalidInput, PrivacyError } from '../src/errors.ts'
import { idParser, instantParser, parse, parseStored } from '../src/parsing.ts'
import type { Change, Collection, JsonValue, Range } from '../src/store.ts'
import { canonical, sameValue } from '../src/values/canonical.ts'
import { checkChanges } from '../src/values/change.ts'
import { checkCollection, indexed } from '../src/values/collection.ts'
import { checkValue, versioned } from '../src/values/json.ts'
import { checkKey, checkKeys, checkTenant, fitsKey, key, partsOf, tenantOf } from '../src/values/key.ts'
import { limits, memberPath } from '../src/values/limits.ts'
import { checkRange } from '../src/values/range.ts'
import { checkInstant, checkText, compareBytes, isInstant, utf8Length } from '../src/values/text.ts'
import { checkSessions, checkVisits } from '../src/values/visits.ts'

const jcs = fileURLToPath(new URL('../../shared/data/jcs/', import.meta.url))

/** What a call throws; a test fails where it throws nothing, or anything but a refusal. */
function refusal(call: () => unknown): InvalidInput {
  try {
    call()
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error('was not refused')
}

const tenants = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/)
/** Parts that are made to be confused: full of what the key grammar gives a meaning. */
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', '5', 'a', '..', ' '), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => !text.includes('\0')),
)
const partLists = fc.array(part, { minLength: 1, maxLength: 4 }).filter((parts) => parts.join('') !== '')

describe('keys', () => {
  it('no two lists of parts make the same key, and the parts come back', () => {
    fc.assert(
      fc.property(tenants, partLists, tenants, partLists, (a, left, b, right) => {
        expect(key(a, ...left) === key(b, ...right)).toBe(a === b && canonical(left) === canonical(right))
        expect([tenantOf(key(a, ...left)), ...partsOf(key(a, ...left))]).toEqual([a, ...left])
      }),
    )
  })

  it('no part reaches into another tenant', () => {
    fc.assert(
      fc.property(tenants, partLists, tenants, (tenant, parts, other) => {
        expect(key(tenant, ...parts).startsWith(`${other}/`)).toBe(tenant === other)
      }),
    )
  })

  it.each([
    ['a/b', ['a/b']],
    ['a%2Fb', ['a', 'b']],
    ['a%252Fb', ['a%2Fb']],
    ['%25/', ['%', '']],
  ])('escapes are read back once only: t/%s', (_, parts) => {
    expect(partsOf(key('t', ...parts))).toEqual(parts)
  })

  it('an id that fits leaves room for a tenant and the parts of the library', () => {
    expect(fitsKey('x'.repeat(300))).toBe(true)
    expect(fitsKey('x'.repeat(301))).toBe(false)
    expect(fitsKey('/'.repeat(100))).toBe(true)
    expect(fitsKey('%'.repeat(101))).toBe(false)
    const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(id, (text) => {
        fc.pre(idParser.safeParse(text).success)
        expect(key('t'.repeat(64), 'x'.repeat(26), text, 'x'.repeat(100))).toBeTypeOf('string')
      }),
    )
  })
})

describe('order', () => {
  /** Around every border at which UTF-16 units and code points order differently. */
  const borders = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfb33, 0xffff, 0x10000, 0x1f602, 0x10ffff]
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(...borders.map((point) => String.fromCodePoint(point))),
      maxLength: 4,
    }),
  )

  it('is the order of UTF-8 bytes', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('puts characters beyond the basic plane after U+E000 to U+FFFF, where `<` puts them before', () => {
    for (const high of ['\ue000', '\ufb33', '\uffff']) {
      expect('\u{10000}' < high).toBe(true)
      expect(compareBytes('\u{10000}', high)).toBeGreaterThan(0)
    }
  })
})

describe('the canonical form (RFC 8785)', () => {
  const vectors = existsSync(jcs) ? readdirSync(`${jcs}input`) : []

  it.skipIf(vectors.length === 0)(
    'the vectors of RFC 8785 (skipped where ../shared/data/jcs is absent)',
    () => {
      for (const name of vectors) {
        const text = canonical(JSON.parse(readFileSync(`${jcs}input/${name}`, 'utf8')) as JsonValue)
        expect(text, name).toBe(readFileSync(`${jcs}output/${name}`, 'utf8'))
        const bytes = readFileSync(`${jcs}outhex/${name.replace('.json', '.txt')}`, 'utf8')
        expect(Buffer.from(text).toString('hex'), name).toBe(bytes.replaceAll(/\s/g, ''))
      }
    },
  )

  it.each([
    ['{"b":[2,{"z":null,"a":true}],"a":"é"}', '{"a":"é","b":[2,{"a":true,"z":null}]}'],
    ['{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude02":5,"\\u0080":6,"\\u00f6":7}', null],
    ['[1e21,1E-7,-0,4.50,333333333.33333329]', '[1e+21,1e-7,0,4.5,333333333.3333333]'],
    ['"\\u000f\\n\\"\\\\\\/\\u20ac$"', '"\\u000f\\n\\"\\\\/€$"'],
    ['[]', '[]'],
    ['{"__proto__":1,"a":2}', '{"__proto__":1,"a":2}'],
  ])('%s', (given, expected) => {
    const written = canonical(JSON.parse(given) as JsonValue)
    // RFC 8785 §3.2.3 prints this order of member names itself.
    expect(written).toBe(
      expected ?? '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude02":5,"\ufb33":3}',
    )
  })

  it('depends on the value alone: not on the order of members, and not on having been through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value as JsonValue)
        expect(canonical(JSON.parse(text) as JsonValue)).toBe(text)
        expect(canonical(reversed(value as JsonValue))).toBe(text)
        expect(sameValue(reversed(value as JsonValue), value as JsonValue)).toBe(true)
      }),
    )
    expect(sameValue({ a: 1 }, { a: '1' })).toBe(false)
  })

  function reversed(value: JsonValue): JsonValue {
    if (Array.isArray(value)) return value.map(reversed)
    if (value === null || typeof value !== 'object') return value
    const entries = Object.entries(value).reverse()
    return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]))
  }
})

const people: Collection = {
  name: 'people',
  kind: 'records',
  indexes: { group: ['group'], both: ['group', 'at'] },
}
const log: Collection = { name: 'log', kind: 'streams', indexes: {} }
const declared = new Map([people, log].map((collection) => [collection.name, collection]))

/** Checks one change, and whatever stands before it. */
const changed = (...changes: unknown[]) => checkChanges(declared, changes as Change[])
const ranged = (range: unknown, collection = people) => checkRange(collection, range as Range)
const put = (more: object = {}) => ({
  put: { collection: 'people', key: 't/1' },
  value: {},
  expect: 'absent',
  ...more,
})
const append = (more: object = {}) => ({
  append: { collection: 'log', key: 't/1' },
  id: 'e1',
  value: {},
  expect: 1,
  ...more,
})
const remove = (more: object = {}) => ({
  remove: { collection: 'log', key: 't/1' },
  expect: 4,
  through: 4,
  ...more,
})
const visit = { id: 'v', at: '2026-01-01T00:00:00.000Z', session: 's', ip: null, host: null, source: null }
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const long = 'x'.repeat(513)

type Row = readonly [what: string, call: () => unknown, code: string, path: string]
const invalid = (what: string, path: string, call: () => unknown): Row => [what, call, 'input.invalid', path]
const large = (what: string, path: string, call: () => unknown): Row => [what, call, 'input.too-large', path]

const refused: readonly Row[] = [
  invalid('a tenant that is no string', 'tenant', () => checkTenant(7)),
  invalid('an empty tenant', 'tenant', () => checkTenant('')),
  invalid('a tenant of 65', 'tenant', () => checkTenant('t'.repeat(65))),
  invalid('a tenant with a slash', 'tenant', () => key('t/u', 'a')),
  invalid('a key of a tenant alone', 'key', () => key('t')),
  invalid('a key with one empty part', 'key', () => key('t', '')),
  invalid('a key that is an operator object', 'k', () => checkKey({ $ne: null }, 'k')),
  large('a key over 512 bytes', 'key', () => key('t', long)),
  invalid('text with NUL', 'x', () => checkText('a\0b', 'x')),
  invalid('text with a lone surrogate', 'x', () => checkText('\ud800', 'x')),
  large('text whose bytes are over the limit and whose characters are not', 'x', () =>
    checkText('éé', 'x', 3),
  ),
  invalid('keys that are no list', 'keys', () => checkKeys('t/1')),
  invalid('a hole in a list of keys', 'keys[0]', () => checkKeys(new Array(1))),
  large('1,001 keys', 'keys', () => checkKeys(new Array(1_001).fill('t/1'))),
  invalid('undefined', 'v', () => checkValue(undefined, 'v')),
  invalid('a member that is undefined', 'v.a', () => checkValue({ a: undefined }, 'v')),
  invalid('NaN', 'v.a[1]', () => checkValue({ a: [0, Number.NaN] }, 'v')),
  invalid('a date', 'v[0]', () => checkValue([new Date(0)], 'v')),
  invalid('a function', 'v', () => checkValue(() => 1, 'v')),
  invalid('a hole in a list', 'v[0]', () => checkValue(new Array(1), 'v')),
  invalid('a member name with NUL', 'a member name of v', () => checkValue({ 'a\0': 1 }, 'v')),
  large('65 levels', `v${'[0]'.repeat(64)}`, () => checkValue(nested(65), 'v')),
  large('a value over 1 MB as JSON', 'v', () => checkValue('\\'.repeat(500_001), 'v')),
  large('a value over 1 MB of UTF-8', 'v', () => checkValue(`a${'é'.repeat(499_999)}`, 'v')),
  large('a list over 1 MB', 'v', () => checkValue(new Array(1_000_001).fill(0), 'v')),
  invalid('a collection that is not declared', 'collection', () => checkCollection(declared, 'others')),
  invalid('a collection of a prototype', 'collection', () => checkCollection(declared, 'constructor')),
  invalid('a collection that is no string', 'collection', () => checkCollection(declared, ['people'])),
  invalid('no range', 'range', () => ranged(null)),
  invalid('a range of nothing', 'range.prefix', () => ranged({})),
  invalid('a range of two kinds', 'range.index', () => ranged({ prefix: 't/', index: 'group', tenant: 't' })),
  invalid('a limit of 0', 'range.limit', () => ranged({ prefix: 't/', limit: 0 })),
  invalid('half a limit', 'range.limit', () => ranged({ prefix: 't/', limit: 1.5 })),
  invalid('a prefix without a tenant', 'range.prefix', () => ranged({ prefix: '/a' })),
  invalid('a prefix of a tenant alone', 'range.prefix', () => ranged({ prefix: 't' })),
  invalid('a prefix of no proper tenant', 'range.prefix', () => ranged({ prefix: 'a b/' })),
  invalid('a place after that is no key', 'range.after', () => ranged({ prefix: 't/', after: 3 })),
  invalid('a stream of records', 'range.prefix', () => ranged({ stream: 't/1' })),
  invalid('a prefix of streams', 'range.stream', () => ranged({ prefix: 't/' }, log)),
  invalid('a stream that is no key', 'range.stream', () => ranged({ stream: 't' }, log)),
  invalid('a sequence below 0', 'range.after', () => ranged({ stream: 't/1', after: -1 }, log)),
  invalid('an index of another tenant grammar', 'tenant', () => ranged({ index: 'group', tenant: '*' })),
  invalid('an index not declared', 'range.index', () => ranged({ index: 'x', tenant: 't' })),
  invalid('an index of a prototype', 'range.index', () => ranged({ index: 'toString', tenant: 't' })),
  invalid('an index that is no string', 'range.index', () => ranged({ index: ['group'], tenant: 't' })),
  invalid('equals that is no list', 'range.equals', () =>
    ranged({ index: 'group', tenant: 't', equals: 'a' }),
  ),
  invalid('more fields than the index', 'range.equals', () =>
    ranged({ index: 'group', tenant: 't', equals: ['a', 'b'] }),
  ),
  invalid('an operator object for a field', 'range.equals[0]', () =>
    ranged({ index: 'group', tenant: 't', equals: [{ $gt: '' }] }),
  ),
  invalid('an interval of a field that is fixed', 'range.from', () =>
    ranged({ index: 'group', tenant: 't', equals: ['a'], before: 'b' }),
  ),
  invalid('an interval from a number', 'range.from', () => ranged({ index: 'group', tenant: 't', from: 1 })),
  large('an interval to long text', 'range.before', () =>
    ranged({ index: 'group', tenant: 't', before: long }),
  ),
  invalid('a place after without a key', 'range.after.key', () =>
    ranged({ index: 'group', tenant: 't', after: null }),
  ),
  invalid('a place after that is not in the index', 'range.after', () =>
    ranged({ index: 'group', tenant: 't', after: { key: 't/1', value: {} } }),
  ),
  invalid('changes that are no list', 'changes', () => checkChanges(declared, {} as never)),
  large('501 changes', 'changes', () => checkChanges(declared, new Array(501))),
  invalid('no change', 'changes[1]', () => changed(put(), null)),
  invalid('a change that is none of the three', 'changes[0]', () => changed({ expect: 1 })),
  invalid('a change that is two of the three', 'changes[0]', () => changed({ ...put(), ...remove() })),
  invalid('a change without a record', 'collection', () => changed(put({ put: null }))),
  invalid('a put to a stream', 'changes[0].put', () =>
    changed(put({ put: { collection: 'log', key: 't/1' } })),
  ),
  invalid('an append to records', 'changes[0].append', () =>
    changed(append({ append: { collection: 'people', key: 't/1' } })),
  ),
  invalid('a key without a tenant', 'changes[0].put.key', () =>
    changed(put({ put: { collection: 'people', key: '/1' } })),
  ),
  invalid('an expectation of nothing', 'changes[0].expect', () => changed(put({ expect: undefined }))),
  invalid('an expectation of 0', 'changes[0].expect', () => changed(put({ expect: 0 }))),
  invalid('an append that expects absence', 'changes[0].expect', () => changed(append({ expect: 'absent' }))),
  invalid('an append without an id', 'changes[0].id', () => changed(append({ id: undefined }))),
  invalid('a removal from a stream without an end', 'changes[0].through', () =>
    changed(remove({ through: undefined })),
  ),
  invalid('a removal beyond what is expected', 'changes[0].through', () => changed(remove({ through: 5 }))),
  invalid('a removal through nothing', 'changes[0].through', () => changed(remove({ through: 0 }))),
  invalid('a removal of a record with an end', 'changes[0].through', () =>
    changed(remove({ remove: { collection: 'people', key: 't/1' } })),
  ),
  invalid('a value with a date', 'changes[0].value.a', () => changed(put({ value: { a: new Date(0) } }))),
  large('a long indexed field', 'changes[0].value.group', () => changed(put({ value: { group: long } }))),
  invalid('one record twice', 'changes[1]', () => changed(put(), put({ expect: 3 }))),
  invalid('one place of a stream twice', 'changes[1]', () => changed(append(), append({ id: 'e2' }))),
  invalid('an instant without decimals', 'x', () => checkInstant('2026-01-01T00:00:00Z', 'x')),
  invalid('a 30th of February', 'x', () => checkInstant('2026-02-30T00:00:00.000Z', 'x')),
  invalid('a 13th month', 'x', () => checkInstant('2026-13-01T00:00:00.000Z', 'x')),
  invalid('a date object', 'x', () => checkInstant(new Date(0), 'x')),
  invalid('a visit at the last instant there is, which nothing could purge', 'visits[0].at', () =>
    checkVisits('t', [{ ...visit, at: '9999-12-31T23:59:59.999Z' }]),
  ),
  invalid('visits that are no list', 'visits', () => checkVisits('t', 'v' as never)),
  large('10,001 visits', 'visits', () => checkVisits('t', new Array(10_001).fill(visit))),
  invalid('a visit that is none', 'visits[1]', () => checkVisits('t', [visit, null as never])),
  invalid('a visit without a session', 'visits[0].session', () =>
    checkVisits('t', [{ ...visit, session: undefined as never }]),
  ),
  invalid('a visit at no instant', 'visits[0].at', () => checkVisits('t', [{ ...visit, at: 'now' }])),
  invalid('a visit whose host is left out', 'visits[0].host', () =>
    checkVisits('t', [{ ...visit, host: undefined as never }]),
  ),
  large('a visit with an endless source', 'visits[0].source', () =>
    checkVisits('t', [{ ...visit, source: 'x'.repeat(2_049) }]),
  ),
  invalid('visits of no tenant', 'tenant', () => checkVisits(undefined, [])),
  invalid('sessions that are no list', 'sessions', () => checkSessions('t', 's' as never)),
  invalid('a session that is an operator object', 'sessions[1]', () =>
    checkSessions('t', ['s', { $gt: '' } as never]),
  ),
  large('1,001 sessions', 'sessions', () => checkSessions('t', new Array(1_001).fill('s'))),
]

describe('what is refused', () => {
  it.each(refused)('%s', (_, call, code, path) => {
    const { code: found, message, path: at, retryable } = refusal(call)
    expect({ found, at, retryable }).toEqual({ found: code, at: path, retryable: false })
    expect(message.startsWith(path.split('.')[0] as string)).toBe(true)
  })

  it('what is sound is let through', () => {
    expect(ranged({ prefix: 't/', after: 't/1', limit: 1 })).toBeUndefined()
    expect(
      ranged({ index: 'both', tenant: 't', equals: ['g'], from: 'a', before: 'b', limit: 9 }),
    ).toBeUndefined()
    expect(
      ranged({ index: 'group', tenant: 't', after: { key: 't/1', value: { group: 'g' } } }),
    ).toBeUndefined()
    expect(ranged({ stream: 't/1', after: 0 }, log)).toBeUndefined()
    expect(checkVisits('t', [{ ...visit, host: 'h', ip: '192.0.2.1' }])).toBeUndefined()
    expect(checkSessions('t', ['a', 'b'])).toBeUndefined()
    expect(checkCollection(declared, 'log')).toBe(log)
    expect(checkKeys(['t/1', 't//x'])).toEqual(['t/1', 't//x'])
    expect(checkText('é', 'x', 2)).toBe('é')
    expect(checkValue(nested(64), 'v')).toBe(`${'['.repeat(64)}1${']'.repeat(64)}`)
    expect(checkInstant('2024-02-29T23:59:59.999Z', 'x')).toBe('2024-02-29T23:59:59.999Z')
  })

  it('a commit is given as JSON text and places in indexes', () => {
    const [first, second, third] = changed(
      put({ value: { group: 'g', at: 'a', n: 1 } }),
      append({ expect: 5 }),
      remove({ remove: { collection: 'log', key: 't/1 5' } }),
    )
    expect(first).toMatchObject({ key: 't/1', json: '{"group":"g","at":"a","n":1}' })
    expect(first?.indexed).toEqual({ group: ['g'], both: ['g', 'a'] })
    expect(second).toMatchObject({ collection: log, json: '{}', indexed: {} })
    // Another stream, whose key reads like the first one's and its sequence number.
    expect(third).toMatchObject({ key: 't/1 5', json: null })
    expect(changed(put({ value: { group: 1 } }))[0]?.indexed).toEqual({ group: null, both: null })
  })

  it('an index holds own members that are strings, and nothing else', () => {
    expect(indexed({ a: 'x', b: 'y' }, ['b', 'a'])).toEqual(['y', 'x'])
    for (const value of [null, 'x', ['x'], {}, { a: 1 }, { a: null }] as JsonValue[]) {
      expect(indexed(value, ['a'])).toBeNull()
    }
    expect(indexed({}, ['constructor'])).toBeNull()
  })

  it('what callers see of a record is theirs alone', () => {
    expect(versioned('t/1', 3, '{"a":["1"]}')).toEqual({ key: 't/1', version: 3, value: { a: ['1'] } })
    expect(utf8Length('aé€😂')).toBe(10)
  })
})

describe('a value cannot show one thing to the check and another to the store', () => {
  it('a getter is read once', () => {
    let read = 0
    const value = {
      get a() {
        return ++read === 1 ? 'checked' : new Date(0)
      },
    }
    expect(checkValue(value, 'v')).toBe('{"a":"checked"}')
    expect(read).toBe(1)
  })

  it('a `toJSON` that a check does not see is not asked', () => {
    const list = Object.assign(['a'], { toJSON: () => 'another' })
    const record = Object.defineProperty({ a: 'a' }, 'toJSON', { value: () => undefined, enumerable: false })
    expect(checkValue([list, record], 'v')).toBe('[["a"],{"a":"a"}]')
    expect(refusal(() => checkValue({ toJSON: () => 'another' }, 'v')).path).toBe('v.toJSON')
  })

  it('a member named `__proto__` is a member', () => {
    expect(checkValue(JSON.parse('{"__proto__":{"group":"x"}}'), 'v')).toBe('{"__proto__":{"group":"x"}}')
    const polluted = JSON.parse('{"__proto__":{"group":"admin"}}') as JsonValue
    expect(changed(put({ value: polluted }))[0]?.indexed).toMatchObject({ group: null })
  })

  it('a list that unfolds to no end is refused at the limit', () => {
    let doubled: unknown = ['x']
    for (let i = 0; i < 60; i++) doubled = [doubled, doubled]
    expect(refusal(() => checkValue(doubled, 'v'))).toMatchObject({ code: 'input.too-large', path: 'v' })
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(refusal(() => checkValue(cycle, 'v')).code).toBe('input.too-large')
  })

  it('whatever passes comes back the same through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('\\u0000'))
        expect(canonical(JSON.parse(checkValue(value, 'v')) as JsonValue)).toBe(canonical(value as JsonValue))
      }),
    )
  })
})

describe('personal value in an error', () => {
  const marker = fc.uuid().map((id) => `${id}@example.com`)
  const wrapped = (text: string): unknown[] => [
    text,
    [text],
    { text },
    { [text]: Number.NaN },
    { a: { [text]: new Date(0) } },
    new String(text),
    Object.assign(() => text, { text }),
    `${text}\0`,
    `${text}\ud800`,
    text.repeat(100_000),
  ]
  const calls: readonly ((value: unknown) => unknown)[] = [
    (value) => checkTenant(value),
    (value) => checkKey(value, 'k'),
    (value) => checkKeys([value]),
    (value) => checkText(value, 'x', 8),
    (value) => checkValue(value, 'v'),
    (value) => checkInstant(value, 'at'),
    (value) => checkCollection(declared, value),
    (value) => checkVisits('t', [{ ...visit, ip: value as string }]),
    (value) => checkSessions('t', [value as string]),
    (value) => ranged({ prefix: value }),
    (value) => ranged({ index: value, tenant: 't' }),
    (value) => ranged({ index: 'group', tenant: 't', equals: [value] }),
    (value) => changed(put({ put: { collection: value, key: value } })),
    (value) => changed(put({ value })),
    (value) => changed(append({ id: value })),
    (value) => parse(idParser, value, 'subject'),
    (value) => parse(instantParser, value, 'at'),
    (value) => parseStored(instantParser, value as JsonValue, 'record-1'),
  ]

  it('no message, path or JSON form of an error holds the value that was refused', () => {
    fc.assert(
      fc.property(marker, fc.nat(), fc.nat(), (text, which, how) => {
        const value = wrapped(text)[which % 10]
        const call = calls[how % calls.length] as (value: unknown) => unknown
        try {
          call(value)
        } catch (error) {
          expect(error).toBeInstanceOf(PrivacyError)
          expect(`${error} ${JSON.stringify(error)}`).not.toContain(text.slice(0, 8))
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['v', 'email', 'v.email'],
    ['v', 3, 'v[3]'],
    ['v', 'a-b_9', 'v.a-b_9'],
    ['v', 'someone@example.com', 'v.?'],
    ['v', '1985-01-01', 'v.?'],
    ['v', '', 'v.?'],
    ['v', 'x'.repeat(41), 'v.?'],
    ['v', Symbol('name'), 'v.?'],
  ])('of %s the member %s is named %s', (path, member, named) => {
    expect(memberPath(path, member)).toBe(named)
  })
})

describe('ids and instants of hosts', () => {
  it.each([
    ['an ordinary id', 'customer-1', true],
    ['200 characters', 'x'.repeat(200), true],
    ['nothing', '', false],
    ['201 characters', 'x'.repeat(201), false],
    ['200 characters that take 600 bytes', '€'.repeat(200), false],
    ['a control character', 'a\nb', false],
    ['a lone surrogate', '\ud800', false],
    ['a number', 7, false],
  ])('%s', (_, id, sound) => {
    expect(idParser.safeParse(id).success).toBe(sound)
  })

  it('a refusal names the field, counts from its list, and quotes no name that the caller made up', () => {
    const parser = z.strictObject({
      list: z.array(z.object({ at: instantParser })),
      map: z.record(idParser, z.int()),
    })
    const sound = { list: [], map: {} }
    const paths = [
      null,
      { ...sound, list: [{ at: '2026-01-01T00:00:00.000Z' }, { at: 'now' }] },
      { ...sound, map: { 'someone@example.com': 'x' } },
      { ...sound, 'someone@example.com': 1 },
    ].map((given) => refusal(() => parse(parser, given, 'input')))
    expect(paths.map(({ path }) => path)).toEqual(['input', 'input.list[1].at', 'input.map.?', 'input'])
    for (const { message } of paths)
      expect(message).toMatch(/^input\S* is not what it should be \([a-z_]+\)$/)
  })

  it('an instant is one everywhere or nowhere', () => {
    const texts = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.stringMatching(/^20\d\d-[01]\d-[0-3]\dT[012]\d:[0-6]\d:[0-6]\d\.\d{3}Z$/),
      fc.string(),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const real = /^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text))
        const same = real && new Date(text).toISOString() === text
        expect(isInstant(text)).toBe(same)
        expect(instantParser.safeParse(text).success).toBe(same)
      }),
      { numRuns: 500 },
    )
  })

  it('the limits are those of the port', () => {
    expect(limits).toEqual({
      keyBytes: 512,
      keyPartBytes: 300,
      valueBytes: 1_000_000,
      valueDepth: 64,
      changes: 500,
      keysPerGet: 1_000,
      visitsPerBatch: 10_000,
      visitFieldBytes: 2_048,
    })
  })
})
