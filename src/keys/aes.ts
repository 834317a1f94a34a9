/**
 * AES-256-GCM by WebCrypto: what seals values, wraps keys and conceals tokens. Additional data are always given, and every
 * failure to open is the same: WebCrypto does not say why, and neither do we (NIST SP 800-38D).
 */

import { IntegrityFailure } from '../errors.ts'

/** Bytes in memory of their own, as WebCrypto wants them. */
export type Bytes = Uint8Array<ArrayBuffer>

/** What is thrown where something does not open. */
export const rejected = (record: string): IntegrityFailure =>
  new IntegrityFailure('seal.rejected', 'a sealed value does not open under this key and context', { record })

/** A raw AES-256 key for sealing and opening, not extractable. */
export const importKey = (material: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', material, 'AES-GCM', false, ['encrypt', 'decrypt'])

/** AES-256-GCM with additional data. */
export async function encrypt(
  key: CryptoKey,
  plain: Bytes,
  { iv, bound }: { iv: Bytes; bound: Bytes },
): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound }, key, plain),
  )
}

/** @throws IntegrityFailure `seal.rejected` */
export async function decrypt(
  key: CryptoKey,
  text: Bytes,
  { iv, bound, record }: { iv: Bytes; bound: Bytes; record: string },
): Promise<Bytes> {
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound }, key, text),
    )
  } catch {
    throw rejected(record)
  }
}
