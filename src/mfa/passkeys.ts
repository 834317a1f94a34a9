/**
 * The port behind which passkeys are verified (WebAuthn Level 3). What is kept, counted, challenged and recorded is the
 * library's; what an authenticator signed is for the verifier to judge, which `@pilvi/privacy/passkeys` makes of an
 * optional peer. Texts that are bytes are base64url without padding.
 */

import type { JsonValue } from '../store.ts'

/** A public key of an authenticator, as it is stored. Nothing of it is secret. */
export interface PasskeyCredential {
  /** The credential id. */
  readonly id: string
  /** The COSE public key. */
  readonly publicKey: string
  /** The authenticator's own counter at its last use; 0 where it has none. */
  readonly counter: number
  /** How the authenticator can be reached, as it said itself. */
  readonly transports: readonly string[]
  /** Whether the credential may be kept in several places, for example a cloud: settled when it is made. */
  readonly backupEligible: boolean
  /** Whether it is kept in several places, as of its last use. */
  readonly backedUp: boolean
}

/** What a use of a passkey showed. */
export interface PasskeyUse {
  /** To be stored with the credential before the use counts for anything. */
  readonly counter: number
  /** Whether the person was verified (a PIN, a finger), not only present. */
  readonly userVerified: boolean
  /** To be stored with the credential. */
  readonly backedUp: boolean
}

/**
 * Verifies what authenticators sign. `challenge` is random, of at least 16 bytes, and used once: the caller sees to that.
 * A `response` is whatever a browser sent: no shape of it makes a verifier throw.
 */
export interface PasskeyVerifier {
  /**
   * What a browser's `navigator.credentials.create` is to be given, as JSON.
   * @throws InvalidInput `input.invalid` for a challenge or a user handle that is not what it should be
   */
  registration(of: {
    /** An opaque name of the person, of 1 to 64 bytes in UTF-8: never an address or a name that can be read. */
    readonly userHandle: string
    /** What the authenticator shows. */
    readonly userName: string
    readonly challenge: string
    /** Credentials that the person has already. */
    readonly known: readonly PasskeyCredential[]
  }): Promise<JsonValue>
  /**
   * The new credential, or `null` where the response is not what was asked for.
   * @throws InvalidInput `input.invalid` for a challenge that is not what it should be
   */
  register(of: { readonly response: unknown; readonly challenge: string }): Promise<PasskeyCredential | null>
  /**
   * What a browser's `navigator.credentials.get` is to be given, as JSON.
   * @throws InvalidInput `input.invalid` for a challenge that is not what it should be
   */
  authentication(of: {
    readonly challenge: string
    readonly known: readonly PasskeyCredential[]
  }): Promise<JsonValue>
  /**
   * What the use showed, or `null` where the response is not this credential's answer to this challenge. A counter that
   * did not grow, where it was not 0 before and after, is no answer: the authenticator may have been copied.
   * @throws InvalidInput `input.invalid` for a challenge that is not what it should be
   * @throws IntegrityFailure `record.corrupt` for a stored public key that is none
   */
  authenticate(of: {
    readonly response: unknown
    readonly challenge: string
    readonly credential: PasskeyCredential
  }): Promise<PasskeyUse | null>
}
