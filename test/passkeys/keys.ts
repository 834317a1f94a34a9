/** Key pairs as authenticators have them: the private key signs, the public key is written in COSE (RFC 9053, RFC 8230). */

import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'
import type { Cbor } from './cbor.ts'

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256'
export const everyAlgorithm: readonly Algorithm[] = ['ES256', 'EdDSA', 'RS256']

export type CoseKey = ReadonlyMap<number | string, Cbor>

export interface Keys {
  readonly cose: CoseKey
  sign(data: Uint8Array): Buffer
}

/** A new pair; RSA of 2048 bits, if not told. */
export function newKeys(algorithm: Algorithm, { bits = 2_048 }: { bits?: number } = {}): Keys {
  if (algorithm === 'ES256') return keysOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  if (algorithm === 'EdDSA') return keysOf(generateKeyPairSync('ed25519').privateKey)
  return keysOf(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey)
}

/** The pair of a private scalar on P-256. */
export function es256From(scalar: Uint8Array): Keys {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), scalar].map((bytes) =>
    Buffer.from(bytes).toString('base64url'),
  )
  return keysOf(createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d } as JsonWebKey, format: 'jwk' }))
}

/** The pair of an Ed25519 seed (RFC 8410 §7). */
export function ed25519From(seed: Uint8Array): Keys {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return keysOf(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
}

function keysOf(privateKey: KeyObject): Keys {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  const hash = jwk.kty === 'OKP' ? null : 'sha256'
  return { cose: coseOf(jwk), sign: (data) => sign(hash, data, privateKey) }
}

const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url')

function coseOf({ kty, x, y, n, e }: JsonWebKey): CoseKey {
  if (kty === 'EC')
    return new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ])
  if (kty === 'OKP')
    return new Map<number, Cbor>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(x)],
    ])
  return new Map<number, Cbor>([
    [1, 3],
    [3, -257],
    [-1, bytes(n)],
    [-2, bytes(e)],
  ])
}
