/**
 * What a field of each kind can hold, without the check digits (`numbers.ts`). Nothing is free-form: a text is one line
 * of at most 200 characters, everything else has a form of its own.
 *
 * Refused wherever they are recognised are card numbers (PCI DSS 3.5: a number that is stored must be unreadable, and
 * one that is not stored need not be): the reference of a card is the payment provider's token.
 */

import * as z from 'zod'
import { isCountry } from '../policy/countries.ts'
import type { Field } from '../policy/model.ts'
import type { PaymentDetails } from './model.ts'

const line = z
  .string()
  .max(200)
  .refine((text) => text.trim() !== '' && text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
const country = z.string().refine(isCountry)

/** The parser of a field's values. */
export function fieldParser(field: Field): z.ZodType {
  switch (field.kind) {
    case 'email':
      return z.email().max(254)
    case 'phone':
      return z.string().regex(/^\+?[0-9(][0-9 ()./-]{3,30}$/)
    case 'vat-id':
      return z.string().regex(/^[A-Z]{2}[A-Z0-9+* .-]{2,18}$/)
    case 'company-number':
      return z.strictObject({ country, number: z.string().regex(/^[A-Za-z0-9 ./-]{1,32}$/) })
    case 'address':
      return z.strictObject({ street: line, postalCode: line.max(20), city: line, country })
    case 'payment':
      return payment
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

const payment: z.ZodType<PaymentDetails> = z.strictObject({
  method: z.enum(['invoice', 'direct-debit', 'card']),
  iban: z.exactOptional(z.string().regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,40}$/)),
  einvoiceAddress: z.exactOptional(z.string().regex(/^[A-Za-z0-9:._-]{4,64}$/)),
  cardReference: z.exactOptional(
    z
      .string()
      .regex(/^[A-Za-z0-9_-]{4,128}$/)
      .refine((token) => !hasCardNumber(token)),
  ),
  reference: z.exactOptional(z.string().regex(/^[A-Za-z0-9 ]{1,32}$/)),
})

/**
 * Whether a text is nothing but 12 to 19 digits, however they are grouped, or holds such a run that passes the check
 * digit of card numbers (ISO/IEC 7812-1, annex B).
 */
function hasCardNumber(text: string): boolean {
  const runs = text.match(/\d(?:[_-]?\d)*/g) ?? []
  return runs.some((run) => {
    const digits = run.replaceAll(/\D/g, '')
    return digits.length >= 12 && digits.length <= 19 && (run.length === text.length || luhn(digits))
  })
}

function luhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.at(-1 - i))
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
