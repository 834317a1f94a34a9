/**
 * Tokens that leave the house in messages: parts that only this tenant can make and read, for one use.
 *
 * AES-256-GCM under keys derived (HMAC-SHA-256) from a secret of the installation for the use, and the tenant; use and
 * tenant are authenticated as well. The nonce is derived from the parts under a key of its own: the same parts give the
 * same token, so a link need not be stored to be given again, and two tokens share a nonce only if their parts are the
 * same (for fewer than 2^32 different ones, as NIST SP 800-38D §8.3 asks of random nonces). A token does not end: its
 * secret is wrapped anew by rotations, never replaced. Whatever does not open is refused in one way.
 */

import { canonical } from '../values/canonical.ts'
import { type Bytes, decrypt, encrypt, importKey } from './aes.ts'
import { base64url, fromBase64url, fromHex, keyedDigest } from './digest.ts'
import type { TokenUse } from './model.ts'
import type { DigestSecrets } from './secrets.ts'

/** Tokens of one tenant. */
export interface Tokens {
  /** A text that stands for the parts, `[A-Za-z0-9_-]`; the same for the same parts. */
  conceal(use: TokenUse, parts: readonly string[]): Promise<string>
  /** The parts that a text of this tenant and use stands for; `null` of any other text. */
  reveal(use: TokenUse, token: string): Promise<readonly string[] | null>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const nonceLength = 12
const longest = 2_048

export function createTokens(tenant: string, secrets: DigestSecrets): Tokens {
  const bound = (use: TokenUse): Bytes => encoder.encode(canonical(['token', use, tenant]))
  const derived = async (use: TokenUse, of: 'key' | 'nonce'): Promise<Bytes> =>
    new Uint8Array(fromHex(keyedDigest(await secrets.secret(`token-${use}`), [of, tenant])))
  return {
    async conceal(use, parts) {
      const plain = encoder.encode(canonical([...parts]))
      const digest = fromHex(keyedDigest(await derived(use, 'nonce'), parts))
      const iv = new Uint8Array(digest.slice(0, nonceLength))
      const text = await encrypt(await importKey(await derived(use, 'key')), plain, { iv, bound: bound(use) })
      return base64url(Uint8Array.of(...iv, ...text))
    },

    async reveal(use, token) {
      const bytes = typeof token === 'string' && token.length <= longest ? fromBase64url(token) : null
      if (bytes === null || bytes.length <= nonceLength) return null
      const opening = { iv: bytes.slice(0, nonceLength), bound: bound(use), record: use }
      const key = await importKey(await derived(use, 'key'))
      const plain = await decrypt(key, bytes.slice(nonceLength), opening).catch(() => null)
      return plain && (JSON.parse(decoder.decode(plain)) as readonly string[])
    },
  }
}
