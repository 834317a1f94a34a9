/** Named attacks on second factors, each with what stops it. */

import { inspect } from 'node:util'
import { memoryBacking } from '@pilvi/privacy/memory'
import { describe, expect, it, vi } from 'vitest'
import { StoreFailure } from '../../src/errors.ts'
import { hex } from '../../src/keys/digest.ts'
import { refusal, tamper } from '../keys/scene.ts'
import { authenticator } from './authenticator.ts'
import { counted, processes, racing, tokenOf } from './racing.ts'
import { label, mfaScene, type Scene, subject } from './scene.ts'

describe('replay', () => {
  it('a code is accepted once, and never again while it is in the window', async () => {
    const { mfa, enrolled, code, environment } = mfaScene()
    const secret = await enrolled()
    const right = code(secret)
    expect(await mfa.verify(subject, right)).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'replayed' })
    environment.advance(30_000)
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'replayed' })
    environment.advance(30_000)
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'wrong' })
  })

  it('an older code that was never used is not accepted after a newer one', async () => {
    const { mfa, enrolled, code } = mfaScene()
    const secret = await enrolled()
    expect(await mfa.verify(subject, code(secret, 1))).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, code(secret, 0))).toEqual({ outcome: 'replayed' })
  })

  it('the enrolment code is refused as a login', async () => {
    const { mfa, code } = mfaScene()
    const { secret } = await mfa.enrol(subject, { label })
    const first = code(secret)
    expect(await mfa.confirm(subject, first)).toMatchObject({ outcome: 'accepted' })
    expect(await mfa.verify(subject, first)).toEqual({ outcome: 'replayed' })
  })

  it('a replay is counted like a failure', async () => {
    const { mfa, enrolled, code } = mfaScene()
    const secret = await enrolled()
    await mfa.verify(subject, code(secret))
    for (let i = 0; i < 5; i++)
      expect(await mfa.verify(subject, code(secret))).toEqual({ outcome: 'replayed' })
    expect(await mfa.verify(subject, code(secret, 1))).toMatchObject({ outcome: 'locked' })
  })
})

describe('parallel replay', () => {
  it('100 parallel uses of one code in 4 processes: exactly one is accepted, 20 rounds', async () => {
    for (let round = 0; round < 20; round++) {
      const scenes = processes(4, round)
      const [first] = scenes as [Scene]
      const secret = await first.enrolled()
      const right = first.code(secret)
      for (const { environment } of scenes) environment.set(first.environment.now())
      const uses = Array.from({ length: 100 }, (_, i) => (scenes[i % 4] as Scene).mfa.verify(subject, right))
      const { accepted, replayed = 0, locked = 0, ...others } = await counted(uses)
      expect(accepted).toBe(1)
      expect({ others, sum: replayed + locked }).toEqual({ others: {}, sum: 99 })
    }
  })

  it('20 parallel uses of the enrolment code: exactly one confirms', async () => {
    const scenes = processes(4)
    const [first] = scenes as [Scene]
    const { secret } = await first.mfa.enrol(subject, { label })
    const right = first.code(secret)
    const uses = Array.from({ length: 20 }, (_, i) => (scenes[i % 4] as Scene).mfa.confirm(subject, right))
    const { accepted, locked = 0, replayed = 0, 'conflict.state': late = 0, ...others } = await counted(uses)
    expect({ accepted, others, sum: locked + replayed + late }).toEqual({ accepted: 1, others: {}, sum: 19 })
  })
})

