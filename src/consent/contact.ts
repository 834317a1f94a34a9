/**
 * Addresses and numbers, in the one form in which they are compared, however they were written or pasted.
 *
 * The invariant: two spellings of one number meet in one form, or the one that cannot be told is refused; a spelling that
 * no list has must not pass it. So a number is compared with its country code. One in national form takes that of its
 * country, where the digit that is dialled before it inside the country (the trunk prefix) is known: Italy has none and keeps
 * its 0, Finland's is left out. E-mail addresses are compared without regard to case.
 * Source: ITU-T E.164; E.129 and the national numbering plans published under it for the prefixes below.
 */

import { InvalidInput } from '../errors.ts'
import type { Policy } from '../policy/model.ts'

/** Country -> its calling code, and its trunk prefix; numbers there begin with no such digit otherwise. */
const dialling: Readonly<Record<string, readonly [code: string, trunk: '' | '0']>> = {
  AT: ['+43', '0'],
  BE: ['+32', '0'],
  CH: ['+41', '0'],
  DE: ['+49', '0'],
  DK: ['+45', ''],
  EE: ['+372', ''],
  ES: ['+34', ''],
  FI: ['+358', '0'],
  FR: ['+33', '0'],
  GB: ['+44', '0'],
  IE: ['+353', '0'],
  IS: ['+354', ''],
  IT: ['+39', ''],
  NL: ['+31', '0'],
  NO: ['+47', ''],
  PL: ['+48', ''],
  PT: ['+351', ''],
  SE: ['+46', '0'],
}
const plans = Object.values(dialling)

/** The calling code of a country whose national numbers can be read. */
export const callingCodeOf = (country: string): string | undefined =>
  Object.hasOwn(dialling, country) ? dialling[country]?.[0] : undefined

/** Whether national numbers of a calling code can be read. */
export const isCallingCode = (code: string): boolean => plans.some(([each]) => each === code)

const digits = /^\+?[\d()./-]+$/

/**
 * A contact without what people write differently: case, spaces, dashes, the dots and brackets of numbers, and what cannot be
 * seen. A number in national form stays one.
 */
export function contactForm(contact: string): string {
  const text = contact
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{Cf}]/gu, '')
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replace(/^(tel|sms|mailto):/, '')
  if (!digits.test(text)) return text
  const number = text.replaceAll(/[^\d+]/g, '')
  const whole = number.startsWith('00') ? `+${number.slice(2)}` : number
  const plan = plans.find(([code]) => whole.startsWith(code))
  // "+358 (0)40 …" names the digit that is left out when the country code is dialled.
  return plan?.[1] === '0' ? plan[0] + whole.slice(plan[0].length).replace(/^0/, '') : whole
}

/**
 * The form of a contact that a question asks about. National numbers are read as of the policy's jurisdiction.
 * @throws InvalidInput `input.invalid`
 */
export function askedForm({ jurisdiction }: Pick<Policy, 'jurisdiction'>, contact: string): string {
  const form = reachedBy(contact, callingCodeOf(jurisdiction))
  if (form !== null) return form
  const says = 'contact must be an e-mail address, or a number with its country code'
  throw new InvalidInput('input.invalid', says, { path: 'contact' })
}

/** An e-mail address, or a number with its country code; `null` of anything else. */
export function reachedBy(contact: string, callingCode: string | undefined): string | null {
  const form = contactForm(contact)
  if (form.includes('@')) return /^[^@\p{Cc}]+@[^@\p{Cc}]+$/u.test(form) ? form : null
  const isUnknownTrunk =
    /\(\s*0\s*\)/.test(contact.normalize('NFKC')) && !plans.some(([code]) => form.startsWith(code))
  if (/^\+[1-9]\d{5,14}$/.test(form)) return isUnknownTrunk ? null : form
  const plan = plans.find(([code]) => code === callingCode)
  if (plan === undefined || !/^\d{4,14}$/.test(form)) return null
  return `${plan[0]}${plan[1] === '0' ? form.replace(/^0/, '') : form}`
}
