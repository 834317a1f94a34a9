/**
 * Checkpoints in a file that is only ever added to: a JSON line for each, `{"tenant":…,"note":…}`. Keep it on another
 * machine than the store, or where whoever can write to the store cannot write.
 *
 * A line is added by one write at the end of the file, and is on the disk before `put` resolves; so several processes may
 * add to one file. Every write begins with a line feed, so that it stands on a line of its own whatever another process
 * left there a moment ago. Empty lines are passed over, and so are those that were cut off: the `put` that made one never
 * resolved and is made again.
 */

import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidInput, StoreFailure } from '../errors.ts'
import type { CheckpointSink } from '../ledger/model.ts'
import { readHead, readNote } from '../ledger/note.ts'

/** A sink whose checkpoints can all be read back. */
export interface FileCheckpoints extends CheckpointSink {
  /** All checkpoints of a tenant, in the order in which they were added; none where there is no file. */
  list(tenant: string): Promise<string[]>
}

interface Line {
  readonly tenant: string
  readonly note: string
}

/**
 * Keeps checkpoints in a file, which is made with the first. All checkpoints in it should be of one origin.
 *
 * @throws InvalidInput `input.invalid` for a path that is none. What it gives throws StoreFailure `store.unavailable`
 *   where the file cannot be read or written; the file's name is not in the message.
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fileCheckpoints } from '@pilvi/privacy/node'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))
 * const checkpoints = fileCheckpoints(join(folder, 'checkpoints.jsonl'))
 * console.log(await checkpoints.last('pilvi')) // → null
 * ```
 */
export function fileCheckpoints(path: string): FileCheckpoints {
  if (typeof path !== 'string' || path === '') {
    throw new InvalidInput('input.invalid', 'path must be that of a file', { path: 'path' })
  }
  const tail = follow(path)
  return {
    put: ({ tenant, note }) => refusing('written', () => append(path, { tenant, note })),
    last: (tenant) => refusing('read', async () => (await tail()).get(tenant)?.note ?? null),
    async list(tenant) {
      const { lines } = await refusing('read', () => linesOf(path, { id: '', end: 0 }))
      return lines.filter((line) => line.tenant === tenant).map(({ note }) => note)
    },
  }
}

async function append(path: string, line: Line): Promise<void> {
  await withFile(path, 'a', async (file) => {
    const bytes = Buffer.from(`\n${JSON.stringify(line)}\n`)
    const { bytesWritten } = await file.write(bytes)
    if (bytesWritten !== bytes.length) throw Object.assign(new Error('cut off'), { code: 'ENOSPC' })
    await file.sync()
  })
  // After a loss of power a new file is there only if its folder is on the disk as well.
  await withFile(dirname(path), 'r', (folder) => folder.sync())
}

/** How far a file was read, and what stands up to there. */
interface Read {
  /** Which file it was: another one under the same name is read from its beginning. */
  readonly id: string
  readonly end: number
  readonly largest: ReadonlyMap<string, { readonly size: number; readonly note: string }>
}

/** The largest checkpoint of each tenant, of a file of which each call reads only what was added since the last. */
function follow(path: string): () => Promise<Read['largest']> {
  let seen: Read = { id: '', end: 0, largest: new Map() }
  return async () => {
    const { id, end, largest } = seen
    const added = await linesOf(path, { id, end })
    const now = new Map(added.from === 0 ? [] : largest)
    for (const { tenant, note } of added.lines) {
      const size = sizeOf(note)
      if (size >= (now.get(tenant)?.size ?? 0)) now.set(tenant, { size, note })
    }
    seen = { id: added.id, end: added.end, largest: now }
    return now
  }
}

/** How many entries a note says to cover. One that says nothing counts for most: whoever opens it is to see it. */
const sizeOf = (note: string): number =>
  readHead(readNote(note)?.text ?? '')?.size ?? Number.POSITIVE_INFINITY

/** The lines from where a file was read to on; from the beginning where it is another file, or shorter. */
async function linesOf(
  path: string,
  seen: Pick<Read, 'id' | 'end'>,
): Promise<{ id: string; from: number; end: number; lines: Line[] }> {
  const read = withFile(path, 'r', async (file) => {
    const { dev, ino, size } = await file.stat()
    const id = `${dev}:${ino}`
    const from = id === seen.id && size >= seen.end ? seen.end : 0
    const bytes = await bytesOf(file, { from, to: size })
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
    const lines = whole.toString('utf8').split('\n').flatMap(lineOf)
    return { id, from, end: from + whole.length, lines }
  })
  return read.catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { id: '', from: 0, end: 0, lines: [] }
    throw error
  })
}

function lineOf(text: string): Line[] {
  try {
    const { tenant, note } = JSON.parse(text) as Partial<Line>
    return typeof tenant === 'string' && typeof note === 'string' ? [{ tenant, note }] : []
  } catch {
    return []
  }
}

async function bytesOf(file: FileHandle, { from, to }: { from: number; to: number }): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from)
  return buffer.subarray(0, bytesRead)
}

async function withFile<T>(
  path: string,
  flags: 'r' | 'a',
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags, 0o644)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** The system's own message would repeat the path: its code says enough. */
async function refusing<T>(verb: 'read' | 'written', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code ?? 'unknown reason')
    const says = `the file of checkpoints cannot be ${verb} (${code})`
    throw new StoreFailure('store.unavailable', says, { cause })
  }
}
