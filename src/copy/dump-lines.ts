/**
 * The format of a dump. The first line names it and the collections,
 * `{"collections":[{"kind":…,"name":…},…],"format":"pilvi-privacy-dump","version":1}`; then come the rows (rows.ts), in
 * order; and last what they come to (tally.ts), `{"digest":…,"sections":[{"digest":…,"rows":…,"section":…},…]}`. Every
 * line is canonical JSON (RFC 8785), so that the digest of a section is the SHA-256 of its lines as they stand there.
 *
 * Refused with `record.corrupt`, whose `path` is `line n`: what is in any byte not so, rows that are out of order or
 * there twice, a last line that says something else, or none, and whatever comes after it. Without a path: bytes that
 * are no text (a file that is compressed, or encrypted), and a line that is longer than any can be.
 */

import { IntegrityFailure } from '../errors.ts'
import type { Collection, JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { type CopyRow, compareRows, parsedRow, sectionsOf } from './rows.ts'
import { type StoreTally, Tally } from './tally.ts'

/** A dump as it is read: strings are whole lines, with or without their line feeds; bytes are cut anywhere (UTF-8). */
export type DumpSource = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** What the first line begins with. */
export const dumpFormat = { format: 'pilvi-privacy-dump', version: 1 } as const

/** The last line. */
export const lastLine = ({ sections, digest }: StoreTally): string =>
  canonical({ sections: sections.map((each) => ({ ...each })), digest })

/** A dump whose first line was read. */
export interface Dump {
  readonly collections: readonly Pick<Collection, 'name' | 'kind'>[]
  /** Throws in the end, if not before, unless all is as it was written. */
  readonly rows: AsyncIterable<CopyRow[]>
  /** Of the rows that were read so far. */
  readonly tally: Tally
  /** Lets go of what it is read from. */
  close(): Promise<void>
}

const batchSize = 500

/** Reads the first line. @throws IntegrityFailure `record.corrupt`; whatever `source` throws */
export async function openDump(source: DumpSource): Promise<Dump> {
  const reader = new Reader(source)
  try {
    const collections = collectionsIn(await reader.next(), reader)
    const tally = new Tally(sectionsOf(collections))
    return { collections, rows: rowsIn(reader, collections, tally), tally, close: () => reader.close() }
  } catch (error) {
    await reader.close()
    throw error
  }
}

function collectionsIn(first: JsonValue, reader: Reader): Dump['collections'] {
  const { format, version, collections } = Object(first) as Record<string, JsonValue>
  if (format !== dumpFormat.format) throw reader.corrupt('this is no dump')
  if (version !== dumpFormat.version) throw reader.corrupt('this dump is of another version')
  if (!Array.isArray(collections)) throw reader.corrupt('it names no collections')
  return collections.map((each) => {
    const { name, kind } = Object(each) as Record<string, JsonValue>
    if (typeof name !== 'string' || (kind !== 'records' && kind !== 'streams')) {
      throw reader.corrupt('it names what is no collection')
    }
    return { name, kind }
  })
}

async function* rowsIn(
  reader: Reader,
  collections: Dump['collections'],
  tally: Tally,
): AsyncGenerator<CopyRow[]> {
  const kinds = new Map(collections.map(({ name, kind }) => [name, kind]))
  let batch: CopyRow[] = []
  let last: CopyRow | undefined
  for (;;) {
    const parts = await reader.next()
    const row = Array.isArray(parts) ? rowIn(parts, { reader, kinds, last }) : null
    if (row === null || batch.length === batchSize || row.section !== last?.section) {
      tally.add(batch)
      if (batch.length > 0) yield batch
      batch = []
    }
    if (row === null) break
    batch.push(row)
    last = row
  }
  if (reader.line !== lastLine(tally.end())) throw reader.corrupt('the rows before it are not what it says')
  await reader.end()
}

function rowIn(
  parts: readonly JsonValue[],
  of: {
    readonly reader: Reader
    readonly kinds: ReadonlyMap<string, Collection['kind']>
    readonly last: CopyRow | undefined
  },
): CopyRow {
  const row = parsedRow(parts, of.kinds)
  if (row?.line !== of.reader.line) throw of.reader.corrupt('it is no row of this dump')
  if (of.last !== undefined && compareRows(of.last, row) >= 0) throw of.reader.corrupt('it is out of order')
  return row
}

/** Takes lines one by one, and counts them for those who have to look. */
class Reader {
  readonly #lines: AsyncGenerator<string>
  #count = 0
  /** The last line that was read. */
  line = ''

  constructor(source: DumpSource) {
    this.#lines = linesOf(source)
  }

  async next(): Promise<JsonValue> {
    const { value, done } = await this.#lines.next()
    this.#count++
    if (done) throw this.corrupt('the dump ends before its last line')
    this.line = value.endsWith('\n') ? value.slice(0, -1) : value
    try {
      return JSON.parse(this.line) as JsonValue
    } catch {
      throw this.corrupt('it is no JSON') // the parser's own message would repeat it
    }
  }

  async end(): Promise<void> {
    this.#count++
    if (!(await this.#lines.next()).done) throw this.corrupt('something comes after the last line')
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined)
  }

  corrupt(says: string): IntegrityFailure {
    const path = `line ${this.#count}`
    return new IntegrityFailure('record.corrupt', `${path}: ${says}`, { path })
  }
}

/** Longer than any line of a dump: a value of a megabyte, a key, and what is around them. */
const longest = 2_000_000

async function* linesOf(source: DumpSource): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const part of source) {
    if (typeof part === 'string') {
      yield part
      continue
    }
    const lines = (rest + text(decoder, part)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longest) throw noDump('a line has no end')
    yield* lines
  }
  rest += text(decoder)
  if (rest !== '') yield rest
}

function text(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined })
  } catch {
    throw noDump('it is no text, but compressed, encrypted, or something else')
  }
}

const noDump = (says: string): IntegrityFailure =>
  new IntegrityFailure('record.corrupt', `this is no dump: ${says}`)
