/** What each kind of factor does, from making it to removing it. */

import { createPrivacy, localKeys } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { codeAt, stepAt } from '../../src/mfa/codes.ts'
import type { Answer, FactorSummary, FullAnswer } from '../../src/mfa/model.ts'
import { kek, refusal, tamper } from '../keys/scene.ts'
import { authenticator } from './authenticator.ts'
import { counted, processes, tokenOf } from './racing.ts'
import { label, mfaScene, offering, type Scene, subject } from './scene.ts'

const listed = async ({ mfa }: Scene): Promise<FactorSummary[]> => {
  const all: FactorSummary[] = []
  for await (const each of mfa.list(subject)) all.push(each)
  return all
}

describe('an app that is not as usual', () => {
  it.each([
    ['sha1', 8],
    ['sha256', 6],
    ['sha512', 8],
  ] as const)('%s with %d digits is what was enrolled, for good', async (algorithm, digits) => {
    const { mfa, environment, factor } = mfaScene()
    const { secret, uri, svg } = await mfa.enrol(subject, { label, algorithm, digits })
    expect(uri).toContain(algorithm === 'sha1' ? 'digits=8' : `algorithm=${algorithm.toUpperCase()}`)
    expect(svg).toMatch(/^<svg /)
    const shown = () => codeAt({ secret, algorithm, digits }, stepAt(environment.now()))
    const other = codeAt({ secret, algorithm, digits: digits === 6 ? 8 : 6 }, stepAt(environment.now()))
    expect(await refusal(mfa.confirm(subject, other))).toMatchObject({ code: 'input.invalid', path: 'code' })
    expect(await mfa.confirm(subject, shown())).toEqual({ outcome: 'accepted', factor: 'totp', amr: ['otp'] })
    environment.advance(30_000)
    expect(await mfa.verify(subject, shown())).toMatchObject({ outcome: 'accepted' })
    expect(factor()).toMatchObject({ algorithm, digits, period: 30 })
  })

  it('with the strict window no step but the present one is taken', async () => {
    const { mfa, enrolled, code } = mfaScene({ codeWindow: 'strict' })
    const secret = await enrolled()
    for (const offset of [-1, 1])
      expect((await mfa.verify(subject, code(secret, offset))).outcome).toBe('wrong')
    expect((await mfa.verify(subject, code(secret))).outcome).toBe('accepted')
  })

  it.each([
    { algorithm: 'md5' },
    { digits: 7 },
    { digits: 0 },
    { period: 60 },
    { factor: 'sms' },
    { secret: 'A' },
  ])('%j is not to be had', async (options) => {
    const { mfa } = mfaScene()
    const call = mfa.enrol(subject, { label, ...options } as { label: string })
    expect(await refusal(call)).toMatchObject({ code: 'input.invalid' })
  })
})

