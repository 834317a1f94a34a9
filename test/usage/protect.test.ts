import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/errors.ts'
import { Anonymiser } from '../../src/usage/anonymise.ts'
import { baseTable, protectionOf, release, timeZoneOf } from '../../src/usage/protect.ts'
import { Partial } from '../../src/usage/tally.ts'
import { usagePolicy, visit } from './visits.ts'

const base = baseTable(usagePolicy())

/** Visits of so many sessions, from a source in an hour. */
interface Group {
  readonly site: string
  readonly sessions: number
  readonly hour?: number
  readonly ip?: string
}

function partialOf(groups: readonly Group[], { table } = base): Partial {
  const partial = new Partial({ ...table, key: new Uint8Array(32).fill(3) })
  const { hash, identifiers } = partial
  const anonymiser = new Anonymiser({ timeZone: 'UTC', sites: [], hash, identifiers })
  for (const { site, sessions, hour = 12, ip = '192.0.2.1' } of groups) {
    for (let i = 0; i < sessions; i++) {
      const at = new Date(Date.UTC(2026, 0, 5, hour)).toISOString()
      partial.add(anonymiser.visit(visit({ session: `${site}-${i}`, at, source: `https://${site}/`, ip })))
    }
  }
  return partial
}

describe('release', () => {
  it('lets a cell out at k sessions and not below', () => {
    const partial = partialOf([
      { site: 'two.org', sessions: 2 },
      { site: 'three.org', sessions: 3 },
      { site: 'four.org', sessions: 4, hour: 3 },
    ])
    expect([...release(partial, base)]).toEqual([
      [
        '2026-01-05',
        [
          { hour: 3, source: 'four.org', visits: 4, sessions: 4 },
          { hour: 12, source: 'three.org', visits: 3, sessions: 3 },
        ],
      ],
    ])
  })

  it('counts what is left out nowhere: no other row, no total, no day', () => {
    const partial = partialOf([{ site: 'two.org', sessions: 2 }])
    expect(release(partial, base).size).toBe(0)
  })

  it('orders days and cells by what they are, not by when they came', () => {
    const partial = partialOf([
      { site: 'b.org', sessions: 3, hour: 30 },
      { site: 'b.org', sessions: 3 },
      { site: 'a.org', sessions: 3 },
    ])
    const days = [...release(partial, base)]
    expect(days.map(([day]) => day)).toEqual(['2026-01-05', '2026-01-06'])
    expect(days[0]?.[1].map(({ source }) => source)).toEqual(['a.org', 'b.org'])
  })

  it('counts a source that gives an identifier away as unknown, before the threshold', () => {
    const partial = partialOf([
      { site: '192-0-2-44.org', sessions: 3, ip: '192.0.2.44' },
      { site: 'localhost', sessions: 2 },
    ])
    expect([...release(partial, base).values()]).toEqual([
      [{ hour: 12, source: 'unknown', visits: 5, sessions: 5 }],
    ])
  })

  it('gives only the measures that the table declares', () => {
    const visits = baseTable(usagePolicy({ measures: ['visits'], dimensions: ['source'] }))
    const partial = partialOf([{ site: 'a.org', sessions: 3 }])
    const [cells] = release(partial, visits).values()
    expect(cells?.map((cell) => Object.keys(cell).sort())).toEqual([['hour', 'source', 'visits']])
  })
})

it('what is left out changes nothing: without it the release is the same', () => {
  const wide = baseTable(usagePolicy({ cellsPerSession: 1_000 }))
  const group = fc.record({
    site: fc.constantFrom('a.org', 'b.org', 'localhost'),
    sessions: fc.integer({ min: 1, max: 6 }),
    hour: fc.nat(40),
  })
  const name = ({ site, hour }: { site: string; hour: number }): string =>
    `${site === 'localhost' ? '' : site}/${hour}`
  fc.assert(
    fc.property(fc.uniqueArray(group, { maxLength: 12, selector: name }), (groups) => {
      const shown = groups.filter(({ sessions }) => sessions >= wide.k)
      const released = [...release(partialOf(groups, wide), wide)]
      expect(released).toEqual([...release(partialOf(shown, wide), wide)])
      expect(released.flatMap(([, cells]) => cells)).toHaveLength(shown.length)
    }),
  )
})

describe('the base table', () => {
  const policy = usagePolicy()
  const { publications } = policy
  const table = publications.tables['visits']

  it('is the one that the policy declares', () => {
    expect(base).toMatchObject({ name: 'visits', k: 3 })
    expect(baseTable(policy, 'visits')).toEqual(base)
    expect(() => baseTable(policy, 'other')).toThrow(expect.objectContaining({ code: 'input.not-in-policy' }))
  })

  it.each([
    ['no table', { ...publications, tables: {} }, 'publications.tables'],
    ['a second table', { ...publications, tables: { a: table, b: table } }, 'publications.tables'],
    ['k below 3', { ...publications, protection: { mode: 'threshold', k: 2 } }, 'publications.protection.k'],
    [
      'a broken k',
      { ...publications, protection: { mode: 'threshold', k: 3.5 } },
      'publications.protection.k',
    ],
    [
      'no cell a session',
      { ...publications, tables: { a: { ...table, cellsPerSession: 0 } } },
      'publications.tables.a.cellsPerSession',
    ],
  ])('is refused with %s', (_, wrong, path) => {
    const call = () => baseTable({ publications: wrong as typeof publications })
    expect(call).toThrow(InvalidInput)
    expect(call).toThrow(expect.objectContaining({ code: 'policy.invalid', path }))
  })

  it('says in words what is promised and what is not', () => {
    const { promise, limits, k, unit } = protectionOf(base)
    expect([k, unit]).toEqual([3, 'session-day'])
    expect(promise).toContain('at least 3 sessions')
    expect(limits.join(' ')).toMatch(
      /not differential privacy.*sessions of their own making.*not one person/s,
    )
  })
})

it('an unknown time zone is refused', () => {
  expect(timeZoneOf({ timeZone: 'Europe/Helsinki' })).toBe('Europe/Helsinki')
  expect(() => timeZoneOf({ timeZone: 'Mars/Olympus' })).toThrow(
    expect.objectContaining({ code: 'policy.invalid', path: 'timeZone' }),
  )
})
