/** Step-up proofs: what one is good for, and the named attacks on them. */

import { generateKeyPairSync } from 'node:crypto'
import { memoryBacking } from '@pilvi/privacy/memory'
import fc from 'fast-check'
import { base64url, CompactSign, decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { StoreFailure } from '../../src/errors.ts'
import type { StepUp } from '../../src/mfa/model.ts'
import { claimsOf, holds, readClaims, type StepUpClaims, stepUp } from '../../src/mfa/step-up.ts'
import type { ProofRecord } from '../../src/mfa/stored.ts'
import { keysScene, refusal } from '../keys/scene.ts'
import { authenticator } from './authenticator.ts'
import { racing, tokenOf } from './racing.ts'
import { demanding, label, mfaScene, offering, type Scene, subject } from './scene.ts'

const rejected = { name: 'NotAuthorised', code: 'proof.rejected', path: 'proof' }
const missing = { name: 'NotAuthorised', code: 'proof.missing' }
const act = { subject, action: 'payout', request: 'r-1' } as const

/** The proof that an answer by the app gives, for an act. */
async function proven(made: Scene, secret: string, of: StepUp = act): Promise<string> {
  const { mfa, code, environment } = made
  const asked = await mfa.require(of)
  const challenge = asked.outcome === 'challenge' ? asked.challenge.id : ''
  const { session } = of
  const answer = { challenge, code: code(secret), ...(session !== undefined && { session }) }
  const answered = await mfa.verify(of.subject, answer)
  environment.advance(30_000)
  return answered.outcome === 'accepted' ? (answered.proof ?? '') : ''
}

/** A person with an app, and a proof for the act. */
async function ready(options: Parameters<typeof mfaScene>[0] = {}) {
  const made = mfaScene(options)
  const secret = await made.enrolled()
  const proof = await proven(made, secret)
  const use = (of: Partial<StepUp> = {}) => made.mfa.require({ ...act, proof, ...of })
  return { ...made, secret, proof, use }
}

describe('a step-up', () => {
  it('is a challenge, an answer by a full factor, and a proof that holds once', async () => {
    const { use, environment } = await ready()
    const authenticatedAt = new Date(Date.parse(environment.now()) - 30_000).toISOString()
    expect(await use()).toEqual({ outcome: 'accepted', amr: ['otp'], authenticatedAt })
    expect(await refusal(use())).toMatchObject(rejected)
  })

  it('is a JWT of its own type with the claims of RFC 9470, and names the person by no id', async () => {
    const { proof } = await ready()
    expect(decodeProtectedHeader(proof)).toMatchObject({
      alg: 'EdDSA',
      typ: 'pilvi-step-up+jwt',
      tenant: 'pilvi',
    })
    const claims = decodeJwt(proof)
    const at = Date.parse('2026-11-23T10:01:00.000Z') / 1000
    expect(claims).toEqual({
      iss: 'pilvi-privacy/pilvi',
      aud: 'payout',
      sub: expect.stringMatching(/^[0-9a-f]{64}$/),
      request: 'r-1',
      jti: expect.stringMatching(/^[0-9a-z]{26}$/),
      iat: at,
      exp: at + 300,
      auth_time: at,
      amr: ['otp'],
      acr: 'full-factor',
    })
    expect(JSON.stringify(claims)).not.toContain(subject)
  })

  it('cannot be asked of who has no full factor, or only what was not confirmed or is used up', async () => {
    const { mfa, recoverable, enrolled, code } = mfaScene()
    const none = { outcome: 'no-factor' }
    expect(await mfa.require(act)).toEqual(none)
    await mfa.enrol(subject, { label })
    await mfa.enrol(subject, { factor: 'hotp', label })
    await mfa.enrol(subject, { factor: 'passkey', label })
    expect(await mfa.require(act)).toEqual(none)
    const secret = await enrolled()
    expect(await mfa.require(act)).toMatchObject({ outcome: 'challenge' })
    const codes = await recoverable(secret)
    await mfa.remove(subject, { factor: 'totp', answer: code(secret) })
    for (const recoveryCode of codes) {
      expect(await mfa.require(act)).toMatchObject({ outcome: 'challenge' })
      await mfa.verify(subject, { recoveryCode })
    }
    expect(await mfa.require(act)).toEqual(none)
  })

  it('can be answered by a passkey, a token and a recovery code', async () => {
    const made = mfaScene()
    const { mfa, enrolled, counting, keyed, pressed, recoverable } = made
    const key = authenticator()
    const [recoveryCode = ''] = await recoverable(await enrolled())
    const token = await counting()
    await keyed(key)
    const answers = [
      () => ({ factor: 'hotp' as const, code: pressed(token, 1) }),
      () => ({ recoveryCode }),
      (options: never) => ({ passkey: key.use(options) }),
    ]
    for (const answer of answers) {
      const asked = await mfa.require(act)
      if (asked.outcome !== 'challenge') throw new Error(asked.outcome)
      const { id: challenge, passkey } = asked.challenge
      const answered = await mfa.verify(subject, { challenge, ...answer(passkey as never) } as never)
      const proof = answered.outcome === 'accepted' ? (answered.proof ?? '') : ''
      const amr = answered.outcome === 'accepted' ? answered.amr : []
      expect(await mfa.require({ ...act, proof })).toMatchObject({ outcome: 'accepted', amr })
    }
  })

  it('is answered in the session that it was asked for in', async () => {
    const made = mfaScene()
    const secret = await made.enrolled()
    const asked = await made.mfa.require({ ...act, session: 's-1' })
    const challenge = asked.outcome === 'challenge' ? asked.challenge.id : ''
    const answer = { challenge, code: made.code(secret) }
    expect(await made.mfa.verify(subject, { ...answer, session: 's-2' })).toEqual({ outcome: 'wrong' })
    const proof = await proven(made, secret, { ...act, session: 's-1' })
    expect(await made.mfa.require({ ...act, proof })).toMatchObject({ outcome: 'accepted' })
  })

  it('is on record with its action and by no id, and the proof stands nowhere', async () => {
    const { use, privacy, dump, proof, kept } = await ready()
    expect(kept('proofs')).toHaveLength(1)
    await use()
    expect(kept('proofs')).toEqual([])
    await privacy.ledger.sequence()
    const entries: unknown[] = []
    for await (const { action, details, record, actor } of privacy.ledger.list())
      if (action === 'mfa.stepped-up') entries.push({ details, same: record === actor.id })
    expect(entries).toEqual([{ details: { for: 'payout' }, same: true }])
    expect(dump()).not.toContain(proof.split('.')[2] ?? '-')
  })

  it('at most ten are open for a person, and those that are over go', async () => {
    const made = mfaScene()
    const secret = await made.enrolled()
    const proofs: string[] = []
    while (proofs.length < 11) {
      made.environment.advance(-29_000)
      proofs.push(await proven(made, secret))
      made.environment.advance(29_000)
    }
    expect(made.kept('proofs').length).toBeLessThanOrEqual(10)
    const last = proofs.at(-1) ?? ''
    expect(await made.mfa.require({ ...act, proof: last })).toMatchObject({ outcome: 'accepted' })
    made.environment.advance(300_000)
    await proven(made, secret)
    expect(made.kept('proofs')).toHaveLength(1)
  })

  it.each([
    [{ action: 'Jane Doe' }, 'stepUp.action'],
    [{ action: 'a'.repeat(65) }, 'stepUp.action'],
    [{ request: '' }, 'stepUp.request'],
    [{ proof: '' }, 'stepUp.proof'],
    [{ proof: 'x'.repeat(4_097) }, 'stepUp.proof'],
    [{ proof: {} }, 'stepUp.proof'],
    [{ send: 'sms' }, 'stepUp'],
  ])('what is no call of it is refused: %j', async (wrong, path) => {
    const { mfa } = mfaScene()
    const refused = await refusal(mfa.require({ ...act, ...wrong } as never))
    expect(refused).toMatchObject({ code: 'input.invalid', path })
  })

  it('of an erased person there is none', async () => {
    const { privacy, use, mfa, kept } = await ready()
    const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await privacy.requests.plan(id)
    await privacy.requests.fulfil(id, { plan: digest })
    expect(kept('proofs')).toEqual([])
    expect(await refusal(use())).toMatchObject(rejected)
    expect(await mfa.require(act)).toEqual({ outcome: 'no-factor' })
  })
})

describe('replay of a proof', () => {
  it('is refused, also when the clock is set back and the store was tidied meanwhile', async () => {
    const { use, environment, mfa } = await ready()
    expect(await use()).toMatchObject({ outcome: 'accepted' })
    environment.advance(600_000)
    await mfa.challenge(subject)
    environment.advance(-600_000)
    expect(await refusal(use())).toMatchObject(rejected)
  })

  it('where the acknowledgement of its use was lost it is spent', async () => {
    const made = await ready()
    const { store } = made
    const lost = mfaScene({
      backing: made.backing,
      seed: 3,
      aroundStore: (inner) => ({
        ...inner,
        commit: async (changes) => {
          await store.commit(changes)
          throw new Error('connection lost')
        },
      }),
    })
    lost.environment.set(made.environment.now())
    await expect(lost.mfa.require({ ...act, proof: made.proof })).rejects.toThrow('connection lost')
    expect(await refusal(made.use())).toMatchObject(rejected)
  })
})

describe('a store that does not answer', () => {
  it('is not taken for a proof that does not hold', async () => {
    const { backing, proof, use, environment } = await ready()
    const down = mfaScene({
      backing,
      seed: 3,
      aroundStore: (store) => ({
        ...store,
        get: async (...asked) => {
          if (asked[0] === 'keys') throw new StoreFailure('store.unavailable', 'no answer')
          return store.get(...asked)
        },
      }),
    })
    down.environment.set(environment.now())
    const refused = await refusal(down.mfa.require({ ...act, proof }))
    expect(refused).toMatchObject({ code: 'store.unavailable', retryable: true })
    expect(await use()).toMatchObject({ outcome: 'accepted' })
  })
})

describe('parallel use of one proof', () => {
  it('100 at once in 4 processes: exactly one is accepted, 10 rounds', async () => {
    for (let round = 0; round < 10; round++) {
      const made = await ready({ seed: `first ${round}` })
      const others = [1, 2, 3].map((i) => mfaScene({ backing: made.backing, seed: `${i} ${round}` }))
      for (const { environment } of others) environment.set(made.environment.now())
      const all = [made, ...others]
      const { proof } = made
      const uses = Array.from({ length: 100 }, (_, i) => all[i % 4]?.mfa.require({ ...act, proof }))
      const ends = await Promise.allSettled(uses)
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject(rejected)
    }
  })
})

describe('token of one request used for another', () => {
  it.each([
    ['another request', { request: 'r-2' }],
    ['no request', { request: undefined }],
    ['another action', { action: 'payouts' }],
    ['another person', { subject: 'customer-2' }],
  ])('%s: it is refused, and still holds for its own', async (_, other) => {
    const { mfa, proof, use, enrolled, environment } = await ready()
    const now = environment.now()
    await enrolled('customer-2')
    environment.set(now)
    const { request, ...of } = { ...act, ...other, proof }
    const asked = request === undefined ? of : { ...of, request }
    expect(await refusal(mfa.require(asked))).toMatchObject(rejected)
    expect(await use()).toMatchObject({ outcome: 'accepted' })
  })

  it('another tenant of the same installation', async () => {
    const { proof, privacy, use } = await ready()
    const other = privacy.tenant('customer-a')
    expect(await refusal(other.mfa.require({ ...act, proof }))).toMatchObject(rejected)
    expect(await use()).toMatchObject({ outcome: 'accepted' })
  })

  it('a proof of one request confirms no other, and not another kind of it', async () => {
    const made = mfaScene({ policy: demanding })
    const { privacy } = made
    const secret = await made.enrolled()
    const opened = async (kind: 'erasure' | 'export') =>
      (await privacy.requests.open({ subject, kind, receivedBy: 'console' })).id
    const [mine, other, file] = [await opened('erasure'), await opened('erasure'), await opened('export')]
    const proof = await proven(made, secret, { subject, action: 'erasure', request: mine })
    const confirm = (id: string) => privacy.requests.confirm(id, { by: 'step-up', proof })
    for (const id of [other, file])
      expect(await refusal(confirm(id))).toMatchObject({ code: 'proof.rejected' })
    expect(await confirm(mine)).toMatchObject({ state: 'confirmed', confirmed: { by: 'step-up' } })
    expect(
      await refusal(made.mfa.require({ subject, action: 'erasure', request: mine, proof })),
    ).toMatchObject(rejected)
  })
})

describe('a forged proof', () => {
  /** A proof, its claims, and the keys that signed it. */
  async function known() {
    const made = await ready()
    const { keys, secrets } = keysScene({ backing: made.backing })
    const claims = decodeJwt(made.proof)
    const [jwk] = (await keys.jwks()).keys as { x: string; kid: string }[]
    const header = { alg: 'EdDSA', typ: stepUp.typ, kid: jwk?.kid ?? '', tenant: 'pilvi' }
    const bytes = new TextEncoder().encode(JSON.stringify(claims))
    const refuse = async (proof: string) => expect(await refusal(made.use({ proof }))).toMatchObject(rejected)
    return { ...made, keys, secrets, claims, header, bytes, refuse, x: jwk?.x ?? '' }
  }

  it('audience as an array', async () => {
    const { keys, claims, refuse, use } = await known()
    for (const aud of [['payout'], ['payout', 'erasure'], [], { 0: 'payout' }, null])
      await refuse(await keys.sign({ ...claims, aud }, stepUp.typ))
    expect(await use()).toMatchObject({ outcome: 'accepted' })
  })

  it('algorithm confusion: none, HS256 with the public key, another EdDSA key, another name', async () => {
    const { header, claims, bytes, x, refuse, secrets } = await known()
    const encoded = (value: unknown) => base64url.encode(JSON.stringify(value))
    for (const end of ['.', ''])
      await refuse(`${encoded({ ...header, alg: 'none' })}.${encoded(claims)}${end}`)
    for (const secret of [base64url.decode(x), new TextEncoder().encode(x)])
      await refuse(await new CompactSign(bytes).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret))
    const pair = generateKeyPairSync('ed25519')
    const jwk = pair.publicKey.export({ format: 'jwk' })
    for (const more of [{}, { jwk }, { jku: 'https://example.com/jwks' }])
      await refuse(
        await new CompactSign(bytes)
          .setProtectedHeader({ ...header, ...more } as never)
          .sign(pair.privateKey),
      )
    const { privateKey } = await secrets.signing()
    const renamed = { ...header, alg: 'Ed25519' }
    await refuse(await new CompactSign(bytes).setProtectedHeader(renamed).sign(privateKey))
  })

  it('key-id confusion: the right signature under another kid, or none', async () => {
    const { header, bytes, refuse, secrets } = await known()
    const { privateKey } = await secrets.signing()
    const { kid: _, ...unnamed } = header
    for (const each of [unnamed, { ...unnamed, kid: '' }, { ...unnamed, kid: 'another' }])
      await refuse(await new CompactSign(bytes).setProtectedHeader(each).sign(privateKey))
  })

  it('typ of another statement', async () => {
    const { keys, claims, refuse } = await known()
    for (const typ of ['pilvi-erasure-receipt+jws', 'JWT', 'pilvi-step-up+jws', 'PILVI-STEP-UP+JWT'])
      await refuse(await keys.sign(claims, typ))
  })

  it('a claim that is changed, left out or added, under our own signature', async () => {
    const { keys, claims, refuse, use } = await known()
    const { sub: _, ...nobody } = claims
    const changed = [
      { iss: 'pilvi-privacy/customer-a' },
      { sub: subject },
      { jti: '0'.repeat(26) },
      { jti: '../totp' },
      { acr: 'password' },
      { exp: Number(claims.exp) + 1 },
      { nbf: claims.iat },
    ]
    for (const change of changed) await refuse(await keys.sign({ ...claims, ...change }, stepUp.typ))
    await refuse(await keys.sign(nobody, stepUp.typ))
    expect(await use()).toMatchObject({ outcome: 'accepted' })
  })

  it('a cut, altered or made-up text', async () => {
    const { refuse, proof } = await known()
    const [header = '', payload = '', signature = ''] = proof.split('.')
    for (const text of ['x', '..', `${header}.${payload}`, `${header}.${payload}.`, `${proof}.x`])
      await refuse(text)
    await refuse(`${header}.${payload.slice(0, -2)}.${signature}`)
  })
})

