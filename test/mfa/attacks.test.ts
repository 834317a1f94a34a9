/** Named attacks on second factors, each with what stops it. */

import type { Store } from '@pilvi/privacy'
import { memoryBacking } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { StoreFailure } from '../../src/errors.ts'
import { hex } from '../../src/keys/digest.ts'
import type { Outcome } from '../../src/mfa/model.ts'
import { refusal, tamper } from '../keys/scene.ts'
import { label, mfaScene, subject } from './scene.ts'

type Scene = ReturnType<typeof mfaScene>

/** So many processes on one store. */
const processes = (count: number, round: number | string = 0): Scene[] => {
  const backing = memoryBacking()
  return Array.from({ length: count }, (_, i) => mfaScene({ backing, seed: `${i} ${round}` }))
}

/** How many of each outcome there were; errors by their code. */
async function counted(calls: readonly Promise<Outcome>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const settled = await Promise.allSettled(calls)
  for (const each of settled) {
    const name = each.status === 'fulfilled' ? each.value.outcome : (each.reason as { code: string }).code
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** A store that does something once, just before it reads that collection for the `nth` time. */
const before =
  (collection: string, nth: number, act: () => Promise<unknown>) =>
  (store: Store): Store => {
    let reads = 0
    return {
      ...store,
      get: async (...asked) => {
        if (asked[0] === collection && ++reads === nth) await act()
        return store.get(...asked)
      },
    }
  }

describe('replay', () => {
  it('a code is accepted once, and never again while it is in the window', async () => {
    const { mfa, enrolled, code, environment } = mfaScene()
    const secret = await enrolled()
    const right = code(secret)
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'accepted' })
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'replayed' })
    environment.advance(30_000)
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'replayed' })
    environment.advance(30_000)
    expect(await mfa.verify(subject, right)).toEqual({ outcome: 'wrong' })
  })

  it('an older code that was never used is not accepted after a newer one', async () => {
    const { mfa, enrolled, code } = mfaScene()
    const secret = await enrolled()
    expect(await mfa.verify(subject, code(secret, 1))).toEqual({ outcome: 'accepted' })
    expect(await mfa.verify(subject, code(secret, 0))).toEqual({ outcome: 'replayed' })
  })

  it('the enrolment code is refused as a login', async () => {
    const { mfa, code } = mfaScene()
    const { secret } = await mfa.enrol(subject, { label })
    const first = code(secret)
    expect(await mfa.confirm(subject, first)).toEqual({ outcome: 'accepted' })
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
    const { accepted, locked = 0, 'conflict.state': late = 0, ...others } = await counted(uses)
    expect({ accepted, others, sum: locked + late }).toEqual({ accepted: 1, others: {}, sum: 19 })
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
    expect(await mfa.verify('customer-2', code(other))).toEqual({ outcome: 'accepted' })
  })
})

describe('lock reset', () => {
  it('by enrolling again: the count of failures stays', async () => {
    const { mfa, wrong, attempts, code } = mfaScene()
    const { secret } = await mfa.enrol(subject, { label })
    for (let i = 0; i < 5; i++) await mfa.confirm(subject, wrong(secret, i))
    const locked = attempts()
    const again = await mfa.enrol(subject, { label })
    expect(attempts()).toEqual(locked)
    expect(await mfa.confirm(subject, code(again.secret))).toMatchObject({ outcome: 'locked' })
  })

  it('by another challenge in another process: it is one counter', async () => {
    const [one, other] = processes(2) as [Scene, Scene]
    const secret = await one.enrolled()
    other.environment.set(one.environment.now())
    for (let i = 0; i < 5; i++) await one.mfa.verify(subject, one.wrong(secret, i))
    expect(await other.mfa.verify(subject, other.code(secret))).toMatchObject({ outcome: 'locked' })
  })
})

describe('clock stepped back', () => {
  it('no code is accepted for a time that has been', async () => {
    const { mfa, enrolled, code, environment } = mfaScene()
    const secret = await enrolled()
    expect(await mfa.verify(subject, code(secret))).toEqual({ outcome: 'accepted' })
    environment.advance(-600_000)
    expect(await mfa.verify(subject, code(secret))).toEqual({ outcome: 'replayed' })
  })
})

