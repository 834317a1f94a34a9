/** A relying party, and an authenticator that was registered with it. */

import { type PasskeyCredential, type PasskeyOptions, passkeys } from '@pilvi/privacy/passkeys'
import { Authenticator, base64url, type Device, type Faults } from './authenticator.ts'

export const relyingParty: PasskeyOptions = {
  rpId: 'example.com',
  rpName: 'Example',
  origins: ['https://login.example.com', 'https://example.com'],
}

export const newChallenge = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** Nobody registers without options, so the challenge comes from them as it would in a browser. */
export const passkeyScene = (options: Partial<PasskeyOptions> = {}) => {
  const verifier = passkeys({ ...relyingParty, ...options })
  const register = async (authenticator: Authenticator, faults: Faults = {}) => {
    const challenge = newChallenge()
    const asked = await verifier.registration({
      userHandle: 'someone',
      userName: 'Someone',
      challenge,
      known: [],
    })
    return verifier.register({ response: authenticator.create(asked, faults), challenge })
  }
  const use = async (authenticator: Authenticator, credential: PasskeyCredential, faults: Faults = {}) => {
    const challenge = newChallenge()
    const asked = await verifier.authentication({ challenge, known: [credential] })
    return verifier.authenticate({ response: authenticator.get(asked, faults), challenge, credential })
  }
  const registered = async (device: Device = {}) => {
    const authenticator = new Authenticator(device)
    const credential = await register(authenticator)
    if (credential === null) throw new Error('an honest registration was refused')
    return { authenticator, credential }
  }
  return { verifier, register, use, registered }
}
