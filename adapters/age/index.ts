/**
 * Dumps encrypted to recipients, in the age format (https://age-encryption.org/v1): what this writes the `age` program
 * opens, and the reverse. It streams: memory holds some chunks of 64 KiB, however long a dump is.
 *
 * It holds that: each chunk is authenticated before any of it is given out, and the last one says that it is the last.
 * So a dump that was altered or mixed with another one ends in an error before the first byte that is not as it was
 * written; one that was cut off ends in an error, and not as a shorter dump.
 *
 * Refused: no recipient; a recipient whose key a quantum computer could find beside one that was chosen against that,
 * because the weakest decides; passphrases; the ASCII armour. It says nothing of who wrote a dump: whoever knows a
 * recipient can write one. Keys and nonces are drawn by the library that encrypts, not from an `Environment`.
 */

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { IntegrityFailure, InvalidInput } from '../../src/errors.ts'

type Parts<T> = AsyncIterable<T> | Iterable<T>

/** A key pair. Whoever has the identity can open what is encrypted to the recipient. */
export interface AgeKeys {
  /** `AGE-SECRET-KEY-1…`: keep it away from the dumps, and from the machine that makes them. */
  readonly identity: string
  /** `age1…`, no secret. */
  readonly recipient: string
}

/** Makes a new key pair, as `age-keygen` does (X25519). */
export async function makeIdentity(): Promise<AgeKeys> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** To whom a dump is encrypted. */
export interface EncryptOptions {
  /** `age1…`, 1 to 100 of them; the identity of any one opens the dump. */
  readonly recipients: readonly string[]
}

/**
 * Encrypts a dump. Nothing is read before the first chunk is asked for; where `dump` fails, what comes out fails with
 * the same error and is no whole file.
 * @param dump whole lines as `dumpStore` gives them, or bytes (lines that were compressed, for example)
 * @throws InvalidInput `input.invalid`; whatever `dump` throws
 * @see https://age-encryption.org/v1
 * @example
 * import { checkDump, dumpStore, restoreStore } from '@pilvi/privacy'
 * import { decryptDump, encryptDump, makeIdentity } from '@pilvi/privacy/age'
 * import { memoryStore } from '@pilvi/privacy/memory'
 *
 * const { identity, recipient } = await makeIdentity()
 * const file: Uint8Array[] = []
 * for await (const chunk of encryptDump(dumpStore(memoryStore()), { recipients: [recipient] })) file.push(chunk)
 *
 * const target = memoryStore()
 * await checkDump(decryptDump(file, { identities: [identity] }), target)
 * console.log((await restoreStore(decryptDump(file, { identities: [identity] }), target)).verified) // → digest
 */
export function encryptDump(
  dump: Parts<string | Uint8Array>,
  { recipients }: EncryptOptions,
): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter()
  checkRecipients(recipients)
  for (const [i, recipient] of recipients.entries()) {
    named(recipient, `recipients[${i}]`, () => encrypter.addRecipient(recipient))
  }
  return through(blocks(dump), {
    pass: (stream) =>
      encrypter.encrypt(stream).catch((cause) => {
        // Well formed, and no point of the curve that can be used.
        throw wrong('recipients', 'one of the recipients is no key', cause)
      }),
    told: (cause) => cause,
  })
}

/** Who may open a dump. */
export interface DecryptOptions {
  /** `AGE-SECRET-KEY-1…`; one that is a recipient's is enough. */
  readonly identities: readonly string[]
}

/**
 * Opens a dump that {@link encryptDump} or `age` has encrypted: its bytes, for `checkDump` and `restoreStore`.
 * @param bytes cut anywhere, as they come from a file
 * @throws InvalidInput `input.invalid`: what is no identity
 * @throws IntegrityFailure `seal.rejected`: not encrypted, or to others; altered, cut off, or something was added
 * @see https://age-encryption.org/v1
 */