describe('factor changed mid-challenge', () => {
  it('a code of the secret that was replaced between counting and verifying is wrong', async () => {
    const backing = memoryBacking()
    const other = mfaScene({ backing, seed: 2 })
    const replace = () => other.mfa.enrol(subject, { label })
    // One read when enrolling, one before counting; the third is the one that verifies.
    const { mfa, code } = mfaScene({ backing, aroundStore: before('factors', 3, replace) })
    const { secret } = await mfa.enrol(subject, { label })
    expect(await mfa.confirm(subject, code(secret))).toEqual({ outcome: 'wrong' })
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

describe('secret in a log, an error, the ledger or the store', () => {
  it('it is told once, to whom it belongs, and stands nowhere in any spelling', async () => {
    const { mfa, backing, code, wrong, privacy, environment } = mfaScene()
    const { secret, uri } = await mfa.enrol(subject, { label })
    const told: unknown[] = [
      await mfa.confirm(subject, wrong(secret)),
      await mfa.confirm(subject, code(secret)),
      await refusal(mfa.enrol(subject, { label })),
      await refusal(mfa.verify(subject, 'x')),
    ]
    environment.advance(60_000)
    told.push(await mfa.verify(subject, code(secret)))
    await privacy.ledger.sequence()
    const records = [...backing.records.values()].map(({ rows }) => [...rows])
    const streams = [...backing.streams.values()].map((each) =>
      [...each].map(([key, { entries }]) => [key, entries]),
    )
    const bytes = Buffer.from(decoded(secret))
    const text = JSON.stringify([told, records, streams]) + told.map(String).join()
    expect(text).toContain('mfa')
    for (const spelt of [
      secret,
      secret.toLowerCase(),
      hex(bytes),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ])
      expect(text).not.toContain(spelt)
    for (const other of [uri, label]) expect(text).not.toContain(other)
  })

  function decoded(base32: string): number[] {
    const bits = [...base32].map((c) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
    )
    return (bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  }

  it('a code that was tried stands nowhere either', async () => {
    const { mfa, enrolled, wrong, backing } = mfaScene()
    const guess = wrong(await enrolled(), 918_273)
    await mfa.verify(subject, guess)
    const records = [...backing.records.values()].map(({ rows }) => [...rows])
    expect(JSON.stringify(records)).not.toContain(guess)
  })
})

describe('an erased person', () => {
  /** Erases a person as a request does. */
  async function erase({ privacy }: Pick<Scene, 'privacy'>): Promise<void> {
    const { requests } = privacy
    const { id } = await requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await requests.plan(id)
    await requests.fulfil(id, { plan: digest })
  }

  it('cannot enrol, and has no factor left', async () => {
    const { mfa, enrolled, code, wrong, privacy, factor, attempts } = mfaScene()
    const secret = await enrolled()
    await mfa.verify(subject, wrong(secret))
    await erase({ privacy })
    expect([factor(), attempts()]).toEqual([null, null])
    expect(await refusal(mfa.enrol(subject, { label }))).toMatchObject({ code: 'conflict.erased' })
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'record.missing' })
  })

  it('an attempt that runs while its person is erased leaves nothing of them', async () => {
    const backing = memoryBacking()
    const other = mfaScene({ backing, seed: 2 })
    const secret = await other.enrolled()
    const { mfa, code, environment, attempts } = mfaScene({
      backing,
      aroundStore: before('attempts', 1, () => erase(other)),
    })
    environment.set(other.environment.now())
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'conflict.erased' })
    expect(attempts()).toBeNull()
  })

  it('a factor whose key was destroyed verifies nothing', async () => {
    const { mfa, enrolled, code, backing } = mfaScene()
    const secret = await enrolled()
    for (const [key, { json }] of backing.records.get('keys')?.rows ?? []) {
      const { material: _, ...record } = JSON.parse(json)
      const value = { ...record, state: 'destroyed' }
      if (key.startsWith('pilvi/data/') && !key.includes('#')) tamper(backing, { key, value })
    }
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'conflict.erased' })
  })
})
