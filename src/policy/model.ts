/**
 * A privacy policy as data. What the library records, publishes, permits, discloses, exports, keeps and erases is
 * read from here, and so is the notice that people read: what is rendered is what is enforced.
 *
 * Every entry carries a `clause`: the heading of the written policy it implements, so that each decision can name
 * the promise it rests on. Names (the keys of the records) are `[a-z][a-zA-Z0-9-]*`.
 */

import type { CalendarDate } from '../environment.ts'
import type {
  Backups,
  DenialList,
  Language,
  Publications,
  Purpose,
  Recipient,
  Retention,
  Text,
  TransferGround,
} from './handling.ts'

export type {
  Backups,
  CertificationScheme,
  Channel,
  ContractualClauses,
  DenialList,
  Derogation,
  Dimension,
  DisclosureGround,
  Exemption,
  ExemptionRule,
  Language,
  LegalBasis,
  Measure,
  Organisation,
  Publications,
  PublicationTable,
  Purpose,
  Recipient,
  Retention,
  Text,
  TransferGround,
} from './handling.ts'
export { lowestThreshold } from './handling.ts'

/** Where letters reach the controller. */
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
   * are about no person, so no field of a group or service is. Special categories (GDPR 9) say so.
   */
  readonly kind: 'personal' | 'identity' | 'special' | 'other'
  /** What it consists of, where no field of a group or service belongs to it, for example the use log. */
  readonly holds?: Text
  /** Whom it is about, where no field of a group belongs to it. */
  readonly subjects?: Text
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
  /**
   * People are looked up by it (`register.lookup`), by keyed digests and also where it is sealed. For `text`, `email`,
   * `phone`, `vat-id`, `company-number` and `payment` (by the IBAN).
   */
  readonly lookup?: true
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

/** A promise, in the words that people read, and the clause it is from. */
export interface Undertaking {
  readonly says: Text
  readonly clause: string
}

/** A way in which a person may tell that a use is prohibited. */
export type DenialRoute = 'letter' | 'phone' | 'email' | 'in-person' | 'link'

/** What the library itself keeps beside the register's fields; all but `publications` is about people. */
export type OwnData =
  | 'visits'
  | 'publications'
  | 'consents'
  | 'corrections'
  | 'disclosures'
  | 'factors'
  | 'notices'
  | 'requests'
  | 'tombstones'

/**
 * A second factor that users can have: an authenticator app or token (by time, by counter), a passkey, recovery codes;
 * and what is no full factor, a code sent by e-mail or text message, and a device that need not be asked again.
 */
export type SecondFactor = 'totp' | 'hotp' | 'passkey' | 'recovery-code' | 'contact-code' | 'trusted-device'

/** What a person with a full second factor must show it for anew (RFC 9470), by a proof for that one act. */
export type StepUpAct = 'erasure' | 'export' | 'factor-change'

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
  /** Under which category the library's own records fall; the parser checks that each exists. */
  readonly ownData: Readonly<Record<OwnData, string>>
  readonly groups: Readonly<Record<string, Group>>
  readonly services: Readonly<Record<string, Service>>
  readonly origins: Readonly<Record<string, Origin>>
  readonly purposes: Readonly<Record<string, Purpose>>
  readonly recipients: Readonly<Record<string, Recipient>>
  /** The frameworks that the written policy names for transfers, whether or not a recipient rests on them. */
  readonly transferGrounds: readonly (TransferGround & { readonly clause: string })[]
  /** How long backups are kept; absent: nobody can say when what was destroyed is gone from them as well. */
  readonly backups?: Backups
  /** Category -> how long it is kept. */
  readonly retention: Readonly<Record<string, Retention>>
  readonly publications: Publications
  readonly rights: Readonly<Partial<Record<Right, Undertaking>>>
  /** How a person prohibits a purpose that has a `denial` (GDPR 21(2), (4)). */
  readonly denials?: Undertaking & { readonly by: readonly DenialRoute[] }
  /** Lists of denials that others keep (a Robinson list), by the names that imported denials give. */
  readonly denialLists?: Readonly<Record<string, DenialList>>
  /** Whether giving the data is required, and what follows if not (GDPR 13(2)(e)). */
  readonly obligation?: Undertaking
  /** Automated decisions, or that there are none (GDPR 13(2)(f)). */
  readonly automatedDecisions?: Undertaking
  readonly security: Readonly<Record<string, Undertaking>>
  readonly mfa: {
    readonly offered: 'optional' | 'required'
    /** Empty: none is offered, and lint says so. */
    readonly factors: readonly SecondFactor[]
    /** Absent: nothing asks for one. Of people who have no full factor nothing here asks for one. */
    readonly stepUp?: readonly StepUpAct[]
    /** How long after the person was told an administrative reset may take their factors away. Absent: 24 hours. */
    readonly reset?: { readonly hours: number }
    readonly clause: string
  }
  /** What using the service is taken to mean. Never consent to marketing. */
  readonly acceptance?: Undertaking & {
    readonly by: 'use' | 'signature'
    readonly meaning: 'acknowledgement' | 'consent'
  }
  /** How people learn of a new version. */
  readonly updates?: Undertaking
  /** Passages that are rendered as they stand. */
  readonly passages: readonly { readonly heading: Text; readonly text: Text; readonly clause: string }[]
}

/** The names of a policy's purposes, as literal types; `string` where the compiler does not know them. */
export type PurposeOf<P extends Policy> = keyof P['purposes'] & string
/** The names of a policy's groups of people, likewise. */
export type GroupOf<P extends Policy> = keyof P['groups'] & string
/** The names of a policy's recipients, likewise. */
export type RecipientOf<P extends Policy> = keyof P['recipients'] & string
/** The names of a policy's services, likewise. */
export type ServiceOf<P extends Policy> = keyof P['services'] & string
/** The names of the sources a policy takes data from, likewise. */
export type OriginOf<P extends Policy> = keyof P['origins'] & string
/** The purposes that a person can prohibit; of a policy whose names are not known to the compiler any text. */
export type DenialPurposeOf<P extends Policy> =
  string extends PurposeOf<P>
    ? string
    : {
        [N in PurposeOf<P>]: P['purposes'][N] extends { readonly denial: object } ? N : never
      }[PurposeOf<P>]
