/** What MongoDB's documents carry, as properties. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFieldName } from '../../adapters/declared.ts'
import { carried, carry, entryId, firstVersion } from '../../adapters/mongo/documents.ts'
import type { JsonValue } from '../../src/store.ts'
import { sameValue } from '../../src/values/canonical.ts'

const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'))

describe('documents in MongoDB', () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>
  const members = fc.dictionary(
    fc.oneof(
      fc.string(),
      fc.constantFrom('a', 'constructor', '__proto__', '$ne', 'a.b', '_bsontype', 'toBSON'),
    ),
    fc.oneof(fc.string(), fc.constant('x'.repeat(513)), json),
  ) as fc.Arbitrary<JsonValue>

  it('give values back as they were given, and keep nothing twice', () => {
    fc.assert(
      fc.property(fc.oneof(json, members), (value) => {
        const given = JSON.stringify(value)
        const doc = carry(given)
        expect(sameValue(carried({ ...doc }), JSON.parse(given) as JsonValue)).toBe(true)
        for (const [name, member] of Object.entries(doc.x)) {
          expect(isFieldName(name)).toBe(true)
          expect(typeof member).toBe('string')
          expect(Object.hasOwn(JSON.parse(doc.json) as object, name)).toBe(false)
        }
      }),
    )
  })

  it('set beside the text what an index can order by, and nothing else', () => {
    const value = {
      at: 'x',
      n: '5',
      list: ['x'],
      inner: { at: 'x' },
      'a.b': 'x',
      $ne: 'x',
      long: 'é'.repeat(257),
    }
    expect(carry(JSON.stringify(value))).toEqual({
      x: { at: 'x', n: '5' },
      json: JSON.stringify({ list: ['x'], inner: { at: 'x' }, 'a.b': 'x', $ne: 'x', long: 'é'.repeat(257) }),
    })
  })

  it('have one _id for each id in each stream', () => {
    expect(entryId('a/b', 'c')).not.toBe(entryId('a/bc', ''))
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        expect(entryId(a, b) === entryId(c, d)).toBe(a === c && b === d)
      }),
    )
  })

  it('begin with a version that leaves room to grow', () => {
    for (let i = 0; i < 100; i++) {
      const version = firstVersion()
      expect(version).toBeGreaterThan(0)
      expect(version).toBeLessThanOrEqual(2 ** 48)
    }
  })
})
