/**
 * Files as bytes: logs and dumps, files or standard input, compressed or not, with a progress bar on a terminal and
 * silence anywhere else.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { InvalidInput, PrivacyError } from '../index.ts'
import type { CliFile, CliIo } from './io.ts'

/** An input and how messages call it. */
export type Named = CliFile & { readonly argument: string }

/**
 * The inputs in order, opened before any is read, so that a missing one is told at once. No path: standard input.
 * @throws InvalidInput `input.invalid`
 */
export async function openLogs(paths: readonly string[], io: CliIo): Promise<Named[]> {
  const stdin: Named = { argument: 'standard input', size: 0, bytes: io.stdin }
  if (paths.filter((path) => path === '-').length > 1) {
    throw new InvalidInput('input.invalid', 'standard input can be read once only', { path: 'argv' })
  }
  if (paths.length === 0) return [stdin]
  return Promise.all(
    paths.map(async (path, i) => {
      const argument = `FILE ${i + 1}`
      return path === '-' ? stdin : { argument, ...(await io.readFile(path, argument)) }
    }),
  )
}

/**
 * All inputs as one log: a file whose last line has no LF does not run into the next.
 * @throws InvalidInput `input.invalid` for a gzip file that is cut off or damaged
 */
export async function* readLogs(files: readonly Named[], io: CliIo): AsyncGenerator<Uint8Array> {
  const progress = new Progress(
    io,
    files.reduce((sum, { size }) => sum + size, 0),
  )
  try {
    for (const file of files) yield* ended(unpacked({ ...file, bytes: progress.over(file.bytes) }))
  } finally {
    progress.end()
  }
}

/** One file, as it is. */
export async function* shown(file: Named, io: CliIo): AsyncGenerator<Uint8Array> {
  const progress = new Progress(io, file.size)
  try {
    yield* progress.over(file.bytes)
  } finally {
    progress.end()
  }
}

/** The chunks, and an LF after them where they do not end in one. */
async function* ended(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = 10
  for await (const chunk of chunks) {
    last = chunk.at(-1) ?? last
    yield chunk
  }
  if (last !== 10) yield Uint8Array.of(10)
}

/**
 * The bytes of a file, decompressed where they begin as gzip does (RFC 1952 §2.3.1).
 * @throws InvalidInput `input.invalid` for a gzip file that is cut off or damaged
 */
export async function* unpacked({
  bytes,
  argument,
}: Pick<Named, 'bytes' | 'argument'>): AsyncGenerator<Uint8Array> {
  const { head, whole } = await begun(bytes, 2)
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* whole
  const gunzip = createGunzip()
  // What goes wrong before the stream comes out of it as an error of the stream itself.
  pipeline(Readable.from(whole, { objectMode: false }), gunzip).catch(() => undefined)
  try {
    yield* gunzip
  } catch (cause) {
    if (cause instanceof PrivacyError) throw cause
    throw new InvalidInput('input.invalid', `${argument} is not a whole gzip file`, { path: argument, cause })
  }
}

/** How bytes begin, `length` of them or more where there are so many, and all of them. */
export async function begun(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ readonly head: Uint8Array; readonly whole: AsyncGenerator<Uint8Array> }> {
  const source = bytes[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < length) {
    const { value, done } = await source.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  return { head, whole: rejoined(head, source) }
}

async function* rejoined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* { [Symbol.asyncIterator]: () => rest }
}

/** How far reading has come, on a terminal; nothing anywhere else. */
class Progress {
  readonly #io: CliIo
  readonly #size: number
  #read = 0
  #shown = -1

  /** `size`: bytes in all, 0 where that is not known. */
  constructor(io: CliIo, size: number) {
    this.#io = io
    this.#size = size
  }

  async *over(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      this.#read += chunk.length
      this.#show()
      yield chunk
    }
  }

  end(): void {
    if (this.#shown >= 0) this.#io.stderr(`\r${' '.repeat(this.#width())}\r`)
  }

  #show(): void {
    const megabytes = Math.floor(this.#read / 1_000_000)
    const percent = this.#size > 0 ? Math.min(100, Math.floor((this.#read / this.#size) * 100)) : null
    const now = percent ?? megabytes
    if (!this.#io.isTerminal || now === this.#shown) return
    this.#shown = now
    const room = this.#width() - 12
    const full = Math.round((room * (percent ?? 0)) / 100)
    const bar = percent === null || room < 8 ? '' : ` ${'█'.repeat(full)}${'░'.repeat(room - full)}`
    this.#io.stderr(`\r${percent === null ? `${megabytes} MB` : `${String(percent).padStart(3)} %`}${bar}`)
  }

  #width(): number {
    return Math.max(12, Math.min(this.#io.columns - 1, 60))
  }
}
