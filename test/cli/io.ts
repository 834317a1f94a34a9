/** A command's world in memory: what it prints and writes can be looked at. */

import { readFile, stat } from 'node:fs/promises'
import { type Instant, InvalidInput } from '@pilvi/privacy'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { type CliIo, processIo } from '../../src/cli/io.ts'

export interface TestIo extends CliIo {
  readonly out: string[]
  readonly err: string[]
  readonly files: Map<string, string | Uint8Array>
}

export function testIo({
  stdin = '',
  terminal = 'no',
  at = '2026-11-23T10:00:00.000Z',
}: {
  stdin?: string
  /** What the clock says. */
  at?: Instant
  terminal?: 'yes' | 'no'
} = {}): TestIo {
  const out: string[] = []
  const err: string[] = []
  const files = new Map<string, string | Uint8Array>()
  return {
    out,
    err,
    files,
    stdin: one(new TextEncoder().encode(stdin)),
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTerminal: terminal === 'yes',
    columns: 80,
    environment: fixedEnvironment({ at, seed: 3 }),
    async readFile(path, argument) {
      const found = await stat(path).catch(() => null)
      if (!found)
        throw new InvalidInput('input.invalid', `${argument} cannot be read (ENOENT)`, { path: argument })
      return { size: found.size, bytes: one(new Uint8Array(await readFile(path))) }
    },
    readSecret: processIo().readSecret,
    async writeSecret(path, { text }) {
      files.set(path, text)
    },
    async writeChunks(path, { chunks }) {
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
      files.set(path, Buffer.concat(parts))
    },
    async writeFile(path, { bytes }) {
      files.set(path, bytes)
    },
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
