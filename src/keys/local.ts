/**
 * A key provider in the process: AES-256-GCM under keys the host gives, each with an id.
 *
 * Nonces are random, 96 bits; the keyring counts the wraps (NIST SP 800-38D §8.3). The id of the wrapping key and the
 * context are authenticated; a key is looked up by its id and never found by trial. The commitment to a key is
 * HMAC-SHA-256 of a fixed label under it, which tells nothing of 32 random bytes.
 */

import { type Environment, systemEnvironment } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { type Bytes, decrypt, encrypt, importKey, rejected } from './aes.ts'
import { base64url, fromBase64url, keyedDigest } from './digest.ts'
import type { KeyProvider } from './model.ts'

/** A key-encryption key of {@link localKeys}. */
export interface LocalKey {
  /** `[A-Za-z0-9_-]{1,64}`; kept with everything the key wraps. */
  readonly id: string
  /** 32 random bytes; in production from a secret store, never from the source code. */
  readonly secret: Uint8Array
}

const encoder = new TextEncoder()
const commitmentLabel = 'pilvi-privacy key commitment'

/** A key as it is held: for WebCrypto, and what commits to it. */
interface Held {
  readonly key: Promise<CryptoKey>
  readonly commitment: string
}

/**
 * A provider of keys in the process. In a new installation the first becomes primary; from then on the keyring says
 * which one wraps (`privacy.keyring`), and the order does not matter.
 *
 * @throws InvalidInput `input.invalid` where there is no key, one has no proper id or not 32 bytes, or two share an id
 * @example
 * ```ts
 * import { localKeys } from '@pilvi/privacy'
 *
 * const keys = localKeys([{ id: '2026', secret: crypto.getRandomValues(new Uint8Array(32)) }])
 * const where = { keyId: '2026', context: 'example' }
 * const wrapped = await keys.wrap(new Uint8Array(32), where)
 * console.log((await keys.unwrap(wrapped, where)).length) // → 32
 * ```
 */
export function localKeys(
  keys: readonly [LocalKey, ...LocalKey[]],
  environment: Pick<Environment, 'random'> = systemEnvironment,
): KeyProvider {
  const ring = ringOf(keys)
  const held = (keyId: string): Held => {
    const found = ring.get(keyId)
    if (found === undefined) throw rejected(keyId)
    return found
  }
  const bound = (keyId: string, context: string): Bytes => encoder.encode(`${keyId}\n${context}`)
  return {
    keyIds: [...ring.keys()],
    commitment: async (keyId) => held(keyId).commitment,
    async wrap(material, { keyId, context }) {
      const iv = environment.random(12)
      const text = await encrypt(await held(keyId).key, material, { iv, bound: bound(keyId, context) })
      return `${base64url(iv)}.${base64url(text)}`
    },
    async unwrap(wrapped, { keyId, context }) {
      const [iv, text, ...more] = wrapped.split('.').map(fromBase64url)
      if (!iv || !text || more.length > 0) throw rejected(keyId)
      return decrypt(await held(keyId).key, text, { iv, bound: bound(keyId, context), record: keyId })
    },
  }
}

function ringOf(keys: readonly LocalKey[]): ReadonlyMap<string, Held> {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new InvalidInput('input.invalid', 'keys must hold at least one key', { path: 'keys' })
  }
  const ring = new Map<string, Held>()
  for (const [i, given] of keys.entries()) {
    const { id, secret } = Object(given) as LocalKey
    const path = `keys[${i}]`
    if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(id) || ring.has(id)) {
      const says = `${path}.id must be unique, 1 to 64 of A-Z a-z 0-9 _ -`
      throw new InvalidInput('input.invalid', says, { path: `${path}.id` })
    }
    if (!(secret instanceof Uint8Array) || secret.length !== 32) {
      throw new InvalidInput('input.invalid', `${path}.secret must be 32 bytes`, { path: `${path}.secret` })
    }
    ring.set(id, {
      key: importKey(new Uint8Array(secret)),
      commitment: keyedDigest(secret, [commitmentLabel]),
    })
  }
  return ring
}
