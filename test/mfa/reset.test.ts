/** Administrative resets: two operators, a notice and a wait, and what is gone after. */

import { createPrivacy, localKeys } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { createMfaSource } from '../../src/mfa/source.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import type { Row } from '../../src/source.ts'
import { kek, refusal, tamper } from '../keys/scene.ts'
import { authenticator } from './authenticator.ts'
import { demanding, label, mfaScene, offering, subject } from './scene.ts'

const asked = { subject, operator: 'agent-7', because: 'lost' } as const
const by = { operator: 'agent-8' }
const day = 86_400_000
const state = { name: 'Conflict', code: 'conflict.state' }

/** A person with one of everything, and a reset that is open. */
async function opened(options: Parameters<typeof mfaScene>[0] = {}) {
  const made = mfaScene(options)
  const { mfa, enrolled, counting, keyed, recoverable, code } = made
  const secret = await enrolled()
  await counting()
  await keyed(authenticator())
  await recoverable(secret)
  await mfa.trust(subject, code(secret))
  const { id: challenge } = await mfa.challenge(subject, { action: 'payout' })
  made.environment.advance(30_000)
  await mfa.verify(subject, { challenge, code: code(secret) })
  await mfa.challenge(subject)
  const reset = await mfa.reset.open(asked)
  const acts = async (): Promise<unknown[]> => {
    await made.privacy.ledger.sequence()
    const found: unknown[] = []
    for await (const { action, actor, details } of made.privacy.ledger.list())
      if (action.startsWith('mfa.reset')) found.push({ action, actor: actor.role, ...details })
    return found
  }
  return { ...made, secret, reset, acts }
}

