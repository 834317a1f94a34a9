/** Questions about the past on both clocks, each row with its clause, and about what will have ended. */

import type { Instant, Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/consent/rules.ts'
import { apply, emptyStanding } from '../../src/consent/standing.ts'
import { markingsOf } from './marking.ts'
import { callable, moment, orders } from './orders.ts'
import { recordAll } from './recording.ts'
import { collect, pilvi } from './scene.ts'

/** Days of November 2026; today is the 23rd. */
const day = (n: number): Instant => `2026-11-${String(n).padStart(2, '0')}T09:00:00.000Z`
const call = { subject: 'a', purpose: 'telemarketing', channel: 'phone' } as const
const message = { subject: 'a', purpose: 'telemarketing', channel: 'sms' } as const
const by = { subject: 'a', purpose: 'telemarketing', by: 'letter', operator: 'agent-7' } as const

/** A denial written on the 10th, which came on the 15th; a consent on the 18th until the 21st, found on the 20th. */
async function told() {
  const held = pilvi()
  held.environment.set(day(15))
  await held.privacy.consent.deny({ ...by, effectiveAt: day(10) })
  held.environment.set(day(20))
  await held.privacy.consent.give({ ...by, effectiveAt: day(18), expiresAt: day(21) })
  held.environment.set(day(23))
  return held
}

describe('what was allowed, and what was believed', () => {
  it.each([
    ['before anything was said', 'open unless denied', call, { at: day(9) }, 'consent.not-denied'],
    [
      'the same, by a channel that needs consent',
      'channel rule (Finland)',
      message,
      { at: day(9) },
      'consent.missing',
    ],
    ['the moment the denial took effect', 'GDPR 21(3)', call, { at: day(10) }, 'consent.denied'],
    ['between writing and arriving, as is known now', 'GDPR 21(3)', call, { at: day(12) }, 'consent.denied'],
    [
      'between writing and arriving, as was believed then',
      'GDPR 5(2)',
      call,
      { at: day(12), asKnownAt: day(12) },
      'consent.not-denied',
    ],
    ['the same, in short', 'GDPR 5(2)', call, { asKnownAt: day(12) }, 'consent.not-denied'],
    ['when the letter had arrived', 'GDPR 5(2)', call, { asKnownAt: day(15) }, 'consent.denied'],
    [
      'about the days before, when it had arrived',
      'GDPR 5(2)',
      call,
      { at: day(12), asKnownAt: day(16) },
      'consent.denied',
    ],
    ['consented, as is known now', 'GDPR 21(3)', call, { at: day(19) }, 'consent.given'],
    ['consented, as was believed then', 'GDPR 5(2)', call, { asKnownAt: day(19) }, 'consent.denied'],
    [
      'about then, when it was found',
      'GDPR 5(2)',
      call,
      { at: day(19), asKnownAt: day(20) },
      'consent.given',
    ],
    ['when the consent had run out', 'GDPR 21(3)', call, { at: day(22) }, 'consent.denied'],
    ['now', 'GDPR 21(3)', call, {}, 'consent.denied'],
    ['now, said aloud', 'GDPR 21(3)', call, { at: day(23), asKnownAt: day(23) }, 'consent.denied'],
  ] as const)('%s (%s)', async (_, __, question, clocks, rule) => {
    const { privacy } = await told()
    const { because, at } = await privacy.consent.decide({ ...question, ...clocks })
    expect(because[0].rule).toBe(rule)
    expect(at).toBe('at' in clocks ? clocks.at : 'asKnownAt' in clocks ? clocks.asKnownAt : day(23))
  })

  it('a restriction and an objection as they were, until they were lifted', async () => {
    const held = pilvi()
    const { mark } = markingsOf(held, pilviPolicy)
    const at = async (on: Instant, purpose: 'delivery' | 'market-research') =>
      (await held.privacy.consent.decide({ subject: 'a', purpose, channel: 'post', at: on })).because[0].rule
    held.environment.set(day(10))
    await mark(({ restrict }) => restrict('a', { request: 'r1' }))
    held.environment.set(day(11))
    await mark(({ object }) => object('a', { request: 'r1', purpose: 'market-research' }))
    held.environment.set(day(20))
    await mark(({ lift }) => lift('a', { request: 'r1' }))
    held.environment.set(day(23))
    expect(await at(day(9), 'delivery')).toBe('basis.other')
    expect(await at(day(10), 'delivery')).toBe('subject.restricted')
    expect(await at(day(19), 'delivery')).toBe('subject.restricted')
    expect(await at(day(20), 'delivery')).toBe('basis.other')
    expect(await at(day(20), 'market-research')).toBe('consent.not-denied')
    expect(await collect(held.privacy.consent.list('a'))).toEqual([])
  })

  it('says of what lies ahead what is left when what ends has ended, by one get', async () => {
    const { privacy, calls } = pilvi()
    await privacy.consent.give({ ...by, expiresAt: '2027-01-01T00:00:00.000Z' })
    await privacy.consent.decide(message)
    calls.length = 0
    const ahead = async (at: Instant) => (await privacy.consent.decide({ ...message, at })).because[0].rule
    expect(await ahead('2026-12-31T23:59:59.999Z')).toBe('consent.given')
    expect(await ahead('2027-01-01T00:00:00.000Z')).toBe('consent.expired')
    expect(await ahead('2036-11-01T00:00:00.000Z')).toBe('consent.expired')
    expect(calls).toEqual(Array(3).fill('get standings 1'))
  })

  it('reads the stream for a moment that is past, and the standing after it', async () => {
    const { privacy, calls } = await told()
    calls.length = 0
    await privacy.consent.decide({ ...call, at: day(12) })
    expect(calls).toEqual(['scan consents', 'get standings 1'])
  })

  it('an erasure counts for every moment', async () => {
    const { privacy, erase } = await told()
    await erase('a')
    for (const at of [day(9), day(12), day(19)]) {
      expect((await privacy.consent.decide({ ...call, at })).because.map(({ rule }) => rule)).toEqual([
        'subject.erased',
      ])
    }
  })
})

describe('the past is decided by the rule that decides now', () => {
  const policy: Policy = pilviPolicy

  it('of any order of statements, at any two moments', async () => {
    const moments = fc.integer({ min: 0, max: 30 })
    await fc.assert(
      fc.asyncProperty(orders, moments, moments, async (events, asked, known) => {
        const held = pilvi()
        const recorded = await recordAll(held, { subject: 'a', events })
        held.environment.set(moment(30))
        const [at, asKnownAt] = [moment(asked), moment(known)]
        const then = recorded.filter((each) => each.effectiveAt <= at && each.recordedAt <= asKnownAt)
        const answer = await held.privacy.consent.decide({ ...call, at, asKnownAt })
        const known30 = { policy, purpose: call.purpose, channel: call.channel, address: emptyStanding, at }
        expect(answer).toEqual(decide({ ...known30, standing: then.reduce(apply, emptyStanding) }))
        expect(answer.outcome === 'permit').toBe(
          callable({ policy, events: then, purpose: call.purpose, at }),
        )
      }),
      { numRuns: 200 },
    )
  })
})