export function decryptDump(
  bytes: Parts<Uint8Array>,
  { identities }: DecryptOptions,
): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter()
  if (!Array.isArray(identities) || identities.length === 0) {
    throw wrong('identities', 'identities must be a list of one or more')
  }
  for (const [i, identity] of identities.entries()) {
    named(identity, `identities[${i}]`, () => decrypter.addIdentity(identity))
  }
  return through(headed(bytes), {
    pass: (stream) =>
      decrypter.decrypt(stream).catch((cause) => {
        throw rejected('no identity opens it, or its header was altered', cause)
      }),
    told: (cause) =>
      cause instanceof IntegrityFailure ? cause : rejected('it was cut off or altered', cause),
  })
}

/** Against the algorithms that are known today, and those of a quantum computer. */
const hybrid = /^age1(pq|tagpq)1/

function checkRecipients(recipients: readonly string[]): void {
  if (!Array.isArray(recipients) || recipients.length === 0) {
    throw wrong('recipients', 'recipients must be a list of one or more')
  }
  if (recipients.length > 100) throw wrong('recipients', 'there are more than 100 recipients')
  const strong = recipients.filter((each) => hybrid.test(each)).length
  if (strong > 0 && strong < recipients.length) {
    throw wrong('recipients', 'recipients against quantum computers cannot stand beside others')
  }
}

/** No cause: the other library's message can repeat what it was given, and that can be a secret key. */
function named(key: unknown, path: string, add: () => void): void {
  try {
    if (typeof key !== 'string') throw new TypeError('not text')
    add()
  } catch {
    throw wrong(path, `${path} is no such key of age`)
  }
}

const wrong = (path: string, says: string, cause?: unknown): InvalidInput =>
  new InvalidInput('input.invalid', says, { path, cause })

const rejected = (says: string, cause?: unknown): IntegrityFailure =>
  new IntegrityFailure('seal.rejected', `the dump does not open: ${says}`, { cause })

/** What streams of the other library give, of what is read; `source` is let go of however it ends. */
async function* through(
  source: AsyncGenerator<Uint8Array>,
  of: {
    readonly pass: (stream: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>
    /** What is thrown where something else than `source` fails. */
    readonly told: (cause: unknown) => unknown
  },
): AsyncGenerator<Uint8Array> {
  let failed: { readonly error: unknown } | undefined
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await source.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        failed = { error }
        throw error
      }
    },
  })
  try {
    yield* await of.pass(stream)
  } catch (cause) {
    throw failed === undefined ? of.told(cause) : failed.error
  } finally {
    await source.return(undefined)
  }
}

const blockSize = 65_536

/** Lines in blocks: a stream costs by the piece. */
async function* blocks(parts: Parts<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for await (const part of parts) {
    if (typeof part === 'string') text += part
    if (text !== '' && (typeof part !== 'string' || text.length >= blockSize)) {
      yield encoder.encode(text)
      text = ''
    }
    if (typeof part !== 'string') yield part
  }
  if (text !== '') yield encoder.encode(text)
}

const intro = 'age-encryption.org/v1\n'
/** More than 100 recipients of any kind take. What has no end in so much would be read into memory whole. */
const longestHeader = 1 << 20

/** The bytes, once they are seen to begin with a header. @throws IntegrityFailure `seal.rejected` */
async function* headed(bytes: Parts<Uint8Array>): AsyncGenerator<Uint8Array> {
  const latin = new TextDecoder('latin1')
  let head: Uint8Array | null = new Uint8Array(0)
  for await (const part of bytes) {
    if (head === null) {
      yield part
      continue
    }
    head = joined(head, part)
    const text = latin.decode(head.subarray(0, longestHeader))
    if (!text.startsWith(intro.slice(0, text.length)))
      throw rejected('it is not encrypted in the age format (binary)')
    if (text.includes('\n--- ')) {
      yield head
      head = null
    } else if (head.length >= longestHeader) throw rejected('its header has no end')
  }
  if (head !== null) throw rejected('it has no whole header')
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
