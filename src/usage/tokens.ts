/**
 * A set of 64-bit tokens that gives each its number in order of arrival, in typed arrays: twelve to twenty bytes a
 * token where a `Set` of strings takes a hundred. Open addressing with linear probing; the tokens are keyed hashes, so
 * nobody outside can choose which collide.
 */

import type { Token } from './hash.ts'

/** Numbered tokens. */
export class TokenTable {
  #count = 0
  /** Low and high word of each token, side by side: looking one up touches one place in memory. */
  #words = new Int32Array(128)
  /** Number plus one of the token that stands there; 0 where none does. A power of two long, at most half full. */
  #places = new Int32Array(128)

  /** How many tokens there are; the next new one gets this number. */
  get size(): number {
    return this.#count
  }

  /** The token of a number. */
  at(index: number): Token {
    return { lo: this.#words[2 * index] as number, hi: this.#words[2 * index + 1] as number }
  }

  /** The number of a token, which is added where it is new. */
  add(lo: number, hi: number): number {
    const place = this.#find(lo, hi)
    const there = this.#places[place] as number
    if (there !== 0) return there - 1
    const index = this.#count++
    if (2 * index === this.#words.length) this.#words = longer(this.#words)
    this.#words[2 * index] = lo
    this.#words[2 * index + 1] = hi
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
    for (let i = 0; i < other.#count; i++) {
      const { lo, hi } = other.at(i)
      this.add(lo, hi)
    }
  }

  #find(lo: number, hi: number): number {
    const mask = this.#places.length - 1
    let place = lo & mask
    for (let there = this.#places[place] as number; there !== 0; there = this.#places[place] as number) {
      if (this.#words[2 * there - 2] === lo && this.#words[2 * there - 1] === hi) return place
      place = (place + 1) & mask
    }
    return place
  }

  #spread(): void {
    this.#places = new Int32Array(this.#places.length * 2)
    for (let i = 0; i < this.#count; i++) {
      this.#places[this.#find(this.#words[2 * i] as number, this.#words[2 * i + 1] as number)] = i + 1
    }
  }
}

/** A copy of twice the length. */
export function longer(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}