describe('a counting token', () => {
  it('is confirmed, used and pressed in a pocket', async () => {
    const { mfa, counting, pressed, factor } = mfaScene()
    const secret = await counting()
    expect(factor(subject, 'hotp')).toMatchObject({ state: 'confirmed', counter: 1 })
    const use = (count: number) => mfa.verify(subject, { factor: 'hotp', code: pressed(secret, count) })
    expect(await use(0)).toEqual({ outcome: 'replayed' })
    expect(await use(5)).toEqual({ outcome: 'accepted', factor: 'hotp', amr: ['otp'] })
    expect(await use(5)).toEqual({ outcome: 'replayed' })
    expect(await use(3)).toEqual({ outcome: 'wrong' })
    expect(await use(17)).toEqual({ outcome: 'wrong' })
    expect(factor(subject, 'hotp')).toMatchObject({ counter: 6 })
  })

  it('is found again by two codes in a row, which are one attempt, and are used up', async () => {
    const { mfa, counting, pressed, factor, attempts } = mfaScene()
    const secret = await counting()
    const two = (one: number, other: number) =>
      mfa.resync(subject, [pressed(secret, one), pressed(secret, other)])
    expect(await two(80, 82)).toEqual({ outcome: 'wrong' })
    expect(attempts()).toMatchObject({ failures: 1 })
    expect(await two(80, 81)).toEqual({ outcome: 'accepted', factor: 'hotp', amr: ['otp'] })
    expect(factor(subject, 'hotp')).toMatchObject({ counter: 82 })
    expect(await two(80, 81)).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, { factor: 'hotp', code: pressed(secret, 82) })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('that is not there, and codes that are none, are refused before anything is counted', async () => {
    const { mfa, counting, attempts } = mfaScene()
    expect(await refusal(mfa.resync(subject, ['123456', '123457']))).toMatchObject({ code: 'record.missing' })
    await counting()
    const before = attempts()
    for (const codes of [['123456'], [], null, ['123456', 'x'], ['12345678', '12345679']])
      expect(await refusal(mfa.resync(subject, codes as never))).toMatchObject({ code: 'input.invalid' })
    expect(attempts()).toEqual(before)
  })

  it('replay: 50 parallel uses of one code: exactly one is accepted', async () => {
    const scenes = processes(4, 'hotp')
    const [first] = scenes as [Scene]
    const code = first.pressed(await first.counting(), 1)
    const uses = Array.from({ length: 50 }, (_, i) =>
      (scenes[i % 4] as Scene).mfa.verify(subject, { factor: 'hotp', code }),
    )
    const { accepted, replayed = 0, locked = 0, ...others } = await counted(uses)
    expect({ accepted, others, sum: replayed + locked }).toEqual({ accepted: 1, others: {}, sum: 49 })
  })
})

describe('recovery codes', () => {
  it('are ten, of the form that is promised, each taken once however it is typed', async () => {
    const { mfa, enrolled, recoverable, environment } = mfaScene()
    const codes = await recoverable(await enrolled())
    expect(codes).toHaveLength(10)
    expect(new Set(codes.map((each) => each.slice(2))).size).toBe(10)
    codes.forEach((each, i) => {
      expect(each).toMatch(/^\d(-[0-9A-HJKMNP-TV-Z]{4}){4}$/)
      expect(each.charAt(0)).toBe(String(i))
    })
    const typed = [
      (t: string) => t.toLowerCase(),
      (t: string) => t.replaceAll('-', ' '),
      (t: string) => `  ${t}\n`,
    ]
    for (const [i, type] of typed.entries()) {
      const recoveryCode = type(codes[i] ?? '')
      expect(await mfa.verify(subject, { recoveryCode })).toEqual({
        outcome: 'accepted',
        factor: 'recovery-code',
        amr: ['otp'],
      })
      expect(await mfa.verify(subject, { recoveryCode })).toEqual({ outcome: 'wrong' })
      environment.advance(3_600_000)
    }
  })

  it('of a set that was replaced are worth nothing, and the new set is', async () => {
    const { mfa, enrolled, recoverable } = mfaScene()
    const secret = await enrolled()
    const [before = ''] = await recoverable(secret)
    const [after = ''] = await recoverable(secret)
    expect(await mfa.verify(subject, { recoveryCode: before })).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, { recoveryCode: after })).toMatchObject({ outcome: 'accepted' })
  })

  it('one of them makes the next set, and a wrong answer makes none', async () => {
    const made = mfaScene()
    const [first = '', second = ''] = await made.recoverable(await made.enrolled())
    const { mfa } = made
    expect(await mfa.recoveryCodes(subject, { recoveryCode: first })).toMatchObject({ codes: { length: 10 } })
    expect(await mfa.recoveryCodes(subject, { recoveryCode: second })).toEqual({ outcome: 'wrong' })
    expect(await listed(made)).toContainEqual(
      expect.objectContaining({ factor: 'recovery-code', remaining: 10 }),
    )
  })

  it('replay: 60 parallel uses of one: exactly one is accepted', async () => {
    const scenes = processes(4, 'recovery')
    const [first] = scenes as [Scene]
    const [recoveryCode = ''] = await first.recoverable(await first.enrolled())
    for (const { environment } of scenes) environment.set(first.environment.now())
    const uses = Array.from({ length: 60 }, (_, i) =>
      (scenes[i % 4] as Scene).mfa.verify(subject, { recoveryCode }),
    )
    const { accepted, wrong = 0, locked = 0, ...others } = await counted(uses)
    expect({ accepted, others, sum: wrong + locked }).toEqual({ accepted: 1, others: {}, sum: 59 })
  })

  it.each([
    '',
    '0',
    '0-AAAA-BBBB-CCCC-DDD',
    'A-AAAA-BBBB-CCCC-DDDD',
    '0-AAAA-BBBB-CCCC-DDDU',
    'x'.repeat(101),
    7,
    null,
  ])('what is no code (%j) is refused before anything is counted', async (recoveryCode) => {
    const { mfa, enrolled, attempts } = mfaScene()
    await enrolled()
    const before = attempts()
    const call = mfa.verify(subject, { recoveryCode: recoveryCode as string })
    expect(await refusal(call)).toMatchObject({ code: 'input.invalid', path: 'recoveryCode' })
    expect(attempts()).toEqual(before)
  })

  it('planted under another person they are worth nothing', async () => {
    const { mfa, enrolled, recoverable, backing, factor } = mfaScene()
    const [mine = ''] = await recoverable(await enrolled('attacker'), 'attacker')
    await enrolled('victim')
    const value = factor('attacker', 'recovery-code')
    tamper(backing, { collection: 'factors', key: 'pilvi/victim/recovery-code', value })
    expect(await mfa.verify('victim', { recoveryCode: mine })).toEqual({ outcome: 'wrong' })
  })
})