describe('parallel brute force', () => {
  it('of 200 parallel wrong guesses in 4 processes at most 5 are verified', async () => {
    const scenes = processes(4)
    const [first] = scenes as [Scene]
    const secret = await first.enrolled()
    for (const { environment } of scenes) environment.set(first.environment.now())
    const guesses = Array.from({ length: 200 }, (_, i) =>
      (scenes[i % 4] as Scene).mfa.verify(subject, first.wrong(secret, i)),
    )
    const { wrong = 0, locked = 0, ...others } = await counted(guesses)
    expect(wrong).toBeLessThanOrEqual(5)
    expect({ others, sum: wrong + locked }).toEqual({ others: {}, sum: 200 })
    expect(first.attempts()).toMatchObject({ failures: 5 })
    expect(await first.mfa.verify(subject, first.code(secret))).toMatchObject({ outcome: 'locked' })
  })

  it('200 parallel guesses of every kind over 50 challenges in 4 processes: at most 5 are verified', async () => {
    const scenes = processes(4, 'kinds')
    const [first] = scenes as [Scene]
    const secret = await first.enrolled()
    await first.recoverable(secret)
    for (const { environment } of scenes) environment.set(first.environment.now())
    const open: { readonly id: string }[] = []
    while (open.length < 50) open.push(await first.mfa.challenge(subject))
    expect(first.kept('challenges')).toHaveLength(50)
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    const guesses = Array.from({ length: 200 }, (_, i) => {
      const { mfa } = scenes[i % 4] as Scene
      const challenge = open[i % 50]?.id ?? ''
      switch (i % 3) {
        case 0:
          return mfa.verify(subject, { challenge, code: first.wrong(secret, i) })
        case 1:
          return mfa.verify(subject, { challenge, recoveryCode: `${i % 10}AAAABBBBCCCCDDDD` })
        default:
          return mfa.verify(subject, { challenge, contactCode: String(i).padStart(8, '0') })
      }
    })
    const { wrong = 0, locked = 0, ...others } = await counted(guesses)
    expect({ others, sum: wrong + locked }).toEqual({ others: {}, sum: 200 })
    expect(wrong).toBe(5)
    expect(derive.mock.calls.length).toBeLessThanOrEqual(5)
    derive.mockRestore()
  })

  it('an attempt is counted before it is verified, also where the store fails in between', async () => {
    const backing = memoryBacking()
    const secret = await mfaScene({ backing }).enrolled()
    const { mfa, code, environment, attempts } = mfaScene({
      backing,
      seed: 2,
      aroundStore: (store) => ({
        ...store,
        commit: async (changes) => {
          const accepting = changes.some((change) => 'put' in change && change.put.collection === 'factors')
          if (accepting) throw new StoreFailure('store.outcome-unknown', 'no acknowledgement')
          return store.commit(changes)
        },
      }),
    })
    environment.advance(60_000)
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'store.outcome-unknown' })
    expect(attempts()).toMatchObject({ failures: 1 })
  })

  it('guessing the enrolment code is throttled alike', async () => {
    const { mfa, wrong, code } = mfaScene()
    const { secret } = await mfa.enrol(subject, { label })
    for (let i = 0; i < 5; i++)
      expect(await mfa.confirm(subject, wrong(secret, i))).toEqual({ outcome: 'wrong' })
    expect(await mfa.confirm(subject, code(secret))).toMatchObject({ outcome: 'locked' })
  })

  it('the guesses at one person do not lock another out', async () => {
    const { mfa, enrolled, wrong, code } = mfaScene()
    const [secret, other] = [await enrolled(), await enrolled('customer-2')]
    for (let i = 0; i < 6; i++) await mfa.verify(subject, wrong(secret, i))
    expect(await mfa.verify('customer-2', code(other))).toMatchObject({ outcome: 'accepted' })
  })
})

