/**
 * What services hand to each other: a service never imports another one, it is given what stands here by
 * `createPrivacy`. Each of these is bound to one tenant.
 *
 * Exactly one service commits an act. The others offer their part of it as changes, so that record, standing and
 * ledger entry are written together or not at all.
 */

import type { Standing, Tombstone } from './consent/model.ts'
import type { CalendarDate, Environment } from './environment.ts'
import type { DestroyedKey, DigestUse, HeldKey, Opened, SealContext, Sealed, TokenUse } from './keys/model.ts'
import type { Act } from './ledger/model.ts'
import type { Policy, StepUpAct } from './policy/model.ts'
import type { Change, Store, Versioned } from './store.ts'

/** What a service that records acts about people works with, in one tenant. */
export interface ServiceParts {
  readonly tenant: string
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
}

/** What the ledger hands out. */
export interface LedgerWriter {
  /** The change that records an act, which waits for its place in the stream; it goes into the act's own commit. */
  changes(act: Act): Change[]
}

/** What the keys hand out. */
export interface Keys {
  /**
   * Seals a text with AES-256-GCM under the subject's data key for the category, made on first use.
   * @throws InvalidInput `input.invalid`, `input.too-large`
   * @throws Conflict `conflict.erased` where that key was destroyed, or the subject erased before there was one
   */
  seal(value: string, context: SealContext): Promise<Sealed>
  /**
   * Opens a sealed text, or says that its key was destroyed.
   * @throws InvalidInput `input.invalid` (the context)
   * @throws IntegrityFailure `seal.rejected` where the value, its key or its context is not what it was
   */
  open(sealed: string, context: SealContext): Promise<Opened>
  /** Whether a value has the form of a sealed text. */
  isSealed(value: unknown): value is Sealed
  /** The data keys of a subject, those that were destroyed included until they are forgotten. */
  list(subject: string): Promise<HeldKey[]>
  /**
   * Destroys a subject's data keys of these ids, for good, and then the lookups of what was sealed under them; of those
   * already destroyed it ends what was cut off. Gives those there are, each with the moment it was destroyed.
   */
  destroy(subject: string, ids: readonly string[]): Promise<DestroyedKey[]>
  /** Ends every destruction of this tenant that was cut off. */
  endDestruction(): Promise<void>
  /**
   * The changes that set a subject's data keys aside, under the erasure they are of, so that new ones can be made: what
   * was sealed under those destroyed still reads as erased, and what had to be kept still opens.
   */
  setAside(subject: string, aside: string): Promise<Change[]>
  /**
   * The changes that forget that a subject's data keys were destroyed, so that a person of the same id can begin anew;
   * the subject is named by its digest of use `subject`. With `aside` those that were set aside under that erasure,
   * without it the others.
   */
  forget(subjectDigest: string, aside?: string): Promise<Change[]>
  /** A keyed digest of parts, per tenant and use, stable over key rotation: for names that must not be readable. */
  digest(use: DigestUse, parts: readonly string[]): Promise<string>
  /** A text, `[A-Za-z0-9_-]`, that stands for the parts and that only this tenant can make or read; for good, and the same each time. */
  conceal(use: TokenUse, parts: readonly string[]): Promise<string>
  /** The parts that such a text of this tenant and use stands for; `null` of any other text. */
  reveal(use: TokenUse, token: string): Promise<readonly string[] | null>
  /**
   * How the ledger names a subject: a keyed digest under a key of the subject's own, destroyed with it, so that after
   * an erasure nobody can tell whose entries those were.
   * @throws Conflict `conflict.erased` as {@link Keys.seal}
   */
  reference(subject: string): Promise<string>
  /**
   * Signs a JSON payload for this tenant: a JWS in compact form, EdDSA, with its own `typ` (RFC 7515, RFC 8037).
   * @throws InvalidInput `input.invalid`, `input.too-large`
   */
  sign(payload: object, typ: string): Promise<string>
  /** The payload of a JWS of that `typ` that was signed for this tenant. @throws IntegrityFailure `seal.rejected` */
  verify(jws: string, typ: string): Promise<Record<string, unknown>>
  /** The public keys, the present one first, for whoever checks a receipt (RFC 7517; `kid` by RFC 7638). */
  jwks(): Promise<{ keys: Record<string, unknown>[] }>
  /**
   * Signs bytes as they are: 64 bytes of Ed25519 (RFC 8032) by the present key, with its 32 public bytes. Only bytes
   * that hold a line feed before any dot, so that no signature is one of a JWS as well. The caller binds the tenant.
   * @throws InvalidInput `input.invalid`
   */
  signBytes(bytes: Uint8Array): Promise<{ publicKey: Uint8Array; signature: Uint8Array }>
  /** The public keys as 32 bytes each (RFC 8032): the present one, then the former ones, newest first. */
  publicKeys(): Promise<Uint8Array[]>
}