describe('codes that are sent', () => {
  it.each([
    ['email', 'mca'],
    ['sms', 'sms'],
  ] as const)('by %s answer their challenge, once, and are called what they are (%s)', async (send, amr) => {
    const { mfa, sent, environment } = mfaScene()
    const { id: challenge, contact, expiresAt } = await mfa.challenge(subject, { send, action: 'sign-in' })
    expect(contact).toEqual({ outcome: 'sent', channel: send })
    const told = { kind: 'code', tenant: 'pilvi', subject, channel: send, action: 'sign-in', expiresAt }
    expect(sent).toEqual([{ ...told, code: expect.stringMatching(/^\d{8}$/) }])
    const contactCode = sent[0]?.code ?? ''
    const other = await mfa.challenge(subject)
    expect(await mfa.verify(subject, { challenge: other.id, contactCode })).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, { challenge, contactCode })).toEqual({
      outcome: 'accepted',
      factor: 'contact-code',
      amr: [amr],
      challenge: { id: challenge, action: 'sign-in' },
    })
    expect(await mfa.verify(subject, { challenge, contactCode })).toEqual({ outcome: 'wrong' })
    expect(environment.now() < expiresAt).toBe(true)
  })

  it('are over after ten minutes', async () => {
    const { mfa, sent, environment } = mfaScene()
    const { id: challenge } = await mfa.challenge(subject, { send: 'sms' })
    environment.advance(600_000)
    const contactCode = sent[0]?.code ?? ''
    expect(await mfa.verify(subject, { challenge, contactCode })).toEqual({ outcome: 'wrong' })
  })

  it('are at most five an hour, whatever comes of them, in whatever process', async () => {
    const scenes = processes(3, 'sends')
    const made = await Promise.all(
      Array.from({ length: 9 }, (_, i) => (scenes[i % 3] as Scene).mfa.challenge(subject, { send: 'email' })),
    )
    const locked = made.filter(({ contact }) => contact?.outcome === 'locked')
    expect(scenes.flatMap(({ sent }) => sent)).toHaveLength(5)
    expect(locked).toHaveLength(4)
    const [{ mfa, environment, sent }] = scenes as [Scene]
    const [{ contact } = { contact: undefined }] = locked
    const until = contact?.outcome === 'locked' ? (contact.until ?? '') : ''
    expect(until).toMatch(/^2026-11-23T11:00/)
    environment.set(until as `${string}T${string}Z`)
    const before = sent.length
    await mfa.challenge(subject, { send: 'email' })
    expect(sent).toHaveLength(before + 1)
  })

  it('that could not be sent leave nothing that a code could answer', async () => {
    const { mfa, kept, attempts } = mfaScene({ onSend: () => Promise.reject(new Error('down')) })
    const error = await refusal(mfa.challenge(subject, { send: 'sms' }))
    expect(error).toMatchObject({ name: 'StoreFailure', code: 'sender.failed', retryable: true })
    expect(kept('challenges')).toEqual([])
    expect(attempts()).toMatchObject({ sends: { count: 1 } })
  })

  it('need a policy that offers them and a sender', async () => {
    const { mfa, sent } = mfaScene({ policy: pilviPolicy })
    const notOffered = { code: 'input.not-in-policy', path: 'factor' }
    expect(await refusal(mfa.challenge(subject, { send: 'sms' }))).toMatchObject(notOffered)
    const { id: challenge } = await mfa.challenge(subject)
    const answer = { challenge, contactCode: '12345678' }
    expect(await refusal(mfa.verify(subject, answer))).toMatchObject(notOffered)
    expect(sent).toEqual([])
    const bare = createPrivacy({
      policy: offering,
      store: memoryStore(),
      keys: localKeys([kek]),
      tenant: 'pilvi',
    })
    const missing = { code: 'input.invalid' }
    expect(await refusal(bare.mfa.challenge(subject, { send: 'sms' }))).toMatchObject({
      ...missing,
      path: 'sender',
    })
    expect(await refusal(bare.mfa.enrol(subject, { factor: 'passkey', label }))).toMatchObject({
      ...missing,
      path: 'passkeys',
    })
    const passkey = { challenge, passkey: {} }
    expect(await refusal(bare.mfa.verify(subject, passkey))).toMatchObject(missing)
  })
})

