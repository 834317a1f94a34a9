/**
 * Merges and what happens at the same moment: cut off at each call of the store, and every other act run to its end in the
 * middle of each of them. Whatever comes first, no no is lost and nothing is left halfway.
 */

import { PrivacyError, type Store } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { faulty } from '../requests/faults.ts'
import { bothStandings, from, into, operator, pair, rulesOf, streamOf, twoIds } from './merging.ts'
import { collect } from './scene.ts'

type Held = ReturnType<typeof twoIds>

const call = { subject: into, purpose: 'telemarketing', channel: 'phone' } as const
const said = { purpose: 'telemarketing', by: 'link' } as const

/** Two ids about which something was said, on a store that can be made to fail. */
async function ready(act: 'merge' | 'unmerge') {
  const backing = memoryBacking()
  const faults = faulty(memoryStore({ backing }))
  const held = twoIds({ over: backing, store: faults.store })
  await held.privacy.consent.deny({ ...said, subject: from })
  await held.privacy.consent.give({ ...said, subject: into })
  if (act === 'unmerge') await held.privacy.consent.merge(pair)
  faults.arm(-1, 'before')
  return { ...held, faults }
}

/** Both are merged with each other or neither is, and each standing is the replay. */
async function consistent(held: Pick<Held, 'store' | 'standings'>): Promise<'merged' | 'apart'> {
  for (const subject of [from, into]) {
    const [standing, replayed] = await bothStandings(held, subject)
    if (standing.state === 'active') expect(standing).toEqual(replayed)
  }
  const [a, b] = [(await held.standings.read(from)).standing, (await held.standings.read(into)).standing]
  const merge = a.merged?.merge
  if (b.state === 'active') expect(Object.keys(b.absorbed ?? {})).toEqual(merge === undefined ? [] : [merge])
  return merge === undefined ? 'apart' : 'merged'
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof PrivacyError ? error.code : String(error)),
  )

describe('a crash at any call', () => {
  it.each(['merge', 'unmerge'] as const)(
    'of a %s leaves nothing halfway, and it is made again',
    async (act) => {
      const whole = await ready(act)
      await whole.privacy.consent[act](pair)
      const calls = whole.faults.calls()
      expect(calls).toBeGreaterThan(5)
      for (let at = 1; at <= calls; at++) {
        for (const fault of ['before', 'after'] as const) {
          const held = await ready(act)
          held.faults.arm(at, fault)
          expect([at, fault, await codeOf(held.privacy.consent[act](pair))]).toEqual([
            at,
            fault,
            expect.stringMatching(/^store\./),
          ])
          held.faults.arm(-1, 'before')
          const there = await consistent(held)
          const again = await codeOf(held.privacy.consent[act](pair))
          // An undoing that took place is not there to be undone again; a merge that did is the same one.
          expect(again).toBe(act === 'unmerge' && there === 'apart' ? 'conflict.state' : 'done')
          expect(await consistent(held)).toBe(act === 'merge' ? 'merged' : 'apart')
          await held.privacy.ledger.sequence()
          const acts = (await collect(held.privacy.ledger.list())).filter(
            ({ action }) => action === `consent.${act}d`,
          )
          expect([at, fault, acts.length]).toEqual([at, fault, 1])
          const carried = (await streamOf(held, into)).filter((entry) => 'via' in entry)
          expect(carried).toHaveLength(1)
        }
      }
    },
  )
})

/** A store in front of whose call of that number something else happens, to its end. */
function wedged(store: Store) {
  let count = 0
  let armed: { call: number; work: () => Promise<unknown> } | null = null
  const before = async (): Promise<void> => {
    count++
    if (armed?.call !== count) return
    const { work } = armed
    armed = null
    await work()
  }
  const wrapped: Store = {
    ...store,
    visits: store.visits,
    get: async (...given) => {
      await before()
      return store.get(...given)
    },
    scan: async function* (...given) {
      await before()
      yield* store.scan(...given)
    },
    commit: async (...given) => {
      await before()
      return store.commit(...given)
    },
    close: () => store.close(),
  }
  return {
    store: wrapped,
    calls: () => count,
    arm(call: number, work: () => Promise<unknown>) {
      count = 0
      armed = { call, work }
    },
  }
}

