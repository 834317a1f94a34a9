/**
 * Rows of a CSV text as it comes in, piece by piece (RFC 4180, with `,`, `;` or a tab between fields).
 *
 * Only one row is held in memory, and a row of more than 64 Ki characters ends the reading: an open quote must not take
 * the rest of a file along. A quote inside a bare field, or anything but a separator after a closing one, makes the row
 * a fault; which field was meant is not guessed. Lines end in LF or CRLF; blank ones are no rows; a byte order mark at
 * the start is not part of the text. A text with NUL is not UTF-8 that was meant as text (UTF-16 reads so): refused.
 * Fields are data: none is ever evaluated or written back.
 */

import { InvalidInput } from '../errors.ts'

export type Separator = ',' | ';' | '\t'

/** A row, and the line it begins on, from 1. */
export interface CsvRow {
  readonly line: number
  /** `null` where its quotes do not match. */
  readonly fields: readonly string[] | null
}

export interface CsvReader {
  /** The rows that end in this piece. @throws InvalidInput `input.too-large`, `input.invalid` */
  push(piece: string): CsvRow[]
  /** The row that no line end follows. A quote that is still open makes it a fault. */
  end(): CsvRow[]
}

export const longestRow = 65_536

interface State {
  /** Where the next character stands: at the start of a field, in a bare or a quoted one, or after a quote that may close it. */
  in: 'start' | 'bare' | 'quoted' | 'closing'
  fields: string[]
  field: string
  fault: boolean
  /** A CR came after a closing quote: only LF may follow. */
  ended: boolean
  length: number
  line: number
  from: number
}

const freshRow = (): Omit<State, 'line' | 'from'> => ({
  in: 'start',
  fields: [],
  field: '',
  fault: false,
  ended: false,
  length: 0,
})

export function csvReader(separator: Separator): CsvReader {
  const state: State = { ...freshRow(), line: 1, from: 1 }
  let begun = false
  return {
    push(piece) {
      const text = !begun && piece.startsWith('\uFEFF') ? piece.slice(1) : piece
      begun ||= piece !== ''
      const rows: CsvRow[] = []
      for (const character of text) {
        const row = take(state, { character, separator })
        if (row !== null) rows.push(row)
      }
      return rows
    },
    end() {
      if (state.in === 'quoted') state.fault = true
      const row = rowOf(state)
      return row === null ? [] : [row]
    },
  }
}

function take(
  state: State,
  { character, separator }: { character: string; separator: Separator },
): CsvRow | null {
  checkCharacter(state, character)
  if (character === '\n') state.line++
  if (state.in === 'quoted') {
    if (character === '"') state.in = 'closing'
    else state.field += character
    return null
  }
  if (character === '\n') return rowOf(state)
  if (character === '"') quote(state)
  else if (character === separator) next(state)
  else bare(state, character)
  return null
}

function checkCharacter(state: State, character: string): void {
  if (character === '\0') throw wrong(state, 'input.invalid', 'is not text in UTF-8')
  state.length++
  if (state.length > longestRow)
    throw wrong(state, 'input.too-large', `must be at most ${longestRow} characters`)
}

function quote(state: State): void {
  if (state.in === 'start') state.in = 'quoted'
  else if (state.in === 'closing' && !state.ended) {
    state.field += '"'
    state.in = 'quoted'
  } else state.fault = true
}

function bare(state: State, character: string): void {
  if (state.in === 'closing') {
    if (character === '\r' && !state.ended) state.ended = true
    else state.fault = true
    return
  }
  state.in = 'bare'
  state.field += character
}

function next(state: State): void {
  state.fault ||= state.ended
  state.fields.push(state.field)
  state.field = ''
  state.in = 'start'
}

/** The row that has come to its end; `null` where the line was blank. */
function rowOf(state: State): CsvRow | null {
  const { fields, fault, from } = state
  const last = state.in === 'bare' && state.field.endsWith('\r') ? state.field.slice(0, -1) : state.field
  const blank = fields.length === 0 && last === '' && state.in !== 'closing' && !fault
  Object.assign(state, freshRow(), { from: state.line })
  if (blank) return null
  return { line: from, fields: fault ? null : [...fields, last] }
}

const wrong = ({ from }: State, code: 'input.invalid' | 'input.too-large', says: string): InvalidInput =>
  new InvalidInput(code, `line ${from} of csv ${says}`, { path: `csv[${from}]` })
