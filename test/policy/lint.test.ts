import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarDate } from '../../src/environment.ts'
import { definePolicy } from '../../src/policy/define.ts'
import { lintPolicy, lintRules } from '../../src/policy/lint.ts'
import type { Policy } from '../../src/policy/model.ts'
import { passes } from './lint-passes.ts'
import { type Spoil, type Trip, trips } from './lint-trips.ts'
import { type Mutable, sound, soundOn, spoilt } from './sound.ts'

const found = (rule: string, { spoil, on = soundOn }: Pick<Trip, 'spoil' | 'on'>) =>
  lintPolicy(spoilt(spoil), { on }).filter((each) => each.rule === rule)

describe('lintPolicy', () => {
  it('finds nothing in a sound policy, which parses', () => {
    expect(lintPolicy(definePolicy(sound), { on: soundOn })).toEqual([])
  })

  it('has a case that trips it for every rule, and no case without a rule', () => {
    expect(Object.keys(trips).sort()).toEqual(lintRules.map(({ id }) => id).sort())
    expect(Object.values(trips).every((cases) => cases.length > 0)).toBe(true)
    expect(Object.keys(passes).filter((rule) => !(rule in trips))).toEqual([])
  })

  const cases = Object.entries(trips).flatMap(([rule, all]) => all.map((trip) => ({ rule, ...trip })))
  it.each(cases)('$rule finds $path', ({ rule, path, clause, ...trip }) => {
    const hits = found(rule, trip)
    expect(hits.map((each) => each.path)).toContain(path)
    const declared = lintRules.find(({ id }) => id === rule)
    for (const hit of hits) {
      expect(hit).toMatchObject({
        severity: declared?.severity,
        remedy: declared?.remedy,
        source: declared?.source,
      })
      expect(hit.says).not.toBe('')
    }
    if (clause !== undefined) expect(hits.find((each) => each.path === path)?.clause).toBe(clause)
  })

  const close = Object.entries(passes).flatMap(([rule, all]) => all.map((pass, i) => ({ rule, i, ...pass })))
  it.each(close)('$rule lets the case beside it pass ($i)', ({ rule, ...pass }) => {
    expect(found(rule, pass)).toEqual([])
  })

  it('names no rule that is not in the table, and sorts errors first, then paths, then rules', () => {
    const ids = new Set<string>(lintRules.map(({ id }) => id))
    const weight = { error: 0, warning: 1, note: 2 }
    const all = cases.map(({ spoil }) => spoil)
    fc.assert(
      fc.property(
        fc.subarray(all),
        fc.constantFrom<CalendarDate>('2010-01-01', soundOn, '2031-01-01'),
        (some, on) => {
          const policy = spoilt((p) => {
            for (const spoil of some) attempt(spoil, p)
          })
          const findings = lintPolicy(policy, { on })
          expect(findings.every(({ rule }) => ids.has(rule))).toBe(true)
          for (const [i, after] of findings.entries()) {
            const before = findings[i - 1]
            if (before === undefined) continue
            const [a, b] = [before, after].map((f) => `${weight[f.severity]} ${f.path} ${f.rule}`)
            expect((a ?? '') <= (b ?? '')).toBe(true)
          }
          expect(lintPolicy(policy, { on })).toEqual(findings)
        },
      ),
    )
  })

  it('gives every rule an id, a source and a remedy of its own', () => {
    expect(new Set(lintRules.map(({ id }) => id)).size).toBe(lintRules.length)
    for (const { id, finds, source, remedy } of lintRules) {
      expect(id).toMatch(/^policy\.[a-z-]+$/)
      expect([finds, source, remedy].every((text) => text.length > 5)).toBe(true)
      expect(finds).not.toMatch(/\.$/)
      expect(remedy).toMatch(/\.$/)
    }
  })
})

/** Some ways to spoil a policy need what another has taken away. */
function attempt(spoil: Spoil, policy: Mutable<Policy>): void {
  try {
    spoil(policy)
  } catch (error) {
    if (!(error instanceof Error && error.message.endsWith('in the fixture'))) throw error
  }
}
