/**
 * Named attacks on passkeys. Each row misbehaves in the one way it names and is honest otherwise (the signature is right
 * for what is sent, unless it is the signature that is named), so that nothing else can be the reason of the refusal.
 */

import type { PasskeyCredential } from '@pilvi/privacy/passkeys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Authenticator, base64url, type Faults, flag, type SentResponse } from './authenticator.ts'
import { type Cbor, cbor } from './cbor.ts'
import { type CoseKey, everyAlgorithm, type Keys, newKeys } from './keys.ts'
import { newChallenge, passkeyScene } from './scene.ts'

const { verifier, register, registered, use } = passkeyScene()
const other = new Authenticator()
const rsa = newKeys('RS256')
const bytes = (length: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(length)))

/** Changes one member of what is sent in `response`. */
const inner =
  (name: string, change: (text: string) => unknown) =>
  (it: SentResponse): SentResponse => ({
    ...it,
    response: { ...it.response, [name]: change(String(it.response[name])) },
  })
const without =
  (name: string) =>
  (it: SentResponse): Record<string, unknown> =>
    Object.fromEntries(Object.entries(it).filter(([key]) => key !== name))

/** The same bytes in another spelling: the bits that decoding drops are set. */
const spelledOtherwise = (text: string): string => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  expect(text.length % 4, 'has bits that decoding drops').not.toBe(0)
  return text.slice(0, -1) + digits.charAt(digits.indexOf(text.slice(-1)) | 1)
}

/** Text of client data with a member that stands in it twice, the second being the honest one. */
const twice = (member: string) => (text: string) => text.replace('{', `{${member},`)

type Row = readonly [string, Faults]

