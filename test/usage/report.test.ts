import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPeriod } from '../../src/calendar.ts'
import type { CalendarDate } from '../../src/environment.ts'
import { InvalidInput } from '../../src/errors.ts'
import { columns, rows } from '../../src/usage/charts.ts'
import type { Cell, Publication, Statistics, VisitSource } from '../../src/usage/model.ts'
import { baseTable } from '../../src/usage/protect.ts'
import { publicationOf } from '../../src/usage/publication.ts'
import { renderReport } from '../../src/usage/report.ts'
import { statisticsOf } from '../../src/usage/rollup.ts'
import { statistics } from '../../src/usage/statistics.ts'
import { line, usagePolicy } from './visits.ts'

const policy = usagePolicy({ k: 10 })
const cell = (hour: number, source: string, visits = 40, sessions = 12): Cell => ({
  hour,
  source: source as VisitSource,
  visits,
  sessions,
})
const published = (day: string, cells: readonly Cell[], given = policy): Publication =>
  publicationOf({ policy: given, base: baseTable(given), day: day as CalendarDate }, cells)

const some = statisticsOf([
  published('2026-01-05', [cell(9, 'direct', 1_234, 100), cell(10, 'example.org')]),
  published('2026-01-07', [cell(9, 'internal', 60), cell(9, 'unknown', 50)]),
])

/** The text of a page as a reader without style would get it. */
const textOf = (html: string): string =>
  html
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/[\s\u00a0]+/g, ' ')

