/**
 * Passkeys (WebAuthn Level 3) behind the library's port, resting on `@simplewebauthn/server`, an optional peer that only
 * this entry point imports. The peer verifies signatures and compares type, challenge, origin, relying party, flags and
 * counter; what it leaves open is closed here: what a response may look like (responses.ts), which keys and attestations
 * are taken (attestation.ts), that the answer is of the credential it was asked of, and that a credential which may be
 * kept in several places stays one.
 *
 * Whatever a browser sent ends as a credential, a use, or `null`: never as an error, and no error holds a value of it.
 */

import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { isoBase64URL } from '@simplewebauthn/server/helpers'
import { IntegrityFailure } from '../../src/errors.ts'
import type { PasskeyCredential, PasskeyUse, PasskeyVerifier } from '../../src/mfa/passkeys.ts'
import type { JsonValue } from '../../src/store.ts'
import { invalid } from '../../src/values/limits.ts'
import { algorithmOf, algorithms, isTaken } from './attestation.ts'
import { bytesOf, clientDataHolds, readAssertion, readRegistration } from './responses.ts'
import { checkOptions, checkShown, checkUserHandle, type PasskeyOptions, type Settings } from './settings.ts'

export type { PasskeyCredential, PasskeyUse, PasskeyVerifier } from '../../src/mfa/passkeys.ts'
export type { JsonValue } from '../../src/store.ts'
export type { PasskeyOptions } from './settings.ts'

/** Milliseconds that a browser waits for the person (WebAuthn §15.1: the recommended default). */
const timeout = 300_000
const mostKeyBytes = 1_024

/** What any of the four verbs may be given besides what a browser sent. */
type Given<Verb extends keyof PasskeyVerifier> = Parameters<PasskeyVerifier[Verb]>[0]

/**
 * A verifier of passkeys of one relying party: user verification required, unless the options say otherwise; no
 * attestation; Ed25519, ES256 or RS256.
 * @throws InvalidInput `input.invalid`, `input.too-large` for options under which no passkey would work, or too many
 * @see WebAuthn Level 3 §7.1, §7.2
 */
export function passkeys(options: PasskeyOptions): PasskeyVerifier {
  const settings = checkOptions(options)
  return {
    registration: async (of) => registration(settings, of),
    register: (of) => register(settings, of),
    authentication: async (of) => authentication(settings, of),
    authenticate: (of) => authenticate(settings, of),
  }
}

/** A challenge as the port has it: canonical base64url of 16 bytes or more. */
function checkChallenge(challenge: unknown): string {
  const bytes = bytesOf(challenge, 1_024)
  if (bytes === null || bytes.length < 16) throw invalid('challenge', 'must be base64url of 16 to 1024 bytes')
  return challenge as string
}

const descriptors = (known: readonly PasskeyCredential[]): JsonValue =>
  known.map(({ id, transports }) => ({ type: 'public-key', id, transports: [...transports] }))

function registration(settings: Settings, given: Given<'registration'>): JsonValue {
  const { rpId, rpName, userVerification } = settings
  const name = checkShown(given.userName, 'userName')
  return {
    rp: { id: rpId, name: rpName },
    user: { id: isoBase64URL.fromBuffer(checkUserHandle(given.userHandle)), name, displayName: name },
    challenge: checkChallenge(given.challenge),
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout,
    excludeCredentials: descriptors(given.known),
    authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification },
    attestation: 'none',
  }
}

const authentication = ({ rpId, userVerification }: Settings, given: Given<'authentication'>): JsonValue => ({
  rpId,
  challenge: checkChallenge(given.challenge),
  timeout,
  allowCredentials: descriptors(given.known),
  userVerification,
})

/** `null` for whatever goes wrong with a response: the peer's errors quote it, and none says more than a no. */
async function orNull<T>(work: () => Promise<T | null>): Promise<T | null> {
  try {
    return await work()
  } catch {
    return null
  }
}

/** What the peer is to expect, of either kind of response. */
const expected = ({ rpId, origins, userVerification }: Settings, challenge: string) => ({
  expectedChallenge: challenge,
  expectedOrigin: [...origins],
  expectedRPID: rpId,
  requireUserVerification: userVerification === 'required',
})

async function register(
  settings: Settings,
  { response, challenge }: Given<'register'>,
): Promise<PasskeyCredential | null> {
  const asked = expected(settings, checkChallenge(challenge))
  return orNull(async () => {
    const read = readRegistration(response)
    if (read === null) return null
    const { id, transports, ...inner } = read
    if (!clientDataHolds(inner.clientDataJSON, settings.topOrigins) || !isTaken(inner.attestationObject))
      return null
    const { verified, registrationInfo: made } = await verifyRegistrationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: inner },
      ...asked,
    })
    if (!verified || made.credential.id !== id) return null
    return {
      id,
      publicKey: isoBase64URL.fromBuffer(made.credential.publicKey),
      counter: made.credential.counter,
      transports,
      backupEligible: made.credentialDeviceType === 'multiDevice',
      backedUp: made.credentialBackedUp,
    }
  })
}

async function authenticate(
  settings: Settings,
  { response, challenge, credential }: Given<'authenticate'>,
): Promise<PasskeyUse | null> {
  const asked = expected(settings, checkChallenge(challenge))
  const publicKey = storedKey(credential)
  return orNull(async () => {
    const read = readAssertion(response)
    if (read === null || read.id !== credential.id) return null
    const { id, ...inner } = read
    if (!clientDataHolds(inner.clientDataJSON, settings.topOrigins)) return null
    const { verified, authenticationInfo: used } = await verifyAuthenticationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: inner },
      ...asked,
      expectedTopOrigin: [...settings.topOrigins],
      credential: { id, publicKey, counter: credential.counter },
    })
    // WebAuthn §7.2: whether a credential may be kept in several places never changes.
    const eligible = used.credentialDeviceType === 'multiDevice'
    if (!verified || eligible !== credential.backupEligible) return null
    return { counter: used.newCounter, userVerified: used.userVerified, backedUp: used.credentialBackedUp }
  })
}

/** The public key as it was stored. @throws IntegrityFailure `record.corrupt` where it is none that is ever stored */
function storedKey({ publicKey }: PasskeyCredential): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(publicKey, mostKeyBytes)
  if (bytes !== null && holds(bytes)) return bytes
  throw new IntegrityFailure('record.corrupt', 'the public key of a passkey is not one', {
    record: 'passkey',
  })
}

function holds(publicKey: Uint8Array<ArrayBuffer>): boolean {
  try {
    return algorithmOf(publicKey) !== null
  } catch {
    return false
  }
}
