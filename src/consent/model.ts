/**
 * Consents and denials: what a person allowed, refused and prohibited, and the standing that follows from it.
 *
 * Every event goes into the subject's append-only stream, and the standing is written in the same commit. A decision
 * reads the standing only: one `get`. A standing is kept under a keyed digest of the subject, so that what remains
 * after an erasure (that this subject was erased; that this address denied telemarketing) names nobody.
 */

import type { CalendarDate, Instant } from '../environment.ts'
import type { Channel } from '../policy/model.ts'

/** How a statement reached us. */
export type Route = 'letter' | 'phone' | 'email' | 'in-person' | 'link' | 'gpc' | 'list-import' | 'proxy'

/**
 * What a statement does. A refusal is a record of its own, never a missing consent. `withdrawn` is the person's own
 * act, `revoked` somebody else's; `renewed` gives a consent that stands a new term, and is no new consent.
 */
export type EventKind = 'given' | 'renewed' | 'refused' | 'withdrawn' | 'revoked' | 'denied'

/** What shows that a statement was made, kept by the host; at least the document or the wording. */
export interface Evidence {
  /** SHA-256 of the document that the host keeps (a letter, a recording, a form), lower-case hex. */
  readonly digest?: string
  /** The exact text that the person saw: the host's id of it, or its digest. */
  readonly wording?: string
  /** The language of that text, as BCP 47 writes it. */
  readonly language?: string
  /** The version or the digest of the policy that was shown, where it is not the one in force. */
  readonly policy?: string
}

/** Who speaks for the person: a holder of parental responsibility, one a court appointed, one the person authorised. */
export type ProxyRole = 'guardian' | 'trustee' | 'attorney'

/** Somebody who speaks for the person, and what shows that they may. */
export interface Proxy {
  readonly role: ProxyRole
  readonly evidence: Evidence
}

/** Who ends a consent in the place of the person. */
export type Revoker = 'controller' | 'court' | 'authority' | 'guardian'

/** How a no came into the stream of another id than it was said about: the two ids were merged. */
export type ByMerge =
  /** Said before, as that event, and carried over: it counts from the merge on, and no more once that is undone. */
  | { readonly how: 'carried'; readonly merge: string; readonly event: string }
  /** Said since, about the id that was merged: it stays, whatever becomes of the merge. */
  | { readonly how: 'relayed'; readonly merge: string }

/** One statement by or for a subject about one purpose. */
export interface ConsentEvent {
  readonly id: string
  readonly kind: EventKind
  readonly purpose: string
  readonly by: Route
  /** Who took a statement that was not made on a screen. */
  readonly operator?: string
  /** The list it was imported from, a name of the policy's `denialLists`. */
  readonly list?: string
  /** Who spoke for the person. */
  readonly proxy?: Proxy
  readonly evidence?: Evidence
  /** Who ended the consent, where it was revoked. */
  readonly revokedBy?: Revoker
  /** That the age below which a guardian consents was looked at: the person had reached it, or a guardian spoke. */
  readonly ageLimit?: 'reached' | 'guardian'
  /** When it takes effect, as stated; never after it was recorded. */
  readonly effectiveAt: Instant
  readonly recordedAt: Instant
  /** When it ends by itself; some denials do, most never. */
  readonly expiresAt?: Instant
  /** The policy version in force when it was made. */
  readonly policyVersion: string
  /** What names its content (`policies.find`); absent of statements that were recorded before there was one. */
  readonly policyDigest?: string
  /** The category of data that the record falls under. */
  readonly category: string
  /** How it came here, where it was not said about this id. */
  readonly via?: ByMerge
}

/**
 * What a rights request puts on a person's standing, in the same stream: a restriction of all processing (GDPR 18), an
 * objection to one purpose (GDPR 21(1)), and the end of whatever that request had put there.
 */