describe('passkeys', () => {
  it('are confirmed by the browser’s answer and then sign challenges, each once', async () => {
    const made = mfaScene()
    const { mfa, keyed, factor, kept } = made
    const mine = authenticator()
    await keyed(mine)
    const { id: challenge, passkey: options } = await mfa.challenge(subject, { session: 's' })
    expect(options).toMatchObject({ allowCredentials: [{ id: mine.id }] })
    const passkey = mine.use(options)
    const answer = { challenge, session: 's', passkey }
    expect(await mfa.verify(subject, answer)).toEqual({
      outcome: 'accepted',
      factor: 'passkey',
      amr: ['pop', 'user', 'mfa'],
      challenge: { id: challenge, session: 's' },
    })
    expect(await mfa.verify(subject, answer)).toEqual({ outcome: 'wrong' })
    const [place = ''] = kept('factors').map((key) => key.split('/').slice(2).join('/'))
    expect(place).toMatch(/^passkey\/[0-9a-f]{64}$/)
    expect(JSON.stringify(factor(subject, place))).not.toContain(mine.id)
    expect(await listed(made)).toMatchObject([{ factor: 'passkey', id: place.slice(8), state: 'confirmed' }])
  })

  it('of one person are no answer of another, and an answer to another challenge is none', async () => {
    const { mfa, keyed } = mfaScene()
    const [mine, theirs] = [authenticator(), authenticator()]
    await keyed(mine)
    await keyed(theirs, 'attacker')
    const { id: challenge, passkey: options } = await mfa.challenge(subject)
    const { passkey: other } = await mfa.challenge(subject)
    for (const passkey of [theirs.use(options), mine.use(other), {}, null, 'x', { id: 7 }, { id: mine.id }])
      expect((await mfa.verify(subject, { challenge, passkey })).outcome).not.toBe('accepted')
  })

  it('a copied authenticator, whose counter does not grow, is refused', async () => {
    const { mfa, keyed } = mfaScene()
    const mine = authenticator()
    await keyed(mine)
    const [one, two] = [await mfa.challenge(subject), await mfa.challenge(subject)]
    const early = mine.use(two.passkey)
    const use = { challenge: one.id, passkey: mine.use(one.passkey) }
    expect(await mfa.verify(subject, use)).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, { challenge: two.id, passkey: early })).toEqual({ outcome: 'wrong' })
  })

  it('a person can have several, at most twenty, and one only once', async () => {
    const made = mfaScene()
    const { mfa, keyed } = made
    const twice = authenticator()
    await keyed(twice)
    const again = await mfa.enrol(subject, { factor: 'passkey', label })
    expect(again.options).toMatchObject({ excludeCredentials: [{ id: twice.id }] })
    const confirming = { challenge: again.challenge, passkey: twice.create(again.options) }
    expect(await refusal(mfa.confirm(subject, confirming))).toMatchObject({ code: 'conflict.state' })
    for (let i = 1; i < 20; i++) await keyed(authenticator())
    expect(await listed(made)).toHaveLength(20)
    const more = mfa.enrol(subject, { factor: 'passkey', label })
    expect(await refusal(more)).toMatchObject({ code: 'conflict.state' })
  })

  it('the name in the authenticator’s own record is no digest that stands in the store', async () => {
    const { mfa, dump } = mfaScene()
    const { options } = await mfa.enrol(subject, { factor: 'passkey', label })
    const { user } = options as { user: { id: string } }
    expect(user.id).toMatch(/^[0-9a-f]{64}$/)
    expect(dump()).not.toContain(user.id)
  })
})