/** Two processes on one backing: the first is stopped at a call, while the second acts. */
async function two(
  act: (
    first: Held,
    second: Held,
  ) => Promise<{ first: () => Promise<unknown>; meanwhile: () => Promise<unknown> }>,
) {
  const results: { at: number; held: Held; outcomes: [string, string] }[] = []
  for (let at = 1; ; at++) {
    const backing = memoryBacking()
    const wedge = wedged(memoryStore({ backing }))
    const one = twoIds({ over: backing, store: wedge.store })
    const other = twoIds({ over: backing, seed: 2 })
    await other.privacy.consent.deny({ ...said, subject: from })
    await other.privacy.consent.give({ ...said, subject: into })
    const { first, meanwhile } = await act(one, other)
    let second = 'not reached'
    wedge.arm(at, async () => {
      second = await codeOf(meanwhile())
    })
    const outcome = await codeOf(first())
    if (second === 'not reached') break
    results.push({ at, held: other, outcomes: [outcome, second] })
  }
  expect(results.length).toBeGreaterThan(4)
  return results
}

/** An erasure of somebody up to its last step. */
async function planned({ privacy }: Held, subject: string) {
  const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
  await privacy.requests.confirm(id, { by: 'operator', operator, check: 'call-back' })
  const { digest } = await privacy.requests.plan(id)
  return () => privacy.requests.fulfil(id, { plan: digest })
}

