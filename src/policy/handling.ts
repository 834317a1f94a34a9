/**
 * What is done with data, in the terms a policy speaks: what for (purposes), with whom (recipients and transfers),
 * for how long (retention and its exemptions) and what is published about use. Part of the policy's model; others
 * import these names from `model.ts`.
 *
 * Dates: `since` is the first day something holds, `until` the last.
 */

import type { CalendarDate } from '../environment.ts'

/** A text in the languages of the policy; English is always there. */
export interface Text {
  readonly en: string
  readonly fi?: string
}

/** A language that notices are rendered in. */
export type Language = 'en' | 'fi'

/** A way to reach a person. */
export type Channel = 'post' | 'phone' | 'automated-call' | 'email' | 'sms' | 'in-person'

/** GDPR 6(1)(a) to (f), in that order. */
export type LegalBasis =
  | 'consent'
  | 'contract'
  | 'legal-obligation'
  | 'vital-interests'
  | 'public-task'
  | 'legitimate-interests'

/** What data are used for, and by which right. */
export interface Purpose {
  readonly label: Text
  /** Absent is a finding of `lintPolicy`, not a default. */
  readonly legalBasis?: LegalBasis
  /** The interest pursued, where the basis is legitimate interests (GDPR 13(1)(d)). */
  readonly interest?: Text
  /** How consent is given, where the basis is consent. `use` (of the service) is not consent, and lint says so. */
  readonly consentBy?: 'opt-in' | 'use'
  /** Names of `categories`. */
  readonly categories: readonly string[]
  /** Whether this is marketing, which needs a route to deny it (GDPR 21(2)-(4)). */
  readonly marketing?: true
  /** A person can prohibit this; `absolute`: nothing overrides it but the same person's later explicit consent. */
  readonly denial?: {
    readonly absolute: boolean
    readonly law: string
    /** A browser's `Sec-GPC: 1` ("do not sell or share") denies it. */
    readonly signal?: 'gpc'
  }
  /** A wider purpose of this policy: denying that one denies this one. */
  readonly broader?: string
  /** By which channel it is allowed unless denied, and by which only with consent. Absent: the channel does not matter. */
  readonly channels?: Readonly<Partial<Record<Channel, 'unless-denied' | 'consent' | 'never'>>>
  /**
   * Of the channels that need consent those by which existing customers are told of the controller's own equivalent
   * products without it, each time with an easy way out (Directive 2002/58/EC 13(2)). Absent: none.
   */
  readonly existingCustomers?: { readonly channels: readonly ('email' | 'sms')[]; readonly law: string }
  /** The same purpose in the Data Privacy Vocabulary. */
  readonly vocabulary: readonly {
    readonly iri: string
    readonly relation: 'exact' | 'broader' | 'related' | 'own'
  }[]
  readonly clause: string
}

/** A list of denials kept by others, and how long a denial from it lasts. */
export interface DenialList {
  readonly label: Text
  /** From the moment it takes effect. Absent: it never ends by itself. */
  readonly lasts?: { readonly days?: number; readonly months?: number; readonly years?: number }
  readonly clause: string
}

/** A legal tool that lets data leave the EEA, and since when it is on file (GDPR 45, 46, 49). */
export interface TransferGround {
  readonly mechanism:
    | 'adequacy'
    | 'standard-contractual-clauses'
    | 'binding-corporate-rules'
    | 'derogation'
    | 'privacy-shield'
    | 'safe-harbour'
  readonly since: CalendarDate
  readonly until?: CalendarDate
  /** Which clauses were signed; absent: those that were in force on `since`, the older ones before 27 June 2021. */
  readonly clauses?: ContractualClauses
  /** Reference of the transfer impact assessment, which tools of Article 46 need since 16 July 2020. */
  readonly assessment?: string
}

/** A derogation of GDPR 49(1), claimed for one case. */
export interface Derogation {
  readonly ground:
    | 'explicit-consent'
    | 'contract-with-subject'
    | 'contract-in-interest'
    | 'public-interest'
    | 'legal-claims'
    | 'vital-interests'
    | 'public-register'
  /** Why it holds in this case. */
  readonly reason: string
}

/** A scheme that a decision on the United States is or was limited to. */
export type CertificationScheme = 'safe-harbour' | 'privacy-shield' | 'data-privacy-framework'

