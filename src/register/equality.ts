/**
 * When two values of a field are the same to whoever looks one up, and which kinds of field can be looked up at all.
 *
 * Each kind has one form for comparison: what people write in several ways meets in it (letter case, spaces, the
 * separators of numbers), and nothing else does. Payment details are looked up by their IBAN, and by nothing where they
 * have none. Dates, numbers, choices and addresses are refused: too many people share one.
 */

import * as z from 'zod'
import { contactForm } from '../consent/contact.ts'
import type { Field } from '../policy/model.ts'
import { lookupKinds } from '../policy/scalars.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { fieldParser } from './fields.ts'
import type { CompanyNumber, PaymentDetails } from './model.ts'

/** Whether values of a field can be looked up: declared so, and of a kind that can. */
export const isLookedUp = ({ kind, lookup }: Pick<Field, 'kind' | 'lookup'>): boolean =>
  lookup === true && lookupKinds.has(kind)

/** The parser of what is asked for: a value of the field; of payment details an IBAN. */
export const askedParser = (field: Field): z.ZodType =>
  field.kind === 'payment' ? z.string().regex(/^[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{10,40}$/) : fieldParser(field)

const compact = (text: string): string => text.toUpperCase().replaceAll(/[^\p{L}\p{N}+*]/gu, '')

/** The form in which a value is compared; `null` where there is nothing to compare. */
export function comparedForm({ kind }: Pick<Field, 'kind'>, value: JsonValue): string | null {
  switch (kind) {
    case 'email':
    case 'phone':
      return contactForm(value as string)
    case 'vat-id':
      return compact(value as string)
    case 'company-number': {
      const { country, number } = value as unknown as CompanyNumber
      return canonical([country, compact(number)])
    }
    case 'payment': {
      const iban = typeof value === 'string' ? value : (value as unknown as PaymentDetails).iban
      return iban === undefined ? null : compact(iban)
    }
    case 'text':
      return (value as string).normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/gu, ' ')
    default:
      return null
  }
}
