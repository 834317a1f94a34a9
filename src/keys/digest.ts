/**
 * Digests that rules may use: pure and synchronous, on any runtime (that is why they are not WebCrypto).
 *
 * Several parts are digested as the canonical JSON of their list (RFC 8785), so that no two lists of parts meet in
 * the same bytes.
 */

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'

/** Bytes as lower-case hex. */
export const hex: (bytes: Uint8Array) => string = bytesToHex

/** The bytes of lower-case hex. */
export const fromHex: (text: string) => Uint8Array = hexToBytes

/** SHA-256 of bytes, or of a text's UTF-8, as hex. */
export const digest = (data: Uint8Array | string): string =>
  hex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data))

/** SHA-256 of the canonical form of a value, as hex. */
export const digestOf = (value: JsonValue): string => digest(canonical(value))

/** HMAC-SHA-256 over a list of parts, as hex. */
export const keyedDigest = (secret: Uint8Array, parts: readonly string[]): string =>
  keyedDigests(secret)(parts)

/** The same for many lists: what HMAC makes of the secret before it sees a message is half of the work on a short one. */
export function keyedDigests(secret: Uint8Array): (parts: readonly string[]) => string {
  const begun = hmac.create(sha256, secret)
  // One to work in, set back each time: making a new one is half of what is left.
  const working = begun.clone()
  const code = new Uint8Array(begun.outputLen)
  return (parts) => {
    const message = utf8ToBytes(canonical([...parts]))
    begun._cloneInto(working).update(message).digestInto(code)
    return hex(code)
  }
}

/** SHA-256 of a prefix byte and some byte strings: the two hashes of RFC 6962 §2.1. */
export const prefixedDigest = (prefix: number, ...parts: Uint8Array[]): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(prefix), ...parts))

/** Bytes as base64url without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  let binary = ''
  // In pieces: the arguments of one call are limited, the bytes are not.
  for (let i = 0; i < bytes.length; i += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 8_192))
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * The bytes of a base64url text, `null` where it is not one. Of all texts only the one that {@link base64url} writes
 * stands for some bytes (RFC 4648 §3.5): nothing sealed or signed can be written in a second way.
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0))
  const groups = Math.floor(text.length / 4)
  return base64url(bytes.subarray(groups * 3)) === text.slice(groups * 4) ? bytes : null
}

/** Whether two texts are equal, in a time that depends on the length of the first only. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length))
  return difference === 0
}