export type Marking = {
  readonly id: string
  /** The request that puts it there, and that it is taken away by. */
  readonly request: string
  readonly effectiveAt: Instant
  readonly recordedAt: Instant
  readonly policyVersion: string
  readonly category: string
  readonly via?: ByMerge
} & ({ readonly kind: 'restricted' | 'lifted' } | { readonly kind: 'objected'; readonly purpose: string })

/** Why two ids are merged, and why a merge is undone. */
export type MergeReason = 'asked' | 'duplicate' | 'mistaken'

/**
 * That two ids are one person's: `merged` in the stream of the one that is retired, `absorbed` in that of the other, and
 * `unmerged` in both where it was undone.
 */
export type Merging = {
  readonly id: string
  /** The merge, the same in both streams. */
  readonly merge: string
  /** The other id, readable by this tenant only. */
  readonly other: string
  readonly operator: string
  readonly because?: MergeReason
  readonly effectiveAt: Instant
  readonly recordedAt: Instant
  readonly policyVersion: string
  readonly category: string
} & (
  | { readonly kind: 'merged' }
  | { readonly kind: 'unmerged' }
  | {
      readonly kind: 'absorbed'
      /** The purposes that the person had consented to under both ids, and until when under the other; no other consent stays. */
      readonly agreed: Readonly<Record<string, { readonly until?: Instant }>>
    }
)

/** What stands in a subject's stream. */
export type Entry = ConsentEvent | Marking | Merging

/** Whose word a consent is: the subject's own, somebody's who speaks for them, or a list's. */
export type Voice = 'own' | 'proxy' | 'list'

/** Statements of a kind about a purpose, as far as decisions need them. */
export interface Mark {
  /** The statement that counts: of denials the one that lasts longest, otherwise the last one. */
  readonly event: string
  /** The place of the last of them in the stream. */
  readonly sequence: number
  /** The latest moment at which one of them takes effect. */
  readonly at: Instant
  readonly expiresAt?: Instant
}

/** What was said about one purpose. */
export interface PurposeStanding {
  /** The consent that was made last, by each voice. */
  readonly consents?: Readonly<Partial<Record<Voice, Mark>>>
  /** Refusals, withdrawals and revocations, as one. */
  readonly refusal?: Mark & { readonly kind: 'refused' | 'withdrawn' | 'revoked' }
  /** Denials, as one. */
  readonly denial?: Mark
  /** Objections, by the request of each; one that was lifted has ended. */
  readonly objections?: Readonly<Record<string, Mark>>
}

/** What decisions need to know of a subject, or of a contact address. */
export interface Standing {
  readonly state: 'active' | 'erased'
  /** When the subject was erased, and by which request. */
  readonly erased?: { readonly at: Instant; readonly request: string }
  /** The last day of a tombstone; absent where the policy sets no end. Indexed. */
  readonly erasedUntil?: CalendarDate
  /** Purpose -> the noes of an erased subject, which come back if the subject does. */
  readonly kept?: Readonly<Record<string, PurposeStanding>>
  /** Entries in the subject's stream. */
  readonly events: number
  /** The merge by which this id was retired, and the other one, concealed. */
  readonly merged?: { readonly merge: string; readonly at: Instant; readonly other: string }
  /** Merge -> the id that was merged into this one, concealed. */
  readonly absorbed?: Readonly<Record<string, string>>
  /** Restrictions of all processing, by the request of each. */
  readonly restrictions?: Readonly<Record<string, Mark>>
  readonly purposes: Readonly<Record<string, PurposeStanding>>
}

/** That a subject was erased, by digest: when, by which request, and until when this is kept. */
export interface Tombstone {
  readonly at: Instant
  readonly request: string
  readonly until?: CalendarDate
}

/** Why a decision is what it is. */
export interface Reason {
  /** A rule id, the same in code and docs: `consent.denied`. */
  readonly rule: string
  /** The clause of the policy that it rests on. */
  readonly clause: string
  /** The event or record that it rests on, where there is one. */
  readonly record?: string
  /** The relationship that the host stated, where the outcome rests on it. */
  readonly relationship?: Relationship
}