describe('an administrative reset', () => {
  it('is told to the person, waits a day, and takes every factor; it gives nothing', async () => {
    const { mfa, reset, notices, environment, kept, attempts, acts, secret, code } = await opened()
    const openedAt = environment.now()
    const notBefore = new Date(Date.parse(openedAt) + day).toISOString()
    const expiresAt = new Date(Date.parse(openedAt) + 8 * day).toISOString()
    const record = { ...asked, id: reset.id, state: 'opened', openedAt, notBefore, expiresAt, ended: null }
    expect(reset).toEqual(record)
    expect(await mfa.reset.find(reset.id)).toEqual(record)
    const notice = { kind: 'notice', tenant: 'pilvi', subject, reset: reset.id, because: 'lost', notBefore }
    expect(notices).toEqual([{ ...notice, what: 'reset-opened', at: openedAt }])
    expect([kept('factors').length, kept('challenges').length, kept('proofs').length]).toEqual([5, 1, 1])
    const generation = attempts()?.generation ?? 0
    environment.advance(day)
    const at = environment.now()
    const done = { ...record, state: 'done', ended: { at, operator: 'agent-8' } }
    expect(await mfa.reset.complete(reset.id, by)).toEqual(done)
    expect(notices[1]).toEqual({ ...notice, what: 'reset-due', at })
    expect([kept('factors'), kept('challenges'), kept('proofs')]).toEqual([[], [], []])
    expect(attempts()).toMatchObject({ generation: generation + 1, failures: 0, lockedUntil: null })
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'record.missing' })
    expect(await acts()).toEqual([
      { action: 'mfa.reset-opened', actor: 'operator', reset: reset.id, because: 'lost' },
      { action: 'mfa.reset-done', actor: 'operator', reset: reset.id, because: 'lost' },
    ])
    await mfa.enrol(subject, { label })
  })

  it('waits for as long as the policy says', async () => {
    const policy = { ...offering, mfa: { ...offering.mfa, reset: { hours: 72 } } }
    const { reset } = await opened({ policy })
    expect(Date.parse(reset.notBefore) - Date.parse(reset.openedAt)).toBe(3 * day)
    const { reset: _, ...unsaid } = offering.mfa
    const { reset: usual } = await opened({ policy: { ...offering, mfa: unsaid } })
    expect(Date.parse(usual.notBefore) - Date.parse(usual.openedAt)).toBe(day)
  })

  it('of one person there is one open at a time, however often and by whom it is asked for', async () => {
    const { mfa, reset, notices, kept } = await opened()
    const other = { ...asked, operator: 'agent-9', because: 'stolen' } as const
    expect(await mfa.reset.open(other)).toEqual(reset)
    expect(notices).toHaveLength(1)
    await mfa.reset.cancel(reset.id, { operator: 'agent-7' })
    const many = await Promise.all(Array.from({ length: 10 }, () => mfa.reset.open(other)))
    expect(new Set(many.map(({ id }) => id)).size).toBe(1)
    expect(many[0]?.id).not.toBe(reset.id)
    expect(kept('resets')).toHaveLength(2)
  })

  it('that was done, is done: the same call tells nobody and changes nothing', async () => {
    const { mfa, reset, environment, notices, backing } = await opened()
    environment.advance(day)
    const done = await mfa.reset.complete(reset.id, by)
    const before = backing.version
    expect(await mfa.reset.complete(reset.id, by)).toEqual(done)
    expect([notices.length, backing.version]).toEqual([2, before])
    expect(await refusal(mfa.reset.cancel(reset.id, by))).toMatchObject(state)
  })

  it('at the same moment it is done once', async () => {
    const { mfa, reset, environment, acts } = await opened()
    environment.advance(day)
    const all = await Promise.all(Array.from({ length: 10 }, () => mfa.reset.complete(reset.id, by)))
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['done']))
    expect(await acts()).toHaveLength(2)
  })

  it('helps where a factor cannot be read any more', async () => {
    const { mfa, reset, environment, backing, kept } = await opened()
    tamper(backing, { collection: 'factors', key: `pilvi/${subject}/totp`, value: { factor: 'totp' } })
    environment.advance(day)
    expect(await mfa.reset.complete(reset.id, by)).toMatchObject({ state: 'done' })
    expect(kept('factors')).toEqual([])
  })

  it('opens the way to one’s rights for who lost every factor', async () => {
    const { mfa, reset, environment, privacy } = await opened({
      policy: { ...offering, mfa: { ...demanding.mfa, stepUp: ['erasure'] } },
    })
    const { requests } = privacy
    const { id } = await requests.open({ subject, kind: 'erasure', receivedBy: 'letter' })
    const confirm = () =>
      requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'identity-document' })
    expect(await refusal(confirm())).toMatchObject({ code: 'proof.missing' })
    environment.advance(day)
    await mfa.reset.complete(reset.id, by)
    expect(await confirm()).toMatchObject({ state: 'confirmed' })
  })

  it.each([
    [{ ...asked, because: 'asked nicely' }, 'reset.because'],
    [{ ...asked, operator: '' }, 'reset.operator'],
    [{ ...asked, subject: 7 }, 'reset.subject'],
    [{ ...asked, notBefore: '2020-01-01T00:00:00.000Z' }, 'reset'],
  ])('what is no reset is not opened: %j', async (wrong, path) => {
    const { mfa, notices } = mfaScene()
    expect(await refusal(mfa.reset.open(wrong as never))).toMatchObject({ code: 'input.invalid', path })
    expect(notices).toEqual([])
  })

  it('that is not there can be neither done nor cancelled', async () => {
    const { mfa, reset, privacy } = await opened()
    const elsewhere = privacy.tenant('customer-a').mfa.reset
    for (const call of [
      mfa.reset.complete('another', by),
      mfa.reset.cancel('another', by),
      elsewhere.complete(reset.id, by),
    ])
      expect(await refusal(call)).toMatchObject({ code: 'record.missing', path: 'id' })
    expect(await elsewhere.find(reset.id)).toBeNull()
    expect(await refusal(mfa.reset.find(''))).toMatchObject({ code: 'input.invalid' })
    expect(await refusal(mfa.reset.complete(reset.id, {} as never))).toMatchObject({ code: 'input.invalid' })
    for (const who of [{}, { answer: undefined }, { operator: 'x', answer: '123456' }, null])
      expect(await refusal(mfa.reset.cancel(reset.id, who as never))).toMatchObject({ code: 'input.invalid' })
  })
})

