/**
 * A privacy policy as data. What the library records, publishes, permits, discloses, exports, keeps and erases is
 * read from here, and so is the notice that people read: what is rendered is what is enforced.
 *
 * Every entry carries a `clause`: the heading of the written policy it implements, so that each decision can name
 * the promise it rests on. Names (the keys of the records) are `[a-z][a-zA-Z0-9-]*`.
 */

import * as z from 'zod'
import type { CalendarDate } from '../environment.ts'

/** A text in the languages of the policy; English is always there. */
export interface Text {
  readonly en: string
  readonly fi?: string
}

/** A language that notices are rendered in. */
export type Language = 'en' | 'fi'

/** GDPR 6(1)(a) to (f), in that order. */
export type LegalBasis =
  | 'consent'
  | 'contract'
  | 'legal-obligation'
  | 'vital-interests'
  | 'public-task'
  | 'legitimate-interests'

/** A way to reach a person. */
export type Channel = 'post' | 'phone' | 'automated-call' | 'email' | 'sms' | 'in-person'

export interface PostalAddress {
  readonly street: string
  readonly postalCode: string
  readonly city: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

/** Who decides why and how the data are used (GDPR 13(1)(a) and (b)). */
export interface Controller {
  readonly name: string
  readonly address: PostalAddress
  readonly email: string
  readonly phone?: string
  /** The person or post that answers for the register. */
  readonly officer?: Text
  /** How to reach the data protection officer, where there is one (GDPR 13(1)(b)). */
  readonly dataProtectionOfficer?: string
  /** What kind of register this is, for example "customer register". */
  readonly register: Text
  /** The last day of the financial year, `MM-DD`: accounting retention counts from it. */
  readonly financialYearEnd: string
  readonly clause: string
}

/** Where a person can complain (GDPR 13(2)(d)). */
export interface SupervisoryAuthority {
  readonly name: Text
  readonly url: string
  readonly clause: string
}

/** A category of data. Everything that is kept about people belongs to one. */
export interface Category {
  readonly label: Text
  /**
   * `personal` data are about a person; `identity` data also tell who it is (name, e-mail, address); `other` data
   * are about no person. Special categories (GDPR 9) say so.
   */
  readonly kind: 'personal' | 'identity' | 'special' | 'other'
  readonly clause: string
}

/** What a field can hold; nothing is free-form. */
export type FieldKind =
  | 'text' // at most 200 characters, one line
  | 'email'
  | 'phone'
  | 'vat-id' // any EU format, with its check digits
  | 'company-number' // a company register number, with its check digits where a country has them
  | 'address'
  | 'payment'
  | 'date'
  | 'number'
  | 'choice'

/** A field of a group or of a service. */
export interface Field {
  readonly label: Text
  readonly kind: FieldKind
  /** A name of `categories`. */
  readonly category: string
  readonly required?: true
  /** Tells who somebody is and is looked up by: its category must be of kind `identity`. */
  readonly identity?: true
  /** The choices of a field of kind `choice`. */
  readonly choices?: readonly string[]
}

/** People about whom the same data are kept. */
export interface Group {
  readonly label: Text
  /** `controller`: kept in the controller's own tenant; `customer`: in the tenant of each of its customers. */
  readonly tier: 'controller' | 'customer'
  readonly fields: Readonly<Record<string, Field>>
  /** Lists of fields of which at least one must be given. */
  readonly anyOf?: readonly (readonly string[])[]
  readonly clause: string
}

/** A service that needs fields of its own ("other input needed for delivery"). */
export interface Service {
  readonly label: Text
  readonly fields: Readonly<Record<string, Field>>
  readonly clause: string
}

/** Where data come from (GDPR 14(2)(f)). */
export interface Origin {
  readonly label: Text
  readonly kind: 'subject' | 'use' | 'public'
  readonly clause: string
}

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
  readonly denial?: { readonly absolute: boolean; readonly law: string }
  /** A wider purpose of this policy: denying that one denies this one. */
  readonly broader?: string
  /** By which channel it is allowed unless denied, and by which only with consent. Absent: the channel does not matter. */
  readonly channels?: Readonly<Partial<Record<Channel, 'unless-denied' | 'consent' | 'never'>>>
  /** The same purpose in the Data Privacy Vocabulary. */
  readonly vocabulary: readonly {
    readonly iri: string
    readonly relation: 'exact' | 'broader' | 'related' | 'own'
  }[]
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
  /** Reference of the transfer impact assessment, for tools of Article 46. */
  readonly assessment?: string
}

