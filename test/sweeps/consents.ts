/**
 * Orders of statements on a store: each is recorded by the public calls, and what is decided, now and at past moments, is
 * held against the words of the rule read off the events. And writers that all speak about one person at the same moment.
 */

import { createPrivacy, localKeys, type Store } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import fc from 'fast-check'
import { collections } from '../../src/collections.ts'
import type { Standing } from '../../src/consent/model.ts'
import { apply, emptyStanding } from '../../src/consent/standing.ts'
import type { JsonValue } from '../../src/store.ts'
import { canonical } from '../../src/values/canonical.ts'
import { callable, consented, moment, orders } from '../consent/orders.ts'
import { recordAll } from '../consent/recording.ts'
import { collect } from '../consent/scene.ts'

/** One process: its clock is set by hand, its pauses are real. */
function member(store: Store, seed: number) {
  const environment = fixedEnvironment({ at: moment(0), seed })
  environment.wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))
  const keys = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const privacy = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'pilvi', environment })
  return { environment, privacy }
}

/** What the orders came to. */
export interface OrdersReport {
  orders: number
  events: number
  decisions: number
  permitted: number
  /** Decisions that are not what the words of the rule say, in words. */
  readonly faults: string[]
}

const purposes = ['direct-marketing', 'telemarketing', 'market-research'] as const

/** Records and asks, several people at a time. */
export async function sweepOrders(
  store: Store,
  { count, lanes = 8, seed = 20_261_124 }: { count: number; lanes?: number; seed?: number },
): Promise<OrdersReport> {
  const report: OrdersReport = { orders: 0, events: 0, decisions: 0, permitted: 0, faults: [] }
  const all = fc.sample(orders, { numRuns: count, seed })
  // The secrets of the installation are made once.
  await member(store, seed).privacy.consent.decide({ subject: 'x', purpose: 'delivery', channel: 'none' })
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const held = member(store, seed + lane)
      for (let i = lane; i < all.length; i += lanes) {
        const events = await recordAll(held, { subject: `person-${i}`, events: all[i] ?? [] })
        report.orders++
        report.events += events.length
        await asked(held, { subject: `person-${i}`, events, report })
      }
    }),
  )
  return report
}

/** A live call is free unless denied; a text message needs consent. Telemarketing alone has nothing within it. */
async function asked(
  { environment, privacy }: ReturnType<typeof member>,
  {
    subject,
    events,
    report,
  }: { subject: string; events: Parameters<typeof callable>[0]['events']; report: OrdersReport },
): Promise<void> {
  environment.set(moment(30))
  const listed = await collect(privacy.consent.list(subject))
  if (written(listed) !== written(events)) report.faults.push(`${subject}: the stream differs`)
  for (const purpose of purposes.slice(1)) {
    for (const hour of [30, 20, 13]) {
      const at = moment(hour)
      const known = {
        policy: pilviPolicy,
        purpose,
        at,
        events: events.filter((each) => each.effectiveAt <= at),
      }
      const question = { subject, purpose, ...(hour < 30 && { at }) }
      const call = await privacy.consent.decide({ ...question, channel: 'phone' })
      const message = await privacy.consent.decide({ ...question, channel: 'sms' })
      report.decisions += 2
      if (call.outcome === 'permit') report.permitted++
      if ((call.outcome === 'permit') !== callable(known)) report.faults.push(`${subject}: call at ${hour}`)
      if ((message.outcome === 'permit') !== consented(known))
        report.faults.push(`${subject}: message at ${hour}`)
    }
  }
}

/** What the writers came to. */
export interface WritersReport {
  readonly writers: number
  /** Events in the stream, and acts in the ledger. */
  readonly events: number
  readonly acts: number
  /** Events that were acknowledged and are not in the stream. */
  readonly lost: number
  readonly standing: 'the replay' | 'another'
}