/** Ways of misbehaving that both ceremonies know. */
const either: readonly Row[] = [
  ['wrong challenge', { clientData: { challenge: newChallenge() } }],
  [
    'challenge that is only the beginning of it',
    { clientDataText: (it) => it.replace(/("challenge":".{10})[^"]*/, '$1') },
  ],
  [
    'challenge as a list',
    { clientDataText: (it) => it.replace(/"challenge":("[^"]*")/, '"challenge":[$1]') },
  ],
  ['no challenge', { clientData: { challenge: undefined } }],
  ['wrong origin', { clientData: { origin: 'https://login.example.com.evil.example' } }],
  ['origin of another subdomain', { clientData: { origin: 'https://other.example.com' } }],
  ['origin with a slash', { clientData: { origin: 'https://login.example.com/' } }],
  ['origin in upper case', { clientData: { origin: 'https://LOGIN.example.com' } }],
  ['origin without TLS', { clientData: { origin: 'http://login.example.com' } }],
  ['no origin', { clientData: { origin: undefined } }],
  ['wrong relying party', { rpId: 'evil.example' }],
  ['relying party of a subdomain', { rpId: 'login.example.com' }],
  ['page inside another', { clientData: { crossOrigin: true } }],
  [
    'page inside another that is named',
    { clientData: { crossOrigin: true, topOrigin: 'https://evil.example' } },
  ],
  ['page inside another that denies it', { clientData: { topOrigin: 'https://evil.example' } }],
  ['page inside another, said as text', { clientData: { crossOrigin: 'true' } }],
  ['page inside another, said as nothing', { clientData: { crossOrigin: null } }],
  ['person not verified', { off: flag.uv }],
  ['person not present', { off: flag.up }],
  ['person neither present nor verified', { off: flag.up | flag.uv }],
  ['backed up, though it cannot be', { on: flag.bs }],
  ['type of the kind nobody asked for', { clientData: { type: 'payment.get' } }],
  ['no type', { clientData: { type: undefined } }],
  ['token binding present', { clientData: { tokenBinding: { status: 'present', id: 'abcd' } } }],
  ['token binding supported', { clientData: { tokenBinding: { status: 'supported' } } }],
  ['token binding as nothing', { clientData: { tokenBinding: null } }],
  ['challenge given twice', { clientDataText: twice('"challenge":"AAAA"') }],
  ['origin given twice', { clientDataText: twice('"origin":"https://evil.example"') }],
  ['type given twice', { clientDataText: twice('"type":"webauthn.create"') }],
  ['page inside another given twice', { clientDataText: twice('"crossOrigin":true') }],
  [
    'member given twice, once with an escape',
    { clientDataText: twice('"\\u006frigin":"https://evil.example"') },
  ],
  ['space between members', { clientDataText: (it) => it.replace(',', ', ') }],
  ['byte order mark', { clientDataText: (it) => `\uFEFF${it}` }],
  ['client data cut short', { clientDataText: (it) => it.slice(0, -5) }],
  ['client data with more after it', { clientDataText: (it) => `${it}{}` }],
  ['client data that is no object', { clientDataText: () => '"webauthn.get"' }],
  ['client data that is null', { clientDataText: () => 'null' }],
  ['client data too large', { clientData: { extraData: 'a'.repeat(5_000) } }],
  [
    'client data nested deeply',
    { clientDataText: (it) => it.replace('{', `{"x":${'['.repeat(1_000)}${']'.repeat(1_000)},`).repeat(2) },
  ],
  ['client data on a prototype', { clientDataText: (it) => `{"__proto__":${it}}` }],
  [
    'client data that is no UTF-8',
    {
      clientData: { extraData: '%' },
      clientDataText: (it) => Buffer.from(it.replace('%', '\xff'), 'latin1'),
    },
  ],
  ['padding', { sent: inner('clientDataJSON', (text) => `${text}=`) }],
  ['white space in base64url', { sent: inner('clientDataJSON', (text) => `${text}\n`) }],
  ['base64 for base64url', { sent: inner('clientDataJSON', (text) => `${text}+/+/`) }],
  ['number for base64url', { sent: inner('clientDataJSON', () => 7) }],
  ['list for base64url', { sent: inner('clientDataJSON', (text) => [text]) }],
  ['nothing for base64url', { sent: inner('clientDataJSON', () => '') }],
  ['kind of credential nobody asked for', { sent: (it) => ({ ...it, type: 'password' }) }],
  ['no kind of credential', { sent: without('type') }],
  ['no credential id', { sent: without('id') }],
  ['no raw credential id', { sent: without('rawId') }],
  ['two credential ids', { sent: (it) => ({ ...it, rawId: other.id }) }],
  ['credential id with padding', { sent: (it) => ({ ...it, id: `${it.id}=`, rawId: `${it.id}=` }) }],
  [
    'credential id in another spelling',
    { sent: (it) => ({ ...it, id: spelledOtherwise(it.id), rawId: spelledOtherwise(it.id) }) },
  ],
  ['credential id too short', { id: base64url(bytes(15)) }],
  ['credential id too long', { id: base64url(bytes(1_024)) }],
  ['another credential’s id', { id: other.id }],
  ['no response', { sent: without('response') }],
  ['response that is null', { sent: (it) => ({ ...it, response: null }) }],
  ['response that is a list', { sent: (it) => ({ ...it, response: Object.values(it.response) }) }],
  ['response on a prototype', { sent: (it) => JSON.parse(`{"__proto__":${JSON.stringify(it)}}`) }],
  ['response as text', { sent: (it) => JSON.stringify(it) }],
  ['response in a list', { sent: (it) => [it] }],
  ['authenticator data cut short', { authenticatorData: (it) => it.subarray(0, 36) }],
  ['authenticator data with more after it', { authenticatorData: (it) => Buffer.concat([it, bytes(3)]) }],
  ['extensions announced and not there', { on: flag.ed }],
]

const changed = (cose: CoseKey, ...members: readonly (readonly [number, Cbor])[]): CoseKey =>
  new Map<number | string, Cbor>([...cose, ...members])
const ec = other.keys.cose
const x = Buffer.from(ec.get(-2) as Uint8Array)
const modulus = (length: number, first: number): Buffer =>
  Buffer.concat([Buffer.from([first]), bytes(length - 1)])

/** Ways of misbehaving when a credential is made. */
const creating: readonly Row[] = [
  ...either,
  ['use offered as a registration', { clientData: { type: 'webauthn.get' } }],
  ['attested id is another', { attestedId: bytes(32) }],
  ['attestation object cut short', { sent: inner('attestationObject', (text) => text.slice(0, 200)) }],
  ['public key cut short', { sent: inner('attestationObject', (text) => text.slice(0, -8)) }],
  [
    'attestation object too large',
    { aaguid: bytes(16), attestation: () => ['none', new Map([['x', bytes(9_000)]])] },
  ],
  [
    'attestation object nested deeply',
    { sent: inner('attestationObject', () => base64url(Buffer.alloc(6_000, 0x81))) },
  ],
  ['attestation object of another kind', { sent: inner('attestationObject', () => base64url(cbor([1, 2]))) }],
  [
    'attestation object without authenticator data',
    {
      sent: inner('attestationObject', () =>
        base64url(
          cbor(
            new Map<string, Cbor>([
              ['fmt', 'none'],
              ['attStmt', new Map()],
            ]),
          ),
        ),
      ),
    },
  ],
  ['attested data there and not announced', { off: flag.at }],
  ['no public key', { off: flag.at, authenticatorData: (it) => it.subarray(0, 37) }],
  ['attested data announced and not there', { authenticatorData: (it) => it.subarray(0, 37) }],
  ['statement where none was due', { attestation: () => ['none', new Map([['alg', -7]])] }],
  [
    'attestation by certificate',
    {
      attestation: (signed) => [
        'packed',
        new Map<string, Cbor>([
          ['alg', -7],
          ['sig', other.keys.sign(signed)],
          ['x5c', [bytes(300)]],
        ]),
      ],
    },
  ],
  ['attestation by another key', { attestation: other.self(-7) }],
  ['attestation under another algorithm', { attestation: other.self(-257, rsa) }],
  ['attestation without a signature', { attestation: () => ['packed', new Map([['alg', -7]])] }],
  ...['fido-u2f', 'tpm', 'apple', 'android-key', 'android-safetynet', 'compound', 'nonsense', ''].map(
    (format): Row => [`attestation of the format "${format}"`, { attestation: () => [format, new Map()] }],
  ),
  ['algorithm confusion: an RSA key as ES256', { cose: changed(rsa.cose, [3, -7]) }],
  ['algorithm confusion: an EC key as RS256', { cose: changed(ec, [3, -257]) }],
  ['algorithm confusion: an EC key as EdDSA', { cose: changed(ec, [3, -8]) }],
  ['algorithm confusion: an Ed25519 key as ES256', { cose: changed(newKeys('EdDSA').cose, [3, -7]) }],
  ['algorithm confusion: a key of another kind', { cose: changed(ec, [1, 3]) }],
  ['algorithm nobody asked for: ES384', { cose: changed(ec, [3, -35]) }],
  ['algorithm nobody asked for: RSA with SHA-1', { cose: changed(rsa.cose, [3, -65_535]) }],
  ['algorithm nobody asked for: PS256', { cose: changed(rsa.cose, [3, -37]) }],
  [
    'algorithm nobody asked for: ML-DSA',
    {
      cose: new Map<number, Cbor>([
        [1, 7],
        [3, -48],
        [-1, bytes(1_312)],
      ]),
    },
  ],
  ['algorithm as text', { cose: changed(ec, [3, 'ES256']) }],
  ['no algorithm', { cose: new Map([...ec].filter(([label]) => label !== 3)) }],
  ['another curve', { cose: changed(ec, [-1, 2]) }],
  ['key with a member too many', { cose: changed(ec, [4, 1]) }],
  ['key with a private part', { cose: changed(ec, [-4, bytes(32)]) }],
  ['coordinate that is short', { cose: changed(ec, [-2, x.subarray(1)]) }],
  ['coordinate as text', { cose: changed(ec, [-2, x.toString('base64url')]) }],
  ['compressed point', { cose: changed(ec, [-3, 1]) }],
  ['RSA key of 2047 bits', { cose: changed(rsa.cose, [-1, modulus(256, 0x7f)]) }],
  ['RSA key of 1024 bits', { cose: newKeys('RS256', { bits: 1_024 }).cose }],
  ['RSA key with a leading zero', { cose: changed(rsa.cose, [-1, modulus(257, 0)]) }],
  ['RSA key that takes long', { cose: changed(rsa.cose, [-1, modulus(513, 0xff)]) }],
  ['RSA exponent 1', { cose: changed(rsa.cose, [-2, Buffer.from([1])]) }],
  ['RSA modulus as a number', { cose: changed(rsa.cose, [-1, 65_537]) }],
  ['transports that are text', { sent: inner('transports', () => 'usb') }],
  ['transports that are no words', { sent: inner('transports', () => ['usb', '<script>']) }],
  ['transports that are objects', { sent: inner('transports', () => [{ $ne: null }]) }],
  ['too many transports', { sent: inner('transports', () => Array(9).fill('usb')) }],
]

/** Ways of misbehaving when a credential is used. */
const using: readonly Row[] = [
  ...either,
  ['registration offered as a use', { clientData: { type: 'webauthn.create' } }],
  ['signature by another key', { keys: other.keys }],
  ['signature by a key of another algorithm', { keys: rsa }],
  ['signature by an Ed25519 key', { keys: newKeys('EdDSA') }],
  ['signature cut short', { sent: inner('signature', (text) => text.slice(0, -4)) }],
  [
    'signature of zeros',
    { sent: inner('signature', () => base64url(Buffer.from('3006020100020100', 'hex'))) },
  ],
  ['signature of nothing', { sent: inner('signature', () => '') }],
  ['signature too large', { sent: inner('signature', () => base64url(bytes(2_000))) }],
  ['signature that is null', { sent: inner('signature', () => null) }],
  ['authenticator data too large', { sent: inner('authenticatorData', () => base64url(bytes(5_000))) }],
  [
    'authenticator data that was not signed',
    { sent: inner('authenticatorData', (text) => `${text.slice(0, -2)}BQ`) },
  ],
  [
    'client data that was not signed',
    {
      sent: inner('clientDataJSON', (text) =>
        base64url(Buffer.from(Buffer.from(text, 'base64url').toString().replace('}', ',"a":1}'))),
      ),
    },
  ],
  ['became one that may be backed up', { on: flag.be }],
]

describe('a registration is refused', () => {
  it.each(creating)('%s', async (_, faults) => {
    expect(await register(new Authenticator(), faults)).toBeNull()
  })

  it.each([1, 15, 1_024])('credential id of %i bytes', async (length) => {
    expect(await register(new Authenticator({ id: bytes(length) }))).toBeNull()
  })

  it('attestation by its own key, said to be of another algorithm', async () => {
    const authenticator = new Authenticator()
    expect(await register(authenticator, { attestation: authenticator.self(-257) })).toBeNull()
  })
})

describe('a use is refused', () => {
  it.each(using)('%s', async (_, faults) => {
    const { authenticator, credential } = await registered()
    expect(await use(authenticator, credential, faults)).toBeNull()
    expect(await use(authenticator, credential), 'an honest one is not').not.toBeNull()
  })

  it.each(everyAlgorithm.flatMap((mine) => everyAlgorithm.map((theirs) => [mine, theirs] as const)))(
    'algorithm confusion: a key of %s, a signature of another key of %s',
    async (mine, theirs) => {
      const { authenticator, credential } = await registered({ algorithm: mine })
      const keys: Keys = theirs === 'RS256' ? rsa : newKeys(theirs)
      expect(await use(authenticator, credential, { keys })).toBeNull()
    },
  )

  it('by a credential that may no longer be backed up', async () => {
    const { authenticator, credential } = await registered({ flags: flag.uv | flag.be | flag.bs })
    expect(await use(authenticator, credential, { off: flag.be | flag.bs })).toBeNull()
  })
})

describe('a cloned authenticator', () => {
  it.each([
    ['the same counter', 9, 9],
    ['a lower counter', 9, 8],
    ['no counter any more', 9, 0],
    ['a counter that overflowed', 2 ** 32 - 1, 1],
  ])('%s is refused', async (_, stored, counter) => {
    const { authenticator, credential } = await registered({ counter: 1 })
    expect(await use(authenticator, { ...credential, counter: stored }, { counter })).toBeNull()
  })
})

describe('replay', () => {
  it('of a response to another challenge is refused', async () => {
    const { authenticator, credential } = await registered()
    const [challenge, next] = [newChallenge(), newChallenge()]
    const response = authenticator.get(await verifier.authentication({ challenge, known: [credential] }))
    expect(await verifier.authenticate({ response, challenge, credential })).not.toBeNull()
    expect(await verifier.authenticate({ response, challenge: next, credential })).toBeNull()
  })

  it('of the same response is refused once its counter is stored', async () => {
    const { authenticator, credential } = await registered({ counter: 1 })
    const challenge = newChallenge()
    const response = authenticator.get(await verifier.authentication({ challenge, known: [credential] }))
    const first = await verifier.authenticate({ response, challenge, credential })
    const kept: PasskeyCredential = { ...credential, counter: first?.counter ?? 0 }
    expect(await verifier.authenticate({ response, challenge, credential: kept })).toBeNull()
  })

  it('of a registration as a use, or of a use as a registration, is refused', async () => {
    const { authenticator, credential } = await registered()
    const challenge = newChallenge()
    const [made, used] = [authenticator.create({ challenge }), authenticator.get({ challenge })]
    expect(await verifier.authenticate({ response: made, challenge, credential })).toBeNull()
    expect(await verifier.register({ response: used, challenge })).toBeNull()
  })
})

describe('somebody else’s credential', () => {
  it('does not answer for this one, under its own id or under this one’s', async () => {
    const { credential } = await registered()
    const theirs = await registered()
    expect(await use(theirs.authenticator, credential)).toBeNull()
    expect(await use(theirs.authenticator, credential, { id: credential.id })).toBeNull()
  })
})

describe('hostile JSON', () => {
  const challenge = newChallenge()

  it('of any shape makes no error and no credential', async () => {
    const { credential } = await registered()
    const shapes = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          id: fc.constantFrom(credential.id, '', null),
          rawId: fc.constantFrom(credential.id, ['x']),
          type: fc.constantFrom('public-key', 'x'),
          response: fc.oneof(
            fc.jsonValue(),
            fc.record(
              {
                clientDataJSON: fc.base64String(),
                attestationObject: fc.base64String(),
                authenticatorData: fc.base64String(),
                signature: fc.base64String(),
                transports: fc.jsonValue(),
              },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    )
    await fc.assert(
      fc.asyncProperty(shapes, async (response) => {
        expect(await verifier.register({ response, challenge })).toBeNull()
        expect(await verifier.authenticate({ response, challenge, credential })).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('whose members cannot even be read makes no error', async () => {
    const { credential } = await registered()
    const trap = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error('no')
        },
      },
    )
    expect(await verifier.register({ response: trap, challenge })).toBeNull()
    expect(await verifier.authenticate({ response: trap, challenge, credential })).toBeNull()
  })

  it('whose members are only inherited is refused', async () => {
    const { authenticator, credential } = await registered()
    const [made, used] = [
      new Authenticator().create({ challenge }),
      authenticator.get({ challenge }),
    ] as object[]
    const inherited = (of: object | undefined): unknown => Object.create(of ?? null)
    expect(await verifier.register({ response: inherited(made), challenge })).toBeNull()
    expect(await verifier.authenticate({ response: inherited(used), challenge, credential })).toBeNull()
  })

  it('changed anywhere in what was signed is refused', async () => {
    const { authenticator, credential } = await registered({ algorithm: 'EdDSA' })
    const response = authenticator.get({ challenge }) as SentResponse
    const parts = ['clientDataJSON', 'authenticatorData', 'signature'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...parts),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (part, at, mask) => {
          const flipped = Buffer.from(String(response.response[part]), 'base64url')
          const i = at % flipped.length
          flipped[i] = (flipped[i] ?? 0) ^ mask
          const changedOne = { ...response, response: { ...response.response, [part]: base64url(flipped) } }
          expect(await verifier.authenticate({ response: changedOne, challenge, credential })).toBeNull()
        },
      ),
      { numRuns: 500 },
    )
    expect(await verifier.authenticate({ response, challenge, credential })).not.toBeNull()
  })

  it('changed anywhere in a registration makes no error, and never another credential id', async () => {
    const authenticator = new Authenticator()
    const response = authenticator.create({ challenge }) as SentResponse
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, mask, cut) => {
        const flipped = Buffer.from(String(response.response.attestationObject), 'base64url')
        const i = at % flipped.length
        flipped[i] = (flipped[i] ?? 0) ^ mask
        const attestationObject = base64url(cut ? flipped.subarray(0, i) : flipped)
        const changedOne = { ...response, response: { ...response.response, attestationObject } }
        const made = await verifier.register({ response: changedOne, challenge })
        if (made) expect(made).toMatchObject({ id: authenticator.id, publicKey: expect.any(String) })
        if (cut) expect(made).toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  it('pollutes no prototype, be it as JSON or as CBOR', async () => {
    const { authenticator, credential } = await registered()
    const polluting = new Map<string, Cbor>([
      ['__proto__', new Map([['polluted', 1]])],
      ['constructor', new Map([['prototype', new Map([['polluted', 1]])]])],
    ])
    const extended: Faults = { on: flag.ed, authenticatorData: (it) => Buffer.concat([it, cbor(polluting)]) }
    await register(new Authenticator(), extended)
    await use(authenticator, credential, extended)
    const response: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"response":{"__proto__":{"polluted":1}}}',
    )
    expect(await verifier.register({ response, challenge })).toBeNull()
    expect('polluted' in {}).toBe(false)
    expect('polluted' in Map).toBe(false)
  })
})

describe('a stored key that is damaged', () => {
  it.each([
    ['no base64url', 'not base64url'],
    ['nothing', ''],
    ['no CBOR', base64url(Buffer.from([0xff, 0xff]))],
    ['no map', base64url(cbor([1, 2, 3]))],
    ['another algorithm', base64url(cbor(changed(ec, [3, -35])))],
    ['too long', base64url(bytes(1_100))],
  ])('stops the line: %s', async (_, publicKey) => {
    const { authenticator, credential } = await registered()
    const refused = await use(authenticator, { ...credential, publicKey }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'IntegrityFailure', code: 'record.corrupt', record: 'passkey' })
  })

  it('or is another person’s is no answer', async () => {
    const { authenticator, credential } = await registered()
    const theirs = await registered()
    expect(await use(authenticator, { ...credential, publicKey: theirs.credential.publicKey })).toBeNull()
  })
})
