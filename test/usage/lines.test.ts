import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, longestLine } from '../../src/usage/lines.ts'
import { ByteMemo } from '../../src/usage/memo.ts'

const encoder = new TextEncoder()

/** The lines of some chunks; `null` for one that was too long. */
function split(chunks: readonly Uint8Array[]): (string | null)[] {
  const lines: (string | null)[] = []
  const splitter = new LineSplitter({
    line: (bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
    tooLong: () => lines.push(null),
  })
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...places].map((p) => p % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
}

describe('the line splitter', () => {
  it.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb\n', ['a\r', 'b']],
  ])('splits %j', (text, lines) => {
    expect(split([encoder.encode(text)])).toEqual(lines)
  })

  it('gives the same lines however the bytes are chunked', () => {
    const bytes = fc.array(fc.constantFrom(10, 10, 0, 13, 65, 255), { maxLength: 60 })
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60), { maxLength: 10 }), (list, places) => {
        const whole = Uint8Array.from(list)
        expect(split(cut(whole, places))).toEqual(split([whole]))
      }),
    )
  })

  it.each([
    ['in one chunk', 1 << 20],
    ['over many chunks', 1_000],
  ])('discards a line over the bound once and reads on, %s', (_, size) => {
    const bytes = encoder.encode(
      `a\n${'x'.repeat(longestLine)}\n${'y'.repeat(longestLine + 1)}\nb\n${'z'.repeat(200_000)}`,
    )
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    expect(split(chunks)).toEqual(['a', 'x'.repeat(longestLine), null, 'b', null])
  })
})

describe('the memo', () => {
  it('gives what would be made, whatever collides', () => {
    const memo = new ByteMemo({
      places: 4,
      width: 3,
      make: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)).toString('hex'),
    })
    const list = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 40 })
    fc.assert(
      fc.property(list, (all) => {
        for (const bytes of all) {
          const padded = Uint8Array.from([7, ...bytes, 7])
          expect(memo.of(padded, 1, bytes.length + 1)).toBe(Buffer.from(bytes).toString('hex'))
        }
      }),
    )
  })

  it('makes a thing once while it is remembered, and a long one each time', () => {
    let made = 0
    const memo = new ByteMemo({ places: 16, width: 4, make: () => ++made })
    const bytes = encoder.encode('abcdefgh')
    expect([memo.of(bytes, 0, 3), memo.of(bytes, 0, 3), memo.of(bytes, 0, 8), memo.of(bytes, 0, 8)]).toEqual([
      1, 1, 2, 3,
    ])
  })
})
