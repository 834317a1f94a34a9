/** Days, months and financial years as people count them, whatever zone the process runs in. */

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  addPeriod,
  calendarDate,
  dayBounds,
  dayIn,
  financialYearEnd,
  hourIn,
  instant,
  isTimeZone,
  later,
  yearEnd,
} from '../src/calendar.ts'
import type { CalendarDate, Instant } from '../src/environment.ts'
import { InvalidInput } from '../src/errors.ts'

const hour = 3_600_000

describe('a day in a zone', () => {
  it.each([
    ['Europe/Helsinki', '2026-01-15', '2026-01-14T22:00:00.000Z', 24, 'winter'],
    ['Europe/Helsinki', '2026-07-15', '2026-07-14T21:00:00.000Z', 24, 'summer'],
    ['Europe/Helsinki', '2026-03-29', '2026-03-28T22:00:00.000Z', 23, 'clocks go forward'],
    ['Europe/Helsinki', '2026-10-25', '2026-10-24T21:00:00.000Z', 25, 'clocks go back'],
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', 23, 'midnight is skipped: begins at one'],
    ['America/Asuncion', '2023-10-01', '2023-10-01T04:00:00.000Z', 23, 'midnight is skipped: begins at one'],
    ['Africa/Cairo', '2026-10-29', '2026-10-28T21:00:00.000Z', 25, 'midnight comes twice, an hour apart'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', 25, 'the first hour comes twice'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5, 'clocks go back half an hour'],
    ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z', 24, 'a quarter of an hour off'],
    ['Pacific/Kiritimati', '2026-06-01', '2026-05-31T10:00:00.000Z', 24, 'the most ahead'],
    ['Pacific/Pago_Pago', '2026-06-01', '2026-06-01T11:00:00.000Z', 24, 'the most behind'],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z', 24, 'the day before one that was left out'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', 0, 'a day that was left out'],
    ['UTC', '2024-02-29', '2024-02-29T00:00:00.000Z', 24, 'a leap day'],
  ])('%s %s begins at %s and has %d hours (%s)', (zone, day, from, hours) => {
    const bounds = dayBounds(zone, day as CalendarDate)
    expect(bounds.from).toBe(from)
    expect((Date.parse(bounds.before) - Date.parse(bounds.from)) / hour).toBe(hours)
  })

  const zones = [
    'Europe/Helsinki',
    'Africa/Cairo',
    'America/Asuncion',
    'Pacific/Kiritimati',
    'Asia/Kathmandu',
  ]
  const moments = fc
    .date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString() as Instant)

  it('every moment lies within the bounds of its day, and days follow each other without a gap', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), moments, (zone, at) => {
        const day = dayIn(zone, at)
        const { from, before } = dayBounds(zone, day)
        expect(from <= at && at < before).toBe(true)
        expect(dayBounds(zone, addPeriod(day, { days: 1 })).from).toBe(before)
        expect([dayIn(zone, from), dayIn(zone, later(before, -1))]).toEqual([day, day])
      }),
      { numRuns: 300 },
    )
  })

  it('a day and hour are what the runtime itself shows on that wall', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), moments, (zone, at) => {
        const shown = new Intl.DateTimeFormat('sv-SE', {
          timeZone: zone,
          dateStyle: 'short',
          timeStyle: 'medium',
        }).format(new Date(at))
        expect(`${dayIn(zone, at)} ${String(hourIn(zone, at)).padStart(2, '0')}`).toBe(shown.slice(0, 13))
      }),
      { numRuns: 300 },
    )
  })

  it('the hour that comes twice is the same hour twice', () => {
    expect(hourIn('Europe/Helsinki', '2026-10-25T00:30:00.000Z')).toBe(3)
    expect(hourIn('Europe/Helsinki', '2026-10-25T01:30:00.000Z')).toBe(3)
    expect(hourIn('Europe/Helsinki', '2026-10-24T21:00:00.000Z')).toBe(0)
    expect(hourIn('Europe/Helsinki', '2026-10-25T21:59:59.999Z')).toBe(23)
  })

  it.each([
    ['Europe/Helsinki', true],
    ['UTC', true],
    ['Etc/GMT+2', true],
    ['Europe/Nowhere', false],
    ['Banana+05', false],
    ['Banana-0530', false],
    ['+02:00', false],
    ['', false],
    ['constructor', false],
    ['Europe/Helsinki\n', false],
  ])('%j is a time zone: %s', (name, known) => {
    expect(isTimeZone(name)).toBe(known)
  })
})

