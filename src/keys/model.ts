/**
 * Keys: what is sealed, under which key, and for how long that key lives.
 *
 * One random data key per (tenant, subject, category of data) seals that person's sensitive values; it is stored
 * wrapped by a key-encryption key that the host's provider holds. Destroying the data key erases everything sealed
 * under it, in backups too. A sealed value is bound to its context: moved to another tenant, subject, category, model,
 * field or record it does not open.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import { idParser, instantParser } from '../parsing.ts'

/**
 * Where key-encryption keys live: in the process (`localKeys`), or in a key management service.
 *
 * `context` is additional authenticated data, text of any length; a provider must bind it. What is wrapped is 32 bytes.
 * Both functions may be called many times at once, and from several processes; nothing that they gave may be cached
 * by what they wrap. What a provider throws of its own reaches the caller as it is.
 */
export interface KeyProvider {
  /**
   * Wraps key material under the provider's present key, and says under which. Wrapping the same again gives another
   * text.
   * @throws StoreFailure `store.unavailable` where the service that holds the key does not answer
   */
  wrap(material: Uint8Array<ArrayBuffer>, context: string): Promise<WrappedKey>
  /**
   * Exactly the material that was wrapped. The key is looked up by `keyId`, also where it is not the present one; one
   * that is not there any more is refused like a wrong context.
   * @throws IntegrityFailure `seal.rejected` where key id, context or bytes are not those of the wrapping
   * @throws StoreFailure `store.unavailable` where the service that holds the key does not answer
   */
  unwrap(wrapped: WrappedKey, context: string): Promise<Uint8Array<ArrayBuffer>>
}

/** Key material as it is stored. */
export interface WrappedKey {
  /** The key-encryption key that wrapped it; looked up by id, never found by trial. */
  readonly keyId: string
  /** Opaque text. */
  readonly wrapped: string
}

/** What a sealed value belongs to: all of it is authenticated, none of it is stored with the value. */
export interface SealContext {
  readonly subject: string
  /** The category of data: the unit in which keys are destroyed. Names that begin with `#` are the library's own. */
  readonly category: string
  readonly model: string
  readonly field: string
  readonly record: string
}

/** A sealed value: `pv1.<data key id>.<nonce>.<ciphertext>`, the last two base64url. */
export type Sealed = `pv1.${string}`

/** What a sealed value reads as after its key was destroyed. */
export interface Erased {
  readonly erased: true
  readonly at: Instant
}

/** What opening gave. */
export type Opened = { readonly erased: false; readonly value: string } | Erased

/** Each use has a secret of its own, so that a digest of one cannot be looked up in another. */
export type DigestUse = 'subject' | 'contact' | 'token'

/** A data key as it is stored; once destroyed, without its material. */
export type DataKeyRecord =
  | {
      readonly id: string
      readonly category: string
      readonly state: 'active'
      /** When it was made. */
      readonly at: Instant
      readonly material: WrappedKey
    }
  | {
      readonly id: string
      readonly category: string
      readonly state: 'destroyed'
      /** When it was destroyed. */
      readonly at: Instant
    }

/** A secret of the whole installation as it is stored. */
export interface SecretRecord {
  readonly at: Instant
  readonly material: WrappedKey
}

const named = { id: z.string(), category: z.string(), at: instantParser }
const wrappedKeyParser: z.ZodType<WrappedKey> = z.object({ keyId: z.string(), wrapped: z.string() })

export const dataKeyParser: z.ZodType<DataKeyRecord> = z.discriminatedUnion('state', [
  z.object({ ...named, state: z.literal('active'), material: wrappedKeyParser }),
  z.object({ ...named, state: z.literal('destroyed') }),
])

export const secretParser: z.ZodType<SecretRecord> = z.object({
  at: instantParser,
  material: wrappedKeyParser,
})

/** Strict: a member that is not bound would promise what does not hold. */
export const sealContextParser: z.ZodType<SealContext> = z.strictObject({
  subject: idParser,
  category: idParser.refine((category) => !category.startsWith('#')),
  model: idParser,
  field: idParser,
  record: idParser,
})
