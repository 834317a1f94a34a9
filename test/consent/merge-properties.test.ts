/** Merges of any two histories, held against the two standings before, the replay, and what there would be without. */

import type { ConsentEvent, Decision } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answers, bothStandings, from, into, outcomes, pair, twoIds } from './merging.ts'
import { moment, orders } from './orders.ts'
import { recordAll } from './recording.ts'

type Held = ReturnType<typeof twoIds>

/** What requests put on a standing besides statements. */
const marks = fc.subarray(['restrict', 'object', 'lift'] as const)

/** What was said about one id before it was merged. */
const histories = fc.record({ events: orders, marked: marks })
type History = typeof histories extends fc.Arbitrary<infer T> ? T : never

async function live(held: Held, subject: string, { events, marked }: History): Promise<void> {
  await recordAll(held, { subject, events })
  held.environment.set(moment(25))
  const [request, purpose] = [`r-${subject}`, 'market-research']
  if (marked.includes('restrict')) await held.mark(({ restrict }) => restrict(subject, { request }))
  if (marked.includes('object')) await held.mark(({ object }) => object(subject, { request, purpose }))
  if (marked.includes('lift')) await held.mark(({ lift }) => lift(subject, { request }))
}

async function lived(of: { readonly from: History; readonly into: History }): Promise<Held> {
  const held = twoIds()
  await live(held, from, of.from)
  await live(held, into, of.into)
  held.environment.set(moment(30))
  return held
}

/** The moment of the merge, and some after it: terms end up to hour 36. */
const moments = [30, 33, 37].map((n) => ({ at: moment(n) }))

async function atAll(held: Held, subject: string): Promise<Decision[]> {
  const all = await Promise.all(moments.map((when) => answers(held, subject, when)))
  return all.flat()
}

describe('after a merge of any two histories', () => {
  it('nothing is permitted that one of the two would have been denied, by any channel, then or later', async () => {
    const seen = { permitted: 0, byConsent: 0, deniedOne: 0 }
    await fc.assert(
      fc.asyncProperty(histories, histories, async (a, b) => {
        const held = await lived({ from: a, into: b })
        const before = [outcomes(await atAll(held, from)), outcomes(await atAll(held, into))] as const
        await held.privacy.consent.merge(pair)
        for (const { outcome, because } of await atAll(held, from))
          expect([outcome, because.map(({ rule }) => rule)]).toEqual(['deny', ['subject.merged']])
        const after = await atAll(held, into)
        after.forEach(({ outcome, because }, i) => {
          const both = [before[0][i], before[1][i]]
          if (both.includes('permit') && both.includes('deny')) seen.deniedOne++
          if (outcome === 'deny') return
          seen.permitted++
          if (because.some(({ rule }) => rule === 'consent.given')) seen.byConsent++
          expect(both).toEqual(['permit', 'permit'])
        })
      }),
      { numRuns: 150, seed: 20_261_124 },
    )
    // A run in which everything was denied, or in which nobody differed, would show nothing.
    expect(seen.permitted).toBeGreaterThan(1_000)
    expect(seen.deniedOne).toBeGreaterThan(1_000)
    expect(seen.byConsent).toBeGreaterThan(20)
  }, 120_000)

  it('the past of both is as it was, on both clocks', async () => {
    const past = fc.integer({ min: 10, max: 29 }).map(moment)
    await fc.assert(
      fc.asyncProperty(histories, histories, past, past, async (a, b, at, asKnownAt) => {
        const held = await lived({ from: a, into: b })
        const clocks = [{ at }, { asKnownAt }, { at, asKnownAt }]
        const asked = () =>
          Promise.all([from, into].flatMap((each) => clocks.map((when) => answers(held, each, when))))
        const before = await asked()
        await held.privacy.consent.merge(pair)
        expect(await asked()).toEqual(before)
        await held.privacy.consent.unmerge(pair)
        expect(await asked()).toEqual(before)
      }),
      { numRuns: 40, seed: 20_261_125 },
    )
  }, 120_000)
})

/** Statements made while the two were merged: about which, and what. */
const since = fc.record({ about: fc.constantFrom(from, into), events: orders })

/** Noes about the retired id, and anything but renewals (which need a consent that stands) about the other. */
const saying = ({ about, events }: { about: string; events: ConsentEvent[] }): ConsentEvent[] =>
  events
    .filter(({ kind }) => kind !== 'renewed' && (about === into || kind !== 'given'))
    .map((event, i) => ({ ...event, effectiveAt: moment(31 + i), recordedAt: moment(31 + i) }))
    .map(({ expiresAt: _, ...event }) => event)

describe('a merge that was undone', () => {
  it('leaves what there would be without it, but for the noes about the one, which stay with both', async () => {
    let differed = 0
    await fc.assert(
      fc.asyncProperty(histories, histories, since, async (a, b, said) => {
        const [held, without] = [await lived({ from: a, into: b }), await lived({ from: a, into: b })]
        await held.privacy.consent.merge(pair)
        const events = saying(said)
        await recordAll(held, { subject: said.about, events })
        await recordAll(without, { subject: said.about, events })
        if (said.about === from) await recordAll(without, { subject: into, events })
        for (const each of [held, without]) each.environment.set(moment(45))
        const merged = outcomes(await answers(held, into))
        await held.privacy.consent.unmerge(pair)
        for (const subject of [from, into]) {
          const [left, expected] = [await answers(held, subject), await answers(without, subject)]
          expect(outcomes(left)).toEqual(outcomes(expected))
          expect(left.map(({ because }) => because.map(({ rule }) => rule))).toEqual(
            expected.map(({ because }) => because.map(({ rule }) => rule)),
          )
          if (subject === into && merged.join() !== outcomes(left).join()) differed++
        }
      }),
      { numRuns: 60, seed: 20_261_126 },
    )
    expect(differed).toBeGreaterThan(20)
  }, 120_000)
})

describe('the standing of both', () => {
  it('is the replay of the stream, through merges, statements and their undoing in any order', async () => {
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom('merge', 'unmerge', 'unmerge', 'said'),
        pair: fc.constantFrom([from, into], [into, from], [from, 'id-3'], ['id-3', into]),
        said: orders,
      }),
      { maxLength: 8 },
    )
    const done = { merge: 0, unmerge: 0 }
    await fc.assert(
      fc.asyncProperty(acts, async (all) => {
        const held = twoIds()
        let hour = 12
        for (const {
          act,
          pair: [x = '', y = ''],
          said,
        } of all) {
          hour += 13
          const events = saying({ about: from, events: said.slice(0, 4) }).map((event, i) => ({
            ...event,
            effectiveAt: moment(hour + i),
            recordedAt: moment(hour + i),
          }))
          if (act === 'said') await recordAll(held, { subject: x, events })
          else {
            const named = { from: x, into: y, operator: 'agent-7' }
            const made = await held.privacy.consent[act](named).catch(({ code }) => code)
            if (typeof made === 'string') expect(made).toBe('conflict.state')
            else done[act]++
          }
          for (const subject of [from, into, 'id-3']) {
            const [standing, replayed] = await bothStandings(held, subject)
            expect(standing).toEqual(replayed)
          }
        }
      }),
      { numRuns: 300, seed: 20_261_127 },
    )
    expect(done.merge).toBeGreaterThan(100)
    expect(done.unmerge).toBeGreaterThan(20)
  }, 120_000)
})
