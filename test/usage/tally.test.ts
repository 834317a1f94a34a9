import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/errors.ts'
import type { Dimension } from '../../src/policy/model.ts'
import { Anonymiser } from '../../src/usage/anonymise.ts'
import type { VisitSource } from '../../src/usage/model.ts'
import { type Counted, Partial, visitsPerCell } from '../../src/usage/tally.ts'
import { TokenTable } from '../../src/usage/tokens.ts'
import { visit } from './visits.ts'

interface Seen {
  readonly session: string
  /** Hours since the first. */
  readonly hour: number
  readonly site: string
  readonly times: number
}

const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
const every: readonly Dimension[] = ['hour', 'weekday', 'source']

interface Given {
  readonly cellsPerSession?: number
  readonly dimensions?: readonly Dimension[]
  readonly key?: Uint8Array
}

function partialOf(seen: readonly Seen[], given: Given = {}): Partial {
  const partial = new Partial({ dimensions: every, cellsPerSession: 3, key, ...given })
  const { hash, identifiers } = partial
  const anonymiser = new Anonymiser({ timeZone: 'UTC', sites: [], hash, identifiers })
  for (const { session, hour, site, times } of seen) {
    const at = new Date(Date.UTC(2026, 0, 5, hour)).toISOString()
    for (let i = 0; i < times; i++) {
      partial.add(anonymiser.visit(visit({ session, at, source: `https://${site}.org/` })))
    }
  }
  return partial
}

const nameOf = ({ cell }: Counted): string => `${cell.day} ${cell.hour} ${cell.weekday} ${cell.source}`

/** What a partial says, in an order of its own. */
const told = (partial: Partial, rename?: (source: VisitSource) => VisitSource) =>
  partial
    .counts(rename)
    .map((counted) => [nameOf(counted), counted.visits, counted.sessions] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))

const seenList = fc.array(
  fc.record({
    session: fc.constantFrom('a', 'b', 'c', 'd'),
    hour: fc.nat(30),
    site: fc.constantFrom('one', 'two', 'three'),
    times: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 60, max: 130 })),
  }),
  { maxLength: 40 },
)

