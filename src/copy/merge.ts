/**
 * Brings a store to hold what is read: walks both in order, side by side, and writes what the store lacks. What it
 * holds already is not written again, which is how a copy that was interrupted goes on; what it holds beyond that is
 * refused, because then it is not a copy.
 *
 * Memory holds a batch of each side and the rows that wait to be written, of which one batch is on its way.
 */

import { Conflict } from '../errors.ts'
import type { BulkRow, Store, StoredVisit } from '../store.ts'
import { type CopyRow, compareRows, nameOf, visitsSection } from './rows.ts'

const [mostRows, mostCharacters] = [100, 2_000_000]

/** What a walk came to, so far. */
export interface Walked {
  readonly section: string
  /** Rows that were read, in all sections. */
  readonly rows: number
  /** Those of them that the store lacked, and now holds or is to hold. */
  readonly written: number
}

/**
 * Walks `rows` beside what `to` holds; tells after each batch how far it has come. With `read` nothing is
 * written; with `look` neither, and the walk ends where what `to` holds ends.
 * @throws Conflict `conflict.state` for what `to` holds and `rows` do not; what reading and writing throw
 */
export async function* merge(
  rows: AsyncIterable<CopyRow[]>,
  with_: {
    readonly held: AsyncIterable<CopyRow[]>
    readonly to: Store
    readonly act: 'write' | 'read' | 'look'
  },
): AsyncGenerator<Walked> {
  const held = new Held(with_.held)
  const writer = new Writer(with_.to)
  const walked = { section: '', rows: 0, written: 0 }
  try {
    await held.advance()
    for await (const batch of rows) {
      if (with_.act === 'look' && held.row === undefined) return
      for (const row of batch) {
        if (await held.holds(row)) continue
        walked.written++
        if (with_.act === 'write') await writer.add(row)
      }
      walked.rows += batch.length
      yield { ...walked, section: batch[0]?.section ?? '' }
    }
    if (held.row !== undefined) throw foreign(held.row)
    await writer.end()
  } finally {
    await held.close()
    await writer.settled()
  }
}

/** The rows of the store that is written to, one at a time. */
class Held {
  readonly #batches: AsyncIterator<CopyRow[]>
  #batch: CopyRow[] = []
  #next = 0

  constructor(rows: AsyncIterable<CopyRow[]>) {
    this.#batches = rows[Symbol.asyncIterator]()
  }

  /** The first that was not yet come by, or nothing. */
  row: CopyRow | undefined

  async advance(): Promise<void> {
    while (this.#next === this.#batch.length) {
      const { value, done } = await this.#batches.next()
      if (done) {
        this.row = undefined
        return
      }
      this.#batch = value
      this.#next = 0
    }
    this.row = this.#batch[this.#next++]
  }

  /** Whether the store holds this row. @throws Conflict where it holds one before it, or another in its place */
  async holds(row: CopyRow): Promise<boolean> {
    if (this.row === undefined) return false
    const order = compareRows(this.row, row)
    if (order > 0) return false
    if (order < 0 || this.row.line !== row.line) throw foreign(this.row)
    await this.advance()
    return true
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}

/** Writes rows in batches, the next one being filled while one is on its way. */
class Writer {
  readonly #to: Store
  #batch: CopyRow[] = []
  #characters = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(to: Store) {
    this.#to = to
  }

  async add(row: CopyRow): Promise<void> {
    const [first] = this.#batch
    if (first !== undefined && !together(first, row)) await this.#flush()
    this.#characters += row.line.length
    if (this.#batch.push(row) >= mostRows || this.#characters >= mostCharacters) await this.#flush()
  }

  async end(): Promise<void> {
    await this.#flush()
    await this.#writing
  }

  /** Resolves when nothing is on its way any more, whatever became of it. */
  settled(): Promise<unknown> {
    return this.#writing.catch(() => {})
  }

  async #flush(): Promise<void> {
    await this.#writing
    this.#writing = write(this.#to, this.#batch)
    // It is awaited before the next one; until then its failure is not one that nobody hears of.
    this.#writing.catch(() => {})
    this.#batch = []
    this.#characters = 0
  }
}

const together = (a: CopyRow, b: CopyRow): boolean =>
  a.section === b.section && ('row' in a || 'row' in b || a.tenant === b.tenant)

async function write(to: Store, batch: readonly CopyRow[]): Promise<void> {
  const [first] = batch
  if (first === undefined) return
  if ('row' in first) {
    const rows = batch.flatMap((each): BulkRow[] => ('row' in each ? [each.row] : []))
    await to.bulk.write(first.section, rows)
  } else {
    const visits = batch.flatMap((each): StoredVisit[] => ('visit' in each ? [each.visit] : []))
    await to.visits.append(first.tenant, visits)
  }
}

const foreign = (row: CopyRow): Conflict =>
  new Conflict(
    'conflict.state',
    `the target holds ${row.section === visitsSection ? 'visits' : `what is in ${row.section}`} that the source does not: copy into an empty one`,
    { path: row.section, record: nameOf(row) },
  )
