/** Digests, and the text forms of bytes. */

import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base64url,
  digest,
  digestOf,
  fromBase64url,
  fromHex,
  hex,
  keyedDigest,
  keyedDigests,
  prefixedDigest,
  sameText,
} from '../../src/keys/digest.ts'

const bytes = fc.uint8Array({ maxLength: 100 })
const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

describe('digests', () => {
  it('are those of another implementation', () => {
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'binary' }), (data, text) => {
        expect(digest(data)).toBe(sha256(data))
        expect(digest(text)).toBe(sha256(text))
        expect(hex(prefixedDigest(1, data, data))).toBe(sha256(Buffer.concat([Buffer.of(1), data, data])))
      }),
    )
  })

  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('FIPS 180-4: SHA-256 of %j', (text, expected) => {
    expect(digest(text)).toBe(expected)
  })

  it('of a value is of its canonical form', () => {
    expect(digestOf({ b: 1, a: ['x'] })).toBe(sha256('{"a":["x"],"b":1}'))
    expect(digestOf({ a: ['x'], b: 1 })).toBe(digestOf({ b: 1, a: ['x'] }))
  })

  it('keyed ones are HMAC-SHA-256 (RFC 2104) of the canonical list', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.string({ unit: 'binary' })), (secret, parts) => {
        const expected = createHmac('sha256', secret).update(JSON.stringify(parts)).digest('hex')
        expect(keyedDigest(secret, parts)).toBe(expected)
      }),
    )
  })

  it('keyed ones of many lists are each that of the list alone: nothing is left of the one before', () => {
    const lists = fc.array(fc.array(fc.string({ maxLength: 90 })), { minLength: 2 })
    fc.assert(
      fc.property(bytes, lists, (secret, many) => {
        const digests = keyedDigests(secret)
        expect(many.map(digests)).toEqual(many.map((parts) => keyedDigest(secret, parts)))
      }),
    )
  })

  it('no two lists of parts have the same keyed digest: parts cannot run into each other', () => {
    const lists = fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '\ud800', '[') }), {
      maxLength: 4,
    })
    const secret = new Uint8Array(32)
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(keyedDigest(secret, a) === keyedDigest(secret, b)).toBe(same)
      }),
    )
  })
})

describe('base64url (RFC 4648 §5)', () => {
  it('is that of another implementation, and comes back', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(base64url(data)).toBe(Buffer.from(data).toString('base64url'))
        expect(fromBase64url(base64url(data))).toEqual(data)
        expect(fromHex(hex(data))).toEqual(data)
      }),
    )
  })

  it('takes as many bytes as a record may hold', () => {
    const large = new Uint8Array(1_000_000).map((_, i) => i)
    expect(base64url(large) === Buffer.from(large).toString('base64url')).toBe(true)
    expect(Buffer.compare(fromBase64url(base64url(large)) ?? new Uint8Array(), large)).toBe(0)
  })

  it('malleable text: some bytes are written in one way only', () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 })
    fc.assert(
      fc.property(text, (given) => {
        const read = fromBase64url(given)
        if (read !== null) expect(base64url(read)).toBe(given)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['AA', [0]],
    ['', []],
    ['AB', null],
    ['AAB', null],
    ['A', null],
    ['AAAAA', null],
    ['AA==', null],
    ['A+', null],
    ['A/', null],
    ['A A', null],
    ['AA\n', null],
    ['ÄÄ', null],
  ])('%j is read as %j', (text, expected) => {
    expect(fromBase64url(text)).toEqual(expected && Uint8Array.from(expected))
  })
})

describe('comparing texts', () => {
  it('says what `===` says', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '\ud800', '\0'), maxLength: 4 })
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(sameText(a, b)).toBe(a === b)
      }),
    )
    expect([sameText('', 'a'), sameText('a', ''), sameText('', '')]).toEqual([false, false, true])
    expect([sameText('ab', 'abab'), sameText('abab', 'ab')]).toEqual([false, false])
  })
})
