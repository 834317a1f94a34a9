/** Honest authenticators, what browsers are asked for, and the options. */

import { type PasskeyOptions, passkeys } from '@pilvi/privacy/passkeys'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/errors.ts'
import { Authenticator, flag } from './authenticator.ts'
import { everyAlgorithm } from './keys.ts'
import { newChallenge, passkeyScene, relyingParty } from './scene.ts'

const challenge = newChallenge()
const person = { userHandle: 'a1b2', userName: 'Someone', challenge, known: [] }

describe('an honest authenticator', () => {
  it.each(everyAlgorithm)('registers and is used: %s', async (algorithm) => {
    const { registered, use } = passkeyScene()
    const { authenticator, credential } = await registered({ algorithm })
    expect(credential).toEqual({
      id: authenticator.id,
      publicKey: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
      counter: 0,
      transports: ['internal', 'hybrid'],
      backupEligible: false,
      backedUp: false,
    })
    expect(await use(authenticator, credential)).toEqual({ counter: 0, userVerified: true, backedUp: false })
  })

  it('has a counter that grows, by more than one too', async () => {
    const { registered, use } = passkeyScene()
    const { authenticator, credential } = await registered({ counter: 7 })
    expect(credential.counter).toBe(7)
    expect(await use(authenticator, credential)).toMatchObject({ counter: 8 })
    expect(await use(authenticator, { ...credential, counter: 8 }, { counter: 2 ** 32 - 1 })).toMatchObject({
      counter: 2 ** 32 - 1,
    })
  })

  it('is kept in several places, and says so', async () => {
    const { registered, use } = passkeyScene()
    const { authenticator, credential } = await registered({ flags: flag.uv | flag.be })
    expect(credential).toMatchObject({ backupEligible: true, backedUp: false })
    expect(await use(authenticator, credential, { on: flag.bs })).toMatchObject({ backedUp: true })
  })

  it('attests itself unasked', async () => {
    const { register, use } = passkeyScene()
    const authenticator = new Authenticator()
    const credential = await register(authenticator, { attestation: authenticator.self(-7) })
    expect(credential && (await use(authenticator, credential))).toMatchObject({ userVerified: true })
  })

  it('escapes the slashes of its origin, as some Android versions do', async () => {
    const { registered, use } = passkeyScene()
    const { authenticator, credential } = await registered()
    const clientDataText = (text: string) => text.replaceAll('/', '\\/')
    expect(await use(authenticator, credential, { clientDataText })).not.toBeNull()
  })

  it('says nothing of how it can be reached, or something twice', async () => {
    const { register } = passkeyScene()
    const sentWith = (transports: unknown) =>
      register(new Authenticator(), { sent: (it) => ({ ...it, response: { ...it.response, transports } }) })
    expect(await sentWith(undefined)).toMatchObject({ transports: [] })
    expect(await sentWith(['usb', 'usb', 'smart-card'])).toMatchObject({ transports: ['usb', 'smart-card'] })
  })

  it('extends what it signs by extensions and by members nobody knows', async () => {
    const { registered, use } = passkeyScene()
    const { authenticator, credential } = await registered()
    const extended = await use(authenticator, credential, {
      clientData: { extraData: 'clientDataJSON may be extended' },
      on: flag.ed,
      authenticatorData: (bytes) => Buffer.concat([bytes, Buffer.from('a1696372656450726f7473f5', 'hex')]),
    })
    expect(extended).toMatchObject({ userVerified: true })
  })
})

describe('user verification', () => {
  it('may be preferred, and a use without it then says so', async () => {
    const { registered, use } = passkeyScene({ userVerification: 'preferred' })
    const { authenticator, credential } = await registered({ flags: 0 })
    expect(await use(authenticator, credential)).toMatchObject({ userVerified: false })
    expect(await use(authenticator, credential, { on: flag.uv })).toMatchObject({ userVerified: true })
  })
})

describe('a page inside another', () => {
  const inside = { crossOrigin: true, topOrigin: 'https://partner.example' }

  it('is taken where the outer origin is declared', async () => {
    const { register, use } = passkeyScene({ topOrigins: ['https://partner.example'] })
    const authenticator = new Authenticator()
    const credential = await register(authenticator, { clientData: inside })
    expect(credential && (await use(authenticator, credential, { clientData: inside }))).not.toBeNull()
  })

  it.each([
    ['another outer origin', { ...inside, topOrigin: 'https://other.example' }],
    ['none named', { crossOrigin: true }],
    ['said in another type', { ...inside, crossOrigin: 'true' }],
    ['an outer origin of a page that is not inside', { ...inside, crossOrigin: false }],
  ])('and only there: %s', async (_, clientData) => {
    const { register, registered, use } = passkeyScene({ topOrigins: ['https://partner.example'] })
    expect(await register(new Authenticator(), { clientData })).toBeNull()
    const { authenticator, credential } = await registered()
    expect(await use(authenticator, credential, { clientData })).toBeNull()
  })
})