/** What second factors hand out: proofs that were made for one act are used up in the commit of that act. */
export interface StepUps {
  /** Whether the policy asks for a proof of that act, and the person has a full factor to give one with. */
  demanded(of: { readonly subject: string; readonly act: StepUpAct }): Promise<boolean>
  /**
   * The changes that use up a proof, for a commit that touches the standing as well.
   * @throws NotAuthorised `proof.rejected`: unknown, expired, spent, of another person, action, request or tenant, or of
   *   before a change of factors, without saying which; Conflict `conflict.erased`
   */
  spend(of: {
    readonly subject: string
    readonly action: string
    readonly request?: string
    readonly proof: string
  }): Promise<Change[]>
}

/** The standing of a subject as it was read, and where it is kept. */
export interface SubjectStanding {
  readonly at: string
  readonly found: Versioned | null
  readonly standing: Standing
}

/** Who reopens a person, and under which policy. */
export interface Returning {
  readonly subject: string
  readonly operator: string
  readonly policy: Policy
  readonly environment: Environment
}

/** A tombstone that has reached its last day. */
export interface EndedTombstone {
  /** Where it is kept. */
  readonly at: string
  /** Whose it is, by its digest. */
  readonly subjectDigest: string
  /** The erasure it is of. */
  readonly request: string
  /** Whether the person was reopened since. */
  readonly person: 'erased' | 'reopened'
}

/**
 * What consent hands to rights requests: changes for their commit, which mark a person's standing and hold it as
 * {@link Standings.touch} does. Each is obeyed from that commit on, and named by the request. About an id that was
 * merged into another each is put on both, and taken away from both; once the merge is undone, from each by itself.
 */
export interface Markings {
  /**
   * Restricts all processing of a person's data (GDPR 18). @throws Conflict `conflict.erased`
   */
  restrict(subject: string, by: { readonly request: string }): Promise<Change[]>
  /**
   * Records an objection to a purpose on the person's particular situation (GDPR 21(1)); direct marketing is denied
   * instead (GDPR 21(2)).
   * @throws InvalidInput `input.not-in-policy` where the purpose rests on neither of the two bases that can be objected to
   * @throws Conflict `conflict.erased`
   */
  object(subject: string, by: { readonly request: string; readonly purpose: string }): Promise<Change[]>
  /**
   * Ends what a request has set: nothing but an entry on record where it has set nothing. The person is told before
   * (GDPR 18(3)). @throws Conflict `conflict.erased`
   */
  lift(subject: string, by: { readonly request: string }): Promise<Change[]>
}

/** What consent hands out: the standing of each subject. */
export interface Standings {
  read(subject: string): Promise<SubjectStanding>
  /**
   * The change that every write about a subject puts into its commit: an erasure and the write then exclude each
   * other. @throws Conflict `conflict.erased`
   */
  touch(subject: string): Promise<Change[]>
  /**
   * Turns a standing, as it was read, into a tombstone, and keeps its denials by contact address; those may also be
   * committed before. A tombstone that stands already lasts until the later of the two last days.
   */
  erase(
    read: SubjectStanding,
    erasure: { readonly contacts: readonly string[]; readonly tombstone: Tombstone },
  ): Promise<{ readonly tombstone: Change; readonly addresses: readonly Change[] }>
  /**
   * The changes that end a tombstone, as it was read, before its last day: nothing is known of the person then but what
   * they had said no to. That somebody was erased stays on record until that day, aside and by digest. What was kept of
   * the person's stream must be aside already.
   */
  reopen(read: SubjectStanding, by: Returning): Change[]
  /** The change that leaves a standing as it was read: what else is written with it, and an erasure, exclude each other. */
  hold(read: SubjectStanding): Change
  /** The tombstones whose last day lies before a day, those of people who were reopened included. */
  ended(before: CalendarDate): AsyncIterable<EndedTombstone>
  /** The change that takes a tombstone away; none where it is gone. */
  forget(tombstone: EndedTombstone): Promise<Change[]>
}
