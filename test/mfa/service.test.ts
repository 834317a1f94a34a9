/** Enrolling, confirming and verifying: each outcome, and each refusal. */

import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/define.ts'
import { refusal, tamper } from '../keys/scene.ts'
import { label, mfaScene, offering, subject } from './scene.ts'

describe('a second factor', () => {
  it('is enrolled, confirmed and then asked for', async () => {
    const { mfa, code, environment, privacy, factor } = mfaScene()
    const { factor: kind, secret, uri } = await mfa.enrol(subject, { label })
    expect(kind).toBe('totp')
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(uri).toContain('otpauth://totp/Pilvi%20Cloud%20Company%20Oy:person%40example.com?secret=')
    expect(factor()).toMatchObject({ state: 'enrolled', lastStep: 0 })
    expect(await mfa.confirm(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
    expect(factor()).toMatchObject({ state: 'confirmed' })
    environment.advance(30_000)
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
    environment.advance(3_600_000)
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })

    await privacy.ledger.sequence()
    const actions: string[] = []
    for await (const { action } of privacy.ledger.list()) actions.push(action)
    expect(actions).toEqual(['mfa.enrolled', 'mfa.confirmed', 'mfa.verified', 'mfa.verified'])
  })

  it('enrolling again before it is confirmed replaces the secret', async () => {
    const { mfa, code } = mfaScene()
    const first = await mfa.enrol(subject, { label })
    const second = await mfa.enrol(subject, { label })
    expect(second.secret).not.toBe(first.secret)
    expect(await mfa.confirm(subject, code(first.secret))).toEqual({ outcome: 'wrong' })
    expect(await mfa.confirm(subject, code(second.secret))).toMatchObject({ outcome: 'accepted' })
  })

  it('people and tenants have factors of their own', async () => {
    const { mfa, code, enrolled, privacy } = mfaScene()
    const secret = await enrolled()
    const other = await enrolled('customer-2')
    expect(other).not.toBe(secret)
    expect(await mfa.verify('customer-2', code(secret))).toEqual({ outcome: 'wrong' })
    const missing = refusal(privacy.tenant('customer-a').mfa.verify(subject, code(secret)))
    expect(await missing).toMatchObject({ code: 'record.missing' })
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
  })

  it('a success clears the counter', async () => {
    const { mfa, code, enrolled, wrong, attempts } = mfaScene()
    const secret = await enrolled()
    for (let i = 0; i < 4; i++) await mfa.verify(subject, wrong(secret, i))
    expect(attempts()).toMatchObject({ failures: 4, lockedUntil: null })
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
    expect(attempts()).toMatchObject({ failures: 0, lockedUntil: null })
  })

  it('the fifth free attempt may be the right one', async () => {
    const { mfa, code, enrolled, wrong } = mfaScene()
    const secret = await enrolled()
    for (let i = 0; i < 4; i++) await mfa.verify(subject, wrong(secret, i))
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, wrong(secret))).toEqual({ outcome: 'wrong' })
  })

  it('after five failures the lock says until when, the right code included, and then lets one through', async () => {
    const { mfa, code, enrolled, wrong, environment } = mfaScene()
    const secret = await enrolled()
    for (let i = 0; i < 5; i++)
      expect(await mfa.verify(subject, wrong(secret, i))).toEqual({ outcome: 'wrong' })
    const locked = { outcome: 'locked', until: '2026-11-23T10:01:30.000Z' }
    expect(await mfa.verify(subject, wrong(secret))).toEqual(locked)
    expect(await mfa.verify(subject, code(secret))).toEqual(locked)
    environment.set('2026-11-23T10:01:29.999Z')
    expect(await mfa.verify(subject, code(secret))).toEqual(locked)
    environment.set('2026-11-23T10:01:30.000Z')
    expect(await mfa.verify(subject, wrong(secret))).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, code(secret))).toEqual({
      outcome: 'locked',
      until: '2026-11-23T10:02:30.000Z',
    })
    environment.set('2026-11-23T10:02:30.000Z')
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, wrong(secret))).toEqual({ outcome: 'wrong' })
  })

  it('after fifty failures nothing but a reset helps', async () => {
    const { mfa, code, enrolled, wrong, environment, attempts } = mfaScene()
    const secret = await enrolled()
    for (let i = 0; i < 50; i++) {
      expect(await mfa.verify(subject, wrong(secret, i))).toEqual({ outcome: 'wrong' })
      environment.advance(3_600_000)
    }
    environment.advance(365 * 86_400_000)
    expect(await mfa.verify(subject, code(secret))).toEqual({ outcome: 'locked', until: null })
    expect(attempts()).toMatchObject({ failures: 50 })
  })
})