describe('an expired proof', () => {
  it('holds to the last millisecond of its five minutes, and not after', async () => {
    const one = await ready()
    one.environment.advance(270_000 - 1)
    expect(await one.use()).toMatchObject({ outcome: 'accepted' })
    const other = await ready()
    other.environment.advance(270_000)
    expect(await refusal(other.use())).toMatchObject(rejected)
  })
})

describe('clock stepped back', () => {
  it('behind when it was made, or behind a moment that has been, it does not hold', async () => {
    const one = await ready()
    one.environment.advance(-61_000)
    expect(await refusal(one.use())).toMatchObject(rejected)
    one.environment.advance(31_000)
    expect(await one.use()).toMatchObject({ outcome: 'accepted' })
    const other = await ready()
    other.environment.advance(400_000)
    await other.mfa.verify(subject, other.wrong(other.secret))
    other.environment.advance(-400_000)
    expect(await refusal(other.use())).toMatchObject(rejected)
  })
})

describe('factor changed between proof and use', () => {
  it.each([
    [
      'recovery codes were made',
      ({ mfa, code }: Scene, secret: string) => mfa.recoveryCodes(subject, code(secret)),
    ],
    ['a token was confirmed', ({ counting }: Scene) => counting()],
    ['a passkey was confirmed', ({ keyed }: Scene) => keyed(authenticator())],
    [
      'the factor was removed',
      ({ mfa, code }: Scene, secret: string) => mfa.remove(subject, { factor: 'totp', answer: code(secret) }),
    ],
  ])('%s: the proof is worthless, and gone', async (_, change) => {
    const made = await ready()
    await change(made, made.secret)
    expect(made.kept('proofs')).toEqual([])
    expect(await refusal(made.use())).toMatchObject(rejected)
  })
})

