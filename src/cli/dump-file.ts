/**
 * A dump as a file: lines, compressed where the name says so, encrypted in the age format unless that was ruled out
 * in as many words. What is to be encrypted must be, and the reverse: a file in clear does not pass for an encrypted
 * one, since then whoever can write files could put in another dump without knowing a key.
 *
 * Identities are secret: they are read from files, because arguments stand in the list of processes, and no message
 * repeats them.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { InvalidInput } from '../index.ts'
import { begun, shown, unpacked } from './input.ts'
import type { CliIo } from './io.ts'
import { driver } from './open-store.ts'

type Chunks = AsyncIterable<string | Uint8Array>

/** How the lines of a dump become the parts of a file of that name. @throws InvalidInput `input.invalid` */
export async function writing(
  path: string,
  recipients: readonly string[] | 'plaintext',
): Promise<(lines: AsyncIterable<string>) => Chunks> {
  const packing = (lines: AsyncIterable<string>): Chunks =>
    /\.gz(\.age)?$/.test(path) ? packed(lines) : lines
  if (recipients === 'plaintext') return packing
  const { encryptDump } = await age('--recipient')
  return (lines) => encryptDump(packing(lines), { recipients })
}

/**
 * The bytes of a dump. `identities`: null where it must not be encrypted.
 * @throws InvalidInput `input.invalid`; on the way also IntegrityFailure `seal.rejected`
 */
export async function readDump(
  path: string,
  { identities, io }: { readonly identities: readonly string[] | null; readonly io: CliIo },
): Promise<AsyncIterable<Uint8Array>> {
  const file = { ...(await io.readFile(path, 'FILE')), argument: 'FILE' }
  const bytes = shown(file, io)
  if (identities === null) return unpacked({ ...file, bytes: inClear(bytes) })
  const { decryptDump } = await age('--identity')
  return unpacked({ ...file, bytes: decryptDump(bytes, { identities }) })
}

/** The identities in files as `age-keygen` writes them: one a line, beside comments. @throws InvalidInput `input.invalid` */
export async function identitiesIn(paths: readonly string[], io: CliIo): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => io.readSecret(path, '--identity')))
  return texts.flatMap((text) => text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#')))
}

/** Makes a key pair, keeps it in a new file, and gives the recipient. @throws InvalidInput `input.invalid` */
export async function makeIdentityFile(path: string, io: CliIo): Promise<string> {
  const { makeIdentity } = await age('identity')
  const { identity, recipient } = await makeIdentity()
  const text = `# created: ${io.environment.now()}\n# public key: ${recipient}\n${identity}\n`
  await io.writeSecret(path, { argument: '--out', text })
  return recipient
}

const age = (argument: string) =>
  driver({ argument }, 'age-encryption', () => import('../../adapters/age/index.ts'))

async function* inClear(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { head, whole } = await begun(bytes, 22)
  if (/^(age-encryption\.org\/|-----BEGIN AGE )/.test(Buffer.from(head).toString('latin1'))) {
    throw new InvalidInput('input.invalid', 'FILE is encrypted: --identity FILE opens it', { path: 'FILE' })
  }
  yield* whole
}

/** Compressed; what goes wrong before comes out of it. Nothing is read before it is asked for. */
async function* packed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  pipeline(Readable.from(lines), gzip).catch(() => undefined)
  yield* gzip
}
