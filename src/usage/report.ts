/**
 * Statistics as a page that anybody may see: one HTML file with charts, no script, nothing loaded from anywhere, light
 * and dark, on paper, on a phone and to a screen reader.
 *
 * It shows what the statistics hold and computes nothing from anything else. It says what is left out and what is not
 * promised, on the page itself and not in a manual. What comes in is parsed again, because it may have been read from a
 * file: what is not statistics is refused, and every text is escaped.
 */

import * as z from 'zod'
import { addPeriod } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import { escapeHtml, page } from '../html.ts'
import { parse } from '../parsing.ts'
import type { Language } from '../policy/model.ts'
import { type Bar, columns, rows } from './charts.ts'
import { type RollUpCell, type Statistics, statisticsParser } from './model.ts'
import { type Phrases, phrases } from './report-phrases.ts'
import { reportStyle } from './report-style.ts'
import { rollUp } from './rollup.ts'

/** How a report is written. */
export interface ReportOptions {
  readonly language: Language
  /** The heading, as plain text; "Usage statistics" if not given. */
  readonly title?: string
}

const optionsParser: z.ZodType<ReportOptions> = z.strictObject({
  language: z.enum(['en', 'fi']),
  title: z.string().exactOptional(),
})

interface Writer {
  readonly words: Phrases
  readonly statistics: Statistics
  /** Visits, or sessions where the table does not count visits. */
  value(cell: RollUpCell): number
  number(value: number): string
  date(day: CalendarDate, form: 'long' | 'short' | 'month'): string
  range(from: CalendarDate, to: CalendarDate): string
}

/** More days than this are shown by month. */
const daysByDay = 92
const sourcesShown = 15

/**
 * The report as one HTML page.
 * @throws InvalidInput `input.invalid` if this is not statistics, or the language not one of the two
 */
export function renderReport(input: Statistics, options: ReportOptions): string {
  const statistics = parse(statisticsParser, input, 'statistics')
  const { language, title } = parse(optionsParser, options, 'options')
  const words = phrases[language]
  const writer = writerFor(statistics, language)
  const heading = title ?? words.title
  const body = [
    `<main><header><h1>${escapeHtml(heading)}</h1>${period(writer)}</header>`,
    ...(statistics.publications.length === 0 ? [nothing(writer)] : charts(writer)),
    notes(writer),
    '</main>',
  ]
  return page({ lang: language, title: heading, style: reportStyle, body: body.join('\n') })
}

function writerFor(statistics: Statistics, language: Language): Writer {
  const locale = language === 'fi' ? 'fi-FI' : 'en-GB'
  const numbers = new Intl.NumberFormat(locale)
  const date = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options })
  const forms = {
    long: date({ dateStyle: 'long' }),
    short: date({ day: 'numeric', month: language === 'fi' ? 'numeric' : 'short' }),
    month: date({ month: 'short', year: 'numeric' }),
  }
  return {
    words: phrases[language],
    statistics,
    value: (cell) => cell.visits ?? cell.sessionCells ?? cell.sessionDays ?? 0,
    number: (value) => numbers.format(value),
    date: (day, form) => forms[form].format(midnight(day)),
    range: (from, to) => forms.long.formatRange(midnight(from), midnight(to)),
  }
}

const midnight = (day: CalendarDate): Date => new Date(`${day}T00:00:00.000Z`)

/** The smallest threshold of all days: what can be said of every figure. */
const kOf = ({ statistics }: Writer): number =>
  Math.min(...statistics.publications.map(({ protection }) => protection.k))

function period({ statistics, words, range }: Writer): string {
  const first = statistics.publications.at(0)
  const last = statistics.publications.at(-1)
  if (first === undefined || last === undefined) return ''
  const dates = range(first.day, last.day)
  return `<p class="period">${escapeHtml(dates)}<br>${escapeHtml(words.timesIn(last.timeZone))}</p>`
}

const nothing = ({ words }: Writer): string => `<p class="lead">${escapeHtml(words.empty)}</p>`

function charts(writer: Writer): string[] {
  const { words, statistics, number, value } = writer
  const dimensions = statistics.publications.at(-1)?.dimensions ?? []
  const [sum = {}] = rollUp(statistics.publications, []).cells
  const k = number(kOf(writer))
  const tiles: [string, string][] = [
    [number(value(sum)), words.shown],
    [number(statistics.publications.length), words.days],
    [`≥ ${k}`, words.smallest],
  ]
  const tile = ([figure, says]: [string, string]): string =>
    `<div><dt>${escapeHtml(says)}</dt><dd>${escapeHtml(figure)}</dd></div>`
  return [
    `<dl class="tiles">${tiles.map(tile).join('')}</dl>`,
    `<p class="lead">${escapeHtml(words.intro(k, dimensions))}</p>`,
    byDay(writer),
    byHour(writer),
    bySource(writer),
  ]
}