/** A Commission decision with standard contractual clauses; those before 2021 are superseded. */
export type ContractualClauses = '2001/497/EC' | '2004/915/EC' | '2010/87/EU' | '(EU) 2021/914'

/** What kind of body a recipient is: some adequacy decisions cover only some kinds. */
export type Organisation = 'commercial' | 'non-profit' | 'public'

/** By which right a recipient gets data. */
export type DisclosureGround = 'law' | 'consent' | 'agreement' | 'partner' | 'subcontractor'

/** Who may receive data (GDPR 13(1)(e) and (f)). */
export interface Recipient {
  /** A name, or what kind of recipient it is, as people read it. */
  readonly name: Text
  readonly role: 'processor' | 'controller' | 'authority'
  /** ISO 3166-1 alpha-2, or `EP` for the European Patent Organisation. */
  readonly country: string
  /** What kind of body it is: some adequacy decisions cover only some. Absent: none that asks. */
  readonly organisation?: Organisation
  /** Certified under a scheme that an adequacy decision is limited to, and when. */
  readonly certification?: {
    readonly scheme: CertificationScheme
    readonly since: CalendarDate
    readonly until?: CalendarDate
  }
  readonly grounds: readonly DisclosureGround[]
  readonly purposes: readonly string[]
  /** `group.field` or `service.field`: the most this recipient ever gets. */
  readonly fields: readonly string[]
  readonly transfer?: TransferGround
  readonly clause: string
}

/** How long backups are kept that outlast what was erased. */
export interface Backups {
  /** Of the keys under which sensitive data are sealed, from the day a backup is made: destroyed keys are in them. */
  readonly keys: { readonly days?: number; readonly months?: number; readonly years?: number }
  readonly clause: string
}

/** Why data outlive an erasure: exactly the three kinds the policy names (GDPR 17(3)). */
export interface Exemption {
  readonly kind: 'administrative' | 'legal' | 'security'
  /** The provision, for example "Accounting Act 1336/1997, 2:10". */
  readonly law: string
  readonly says: Text
  readonly rule: ExemptionRule
}

/** When an exemption ends. `years` are counted from the end of the year named. */
export type ExemptionRule =
  | { readonly from: 'end-of-financial-year'; readonly years: number }
  | { readonly from: 'end-of-calendar-year-of-financial-year'; readonly years: number }
  | { readonly from: 'event'; readonly years?: number; readonly months?: number; readonly days?: number }

/** How long a category is kept (GDPR 13(2)(a)). */
export interface Retention {
  /**
   * `while-needed`: as long as essential to delivery; otherwise for so long after the event. What the library itself
   * removes when such a period is over is in docs/policy.md; `lintPolicy` names what it does not.
   */
  readonly keep:
    | 'while-needed'
    | {
        readonly after: 'recorded' | 'day-closed'
        readonly hours?: number
        readonly days?: number
        readonly months?: number
        readonly years?: number
      }
  readonly says: Text
  readonly exemption?: Exemption
  readonly clause: string
}

/** What the figures of a table are broken down by: the hour or weekday of a visit, or where the visitor came from. */
export type Dimension = 'hour' | 'weekday' | 'source'
/** What a table counts; a session is a session-day, not a person. */
export type Measure = 'visits' | 'sessions'

/** A table of statistics that is published for each closed day. */
export interface PublicationTable {
  readonly label: Text
  readonly dimensions: readonly Dimension[]
  readonly measures: readonly Measure[]
  /** The most cells that one session of a day may count in. */
  readonly cellsPerSession: number
}

/** The lowest threshold k there may be; 10 is the default. */
export const lowestThreshold = 3

/** What is published about use, and how people in it are protected. */
export interface Publications {
  readonly tables: Readonly<Record<string, PublicationTable>>
  /** Threshold: only cells that rest on at least `k` sessions are released. One base table; `k` is at least 3. */
  readonly protection: { readonly mode: 'threshold'; readonly k: number }
  /** How long raw visits stay after their day has closed; the retention of `ownData.visits` says the same. */
  readonly rawHours: number
  /** How long published statistics are kept after their day; the retention of `ownData.publications` says the same. */
  readonly keepMonths: number
  readonly clause: string
}
