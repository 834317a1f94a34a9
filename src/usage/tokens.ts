/**
 * A set of 64-bit tokens that gives each its number in order of arrival, in typed arrays: twelve to twenty bytes a
 * token where a `Set` of strings takes a hundred. Open addressing with linear probing; the tokens are keyed hashes, so
 * nobody outside can choose which collide.
 */

import type { Token } from './hash.ts'

/** Numbered tokens. */
export class TokenTable {
  #count = 0
  #lo = new Int32Array(64)
  #hi = new Int32Array(64)
  /** Number plus one of the token that stands there; 0 where none does. A power of two long, at most half full. */
  #places = new Int32Array(128)

  /** How many tokens there are; the next new one gets this number. */
  get size(): number {
    return this.#count
  }

  /** The token of a number. */
  at(index: number): Token {
    return { lo: this.#lo[index] as number, hi: this.#hi[index] as number }
  }

  /** The number of a token, which is added where it is new. */
  add(lo: number, hi: number): number {
    const place = this.#find(lo, hi)
    const there = this.#places[place] as number
    if (there !== 0) return there - 1
    const index = this.#count++
    if (index === this.#lo.length) {
      this.#lo = longer(this.#lo)
      this.#hi = longer(this.#hi)
    }
    this.#lo[index] = lo
    this.#hi[index] = hi
    this.#places[place] = index + 1
    if (this.#count * 2 > this.#places.length) this.#spread()
    return index
  }

  /** Whether a token is there. */
  has({ lo, hi }: Token): boolean {
    return this.#places[this.#find(lo, hi)] !== 0
  }

  /** Adds all tokens of another table. */
  absorb(other: TokenTable): void {
    for (let i = 0; i < other.#count; i++) this.add(other.#lo[i] as number, other.#hi[i] as number)
  }

  #find(lo: number, hi: number): number {
    const mask = this.#places.length - 1
    let place = lo & mask
    for (let there = this.#places[place] as number; there !== 0; there = this.#places[place] as number) {
      if (this.#lo[there - 1] === lo && this.#hi[there - 1] === hi) return place
      place = (place + 1) & mask
    }
    return place
  }

  #spread(): void {
    this.#places = new Int32Array(this.#places.length * 2)
    for (let i = 0; i < this.#count; i++) {
      this.#places[this.#find(this.#lo[i] as number, this.#hi[i] as number)] = i + 1
    }
  }
}

/** A copy of twice the length. */
export function longer(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}
