/**
 * What a browser sent, before any of it is believed. A response is hostile JSON: only the members named here are read, as
 * own members of plain types, within sizes that real authenticators stay far below, in the one canonical spelling of
 * base64url. What the client signed (clientDataJSON) must read the same to every parser: a member given twice, space
 * between members or an escape that is not needed is refused, so that what is checked here is what the peer checks.
 *
 * Refused besides: token binding, which no browser has any more and which nobody here could hold against a connection;
 * and a page inside another's, unless the outer page's origin is declared. A cross-origin response that does not say
 * within which page cannot be judged and is refused too.
 *
 * @see WebAuthn Level 3 §5.8.1 (CollectedClientData), §7.1, §7.2; RFC 4648 §3.5
 */

import { isoBase64URL } from '@simplewebauthn/server/helpers'

/** Bytes, at most, of what is read; WebAuthn §4 has credential ids of 16 to 1023. */
const most = {
  id: 1_023,
  clientDataJSON: 4_096,
  attestationObject: 8_192,
  authenticatorData: 4_096,
  signature: 1_024,
}
const leastId = 16
const mostTransports = 8

/** What `navigator.credentials.create` gave. */
export interface Registration {
  readonly id: string
  readonly clientDataJSON: string
  readonly attestationObject: string
  readonly transports: readonly string[]
}

/** What `navigator.credentials.get` gave. */
export interface Assertion {
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
}

/** An own member of an object; `undefined` where there is none. */
const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name)
    ? (of as Readonly<Record<string, unknown>>)[name]
    : undefined

/** The bytes of canonical base64url, `null` for anything else: no padding, no bit that decoding would drop. */
export function bytesOf(text: unknown, mostBytes: number): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== 'string' || text === '' || text.length > Math.ceil((mostBytes * 4) / 3)) return null
  const bytes = isoBase64URL.toBuffer(text)
  return isoBase64URL.fromBuffer(bytes) === text ? bytes : null
}

/** The members of a response's `response`, or `null` where one is not canonical base64url within its size. */
function texts<Name extends keyof typeof most>(
  of: unknown,
  names: readonly Name[],
): Record<Name, string> | null {
  const found = names.map((name) => [name, member(of, name)] as const)
  if (found.some(([name, text]) => bytesOf(text, most[name]) === null)) return null
  return Object.fromEntries(found) as Record<Name, string>
}

/** The credential id, which is said twice, of a response of the right kind. */
function idOf(response: unknown): string | null {
  const id = member(response, 'id')
  const bytes = bytesOf(id, most.id)
  if (bytes === null || bytes.length < leastId) return null
  if (member(response, 'rawId') !== id || member(response, 'type') !== 'public-key') return null
  return id as string
}

/** How the authenticator can be reached: short words, whatever they will be; `null` where they are something else. */
function transportsOf(found: unknown = []): readonly string[] | null {
  if (!Array.isArray(found) || found.length > mostTransports) return null
  const words = found.every((word) => typeof word === 'string' && /^[a-z-]{1,32}$/.test(word))
  return words ? [...new Set<string>(found)] : null
}

/** A registration, or `null` where the response has another shape. */
export function readRegistration(response: unknown): Registration | null {
  const [id, inner] = [idOf(response), member(response, 'response')]
  const read = texts(inner, ['clientDataJSON', 'attestationObject'])
  const transports = transportsOf(member(inner, 'transports'))
  return id !== null && read !== null && transports !== null ? { id, ...read, transports } : null
}

/** An assertion, or `null` where the response has another shape. */
export function readAssertion(response: unknown): Assertion | null {
  const id = idOf(response)
  const names = ['clientDataJSON', 'authenticatorData', 'signature'] as const
  const read = texts(member(response, 'response'), names)
  return id !== null && read !== null ? { id, ...read } : null
}

/**
 * Whether what the client signed can be read in one way only and comes from no page inside another's, or from one that
 * is declared. Its type, challenge and origin are for the peer to compare.
 * @throws SyntaxError, TypeError for what is no JSON or no UTF-8
 */
export function clientDataHolds(clientDataJSON: string, topOrigins: readonly string[]): boolean {
  const bytes = isoBase64URL.toBuffer(clientDataJSON)
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const data: unknown = JSON.parse(text)
  // Some Android versions escape the slashes of the origin, which is the one escape that is not needed and harmless.
  if (JSON.stringify(data) !== text.replaceAll('\\/', '/')) return false
  if (member(data, 'tokenBinding') !== undefined) return false
  const [crossOrigin = false, topOrigin] = [member(data, 'crossOrigin'), member(data, 'topOrigin')]
  if (crossOrigin === false) return topOrigin === undefined
  return crossOrigin === true && typeof topOrigin === 'string' && topOrigins.includes(topOrigin)
}
