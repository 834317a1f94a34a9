/**
 * What a command has of the world: handed in, so that commands can be run in a test without a process of their own.
 */

import { createReadStream } from 'node:fs'
import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { type Environment, InvalidInput, PrivacyError, systemEnvironment } from '../index.ts'

/** Input and output of a command. */
export interface CliIo {
  readonly stdin: AsyncIterable<Uint8Array>
  stdout(text: string): void
  stderr(text: string): void
  /** Whether stderr is a terminal: progress is shown there and nowhere else. */
  readonly isTerminal: boolean
  /** The width of that terminal. */
  readonly columns: number
  readonly environment: Environment
  /**
   * Opens a file. `argument` names it in messages, for example `FILE 2`.
   * @throws InvalidInput `input.invalid` if it cannot be read
   */
  readFile(path: string, argument: string): Promise<CliFile>
  /** Writes a file, replacing what was there. @throws InvalidInput `input.invalid` if it cannot be written */
  writeFile(
    path: string,
    data: { readonly argument: string; readonly bytes: string | Uint8Array },
  ): Promise<void>
  /**
   * Reads a text that is secret. One that others than its owner may read is refused; a pipe is nobody else's.
   * @throws InvalidInput `input.invalid`
   */
  readSecret(path: string, argument: string): Promise<string>
  /**
   * Writes a file that was not there, for its owner alone.
   * @throws InvalidInput `input.invalid` if it cannot be written, or is there
   */
  writeSecret(path: string, data: { readonly argument: string; readonly text: string }): Promise<void>
  /**
   * Writes a file as its parts come, for its owner alone; what was there is replaced when all of them have come, and
   * stays where they end in an error. Until then they are in a file beside it, which is made anew.
   * @throws InvalidInput `input.invalid` if it cannot be written; whatever `chunks` throw
   */
  writeChunks(
    path: string,
    data: { readonly argument: string; readonly chunks: AsyncIterable<string | Uint8Array> },
  ): Promise<void>
}

/** An open file. */
export interface CliFile {
  /** In bytes. */
  readonly size: number
  readonly bytes: AsyncIterable<Uint8Array>
}

/** The process that this runs in. */
export const processIo = (): CliIo => ({
  stdin: process.stdin,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  environment: systemEnvironment,
  async readFile(path, argument) {
    const { size } = await refusing(argument, 'read', stat(path))
    return { size, bytes: chunks(path, argument) }
  },
  async writeFile(path, { argument, bytes }) {
    await refusing(argument, 'written', writeFile(path, bytes))
  },
  readSecret: (path, argument) => refusing(argument, 'read', secret(path, argument)),
  async writeSecret(path, { argument, text }) {
    await refusing(argument, 'written', writeFile(path, text, { flag: 'wx', mode: 0o600 }))
  },
  async writeChunks(path, { argument, chunks: parts }) {
    await refusing(argument, 'written', replace(path, parts))
  },
})

async function secret(path: string, argument: string): Promise<string> {
  const file = await open(path)
  try {
    const { mode } = await file.stat()
    // Windows keeps who may read a file elsewhere.
    if (process.platform !== 'win32' && (mode & 0o044) !== 0) {
      throw new InvalidInput('input.invalid', `${argument} can be read by others: chmod 600 it`, {
        path: argument,
      })
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function replace(path: string, parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  const part = `${path}.part`
  // A file that is there keeps its mode, and a link leads elsewhere: only one that is made anew is its owner's alone.
  await rm(part, { force: true })
  const file = await open(part, 'wx', 0o600)
  try {
    await pipeline(parts, file.createWriteStream())
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function* chunks(path: string, argument: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 18 })
  } catch (error) {
    throw refused(argument, 'read', error)
  }
}

async function refusing<T>(argument: string, verb: 'read' | 'written', done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw error instanceof PrivacyError ? error : refused(argument, verb, error)
  }
}

/** The system's own message would repeat the path: its code says enough. */
function refused(argument: string, verb: 'read' | 'written', cause: unknown): InvalidInput {
  const code = String((cause as NodeJS.ErrnoException).code ?? 'unknown reason')
  return new InvalidInput('input.invalid', `${argument} cannot be ${verb} (${code})`, {
    path: argument,
    cause,
  })
}
