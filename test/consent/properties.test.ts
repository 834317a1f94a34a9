import type { ConsentEvent, Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Standing } from '../../src/consent/model.ts'
import { decide } from '../../src/consent/rules.ts'
import { apply, emptyStanding } from '../../src/consent/standing.ts'
import { callable, consented, liftedByOwnWord, moment, orders, standingDenials } from './orders.ts'
import { recordAll } from './recording.ts'
import { collect, pilvi } from './scene.ts'

const policy: Policy = pilviPolicy
const purposes = fc.constantFrom('direct-marketing', 'telemarketing', 'market-research')
const moments = fc.integer({ min: 12, max: 30 }).map(moment)
const replay = (events: readonly ConsentEvent[]): Standing => events.reduce(apply, emptyStanding)

describe('no order of events', () => {
  it('lets a purpose through after an absolute denial without a later explicit consent by the subject', () => {
    let denials = 0
    fc.assert(
      fc.property(orders, purposes, moments, (events, purpose, at) => {
        const asked = { policy, events, purpose, at }
        for (const channel of ['phone', 'email', 'none'] as const) {
          const known = { policy, purpose, channel, standing: replay(events), address: emptyStanding, at }
          if (decide(known).outcome === 'deny') continue
          for (const denial of standingDenials(asked)) {
            denials++
            expect(liftedByOwnWord(asked, denial)).toBe(true)
          }
        }
      }),
      { numRuns: 10_000, seed: 20_261_123 },
    )
    expect(denials).toBeGreaterThan(1_000)
  })

  it('is decided otherwise than by the words of the rule, read off the whole stream', () => {
    const seen = { permit: 0, deny: 0 }
    fc.assert(
      fc.property(
        orders,
        fc.constantFrom('telemarketing', 'market-research'),
        moments,
        (events, purpose, at) => {
          const known = { policy, purpose, standing: replay(events), address: emptyStanding, at }
          const asked = { policy, events, purpose, at }
          const called = decide({ ...known, channel: 'phone' }).outcome
          seen[called]++
          expect(called === 'permit').toBe(callable(asked))
          expect(decide({ ...known, channel: 'sms' }).outcome === 'permit').toBe(consented(asked))
        },
      ),
      { numRuns: 10_000, seed: 20_261_124 },
    )
    expect(seen.permit).toBeGreaterThan(1_000)
    expect(seen.deny).toBeGreaterThan(1_000)
  })

  it('makes a standing grow with the number of events', () => {
    fc.assert(
      fc.property(orders, (events) => {
        const size = (standing: Standing) => JSON.stringify(standing).length
        const once = replay(events)
        const often = Array.from({ length: 50 }, () => events)
          .flat()
          .reduce(apply, emptyStanding)
        // Only the digits of the sequence numbers grow.
        expect(size(often)).toBeLessThanOrEqual(size(once) + 200)
      }),
      { numRuns: 200 },
    )
  })
})

describe('denied is denied', () => {
  it('from the call that records it on, whatever was said before', async () => {
    await fc.assert(
      fc.asyncProperty(orders, async (events) => {
        const { privacy, environment } = pilvi()
        await recordAll({ privacy, environment }, { subject: 'a', events })
        await privacy.consent.deny({ subject: 'a', purpose: 'telemarketing', by: 'email' })
        for (const purpose of ['telemarketing', 'direct-marketing'] as const) {
          const may = await privacy.consent.decide({ subject: 'a', purpose, channel: 'phone' })
          expect(may.outcome).toBe('deny')
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** The standing as it lies in the store. */
function stored({ backing }: Pick<ReturnType<typeof pilvi>, 'backing'>): Standing[] {
  const rows = backing.records.get('standings')?.rows.values() ?? []
  return [...rows].map(({ json }) => JSON.parse(json) as Standing)
}

describe('the standing', () => {
  it('equals the replay of the stream', async () => {
    await fc.assert(
      fc.asyncProperty(orders, async (events) => {
        const held = pilvi()
        const recorded = await recordAll(held, { subject: 'a', events })
        const streamed = await collect(held.privacy.consent.list('a'))
        expect(streamed).toEqual(recorded)
        expect(stored(held)).toEqual(events.length === 0 ? [] : [replay(streamed)])
      }),
      { numRuns: 200 },
    )
  })

  it('equals it after 20 parallel writers on one subject, and no event is lost', async () => {
    const held = pilvi({ waits: 'really' })
    const { deny, give, refuse, withdraw, list } = held.privacy.consent
    const calls = [deny, give, refuse, withdraw]
    const written = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        calls[i % 4]?.({ subject: 'a', purpose: 'telemarketing', by: 'link', operator: `agent-${i}` }),
      ),
    )
    const streamed = await collect(list('a'))
    expect(new Set(streamed.map(({ id }) => id)).size).toBe(20)
    expect(streamed.map(({ operator }) => operator).sort()).toEqual(
      written.map((event) => event?.operator).sort(),
    )
    expect(stored(held)).toEqual([replay(streamed)])
    expect(stored(held)[0]?.events).toBe(20)
    await held.privacy.ledger.sequence()
    expect((await collect(held.privacy.ledger.list())).length).toBe(20)
  })
})