describe('what there is', () => {
  it('is listed without a secret, and goes one by one', async () => {
    const made = mfaScene()
    const { mfa, enrolled, counting, keyed, recoverable, code, environment } = made
    expect(await listed(made)).toEqual([])
    const secret = await enrolled()
    await counting()
    await mfa.enrol(subject, { factor: 'passkey', label })
    await keyed(authenticator())
    const [recoveryCode = ''] = await recoverable(secret)
    const device = tokenOf(await mfa.trust(subject, code(secret)))
    environment.advance(60_000)
    const all = await listed(made)
    expect(all.map(({ factor, state }) => `${factor} ${state}`)).toEqual([
      'totp confirmed',
      'hotp confirmed',
      'recovery-code confirmed',
      'passkey confirmed',
      'trusted-device confirmed',
    ])
    expect(JSON.stringify(all)).not.toContain(secret)
    const [, , codes, passkey, browser] = all
    expect([codes?.remaining, browser?.expiresAt]).toEqual([10, '2026-12-23T10:02:00.000Z'])

    const gone = async (removal: Parameters<Scene['mfa']['remove']>[1]) =>
      expect(await mfa.remove(subject, removal)).toMatchObject({ outcome: 'accepted' })
    await gone({ factor: 'trusted-device', id: browser?.id ?? '', answer: code(secret) })
    expect(await mfa.verify(subject, { device })).toEqual({ outcome: 'wrong' })
    await gone({ factor: 'passkey', id: passkey?.id ?? '', answer: code(secret, 1) })
    environment.advance(60_000)
    await gone({ factor: 'hotp', answer: code(secret) })
    await gone({ factor: 'totp', answer: { recoveryCode } })
    expect(await listed(made)).toMatchObject([{ factor: 'recovery-code', remaining: 9 }])
    const again = await mfa.enrol(subject, { label })
    expect(await mfa.confirm(subject, code(again.secret))).toMatchObject({ outcome: 'accepted' })
    await gone({ factor: 'totp', answer: code(again.secret, 1) })
  })

  it('a wrong answer removes nothing, and what is not there cannot be removed', async () => {
    const made = mfaScene()
    const { mfa, enrolled, wrong, code } = made
    const secret = await enrolled()
    expect(await mfa.remove(subject, { factor: 'totp', answer: wrong(secret) })).toEqual({ outcome: 'wrong' })
    expect(await listed(made)).toHaveLength(1)
    const answer = code(secret)
    for (const factor of ['hotp', 'recovery-code'] as const)
      expect(await refusal(mfa.remove(subject, { factor, answer }))).toMatchObject({ code: 'record.missing' })
    for (const factor of ['passkey', 'trusted-device'] as const) {
      const unnamed = refusal(mfa.remove(subject, { factor, answer }))
      expect(await unnamed).toMatchObject({ code: 'input.invalid', path: 'removal.id' })
      const missing = refusal(mfa.remove(subject, { factor, id: 'x', answer }))
      expect(await missing).toMatchObject({ code: 'record.missing' })
    }
    expect(await mfa.verify(subject, answer)).toMatchObject({ outcome: 'accepted' })
  })

  it('of challenges no more than fifty are open, and of devices no more than ten', async () => {
    const { mfa, enrolled, kept, code, environment } = mfaScene()
    const secret = await enrolled()
    const first = await mfa.challenge(subject)
    environment.advance(1)
    for (let i = 0; i < 50; i++) await mfa.challenge(subject)
    expect(kept('challenges')).toHaveLength(50)
    expect(kept('challenges').some((key) => key.endsWith(first.id))).toBe(false)
    environment.advance(600_000)
    await mfa.challenge(subject)
    expect(kept('challenges')).toHaveLength(1)
    const tokens: string[] = []
    for (let i = 0; i < 11; i++) {
      tokens.push(tokenOf(await mfa.trust(subject, code(secret))))
      environment.advance(30_000)
    }
    expect(kept('factors').filter((key) => key.includes('trusted-device'))).toHaveLength(10)
    expect(await mfa.verify(subject, { device: tokens[0] ?? '' })).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, { device: tokens[10] ?? '' })).toMatchObject({ outcome: 'accepted' })
  })
})

