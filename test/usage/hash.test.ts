import { describe, expect, it } from 'vitest'
import { KeyedHash } from '../../src/usage/hash.ts'

/**
 * SipHash-2-4 of the bytes 00, 01, … of that length under the key 00 … 0f: the reference implementation's vectors
 * (vectors_sip64), each recomputed with OpenSSL's SIPHASH.
 */
const vectors: [length: number, hash: string][] = [
  [16, 'db9bc2577fcc2a3f'],
  [17, '9447be2cf5e99a69'],
  [23, 'c8ce5ccd8c030ca8'],
  [24, '94af49f6c650adb8'],
  [30, '28ef495c53a387ad'],
  [31, '42c341d8fa92d832'],
  [40, 'd0a704536ba93e0e'],
  [63, '724506eb4c328a95'],
]

const key = Uint8Array.from({ length: 16 }, (_, i) => i)

function hexOf({ lo, hi }: { lo: number; hi: number }): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setInt32(0, lo, true)
  view.setInt32(4, hi, true)
  return Array.from(new Uint8Array(view.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

describe('the keyed hash', () => {
  it.each(vectors)('is SipHash-2-4: %i bytes', (length, expected) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i)
    const view = new DataView(bytes.buffer)
    const [a = 0, b = 0, c = 0, d = 0] = [0, 4, 8, 12].map((at) => view.getInt32(at, true))
    expect(hexOf(new KeyedHash(key).bytes([a, b, c, d], bytes, 16, length))).toBe(expected)
  })

  it('depends on the key, the words before the text and the text', () => {
    const other = Uint8Array.from(key, (byte) => byte ^ 1)
    const hashes = [
      new KeyedHash(key).text([1], 'a'),
      new KeyedHash(other).text([1], 'a'),
      new KeyedHash(key).text([2], 'a'),
      new KeyedHash(key).text([1, 1], 'a'),
      new KeyedHash(key).text([1], 'b'),
      new KeyedHash(key).text([1], 'a\0'),
      new KeyedHash(key).bytes([1]),
    ]
    expect(new Set(hashes.map(hexOf)).size).toBe(hashes.length)
  })

  it('reads its key where it lies in a larger buffer', () => {
    const larger = new Uint8Array(32)
    larger.set(key, 16)
    expect(new KeyedHash(larger.subarray(16)).text([1], 'a')).toEqual(new KeyedHash(key).text([1], 'a'))
  })
})