describe('what a browser is asked for', () => {
  const known = [
    { id: 'abcd', publicKey: '', counter: 0, transports: ['usb'], backupEligible: false, backedUp: false },
  ]
  const { verifier } = passkeyScene()

  it('a credential', async () => {
    expect(await verifier.registration({ ...person, known })).toEqual({
      rp: { id: 'example.com', name: 'Example' },
      user: { id: 'YTFiMg', name: 'Someone', displayName: 'Someone' },
      challenge,
      pubKeyCredParams: [
        { type: 'public-key', alg: -8 },
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      timeout: 300_000,
      excludeCredentials: [{ type: 'public-key', id: 'abcd', transports: ['usb'] }],
      authenticatorSelection: {
        residentKey: 'preferred',
        requireResidentKey: false,
        userVerification: 'required',
      },
      attestation: 'none',
    })
  })

  it('a use', async () => {
    expect(await verifier.authentication({ challenge, known })).toEqual({
      rpId: 'example.com',
      challenge,
      timeout: 300_000,
      allowCredentials: [{ type: 'public-key', id: 'abcd', transports: ['usb'] }],
      userVerification: 'required',
    })
  })

  it.each([
    ['nothing', ''],
    ['15 bytes', 'A'.repeat(20)],
    ['other characters', 'not base64url, which a challenge is'],
    ['padding', `${challenge}=`],
    ['too many bytes', 'A'.repeat(2_000)],
    ['no text', 7],
  ])('never with a challenge of %s', async (_, wrong) => {
    const refused = { name: 'InvalidInput', code: 'input.invalid', path: 'challenge' }
    const given = { challenge: wrong as string }
    const [credential] = known as [(typeof known)[0]]
    await expect(verifier.registration({ ...person, ...given })).rejects.toMatchObject(refused)
    await expect(verifier.register({ response: {}, ...given })).rejects.toMatchObject(refused)
    await expect(verifier.authentication({ known, ...given })).rejects.toMatchObject(refused)
    await expect(verifier.authenticate({ response: {}, credential, ...given })).rejects.toMatchObject(refused)
  })

  it.each([
    ['userHandle', 'is nothing', ''],
    ['userHandle', 'has 66 bytes', 'ä'.repeat(33)],
    ['userHandle', 'has 65 characters', 'a'.repeat(65)],
    ['userName', 'is nothing', ''],
    ['userName', 'has a direction mark', 'some\u202Eone'],
    ['userName', 'has 201 characters', 'a'.repeat(201)],
  ])('never for a person whose %s %s', async (path, _, value) => {
    const refused = await verifier.registration({ ...person, [path]: value }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(InvalidInput)
    expect(refused).toMatchObject({ code: 'input.invalid', path })
    if (value) expect(String(refused)).not.toContain(value)
  })
})

describe('options', () => {
  const local = { rpId: 'localhost', origins: ['http://localhost:3000', 'https://localhost'] }
  it.each<[string, Partial<PasskeyOptions>]>([
    ['this machine', local],
    ['a port', { origins: ['https://example.com:8443'] }],
    ['a domain in punycode', { rpId: 'xn--hkinen-5wa.example', origins: ['https://xn--hkinen-5wa.example'] }],
  ])('may name %s', (_, options) => {
    expect(() => passkeys({ ...relyingParty, ...options })).not.toThrow()
  })

  it.each<[string, string, unknown]>([
    ['no domain', 'rpId', ''],
    ['an address', 'rpId', '192.0.2.7'],
    ['a top-level domain', 'rpId', 'com'],
    ['a URL', 'rpId', 'https://example.com'],
    ['a port in the domain', 'rpId', 'example.com:443'],
    ['a domain in upper case', 'rpId', 'Example.com'],
    ['no text', 'rpId', undefined],
    ['no name', 'rpName', ''],
    ['a name with a direction mark', 'rpName', 'Example\u202E'],
    ['no origin', 'origins', []],
    ['one text for a list', 'origins', 'https://example.com'],
    ['a pattern', 'origins[0]', ['https://*.example.com']],
    ['plain HTTP', 'origins[0]', ['http://example.com']],
    ['a slash at the end', 'origins[0]', ['https://example.com/']],
    ['upper case', 'origins[0]', ['https://EXAMPLE.com']],
    ['the default port', 'origins[0]', ['https://example.com:443']],
    ['a path', 'origins[0]', ['https://example.com/login']],
    ['a name and password', 'origins[0]', ['https://me:secret@example.com']],
    ['another scheme', 'origins[0]', ['android:apk-key-hash:abc']],
    ['an opaque origin', 'origins[0]', ['null']],
    ['no text', 'origins[0]', [7]],
    ['another domain', 'origins[1]', ['https://example.com', 'https://example.org']],
    ['a domain that ends alike', 'origins[0]', ['https://badexample.com']],
    ['plain HTTP around', 'topOrigins[0]', ['http://partner.example']],
    ['no verification', 'userVerification', 'discouraged'],
  ])('never %s: %s', (_, path, value) => {
    const name = path.replace(/\[.*/, '')
    expect(() => passkeys({ ...relyingParty, [name]: value })).toThrow(
      expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }),
    )
  })

  it('are not changed by changing what was given', async () => {
    const origins = ['https://login.example.com']
    const { registered, use } = passkeyScene({ origins })
    const { authenticator, credential } = await registered()
    origins[0] = 'https://elsewhere.example.com'
    origins.push('https://elsewhere.example.com')
    expect(await use(authenticator, credential)).not.toBeNull()
    const clientData = { origin: 'https://elsewhere.example.com' }
    expect(await use(authenticator, credential, { clientData })).toBeNull()
  })
})