describe('lock reset by re-challenge', () => {
  it('enrolling again keeps the count of failures', async () => {
    const { mfa, wrong, attempts, code } = mfaScene()
    const { secret } = await mfa.enrol(subject, { label })
    for (let i = 0; i < 5; i++) await mfa.confirm(subject, wrong(secret, i))
    const locked = attempts()
    const again = await mfa.enrol(subject, { label })
    expect(attempts()).toEqual(locked)
    expect(await mfa.confirm(subject, code(again.secret))).toMatchObject({ outcome: 'locked' })
  })

  it('another challenge, in whatever process and session, is under the one counter', async () => {
    const [one, other] = processes(2) as [Scene, Scene]
    const secret = await one.enrolled()
    other.environment.set(one.environment.now())
    for (let i = 0; i < 5; i++) {
      const { id: challenge } = await one.mfa.challenge(subject)
      const guess = { challenge, code: one.wrong(secret, i) }
      expect(await one.mfa.verify(subject, guess)).toEqual({ outcome: 'wrong' })
    }
    const { id: challenge } = await other.mfa.challenge(subject, { session: 's', send: 'sms' })
    const locked = { outcome: 'locked' }
    expect(await other.mfa.verify(subject, other.code(secret))).toMatchObject(locked)
    expect(
      await other.mfa.verify(subject, { challenge, session: 's', code: other.code(secret) }),
    ).toMatchObject(locked)
    expect(
      await other.mfa.verify(subject, { challenge, session: 's', contactCode: other.sent[0]?.code ?? '' }),
    ).toMatchObject(locked)
  })

  it('whoever reads the mailbox does not clear the count of guesses at the app', async () => {
    const { mfa, wrong, enrolled, sent, attempts } = mfaScene()
    const secret = await enrolled()
    for (let i = 0; i < 4; i++) {
      await mfa.verify(subject, wrong(secret, i))
      const { id: challenge } = await mfa.challenge(subject, { send: 'email' })
      const contactCode = sent.at(-1)?.code ?? ''
      const outcome = await mfa.verify(subject, { challenge, contactCode })
      expect(outcome).toMatchObject({ outcome: 'accepted', factor: 'contact-code' })
      expect(attempts()).toMatchObject({ failures: i + 1 })
    }
    await mfa.verify(subject, wrong(secret))
    expect(await mfa.verify(subject, wrong(secret))).toMatchObject({ outcome: 'locked' })
  })
})

describe('clock stepped back', () => {
  it('no code is accepted for a time that has been, and nothing is counted or looked at', async () => {
    const { mfa, enrolled, code, environment, attempts } = mfaScene()
    const secret = await enrolled()
    const codes = await mfa.recoveryCodes(subject, code(secret))
    const [recoveryCode = ''] = codes.outcome === 'accepted' ? codes.codes : []
    const device = tokenOf(await mfa.trust(subject, code(secret, 1)))
    const before = attempts()
    environment.advance(-600_000)
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    for (const answer of [code(secret), { recoveryCode }, { device }])
      expect(await mfa.verify(subject, answer)).toEqual({ outcome: 'clock' })
    expect(attempts()).toEqual(before)
    expect(derive).not.toHaveBeenCalled()
    derive.mockRestore()
  })

  it('by as much as two machines may differ, it is no outage', async () => {
    const { mfa, enrolled, code, wrong, environment } = mfaScene()
    const secret = await enrolled()
    expect(await mfa.verify(subject, wrong(secret))).toEqual({ outcome: 'wrong' })
    environment.advance(-20_000)
    expect(await mfa.verify(subject, code(secret))).toMatchObject({ outcome: 'accepted' })
  })

  it('a challenge that is over is not opened again by it, nor one of the time to come', async () => {
    const { mfa, enrolled, code, environment } = mfaScene()
    const secret = await enrolled()
    const { id } = await mfa.challenge(subject)
    environment.advance(-31_000)
    expect(await mfa.verify(subject, { code: code(secret), challenge: id })).toEqual({ outcome: 'wrong' })
    environment.advance(631_000)
    expect(await mfa.verify(subject, { code: code(secret), challenge: id })).toEqual({ outcome: 'wrong' })
  })
})