describe('at the same moment', () => {
  it.each([
    ['the same merge', pair, ['done', 'done']],
    ['one the other way round', { from: into, into: from, operator }, ['conflict.state', 'done']],
    ['one into another', { ...pair, into: 'id-3' }, ['conflict.state', 'done']],
    ['one that would make a chain above', { from: into, into: 'id-3', operator }, ['conflict.state', 'done']],
    ['one that would make a chain below', { from: 'id-3', into: from, operator }, ['conflict.state', 'done']],
  ] as const)('as a merge, %s: one of them is made', async (_, other, expected) => {
    const all = await two(async (one, second) => ({
      first: () => one.privacy.consent.merge(pair),
      meanwhile: () => second.privacy.consent.merge(other),
    }))
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes]).toEqual([at, expected])
      for (const subject of [from, into, 'id-3']) {
        const [standing, replayed] = await bothStandings(held, subject)
        expect(standing).toEqual(replayed)
        expect(standing.merged !== undefined && standing.absorbed !== undefined).toBe(false)
      }
    }
  })

  it.each([from, into])(
    'a denial that arrives while a merge runs is never lost: about %s',
    async (subject) => {
      const all = await two(async (one, second) => ({
        first: () => one.privacy.consent.merge(pair),
        meanwhile: () => second.privacy.consent.deny({ ...said, subject, purpose: 'market-research' }),
      }))
      for (const { at, held, outcomes } of all) {
        expect([at, outcomes, await consistent(held)]).toEqual([at, ['done', 'done'], 'merged'])
        const may = await held.privacy.consent.decide({ ...call, purpose: 'market-research' })
        expect(rulesOf(may)).toEqual(['consent.denied'])
      }
    },
  )

  it('a merge that is made while a denial arrives does not lose it either', async () => {
    const all = await two(async (one, second) => ({
      first: () => one.privacy.consent.deny({ ...said, subject: from, purpose: 'market-research' }),
      meanwhile: () => second.privacy.consent.merge(pair),
    }))
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes, await consistent(held)]).toEqual([at, ['done', 'done'], 'merged'])
      for (const subject of [from, into]) {
        expect((await collect(held.privacy.consent.list(subject))).map(({ purpose }) => purpose)).toContain(
          'market-research',
        )
      }
    }
  })

  it('a consent that arrives while a merge runs is ended by it, or comes after it', async () => {
    const all = await two(async (one, second) => ({
      first: () => one.privacy.consent.give({ ...said, subject: into }),
      meanwhile: () => second.privacy.consent.merge(pair),
    }))
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes, await consistent(held)]).toEqual([at, ['done', 'done'], 'merged'])
      const events = (await streamOf(held, into)).map(({ kind }) => kind)
      const after = events.lastIndexOf('given') > events.indexOf('absorbed')
      expect([at, rulesOf(await held.privacy.consent.decide(call))]).toEqual([
        at,
        [after ? 'consent.given' : 'consent.denied'],
      ])
    }
  })

  it('a denial that arrives while a merge is undone stays with both, or comes after', async () => {
    const all = await two(async (one, second) => {
      await second.privacy.consent.merge(pair)
      return {
        first: () => one.privacy.consent.unmerge(pair),
        meanwhile: () => second.privacy.consent.deny({ ...said, subject: from, purpose: 'market-research' }),
      }
    })
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes, await consistent(held)]).toEqual([at, ['done', 'done'], 'apart'])
      const events = (await collect(held.privacy.consent.list(into))).map(({ via }) => via?.how)
      expect([at, events]).toEqual([at, [undefined, 'relayed']])
    }
  })

  it.each([from, into])('an erasure while a merge runs: the merge is refused. Of %s', async (subject) => {
    const all = await two(async (one, second) => ({
      first: () => one.privacy.consent.merge(pair),
      meanwhile: await planned(second, subject),
    }))
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes, await consistent(held)]).toEqual([at, ['conflict.erased', 'done'], 'apart'])
    }
  })

  it.each([from, into])('a merge while an erasure runs: one of them is refused. Of %s', async (subject) => {
    const all = await two(async (one, second) => ({
      first: await planned(one, subject),
      meanwhile: () => second.privacy.consent.merge(pair),
    }))
    const seen = new Set<string>()
    for (const { at, held, outcomes } of all) {
      seen.add(outcomes.join())
      // The plan did not name the other id, and is stale.
      expect([
        at,
        [
          ['conflict.plan', 'done'],
          ['done', 'conflict.erased'],
        ],
      ]).toEqual([at, expect.arrayContaining([outcomes])])
      await consistent(held)
    }
    expect(seen.size).toBe(2)
  })

  it('the one that stays is taken up again while a no about the retired one arrives: it has it as well', async () => {
    const all = await two(async (one, second) => {
      await second.privacy.consent.merge(pair)
      await (await planned(second, into))()
      return {
        first: () => one.privacy.consent.deny({ ...said, subject: from, purpose: 'market-research' }),
        meanwhile: () => second.privacy.requests.reopen({ subject: into, operator, because: 'returned' }),
      }
    })
    for (const { at, held, outcomes } of all) {
      expect([at, outcomes]).toEqual([at, ['done', 'done']])
      const may = await held.privacy.consent.decide({ ...call, purpose: 'market-research' })
      expect([at, rulesOf(may)]).toEqual([at, ['consent.denied']])
    }
  })

  it('50 writers about both lose nothing, and each standing is the replay', async () => {
    const held = twoIds({ waits: 'really' })
    const { deny, give, refuse, withdraw, merge } = held.privacy.consent
    const verbs = { deny, give, refuse, withdraw }
    const writes = (n: number) =>
      Array.from({ length: n }, async (_, i) => {
        const verb = (['deny', 'give', 'refuse', 'withdraw'] as const)[(i >> 1) % 4] ?? 'deny'
        const subject = i % 2 ? from : into
        return { verb, subject, event: await verbs[verb]({ ...said, subject }).catch(({ code }) => code) }
      })
    const first = writes(20)
    const merging = merge(pair)
    const late = merging.then(() => Promise.all(writes(10)))
    const all = [...(await Promise.all([...first, ...writes(20)])), ...(await late)]
    const { id } = await merging
    expect(await consistent(held)).toBe('merged')
    const [own, others] = [await streamOf(held, from), await streamOf(held, into)]
    const since = own.findIndex(({ kind }) => kind === 'merged')
    let relayed = 0
    for (const { verb, subject, event } of all) {
      // A consent about the retired id is refused once it is retired, and nothing else is.
      if (typeof event === 'string') {
        expect([event, subject, verb]).toEqual(['conflict.state', from, 'give'])
        continue
      }
      const stream = subject === from ? own : others
      expect(stream.filter((entry) => entry.id === event.id)).toEqual([event])
      if (subject === into || own.findIndex((entry) => entry.id === event.id) < since) continue
      relayed++
      const there = { ...event, via: { how: 'relayed', merge: id } }
      expect(others.filter((entry) => entry.id === event.id)).toEqual([there])
    }
    // Some came before the merge, and some after.
    expect(since).toBeGreaterThan(0)
    expect(relayed).toBeGreaterThan(0)
    expect(rulesOf(await held.privacy.consent.decide({ ...call, subject: from }))).toEqual(['subject.merged'])
  }, 60_000)
})