describe('dates', () => {
  it.each(['2026-01-31', '2024-02-29', '2000-02-29', '9998-12-31', '0001-01-01'])('%s is one', (text) => {
    expect(calendarDate(text)).toBe(text)
  })

  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '2026-01-01T00:00:00.000Z',
    ' 2026-01-01',
    '２０２６-01-01',
    '',
    20260101,
    null,
    ['2026-01-01'],
  ])('%j is none, and the refusal does not say what it was', (text) => {
    try {
      calendarDate(text, 'born')
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInput)
      expect(error).toMatchObject({ code: 'input.invalid', path: 'born' })
      expect((error as Error).message).toBe('born must be a date like 2026-01-31')
      return
    }
    expect.fail('was not refused')
  })

  it('names the field `date` where it is told of none', () => {
    expect(() => calendarDate('x')).toThrow(expect.objectContaining({ path: 'date' }))
  })

  /** Regulation 1182/71 art. 3, GDPR 12(3): the same-numbered day, or the last of a shorter month. */
  it.each([
    ['2026-01-15', { months: 1 }, '2026-02-15'],
    ['2026-01-28', { months: 1 }, '2026-02-28'],
    ['2026-01-29', { months: 1 }, '2026-02-28'],
    ['2026-01-30', { months: 1 }, '2026-02-28'],
    ['2026-01-31', { months: 1 }, '2026-02-28'],
    ['2024-01-31', { months: 1 }, '2024-02-29'],
    ['2026-02-28', { months: 1 }, '2026-03-28'],
    ['2026-03-31', { months: 1 }, '2026-04-30'],
    ['2026-05-31', { months: 1 }, '2026-06-30'],
    ['2026-07-31', { months: 1 }, '2026-08-31'],
    ['2026-08-31', { months: 1 }, '2026-09-30'],
    ['2026-10-31', { months: 1 }, '2026-11-30'],
    ['2026-12-31', { months: 1 }, '2027-01-31'],
    ['2026-01-31', { months: 3 }, '2026-04-30'],
    ['2026-11-30', { months: 3 }, '2027-02-28'],
    ['2024-02-29', { years: 1 }, '2025-02-28'],
    ['2024-02-29', { years: 4 }, '2028-02-29'],
    ['2024-02-29', { years: 1, months: 1 }, '2025-03-29'],
    ['2026-01-31', { months: 1, days: 1 }, '2026-03-01'],
    ['2026-03-01', { days: -1 }, '2026-02-28'],
    ['2026-03-28', { days: 2 }, '2026-03-30'],
    ['2026-12-31', {}, '2026-12-31'],
  ] as const)('%s and %j is %s', (day, period, expected) => {
    expect(addPeriod(day, period)).toBe(expected)
  })

  it('no month later is ever in the month after the next', () => {
    const days = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 240 }), (date, months) => {
        const day = date.toISOString().slice(0, 10) as CalendarDate
        const due = addPeriod(day, { months })
        const [year = 0, month = 0, dated = 0] = day.split('-').map(Number)
        const [dueYear = 0, dueMonth = 0, dueDay = 0] = due.split('-').map(Number)
        expect(dueYear * 12 + dueMonth).toBe(year * 12 + month + months)
        const last = new Date(Date.UTC(dueYear, dueMonth, 0)).getUTCDate()
        expect(dueDay).toBe(Math.min(dated, last))
      }),
    )
  })

  it.each([
    ['2026-01-01', '2026-12-31'],
    ['2026-12-31', '2026-12-31'],
    ['2024-02-29', '2024-12-31'],
  ] as const)('the year of %s ends on %s', (day, end) => {
    expect(yearEnd(day)).toBe(end)
  })

  it.each([
    ['2026-01-01', '12-31', '2026-12-31'],
    ['2026-12-31', '12-31', '2026-12-31'],
    ['2024-03-31', '03-31', '2024-03-31'],
    ['2024-04-01', '03-31', '2025-03-31'],
    ['2023-04-01', '03-31', '2024-03-31'],
    ['2026-06-30', '06-30', '2026-06-30'],
    ['2026-07-01', '06-30', '2027-06-30'],
    ['2023-06-01', '02-29', '2024-02-29'],
    ['2024-02-29', '02-29', '2024-02-29'],
    ['2024-03-01', '02-29', '2025-02-28'],
    ['2025-02-28', '02-29', '2025-02-28'],
    ['1899-03-01', '02-29', '1900-02-28'],
    ['1999-03-01', '02-29', '2000-02-29'],
    ['2024-02-29', '02-28', '2025-02-28'],
  ] as const)('%s lies in a financial year that ends (%s) on %s', (day, monthDay, end) => {
    expect(financialYearEnd(day, monthDay)).toBe(end)
  })

  it('moments are moved by elapsed time', () => {
    expect(instant(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(later('2026-03-29T00:59:59.999Z', 1)).toBe('2026-03-29T01:00:00.000Z')
    expect(later('2026-01-01T00:00:00.000Z', -1)).toBe('2025-12-31T23:59:59.999Z')
  })
})

describe('the zone of the process', () => {
  const own = process.env['TZ']
  afterEach(() => {
    if (own === undefined) delete process.env['TZ']
    else process.env['TZ'] = own
  })

  /** Everything that could depend on it, on days on which clocks change somewhere. */
  const computed = (): unknown[] =>
    (['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01', '2024-02-29', '2026-01-31'] as const).map(
      (day) => [
        calendarDate(day),
        addPeriod(day, { months: 1 }),
        addPeriod(day, { years: 1, days: 1 }),
        yearEnd(day),
        financialYearEnd(day, '02-29'),
        dayBounds('Europe/Helsinki', day),
        dayBounds('America/New_York', day),
        dayIn('Europe/Helsinki', `${day}T22:30:00.000Z`),
        hourIn('Europe/Helsinki', `${day}T02:30:00.000Z`),
      ],
    )

  const offsets = {
    UTC: 0,
    'America/New_York': 300,
    'Europe/Helsinki': -120,
    'Pacific/Kiritimati': -840,
    'Pacific/Pago_Pago': 660,
  }
  const expected = computed()
  it.each(Object.entries(offsets))('%s changes nothing', (zone, offset) => {
    process.env['TZ'] = zone
    // Node takes the zone anew when it is set; otherwise this would prove nothing.
    expect(new Date(2026, 0, 15).getTimezoneOffset()).toBe(offset)
    expect(computed()).toEqual(expected)
    expect(expected[0]).toEqual([
      '2026-03-08',
      '2026-04-08',
      '2027-03-09',
      '2026-12-31',
      '2027-02-28',
      { from: '2026-03-07T22:00:00.000Z', before: '2026-03-08T22:00:00.000Z' },
      { from: '2026-03-08T05:00:00.000Z', before: '2026-03-09T04:00:00.000Z' },
      '2026-03-09',
      4,
    ])
  })
})
