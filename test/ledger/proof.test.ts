/** Proofs, against RFC 6962 and RFC 9162 word for word: all trees up to 40 leaves, and random ones. */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../src/ledger/model.ts'
import {
  consistencySpans,
  inclusionSpans,
  placesOf,
  type Span,
  verifyConsistency,
  verifyInclusion,
} from '../../src/ledger/proof.ts'

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const split = (count: number): number => {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

/** RFC 6962 §2.1. */
function mth(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), Buffer.from(leaves[0] ?? ''))
  const k = split(leaves.length)
  return sha256(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** RFC 6962 §2.1.1. */
function path(m: number, leaves: readonly string[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

/** RFC 6962 §2.1.2. */
function subproof(m: number, leaves: readonly string[], whole: 'whole' | 'part'): Buffer[] {
  if (m === leaves.length) return whole === 'whole' ? [] : [mth(leaves)]
  const k = split(leaves.length)
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), 'part'), mth(leaves.slice(0, k))]
}

const most = 40
const leaves = Array.from({ length: most }, (_, i) => `leaf ${i}`)
const head = (size: number): Checkpoint => ({
  origin: 'o',
  size,
  root: mth(leaves.slice(0, size)).toString('hex'),
})
const heads = Array.from({ length: most + 1 }, (_, size) => head(size))
const hexes = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'))
const hashed = (spans: readonly Span[]): string[] =>
  hexes(spans.map(({ from, to }) => mth(leaves.slice(from, to))))
const at = (size: number): Checkpoint => heads[size] as Checkpoint

describe('inclusion', () => {
  it('of each leaf in each tree up to 40: the path of RFC 6962, and it holds', () => {
    for (let size = 1; size <= most; size++) {
      for (let index = 0; index < size; index++) {
        const proof = {
          sequence: index + 1,
          bytes: leaves[index] ?? '',
          path: hashed(inclusionSpans(index, size)),
        }
        expect(proof.path).toEqual(hexes(path(index, leaves.slice(0, size))))
        expect(verifyInclusion(proof, at(size)), `${index} of ${size}`).toBe(true)
      }
    }
  })

  it('of another entry, number, path, root or size: it does not hold', () => {
    const numbers = fc.integer({ min: 1, max: most })
    fc.assert(
      fc.property(numbers, fc.nat(), fc.nat(), fc.nat(255), (size, which, place, byte) => {
        const index = which % size
        const path = hashed(inclusionSpans(index, size))
        const proof = { sequence: index + 1, bytes: leaves[index] ?? '', path }
        expect(verifyInclusion({ ...proof, bytes: `${proof.bytes}x` }, at(size))).toBe(false)
        for (let other = 1; other <= size; other++) {
          if (other !== proof.sequence)
            expect(verifyInclusion({ ...proof, sequence: other }, at(size))).toBe(false)
        }
        const root = changed(at(size).root, { place, byte })
        expect(verifyInclusion(proof, { size, root })).toBe(false)
        const spoilt = path.map((hash, i) =>
          i === place % path.length ? changed(hash, { place, byte }) : hash,
        )
        if (path.length > 0) expect(verifyInclusion({ ...proof, path: spoilt }, at(size))).toBe(false)
        expect(verifyInclusion({ ...proof, path: path.slice(1) }, at(size))).toBe(path.length === 0)
        expect(verifyInclusion({ ...proof, path: [...path, at(size).root] }, at(size))).toBe(false)
      }),
    )
  })

  it('second preimage: a node of the tree is proved to be no entry', () => {
    const [left, right] = [mth(leaves.slice(0, 1)), mth(leaves.slice(1, 2))]
    const bytes = Buffer.concat([left, right]).toString('latin1')
    const proof = { sequence: 1, bytes, path: hashed(inclusionSpans(0, 2)) }
    expect(verifyInclusion(proof, at(2))).toBe(false)
    expect(verifyInclusion({ ...proof, path: [] }, { size: 1, root: at(2).root })).toBe(false)
  })
})

