import type { CalendarDate, Instant } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import type { RequestState } from '../../src/requests/model.ts'
import { type Command, checkReceived, dueDate, next, transitions } from '../../src/requests/rules.ts'
import { exemptionEnd, isOver, keptFields } from '../../src/retention/rules.ts'

const states: RequestState[] = ['opened', 'confirmed', 'planned', 'running', 'fulfilled', 'refused']
const commands: Command[] = ['confirm', 'plan', 'start', 'finish', 'refuse']
const allowed: Record<string, RequestState> = {
  'opened confirm': 'confirmed',
  'opened refuse': 'refused',
  'confirmed plan': 'planned',
  'confirmed refuse': 'refused',
  'planned plan': 'planned',
  'planned start': 'running',
  'planned refuse': 'refused',
  'running start': 'running',
  'running finish': 'fulfilled',
}

describe('the table of a request, every state with every command', () => {
  for (const state of states) {
    for (const command of commands) {
      const to = allowed[`${state} ${command}`]
      it(`${state} ${command} -> ${to ?? 'conflict.state'}`, () => {
        const move = () => next({ id: 'r', state }, command)
        if (to) expect(move()).toBe(to)
        else expect(move).toThrow(expect.objectContaining({ code: 'conflict.state', record: 'r' }))
      })
    }
  }

  it('leads to running only through confirmed', () => {
    const reach = (from: RequestState, banned: RequestState): Set<RequestState> => {
      const seen = new Set<RequestState>([from])
      for (const state of seen) {
        for (const to of Object.values(transitions[state])) if (to !== banned) seen.add(to)
      }
      return seen
    }
    expect([...reach('opened', 'confirmed')].sort()).toEqual(['opened', 'refused'])
  })
})

describe('due one calendar month after receipt (GDPR 12(3), Regulation 1182/71 art. 3)', () => {
  const rows: [received: Instant, due: CalendarDate][] = [
    ['2026-01-31T10:00:00.000Z', '2026-02-28'],
    ['2028-01-31T10:00:00.000Z', '2028-02-29'],
    ['2026-03-31T10:00:00.000Z', '2026-04-30'],
    ['2026-02-28T10:00:00.000Z', '2026-03-28'],
    ['2026-12-15T10:00:00.000Z', '2027-01-15'],
    // Received at 23:30 UTC: the next day already in Helsinki.
    ['2026-06-30T23:30:00.000Z', '2026-08-01'],
  ]
  for (const [received, due] of rows)
    it(`${received} -> ${due}`, () => expect(dueDate(pilviPolicy, received)).toBe(due))

  it('refuses a receipt in the future or more than a year ago', () => {
    const now = '2026-11-23T10:00:00.000Z'
    expect(() => checkReceived('2026-11-23T10:00:00.001Z', now)).toThrow(/receivedAt/)
    expect(() => checkReceived('2025-11-01T10:00:00.000Z', now)).toThrow(/receivedAt/)
    expect(() => checkReceived('2026-10-01T10:00:00.000Z', now)).not.toThrow()
  })
})

describe('the last day of keeping (Accounting Act 1336/1997, 2:10)', () => {
  const policy = (financialYearEnd: string) => ({
    ...pilviPolicy,
    controller: { ...pilviPolicy.controller, financialYearEnd },
  })
  const vouchers = { from: 'end-of-calendar-year-of-financial-year', years: 6 } as const
  const books = { from: 'end-of-financial-year', years: 10 } as const
  const rows: [
    what: string,
    rule: Parameters<typeof exemptionEnd>[0]['rule'],
    year: string,
    recorded: CalendarDate,
    until: CalendarDate,
  ][] = [
    ['vouchers, financial year to 31.3.2024', vouchers, '03-31', '2024-03-31', '2030-12-31'],
    ['vouchers, the day after that year', vouchers, '03-31', '2024-04-01', '2031-12-31'],
    ['books, financial year to 31.3.2024', books, '03-31', '2023-04-01', '2034-03-31'],
    ['vouchers, calendar year', vouchers, '12-31', '2026-11-23', '2032-12-31'],
    ['books, calendar year', books, '12-31', '2026-01-01', '2036-12-31'],
    [
      'VAT of real estate, 13 years',
      { from: 'end-of-calendar-year-of-financial-year', years: 13 },
      '12-31',
      '2026-05-05',
      '2039-12-31',
    ],
    ['three years from the event', { from: 'event', years: 3 }, '12-31', '2026-11-23', '2029-11-23'],
    ['a leap day and a year', { from: 'event', years: 1 }, '12-31', '2028-02-29', '2029-02-28'],
    ['two months and three days', { from: 'event', months: 2, days: 3 }, '12-31', '2026-12-30', '2027-03-03'],
  ]
  for (const [what, rule, year, recorded, until] of rows) {
    it(`${what}: ${until}`, () => {
      const exemption = { kind: 'legal', law: 'law', says: { en: 'says' }, rule } as const
      expect(exemptionEnd(exemption, { recorded, policy: policy(year) })).toBe(until)
    })
  }

  it('is over on the day after, not on the day', () => {
    expect(isOver('2030-12-31', '2030-12-31')).toBe(false)
    expect(isOver('2030-12-31', '2031-01-01')).toBe(true)
  })

  it('is decided per field: the rest of the row goes', () => {
    const fields = [
      { name: 'pay', category: 'payment', recordedAt: '2026-11-23T10:00:00.000Z' },
      { name: 'later', category: 'payment', recordedAt: '2027-01-01T10:00:00.000Z' },
      { name: 'name', category: 'contact', recordedAt: '2026-11-23T10:00:00.000Z' },
    ] as const
    const kept = (today: CalendarDate) =>
      keptFields(fields, { policy: pilviPolicy, today }).map(({ field }) => field)
    expect(kept('2032-12-31')).toEqual(['pay', 'later'])
    expect(kept('2033-01-01')).toEqual(['later'])
    expect(kept('2034-01-01')).toEqual([])
  })

  it('is not decided for a category that the policy does not name', () => {
    const fields = [{ name: 'x', category: 'gone', recordedAt: '2026-11-23T10:00:00.000Z' }] as const
    expect(() => keptFields(fields, { policy: pilviPolicy, today: '2026-11-24' })).toThrow(
      expect.objectContaining({ code: 'policy.invalid', path: 'retention.gone' }),
    )
  })
})