function byDay(writer: Writer): string {
  const { words, date, statistics } = writer
  const cells = rollUp(statistics.publications, ['day']).cells
  const days = daysFrom(cells)
  const form = days.length > daysByDay ? 'month' : 'day'
  const start = (day: CalendarDate): CalendarDate =>
    form === 'day' ? day : (`${day.slice(0, 7)}-01` as CalendarDate)
  const points = [...new Set(days.map(start))].map((day) => ({
    name: date(day, form === 'day' ? 'long' : 'month'),
    label: date(day, form === 'day' ? 'short' : 'month'),
    cells: cells.filter((cell) => cell.day !== undefined && start(cell.day) === day),
  }))
  const [heading, column] = form === 'day' ? [words.byDay, words.day] : [words.byMonth, words.month]
  return section(writer, { heading, column, points, draw: 'columns', every: Math.ceil(points.length / 5) })
}

/** Every day from the first to the last, those without a figure too. */
function daysFrom(cells: readonly RollUpCell[]): CalendarDate[] {
  const days: CalendarDate[] = []
  const last = cells.at(-1)?.day
  for (let day = cells[0]?.day; day !== undefined && last !== undefined && day <= last; ) {
    days.push(day)
    day = addPeriod(day, { days: 1 })
  }
  return days
}

function byHour(writer: Writer): string {
  const { words, statistics } = writer
  const cells = rollUp(statistics.publications, ['hour']).cells
  if (cells.length === 0) return ''
  const points = Array.from({ length: 24 }, (_, hour) => ({
    name: `${hour}:00–${hour}:59`,
    label: String(hour),
    cells: cells.filter((cell) => cell.hour === hour),
  }))
  return section(writer, { heading: words.byHour, column: words.hour, points, draw: 'columns', every: 3 })
}

function bySource(writer: Writer): string {
  const { words, statistics, value } = writer
  const cells = rollUp(statistics.publications, ['source']).cells
  if (cells.length === 0) return ''
  const named = (source = ''): string =>
    source === 'direct' || source === 'internal' || source === 'unknown' ? words[source] : source
  const points = [...cells]
    .sort((a, b) => value(b) - value(a))
    .map((cell) => ({ name: named(cell.source), label: '', cells: [cell] }))
  const note = words.sourceNote
  return section(writer, {
    heading: words.bySource,
    column: words.source,
    points,
    draw: 'rows',
    every: 1,
    note,
  })
}

/** A point of a chart and row of its table: the cells that it sums. */
interface Point {
  readonly name: string
  readonly label: string
  readonly cells: readonly RollUpCell[]
}

interface Section {
  readonly heading: string
  /** The heading of the table's first column. */
  readonly column: string
  readonly points: readonly Point[]
  readonly draw: 'columns' | 'rows'
  /** Which labels of the axis are written. */
  readonly every: number
  readonly note?: string
}

const summed = (cells: readonly RollUpCell[], of: (cell: RollUpCell) => number): number | null =>
  cells.length === 0 ? null : cells.reduce((total, cell) => total + of(cell), 0)

function section(writer: Writer, { heading, column, points, draw, every, note }: Section): string {
  const { words, number, value } = writer
  const bars = points.map(({ name, label, cells }): Bar => ({ name, label, value: summed(cells, value) }))
  const [largest] = [...bars].sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
  const description = `${heading}. ${largest?.name ?? ''}: ${number(largest?.value ?? 0)}.`
  const options = { description, format: number, nothing: words.nothing, every }
  const chart = draw === 'columns' ? columns(bars, options) : rows(bars.slice(0, sourcesShown), options)
  const notes = [
    ...(draw === 'rows' && bars.length > sourcesShown
      ? [words.more(number(bars.length - sourcesShown))]
      : []),
    ...(bars.some((bar) => bar.value === null) ? [words.nothingNote] : []),
    ...(note === undefined ? [] : [note]),
  ]
  return `<section><h2>${escapeHtml(heading)}</h2>
${chart}
${notes.map((each) => `<p class="note">${escapeHtml(each)}</p>`).join('')}
<details><summary>${escapeHtml(words.asTable)}</summary>${table(writer, column, points)}</details></section>`
}

function table({ words, number }: Writer, column: string, points: readonly Point[]): string {
  const cell = (figure: number | null): string =>
    `<td>${figure === null ? '–' : escapeHtml(number(figure))}</td>`
  const head = [column, words.visits, words.sessions].map(
    (each) => `<th scope="col">${escapeHtml(each)}</th>`,
  )
  const body = points.map(({ name, cells }) => {
    const visits = cell(summed(cells, (each) => each.visits ?? 0))
    const sessions = cell(summed(cells, (each) => each.sessionDays ?? each.sessionCells ?? 0))
    return `<tr><th scope="row">${escapeHtml(name)}</th>${visits}${sessions}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`
}

function notes(writer: Writer): string {
  const { words, statistics, number } = writer
  const last = statistics.publications.at(-1)
  if (last === undefined) return ''
  const { cellsPerSession, visitsPerCell } = last.protection
  const meanings = words.meanings({
    k: number(kOf(writer)),
    cells: number(cellsPerSession),
    visits: number(visitsPerCell),
  })
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((each) => `<li>${escapeHtml(each)}</li>`).join('')}</ul>`
  const made = words.made({
    format: `${last.format} ${last.formatVersion}`,
    policy: `${last.policy.id} ${last.policy.version}`,
    table: last.table,
  })
  return `<section><h2>${escapeHtml(words.meaning)}</h2>${list(meanings)}</section>
<section><h2>${escapeHtml(words.limits)}</h2>${list(words.limitsList)}</section>
<footer><p class="note">${escapeHtml(made)}</p></footer>`
}
