/**
 * Passkeys as the port has them, made small: an authenticator signs the challenge and its counter with Ed25519, and the
 * verifier checks that. WebAuthn itself is verified where its adapter is tested.
 */

import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import type { JsonValue, PasskeyCredential, PasskeyVerifier } from '@pilvi/privacy'

interface Response {
  readonly id: string
  readonly counter: number
  readonly signature: string
  readonly publicKey?: string
}

const text = (challenge: string, counter: number) => Buffer.from(`${challenge}.${counter}`)

/** An authenticator with one key. */
export interface Enrolled {
  readonly id: string
  /** Answers what `enrol` gave. */
  create(options: JsonValue): Response
  /** Answers what a challenge gave. */
  use(options: JsonValue | undefined): Response
}

export function authenticator(): Enrolled {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const id = randomBytes(16).toString('base64url')
  let counter = 0
  const signed = (options: JsonValue | undefined): Response => {
    counter++
    const { challenge } = options as { challenge: string }
    return { id, counter, signature: sign(null, text(challenge, counter), privateKey).toString('base64url') }
  }
  const exported = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url')
  return { id, create: (options) => ({ ...signed(options), publicKey: exported }), use: signed }
}

const isResponse = (given: unknown): given is Response =>
  typeof given === 'object' && given !== null && 'signature' in given && 'counter' in given

const holds = (
  given: Response,
  { challenge, publicKey }: { challenge: string; publicKey: string },
): boolean => {
  const key = { key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' } as const
  return verify(
    null,
    text(challenge, given.counter),
    key as unknown as KeyObject,
    Buffer.from(given.signature, 'base64url'),
  )
}

export const verifierOf = (): PasskeyVerifier => ({
  registration: async ({ challenge, userHandle, userName, known }) => ({
    challenge,
    user: { id: userHandle, name: userName },
    excludeCredentials: known.map(({ id }) => ({ id })),
  }),
  register: async ({ response, challenge }): Promise<PasskeyCredential | null> => {
    if (!isResponse(response) || response.publicKey === undefined) return null
    const { id, publicKey, counter } = response
    const made = { id, publicKey, counter, transports: ['internal'], backupEligible: true, backedUp: false }
    return holds(response, { challenge, publicKey }) ? made : null
  },
  authentication: async ({ challenge, known }) => ({
    challenge,
    allowCredentials: known.map(({ id }) => ({ id })),
  }),
  authenticate: async ({ response, challenge, credential: { publicKey, counter } }) => {
    if (!isResponse(response) || response.counter <= counter || !holds(response, { challenge, publicKey }))
      return null
    return { counter: response.counter, userVerified: true, backedUp: true }
  },
})
