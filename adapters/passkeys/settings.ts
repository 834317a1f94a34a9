/**
 * What passkeys are asked for and taken under: one relying party, its exact origins, and nothing by default from a page
 * inside another's. Options that no browser could satisfy, or that would let in more than was meant, are refused when the
 * verifier is made: an address instead of a domain, an origin that is not spelled as browsers spell it, plain HTTP beyond
 * this machine, an origin outside the relying party (related origins are not offered).
 *
 * @see WebAuthn Level 3 §4 (RP ID), §5.8.1 (origin, topOrigin), §13.4.9 (validating the origin)
 */

import { checkList, invalid } from '../../src/values/limits.ts'
import { utf8Length } from '../../src/values/text.ts'

/** What a verifier of passkeys is made of. */
export interface PasskeyOptions {
  /** The domain that passkeys belong to, for example `example.com`: changing it makes all of them useless. */
  readonly rpId: string
  /** What an authenticator shows as the name of the service. */
  readonly rpName: string
  /** The origins whose pages may use them, exactly as a browser spells them: `https://login.example.com`. */
  readonly origins: readonly string[]
  /** Origins of pages that may hold such a page in an iframe; none, if not given. */
  readonly topOrigins?: readonly string[]
  /**
   * Whether a use without a PIN or a biometric is refused (`required`, if not given) or taken and said to be one
   * (`preferred`): for services where a password came before it.
   */
  readonly userVerification?: 'required' | 'preferred'
}

/** Options with nothing left open. */
export type Settings = Required<PasskeyOptions>

const domain =
  /^(?=.{1,253}$)(?:localhost|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])$/

/** Neither controls nor line separators nor direction marks, which make one name look like another. */
const shown = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,200}$/u

/** A name as an authenticator may show it. @throws InvalidInput `input.invalid` */
export function checkShown(name: unknown, path: string): string {
  if (typeof name === 'string' && shown.test(name)) return name
  throw invalid(path, 'must be 1 to 200 characters, without controls and direction marks')
}

/** The opaque name of a person (WebAuthn §5.4.3), as bytes. @throws InvalidInput `input.invalid` */
export function checkUserHandle(handle: unknown): Uint8Array<ArrayBuffer> {
  const fits = typeof handle === 'string' && handle !== '' && handle.length <= 64 && utf8Length(handle) <= 64
  if (!fits) throw invalid('userHandle', 'must be 1 to 64 bytes')
  return new TextEncoder().encode(handle)
}

/** The options, copied and complete. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkOptions(options: PasskeyOptions): Settings {
  const { rpId, rpName, origins, topOrigins = [], userVerification = 'required' } = options
  if (typeof rpId !== 'string' || !domain.test(rpId)) {
    throw invalid('rpId', 'must be a domain in lower case, or localhost')
  }
  checkOrigins(origins, 'origins').forEach((origin, i) => {
    const { hostname } = new URL(origin)
    if (hostname === rpId || hostname.endsWith(`.${rpId}`)) return
    throw invalid(`origins[${i}]`, 'must be of the domain rpId or below it')
  })
  if (origins.length === 0) throw invalid('origins', 'must name an origin')
  checkOrigins(topOrigins, 'topOrigins')
  if (userVerification !== 'required' && userVerification !== 'preferred') {
    throw invalid('userVerification', 'must be required or preferred')
  }
  return {
    rpId,
    rpName: checkShown(rpName, 'rpName'),
    origins: [...origins],
    topOrigins: [...topOrigins],
    userVerification,
  }
}

function checkOrigins(origins: readonly string[], path: string): readonly string[] {
  checkList(origins, path, 100).forEach((origin, i) => {
    if (!isOrigin(origin))
      throw invalid(`${path}[${i}]`, 'must be an https origin, or one of http://localhost')
  })
  return origins
}

/** Spelled as a browser spells it: a domain in lower case, no default port, no path, no slash at the end. */
function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false
  const { origin, protocol, hostname } = new URL(text)
  if (origin !== text || !domain.test(hostname)) return false
  return protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost')
}
