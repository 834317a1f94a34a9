/**
 * The keys that sign: one Ed25519 key for the whole installation, and the public halves of those before it.
 *
 * There is one record: the seed of the present key, wrapped, and the former public keys, newest first. The wrapping is
 * bound to those former keys, so that nobody who can write to the store can add a key of their own to them. A rotation
 * replaces the seed and adds the public key it had; no private half is kept. The record is read for each signature: a
 * key that was replaced signs nothing more in any process. Public keys are looked up by `kid` (RFC 7638), never tried;
 * one that is not in memory makes the record be read once, because another process may have rotated.
 */

import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import { parseStored } from '../parsing.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import type { Bytes } from './aes.ts'
import { base64url, fromBase64url } from './digest.ts'
import { type SigningRecord, signingParser } from './model.ts'
import {
  contextOfSecret,
  type Installation,
  keysCollection,
  madeOnce,
  secretKey,
  unwrapped,
} from './secrets.ts'

/** A public key, as JWK and as the 32 bytes of RFC 8032. */
export interface PublicKey {
  readonly publicKey: CryptoKey
  /** RFC 7638. */
  readonly kid: string
  readonly jwk: JWK
  readonly raw: Bytes
}

/** The key that signs; its private half cannot be exported. */
export interface SigningKey extends PublicKey {
  readonly privateKey: CryptoKey
}

/** The signing keys of the installation. */
export interface SigningKeys {
  /** The key that signs now, read anew; made where there is none. */
  signing(): Promise<SigningKey>
  /** The public key of that id, present or former; `null` where there is none. */
  verifying(kid: string): Promise<PublicKey | null>
  /** All public keys, read anew: the present one, then the former ones, newest first. */
  publicKeys(): Promise<readonly PublicKey[]>
  /** What makes a new key the present one, to be committed with the record of it. */
  rotation(): Promise<{ readonly change: Change; readonly kid: string }>
}

/** The signing keys as they stand in one version of the record. */
interface Ring {
  readonly version: number
  readonly current: SigningKey
  readonly all: readonly PublicKey[]
}

const at = secretKey('signing')
const ref = { collection: keysCollection, key: at }

export function createSigningKeys(parts: Installation): SigningKeys {
  let known: Ring | undefined
  const read = async (): Promise<Ring> => {
    const found = await present(parts)
    if (known?.version !== found.version) known = await ringOf(parts, found)
    return known
  }
  const named = (ring: Ring | undefined, kid: string): PublicKey | undefined =>
    ring?.all.find((each) => each.kid === kid)
  return {
    signing: async () => (await read()).current,
    verifying: async (kid) => named(known, kid) ?? named(await read(), kid) ?? null,
    publicKeys: async () => (await read()).all,
    rotation: () => rotation(parts),
  }
}

/** The record as it stands, made where there is none. */
const present = (parts: Installation): Promise<Versioned> =>
  madeOnce(parts, at, async () => (await made(parts, [])).value)

async function rotation(parts: Installation): Promise<{ change: Change; kid: string }> {
  const found = await present(parts)
  const { former = [] } = parseStored(signingParser, found.value, at)
  // Unwrapped first: what was added to the former keys beside the library is refused here, and not signed for.
  const { current } = await ringOf(parts, found)
  const { value, key } = await made(parts, [base64url(current.raw), ...former])
  return { change: { put: ref, value, expect: found.version }, kid: key.kid }
}

/** A new key and the record of it. */
async function made(
  { environment, provider }: Installation,
  former: readonly string[],
): Promise<{ value: JsonValue; key: SigningKey }> {
  const seed = environment.random(32)
  const context = contextOfSecret(at, former)
  const material = { ...(await provider.wrap(seed, context)) }
  const value = { at: environment.now(), material, ...(former.length > 0 && { former: [...former] }) }
  return { value, key: await signingKey(seed) }
}

async function ringOf({ provider }: Installation, { value, version }: Versioned): Promise<Ring> {
  const record: SigningRecord = parseStored(signingParser, value, at)
  const context = contextOfSecret(at, record.former)
  const current = await signingKey(await unwrapped(provider, { material: record.material, context }))
  const former = await Promise.all((record.former ?? []).map(publicKeyOf))
  return { version, current, all: [current, ...former] }
}

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

async function signingKey(seed: Bytes): Promise<SigningKey> {
  const pkcs8 = Uint8Array.of(...pkcs8Prefix, ...seed)
  const imported = (extractable: 'once' | 'never'): Promise<CryptoKey> =>
    crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, extractable === 'once', ['sign'])
  // WebCrypto tells the public half only of a key that can be exported; the one that signs cannot be.
  const { x } = await crypto.subtle.exportKey('jwk', await imported('once'))
  return { ...(await publicKeyOf(x as string)), privateKey: await imported('never') }
}

async function publicKeyOf(x: string): Promise<PublicKey> {
  const bare = { kty: 'OKP', crv: 'Ed25519', x }
  const kid = await calculateJwkThumbprint(bare)
  const publicKey = (await importJWK(bare, 'EdDSA')) as CryptoKey
  return {
    publicKey,
    kid,
    jwk: { ...bare, alg: 'EdDSA', use: 'sig', kid },
    raw: fromBase64url(x) as Bytes,
  }
}