/** By which right a recipient gets data. */
export type DisclosureGround = 'law' | 'consent' | 'agreement' | 'partner' | 'subcontractor'

/** Who may receive data (GDPR 13(1)(e) and (f)). */
export interface Recipient {
  readonly name: string
  readonly role: 'processor' | 'controller' | 'authority'
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** Certified under a scheme that an adequacy decision is limited to, for example the EU-US framework, and when. */
  readonly certification?: {
    readonly scheme: string
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
  /** `while-needed`: as long as essential to delivery; otherwise for so long after the event. */
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

export type Dimension = 'hour' | 'weekday' | 'source'
export type Measure = 'visits' | 'sessions'

/** A table of statistics that is published for each closed day. */
export interface PublicationTable {
  readonly label: Text
  readonly dimensions: readonly Dimension[]
  readonly measures: readonly Measure[]
  /** The most cells that one session of a day may count in. */
  readonly cellsPerSession: number
}

/** What is published about use, and how people in it are protected. */
export interface Publications {
  readonly tables: Readonly<Record<string, PublicationTable>>
  /** Threshold: only cells that rest on at least `k` sessions are released. One base table; `k` is at least 3. */
  readonly protection: { readonly mode: 'threshold'; readonly k: number }
  /** How long raw visits stay after their day has closed. */
  readonly rawHours: number
  /** How long published statistics are kept. */
  readonly keepMonths: number
  readonly clause: string
}

/** A right that people have, and how the policy words it. */
export type Right =
  | 'access'
  | 'rectification'
  | 'erasure'
  | 'restriction'
  | 'portability'
  | 'objection'
  | 'withdraw-consent'
  | 'complaint'

export interface Undertaking {
  readonly says: Text
  readonly clause: string
}

/** The policy. */
export interface Policy {
  readonly id: string
  readonly version: string
  /** The day this version takes effect. */
  readonly date: CalendarDate
  /** The day by which it is to be reviewed; without it a year after `date`. */
  readonly reviewBy?: CalendarDate
  readonly languages: readonly Language[]
  /** IANA name: days begin and end here. */
  readonly timeZone: string
  /** ISO 3166-1 alpha-2: whose holidays, deadlines and age limits hold. */
  readonly jurisdiction: string
  readonly title: Text
  readonly controller: Controller
  readonly supervisoryAuthority?: SupervisoryAuthority
  readonly categories: Readonly<Record<string, Category>>
  readonly groups: Readonly<Record<string, Group>>
  readonly services: Readonly<Record<string, Service>>
  readonly origins: Readonly<Record<string, Origin>>
  readonly purposes: Readonly<Record<string, Purpose>>
  readonly recipients: Readonly<Record<string, Recipient>>
  /** The frameworks that the written policy names for transfers, whether or not a recipient rests on them. */
  readonly transferGrounds: readonly (TransferGround & { readonly clause: string })[]
  /** Category -> how long it is kept. */
  readonly retention: Readonly<Record<string, Retention>>
  readonly publications: Publications
  readonly rights: Readonly<Partial<Record<Right, Undertaking>>>
  /** Whether giving the data is required, and what follows if not (GDPR 13(2)(e)). */
  readonly obligation?: Undertaking
  /** Automated decisions, or that there are none (GDPR 13(2)(f)). */
  readonly automatedDecisions?: Undertaking
  readonly security: Readonly<Record<string, Undertaking>>
  readonly mfa: {
    readonly offered: 'optional' | 'required'
    readonly factors: readonly 'totp'[]
    readonly clause: string
  }
  /** What using the service is taken to mean. Never consent to marketing. */
  readonly acceptance?: Undertaking & {
    readonly by: 'use' | 'signature'
    readonly meaning: 'acknowledgement' | 'consent'
  }
  /** Passages that are rendered as they stand. */
  readonly passages: readonly { readonly heading: Text; readonly text: Text; readonly clause: string }[]
}

/** The names that a policy gives, as literal types. */
export type PurposeOf<P extends Policy> = keyof P['purposes'] & string
export type GroupOf<P extends Policy> = keyof P['groups'] & string
export type RecipientOf<P extends Policy> = keyof P['recipients'] & string
export type CategoryOf<P extends Policy> = keyof P['categories'] & string
export type ServiceOf<P extends Policy> = keyof P['services'] & string
export type OriginOf<P extends Policy> = keyof P['origins'] & string
/** The purposes that a person can prohibit. */
export type DenialPurposeOf<P extends Policy> = {
  [N in PurposeOf<P>]: P['purposes'][N] extends { readonly denial: object } ? N : never
}[PurposeOf<P>]