describe('what is refused', () => {
  it('verifying without a factor, or with one that is not confirmed', async () => {
    const { mfa, attempts } = mfaScene()
    const missing = { name: 'NotFound', code: 'record.missing', record: 'totp' }
    expect(await refusal(mfa.verify(subject, '123456'))).toMatchObject(missing)
    expect(await refusal(mfa.confirm(subject, '123456'))).toMatchObject(missing)
    await mfa.enrol(subject, { label })
    expect(await refusal(mfa.verify(subject, '123456'))).toMatchObject(missing)
    expect(attempts()).toBeNull()
  })

  it('enrolling or confirming over a confirmed factor', async () => {
    const { mfa, enrolled, code, factor, attempts } = mfaScene()
    const secret = await enrolled()
    const before = [factor(), attempts()]
    const expected = { name: 'Conflict', code: 'conflict.state', record: 'totp' }
    expect(await refusal(mfa.enrol(subject, { label }))).toMatchObject(expected)
    expect(await refusal(mfa.confirm(subject, code(secret)))).toMatchObject(expected)
    expect([factor(), attempts()]).toEqual(before)
  })

  it('a factor that the policy does not offer', async () => {
    const policy = parsePolicy({ ...offering, mfa: { ...offering.mfa, factors: [] } })
    const { mfa } = mfaScene({ policy })
    expect(await refusal(mfa.enrol(subject, { label }))).toMatchObject({ code: 'input.not-in-policy' })
  })

  const malformed: readonly [string, unknown, unknown, string][] = [
    ['an empty subject', '', { label }, 'subject'],
    ['a subject that is an operator object', { $ne: null }, { label }, 'subject'],
    ['a subject with a control character', 'a\nb', { label }, 'subject'],
    ['no label', subject, {}, 'label'],
    ['no options', subject, undefined, 'label'],
    ['a label with a colon', subject, { label: 'Bank:someone' }, 'label'],
  ]
  it.each(malformed)('%s: refused as a rejection, and nothing is kept', async (_, who, options, path) => {
    const { mfa, backing } = mfaScene()
    const error = await refusal(mfa.enrol(who as string, options as { label: string }))
    expect(error).toMatchObject({ name: 'InvalidInput', code: 'input.invalid', path })
    expect([...(backing.records.get('factors')?.rows.keys() ?? [])]).toEqual([])
    expect([...(backing.records.get('pending')?.rows.keys() ?? [])]).toEqual([])
  })

  it.each([
    '',
    '12345',
    '1234567',
    'abcdef',
    '１２３４５６',
    '123456\n',
    123456,
    null,
    undefined,
    ['123456'],
    { $gt: '' },
  ])('a malformed code (%j) is refused before anything is counted', async (given) => {
    const { mfa, enrolled, attempts, backing } = mfaScene()
    await enrolled()
    const before = [attempts(), backing.version]
    for (const call of [mfa.verify, mfa.confirm]) {
      const error = await refusal(call(subject, given as string))
      expect(error).toMatchObject({
        name: 'InvalidInput',
        code: 'input.invalid',
        path: typeof given === 'object' && given !== null ? 'answer' : 'code',
      })
    }
    expect([attempts(), backing.version]).toEqual(before)
  })
})

describe('records that are not what they should be', () => {
  const sound = { lockedUntil: null, generation: 1, latest: '2026-11-23T10:00:00.000Z', sends: null }
  const counters: readonly unknown[] = [
    null,
    'x',
    {},
    { ...sound, failures: '5' },
    { ...sound, failures: -1_000 },
    { ...sound, failures: 5, lockedUntil: 'never' },
    { ...sound, failures: 0, generation: null },
    { ...sound, failures: 0, latest: 'tomorrow' },
  ]
  it.each(counters.map((value) => [value]))(
    'a counter that is %j stops the line: no attempt is free',
    async (value) => {
      const { mfa, enrolled, code, backing } = mfaScene()
      const secret = await enrolled()
      tamper(backing, { collection: 'attempts', key: `pilvi/${subject}`, value })
      expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({
        name: 'IntegrityFailure',
        code: 'record.corrupt',
        record: 'attempts',
      })
    },
  )

  it.each([
    ['lastStep', '0'],
    ['lastStep', undefined],
    ['state', 'trusted'],
    ['secret', 'JBSWY3DPEHPK3PXP'],
    ['algorithm', 'md5'],
    ['period', 1],
    ['digits', 1],
  ])('a factor whose %s is %j stops the line', async (field, value) => {
    const { mfa, enrolled, code, backing, factor } = mfaScene()
    const secret = await enrolled()
    const changed = { ...factor(), [field]: value }
    tamper(backing, { collection: 'factors', key: `pilvi/${subject}/totp`, value: changed })
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({
      code: 'record.corrupt',
      record: 'totp',
    })
  })
})
