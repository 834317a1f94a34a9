/**
 * The secrets of the whole installation: what digests are keyed with, and the key that signs. They live under the
 * system tenant, wrapped, and are made on first use; of two processes that make one at the same time the first wins
 * and the other takes what it made.
 */

import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Store } from '../store.ts'
import { key, systemTenant } from '../values/key.ts'
import type { Bytes } from './local.ts'
import { type KeyProvider, secretParser, type WrappedKey } from './model.ts'

const collection = collections.keys.name

/** What keys are made of. */
export interface Installation {
  readonly store: Store
  readonly environment: Environment
  readonly provider: KeyProvider
}

/** The key that signs; its private half cannot be exported. */
export interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  /** RFC 7638. */
  readonly kid: string
  readonly jwk: JWK
}

/** Secrets of the whole installation, made once and kept in memory. */
export interface Secrets {
  secret(name: string): Promise<Bytes>
  /** The Ed25519 key that signs; its seed is the secret `signing`. */
  signing(): Promise<SigningKey>
}

/** Reads or makes the installation's secrets: 32 random bytes each, wrapped at rest. */
export function createSecrets({ store, environment, provider }: Installation): Secrets {
  const load = (name: string): Promise<Bytes> =>
    settle({ store, environment }, async () => {
      const at = key(systemTenant, 'secret', name)
      const [found] = await store.get(collection, [at])
      if (found) {
        const { material } = parseStored(secretParser, found.value, at)
        return { changes: [], result: await unwrapped(provider, { material, context: at }) }
      }
      const made = environment.random(32)
      const value = { at: environment.now(), material: { ...(await provider.wrap(made, at)) } }
      return { changes: [{ put: { collection, key: at }, value, expect: 'absent' }], result: made }
    })
  const known = new Map<string, () => Promise<Bytes>>()
  const secret = (name: string): Promise<Bytes> => {
    const found = known.get(name) ?? remembered(() => load(name))
    known.set(name, found)
    return found()
  }
  return { secret, signing: remembered(async () => signingKey(await secret('signing'))) }
}

/** The answer of a call that succeeded, from then on. A failure is not kept: the store may be back by the next call. */
function remembered<T>(load: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined
  return () => {
    if (known === undefined) {
      known = load()
      known.catch(() => {
        known = undefined
      })
    }
    return known
  }
}

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

async function signingKey(seed: Bytes): Promise<SigningKey> {
  const pkcs8 = Uint8Array.of(...pkcs8Prefix, ...seed)
  const imported = (extractable: 'once' | 'never'): Promise<CryptoKey> =>
    crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, extractable === 'once', ['sign'])
  // WebCrypto tells the public half only of a key that can be exported; the one that signs cannot be.
  const { x } = await crypto.subtle.exportKey('jwk', await imported('once'))
  const bare = { kty: 'OKP', crv: 'Ed25519', x: x as string }
  const kid = await calculateJwkThumbprint(bare)
  const publicKey = (await importJWK(bare, 'EdDSA')) as CryptoKey
  const jwk: JWK = { ...bare, alg: 'EdDSA', use: 'sig', kid }
  return { privateKey: await imported('never'), publicKey, kid, jwk }
}

/** Key material as it was wrapped. @throws IntegrityFailure `seal.rejected`, `record.corrupt` */
export async function unwrapped(
  provider: KeyProvider,
  { material, context }: { material: WrappedKey; context: string },
): Promise<Bytes> {
  const bytes = await provider.unwrap(material, context)
  if (bytes.length === 32) return bytes
  throw new IntegrityFailure('record.corrupt', 'what the key provider unwrapped is no key', {
    record: material.keyId,
  })
}
