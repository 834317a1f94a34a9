/**
 * A memo of fixed size from byte strings to what was made of them, so that a log reader does its costly work once per
 * host, user agent and referrer instead of once per line, without decoding or allocating anything when it was seen.
 *
 * Direct-mapped: each byte string has one place, and a newcomer evicts. The bytes themselves are compared, so a hit
 * is never wrong; whoever provokes collisions on purpose only makes every line cost a miss, which is still linear.
 */

/** What a memo is: how many places, how many bytes each, and how a value is made when it is not there. */
export interface MemoOptions<T> {
  /** A power of two. */
  readonly places: number
  /** Longer byte strings are not remembered. */
  readonly width: number
  make(bytes: Uint8Array, start: number, end: number): T
}

/** A memo. The bytes it holds live as long as it does. */
export class ByteMemo<T> {
  readonly #options: MemoOptions<T>
  readonly #bytes: Uint8Array
  readonly #lengths: Int32Array
  readonly #values: (T | undefined)[]

  constructor(options: MemoOptions<T>) {
    this.#options = options
    this.#bytes = new Uint8Array(options.places * options.width)
    this.#lengths = new Int32Array(options.places).fill(-1)
    this.#values = new Array<T | undefined>(options.places).fill(undefined)
  }

  /** What `make` gives for the bytes from `start` up to `end`, now or earlier. */
  of(bytes: Uint8Array, start: number, end: number): T {
    const { places, width } = this.#options
    const place = mixed(bytes, start, end) & (places - 1)
    const known = this.#lengths[place] === end - start && same(this.#bytes, place * width, bytes, start, end)
    if (known) return this.#values[place] as T
    const made = this.#options.make(bytes, start, end)
    if (end - start <= width) {
      this.#bytes.set(bytes.subarray(start, end), place * width)
      this.#lengths[place] = end - start
      this.#values[place] = made
    }
    return made
  }
}

/** A quick mix of the bytes, good enough to spread them over places. */
function mixed(bytes: Uint8Array, start: number, end: number): number {
  let mix = end - start
  let at = start
  for (const whole = end - 3; at < whole; at += 4) {
    const four =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    mix = Math.imul(mix ^ four, 0x5bd1e995)
    mix ^= mix >>> 15
  }
  for (; at < end; at++) mix = Math.imul(mix ^ (bytes[at] as number), 0x5bd1e995)
  mix ^= mix >>> 13
  return mix ^ (mix >>> 7)
}

function same(kept: Uint8Array, from: number, bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start, j = from; i < end; i++, j++) if (kept[j] !== bytes[i]) return false
  return true
}
