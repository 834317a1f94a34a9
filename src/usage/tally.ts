/**
 * Counting, in partials that merge: many files, many processes, one result.
 *
 * A partial keeps, per session of a day, at most the allowed number of cells: those smallest under a hash that depends
 * on the session and the cell. Whatever order visits come in and however they are split, the same cells stay: the
 * smallest of a union are among the smallest of each part, and a cell that once gave way cannot come back, so its
 * count is complete or gone. Visits of a session in a cell saturate; min(c, min(c, a) + min(c, b)) = min(c, a + b).
 * Hence partial(A) + partial(B) = partial(A + B), exactly and in either order.
 *
 * A partial is as sensitive as the visits themselves until the key of its run is gone. Partials of different runs
 * must not meet: their tokens cannot be compared, so `absorb` refuses them.
 */

import type { CalendarDate } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Dimension } from '../policy/model.ts'
import { compareBytes } from '../values/text.ts'
import type { Anonymous, Slot } from './anonymise.ts'
import { KeyedHash, type Token, tags } from './hash.ts'
import { Identifiers } from './identifiers.ts'
import type { VisitSource } from './model.ts'
import { longer, TokenTable } from './tokens.ts'

/** The most visits that one session adds to a cell, so that no single one makes a figure. */
export const visitsPerCell = 100

/** A cell before protection: unlike a published one it always has a day. */
export interface RawCell {
  readonly day: CalendarDate
  readonly hour?: number
  readonly weekday?: number
  readonly source?: VisitSource
}

/** A cell with what was counted in it, before protection. Never published as it stands. */
export interface Counted {
  readonly cell: RawCell
  readonly visits: number
  readonly sessions: number
}

/** What a partial is to count. */
export interface PartialOptions {
  readonly dimensions: readonly Dimension[]
  readonly cellsPerSession: number
  /** The run's 32 secret bytes, the same for all partials that are to be merged. */
  readonly key: Uint8Array
}

/** The count of part of the visits of a run. */
export class Partial {
  readonly hash: KeyedHash
  readonly identifiers: Identifiers
  readonly #options: PartialOptions
  readonly #run: Token
  readonly #cells: RawCell[] = []
  readonly #cellTokens: Token[] = []
  readonly #cellIds = new Map<string, number>()
  readonly #bySlot = new WeakMap<Slot, Map<VisitSource, number>>()
  readonly #sessions = new TokenTable()
  /** Session -> its first entry plus one, 0 where it has none; entries are chained by `next`, likewise. */
  #first = new Int32Array(64)
  #next = new Int32Array(64)
  #cell = new Int32Array(64)
  #visits = new Int32Array(64)
  #entries = 0

  constructor(options: PartialOptions) {
    this.#options = options
    this.hash = new KeyedHash(options.key)
    this.identifiers = new Identifiers(this.hash)
    this.#run = this.hash.bytes([tags.run])
  }

  /** Counts one visit. */
  add({ slot, source, lo, hi }: Anonymous): void {
    this.#count(this.#session(lo, hi), this.#cellOf(slot, source), 1)
  }