describe('a reset by one operator alone', () => {
  it('is refused, whenever it is tried', async () => {
    const { mfa, reset, environment, kept, notices } = await opened()
    for (const wait of [0, day, day]) {
      environment.advance(wait)
      const refused = await refusal(mfa.reset.complete(reset.id, { operator: 'agent-7' }))
      expect(refused).toMatchObject({ name: 'NotAuthorised', code: 'proof.missing', record: reset.id })
    }
    expect([kept('factors').length, notices.length]).toEqual([5, 1])
  })

  it.each(['agent-7 ', ' agent-7', 'Agent-7', 'agent-7\u200b', 'ａgent-7'])(
    'one operator by another spelling (%j) is no second one',
    async (operator) => {
      const { mfa, reset, environment } = await opened()
      environment.advance(day)
      const refused = await refusal(mfa.reset.complete(reset.id, { operator }))
      expect(refused).toMatchObject({ code: 'proof.missing' })
    },
  )
})

describe('a reset before its time', () => {
  it('is refused up to the last millisecond, and tells nobody that it is done', async () => {
    const { mfa, reset, environment, kept, notices } = await opened()
    for (const wait of [0, day - 1]) {
      environment.advance(wait)
      expect(await refusal(mfa.reset.complete(reset.id, by))).toMatchObject(state)
    }
    expect([kept('factors').length, notices.length]).toEqual([5, 1])
    environment.advance(1)
    expect(await mfa.reset.complete(reset.id, by)).toMatchObject({ state: 'done' })
  })
})

describe('a reset long after the person was told', () => {
  it('is over after a week, and another begins with a notice and a wait of its own', async () => {
    const { mfa, reset, environment, notices, kept } = await opened()
    environment.advance(8 * day - 1)
    const thief = { ...asked, operator: 'agent-9', because: 'stolen' } as const
    expect(await mfa.reset.open(thief)).toEqual(reset)
    environment.advance(1)
    expect(await refusal(mfa.reset.complete(reset.id, by))).toMatchObject(state)
    const anew = await mfa.reset.open(thief)
    expect(anew).toMatchObject({ because: 'stolen', operator: 'agent-9', openedAt: environment.now() })
    expect(anew.id).not.toBe(reset.id)
    expect(await refusal(mfa.reset.complete(anew.id, by))).toMatchObject(state)
    expect([kept('factors').length, notices.length]).toEqual([5, 2])
  })

  it('the wait counts from when the person had been told, however long that took', async () => {
    const made = mfaScene({ onSend: async () => void made.environment.advance(3_600_000) })
    await made.enrolled()
    const { openedAt, notBefore } = await made.mfa.reset.open(asked)
    expect([openedAt, Date.parse(notBefore) - Date.parse(openedAt)]).toEqual([made.environment.now(), day])
  })
})

describe('a flood of notices', () => {
  it('five resets are asked for in a day, and the next the day after', async () => {
    const { mfa, enrolled, environment } = mfaScene()
    await enrolled()
    for (let n = 0; n < 5; n++) {
      const { id } = await mfa.reset.open(asked)
      await mfa.reset.cancel(id, by)
    }
    expect(await refusal(mfa.reset.open(asked))).toMatchObject(state)
    environment.advance(day)
    expect(await mfa.reset.open(asked)).toMatchObject({ state: 'opened' })
  })
})

