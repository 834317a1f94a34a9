import { type PolicyMessage, policyDigest, type Store } from '@pilvi/privacy'
import { memoryBacking } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { StoreFailure } from '../../src/errors.ts'
import { refusal } from '../keys/scene.ts'
import { by, collect, ids, policy, scene } from './scene.ts'

async function published(...given: Parameters<typeof scene>) {
  const made = scene(...given)
  await made.policies.publish(by)
  return made
}

const tenMinutes = 10 * 60_000
const subjectsOf = (messages: readonly PolicyMessage[]): string[] => messages.map(({ subject }) => subject)
const nobody = { sent: 0, failed: 0, passedOver: 0 }

describe('sending a notice', () => {
  it('tells everybody who is due, once, and puts each on record', async () => {
    const { notices, enrol, sent, acts, due } = await published()
    await enrol(['a', 'b', 'c'])
    await notices.shown({ subject: 'b', channel: 'screen' })
    expect(await notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 2 })
    expect(sent).toEqual(
      ['a', 'c'].map((subject) => ({
        ...{ kind: 'policy', tenant: 'pilvi', subject, channel: 'email' },
        ...{ version: '1', digest: policyDigest(policy), date: '2026-01-01' },
        key: expect.stringMatching(/^[0-9a-z]{26}$/),
      })),
    )
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2)
    expect((await collect(notices.list('a')))[0]?.acts).toMatchObject([{ kind: 'told', channel: 'email' }])
    expect((await acts('notices.')).sort()).toEqual(['notices.shown', 'notices.told', 'notices.told'])
    expect(await due()).toEqual([])
    expect(await notices.send({ channel: 'post' })).toEqual(nobody)
    expect(sent).toHaveLength(2)
  })

  it('stops at as many as asked for, and goes on from there', async () => {
    const { notices, enrol, sent } = await published()
    await enrol(['a', 'b', 'c', 'd', 'e'])
    const first = await notices.send({ channel: 'sms', most: 2 })
    expect(first).toEqual({ ...nobody, sent: 2, stopped: { because: 'most', after: 'b' } })
    const { after = '' } = first.stopped ?? {}
    expect(await notices.send({ channel: 'sms', most: 2, after })).toMatchObject({ stopped: { after: 'd' } })
    expect(await notices.send({ channel: 'sms' })).toEqual({ ...nobody, sent: 1 })
    expect(subjectsOf(sent)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('needs a sender, a channel that one can be reached by, and a version', async () => {
    const { notices } = await published({ onSend: null })
    expect(await refusal(notices.send({ channel: 'email' }))).toMatchObject({
      code: 'input.invalid',
      path: 'sender',
    })
    const other = await published()
    for (const wrong of [
      {},
      { channel: 'screen' },
      { channel: 'email', most: 0 },
      { channel: 'email', at: 1 },
    ])
      expect(await refusal(other.notices.send(wrong as never))).toMatchObject({ code: 'input.invalid' })
    expect(await refusal(other.notices.send({ channel: 'email', version: '9' }))).toMatchObject({
      code: 'record.missing',
    })
  })
})

describe('a sender that fails', () => {
  it('loses nobody: who was not reached stays due, and the next try has the same key', async () => {
    const tried: PolicyMessage[] = []
    let down = true
    const { notices, enrol, due, acts } = await published({
      async onSend(message) {
        tried.push(message)
        if (down && message.subject !== 'b') throw new Error('no such address: b@example.com')
      },
    })
    await enrol(['a', 'b', 'c'])
    expect(await notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 1, failed: 2 })
    expect(await due()).toEqual([['a', 'c']])
    expect(await collect(notices.list('a'))).toEqual([])
    expect(await acts('notices.')).toEqual(['notices.told'])
    down = false
    expect(await notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 2 })
    const keysOf = (who: string) => tried.filter(({ subject }) => subject === who).map(({ key }) => key)
    for (const who of ['a', 'c']) expect([keysOf(who).length, new Set(keysOf(who)).size]).toEqual([2, 1])
  })

  it('is left alone after ten in a row, and keeps nobody behind them from being told', async () => {
    const bad = new Set(ids(25))
    const { notices, enrol, sent, due } = await published({
      async onSend({ subject }) {
        if (bad.has(subject)) throw new Error('refused')
      },
    })
    await enrol([...bad, ...ids(5, 'reached')])
    let after: string | undefined
    const reports: unknown[] = []
    do {
      const report = await notices.send({ channel: 'email', ...(after !== undefined && { after }) })
      reports.push([report.sent, report.failed, report.stopped?.because])
      after = report.stopped?.after
    } while (after !== undefined)
    expect(reports).toEqual([
      [0, 10, 'sender'],
      [0, 10, 'sender'],
      [5, 5, undefined],
    ])
    expect(subjectsOf(sent)).toEqual(ids(5, 'reached'))
    expect((await due()).flat()).toEqual([...bad])
  })
})