/** Writers of as many processes, all at once about one person who is new. */
export async function raceWriters(store: Store, writers: number): Promise<WritersReport> {
  const members = Array.from({ length: writers }, (_, i) => member(store, i + 1))
  const [first] = members as [ReturnType<typeof member>]
  const told = await Promise.all(
    members.map(({ privacy: { consent } }, i) => {
      const verbs = [consent.deny, consent.give, consent.refuse, consent.withdraw] as const
      const verb = verbs[i % verbs.length] ?? consent.deny
      return verb({ subject: 'everybody’s', purpose: 'telemarketing', by: 'link', operator: `agent-${i}` })
    }),
  )
  const events = await collect(first.privacy.consent.list('everybody’s'))
  const there = new Set(events.map(({ id }) => id))
  await first.privacy.ledger.sequence()
  const acts = (await collect(first.privacy.ledger.list())).filter(({ record }) => there.has(record))
  const standings: Standing[] = []
  for await (const { value } of store.scan(collections.standings.name, { prefix: 'pilvi/subject/' })) {
    standings.push(value as unknown as Standing)
  }
  const same = written(standings) === written([events.reduce(apply, emptyStanding)])
  return {
    writers,
    events: there.size,
    acts: acts.length,
    lost: told.filter(({ id }) => !there.has(id)).length,
    standing: same ? 'the replay' : 'another',
  }
}

/** What merges came to. */
export interface MergesReport {
  merged: number
  unmerged: number
  carried: number
  relayed: number
  readonly faults: string[]
}

/** Pairs of ids that are merged and parted while others speak about both; each process has a clock of its own. */
export async function mergePairs(
  store: Store,
  { pairs, writers }: { pairs: number; writers: number },
): Promise<MergesReport> {
  const report: MergesReport = { merged: 0, unmerged: 0, carried: 0, relayed: 0, faults: [] }
  const members = Array.from({ length: writers }, (_, i) => member(store, i + 1))
  await members[0]?.privacy.consent.merge({ from: 'x', into: 'y', operator: 'agent-7' })
  for (let n = 0; n < pairs; n++) await mergePair(members, { report, pair: [`from-${n}`, `into-${n}`] })
  for await (const { key } of store.scan(collections.standings.name, { prefix: 'pilvi/subject/' })) {
    const [found] = await store.get(collections.standings.name, [key])
    const standing = found?.value as unknown as Standing
    if (standing.merged !== undefined && standing.absorbed !== undefined) report.faults.push(`${key}: both`)
  }
  return report
}

async function mergePair(
  members: readonly ReturnType<typeof member>[],
  { report, pair: [from, into] }: { report: MergesReport; pair: readonly [string, string] },
): Promise<void> {
  const [{ privacy }] = members as [ReturnType<typeof member>]
  const asked = { from, into, operator: 'agent-7' }
  const deny = (subject: string, purpose: 'telemarketing' | 'market-research') =>
    Promise.all(members.map((each) => each.privacy.consent.deny({ subject, purpose, by: 'link' })))
  const outcome = async (subject: string, purpose: 'telemarketing' | 'market-research') =>
    (await privacy.consent.decide({ subject, purpose, channel: 'phone' })).because[0].rule
  const expected = async (said: Record<string, string>, when: string) => {
    for (const [name, rule] of Object.entries(said)) {
      const [who, purpose] = name.split(' ') as ['from' | 'into', 'telemarketing']
      const found = await outcome(who === 'from' ? from : into, purpose)
      if (found !== rule) report.faults.push(`${into} ${when}: ${name} is ${found}`)
    }
  }
  await deny(from, 'telemarketing')
  const [merge, told] = await Promise.all([privacy.consent.merge(asked), deny(from, 'market-research')])
  report.merged++
  const merged = { 'from telemarketing': 'subject.merged', 'into telemarketing': 'consent.denied' }
  await expected({ ...merged, 'into market-research': 'consent.denied' }, 'merged')
  if ((await privacy.consent.merge(asked)).id !== merge.id) report.faults.push(`${into}: merged twice`)
  await deny(from, 'market-research')
  const there = await collect(privacy.consent.list(into))
  report.carried += there.filter(({ via }) => via?.how === 'carried').length
  report.relayed += there.filter(({ via }) => via?.how === 'relayed').length
  const own = new Set((await collect(privacy.consent.list(from))).map(({ id }) => id))
  for (const { id } of told) if (!own.has(id)) report.faults.push(`${from}: lost ${id}`)
  await privacy.consent.unmerge(asked)
  report.unmerged++
  const parted = { 'from telemarketing': 'consent.denied', 'into telemarketing': 'consent.not-denied' }
  await expected(
    { ...parted, 'from market-research': 'consent.denied', 'into market-research': 'consent.denied' },
    'parted',
  )
}

/** The same text for the same value: a database may keep members in another order. */
const written = (value: unknown): string => canonical(value as JsonValue)
