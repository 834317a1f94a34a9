/**
 * Values that are refused wherever they are given, as tables. The threats behind them: operator objects where a
 * string is meant (`{"$ne":null}`), keys that reach into another tenant, text that a database cuts or refuses (NUL,
 * lone surrogates), values that JSON loses (NaN, dates, `undefined`), and input without a bound.
 */

import type { InvalidInputCode } from '../../errors.ts'

/** A value that is refused, and with which code. */
export interface BadValue {
  readonly name: string
  readonly code: InvalidInputCode
  readonly value: unknown
}

const invalid = (name: string, value: unknown): BadValue => ({ name, code: 'input.invalid', value })
const large = (name: string, value: unknown): BadValue => ({ name, code: 'input.too-large', value })

/** Where a string is meant. */
export const badTexts: readonly BadValue[] = [
  invalid('undefined', undefined),
  invalid('null', null),
  invalid('a number', 5),
  invalid('NaN', Number.NaN),
  invalid('a boolean', true),
  invalid('a bigint', 5n),
  invalid('an operator object', { $ne: null }),
  invalid('an object with toString', { toString: () => 'a/b' }),
  invalid('an array of a string', ['a/b']),
  invalid('a String object', new String('a/b')),
  invalid('a date', new Date(0)),
  invalid('a symbol', Symbol('a/b')),
  invalid('a function', () => 'a/b'),
  invalid('text with NUL', 'a/b\0c'),
  invalid('text that ends in NUL', 'a/b\0'),
  invalid('a lone high surrogate', 'a/\ud83d'),
  invalid('a lone low surrogate', 'a/\ude42'),
  invalid('surrogates the wrong way round', 'a/\ude42\ud83d'),
  large('513 bytes', `a/${'x'.repeat(511)}`),
  large('513 bytes in fewer characters', `a/${'é'.repeat(255)}x`),
]

/** Where a key is meant. */
export const badKeys: readonly BadValue[] = [
  ...badTexts,
  invalid('an empty key', ''),
  invalid('a key without a tenant', '/a'),
  invalid('a tenant alone', 'a'),
  invalid('a tenant and a slash', 'a/'),
  invalid('a tenant with a space', 'a b/c'),
  invalid('a tenant with a dot', '../c'),
  invalid('a tenant with a percent sign', 'a%2Fb/c'),
  invalid('a tenant with a letter beyond ASCII', 'é/c'),
  invalid('a tenant of 65 characters', `${'t'.repeat(65)}/c`),
  invalid('a key that begins with a line break', '\na/c'),
]

/** Where a tenant is meant. */
export const badTenants: readonly BadValue[] = [
  ...badTexts.filter((each) => each.code === 'input.invalid'),
  invalid('an empty tenant', ''),
  invalid('a tenant with a slash', 'a/b'),
  invalid('a tenant with a slash at the end', 'a/'),
  invalid('a tenant with a space', 'a b'),
  invalid('a tenant with a line break at the end', 'a\n'),
  invalid('a tenant of 65 characters', 't'.repeat(65)),
]

const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)])

/** Where a JSON value is meant. */
export const badJson: readonly BadValue[] = [
  invalid('undefined', undefined),
  invalid('a member that is undefined', { a: undefined }),
  invalid('an item that is undefined', [undefined]),
  invalid('a gap in an array', new Array(1)),
  invalid('NaN', Number.NaN),
  invalid('infinity', { a: Number.NEGATIVE_INFINITY }),
  invalid('a bigint', { a: 5n }),
  invalid('a symbol', { a: Symbol('a') }),
  invalid('a function', { a: () => 1 }),
  invalid('a date', { at: new Date(0) }),
  invalid('a map', new Map([['a', 1]])),
  invalid('bytes', new Uint8Array(2)),
  invalid('an object of a class', new (class Point {})()),
  invalid('a String object', new String('a')),
  invalid('NUL in a string', { a: ['x\0y'] }),
  invalid('NUL in a member name', { 'x\0y': 1 }),
  invalid('a lone surrogate in a string', '\ud83d'),
  invalid('a lone surrogate in a member name', { '\ude42': 1 }),
  large('a string of a million bytes and its quotes', 'x'.repeat(999_999)),
  large('ten megabytes', 'x'.repeat(10_000_000)),
  large('a million bytes in many parts', new Array(250_001).fill(100)),
  large('a member name of 513 bytes', { ['n'.repeat(513)]: 1 }),
  large('sixty-five levels', deep(65)),
  large('an indexed field of 513 bytes', { colour: 'x'.repeat(513) }),
]

/** Where a version or a sequence number is meant. */
export const badNumbers: readonly BadValue[] = [
  invalid('zero', 0),
  invalid('a negative number', -1),
  invalid('a fraction', 1.5),
  invalid('NaN', Number.NaN),
  invalid('infinity', Number.POSITIVE_INFINITY),
  invalid('an unsafe integer', 2 ** 53),
  invalid('a numeric string', '1'),
  invalid('null', null),
  invalid('undefined', undefined),
  invalid('an operator object', { $gt: 0 }),
  invalid('an array', [1]),
  invalid('a bigint', 1n),
]

/** Where an instant is meant. */
export const badInstants: readonly BadValue[] = [
  ...badTexts.filter((each) => each.code === 'input.invalid'),
  invalid('a date without a time', '2026-01-31'),
  invalid('no decimals', '2026-01-31T00:00:00Z'),
  invalid('six decimals', '2026-01-31T00:00:00.000000Z'),
  invalid('another zone', '2026-01-31T00:00:00.000+02:00'),
  invalid('a day that does not exist', '2026-02-30T00:00:00.000Z'),
  invalid('an hour that does not exist', '2026-01-31T24:00:00.000Z'),
  invalid('a year of six digits', '+010000-01-31T00:00:00.000Z'),
]

/** Where a list is meant. */
export const badLists: readonly BadValue[] = [
  invalid('undefined', undefined),
  invalid('null', null),
  invalid('a string', 'a/b'),
  invalid('an object like an array', { 0: 'a/b', length: 1 }),
  invalid('a set', new Set(['a/b'])),
]