/** A store that fails at its n-th commit: before it took place, or after, as if the answer had been lost. */
function failing(n: number, when: 'before' | 'after') {
  let left = Number.POSITIVE_INFINITY
  const aroundStore = (store: Store): Store => ({
    ...store,
    async commit(changes) {
      const fails = --left === 0
      if (fails && when === 'before') throw new StoreFailure('store.unavailable', 'away')
      await store.commit(changes)
      if (fails) throw new StoreFailure('store.outcome-unknown', 'cut off')
    },
  })
  const arm = () => {
    left = n
  }
  return { aroundStore, arm }
}

describe('a process that is cut off', () => {
  const cuts = Array.from({ length: 8 }, (_, n) => n + 1)
  it.each(cuts.flatMap((n) => [{ n, when: 'before' } as const, { n, when: 'after' } as const]))(
    'at commit $n ($when it) loses nobody, and what comes again has the same key',
    async ({ n, when }) => {
      const people = ['a', 'b', 'c']
      const backing = memoryBacking()
      const taken: PolicyMessage[] = []
      const onSend = async (message: PolicyMessage) => void taken.push(message)
      const { aroundStore, arm } = failing(n, when)
      const first = await published({ backing, aroundStore, onSend })
      await first.enrol(people)
      arm()
      const cut = await first.notices.send({ channel: 'email' }).then(
        () => 'done',
        ({ code }) => code,
      )
      const expected = when === 'before' ? 'store.unavailable' : 'store.outcome-unknown'
      // Three people, a claim and an act each.
      expect(cut).toBe(n <= 6 ? expected : 'done')

      const other = scene({ backing, seed: 2, onSend })
      await other.notices.send({ channel: 'email' })
      // Until the claim lapses nobody is told twice.
      expect(new Set(subjectsOf(taken)).size).toBe(taken.length)
      other.environment.advance(tenMinutes)
      await other.notices.send({ channel: 'email' })
      expect([...new Set(subjectsOf(taken))].sort()).toEqual(people)
      expect(new Set(taken.map(({ key }) => key)).size).toBe(people.length)
      expect(taken.length).toBeLessThanOrEqual(people.length + 1)
      expect(await other.due()).toEqual([])
      for (const subject of people)
        expect((await collect(other.notices.list(subject)))[0]?.acts).toHaveLength(1)
      expect(await other.acts('notices.')).toHaveLength(people.length)
    },
  )
})