describe('a proof from what is no full factor', () => {
  it('a contact code and a trusted device give none, for whatever challenge', async () => {
    const { mfa, enrolled, code, sent, kept } = mfaScene()
    const secret = await enrolled()
    const device = tokenOf(await mfa.trust(subject, code(secret)))
    const asked = { action: 'payout', request: 'r-1' }
    const first = await mfa.challenge(subject, { ...asked, send: 'email' })
    const contactCode = sent[0]?.code ?? ''
    const second = await mfa.challenge(subject, asked)
    const weak = [
      await mfa.verify(subject, { challenge: first.id, contactCode }),
      await mfa.verify(subject, { challenge: second.id, device }),
    ]
    for (const outcome of weak) {
      expect(outcome).toMatchObject({ outcome: 'accepted', challenge: asked })
      expect(outcome).not.toHaveProperty('proof')
    }
    expect(kept('proofs')).toEqual([])
  })

  it('nor does an answer that names no action, or that changed a factor', async () => {
    const { mfa, enrolled, code, environment, kept } = mfaScene()
    const secret = await enrolled()
    const named = async () => {
      environment.advance(60_000)
      const { id: challenge } = await mfa.challenge(subject, { action: 'factor-change' })
      return { challenge, code: code(secret) }
    }
    const { id: plain } = await mfa.challenge(subject)
    const outcomes = [
      await mfa.verify(subject, { challenge: plain, code: code(secret) }),
      await mfa.trust(subject, await named()),
      await mfa.recoveryCodes(subject, await named()),
      await mfa.remove(subject, { factor: 'totp', answer: await named() }),
    ]
    for (const outcome of outcomes) {
      expect(outcome.outcome).toBe('accepted')
      expect(outcome).not.toHaveProperty('proof')
    }
    expect(kept('proofs')).toEqual([])
  })

  it('token of one act used for another: an answer to a challenge for a payout changes no factor', async () => {
    const { mfa, enrolled, code, environment, kept } = mfaScene()
    const secret = await enrolled()
    const named = async () => {
      environment.advance(60_000)
      const { id: challenge } = await mfa.challenge(subject, { action: 'payout', request: 'r-1' })
      return { challenge, code: code(secret) }
    }
    for (const outcome of [
      await mfa.trust(subject, await named()),
      await mfa.recoveryCodes(subject, await named()),
      await mfa.remove(subject, { factor: 'totp', answer: await named() }),
    ])
      expect(outcome).toEqual({ outcome: 'wrong' })
    expect(kept('factors')).toHaveLength(1)
  })
})

