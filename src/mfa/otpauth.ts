/**
 * How a secret reaches an authenticator app: the otpauth URI, and its QR code.
 *
 * Issuer and label are percent-encoded (RFC 3986) and refused where they could pass for another name. The SVG is drawn
 * from the modules alone: no text of anybody's reaches it, and it has no script, no style and no link. To people who
 * cannot see it it says what it is; what they need is the secret as text beside it.
 */

import { generateURI } from 'otplib'
import { encode } from 'uqr'
import { InvalidInput } from '../errors.ts'
import type { Language } from '../policy/model.ts'
import { type CodeKey, period } from './codes.ts'

/**
 * Neither a colon, which parts issuer and account, nor a control, line separator or direction mark, with which one name
 * can be made to look like another.
 */
const namePattern = /^[^:\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,200}$/u

/** A name that an app shows. @throws InvalidInput `input.invalid` */
export function checkName(name: unknown, path: 'issuer' | 'label'): string {
  if (typeof name === 'string' && namePattern.test(name)) return name
  const says = `${path} must be 1 to 200 characters, without colons, controls and direction marks`
  throw new InvalidInput('input.invalid', says, { path })
}

/**
 * The otpauth URI of a secret.
 * @throws InvalidInput `input.invalid` where label or issuer could pass for another name
 */
export function otpauthUri({
  key,
  factor,
  ...named
}: {
  key: CodeKey
  factor: 'totp' | 'hotp'
  issuer: string
  label: string
}): string {
  const issuer = checkName(named.issuer, 'issuer')
  const label = checkName(named.label, 'label')
  const counting = factor === 'totp' ? { strategy: factor, period } : { strategy: factor, counter: 0 }
  return generateURI({ ...key, ...counting, issuer, label })
}

const says: Readonly<Record<Language, string>> = {
  en: 'QR code for an authenticator app',
  fi: 'QR-koodi todennussovellusta varten',
}

/** A text as a QR code, as SVG; it scales to the place it is put in. */
export function qrSvg(text: string, language: Language): string {
  // ISO/IEC 18004 §9.1: a quiet zone of four modules.
  const { size, data } = encode(text, { ecc: 'M', border: 4 })
  const path = data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img" lang="${language}" ` +
    `aria-label="${says[language]}" shape-rendering="crispEdges">` +
    `<rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${path}"/></svg>`
  )
}
