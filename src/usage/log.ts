/**
 * An access log into a partial: bytes -> lines -> parsed -> anonymised -> counted, one line at a time and in memory
 * that does not grow with the log (it grows with the sessions and cells in it).
 *
 * Every line is either counted or rejected with a reason; the two add up to the lines read, exactly.
 */

import { Anonymiser } from './anonymise.ts'
import { type LineSink, LineSplitter } from './lines.ts'
import { LineParser, noneRejected, type RejectReason } from './parse.ts'
import type { Partial } from './tally.ts'

/**
 * What became of the lines of a log: for whoever runs the service, never for publication. These are exact totals, and
 * from exact totals the groups that were left out could be computed by subtraction.
 */
export interface LogLines {
  readonly read: number
  readonly counted: number
  readonly rejected: Readonly<Record<RejectReason, number>>
  /** The first 1,000 rejected lines, by number, from 1. What stands in them is not kept. */
  readonly rejectedLines: readonly { readonly line: number; readonly reason: RejectReason }[]
}

const rejectedLinesKept = 1_000

/** Counts the lines of a log into a partial. */
export class LogTally implements LineSink {
  readonly #partial: Partial
  readonly #anonymiser: Anonymiser
  readonly #parser = new LineParser()
  readonly #splitter = new LineSplitter(this)
  readonly #rejected: Record<RejectReason, number> = { ...noneRejected }
  readonly #rejectedLines: { line: number; reason: RejectReason }[] = []
  #read = 0
  #counted = 0

  constructor(partial: Partial, options: { readonly timeZone: string; readonly sites: readonly string[] }) {
    this.#partial = partial
    this.#anonymiser = new Anonymiser({ ...options, hash: partial.hash, identifiers: partial.identifiers })
  }

  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk)
  }

  /** No more chunks. */
  end(): LogLines {
    this.#splitter.end()
    return {
      read: this.#read,
      counted: this.#counted,
      rejected: { ...this.#rejected },
      rejectedLines: [...this.#rejectedLines],
    }
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    this.#read++
    const reason = this.#parser.parse(bytes, start, end)
    if (reason === null) {
      this.#counted++
      this.#partial.add(this.#anonymiser.line(bytes, this.#parser))
    } else this.#reject(reason)
  }

  tooLong(): void {
    this.#read++
    this.#reject('too-long')
  }

  #reject(reason: RejectReason): void {
    this.#rejected[reason]++
    if (this.#rejectedLines.length < rejectedLinesKept) {
      this.#rejectedLines.push({ line: this.#read, reason })
    }
  }
}
