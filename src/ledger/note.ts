/**
 * Checkpoints as text: the formats signed-note and tlog-checkpoint of C2SP, as other logs and their witnesses use them.
 *
 * The text is an origin, a decimal size and a root in base64, a line each, and perhaps lines of others; after an empty
 * line come the signatures, `— name base64(key id || signature)`. The id of an Ed25519 key is the first four bytes of
 * SHA-256(name || 0x0A || 0x01 || public key), so a signature is bound to the name it was made under.
 *
 * Invariant: what is read is what would be written. Refused, by `null`: numbers with leading zeros or beyond 2^53 - 1,
 * base64 that is not canonical (RFC 4648 §3.5), control characters, names with spaces or a plus, empty lines within,
 * a last line without its end, more than 100 signatures or 100,000 characters.
 *
 * Sources: c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
 */

import { base64url, digest, fromBase64url, fromHex, hex } from '../keys/digest.ts'
import type { Checkpoint } from './model.ts'

/** A note as it stands: its text, with the last line feed, and who says to have signed it. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A signature of a note; nothing is known of it before it was verified. */
export interface NoteSignature {
  readonly name: string
  /** The id of the key, hex. */
  readonly keyId: string
  readonly signature: Uint8Array<ArrayBuffer>
}

const most = { characters: 100_000, signatures: 100 }
const encoder = new TextEncoder()
const namePattern = /^[^\s+\p{Z}]+$/u

/** Bytes as base64 with padding (RFC 4648 §4). */
function base64(bytes: Uint8Array): string {
  const bare = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=')
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null
  const bytes = fromBase64url(text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
  return bytes && base64(bytes) === text ? bytes : null
}

/** The id of an Ed25519 key under a name, hex. */
export const keyIdOf = (name: string, publicKey: Uint8Array): string =>
  digest(Uint8Array.of(...encoder.encode(`${name}\n`), 1, ...publicKey)).slice(0, 8)

/** The text of a checkpoint, which is what is signed. */
export const headText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${base64(fromHex(root))}\n`

/** The text with a signature under it. */
export const signedNote = (
  text: string,
  { name, publicKey, signature }: { name: string; publicKey: Uint8Array; signature: Uint8Array },
): string =>
  `${text}\n— ${name} ${base64(Uint8Array.of(...fromHex(keyIdOf(name, publicKey)), ...signature))}\n`

/** A note taken apart; `null` where it is none. */
export function readNote(note: unknown): Note | null {
  if (typeof note !== 'string' || note.length > most.characters || !isPlain(note)) return null
  const end = note.lastIndexOf('\n\n')
  if (end < 1 || !note.endsWith('\n')) return null
  const lines = note.slice(end + 2, -1).split('\n')
  const signatures = lines.map(signatureOf).filter((each) => each !== null)
  if (signatures.length !== lines.length || lines.length > most.signatures) return null
  return { text: note.slice(0, end + 1), signatures }
}

/** Text that is UTF-8 when it is bytes, with no control character but the line feed. */
const isPlain = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text.replaceAll('\n', ''))

function signatureOf(line: string): NoteSignature | null {
  const [dash, name = '', coded = '', ...more] = line.split(' ')
  const bytes = fromBase64(coded)
  if (dash !== '—' || more.length > 0 || !namePattern.test(name) || !bytes || bytes.length < 5) return null
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

/** What the text of a note says of a tree; `null` where it is no checkpoint's. Lines of others are passed over. */
export function readHead(text: string): Checkpoint | null {
  const [origin = '', size = '', coded = '', ...more] = text.split('\n').slice(0, -1)
  const root = fromBase64(coded)
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || root?.length !== 32) return null
  if (!Number.isSafeInteger(Number(size)) || more.includes('')) return null
  return { origin, size: Number(size), root: hex(root) }
}
