import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarDate } from '../../src/environment.ts'
import type { Cell, Publication, VisitSource } from '../../src/usage/model.ts'
import { baseTable } from '../../src/usage/protect.ts'
import { publicationOf } from '../../src/usage/publication.ts'
import { rollUp, statisticsOf, weekdayOf } from '../../src/usage/rollup.ts'
import { usagePolicy } from './visits.ts'

const policy = usagePolicy()
const published = (day: string, cells: readonly Cell[], given = policy): Publication =>
  publicationOf({ policy: given, base: baseTable(given), day: day as CalendarDate }, cells)

const cell = (hour: number, source: string, visits: number, sessions: number): Cell => ({
  hour,
  source: source as VisitSource,
  visits,
  sessions,
})

const week = [
  published('2026-01-06', [cell(9, 'direct', 5, 4), cell(10, 'direct', 7, 3)]),
  published('2026-01-05', [cell(9, 'direct', 11, 6), cell(9, 'example.org', 3, 3)]),
  published('2026-01-07', []),
]

describe('a roll-up', () => {
  it.each([
    [[], [{ visits: 26, sessionCells: 16 }]],
    [
      ['day'],
      [
        { day: '2026-01-05', visits: 14, sessionCells: 9 },
        { day: '2026-01-06', visits: 12, sessionCells: 7 },
      ],
    ],
    [
      ['weekday'],
      [
        { weekday: 1, visits: 14, sessionCells: 9 },
        { weekday: 2, visits: 12, sessionCells: 7 },
      ],
    ],
    [
      ['hour'],
      [
        { hour: 9, visits: 19, sessionCells: 13 },
        { hour: 10, visits: 7, sessionCells: 3 },
      ],
    ],
    [
      ['source'],
      [
        { source: 'direct', visits: 23, sessionCells: 13 },
        { source: 'example.org', visits: 3, sessionCells: 3 },
      ],
    ],
    [
      // Over days alone: sessions become session-days.
      ['hour', 'source'],
      [
        { hour: 9, source: 'direct', visits: 16, sessionDays: 10 },
        { hour: 9, source: 'example.org', visits: 3, sessionDays: 3 },
        { hour: 10, source: 'direct', visits: 7, sessionDays: 3 },
      ],
    ],
  ] as const)('by %j sums released cells and calls sessions what they are', (by, cells) => {
    expect(rollUp(week, by)).toEqual({ by, of: 'released-cells', cells })
  })

  it('has only the measures that were published', () => {
    const given = usagePolicy({ measures: ['visits'], dimensions: ['source'] })
    const day = published('2026-01-05', [{ source: 'direct', visits: 4 }], given)
    expect(rollUp([day], ['source']).cells).toEqual([{ source: 'direct', visits: 4 }])
  })

  it('leaves out publications that lack a dimension it is by', () => {
    const given = usagePolicy({ dimensions: ['source'] })
    const day = published('2026-01-05', [{ source: 'direct', visits: 4, sessions: 3 }], given)
    expect(rollUp([day], ['hour']).cells).toEqual([])
  })

  it('tells the same in total, by whatever it is', () => {
    const anyCell = fc.record({
      hour: fc.nat(23),
      source: fc.constantFrom('direct', 'unknown', 'example.org').map((text) => text as VisitSource),
      visits: fc.nat(100),
      sessions: fc.nat(100),
    })
    const days = fc.array(fc.array(anyCell, { maxLength: 8 }), { maxLength: 9 })
    fc.assert(
      fc.property(days, (list) => {
        const all = list.map((cells, i) => published(`2026-01-0${i + 1}`, cells))
        const total = list.flat().reduce((sum, { visits }) => sum + visits, 0)
        for (const { cells } of statisticsOf(all).rollUps) {
          expect(cells.reduce((sum, { visits = 0 }) => sum + visits, 0)).toBe(total)
        }
      }),
    )
  })
})

describe('statistics', () => {
  it('hold the days that have a cell, in order, and a roll-up by each dimension', () => {
    const { publications, rollUps } = statisticsOf(week)
    expect(publications.map(({ day }) => day)).toEqual(['2026-01-05', '2026-01-06'])
    expect(rollUps.map(({ by }) => by.join())).toEqual(['', 'day', 'weekday', 'hour', 'source'])
    const bySource = published('2026-01-05', [{ source: 'direct' }], usagePolicy({ dimensions: ['source'] }))
    expect(statisticsOf([bySource]).rollUps.map(({ by }) => by.join())).toEqual([
      '',
      'day',
      'weekday',
      'source',
    ])
  })
})

it.each([
  ['2026-01-04', 7],
  ['2026-01-05', 1],
])('%s is weekday %i', (day, weekday) => {
  expect(weekdayOf(day)).toBe(weekday)
})