/** The answer to "may we?", with its reasons: all that speak for the outcome. */
export interface Decision {
  readonly outcome: 'permit' | 'deny'
  readonly because: readonly [Reason, ...Reason[]]
  /** The moment it was decided for. */
  readonly at: Instant
}

/** A statement as a host hands it in. */
export interface Statement<Purpose extends string = string> {
  /** The host's id of the person. */
  readonly subject: string
  readonly purpose: Purpose
  /** `gpc` can only deny: the signal is never a consent and never takes one back. */
  readonly by: Route
  /** Who took it; a consent by letter, by phone, in person, by proxy or from a list must say so (GDPR 7(1)). */
  readonly operator?: string
  /** As stated, within the year before now, from a list at any time before now; absent: now. */
  readonly effectiveAt?: Instant
  /** When it ends by itself; after `effectiveAt`. Absent: a denial from a list ends when the policy says so of the list. */
  readonly expiresAt?: Instant
  /** The list a statement `by: 'list-import'` is from, a name of the policy's `denialLists`. */
  readonly list?: string
  /** Who speaks for the person; needed for a consent `by: 'proxy'`. */
  readonly proxy?: Proxy
  readonly evidence?: Evidence
  /**
   * Years, or the birth date, of somebody who may be a child. Below the limit of the policy's jurisdiction only a guardian
   * consents (GDPR 8). Neither is kept: the event says that the limit was reached, or that a guardian spoke.
   */
  readonly age?: number
  readonly birthDate?: CalendarDate
}

/** The end of a consent by somebody else than the person, as a host hands it in. */
export interface Revocation<Purpose extends string = string>
  extends Omit<Statement<Purpose>, 'expiresAt' | 'age' | 'birthDate' | 'list'> {
  readonly revokedBy: Revoker
  /** Who recorded it. */
  readonly operator: string
}

/**
 * That somebody is a customer, as the host states it with a question. What is bought and offered are names of the host's
 * for groups of equivalent products; each message must offer an easy way out (Directive 2002/58/EC 13(2)).
 */
export interface Relationship {
  readonly customerSince: CalendarDate
  /** What the person bought, and gave the address for. */
  readonly bought: string
  /** What the message would be about; the same group, or the exception does not hold. */
  readonly offered: string
  readonly wayOut: 'in-each-message'
}

/** What restricted data may still be used for without the person's consent (GDPR 18(2)). */
export type Necessity = 'storage' | 'legal-claims' | 'rights-of-others' | 'public-interest'

/** A question about one purpose. */
export interface Question<Purpose extends string = string> {
  readonly subject: string
  readonly purpose: Purpose
  /**
   * By which channel; needed wherever the policy has a rule by channel. `none`: nobody is contacted, as when people
   * are selected or profiled for the purpose, or their data disclosed to somebody who reaches nobody (GDPR 21(2)).
   */
  readonly channel?: Channel | 'none'
  /** The address or number that would be used: denials kept from an erased subject are honoured by it. */
  readonly contact?: string
  readonly relationship?: Relationship
  /**
   * For what it is needed in spite of a restriction; `legal-claims` also in spite of an objection (GDPR 18(2), 21(1)).
   * Does not count for marketing or what can be denied absolutely, nor `storage` with a channel.
   */
  readonly necessity?: Necessity
  /**
   * The moment asked about; absent: `asKnownAt`, or now. Of one ahead, at most ten years, that all that is known today
   * still stands but for what has ended by then.
   */
  readonly at?: Instant
  /** What had been recorded by then; never ahead. Absent: everything. */
  readonly asKnownAt?: Instant
}

/** Somebody a campaign would reach, with what a question says of them. */
export type Candidate = Pick<Question, 'subject' | 'contact' | 'relationship'>

/** What a campaign asks about everybody. */
export type CampaignQuestion<Purpose extends string = string> = Omit<Question<Purpose>, keyof Candidate>