describe('a notice of what is not so', () => {
  it('every notice names a reset that is there, however many open it at once', async () => {
    const { mfa, enrolled, notices } = mfaScene()
    await enrolled()
    const all = await Promise.all(Array.from({ length: 5 }, () => mfa.reset.open(asked)))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    expect(new Set(notices.map(({ reset }) => reset))).toEqual(new Set([all[0]?.id]))
  })

  it('nobody is told that factors are gone which are there: of a cancellation at that moment they are told', async () => {
    let cancel = async (): Promise<void> => undefined
    const made = mfaScene({
      onSend: async (message) => {
        if (message.kind === 'notice' && message.what === 'reset-due') await cancel()
      },
    })
    const secret = await made.enrolled()
    const { id } = await made.mfa.reset.open(asked)
    made.environment.advance(day)
    cancel = async () => void (await made.mfa.reset.cancel(id, { answer: made.code(secret) }))
    expect(await refusal(made.mfa.reset.complete(id, by))).toMatchObject(state)
    expect(made.kept('factors')).toHaveLength(1)
    expect(made.notices.map(({ what }) => what).sort()).toEqual([
      'reset-cancelled',
      'reset-due',
      'reset-opened',
    ])
  })

  it('who is being erased is told nothing', async () => {
    let cut = false
    const { mfa, enrolled, notices, privacy, environment, kept } = mfaScene({
      aroundStore: (store) => ({
        ...store,
        commit: async (changes) => {
          if (cut && changes.some((each) => 'remove' in each && each.remove.collection === 'resets'))
            throw new Error('connection lost')
          return store.commit(changes)
        },
      }),
    })
    await enrolled()
    const { id } = await mfa.reset.open(asked)
    const { requests } = privacy
    const erasure = await requests.open({ subject, kind: 'erasure', receivedBy: 'letter' })
    await requests.confirm(erasure.id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await requests.plan(erasure.id)
    cut = true
    await expect(requests.fulfil(erasure.id, { plan: digest })).rejects.toThrow('connection lost')
    environment.advance(day)
    expect(kept('resets')).toHaveLength(1)
    expect(await refusal(mfa.reset.complete(id, by))).toMatchObject({ code: 'conflict.erased' })
    expect(notices.map(({ what }) => what)).toEqual(['reset-opened'])
  })
})

describe('a stolen factor while its reset waits', () => {
  it('gives no proof, not even one that it had made before; after a cancellation it does', async () => {
    const { mfa, enrolled, code, environment } = mfaScene()
    const secret = await enrolled()
    const act = { subject, action: 'payout' }
    const { id: challenge } = await mfa.challenge(subject, { action: act.action })
    const answered = await mfa.verify(subject, { challenge, code: code(secret) })
    const proof = answered.outcome === 'accepted' ? (answered.proof ?? '') : ''
    const { id } = await mfa.reset.open({ ...asked, because: 'stolen' })
    expect(await refusal(mfa.require({ ...act, proof }))).toMatchObject({ ...state, record: id })
    expect(await refusal(mfa.require(act))).toMatchObject({ ...state, record: id })
    environment.advance(60_000)
    await mfa.reset.cancel(id, by)
    expect(await mfa.require({ ...act, proof })).toMatchObject({ outcome: 'accepted' })
  })

  it('confirms no erasure', async () => {
    const { mfa, enrolled, privacy } = mfaScene({ policy: demanding })
    await enrolled()
    const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'console' })
    await mfa.reset.open({ ...asked, because: 'stolen' })
    expect(await refusal(mfa.require({ subject, action: 'erasure', request: id }))).toMatchObject(state)
    const attested = { by: 'operator', operator: 'agent-7', check: 'call-back' } as const
    expect(await refusal(privacy.requests.confirm(id, attested))).toMatchObject({ code: 'proof.missing' })
  })
})

describe('a reset in silence', () => {
  it('there is none: what cannot be told is neither opened nor done', async () => {
    let fails = true
    const made = mfaScene({
      onSend: async () => {
        if (fails) throw new Error('550 no mailbox person@example.com')
      },
    })
    const { mfa, kept, environment } = made
    await made.enrolled()
    const failed = { name: 'StoreFailure', code: 'sender.failed', retryable: true }
    expect(await refusal(mfa.reset.open(asked))).toMatchObject(failed)
    const announced = kept('resets')[0]?.split('/').at(-1) ?? ''
    expect(await mfa.reset.find(announced)).toMatchObject({ state: 'announcing' })
    environment.advance(day)
    // Its time has not begun: nobody was told.
    expect(await refusal(mfa.reset.complete(announced, by))).toMatchObject(state)
    fails = false
    const { id, openedAt } = await mfa.reset.open(asked)
    expect([id, openedAt]).toEqual([announced, environment.now()])
    environment.advance(day)
    fails = true
    const refused = await refusal(mfa.reset.complete(id, by))
    expect(refused).toMatchObject(failed)
    expect(JSON.stringify(refused)).not.toContain('example.com')
    expect(kept('factors')).toHaveLength(1)
    fails = false
    expect(await mfa.reset.complete(id, by)).toMatchObject({ state: 'done' })
  })

  it('without a sender there is none at all', async () => {
    const { store, environment } = mfaScene()
    const keys = localKeys([kek], environment)
    const { mfa } = createPrivacy({ policy: offering, store, keys, tenant: 'pilvi', environment })
    for (const call of [mfa.reset.open(asked), mfa.reset.complete('x', by)])
      expect(await refusal(call)).toMatchObject({ code: 'input.invalid', path: 'sender' })
  })
})