describe('several processes that send at once', () => {
  it('tell everybody, and nobody twice', async () => {
    const backing = memoryBacking()
    const pause = () => new Promise<void>((done) => setTimeout(done, Math.random() * 3))
    const processes = [1, 2, 3].map((seed) => scene({ backing, seed, onSend: pause }))
    const [one] = processes
    if (!one) throw new Error('no process')
    await one.policies.publish(by)
    const people = ids(120)
    await one.enrol(people)
    const reports = await Promise.all(processes.map(({ notices }) => notices.send({ channel: 'email' })))
    const told = processes.flatMap(({ sent }) => subjectsOf(sent))
    expect(told.sort()).toEqual(people)
    expect(reports.map(({ sent }) => sent).every((sent) => sent > 0)).toBe(true)
    expect(await one.due()).toEqual([])
    expect(await one.acts('notices.')).toHaveLength(people.length)
  }, 60_000)

  it('leave to each other what one of them holds, and take it up when it has lapsed', async () => {
    const backing = memoryBacking()
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    const slow = await published({ backing, onSend: () => held })
    await slow.enrol(['a'])
    const sending = slow.notices.send({ channel: 'email' })
    const other = scene({ backing, seed: 2 })
    await until(() => (backing.records.get('notices')?.rows.size ?? 0) > 0)
    expect(await other.notices.send({ channel: 'email' })).toEqual({ ...nobody, passedOver: 1 })
    other.environment.advance(tenMinutes - 1)
    expect(await other.notices.send({ channel: 'email' })).toEqual({ ...nobody, passedOver: 1 })
    other.environment.advance(1)
    expect(await other.notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 1 })
    release()
    expect(await sending).toEqual({ ...nobody, sent: 1 })
    expect(slow.sent[0]?.key).toBe(other.sent[0]?.key)
    expect((await collect(other.notices.list('a')))[0]?.acts).toHaveLength(1)
  })

  it('give back no claim but their own', async () => {
    const backing = memoryBacking()
    let fail = () => {}
    const held = new Promise<void>((_, failed) => {
      fail = () => failed(new Error('refused'))
    })
    const slow = await published({ backing, onSend: () => held })
    await slow.enrol(['a'])
    const sending = slow.notices.send({ channel: 'email' })
    await until(() => (backing.records.get('notices')?.rows.size ?? 0) > 0)
    let releaseOther = () => {}
    const heldToo = new Promise<void>((done) => {
      releaseOther = done
    })
    const other = scene({ backing, seed: 2, onSend: () => heldToo })
    other.environment.advance(tenMinutes)
    const sendingToo = other.notices.send({ channel: 'email' })
    const theirs = JSON.stringify('2026-11-23T10:20:00.000Z')
    const claim = () => [...(backing.records.get('notices')?.rows.values() ?? [])][0]?.json ?? ''
    await until(() => claim().includes(theirs))
    fail()
    expect(await sending).toEqual({ ...nobody, failed: 1 })
    expect(claim()).toContain(theirs)
    releaseOther()
    expect(await sendingToo).toEqual({ ...nobody, sent: 1 })
  })
})

describe('what happens to people while they are being told', () => {
  it.each(['taken', 'refused'] as const)(
    'an erasure stands, where the message was %s: nothing of them is kept',
    async (how) => {
      const backing = memoryBacking()
      const made = await published({
        backing,
        async onSend({ subject }) {
          if (subject !== 'a') return
          await made.erase('a')
          if (how === 'refused') throw new Error('refused')
        },
      })
      await made.enrol(['a', 'b'])
      const report = await made.notices.send({ channel: 'email' })
      expect(report).toEqual(how === 'taken' ? { ...nobody, sent: 2 } : { ...nobody, sent: 1, failed: 1 })
      const row = backing.records.get('notices')?.rows.get(`pilvi/a/${policyDigest(policy)}`)
      expect(row?.json ?? '').not.toContain('told')
      expect(await made.due()).toEqual([])
      expect(await made.acts('notices.')).toEqual(['notices.told'])
    },
  )

  it('who was erased since the batch was read is passed over', async () => {
    const made = await published({
      async onSend({ subject }) {
        if (subject === 'a') await made.erase('b')
      },
    })
    await made.enrol(['a', 'b', 'c'])
    expect(await made.notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 2, passedOver: 1 })
    expect(subjectsOf(made.sent)).toEqual(['a', 'c'])
  })

  it('who was shown it meanwhile is not told any more', async () => {
    const made = await published({
      async onSend({ subject }) {
        if (subject === 'a') await made.notices.shown({ subject: 'b', channel: 'screen' })
      },
    })
    await made.enrol(['a', 'b'])
    expect(await made.notices.send({ channel: 'email' })).toEqual({ ...nobody, sent: 1, passedOver: 1 })
  })

  it('who was shown it while the sender failed need not be told', async () => {
    const made = await published({
      async onSend({ subject }) {
        await made.notices.shown({ subject, channel: 'screen' })
        throw new Error('refused')
      },
    })
    await made.enrol(['a'])
    expect(await made.notices.send({ channel: 'email' })).toEqual({ ...nobody, failed: 1 })
    expect(await made.due()).toEqual([])
    expect((await collect(made.notices.list('a')))[0]?.acts).toMatchObject([{ kind: 'shown' }])
  })
})

/** Waits for something that other processes bring about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((done) => setTimeout(done, 1))
}