describe('a clock that was a year ahead', () => {
  const year = 365 * 86_400_000

  it('does not stop codes from being sent until then, and the five an hour count on', async () => {
    const { mfa, environment, sent, attempts } = mfaScene()
    const sane = environment.now()
    const asked = async () => (await mfa.challenge(subject, { send: 'email' })).contact
    environment.advance(year)
    for (let i = 0; i < 4; i++) expect(await asked()).toMatchObject({ outcome: 'sent' })
    environment.set(sane)
    expect(await asked()).toMatchObject({ outcome: 'sent' })
    expect(attempts()).toMatchObject({ sends: { count: 5, from: sane } })
    const until = '2026-11-23T11:00:00.000Z'
    expect(await asked()).toEqual({ outcome: 'locked', until })
    environment.set(until)
    expect(await asked()).toMatchObject({ outcome: 'sent' })
    expect(sent).toHaveLength(6)
  })

  it('where all five were sent, the hour begins once, not each time that a code is asked for', async () => {
    const { mfa, environment, sent } = mfaScene()
    const sane = environment.now()
    const asked = async () => (await mfa.challenge(subject, { send: 'email' })).contact
    environment.advance(year)
    for (let i = 0; i < 5; i++) await asked()
    environment.set(sane)
    const locked = { outcome: 'locked', until: '2026-11-23T11:00:00.000Z' }
    expect(await asked()).toEqual(locked)
    environment.advance(1_800_000)
    expect(await asked()).toEqual(locked)
    environment.advance(1_800_000)
    expect(await asked()).toMatchObject({ outcome: 'sent' })
    expect(sent).toHaveLength(6)
  })

  it('leaves no challenges that push out those of now', async () => {
    const { mfa, enrolled, environment, kept, code } = mfaScene()
    const secret = await enrolled()
    const sane = environment.now()
    environment.advance(year)
    for (let i = 0; i < 50; i++) await mfa.challenge(subject)
    environment.set(sane)
    const first = await mfa.challenge(subject)
    environment.advance(1_000)
    for (let i = 0; i < 49; i++) await mfa.challenge(subject)
    expect(kept('challenges')).toHaveLength(50)
    const answer = { challenge: first.id, code: code(secret) }
    expect(await mfa.verify(subject, answer)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('factor changed mid-challenge', () => {
  it('a code of the secret that was replaced between counting and verifying is wrong', async () => {
    const backing = memoryBacking()
    const other = mfaScene({ backing, seed: 2 })
    const replace = () => other.mfa.enrol(subject, { label })
    // One read when enrolling, one before counting; the third is the one that verifies.
    const { mfa, code } = mfaScene({ backing, aroundStore: racing('factors', 3, replace) })
    const { secret } = await mfa.enrol(subject, { label })
    expect(await mfa.confirm(subject, code(secret))).toEqual({ outcome: 'wrong' })
  })

  /** Every change of factors that there is. */
  const changes: readonly [string, (made: Scene, secret: string) => Promise<{ outcome: string }>][] = [
    ['recovery codes are made', ({ mfa, code }, secret) => mfa.recoveryCodes(subject, code(secret))],
    [
      'a token is confirmed',
      async ({ mfa, pressed }) => {
        const { secret } = await mfa.enrol(subject, { factor: 'hotp', label })
        return mfa.confirm(subject, { factor: 'hotp', code: pressed(secret, 0) })
      },
    ],
    [
      'a passkey is confirmed',
      async ({ mfa }) => {
        const { challenge, options } = await mfa.enrol(subject, { factor: 'passkey', label })
        return mfa.confirm(subject, { challenge, passkey: authenticator().create(options) })
      },
    ],
    [
      'a factor is removed',
      async ({ mfa, code, pressed }, secret) => {
        const token = await mfa.enrol(subject, { factor: 'hotp', label })
        await mfa.confirm(subject, { factor: 'hotp', code: pressed(token.secret, 0) })
        return mfa.remove(subject, { factor: 'hotp', answer: code(secret) })
      },
    ],
  ]
  it.each(changes)('where %s, no challenge of before takes an answer', async (_, change) => {
    const made = mfaScene()
    const { mfa, enrolled, code, kept, sent } = made
    const secret = await enrolled()
    const { id } = await mfa.challenge(subject, { send: 'email' })
    expect(await change(made, secret)).toMatchObject({ outcome: 'accepted' })
    expect(kept('challenges')).toEqual([])
    const [{ code: contactCode } = { code: '' }] = sent
    for (const answer of [
      { challenge: id, code: code(secret, 1) },
      { challenge: id, contactCode },
    ])
      expect(await mfa.verify(subject, answer)).toEqual({ outcome: 'wrong' })
    // The code itself was right, and is not used up.
    expect(await mfa.verify(subject, code(secret, 1))).toMatchObject({ outcome: 'accepted' })
  })

  // After it was reserved, and after the counter was read that the acceptance expects.
  it.each([
    ['attempts', 2],
    ['factors', 2],
  ] as const)(
    'where it changes before the %s are read the %dnd time, nothing is accepted',
    async (where, nth) => {
      const backing = memoryBacking()
      const other = mfaScene({ backing, seed: 2 })
      const secret = await other.enrolled()
      const { id: challenge } = await other.mfa.challenge(subject)
      const change = () => other.mfa.recoveryCodes(subject, other.code(secret, -1))
      const { mfa, code, environment } = mfaScene({ backing, aroundStore: racing(where, nth, change) })
      environment.set(other.environment.now())
      expect(await mfa.verify(subject, { challenge, code: code(secret) })).toEqual({ outcome: 'wrong' })
      expect(other.factor(subject, 'recovery-code')).not.toBeNull()
    },
  )
})

describe('session before the second factor', () => {
  const session = 'session-before-sign-in'

  it('an answer is taken in the session that the challenge was made for, which it names, and in no other', async () => {
    const { mfa, enrolled, code, dump } = mfaScene()
    const secret = await enrolled()
    const { id: challenge } = await mfa.challenge(subject, { session, action: 'sign-in', request: 'r-1' })
    for (const other of [{}, { session: 'session-of-the-attacker' }, { session: `${session} ` }])
      expect(await mfa.verify(subject, { challenge, code: code(secret), ...other })).toEqual({
        outcome: 'wrong',
      })
    const right = await mfa.verify(subject, { challenge, code: code(secret), session })
    const told = { id: challenge, session, action: 'sign-in', request: 'r-1' }
    expect(right).toMatchObject({ outcome: 'accepted', challenge: told })
    expect(dump()).not.toContain(session)
  })

  it('a challenge that was made for none takes no answer of one', async () => {
    const { mfa, enrolled, code } = mfaScene()
    const secret = await enrolled()
    const { id: challenge } = await mfa.challenge(subject)
    expect(await mfa.verify(subject, { challenge, code: code(secret), session })).toEqual({
      outcome: 'wrong',
    })
  })

  it('nobody answers another person’s challenge, or one of another tenant', async () => {
    const { mfa, enrolled, code, privacy } = mfaScene()
    const secret = await enrolled()
    await enrolled('attacker')
    const theirs = await mfa.challenge('attacker')
    const elsewhere = await privacy.tenant('customer-a').mfa.challenge(subject)
    for (const { id: challenge } of [theirs, elsewhere])
      expect(await mfa.verify(subject, { challenge, code: code(secret) })).toEqual({ outcome: 'wrong' })
  })

  it('a passkey that was begun in one session is not confirmed in another, nor used to sign in', async () => {
    const { mfa, list } = { ...mfaScene(), list: [] as unknown[] }
    const { challenge, options } = await mfa.enrol(subject, { factor: 'passkey', label, session })
    const passkey = authenticator().create(options)
    expect(await mfa.confirm(subject, { challenge, passkey })).toEqual({ outcome: 'wrong' })
    expect(await mfa.verify(subject, { challenge, passkey, session })).toEqual({ outcome: 'wrong' })
    for await (const each of mfa.list(subject)) list.push(each)
    expect(list).toEqual([])
    expect(await mfa.confirm(subject, { challenge, passkey, session })).toMatchObject({ outcome: 'accepted' })
  })
})

describe('stolen or planted factor', () => {
  it('a record moved to another person does not open there', async () => {
    const { mfa, enrolled, code, backing, factor } = mfaScene()
    const mine = await enrolled('attacker')
    await enrolled('victim')
    tamper(backing, { collection: 'factors', key: 'pilvi/victim/totp', value: factor('attacker') })
    const refused = await refusal(mfa.verify('victim', code(mine)))
    expect(refused).toMatchObject({ name: 'IntegrityFailure', code: 'seal.rejected' })
  })

  it('a record moved to another tenant does not open there', async () => {
    const { enrolled, code, backing, factor, privacy } = mfaScene()
    const mine = await enrolled()
    const other = privacy.tenant('customer-a')
    const { secret } = await other.mfa.enrol(subject, { label })
    await other.mfa.confirm(subject, code(secret))
    tamper(backing, { collection: 'factors', key: `customer-a/${subject}/totp`, value: factor() })
    expect(await refusal(other.mfa.verify(subject, code(mine)))).toMatchObject({ code: 'seal.rejected' })
  })
})

describe('recovery-code timing', () => {
  it('unknown, used, wrong and right: one derivation each, and of those that are no, the same reads and writes', async () => {
    const counts = { get: 0, scan: 0, commit: 0 }
    const { mfa, enrolled, recoverable, environment } = mfaScene({
      aroundStore: (store) => ({
        ...store,
        get: (...of) => [store.get(...of), counts.get++][0] as ReturnType<typeof store.get>,
        scan: (...of) => [store.scan(...of), counts.scan++][0] as ReturnType<typeof store.scan>,
        commit: (...of) => [store.commit(...of), counts.commit++][0] as ReturnType<typeof store.commit>,
      }),
    })
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    const measured = async (who: string, recoveryCode: string) => {
      Object.assign(counts, { get: 0, scan: 0, commit: 0 })
      derive.mockClear()
      const { outcome } = await mfa.verify(who, { recoveryCode })
      const iterations = derive.mock.calls.map(([way]) => (way as Pbkdf2Params).iterations)
      const lengths = derive.mock.calls.map(([way]) => ((way as Pbkdf2Params).salt as Uint8Array).length)
      return { outcome, iterations, lengths, ...counts }
    }
    const secret = await enrolled()
    await enrolled('without-codes')
    const [first = '', second = ''] = await recoverable(secret)
    expect((await measured(subject, first)).outcome).toBe('accepted')
    environment.advance(60_000)
    const used = await measured(subject, first)
    expect(used).toMatchObject({ outcome: 'wrong', iterations: [100_000], lengths: [16] })
    const another = `${second.slice(0, -1)}${second.endsWith('0') ? '1' : '0'}`
    expect(await measured(subject, another)).toEqual(used)
    expect(await measured(subject, `${first.charAt(0)}${second.slice(1)}`)).toEqual(used)
    expect(await measured('without-codes', second)).toEqual(used)
    const right = await measured(subject, second)
    expect(right).toMatchObject({ outcome: 'accepted', iterations: [100_000], lengths: [16] })
    derive.mockRestore()
  })
})

describe('trusted-device forgery', () => {
  /** A person with a trusted browser. */
  async function trusted() {
    const made = mfaScene()
    const secret = await made.enrolled()
    const token = tokenOf(await made.mfa.trust(subject, made.code(secret)))
    const show = (device: string, who = subject) => made.mfa.verify(who, { device })
    return { ...made, secret, token, show }
  }

  it('a token of one person is worth nothing to another, nor in another tenant', async () => {
    const { enrolled, show, token, privacy } = await trusted()
    await enrolled('attacker')
    expect(await show(token, 'attacker')).toEqual({ outcome: 'wrong' })
    const elsewhere = privacy.tenant('customer-a').mfa.verify(subject, { device: token })
    expect(await elsewhere).toEqual({ outcome: 'wrong' })
    expect(await show(token)).toMatchObject({ outcome: 'accepted', factor: 'trusted-device', amr: [] })
  })

  it('a made-up token of a device that is there is not taken, and the device is trusted no more', async () => {
    const { show, token, kept } = await trusted()
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    expect(await show(forged)).toEqual({ outcome: 'wrong' })
    expect(await show(token)).toEqual({ outcome: 'wrong' })
    expect(kept('factors').some((key) => key.includes('trusted-device'))).toBe(false)
  })

  it('a copied token is found out, whoever of thief and owner was first', async () => {
    const { show, token, environment, privacy } = await trusted()
    const first = tokenOf(await show(token))
    const second = tokenOf(await show(first))
    expect(second).not.toBe(token)
    environment.advance(11_000)
    // Whoever comes second brings a token that was rotated away; then nobody's is taken.
    expect(await show(token)).toEqual({ outcome: 'wrong' })
    expect(await show(second)).toEqual({ outcome: 'wrong' })
    await privacy.ledger.sequence()
    const actions: string[] = []
    for await (const { action } of privacy.ledger.list()) actions.push(action)
    expect(actions).toContain('mfa.device-revoked')
  })

  it('two tabs that bring one token at once: one wins, the other is told so, and nothing is revoked', async () => {
    const { show, token, environment } = await trusted()
    const calls = await Promise.all([show(token), show(token)])
    expect(calls.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'replayed'])
    const next = calls.map(tokenOf).find((each) => each !== '') ?? ''
    environment.advance(9_000)
    expect(await show(token)).toEqual({ outcome: 'replayed' })
    expect(await show(next)).toMatchObject({ outcome: 'accepted' })
  })

  it('lock-out by a trusted browser: ten races of two tabs over ten days leave no lock', async () => {
    const { show, token, environment, attempts } = await trusted()
    let next = token
    for (let day = 0; day < 10; day++) {
      environment.advance(86_400_000)
      const calls = await Promise.all([show(next), show(next)])
      expect(calls.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'replayed'])
      next = calls.map(tokenOf).find((each) => each !== '') ?? ''
      expect(attempts()).toMatchObject({ failures: 0, lockedUntil: null })
    }
  })

  it('lock-out by a trusted browser: after five wrong guesses its use prolongs no lock, and clears no count', async () => {
    const { mfa, secret, show, token, environment, attempts, wrong } = await trusted()
    for (let i = 0; i < 5; i++) await mfa.verify(subject, wrong(secret, i))
    expect(await show(token)).toMatchObject({ outcome: 'locked' })
    environment.advance(30_000)
    const { failures, lockedUntil } = attempts() ?? {}
    const next = tokenOf(await show(token))
    expect(await show(token)).toEqual({ outcome: 'replayed' })
    expect(await show(next)).toMatchObject({ outcome: 'accepted' })
    expect(attempts()).toMatchObject({ failures, lockedUntil })
    expect(await mfa.verify(subject, wrong(secret))).toEqual({ outcome: 'wrong' })
    expect(attempts()).toMatchObject({ failures: 6 })
  })

  it('a copied or made-up token is counted: only a race gives its attempt back', async () => {
    const { show, token, environment, attempts } = await trusted()
    await show(token)
    environment.advance(11_000)
    expect(await show(token)).toEqual({ outcome: 'wrong' })
    expect(attempts()).toMatchObject({ failures: 1 })
  })

  it('it is over after thirty days, however often it was used', async () => {
    const { show, token, environment } = await trusted()
    let next = token
    for (let day = 0; day < 29; day++) {
      environment.advance(86_400_000)
      next = tokenOf(await show(next))
    }
    expect(next).not.toBe('')
    environment.advance(86_400_000)
    expect(await show(next)).toEqual({ outcome: 'wrong' })
  })

  it('it changes no factor, confirms no request and trusts no other device', async () => {
    const { mfa, token, privacy, sent } = await trusted()
    const { id: challenge } = await mfa.challenge(subject, { send: 'email' })
    const weak = [{ device: token }, { challenge, contactCode: sent[0]?.code ?? '' }]
    for (const answer of weak as never[]) {
      for (const call of [
        mfa.trust(subject, answer),
        mfa.recoveryCodes(subject, answer),
        mfa.remove(subject, { factor: 'totp', answer }),
      ])
        expect(await refusal(call)).toMatchObject({ code: 'input.invalid', path: 'answer' })
      expect(await refusal(mfa.confirm(subject, answer))).toMatchObject({ code: 'input.invalid' })
      const { id } = await privacy.requests.open({ subject, kind: 'export', receivedBy: 'console' })
      const proof = { by: 'step-up', proof: answer } as const
      expect(await refusal(privacy.requests.confirm(id, proof))).toMatchObject({ code: 'input.invalid' })
    }
  })
})

describe('label injection', () => {
  it.each(['Bank:someone', 'a\nb', 'oc.elpmaxe\u202e', ''])(
    '%j names no factor, whatever its kind',
    async (name) => {
      const { mfa, kept } = mfaScene()
      for (const factor of ['totp', 'hotp', 'passkey'] as const)
        expect(await refusal(mfa.enrol(subject, { factor: factor as 'totp', label: name }))).toMatchObject({
          code: 'input.invalid',
          path: 'label',
        })
      expect([...kept('factors'), ...kept('challenges')]).toEqual([])
    },
  )
})

describe('secret in a log or an error, the ledger or the store', () => {
  /** A text in every spelling that a log could have it in. */
  const spellings = (secret: string): string[] => [secret, secret.toLowerCase(), secret.replaceAll('-', '')]

  it('of an app: it is told once, to whom it belongs, and stands nowhere in any spelling', async () => {
    const { mfa, dump, code, wrong, privacy, environment } = mfaScene()
    const { secret, uri, svg } = await mfa.enrol(subject, { label })
    const told: unknown[] = [
      await mfa.confirm(subject, wrong(secret)),
      await mfa.confirm(subject, code(secret)),
      await refusal(mfa.enrol(subject, { label })),
      await refusal(mfa.verify(subject, 'x')),
    ]
    environment.advance(60_000)
    told.push(await mfa.verify(subject, code(secret)))
    await privacy.ledger.sequence()
    const bytes = Buffer.from(decoded(secret))
    const text = JSON.stringify(told) + told.map(String).join() + dump()
    expect(text).toContain('mfa')
    for (const spelt of [
      ...spellings(secret),
      hex(bytes),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ])
      expect(text).not.toContain(spelt)
    for (const other of [uri, label, svg]) expect(text).not.toContain(other)
  })

  function decoded(base32: string): number[] {
    const bits = [...base32].map((c) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
    )
    return (bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  }

  it('recovery codes, codes that are sent, tokens of devices, sessions and addresses stand nowhere', async () => {
    const address = 'person-77@example.com'
    let fails = false
    const made = mfaScene({
      onSend: async (message) => {
        if (fails) throw new Error(`550 no mailbox ${address} for ${JSON.stringify(message)}`)
      },
    })
    const { mfa, enrolled, code, recoverable, sent, environment, dump, privacy } = made
    const secret = await enrolled()
    const codes = await recoverable(secret)
    const session = 'session-before-sign-in'
    const { id: challenge } = await mfa.challenge(subject, { session, send: 'email', action: 'sign-in' })
    const token = tokenOf(await mfa.trust(subject, code(secret)))
    const used = codes[3] ?? ''
    fails = true
    const errors = [
      await refusal(mfa.challenge(subject, { session, send: 'sms' })),
      await refusal(mfa.verify(subject, { recoveryCode: `${used}!` })),
      await refusal(mfa.verify(subject, { device: `${token}!` })),
      await refusal(mfa.verify(subject, { challenge, contactCode: `${sent[0]?.code}0` })),
      await refusal(mfa.verify(subject, { challenge, passkey: token, session: '' })),
    ]
    environment.advance(60_000)
    await mfa.verify(subject, { recoveryCode: used })
    await mfa.verify(subject, { device: token })
    await privacy.ledger.sequence()
    const text = dump() + errors.map((each) => `${each} ${JSON.stringify(each)} ${inspect(each)}`).join()
    expect(text).toContain('mfa.code-sent')
    const secrets = [
      ...codes.flatMap(spellings),
      token,
      token.slice(27),
      sent[0]?.code ?? '',
      session,
      address,
    ]
    for (const each of secrets) expect(text).not.toContain(each)
    expect(errors[0]).toMatchObject({ name: 'StoreFailure', code: 'sender.failed', retryable: true })
  })

  it('a code that was tried stands nowhere either', async () => {
    const { mfa, enrolled, wrong, dump } = mfaScene()
    const guess = wrong(await enrolled(), 918_273)
    await mfa.verify(subject, guess)
    expect(dump()).not.toContain(guess)
  })
})