describe('what the policy asks a step-up for', () => {
  const checked = { by: 'operator', operator: 'agent-7', check: 'call-back' } as const

  it.each(['erasure', 'export'] as const)(
    '%s: an operator’s check does only for who has no factor',
    async (kind) => {
      const made = mfaScene({ policy: demanding })
      const { requests } = made.privacy
      const opened = async (who: string) =>
        (await requests.open({ subject: who, kind, receivedBy: 'phone' })).id
      const secret = await made.enrolled()
      const id = await opened(subject)
      expect(await refusal(requests.confirm(id, checked))).toMatchObject({ ...missing, record: id })
      expect(await requests.find(id)).toMatchObject({ state: 'opened' })
      const proof = await proven(made, secret, { subject, action: kind, request: id })
      expect(await requests.confirm(id, { by: 'step-up', proof })).toMatchObject({ state: 'confirmed' })
      expect(made.kept('proofs')).toEqual([])
      await made.mfa.enrol('customer-2', { label })
      const other = await opened('customer-2')
      expect(await requests.confirm(other, checked)).toMatchObject({ confirmed: checked })
    },
  )

  it('where it does not ask, an operator’s check does, and a proof as well', async () => {
    const made = mfaScene({ policy: { ...offering, mfa: { ...offering.mfa, stepUp: ['factor-change'] } } })
    const { requests } = made.privacy
    const secret = await made.enrolled()
    const opened = async () => (await requests.open({ subject, kind: 'export', receivedBy: 'phone' })).id
    expect(await requests.confirm(await opened(), checked)).toMatchObject({ confirmed: checked })
    const id = await opened()
    const proof = await proven(made, secret, { subject, action: 'export', request: id })
    expect(await requests.confirm(id, { by: 'step-up', proof })).toMatchObject({ state: 'confirmed' })
  })

  it('a thief of a session adds no factor of his own', async () => {
    const { mfa, enrolled, kept, ...made } = mfaScene({ policy: demanding })
    const secret = await enrolled()
    const before = kept('factors')
    for (const factor of ['hotp', 'passkey'] as const)
      expect(await refusal(mfa.enrol(subject, { factor: factor as 'hotp', label }))).toMatchObject(missing)
    const other = await proven({ mfa, enrolled, kept, ...made }, secret, {
      subject,
      action: 'factor-changes',
    })
    expect(await refusal(mfa.enrol(subject, { factor: 'hotp', label, proof: other }))).toMatchObject(rejected)
    expect([kept('factors'), kept('challenges')]).toEqual([before, []])
  })

  it('with a proof, once, a further factor can be enrolled', async () => {
    const made = mfaScene({ policy: demanding })
    const { mfa, pressed } = made
    const secret = await made.enrolled()
    const change = { subject, action: 'factor-change' }
    const proof = await proven(made, secret, change)
    const token = await mfa.enrol(subject, { factor: 'hotp', label, proof })
    expect(await refusal(mfa.enrol(subject, { factor: 'hotp', label, proof }))).toMatchObject(rejected)
    const answer = { factor: 'hotp', code: pressed(token.secret, 0) } as const
    expect(await mfa.confirm(subject, answer)).toMatchObject({ outcome: 'accepted' })
    const again = await proven(made, secret, change)
    const key = authenticator()
    const { challenge, options } = await mfa.enrol(subject, { factor: 'passkey', label, proof: again })
    expect(await mfa.confirm(subject, { challenge, passkey: key.create(options) })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('an enrolment that a proof allowed is over after an hour', async () => {
    const { mfa, enrolled, environment, pressed, code } = mfaScene({ policy: demanding })
    const first = await enrolled()
    const made = async () => {
      environment.advance(60_000)
      const { id: challenge } = await mfa.challenge(subject, { action: 'factor-change' })
      const answered = await mfa.verify(subject, { challenge, code: code(first) })
      const proof = answered.outcome === 'accepted' ? (answered.proof ?? '') : ''
      return mfa.enrol(subject, { factor: 'hotp', label, proof })
    }
    const { secret } = await made()
    environment.advance(3_600_000)
    const late = await refusal(mfa.confirm(subject, { factor: 'hotp', code: pressed(secret, 0) }))
    expect(late).toMatchObject({ code: 'record.missing' })
    const again = await made()
    environment.advance(3_599_999)
    expect(await mfa.confirm(subject, { factor: 'hotp', code: pressed(again.secret, 0) })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('a secret that was enrolled before there was a factor is not confirmed after', async () => {
    const { mfa, enrolled, pressed, code } = mfaScene({ policy: demanding })
    const planted = await mfa.enrol(subject, { factor: 'hotp', label })
    const secret = await enrolled()
    const confirming = mfa.confirm(subject, { factor: 'hotp', code: pressed(planted.secret, 0) })
    expect(await confirming).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
  })

  // Before the factors are looked at whose being there asks for a proof, and just before it is written.
  it.each([
    ['attempts', 1],
    ['factors', 1],
    ['factors', 2],
    ['factors', 3],
    ['factors', 4],
    ['standings', 1],
    ['standings', 2],
    ['standings', 3],
  ] as const)('nor one that raced with the first factor (%s, read %d)', async (where, nth) => {
    for (const factor of ['hotp', 'passkey'] as const) {
      const backing = memoryBacking()
      const other = mfaScene({ backing, seed: 2, policy: demanding })
      let raced = false
      const confirm = async () => {
        raced = true
        await other.enrolled()
      }
      const aroundStore = racing(where, nth, confirm)
      const { mfa, pressed } = mfaScene({ backing, policy: demanding, aroundStore })
      const key = authenticator()
      const plant = async () => {
        if (factor === 'hotp') {
          const { secret } = await mfa.enrol(subject, { factor, label })
          return { factor, code: pressed(secret, 0) }
        }
        const { challenge, options } = await mfa.enrol(subject, { factor, label })
        return { challenge, passkey: key.create(options) }
      }
      const answer = await plant().catch((error: { code: string }) => error.code)
      const outcome =
        typeof answer === 'string'
          ? answer
          : await mfa.confirm(subject, answer).then(({ outcome }) => outcome)
      if (raced)
        expect([factor, outcome]).toEqual([factor, expect.stringMatching(/^(?:proof.missing|wrong)$/)])
      else expect([factor, outcome]).toEqual([factor, 'accepted'])
    }
  })
})

describe('the rule', () => {
  const at = '2026-11-23T10:00:00.000Z' as const
  const of = { tenant: 'pilvi', action: 'erasure', request: 'r-1' }
  const claims = claimsOf({ ...of, sub: 'ref', jti: '0'.repeat(26), amr: ['otp'], at })
  const attempts = { generation: 3, latest: at }
  const asked = { ...of, reference: 'ref', now: at, attempts }
  const record: ProofRecord = {
    at,
    expiresAt: at,
    category: 'x',
    generation: 3,
    action: 'erasure',
    request: 'r-1',
  }
  const judge = (more: Partial<StepUpClaims>, other: Partial<typeof asked> = {}, generation = 3) =>
    holds({ ...claims, ...more }, { record: { ...record, generation }, asked: { ...asked, ...other } })

  it('holds for what it was made for, and for nothing that differs in any one thing', () => {
    expect(judge({})).toBe(true)
    const differing = fc.constantFrom<readonly [Partial<StepUpClaims>, Partial<typeof asked>, number?]>(
      [{ exp: claims.exp + 1 }, {}],
      [{}, {}, 2],
      [{}, { attempts: { ...attempts, generation: 4 } }],
      [{}, { attempts: { ...attempts, latest: '2026-11-23T10:00:30.001Z' as typeof at } }],
      [{}, { now: '2026-11-23T10:05:00.000Z' as typeof at }],
      [{}, { now: '2026-11-23T09:59:29.999Z' as typeof at }],
    )
    fc.assert(fc.property(differing, ([more, other, generation]) => !judge(more, other, generation)))
    const texts = fc.tuple(fc.constantFrom('tenant', 'action', 'request', 'reference'), fc.string())
    fc.assert(
      fc.property(texts, ([name, text]) => {
        const same = asked[name as 'tenant'] === text
        return judge({}, { [name]: text }) === same
      }),
    )
  })

  it('reads nothing but its own claims', () => {
    expect(readClaims(claims)).toEqual(claims)
    fc.assert(fc.property(fc.jsonValue(), (value) => readClaims(value) === null))
    for (const name of Object.keys(claims).filter((each) => each !== 'request')) {
      const { [name as 'iss']: _, ...rest } = claims
      expect(readClaims(rest)).toBeNull()
    }
  })
})
