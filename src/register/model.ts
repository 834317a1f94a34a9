/**
 * The customer register: what is kept about customers, their customers and their prospects.
 *
 * Which fields a group has, what each can hold and under which category it falls is the policy's to say; the types
 * here are computed from it. Nothing is free-form: a field the policy does not name is refused.
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import type { Field, GroupOf, OriginOf, Policy, PostalAddress, ServiceOf } from '../policy/model.ts'

/** How a customer pays. Card numbers are never kept: `cardReference` is the payment provider's token. */
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
export type FieldValue<F extends Field> = F['kind'] extends 'payment'
  ? PaymentDetails
  : F['kind'] extends 'address'
    ? PostalAddress
    : F['kind'] extends 'company-number'
      ? CompanyNumber
      : F['kind'] extends 'date'
        ? CalendarDate
        : F['kind'] extends 'number'
          ? number
          : F extends { readonly choices: readonly (infer C)[] }
            ? C
            : string

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

/** A correction: new values, `null` to take one away; what is not named stays. @see GDPR 16 */
export interface Correction<P extends Policy, G extends GroupOf<P>> {
  readonly group: G
  readonly subject: string
  readonly fields: Partial<{
    readonly [N in keyof P['groups'][G]['fields']]: FieldValue<P['groups'][G]['fields'][N]> | null
  }>
  /** Why, in a word the record can keep. */
  readonly why: 'wrong' | 'outdated' | 'incomplete' | 'unnecessary'
  /** At the subject's request, or on the controller's own initiative. */
  readonly initiative: 'subject' | 'controller'
  readonly operator?: string
}

/** What a correction changed. */
export interface HistoryEntry {
  readonly at: Instant
  readonly why: string
  readonly initiative: string
  readonly operator?: string
  /** Field -> what it was and what it became; `null` where there was or is nothing. Erased values are absent. */
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>
}

const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)
const country = z.string().regex(/^[A-Z]{2}$/)

/** A parser for what a field of the policy holds, without the check digits. */
export function fieldParser(field: Field): z.ZodType {
  switch (field.kind) {
    case 'email':
      return z.email().max(254)
    case 'phone':
      return z.string().regex(/^\+?[0-9][0-9 ()./-]{3,30}$/)
    case 'vat-id':
      return z.string().regex(/^[A-Z]{2}[A-Z0-9+* .-]{2,18}$/)
    case 'company-number':
      return z.strictObject({ country, number: z.string().regex(/^[A-Za-z0-9 ./-]{1,32}$/) })
    case 'address':
      return z.strictObject({ street: line, postalCode: line.max(20), city: line, country })
    case 'payment':
      return paymentParser
    case 'date':
      return z.iso.date()
    case 'number':
      return z.number()
    case 'choice':
      return z.enum(field.choices ?? [])
    case 'text':
      return line
  }
}

const token = z.string().regex(/^[A-Za-z0-9_-]{4,128}$/)
const paymentParser: z.ZodType<PaymentDetails> = z.strictObject({
  method: z.enum(['invoice', 'direct-debit', 'card']),
  iban: z.exactOptional(z.string().regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,40}$/)),
  einvoiceAddress: z.exactOptional(z.string().regex(/^[A-Za-z0-9:._-]{4,64}$/)),
  // A run of 12 to 19 digits is a card number, which must not be here (PCI DSS 3.2).
  cardReference: z.exactOptional(token.regex(/^(?!\d{12,19}$)/)),
  reference: z.exactOptional(z.string().regex(/^[A-Za-z0-9 ]{1,32}$/)),
})
