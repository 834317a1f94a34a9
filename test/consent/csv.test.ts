import { InvalidInput } from '@pilvi/privacy'
import { parse as witness } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRow, csvReader, longestRow, type Separator } from '../../src/consent/csv.ts'

function read(pieces: readonly string[], separator: Separator = ','): CsvRow[] {
  const reader = csvReader(separator)
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

describe('rows of a CSV text', () => {
  it.each<[name: string, text: string, rows: readonly (readonly [number, readonly string[] | null])[]]>([
    [
      'plain',
      'a,b\nc,d\n',
      [
        [1, ['a', 'b']],
        [2, ['c', 'd']],
      ],
    ],
    [
      'CRLF, and no end of the last line',
      'a,b\r\nc,d',
      [
        [1, ['a', 'b']],
        [2, ['c', 'd']],
      ],
    ],
    ['a byte order mark', '\uFEFFa\n', [[1, ['a']]]],
    ['blank lines', '\n\r\na\n\n', [[3, ['a']]]],
    [
      'empty fields',
      ',\n"",""\n""\n',
      [
        [1, ['', '']],
        [2, ['', '']],
        [3, ['']],
      ],
    ],
    [
      'quotes, doubled ones, and a line end inside',
      '"a""b","c\r\nd"\ne,f\n',
      [
        [1, ['a"b', 'c\r\nd']],
        [3, ['e', 'f']],
      ],
    ],
    [
      'CRLF after a closing quote',
      '"a"\r\n"b"',
      [
        [1, ['a']],
        [2, ['b']],
      ],
    ],
    [
      'a quote inside a bare field',
      'a"b,c\nd,e\n',
      [
        [1, null],
        [2, ['d', 'e']],
      ],
    ],
    [
      'text after a closing quote',
      '"a"b,c\nd,e\n',
      [
        [1, null],
        [2, ['d', 'e']],
      ],
    ],
    [
      'a CR after a closing quote that ends nothing',
      '"a"\r,b\n"a"\r"\n"a"\r\r\nd\n',
      [
        [1, null],
        [2, null],
        [3, null],
        [4, ['d']],
      ],
    ],
    [
      'a quote that stays open',
      'a\n"b\nc',
      [
        [1, ['a']],
        [2, null],
      ],
    ],
    ['nothing', '', []],
  ])('%s', (_, text, rows) => {
    const expected = rows.map(([line, fields]) => ({ line, fields }))
    expect(read([text])).toEqual(expected)
    expect(read([...text])).toEqual(expected)
  })

  it.each<[Separator]>([[','], [';'], ['\t']])(
    'are read as an independent parser reads them, however cut (%j)',
    (separator) => {
      const field = fc.string({
        unit: fc.constantFrom('a', 'ä', '"', ',', ';', '\t', '\n', '\r\n', ' ', '😀'),
        maxLength: 6,
      })
      const written = (text: string): string => `"${text.replaceAll('"', '""')}"`
      const bare = field.filter((text) => !/["\r\n,;\t]/.test(text))
      const cell = fc.oneof(field.map(written), bare)
      const row = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(separator))
      const text = fc
        .tuple(fc.array(row, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'))
        .map(([rows, end]) => rows.join(end))
      fc.assert(
        fc.property(text, fc.nat(40), (csv, cut) => {
          const options = {
            delimiter: separator,
            relax_column_count: true,
            skip_empty_lines: true,
            record_delimiter: ['\r\n', '\n'],
          }
          const there = witness(csv, options) as string[][]
          expect(read([csv.slice(0, cut), csv.slice(cut)], separator).map(({ fields }) => fields)).toEqual(
            there,
          )
        }),
        { numRuns: 500 },
      )
    },
  )
})

describe('CSV bombs', () => {
  const refused = (pieces: () => Iterable<string>, code: string, path: string): void => {
    const reader = csvReader(',')
    let held = 0
    const run = (): void => {
      for (const piece of pieces()) {
        reader.push(piece)
        held += piece.length
      }
    }
    expect(run).toThrow(InvalidInput)
    expect(held).toBeLessThan(2 * longestRow)
    try {
      reader.push('x'.repeat(longestRow + 1))
    } catch (error) {
      expect(error).toMatchObject({ code, path })
    }
  }

  it('a line of ten million characters is refused before it is held', () => {
    function* pieces() {
      yield 'a@example.com\n'
      for (let i = 0; i < 1_000; i++) yield 'x'.repeat(10_000)
    }
    refused(pieces, 'input.too-large', 'csv[2]')
  })

  it('a quote that never closes does not take the file along', () => {
    function* pieces() {
      yield '"'
      for (let i = 0; i < 1_000; i++) yield 'a@example.com\n'.repeat(700)
    }
    refused(pieces, 'input.too-large', 'csv[1]')
  })

  it('UTF-16 that was read as UTF-8 is refused', () => {
    expect(() => read(['a\0@\0'])).toThrow(expect.objectContaining({ code: 'input.invalid', path: 'csv[1]' }))
  })
})
