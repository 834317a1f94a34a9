/** The published vectors of WebAuthn Level 3 (§16), and the software authenticator held against them. */

import { passkeys } from '@pilvi/privacy/passkeys'
import { type RegistrationResponseJSON, verifyRegistrationResponse } from '@simplewebauthn/server'
import { describe, expect, it } from 'vitest'
import { Authenticator, base64url, type Faults, type SentResponse } from './authenticator.ts'
import { type Cbor, cbor } from './cbor.ts'
import { none, published, type Vector, vector } from './vectors.ts'

const [rpId, origin] = ['example.org', 'https://example.org']
const options = { rpId, rpName: 'Example', origins: [origin] }
const deviceOf = ({ keys, id }: Vector): Authenticator =>
  new Authenticator({ keys, id, rpId, origin, flags: 0 })

/** The published signature in the place of the one made here: ECDSA draws a new one each time. */
const sentAs =
  (signature: string) =>
  (it: SentResponse): SentResponse => ({
    ...it,
    response: { ...it.response, signature: base64url(hexBytes(signature)) },
  })

/** The outer pages that a vector needs. */
const pages = ({ topOrigin }: Vector) => ({ topOrigins: topOrigin ? [topOrigin] : [] })

const vectors = published.map(vector)
const hexBytes = (text: string): Buffer => Buffer.from(text, 'hex')

/** The published attestation, where the vector has one. */
function attested({ self, byCertificate }: Vector): Pick<Faults, 'attestation'> {
  const statement = new Map<string, Cbor>([['alg', -7]])
  if (self) statement.set('sig', hexBytes(self))
  if (typeof byCertificate === 'object') {
    statement.set('sig', hexBytes(byCertificate.signature))
    statement.set('x5c', [hexBytes(byCertificate.certificate)])
  }
  return statement.size > 1 ? { attestation: () => ['packed', statement] } : {}
}
const credentialOf = (one: Vector) => ({
  id: base64url(one.id),
  publicKey: base64url(cbor(one.keys.cose)),
  counter: 0,
  transports: ['internal', 'hybrid'],
  backupEligible: one.backupEligible,
  backedUp: one.made.backedUp,
})
const respond = (one: Vector) => ({
  made: deviceOf(one).create({ challenge: one.made.challenge }, { ...one.made.faults, ...attested(one) }),
  used: deviceOf(one).get(
    { challenge: one.used.challenge },
    { ...one.used.faults, sent: sentAs(one.signature) },
  ),
})

describe('the software authenticator', () => {
  it('makes the published registration byte for byte', () => {
    const [first] = vectors as [Vector]
    const made = respond(first).made as SentResponse
    const hex = (text: unknown) => Buffer.from(String(text), 'base64url').toString('hex')
    expect(first.made.challenge).toBe(base64url(hexBytes(none.challenge)))
    expect(hex(made.response.clientDataJSON)).toBe(none.clientDataJSON)
    expect(hex(made.response.attestationObject)).toBe(none.attestationObject)
  })

  it('signs as published where signatures are not drawn', () => {
    const one = vectors.find(({ name }) => name === 'packed.EdDSA') as Vector
    const used = deviceOf(one).get({ challenge: one.used.challenge }, one.used.faults) as SentResponse
    expect(used.response.signature).toBe(base64url(hexBytes(one.signature)))
  })
})

describe('the published vectors', () => {
  // A page inside another that does not say within which is refused, whatever is declared.
  const judged = vectors.map((one) => ({ ...one, refused: one.crossOrigin === true && !one.topOrigin }))

  it.each(judged.filter(({ byCertificate }) => !byCertificate))(
    '$section $name: registration',
    async (one) => {
      const verifier = passkeys({ ...options, ...pages(one), userVerification: 'preferred' })
      const { challenge } = one.made
      const made = await verifier.register({ response: respond(one).made, challenge })
      expect(made).toEqual(one.refused ? null : credentialOf(one))
      const strict = passkeys({ ...options, ...pages(one) })
      const taken = await strict.register({ response: respond(one).made, challenge })
      expect(taken === null).toBe(one.refused || !one.made.verified)
    },
  )

  it.each(judged)('$section $name: use', async (one) => {
    const { verified, backedUp, challenge } = one.used
    const asked = { response: respond(one).used, challenge, credential: credentialOf(one) }
    const verifier = passkeys({ ...options, ...pages(one), userVerification: 'preferred' })
    const use = { counter: 0, userVerified: verified, backedUp }
    expect(await verifier.authenticate(asked)).toEqual(one.refused ? null : use)
    const strict = await passkeys({ ...options, ...pages(one) }).authenticate(asked)
    expect(strict === null).toBe(one.refused || !verified)
  })

  it('with an attestation by certificate are refused, and nothing but the attestation is why', async () => {
    const one = vectors.find(({ name }) => name === 'packed.ES256') as Vector
    const [{ challenge, faults }, response] = [one.made, respond(one).made]
    expect(
      await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
      }),
      'the peer takes it',
    ).toMatchObject({ verified: true })
    expect(await passkeys(options).register({ response, challenge })).toBeNull()
    const plain = deviceOf(one).create({ challenge }, faults)
    expect(await passkeys(options).register({ response: plain, challenge })).toEqual(credentialOf(one))
  })

  it('of a page inside another are refused where it is not declared', async () => {
    const one = vectors.find(({ topOrigin }) => topOrigin !== undefined) as Vector
    const verifier = passkeys({ ...options, userVerification: 'preferred' })
    expect(await verifier.register({ response: respond(one).made, challenge: one.made.challenge })).toBeNull()
  })
})
