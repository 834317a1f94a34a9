import {
  type CalendarDate,
  type Instant,
  type KeptSummary,
  type Plan,
  type Policy,
  type Report,
  type Store,
  StoreFailure,
} from '@pilvi/privacy'
import { type MemoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { createDisclosureSources } from '../../src/disclosure/source.ts'
import { receiptType } from '../../src/requests/receipt.ts'
import { collect, scene } from '../consent/scene.ts'
import { dump } from '../requests/raw.ts'
import { hosting, tax } from './cases.ts'
import { forgetful, law, policy } from './policy.ts'
import { type Held, subject } from './scene.ts'

/** A disclosure on a day; `secret` until the day that is named. */
type Act = readonly [day: CalendarDate, secret?: CalendarDate]

async function recorded(acts: readonly Act[], of: Policy = policy): Promise<Held> {
  const held = scene(of)
  // The key by which the ledger names the person is there before.
  await held.privacy.consent.give({ subject, purpose: 'quality-control', by: 'link' })
  for (const [day, until] of acts) {
    held.environment.set(`${day}T10:00:00.000Z`)
    const question = until === undefined ? hosting : { ...tax, law: { ...law, secrecy: { until } } }
    expect((await held.privacy.disclosure.decide({ ...question, subject })).outcome).toBe('permit')
  }
  return held
}

async function planned({ privacy, environment }: Held, at: Instant): Promise<Plan> {
  environment.set(at)
  const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
  await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
  return privacy.requests.plan(id)
}

const fulfilled = async (held: Held, { request, digest }: Plan): Promise<Report> =>
  held.privacy.requests.fulfil(request, { plan: digest })

const at: Instant = '2027-01-05T10:00:00.000Z'

/** All that the person can be told of an erasure, but for the ids, which differ by themselves. */
async function told(held: Held): Promise<unknown> {
  const plan = await planned(held, at)
  const { receipt = '', ...report } = await fulfilled(held, plan)
  const statement = await held.privacy.keys.verify(receipt, receiptType)
  const { report: _, ...request } = (await held.privacy.requests.find(plan.request)) ?? {}
  return JSON.parse(JSON.stringify({ plan, report, statement, request }), (name, value) =>
    ['id', 'request', 'digest', 'plan'].includes(name) && typeof value === 'string' ? name : value,
  )
}

const lying = (held: Held) =>
  [...dump(held.backing)].filter(([place]) => /^(disclosures|aside) /.test(place)).map(([, value]) => value)
const isThere = (held: Held, word: string) => lying(held).some((value) => value.includes(word))

describe('threat: an erasure that shows what an authority ordered to be kept secret (GDPR 23(1))', () => {
  const open: Act = ['2026-11-25']
  it.each([
    ['the only one', [['2026-12-20', '2027-12-31']], []],
    ['the last one', [open, ['2026-12-20', '2027-12-31']], [open]],
    ['the last two', [open, ['2026-12-19', '2027-12-31'], ['2026-12-20', '2028-12-31']], [open]],
    ['one of before', [['2026-11-23', '2027-12-31'], open], [open]],
    ['one in between', [['2026-11-23'], ['2026-11-24', '2027-12-31'], open], [['2026-11-23'], open]],
  ] as readonly [string, readonly Act[], readonly Act[]][])(
    '%s: plan, report and signed receipt are as if it were not there',
    async (_, acts, without) => {
      for (const of of [policy, forgetful])
        expect(await told(await recorded(acts, of))).toEqual(await told(await recorded(without, of)))
    },
  )

  it('is told of what is secret no more', async () => {
    const { kept, sources } = await planned(await recorded([open, ['2026-12-20', '2027-01-04']]), at)
    expect(sources).toContainEqual({ source: 'disclosures', rows: 1, keeping: 1 })
    expect(kept).toContainEqual(expect.objectContaining({ source: 'disclosures', until: '2029-12-20' }))
  })

  it('makes a plan stale when the order ends before it is carried out', async () => {
    const held = await recorded([open, ['2026-12-20', '2027-01-05']])
    const plan = await planned(held, at)
    held.environment.set('2027-01-06T10:00:00.000Z')
    await expect(fulfilled(held, plan)).rejects.toMatchObject({ code: 'conflict.plan' })
  })
})

describe('what is withheld from an erased person', () => {
  const secret = async (): Promise<Held> => recorded([['2026-11-23'], ['2026-12-20', '2036-12-01']])

  it('is kept until its own date, what they were told of until theirs; an operator sees both', async () => {
    const held = await secret()
    const { request } = await fulfilled(held, await planned(held, at))
    const { retention, requests } = held.privacy
    const rows = await collect(retention.list())
    const fields = rows.find(({ source }) => source === 'disclosures')?.fields
    expect(fields?.map(({ field, until, withheld }) => [field, until, withheld])).toEqual([
      ['entries', '2029-11-23', undefined],
      ['entries-from-2', '2029-12-20', true],
    ])
    const swept = async (day: CalendarDate) => {
      held.environment.set(`${day}T10:00:00.000Z`)
      const { completed } = await retention.sweep()
      const there = ['hosting-provider', law.reference].map((word) => isThere(held, word))
      return [...there, completed.includes(request)]
    }
    expect(await swept('2029-11-23')).toEqual([true, true, false])
    expect(await swept('2029-11-24')).toEqual([false, true, false])
    expect(await swept('2029-12-20')).toEqual([false, true, false])
    expect((await requests.find(request))?.completion).toBeUndefined()
    // Whatever else the erasure kept ends later.
    expect((await swept('2029-12-21')).slice(0, 2)).toEqual([false, false])
    expect(lying(held)).toEqual([])
  })

  it('lies aside when the person comes back, and goes on its own date from there', async () => {
    const held = await secret()
    await fulfilled(held, await planned(held, at))
    await held.privacy.requests.reopen({ subject, because: 'returned', operator: 'agent-7' })
    expect([isThere(held, 'hosting-provider'), isThere(held, law.reference)]).toEqual([true, true])
    // A second erasure tells no more than the first, and changes nothing.
    const again = await fulfilled(held, await planned(held, at))
    expect(again.kept.filter(({ source }) => source === 'disclosures')).toEqual([
      expect.objectContaining({ fields: ['entries'], until: '2029-11-23' }),
    ])
    held.environment.set('2029-11-24T10:00:00.000Z')
    await held.privacy.retention.sweep()
    expect([isThere(held, 'hosting-provider'), isThere(held, law.reference)]).toEqual([false, true])
    held.environment.set('2029-12-21T10:00:00.000Z')
    await held.privacy.retention.sweep()
    expect(lying(held)).toEqual([])
  })

  it.each([
    ['what it does not know: all of it stays', ['something'], 2],
    ['all: it stays', ['entries', 'entries-from-2'], 2],
    ['what is withheld: the rest goes', ['entries-from-2'], 1],
    ['nothing: all of it goes', [], 0],
  ])('is told to keep %s; and the same again changes nothing', async (_, keep, left) => {
    const held = await secret()
    const [disclosures] = createDisclosureSources('pilvi', { ...held, policy })
    for (let twice = 0; twice < 2; twice++) {
      await disclosures?.erase({ subject, sessions: [] }, [{ row: 'stream', keep }])
      expect(lying(held)).toHaveLength(left)
    }
  })

  it('goes with all else where nothing must be kept as proof', async () => {
    const held = await recorded([['2026-11-23'], ['2026-12-20', '2036-12-01']], forgetful)
    const { kept } = await fulfilled(held, await planned(held, at))
    expect(kept.filter(({ source }) => source === 'disclosures')).toEqual([])
    expect(lying(held)).toEqual([])
  })

  it('is kept by an erasure that was cut off anywhere, and that goes on when the order has ended', async () => {
    const outcomes = new Set<string>()
    for (let n = 1; n <= 14; n++) {
      const held = await recorded([['2026-11-23'], ['2026-12-20', '2027-01-31']])
      const plan = await planned(held, at)
      const broken = scene(policy, { over: held.backing, seed: 2, store: failing(held.backing, n) })
      broken.environment.set(at)
      const first = await fulfilled(broken, plan).catch((error) => error)
      held.environment.set('2027-02-01T10:00:00.000Z')
      const report = await fulfilled(held, plan).catch((error) => error)
      outcomes.add(
        report.code ?? report.kept.find(({ source }: KeptSummary) => source === 'disclosures').until,
      )
      // Told of before the order ended, or stopped by it before anything was erased.
      if (first.code === undefined) expect(report.kept).toEqual(first.kept)
      expect(isThere(held, law.reference)).toBe(true)
      if (report.code !== undefined) continue
      held.environment.set('2029-12-20T10:00:00.000Z')
      await held.privacy.retention.sweep()
      expect(isThere(held, law.reference)).toBe(true)
      held.environment.set('2029-12-21T10:00:00.000Z')
      await held.privacy.retention.sweep()
      expect(lying(held)).toEqual([])
    }
    expect([...outcomes].sort()).toEqual(['2029-11-23', '2029-12-20', 'conflict.plan'])
  })
})

/** A store whose n-th commit fails, and each after it. */
function failing(backing: MemoryBacking, n: number): Store {
  const { name, migrate, visits, bulk, ...inner } = bound(memoryStore({ backing }))
  let commits = 0
  return {
    ...{ name, migrate, visits, bulk },
    ...inner,
    async commit(changes) {
      if (++commits >= n) throw new StoreFailure('store.unavailable', 'cut off')
      return inner.commit(changes)
    },
  }
}

const bound = (store: Store): Store => ({
  ...{ name: store.name, migrate: store.migrate, visits: store.visits, bulk: store.bulk },
  get: store.get.bind(store),
  scan: store.scan.bind(store),
  commit: store.commit.bind(store),
  close: store.close.bind(store),
})