describe('a reset that is cut off', () => {
  it('before or after any of its commits: the same call goes on, and nothing is done twice', async () => {
    for (const when of ['before', 'after'] as const) {
      let cut = false
      const made = await opened({
        aroundStore: (store) => ({
          ...store,
          commit: async (changes) => {
            const resetting = changes.some((each) => 'put' in each && each.put.collection === 'resets')
            if (!cut || !resetting) return store.commit(changes)
            cut = false
            if (when === 'after') await store.commit(changes)
            throw new Error('connection lost')
          },
        }),
      })
      const { mfa, reset, environment, kept, acts } = made
      await mfa.reset.cancel(reset.id, by)
      cut = true
      await expect(mfa.reset.open(asked)).rejects.toThrow('connection lost')
      const { id } = await mfa.reset.open(asked)
      environment.advance(day)
      cut = true
      await expect(mfa.reset.complete(id, by)).rejects.toThrow('connection lost')
      expect(await mfa.reset.complete(id, by)).toMatchObject({ state: 'done' })
      expect([when, kept('factors'), (await acts()).length]).toEqual([when, [], 4])
    }
  })
})

describe('cancelling a reset', () => {
  it('the person does it by a full factor, which shows that it is not lost', async () => {
    const { mfa, reset, code, secret, environment, kept, acts, wrong, notices } = await opened()
    environment.advance(day / 2)
    expect(await mfa.reset.cancel(reset.id, { answer: wrong(secret) })).toEqual({ outcome: 'wrong' })
    expect(await mfa.reset.find(reset.id)).toMatchObject({ state: 'opened' })
    const cancelled = await mfa.reset.cancel(reset.id, { answer: code(secret) })
    const ended = { at: environment.now(), operator: null }
    expect(cancelled).toEqual({ outcome: 'cancelled', reset: { ...reset, state: 'cancelled', ended } })
    expect(await mfa.reset.cancel(reset.id, { answer: code(secret) })).toEqual(cancelled)
    environment.advance(day)
    expect(await refusal(mfa.reset.complete(reset.id, by))).toMatchObject(state)
    expect(kept('factors')).toHaveLength(5)
    expect(await acts()).toContainEqual({
      action: 'mfa.reset-cancelled',
      actor: 'subject',
      factor: 'totp',
      reset: reset.id,
      because: 'lost',
    })
    // An answer that is not looked at sends nothing.
    expect(notices.map(({ what }) => what)).toEqual(['reset-opened', 'reset-cancelled'])
  })

  it('a thief with the stolen factor does not: it takes an operator, and the person is told', async () => {
    const { mfa, enrolled, code, notices } = mfaScene()
    const secret = await enrolled()
    const { id } = await mfa.reset.open({ ...asked, because: 'stolen' })
    const refused = await refusal(mfa.reset.cancel(id, { answer: code(secret) }))
    expect(refused).toMatchObject({ name: 'NotAuthorised', code: 'proof.missing', record: id })
    expect(await mfa.reset.cancel(id, by)).toMatchObject({ outcome: 'cancelled' })
    expect(notices.map(({ what }) => what)).toEqual(['reset-opened', 'reset-cancelled'])
  })

  it('where the person could not be told it is cancelled, and the same call of an operator tells them', async () => {
    let fails = false
    const { mfa, enrolled, notices } = mfaScene({
      onSend: async () => {
        if (fails) throw new Error('550')
      },
    })
    await enrolled()
    const { id } = await mfa.reset.open(asked)
    fails = true
    expect(await refusal(mfa.reset.cancel(id, by))).toMatchObject({ code: 'sender.failed' })
    expect(await mfa.reset.find(id)).toMatchObject({ state: 'cancelled' })
    fails = false
    const before = notices.length
    await mfa.reset.cancel(id, by)
    expect(notices.slice(before).map(({ what }) => what)).toEqual(['reset-cancelled'])
  })

  it('nobody does it by a code in the mailbox', async () => {
    const { mfa, reset, sent } = await opened()
    const { id: challenge } = await mfa.challenge(subject, { send: 'email' })
    const answer = { challenge, contactCode: sent[0]?.code ?? '' } as never
    expect(await refusal(mfa.reset.cancel(reset.id, { answer }))).toMatchObject({ code: 'input.invalid' })
  })

  it('any operator does it, the one who opened it as well', async () => {
    const { mfa, reset, environment, acts } = await opened()
    const operator = 'agent-7'
    const cancelled = await mfa.reset.cancel(reset.id, { operator })
    const ended = { at: environment.now(), operator }
    expect(cancelled).toMatchObject({ outcome: 'cancelled', reset: { state: 'cancelled', ended } })
    expect(await mfa.reset.cancel(reset.id, { operator })).toEqual(cancelled)
    expect(await acts()).toContainEqual(
      expect.objectContaining({ action: 'mfa.reset-cancelled', actor: 'operator', reset: reset.id }),
    )
  })

  it('many do it at once: it is done once', async () => {
    const { mfa, reset, acts } = await opened()
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, i) => mfa.reset.cancel(reset.id, { operator: `agent-${i}` })),
    )
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(await acts()).toHaveLength(2)
  })

  it('at the same moment as it is done: one of the two wins', async () => {
    for (const turns of [0, 1, 2, 5, 10, 20]) {
      const { mfa, reset, environment, kept } = await opened({ seed: turns })
      environment.advance(day)
      const pause = async () => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      const [done, cancelled] = await Promise.allSettled([
        mfa.reset.complete(reset.id, by),
        pause().then(() => mfa.reset.cancel(reset.id, by)),
      ])
      expect([done.status, cancelled.status].sort()).toEqual(['fulfilled', 'rejected'])
      expect(kept('factors')).toHaveLength(done.status === 'fulfilled' ? 0 : 5)
    }
  })
})

