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
 * Where key-encryption keys live: in the process (`localKeys`), or in a key management service. What is kept of them in
 * the store is the keyring; their material never is.
 *
 * `context` is additional authenticated data, text of any length; a provider must bind it and the key's id. What is
 * wrapped is 32 bytes. All functions may be called many times at once, and from several processes; what a provider
 * throws of its own reaches the caller as it is.
 */
export interface KeyProvider {
  /** The ids of the keys it has, each an id of 1 to 200 characters. In a new installation the first becomes primary. */
  readonly keyIds: readonly string[]
  /**
   * A text that is fixed for the key and tells it from every other one, 1 to 200 characters: a keyed digest under the
   * key (`localKeys`), or what names the one key in a service that never gives another under that name. It is kept in
   * the store and must not help to find the key.
   * @throws StoreFailure `store.unavailable` where the service that holds the key does not answer
   */
  commitment(keyId: string): Promise<string>
  /**
   * Wraps key material under the key of that id, as opaque text. Wrapping the same again gives another text.
   * @throws StoreFailure `store.unavailable` where the service that holds the key does not answer
   */
  wrap(material: Uint8Array<ArrayBuffer>, under: { keyId: string; context: string }): Promise<string>
  /**
   * Exactly the material that was wrapped. The key is looked up by its id, never tried for.
   * @throws IntegrityFailure `seal.rejected` where key, context or bytes are not those of the wrapping
   * @throws StoreFailure `store.unavailable` where the service that holds the key does not answer
   */
  unwrap(wrapped: string, under: { keyId: string; context: string }): Promise<Uint8Array<ArrayBuffer>>
}

/** Wraps under the primary key of the keyring and unwraps under the key that is named. */
export interface Wrapping {
  /** @throws Conflict `conflict.state` where the key has wrapped as often as it may; as {@link KeyProvider.wrap} */
  wrap(material: Uint8Array<ArrayBuffer>, context: string): Promise<WrappedKey>
  /** @throws Conflict `conflict.state` where the key is disabled or destroyed; as {@link KeyProvider.unwrap} */
  unwrap(wrapped: WrappedKey, context: string): Promise<Uint8Array<ArrayBuffer>>
  /** Whether what the key of that id wrapped may be unwrapped, by the keyring as it stands. */
  mayUnwrap(keyId: string): Promise<boolean>
}

/**
 * What a key-encryption key may do. `primary`: wrap and unwrap; there is always exactly one. `active`: unwrap, and
 * become primary. `decrypt-only`: unwrap. `disabled`: nothing until it is enabled. `destroyed`: nothing for good.
 */
export type KeyStatus = 'primary' | 'active' | 'decrypt-only' | 'disabled' | 'destroyed'

/** A key-encryption key as the keyring has it. */
export interface KeyEntry {
  readonly id: string
  readonly status: KeyStatus
  readonly addedAt: Instant
  /** When it got its status. */
  readonly changedAt: Instant
  /** {@link KeyProvider.commitment} as it was when the key was added. */
  readonly commitment: string
}

/** The keyring as it is stored, in the order in which keys were added. */
export interface KeyringRecord {
  readonly entries: readonly KeyEntry[]
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
export type DigestUse = 'subject' | 'contact' | 'token' | 'lookup' | 'factor'

/** What a token that leaves the house, or stands for another person's id, is for; each use has a secret of its own. */
export type TokenUse = 'unsubscribe' | 'merge'

/** A data key of a subject, without its material. */
export interface HeldKey {
  readonly id: string
  readonly category: string
  /** The erasure after which the person was reopened: nothing new is sealed under a key of the time before. */
  readonly aside?: string
}

/** A data key that was destroyed, and the moment from which nothing opened under it. */
export interface DestroyedKey {
  readonly id: string
  readonly at: Instant
}

/**
 * A data key as it is stored: active -> shredding -> shredded. From `shredding` on the material is gone; until
 * `shredded` there may be lookups of what was sealed under it.
 */
export type DataKeyRecord =
  | (HeldKey & {
      readonly state: 'active'
      /** When it was made. */
      readonly at: Instant
      readonly material: WrappedKey
      /** HMAC-SHA-256 under the material over its place and id: AES-GCM itself commits to no key. */
      readonly commitment: string
    })
  | (HeldKey & {
      readonly state: 'shredding'
      /** When it was destroyed. */
      readonly at: Instant
      /** The same: indexed, by which what was cut off is found. */
      readonly shredding: Instant
    })
  | (HeldKey & {
      readonly state: 'shredded'
      /** When it was destroyed. */
      readonly at: Instant
    })

/** By what a value of a field is found: kept below the digest of its subject and its category. */
export interface LookupRecord {
  /** The keyed digest of group, field and value: indexed. */
  readonly digest: string
  readonly subject: string
  readonly group: string
  readonly field: string
  /** Of a sealed field: the data key that its value is sealed under, with which this is removed. */
  readonly key?: string
}

/** A secret of the whole installation as it is stored. */
export interface SecretRecord {
  readonly at: Instant
  readonly material: WrappedKey
}

/** The seed of the key that signs, and the public keys before it. */
export interface SigningRecord extends SecretRecord {
  /** The member `x` of each (RFC 8037 §2), newest first; absent where there is none. */
  readonly former?: readonly string[]
}

const named = { id: z.string(), category: z.string(), at: instantParser, aside: z.exactOptional(z.string()) }
export const wrappedKeyParser: z.ZodType<WrappedKey> = z.object({ keyId: z.string(), wrapped: z.string() })

export const keyStatuses = ['primary', 'active', 'decrypt-only', 'disabled', 'destroyed'] as const

export const keyringParser: z.ZodType<KeyringRecord> = z.object({
  entries: z
    .array(
      z.object({
        id: idParser,
        status: z.enum(keyStatuses),
        addedAt: instantParser,
        changedAt: instantParser,
        commitment: idParser,
      }),
    )
    .refine((entries) => entries.filter(({ status }) => status === 'primary').length === 1)
    .refine((entries) => new Set(entries.map(({ id }) => id)).size === entries.length),
})

export const dataKeyParser: z.ZodType<DataKeyRecord> = z.discriminatedUnion('state', [
  z.object({ ...named, state: z.literal('active'), material: wrappedKeyParser, commitment: z.string() }),
  z.object({ ...named, state: z.literal('shredding'), shredding: instantParser }),
  z.object({ ...named, state: z.literal('shredded') }),
])

export const lookupParser: z.ZodType<LookupRecord> = z.strictObject({
  digest: z.string(),
  subject: z.string(),
  group: z.string(),
  field: z.string(),
  key: z.exactOptional(z.string()),
})

export const secretParser: z.ZodType<SecretRecord> = z.object({
  at: instantParser,
  material: wrappedKeyParser,
})

export const signingParser: z.ZodType<SigningRecord> = z.object({
  at: instantParser,
  material: wrappedKeyParser,
  former: z.exactOptional(z.array(z.string().regex(/^[A-Za-z0-9_-]{43}$/))),
})

/** Strict: a member that is not bound would promise what does not hold. */
export const sealContextParser: z.ZodType<SealContext> = z.strictObject({
  subject: idParser,
  category: idParser.refine((category) => !category.startsWith('#')),
  model: idParser,
  field: idParser,
  record: idParser,
})
