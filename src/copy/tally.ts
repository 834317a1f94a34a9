/**
 * Counts rows and digests them, section by section: SHA-256 over the lines of a section, each with its line feed, in
 * order. Two stores with the same digest hold the same records (without versions), the same entries under the same
 * sequence numbers and ids, and the same visits. It shows what went wrong by accident; against somebody who can
 * write a digest as well as a row it proves nothing.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { digestOf, hex } from '../keys/digest.ts'
import type { JsonValue } from '../store.ts'
import type { CopyRow } from './rows.ts'

/** What one section holds. */
export interface SectionTally {
  /** The name of a collection, or `_visits`. */
  readonly section: string
  readonly rows: number
  /** SHA-256 over its lines, as hex. */
  readonly digest: string
}

/** What all sections hold; `digest` is over all of theirs. */
export interface StoreTally {
  readonly sections: readonly SectionTally[]
  readonly digest: string
}

const encoder = new TextEncoder()
const lineFeed = Uint8Array.of(10)

/** Takes rows in order, and tells what they come to. */
export class Tally {
  readonly #buffer = new Uint8Array(65_536)
  readonly #sections: Map<string, { rows: number; readonly hash: ReturnType<typeof sha256.create> }>

  constructor(sections: readonly string[]) {
    this.#sections = new Map(sections.map((section) => [section, { rows: 0, hash: sha256.create() }]))
  }

  /** Rows of one section, in order. */
  add(rows: readonly CopyRow[]): void {
    const of = this.#sections.get(rows[0]?.section ?? '')
    if (of === undefined) return
    of.rows += rows.length
    for (const { line } of rows) {
      of.hash.update(this.#bytesOf(line)).update(lineFeed)
    }
  }

  /** In one buffer for all that fits into it: a copy of every line would be most of what a copy costs in memory. */
  #bytesOf(line: string): Uint8Array {
    if (3 * line.length > this.#buffer.length) return encoder.encode(line)
    return this.#buffer.subarray(0, encoder.encodeInto(line, this.#buffer).written)
  }

  end(): StoreTally {
    const sections = [...this.#sections].map(([section, { rows, hash }]) => ({
      section,
      rows,
      digest: hex(hash.clone().digest()),
    }))
    return { sections, digest: digestOf(sections satisfies JsonValue) }
  }
}

/** The first section in which two tallies differ, or `null`. A section that one lacks holds nothing there. */
export function differing(a: StoreTally, b: StoreTally): string | null {
  const of = (tally: StoreTally): Map<string, SectionTally> =>
    new Map(tally.sections.flatMap((each) => (each.rows === 0 ? [] : [[each.section, each]])))
  const [left, right] = [of(a), of(b)]
  for (const section of new Set([...left.keys(), ...right.keys()])) {
    const [one, other] = [left.get(section), right.get(section)]
    if (one?.rows !== other?.rows || one?.digest !== other?.digest) return section
  }
  return null
}
