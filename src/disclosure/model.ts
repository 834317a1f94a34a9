/**
 * Disclosures: whether data about a person may be given to a recipient, and the account of what was given.
 *
 * The default is no. A disclosure needs a recipient the policy names, a ground and a purpose the policy gives that
 * recipient, no field beyond its minimal set, a lawful transfer on that day, and what the ground rests on: a link with
 * the partner, an agreement by its reference, a provision of law, an authority's request by its reference.
 */

import type { Necessity, Question, Reason } from '../consent/model.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import type { Derogation, DisclosureGround } from '../policy/model.ts'

/** What a disclosure by law rests on. */
export interface LegalGround {
  /** The provision that lets the recipient have the data, for example "Act 768/2005, 19 §". */
  readonly provision: string
  /** How the recipient names its request; an authority's request has one. */
  readonly reference?: string
  /**
   * The person is not to learn of it until the day after `until`, the last day that the law lets them not be told. An
   * authority alone can order that.
   */
  readonly secrecy?: { readonly until: CalendarDate }
}

/**
 * What is asked. `channel` is the one by which the recipient will reach the person, `none` where it reaches nobody: needed
 * wherever the policy has a rule by channel. `contact` and `relationship` are those of the question about consent.
 */
export interface DisclosureQuestion<Recipient extends string = string, Purpose extends string = string>
  extends Pick<Question, 'channel' | 'contact' | 'relationship'> {
  readonly recipient: Recipient
  /** The host's id of the person. */
  readonly subject: string
  /** `group.field` or `service.field`. */
  readonly fields: readonly [string, ...string[]]
  readonly ground: DisclosureGround
  readonly purpose: Purpose
  /** Needed where the ground is `law`; no other ground has one. */
  readonly law?: LegalGround
  /** Needed where the ground is `agreement`; no other ground has one. */
  readonly agreement?: { readonly reference: string }
  /** Claimed for this one case, where nothing else carries the transfer (GDPR 49). */
  readonly derogation?: Derogation
  /**
   * For what restricted data are needed all the same (GDPR 18(2)); absent: for nothing, on the ground `law` as well. Does
   * not count for marketing or what can be denied absolutely; to disclose is never to store.
   */
  readonly necessity?: Exclude<Necessity, 'storage'>
}

/** The answer, with every reason for it; frozen. It is about the moment it was made: ask anew for what is handed over later. */
export interface DisclosureDecision {
  readonly outcome: 'permit' | 'deny'
  readonly because: readonly [Reason, ...Reason[]]
  /** The fields that may be given: all that were asked for, or none. */
  readonly fields: readonly string[]
  readonly on: CalendarDate
  /** The record of the disclosure; absent where it was denied, or only looked at. */
  readonly record?: string
}

/** A disclosure on record. */
export interface DisclosureEntry {
  readonly id: string
  readonly recipient: string
  readonly fields: readonly string[]
  readonly ground: DisclosureGround
  readonly purpose: string
  /** By which the recipient would reach the person, where the question named one. */
  readonly channel?: Question['channel']
  /** The rule that permitted the transfer. */
  readonly transfer: string
  /** The link that it rests on, where the ground is `partner`. */
  readonly link?: string
  readonly law?: LegalGround
  readonly agreement?: { readonly reference: string }
  /** Where the transfer rests on one. */
  readonly derogation?: Derogation
  /** What was claimed in spite of a restriction, whether or not there was one. */
  readonly necessity?: Exclude<Necessity, 'storage'>
  readonly policyVersion: string
  /** The version's digest, by which `policies.find` gives it whole. */
  readonly policyDigest: string
  readonly at: Instant
  /** The category of data that the record falls under. */
  readonly category: string
}

/** That a customer connected a partner's product, or took it away again: an entry of the links on record. */
export interface LinkEvent {
  readonly id: string
  readonly kind: 'linked' | 'unlinked'
  readonly recipient: string
  /** Of a link its first day, of its end the last day that it holds. */
  readonly on: CalendarDate
  /** The last day of a link that was made for a time. */
  readonly until?: CalendarDate
  /** Who took the customer's word; absent: it was given at a screen. */
  readonly operator?: string
  readonly recordedAt: Instant
  readonly category: string
}

/** The customer's word that a partner's product is connected. */
export interface LinkInput<Recipient extends string = string> {
  readonly subject: string
  readonly recipient: Recipient
  /** The first day; absent: today. A day at most a year past or ahead. */
  readonly from?: CalendarDate
  /** The last day; absent: until it is taken away. */
  readonly until?: CalendarDate
  readonly operator?: string
}

/** The customer's word that it no longer is. */
export interface UnlinkInput<Recipient extends string = string> {
  readonly subject: string
  readonly recipient: Recipient
  /** The last day that the link holds; absent: it ends at once, and today is not covered any more. */
  readonly until?: CalendarDate
  readonly operator?: string
}

/** A job that several recipients can do. */
export interface DisclosureJob<Recipient extends string = string, Purpose extends string = string> {
  readonly purpose: Purpose
  readonly fields: readonly [string, ...string[]]
  /** Those that can do it; of equals the first is preferred. */
  readonly recipients: readonly [Recipient, ...Recipient[]]
  /** Absent: today. */
  readonly on?: CalendarDate
}

/** A recipient that was weighed for a job. */
export interface WeighedRecipient {
  readonly recipient: string
  readonly outcome: 'permit' | 'deny'
  readonly because: readonly [Reason, ...Reason[]]
}

/** Which recipient is to do a job. */
export interface RecipientChoice {
  readonly outcome: 'permit' | 'deny'
  /** The one to be preferred; absent where none may have the data. */
  readonly recipient?: string
  /** All that were named, the preferred one first and those that are denied last. */
  readonly weighed: readonly WeighedRecipient[]
  readonly on: CalendarDate
}

/** What becomes of the transfer to a recipient. */
export interface ReviewedTransfer {
  readonly recipient: string
  readonly country: string
  readonly outcome: 'permit' | 'deny'
  /** The rule of transfer, and the decision, judgment or article that it rests on. */
  readonly rule: string
  readonly source: string
  /** What held on the day from which it is reviewed. */
  readonly previously: { readonly outcome: 'permit' | 'deny'; readonly rule: string }
  /**
   * The last day without a gap of what was permitted on the first day, or else is on the second; absent where neither is,
   * or the law and the policy name no end.
   */
  readonly until?: CalendarDate
}