describe('the report', () => {
  it.each(['en', 'fi'] as const)('is one self-contained page without a script (%s)', (language) => {
    const html = renderReport(some, { language })
    expect(html).toContain(`<html lang="${language}">`)
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|https?:|url\(|@import|<link|<img|<iframe|src=/i)
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/undefined|NaN|\[object/)
  })

  it('shows the sums of released cells by day, hour and source, as charts and as tables', () => {
    const text = textOf(renderReport(some, { language: 'en' }))
    for (const says of [
      '5–7 January 2026',
      '1,384', // 1,234 + 40 + 60 + 50
      '5 January 2026 1,274 112',
      '7 January 2026 110 24',
      '9:00–9:59 1,344 124',
      'Direct, without a referrer 1,234 100',
      'example.org 40 12',
      'Within the service 60 12',
      'Unknown 50 12',
    ]) {
      expect(text.replace(/ – | – /g, '–')).toContain(says)
    }
  })

  it('says what is left out, and shows a day between without a bar or a zero', () => {
    const html = renderReport(some, { language: 'en' })
    const text = textOf(html)
    expect(text).toContain('only groups of at least 10 sessions')
    expect(text).toContain('left out and counted nowhere')
    expect(text).toContain('This is not differential privacy')
    expect(text).toContain('6 January 2026 – –')
    expect(html).toContain('<title>6 January 2026: nothing shown</title>')
  })

  it('is said in Finnish, with Finnish dates and numbers', () => {
    const text = textOf(renderReport(some, { language: 'fi' }))
    for (const says of ['Käyttötilastot', '5.–7. tammikuuta 2026', '1 384', 'vähintään 10 istunnon ryhmät']) {
      expect(text).toContain(says)
    }
  })

  it('describes each chart in words and has a table for it', () => {
    const html = renderReport(some, { language: 'en' })
    const images = [...html.matchAll(/role="img" aria-label="([^"]+)"/g)].map(([, label]) => label)
    expect(images).toEqual([
      'Visits by day. 5 January 2026: 1,274.',
      'Visits by hour of the day. 9:00–9:59: 1,344.',
      'Visits by source. Direct, without a referrer: 1,234.',
    ])
    expect(html.match(/<table>/g)).toHaveLength(3)
    expect(html.match(/<th scope="col">/g)).toHaveLength(9)
  })

  it('has the title given, escaped', () => {
    const html = renderReport(some, { language: 'en', title: 'A <b>"title"</b> & more' })
    expect(html).toContain('<h1>A &lt;b&gt;&quot;title&quot;&lt;/b&gt; &amp; more</h1>')
  })

  it('of nothing says so', () => {
    const text = textOf(renderReport(statisticsOf([]), { language: 'en' }))
    expect(text).toContain('no group of visits was large enough')
    expect(textOf(renderReport(statisticsOf([]), { language: 'fi' }))).toContain('Mitään ei voida näyttää')
  })

  it('of more than three months is by month', () => {
    const days = Array.from({ length: 100 }, (_, i) => addPeriod('2026-01-01', { days: i }))
    const html = renderReport(statisticsOf(days.map((day) => published(day, [cell(9, 'direct', 10, 10)]))), {
      language: 'en',
    })
    const text = textOf(html)
    expect(text).toContain('Visits by month')
    expect(text).toContain('Jan 2026 310 310')
    expect(text).toContain('Apr 2026 100 100')
  })

  it('of many sources draws the largest and lists all', () => {
    const cells = Array.from({ length: 40 }, (_, i) => cell(9, `site-${i}.org`, 100 + i))
    const html = renderReport(statisticsOf([published('2026-01-05', cells)]), { language: 'en' })
    expect(html.match(/class="row"/g)).toHaveLength(15)
    expect(html).toContain('25 more are in the table')
    expect(html).toContain('<th scope="row">site-0.org</th>')
  })

  it('shows the dimensions that the table has', () => {
    const given = usagePolicy({ dimensions: ['source'], measures: ['sessions'], k: 10 })
    const html = renderReport(
      statisticsOf([published('2026-01-05', [{ source: 'direct', sessions: 12 }], given)]),
      {
        language: 'en',
      },
    )
    expect(html).not.toContain('Visits by hour')
    expect(textOf(html)).toContain('visits on the same day, from the same source.')
    expect(textOf(html)).toContain('Direct, without a referrer 12')
    const hours = usagePolicy({ dimensions: ['hour'], measures: ['visits'], k: 10 })
    const other = renderReport(statisticsOf([published('2026-01-05', [{ hour: 3, visits: 12 }], hours)]), {
      language: 'fi',
    })
    expect(other).not.toContain('Käynnit lähteittäin')
    expect(textOf(other)).toContain('saman päivän käynnit samalla tunnilla.')
  })

  it.each([
    ['no object', null],
    ['another format', { ...some, format: 'x' }],
    [
      'a text as a number',
      {
        ...some,
        publications: [published('2026-01-05', [{ ...cell(9, 'direct'), visits: '<b>' as never }])],
      },
    ],
    ['a source that is none', { ...some, publications: [published('2026-01-05', [cell(9, '<script>')])] }],
    ['a day that is none', { ...some, publications: [published('2026-13-05', [cell(9, 'direct')])] }],
    ['a member of its own', { ...some, extra: 1 }],
  ])('refuses %s', (_, wrong) => {
    expect(() => renderReport(wrong as unknown as Statistics, { language: 'en' })).toThrow(InvalidInput)
  })

  it.each([
    ['no options', undefined, 'options'],
    ['a language it has no words in', { language: 'sv' }, 'options.language'],
    ['a title that is no text', { language: 'en', title: 7 }, 'options.title'],
  ])('refuses %s', (_, options, path) => {
    expect(() => renderReport(statisticsOf([]), options as never)).toThrow(
      expect.objectContaining({ code: 'input.invalid', path }),
    )
  })

  it('escapes the texts of a policy that was read from a file', () => {
    const given = { ...policy, id: '<img src=x onerror=alert(1)>', timeZone: 'UTC' }
    const html = renderReport(statisticsOf([published('2026-01-05', [cell(9, 'direct')], given)]), {
      language: 'en',
    })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  it('scales its axis for any largest figure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10_000_000 }), (visits) => {
        const html = renderReport(statisticsOf([published('2026-01-05', [cell(9, 'direct', visits)])]), {
          language: 'en',
        })
        const [, axis = ''] = /class="axis"[^>]*>(.*?)<\/svg>/.exec(html) ?? []
        const ticks = [...axis.matchAll(/>([\d,]+)</g)].map(([, text = '']) =>
          Number(text.replaceAll(',', '')),
        )
        expect(ticks[0]).toBe(0)
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(visits)
        expect(ticks.length).toBeGreaterThan(2)
        expect(ticks.length).toBeLessThan(7)
        for (const [, y = ''] of html.matchAll(/class="bar"[^>]* y="([^"]+)"/g))
          expect(Number(y)).toBeGreaterThanOrEqual(11.9)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a chart', () => {
  const options = { description: 'A "b" <c>', format: String, nothing: '<none>', every: 1 }
  const bars = [
    { name: '<i>one</i>', label: '<1>', value: 7 },
    { name: 'two', label: '2', value: null },
  ]

  it.each([
    ['columns', columns(bars, options)],
    ['rows', rows(bars, options)],
  ])('escapes whatever text it is given: %s', (_, html) => {
    expect(html).toContain('&lt;i&gt;one&lt;/i&gt;')
    expect(html).toContain('aria-label="A &quot;b&quot; &lt;c&gt;"')
    expect(html).not.toMatch(/<i>|<1>|<none>|<c>/)
    expect(html).toContain('&lt;none&gt;')
  })

  it('without a figure has bars of no length', () => {
    const [nothing] = [[{ name: 'a', label: 'a', value: null }]]
    expect(columns(nothing, options)).toContain('height="0.0"')
    expect(rows(nothing, options)).toContain('width="0%"')
  })
})

describe('markup in a log cannot reach the report', () => {
  const attacks = [
    'https://<script>alert(1)</script>.org/',
    'https://example.org"><script>alert(1)</script>/',
    "https://example.org'onmouseover='alert(1)/",
    'https://</style><script>.org/',
    'https://example.org/<script>alert(1)</script>',
    'javascript:alert(1)',
  ]
  it.each(attacks)('%s', async (referrer) => {
    const lines = Array.from({ length: 12 }, (_, i) =>
      line({
        host: `198.51.100.${i}`,
        referrer: referrer.replaceAll('"', '\\"'),
        agent: '<script>alert(2)</script>',
      }),
    )
    const chunks = [new TextEncoder().encode(lines.join('\n'))]
    const made = await statistics({ chunks, policy })
    expect(made.lines.counted).toBe(12)
    expect(made.statistics.publications).toHaveLength(1)
    const html = renderReport(made.statistics, { language: 'en' })
    expect(html).not.toMatch(/<script|alert|onmouseover/)
  })
})