describe('an answer', () => {
  const malformed: readonly [unknown, string][] = [
    [{}, 'answer'],
    [{ code: '123456', more: 1 }, 'answer'],
    [{ code: '123456', recoveryCode: '0-AAAA-BBBB-CCCC-DDDD' }, 'answer'],
    [{ code: '123456', factor: 'passkey' }, 'answer.factor'],
    [{ code: '123456', challenge: '' }, 'answer.challenge'],
    [{ code: '123456', session: '\ud800' }, 'answer.session'],
    [{ code: '123456', session: 'x'.repeat(4_097) }, 'answer.session'],
    [{ contactCode: '12345678' }, 'challenge'],
    [{ passkey: {} }, 'challenge'],
    [{ contactCode: '123456', challenge: 'x' }, 'contactCode'],
    [{ device: 'x' }, 'device'],
    [{ device: { $ne: null } }, 'device'],
    [[], 'answer'],
  ]
  it.each(malformed)('that is none (%j) is refused before anything is counted', async (answer, path) => {
    const { mfa, enrolled, attempts } = mfaScene()
    await enrolled()
    const before = attempts()
    expect(await refusal(mfa.verify(subject, answer as Answer))).toMatchObject({
      code: 'input.invalid',
      path,
    })
    expect(attempts()).toEqual(before)
  })

  it('by something that the policy does not offer makes and trusts nothing', async () => {
    const { mfa, enrolled, code } = mfaScene({ policy: pilviPolicy })
    const secret = await enrolled()
    const answer: FullAnswer = code(secret)
    const refused = { code: 'input.not-in-policy', path: 'factor' }
    expect(await refusal(mfa.trust(subject, answer))).toMatchObject(refused)
    expect(await refusal(mfa.enrol(subject, { factor: 'hotp', label }))).toMatchObject(refused)
    const device = `${'0'.repeat(26)}.${'A'.repeat(43)}`
    expect(await refusal(mfa.verify(subject, { device }))).toMatchObject(refused)
    expect(await mfa.verify(subject, answer)).toMatchObject({ outcome: 'accepted' })
  })

  it('that confirms is a code or a passkey', async () => {
    const { mfa } = mfaScene()
    const recoveryCode = { recoveryCode: '0-AAAA-BBBB-CCCC-DDDD' } as never
    expect(await refusal(mfa.confirm(subject, recoveryCode))).toMatchObject({
      code: 'input.invalid',
      path: 'answer',
    })
  })
})
