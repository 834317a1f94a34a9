/**
 * Which new credentials are taken. A key says its own algorithm, so the whole key is held to it: kind, curve, lengths,
 * and no member besides. What comes of it is one of three: Ed25519 (-8), ECDSA on P-256 with SHA-256 (-7), RSA of 2048 to
 * 4096 bits with SHA-256 (-257). Algorithm confusion and keys cut short end here.
 *
 * Attestation is not asked for, and an attestation by certificate is not taken either: to judge one leads through X.509,
 * the network and the real clock, and would tell the make of a person's authenticator, which nobody here needs. Left are
 * `none` and a packed attestation by the credential itself, which some clients send unasked.
 *
 * @see WebAuthn Level 3 §5.8.5, §6.5.1.1, §8.2, §8.7; RFC 9053 §7, RFC 8230 §4
 */

import {
  decodeAttestationObject,
  decodeCredentialPublicKey,
  isoBase64URL,
  parseAuthenticatorData,
} from '@simplewebauthn/server/helpers'

/** COSE algorithms, the first preferred (RFC 9053, RFC 8812). */
export const algorithms = [-8, -7, -257] as const

type Holds = (value: unknown) => boolean
const is =
  (expected: number): Holds =>
  (value) =>
    value === expected
const isBytes =
  (length: number): Holds =>
  (value) =>
    value instanceof Uint8Array && value.length === length

/** 2048 to 4096 bits, without leading zeros (RFC 8230 §4). */
const isModulus: Holds = (value) =>
  value instanceof Uint8Array &&
  value.length >= 256 &&
  value.length <= 512 &&
  (value[0] ?? 0) >= (value.length === 256 ? 0x80 : 1)

const isExponent: Holds = (value) => value instanceof Uint8Array && value.join() === '1,0,1'

/** For each algorithm the members a key has: 1 is its kind, 3 its algorithm, what is below 0 depends on the kind. */
const shapes: Readonly<Record<(typeof algorithms)[number], readonly (readonly [number, Holds])[]>> = {
  [-8]: [
    [1, is(1)],
    [3, is(-8)],
    [-1, is(6)],
    [-2, isBytes(32)],
  ],
  [-7]: [
    [1, is(2)],
    [3, is(-7)],
    [-1, is(1)],
    [-2, isBytes(32)],
    [-3, isBytes(32)],
  ],
  [-257]: [
    [1, is(3)],
    [3, is(-257)],
    [-1, isModulus],
    [-2, isExponent],
  ],
}

/**
 * The algorithm of a COSE key of which every member is as it should be; `null` for any other.
 * @throws Error for what is no CBOR
 */
export function algorithmOf(publicKey: Uint8Array<ArrayBuffer>): number | null {
  const key: unknown = decodeCredentialPublicKey(publicKey)
  if (!(key instanceof Map)) return null
  const fits = algorithms.find((algorithm) => {
    const shape = shapes[algorithm]
    return key.size === shape.length && shape.every(([label, holds]) => holds(key.get(label)))
  })
  return fits ?? null
}

/**
 * Whether an attestation object is one that is taken: no attestation, or the credential's own under its own algorithm,
 * and a key as it should be.
 * @throws Error for what is no attestation object
 */
export function isTaken(attestationObject: string): boolean {
  const object = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const { credentialPublicKey } = parseAuthenticatorData(object.get('authData'))
  const algorithm = credentialPublicKey ? algorithmOf(credentialPublicKey) : null
  if (algorithm === null) return false
  const [format, statement] = [object.get('fmt'), object.get('attStmt')]
  if (format === 'none') return true
  return format === 'packed' && statement.get('x5c') === undefined && statement.get('alg') === algorithm
}