describe('partials', () => {
  it('merge exactly, in either order and however the visits are split', () => {
    fc.assert(
      fc.property(seenList, fc.infiniteStream(fc.nat(2)), (seen, parts) => {
        const split: Seen[][] = [[], [], []]
        for (const each of seen) split[parts.next().value ?? 0]?.push(each)
        const whole = told(partialOf(seen))
        const [a, b, c] = split.map((part) => partialOf(part))
        const [d, e, f] = split.map((part) => partialOf(part))
        if (!a || !b || !c || !d || !e || !f) throw new Error('three parts')
        a.absorb(b)
        a.absorb(c)
        f.absorb(e)
        f.absorb(d)
        expect(told(a)).toEqual(whole)
        expect(told(f)).toEqual(whole)
        const rename = (source: VisitSource): VisitSource =>
          source === ('one.org' as VisitSource) ? 'unknown' : source
        expect(told(f, rename)).toEqual(told(partialOf(seen), rename))
      }),
      { numRuns: 200 },
    )
  })

  it('count what a plain count does, where nothing is bounded', () => {
    fc.assert(
      fc.property(seenList, (seen) => {
        const plain = new Map<string, Map<string, number>>()
        for (const { session, hour, site, times } of seen) {
          const at = new Date(Date.UTC(2026, 0, 5, hour))
          const name = `${at.toISOString().slice(0, 10)} ${at.getUTCHours()} ${at.getUTCDay() || 7} ${site}.org`
          const sessions = plain.get(name) ?? new Map<string, number>()
          plain.set(name, sessions.set(session, (sessions.get(session) ?? 0) + times))
        }
        const expected = [...plain]
          .map(([name, sessions]) => {
            const visits = [...sessions.values()].map((count) => Math.min(count, visitsPerCell))
            return [name, visits.reduce((sum, count) => sum + count, 0), sessions.size] as const
          })
          .sort(([a], [b]) => (a < b ? -1 : 1))
        expect(told(partialOf(seen, { cellsPerSession: 1_000 }))).toEqual(expected)
      }),
    )
  })

  it('count a session of a day in no more cells than allowed', () => {
    fc.assert(
      fc.property(seenList, fc.integer({ min: 1, max: 4 }), (seen, cellsPerSession) => {
        const partial = partialOf(
          seen.map((each) => ({ ...each, session: 'a' })),
          { cellsPerSession },
        )
        const perDay = new Map<string, number>()
        for (const { cell, sessions, visits } of partial.counts()) {
          expect(sessions).toBe(1)
          expect(visits).toBeLessThanOrEqual(visitsPerCell)
          perDay.set(cell.day, (perDay.get(cell.day) ?? 0) + 1)
        }
        for (const cells of perDay.values()) expect(cells).toBeLessThanOrEqual(cellsPerSession)
      }),
    )
  })

  it('favour no cell: each session keeps others', () => {
    const seen = Array.from({ length: 2_000 }, (_, i) =>
      Array.from({ length: 8 }, (_, hour) => ({ session: `s${i}`, hour, site: 'one', times: 1 })),
    ).flat()
    const counts = partialOf(seen, { cellsPerSession: 2 }).counts()
    expect(counts).toHaveLength(8)
    // 2,000 sessions keep 2 of 8 cells each: 500 a cell, standard deviation 19.
    for (const { sessions } of counts) expect(Math.abs(sessions - 500)).toBeLessThan(100)
  })

  it('have the dimensions of their table and no other', () => {
    const seen = [{ session: 'a', hour: 3, site: 'one', times: 2 }]
    expect(partialOf(seen, { dimensions: [] }).counts()).toEqual([
      { cell: { day: '2026-01-05' }, visits: 2, sessions: 1 },
    ])
    expect(partialOf(seen, { dimensions: ['hour'] }).counts()[0]?.cell).toEqual({
      day: '2026-01-05',
      hour: 3,
    })
    // A name changes nothing where there is no source.
    expect(partialOf(seen, { dimensions: ['hour'] }).counts(() => 'unknown')[0]?.cell).toEqual({
      day: '2026-01-05',
      hour: 3,
    })
  })

  it('count a session once in cells that become one', () => {
    const seen = ['one', 'two', 'three'].map((site) => ({ session: 'a', hour: 0, site, times: 50 }))
    const [all] = partialOf(seen).counts(() => 'unknown')
    expect(all).toMatchObject({ cell: { source: 'unknown' }, visits: visitsPerCell, sessions: 1 })
  })

  it('of another run are refused', () => {
    const other = partialOf([], { key: new Uint8Array(32).fill(1) })
    expect(() => partialOf([]).absorb(other)).toThrow(InvalidInput)
  })

  it('know the identifiers of what they took over', () => {
    const whole = partialOf([])
    whole.absorb(partialOf([{ session: 'session-of-b', hour: 0, site: 'one', times: 1 }]))
    expect(whole.identifiers.traceIn('session-of-b')).toBe('session')
    expect(whole.identifiers.traceIn('192.0.2.1')).toBe('address')
  })

  it('name the days they have seen', () => {
    const seen = [30, 2].map((hour) => ({ session: 'a', hour, site: 'one', times: 1 }))
    expect(partialOf(seen).days()).toEqual(['2026-01-05', '2026-01-06'])
  })
})

describe('the token table', () => {
  it('numbers tokens in order of arrival, whatever collides', () => {
    const word = fc.constantFrom(0, 1, -1, 64, 128, 1 << 20, -(2 ** 31))
    const list = fc.array(fc.tuple(word, fc.oneof(word, fc.integer())), { maxLength: 300 })
    fc.assert(
      fc.property(list, (tokens) => {
        const table = new TokenTable()
        const numbers = new Map<string, number>()
        for (const [lo, hi] of tokens) {
          const name = `${lo}/${hi}`
          expect(table.has({ lo, hi })).toBe(numbers.has(name))
          if (!numbers.has(name)) numbers.set(name, numbers.size)
          expect(table.add(lo, hi)).toBe(numbers.get(name))
        }
        expect(table.size).toBe(numbers.size)
        for (const [name, number] of numbers) expect(Object.values(table.at(number)).join('/')).toBe(name)
      }),
    )
  })
})