describe('consistency', () => {
  it('of each two trees up to 40: the path of RFC 6962, and it holds', () => {
    for (let to = 1; to <= most; to++) {
      for (let from = 1; from <= to; from++) {
        const proof = { path: hashed(consistencySpans(from, to)) }
        expect(proof.path).toEqual(hexes(subproof(from, leaves.slice(0, to), 'whole')))
        expect(verifyConsistency(proof, { from: at(from), to: at(to) }), `${from} to ${to}`).toBe(true)
      }
      expect(verifyConsistency({ path: consistencySpans(0, to) as [] }, { from: at(0), to: at(to) })).toBe(
        true,
      )
    }
    expect(verifyConsistency({ path: [] }, { from: at(0), to: at(0) })).toBe(true)
  })

  it('of trees that do not continue each other, or by another path: it does not hold', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(255), ([one, other], place, byte) => {
        const [from, to] = [at(Math.min(one, other)), at(Math.max(one, other))]
        const path = hashed(consistencySpans(from.size, to.size))
        const fails = (proof: string[], given: { from: Checkpoint; to: Checkpoint }): void =>
          expect(verifyConsistency({ path: proof }, given)).toBe(false)
        fails(path, { from: { ...from, root: changed(from.root, { place, byte }) }, to })
        fails(path, { from, to: { ...to, root: changed(to.root, { place, byte }) } })
        fails([...path, to.root], { from, to })
        fails(path, { from: { ...from, origin: 'another' }, to })
        if (from.size !== to.size) fails(path, { from: to, to: from })
        const i = place % Math.max(1, path.length)
        if (path.length > 0) {
          fails(path.toSpliced(i, 1), { from, to })
          fails(path.toSpliced(i, 1, changed(path[i] ?? '', { place, byte })), { from, to })
        }
      }),
    )
    expect(verifyConsistency({ path: [] }, { from: { ...at(0), root: at(1).root }, to: at(1) })).toBe(false)
    expect(verifyConsistency({ path: [at(1).root] }, { from: at(0), to: at(1) })).toBe(false)
  })
})

/** A hash with one digit changed. */
function changed(hash: string, { place, byte }: { place: number; byte: number }): string {
  const i = place % hash.length
  const digit =
    '0123456789abcdef'[byte % 16] === hash[i] ? (hash[i] === '0' ? '1' : '0') : '0123456789abcdef'[byte % 16]
  return hash.slice(0, i) + digit + hash.slice(i + 1)
}

describe('what is no proof', () => {
  const good = { sequence: 2, bytes: leaves[1] ?? '', path: hashed(inclusionSpans(1, 3)) }
  const malformed: readonly [string, unknown][] = [
    ['nothing', null],
    ['a text', 'x'],
    ['no number', { ...good, sequence: undefined }],
    ['number 0', { ...good, sequence: 0 }],
    ['a number beyond the tree', { ...good, sequence: 4 }],
    ['half a number', { ...good, sequence: 1.5 }],
    ['a number as text', { ...good, sequence: '2' }],
    ['no bytes', { ...good, bytes: null }],
    ['no path', { ...good, path: undefined }],
    ['a path that is text', { ...good, path: good.path.join() }],
    ['a path of numbers', { ...good, path: [1, 2] }],
    ['a path in capitals', { ...good, path: good.path.map((hash) => hash.toUpperCase()) }],
    ['a path longer than any tree is high', { ...good, path: Array(65).fill(good.path[0]) }],
  ]
  it.each(malformed)('%s: is false and no error', (_, proof) => {
    expect(verifyInclusion(good, at(3))).toBe(true)
    expect(verifyInclusion(proof as typeof good, at(3))).toBe(false)
    expect(verifyConsistency(proof as typeof good, { from: at(2), to: at(3) })).toBe(false)
  })
})

describe('where the hashes of a proof are found', () => {
  it('each span is made of full subtrees that end where an entry holds them, a logarithm of them in all', () => {
    const sizes = fc.integer({ min: 2, max: 2 ** 40 })
    fc.assert(
      fc.property(sizes, fc.maxSafeNat(), (size, which) => {
        for (const spans of [
          inclusionSpans(which % size, size),
          consistencySpans(1 + (which % size), size),
        ]) {
          const places = spans.flatMap((span) => {
            const found = placesOf(span)
            let at = span.from
            for (const { sequence, level } of found) {
              expect(sequence - 2 ** level).toBe(at)
              expect(sequence % 2 ** level).toBe(0)
              at = sequence
            }
            expect(at).toBe(span.to)
            return found
          })
          expect(places.length).toBeLessThanOrEqual(3 * Math.ceil(Math.log2(size)) + 2)
        }
      }),
    )
  })
})