describe('lock reset by anything but success or a reset', () => {
  it('after fifty failures only a reset helps', async () => {
    const { mfa, enrolled, wrong, environment, attempts, code } = mfaScene()
    const secret = await enrolled()
    while ((attempts()?.failures ?? 0) < 50) {
      await mfa.verify(subject, wrong(secret))
      environment.advance(3_700_000)
    }
    const locked = { outcome: 'locked', until: null }
    environment.advance(30 * day)
    const { id } = await mfa.reset.open({ ...asked, because: 'locked' })
    await mfa.challenge(subject)
    await mfa.require({ subject, action: 'payout' })
    expect(await mfa.verify(subject, code(secret))).toEqual(locked)
    expect(await mfa.reset.cancel(id, { answer: code(secret) })).toEqual(locked)
    await mfa.reset.cancel(id, by)
    expect(await mfa.verify(subject, code(secret))).toEqual(locked)
    const again = await mfa.reset.open({ ...asked, because: 'locked' })
    environment.advance(day)
    expect(await mfa.verify(subject, code(secret))).toEqual(locked)
    await mfa.reset.complete(again.id, by)
    expect(attempts()).toMatchObject({ failures: 0, lockedUntil: null })
    const anew = await mfa.enrol(subject, { label })
    expect(await mfa.confirm(subject, code(anew.secret))).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a reset as data of the person', () => {
  it('is in the export without the operators, and so is an open proof; an erasure takes both', async () => {
    const { reset, store, environment, kept, notices, mfa, privacy } = await opened()
    const source = createMfaSource('pilvi', { policy: pilviPolicy, store, environment })
    const identity = { subject, sessions: [], request: 'request-1' }
    const rows: Row[] = []
    for await (const page of source.find(identity, 'values')) rows.push(...page)
    const values = (kind: string) => {
      const { fields = [] } = rows.find(({ id }) => id.startsWith(`${kind}/`)) ?? {}
      return Object.fromEntries(fields.map(({ name, value }) => [name, value]))
    }
    const { notBefore, expiresAt } = reset
    const said = { reset: 'opened', because: 'lost', notBefore, expiresAt, endedAt: null }
    expect(values('reset')).toEqual(said)
    expect(values('proof')).toMatchObject({ action: 'payout', request: null })
    expect(JSON.stringify(rows)).not.toContain('agent-7')
    const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await privacy.requests.plan(id)
    await privacy.requests.fulfil(id, { plan: digest })
    expect([kept('resets'), kept('proofs')]).toEqual([[], []])
    expect(await refusal(mfa.reset.complete(reset.id, by))).toMatchObject({ code: 'record.missing' })
    expect(await refusal(mfa.reset.open(asked))).toMatchObject({ code: 'conflict.erased' })
    expect(notices).toHaveLength(1)
  })
})
