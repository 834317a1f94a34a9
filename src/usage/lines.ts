/**
 * Bytes to lines, whatever the chunks. A line ends at LF, or at the end of the input; what follows the last LF is a
 * line only if it is not empty. A line is handed on where it lies in its chunk; only one that spans chunks is copied,
 * into a buffer of 64 KiB that is all the memory this needs. A longer line is discarded while it streams past and
 * reported once.
 */

/** The longest line, in bytes without its LF. */
export const longestLine = 65_536

/** What becomes of the lines, in order. */
export interface LineSink {
  /** The line stands in `bytes` from `start` up to `end`, only until this returns. */
  line(bytes: Uint8Array, start: number, end: number): void
  /** A line that is longer than {@link longestLine}. */
  tooLong(): void
}

/** Takes chunks, gives lines. */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #carry = new Uint8Array(longestLine)
  /** Bytes of the line at hand seen in earlier chunks; beyond {@link longestLine} they are no longer kept. */
  #carried = 0

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      if (this.#carried === 0) this.#hand(chunk, start, end)
      else {
        this.#keep(chunk, start, end)
        this.#handCarried()
      }
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length)
  }

  /** No more chunks: what is left is the last line. */
  end(): void {
    if (this.#carried > 0) this.#handCarried()
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.#carried + end - start <= longestLine) {
      this.#carry.set(chunk.subarray(start, end), this.#carried)
      this.#carried += end - start
    } else this.#carried = longestLine + 1
  }

  #handCarried(): void {
    const length = this.#carried
    this.#carried = 0
    this.#hand(this.#carry, 0, length)
  }

  #hand(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > longestLine) this.#sink.tooLong()
    else this.#sink.line(bytes, start, end)
  }
}