  /** Adds another partial of the same run. @throws InvalidInput `input.invalid` if it is of another run */
  absorb(other: Partial): void {
    if (other.#run.lo !== this.#run.lo || other.#run.hi !== this.#run.hi) {
      throw new InvalidInput('input.invalid', 'partial is of another run', { path: 'partial' })
    }
    const ids = other.#cells.map((cell) => this.#idOf(cell))
    for (let theirs = 0; theirs < other.#sessions.size; theirs++) {
      const { lo, hi } = other.#sessions.at(theirs)
      const session = this.#session(lo, hi)
      for (const { cell, visits } of other.#of(theirs)) this.#count(session, ids[cell] as number, visits)
    }
    this.identifiers.absorb(other.identifiers)
  }

  /**
   * The cells with their counts, in no order that means anything. `rename` says under which source a cell is counted;
   * cells that become one count each session once.
   */
  counts(rename: (source: VisitSource) => VisitSource = (source) => source): Counted[] {
    const renamed = this.#cells.map((cell) =>
      cell.source === undefined ? this.#idOf(cell) : this.#idOf({ ...cell, source: rename(cell.source) }),
    )
    const visits = new Float64Array(this.#cells.length)
    const sessions = new Float64Array(this.#cells.length)
    for (let session = 0; session < this.#sessions.size; session++) {
      const merged = new Map<number, number>()
      for (const entry of this.#of(session)) {
        const id = renamed[entry.cell] as number
        merged.set(id, Math.min((merged.get(id) ?? 0) + entry.visits, visitsPerCell))
      }
      for (const [id, count] of merged) {
        visits[id] = (visits[id] as number) + count
        sessions[id] = (sessions[id] as number) + 1
      }
    }
    return this.#cells
      .map((cell, id) => ({ cell, visits: visits[id] as number, sessions: sessions[id] as number }))
      .filter((counted) => counted.sessions > 0)
  }

  /** The days that visits were counted on, in order. */
  days(): CalendarDate[] {
    return [...new Set(this.#cells.map(({ day }) => day))].sort(compareBytes)
  }

  #session(lo: number, hi: number): number {
    const session = this.#sessions.add(lo, hi)
    if (session === this.#first.length) this.#first = longer(this.#first)
    return session
  }

  /** The entries of a session. */
  *#of(session: number): Generator<{ cell: number; visits: number }> {
    for (let at = this.#first[session] as number; at !== 0; at = this.#next[at - 1] as number) {
      yield { cell: this.#cell[at - 1] as number, visits: this.#visits[at - 1] as number }
    }
  }

  #count(session: number, cell: number, visits: number): void {
    let length = 0
    for (let at = this.#first[session] as number; at !== 0; at = this.#next[at - 1] as number) {
      if (this.#cell[at - 1] === cell) {
        this.#visits[at - 1] = Math.min((this.#visits[at - 1] as number) + visits, visitsPerCell)
        return
      }
      length++
    }
    if (length < this.#options.cellsPerSession) this.#enter(session, cell, visits)
    else this.#displace(session, cell, visits)
  }

  #enter(session: number, cell: number, visits: number): void {
    if (this.#entries === this.#cell.length) {
      this.#next = longer(this.#next)
      this.#cell = longer(this.#cell)
      this.#visits = longer(this.#visits)
    }
    const entry = this.#entries++
    this.#cell[entry] = cell
    this.#visits[entry] = Math.min(visits, visitsPerCell)
    this.#next[entry] = this.#first[session] as number
    this.#first[session] = entry + 1
  }

  /** A session that has all its cells: a new one takes the place of the largest, unless it is larger itself. */
  #displace(session: number, cell: number, visits: number): void {
    let largest = -1
    let rank = this.#rank(session, cell)
    for (let at = this.#first[session] as number; at !== 0; at = this.#next[at - 1] as number) {
      const there = this.#rank(session, this.#cell[at - 1] as number)
      if (there <= rank) continue
      largest = at - 1
      rank = there
    }
    if (largest === -1) return
    this.#cell[largest] = cell
    this.#visits[largest] = Math.min(visits, visitsPerCell)
  }

  /** Where a cell stands in the order of a session: both tokens are keyed hashes, so mixing them is enough. */
  #rank(session: number, cell: number): number {
    const { lo, hi } = this.#sessions.at(session)
    const token = this.#cellTokens[cell] as Token
    const low = mixed(lo ^ mixed(token.lo ^ hi)) ^ token.hi
    const high = mixed(low ^ mixed(token.hi ^ lo))
    return (high >>> 11) * 0x1_0000_0000 + (low >>> 0)
  }

  #cellOf(slot: Slot, source: VisitSource): number {
    let cells = this.#bySlot.get(slot)
    if (cells === undefined) {
      cells = new Map()
      this.#bySlot.set(slot, cells)
    }
    const known = cells.get(source)
    if (known !== undefined) return known
    const { dimensions } = this.#options
    const id = this.#idOf({
      day: slot.day,
      ...(dimensions.includes('hour') && { hour: slot.hour }),
      ...(dimensions.includes('weekday') && { weekday: slot.weekday }),
      ...(dimensions.includes('source') && { source }),
    })
    cells.set(source, id)
    return id
  }

  #idOf(cell: RawCell): number {
    const name = `${cell.day}/${cell.hour ?? ''}/${cell.weekday ?? ''}/${cell.source ?? ''}`
    const known = this.#cellIds.get(name)
    if (known !== undefined) return known
    const id = this.#cells.push(cell) - 1
    this.#cellTokens.push(this.hash.text([tags.cell], name))
    this.#cellIds.set(name, id)
    return id
  }
}

/** The finaliser of MurmurHash3: a bijection of 32-bit words that spreads every bit. */
function mixed(word: number): number {
  let mix = word
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return mix ^ (mix >>> 16)
}
