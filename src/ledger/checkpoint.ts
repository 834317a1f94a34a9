/**
 * Signing checkpoints and opening them. A checkpoint is good for one ledger only: its origin is in the text that is
 * signed and in the id of the key, and whoever opens it says which origin it must have.
 *
 * Signatures of others, a witness's for example, may stand beside the library's and are passed over; one that claims to
 * be of a key of ours must hold (c2sp.org/signed-note, "Signatures").
 */

import { IntegrityFailure, InvalidInput } from '../errors.ts'
import { fromBase64url } from '../keys/digest.ts'
import type { Keys } from '../services.ts'
import type { Checkpoint } from './model.ts'
import { headText, keyIdOf, readHead, readNote, signedNote } from './note.ts'

/** Public keys as `privacy.keys.jwks()` gives them (RFC 7517). */
export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

type Bytes = Uint8Array<ArrayBuffer>
const encoder = new TextEncoder()

/** The origin of a tenant's ledger below that of the installation. @throws InvalidInput `input.invalid` */
export function originOf(base: unknown, tenant: string): string {
  // No dot: what is signed must not be taken for a JWS, whose first dot comes before any line feed.
  if (typeof base === 'string' && /^[A-Za-z0-9_~:/-]{1,200}$/.test(base)) return `${base}/${tenant}`
  const says = 'ledger.origin must be 1 to 200 of A-Z a-z 0-9 _ ~ : / -'
  throw new InvalidInput('input.invalid', says, { path: 'ledger.origin' })
}

/** Signs what a ledger has come to; the same state gives the same note for as long as the key is the same. */
export async function signCheckpoint(keys: Pick<Keys, 'signBytes'>, checkpoint: Checkpoint): Promise<string> {
  const text = headText(checkpoint)
  return signedNote(text, { name: checkpoint.origin, ...(await keys.signBytes(encoder.encode(text))) })
}

/**
 * What a checkpoint says, after its signature was verified.
 *
 * @param known the origin that it must have, and the public keys of which one must have signed it: keep them, as you
 *   keep checkpoints, where whoever can write to the store cannot
 * @throws IntegrityFailure `seal.rejected`, path `checkpoint`, where it is malformed, of another origin, or not signed by
 *   one of these keys
 * @see c2sp.org/tlog-checkpoint
 */
export async function openCheckpoint(
  note: string,
  { origin, jwks }: { readonly origin: string; readonly jwks: JsonWebKeySet },
): Promise<Checkpoint> {
  return openedBy(note, { origin, publicKeys: publicKeysOf(jwks) })
}

/** The Ed25519 keys of a set; keys of other kinds sign no checkpoint. @throws InvalidInput `input.invalid` */
export function publicKeysOf(jwks: JsonWebKeySet): Bytes[] {
  const { keys } = Object(jwks) as Partial<JsonWebKeySet>
  if (!Array.isArray(keys))
    throw new InvalidInput('input.invalid', 'jwks must be a key set', { path: 'jwks' })
  return keys
    .map((each) => Object(each) as Record<string, unknown>)
    .filter(({ kty, crv, x }) => kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string')
    .map(({ x }) => fromBase64url(x as string))
    .filter((raw) => raw?.length === 32) as Bytes[]
}

/** As {@link openCheckpoint}, with public keys of 32 bytes. @throws IntegrityFailure `seal.rejected` */
export async function openedBy(note: unknown, known: Known): Promise<Checkpoint> {
  const checkpoint = await signedBy(note, known)
  if (checkpoint !== null) return checkpoint
  throw new IntegrityFailure('seal.rejected', 'this is not a checkpoint that was signed for this ledger', {
    path: 'checkpoint',
  })
}

/** What a note must be of. */
interface Known {
  readonly origin: string
  readonly publicKeys: readonly Uint8Array[]
}

/** What a note says, `null` where it is not a checkpoint of that origin that one of these keys has signed. */
export async function signedBy(note: unknown, { origin, publicKeys }: Known): Promise<Checkpoint | null> {
  const parts = readNote(note)
  const checkpoint = parts && readHead(parts.text)
  if (parts === null || checkpoint?.origin !== origin) return null
  const text = encoder.encode(parts.text)
  const ours = publicKeys.flatMap((publicKey) => {
    const keyId = keyIdOf(origin, publicKey)
    const made = parts.signatures.filter((each) => each.name === origin && each.keyId === keyId)
    return made.map(({ signature }) => holds(signature, { publicKey, text }))
  })
  const held = await Promise.all(ours)
  return held.length === 0 || held.includes(false) ? null : checkpoint
}

async function holds(
  signature: Bytes,
  { publicKey, text }: { publicKey: Uint8Array; text: Bytes },
): Promise<boolean> {
  const raw = new Uint8Array(publicKey)
  const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, signature, text)
}
