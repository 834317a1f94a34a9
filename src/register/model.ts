/**
 * The customer register: what is kept about customers, their customers and their prospects.
 *
 * Which fields a group has, what each can hold and under which category it falls is the policy's to say; the types
 * here are computed from it. Nothing is free-form: a field the policy does not name is refused.
 */

import type { CalendarDate, Instant } from '../environment.ts'
import type { Field, GroupOf, OriginOf, Policy, PostalAddress, ServiceOf } from '../policy/model.ts'

/** How a customer pays. Card numbers are never kept: `cardReference` is the payment provider's token (PCI DSS 3.5). */
export interface PaymentDetails {
  readonly method: 'invoice' | 'direct-debit' | 'card'
  readonly iban?: string
  readonly einvoiceAddress?: string
  readonly cardReference?: string
  readonly reference?: string
}

/** A company in the register of its country. */
export interface CompanyNumber {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly number: string
}

/** What a field of each kind holds. */
interface KindValues {
  readonly text: string
  readonly email: string
  readonly phone: string
  readonly 'vat-id': string
  readonly 'company-number': CompanyNumber
  readonly address: PostalAddress
  readonly payment: PaymentDetails
  readonly date: CalendarDate
  readonly number: number
  readonly choice: string
}

/** What a field holds; of a field whose kind is not known to the compiler, what any field can hold. */
export type FieldValue<F extends Field> = F extends {
  readonly kind: 'choice'
  readonly choices: readonly (infer Choice)[]
}
  ? Choice
  : KindValues[F['kind']]

type Fields = Readonly<Record<string, Field>>
type RequiredNames<F extends Fields> = {
  [N in keyof F]: F[N] extends { readonly required: true } ? N : never
}[keyof F]

/** The fields of a declaration, with the required ones required. */
export type FieldValues<F extends Fields> = { readonly [N in RequiredNames<F>]: FieldValue<F[N]> } & {
  readonly [N in Exclude<keyof F, RequiredNames<F>>]?: FieldValue<F[N]>
}

/** What a service of the policy needs beyond the fields of the group. */
export type ServiceValues<P extends Policy> = {
  readonly [S in ServiceOf<P>]?: FieldValues<P['services'][S]['fields']>
}

/** Where a record came from, and when. */
export interface Provenance<Origin extends string = string> {
  readonly origin: Origin
  readonly at: Instant
}

/** What a host saves. */
export interface RegisterInput<P extends Policy, G extends GroupOf<P>> {
  readonly group: G
  /** The host's id of the person. */
  readonly subject: string
  readonly fields: FieldValues<P['groups'][G]['fields']>
  readonly services?: ServiceValues<P>
  readonly origin: OriginOf<P>
}

/** What the register holds. */
export interface RegisterRecord<P extends Policy = Policy, G extends GroupOf<P> = GroupOf<P>> {
  readonly group: G
  readonly subject: string
  readonly fields: FieldValues<P['groups'][G]['fields']>
  readonly services: ServiceValues<P>
  readonly provenance: Provenance<OriginOf<P>>
  /** When it was last saved or corrected. */
  readonly changedAt: Instant
}

/** A field of a service as corrections and disclosures name it: `service.field`. */
export type ServiceFieldName<P extends Policy> = {
  [S in ServiceOf<P>]: `${S}.${keyof P['services'][S]['fields'] & string}`
}[ServiceOf<P>]

type ServiceField<P extends Policy, Name extends string> = Name extends `${infer S}.${infer F}`
  ? S extends ServiceOf<P>
    ? Extract<P['services'][S]['fields'][F], Field>
    : never
  : never

type FieldOf<P extends Policy, G extends GroupOf<P>, Name extends string> = Name extends `${string}.${string}`
  ? ServiceField<P, Name>
  : Extract<P['groups'][G]['fields'][Name], Field>

/** The fields of a group, and of services as `service.field`, that the policy declares with `lookup`. */
export type LookupFieldOf<P extends Policy, G extends GroupOf<P>> =
  string extends GroupOf<P>
    ? string
    : {
        [N in (keyof P['groups'][G]['fields'] & string) | ServiceFieldName<P>]: FieldOf<P, G, N> extends {
          readonly lookup: true
        }
          ? N
          : never
      }[(keyof P['groups'][G]['fields'] & string) | ServiceFieldName<P>]

/** By what a field is looked up: a value of it; of payment details an IBAN. */
export type LookupValue<P extends Policy, G extends GroupOf<P>, N extends string> =
  FieldOf<P, G, N> extends { readonly kind: 'payment' } ? string : FieldValue<FieldOf<P, G, N>>

/** What a field can be corrected to: `null` takes it away, unless it is required. */
export type CorrectedValue<F extends Field> =
  | FieldValue<F>
  | (F extends { readonly required: true } ? never : null)

/** New values by field; those of services by `service.field`. What is not named stays. */
export type CorrectedFields<P extends Policy, G extends GroupOf<P>> = {
  readonly [N in keyof P['groups'][G]['fields']]?: CorrectedValue<P['groups'][G]['fields'][N]>
} & {
  // A required field of a service can go together with all others of that service.
  readonly [N in ServiceFieldName<P>]?: FieldValue<ServiceField<P, N>> | null
}

/** A correction, as a host hands it in. @see GDPR 16 */
export interface Correction<P extends Policy, G extends GroupOf<P>> {
  readonly group: G
  readonly subject: string
  readonly fields: CorrectedFields<P, G>
  /** Why, in a word the record can keep. */
  readonly why: CorrectionReason
  /** At the subject's request, or on the controller's own initiative. */
  readonly initiative: Initiative
  /** Where the new values come from; absent: from where the record came. */
  readonly origin?: OriginOf<P>
  /** Who made it, where it was not the subject at a screen. */
  readonly operator?: string
}

/** Why something was corrected: in the words of GDPR 16, 5(1)(c) and (d). */
export type CorrectionReason = 'wrong' | 'outdated' | 'incomplete' | 'unnecessary'
/** On whose initiative. */
export type Initiative = 'subject' | 'controller'

/** What a correction changed. */
export interface HistoryEntry {
  readonly at: Instant
  /** `replaced`: a record was saved anew, and what the law wants kept of the former one stays here. */
  readonly why: CorrectionReason | 'replaced'
  readonly initiative: Initiative
  readonly operator?: string
  /** Field -> what it was and what it became; `null` where there was or is nothing. Erased values are absent. */
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>
}
