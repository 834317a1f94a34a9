import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarDate } from '../../src/calendar.ts'
import type { CalendarDate } from '../../src/environment.ts'
import { countryName, isCountry } from '../../src/policy/countries.ts'
import {
  adequacyDecisions,
  assessmentDuty,
  clausesDecisions,
  inEea,
  invalidFrameworks,
  memberships,
  territories,
} from '../../src/policy/law.ts'
import { evaluateTransfer, permittedUntil, type TransferQuestion } from '../../src/policy/transfer.ts'
import {
  cases,
  clauses,
  derogation,
  framework,
  harbour,
  older,
  shield,
  unassessed,
} from './transfer-cases.ts'

describe('evaluateTransfer', () => {
  it.each(cases)('%s (%s)', (_says, clause, asked, on, outcome, rule) => {
    expect(clause.length).toBeGreaterThan(5)
    const decision = evaluateTransfer(asked, on)
    expect(decision).toMatchObject({ outcome, rule })
    expect(decision.says).not.toBe('')
    expect(decision.source).not.toBe('')
  })

  it('names the decision it rests on', () => {
    expect(evaluateTransfer(framework, '2025-01-01').source).toContain('2023/1795')
    expect(evaluateTransfer(shield, '2026-11-23').source).toContain('C-311/18')
    expect(evaluateTransfer(clauses, '2026-11-23').source).toContain('2021/914')
  })

  it.each([
    ['explicit-consent', 'a'],
    ['contract-with-subject', 'b'],
    ['contract-in-interest', 'c'],
    ['public-interest', 'd'],
    ['legal-claims', 'e'],
    ['vital-interests', 'f'],
    ['public-register', 'g'],
  ] as const)('names the point of Article 49(1) that %s is: (%s)', (ground, point) => {
    const asked = { country: 'IN', derogation: { ground, reason: 'this one case' } }
    expect(evaluateTransfer(asked, '2026-11-23').source).toBe(`GDPR 49(1)(${point})`)
  })

  const day = fc
    .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10) as CalendarDate)
  const declared = fc.constantFrom(undefined, clauses.transfer, shield.transfer, harbour.transfer)

  it('never lets a declaration alone carry data out, whatever it declares', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('IN', 'CN', 'RU', 'XX'),
        day,
        fc.constantFrom<NonNullable<TransferQuestion['transfer']>['mechanism']>(
          'adequacy',
          'privacy-shield',
          'safe-harbour',
          'derogation',
          'standard-contractual-clauses',
          'binding-corporate-rules',
        ),
        (country, on, mechanism) => {
          const asked = { country, transfer: { mechanism, since: '1990-01-01' as const } }
          const { outcome, rule } = evaluateTransfer(asked, on)
          // Before the judgment a tool of Article 46 needed nothing beside it (CJEU C-311/18).
          if (on >= '2020-07-16' || rule !== 'transfer.safeguards') expect(outcome).toBe('deny')
        },
      ),
    )
  })

  it('asks for nothing inside the EEA, and decides by the first rule that holds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...[...memberships, ...territories].map((row) => row.country)),
        day,
        declared,
        (country, on, transfer) => {
          const decision = evaluateTransfer({ country, ...(transfer && { transfer }), derogation }, on)
          expect(decision.outcome).toBe('permit')
          if (inEea(country, on)) expect(decision.rule).toBe('transfer.eea')
        },
      ),
    )
  })
})

describe('permittedUntil', () => {
  const asked: Readonly<Record<string, TransferQuestion>> = {
    shield,
    harbour,
    framework,
    clauses,
    'clauses of before 2021': {
      country: 'IN',
      transfer: { mechanism: 'standard-contractual-clauses', since: '2018-01-01', assessment: 'TIA-3' },
    },
    'the framework, and clauses that outlive the certificate': {
      country: 'US',
      certification: { scheme: 'data-privacy-framework', since: '2023-09-01', until: '2026-08-31' },
      transfer: {
        mechanism: 'standard-contractual-clauses',
        since: '2024-01-01',
        until: '2028-12-31',
        assessment: 'TIA-4',
      },
    },
    'the United Kingdom': { country: 'GB' },
    'clauses without an assessment': unassessed,
    'older clauses signed too late': older('2021-09-27'),
    Finland: { country: 'FI' },
    Mayotte: { country: 'YT' },
    Brazil: { country: 'BR' },
    'Canada, an agency': { country: 'CA', organisation: 'public' },
    'a derogation': { country: 'IN', derogation },
  }
  const first = Date.parse('1999-12-01')
  const days = Array.from({ length: 15_000 }, (_, n) =>
    new Date(first + n * 86_400_000).toISOString().slice(0, 10),
  ) as CalendarDate[]

  it.each(Object.entries(asked))('is the last day before the first that denies: %s', (_, question) => {
    const denies = days.map((on) => evaluateTransfer(question, on).outcome === 'deny')
    for (let n = 0; n < days.length; n += 61) {
      const next = denies.indexOf(true, n)
      const last = next <= n ? undefined : days[next - 1]
      expect([days[n], permittedUntil(question, days[n] as CalendarDate)]).toEqual([days[n], last])
    }
  })

  it.each([
    ['the United Kingdom, across three grounds', { country: 'GB' }, '2020-01-01', '2031-12-27'],
    ['a certificate', framework, '2026-01-01', '2026-08-31'],
    ['on the last day', framework, '2026-08-31', '2026-08-31'],
    ['where nothing is permitted', framework, '2026-09-01', undefined],
    ['where no end is named', { country: 'FI' }, '2026-01-01', undefined],
  ] as const)('%s', (_, question, on, until) => {
    expect(permittedUntil(question, on)).toBe(until)
  })
})

describe('the law as data', () => {
  const on = '2026-11-23'
  const rows = [
    ...memberships,
    ...territories,
    assessmentDuty,
    ...adequacyDecisions,
    ...invalidFrameworks,
    ...Object.values(clausesDecisions),
  ]

  it('has the 27 of the Union and the 30 of the EEA', () => {
    const eea = memberships.filter(({ country }) => inEea(country, on))
    const union = eea.filter((row) => row.union).map(({ country }) => country)
    const facts = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'
    expect(union.sort()).toEqual(facts.split(' ').sort())
    expect(
      eea
        .map(({ country }) => country)
        .filter((country) => !union.includes(country))
        .sort(),
    ).toEqual(['IS', 'LI', 'NO'])
  })

  it('has the adequacy decisions of the facts, and no other, in force', () => {
    const inForce = adequacyDecisions.filter(
      ({ since, until }) => since <= on && (until === undefined || on <= until),
    )
    const facts = 'AD AR CH FO GG IL IM JE NZ UY CA JP KR GB US EP BR'
    expect(inForce.map(({ country }) => country).sort()).toEqual(facts.split(' ').sort())
  })

  it('has the territories of the Union with a code of their own, marked as not in the facts', () => {
    expect(territories.map(({ country }) => country).sort()).toEqual('AX GF GP MF MQ RE YT'.split(' '))
    for (const { of, verified } of territories) expect([inEea(of, on), verified]).toEqual([true, false])
  })

  it('has real dates in order, known countries and a source in every row', () => {
    for (const row of rows) {
      expect(calendarDate(row.since)).toBe(row.since)
      if (row.until !== undefined) expect(calendarDate(row.until) >= row.since).toBe(true)
      expect(row.source.length).toBeGreaterThan(5)
    }
    for (const { country } of [...memberships, ...territories, ...adequacyDecisions])
      expect(isCountry(country)).toBe(true)
  })

  it('ends a framework’s decision on the day before its judgment', () => {
    for (const { framework: scheme, since } of invalidFrameworks) {
      const decision = adequacyDecisions.find((row) => row.scheme === scheme)
      const after = new Date(Date.parse(`${decision?.until}T00:00:00Z`) + 86_400_000)
      expect(after.toISOString().slice(0, 10)).toBe(since)
    }
  })
})

describe('countries', () => {
  it('are the 249 of ISO 3166-1, each with a name in both languages, and the Patent Organisation', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
    const codes = letters.flatMap((a) => letters.map((b) => a + b)).filter(isCountry)
    expect(codes).toHaveLength(250)
    for (const code of codes) {
      expect(countryName(code, 'en')).not.toBe(code)
      expect(countryName(code, 'fi')).not.toBe(code)
    }
    expect(countryName('FI', 'fi')).toBe('Suomi')
    expect(countryName('EP', 'fi')).toBe('Euroopan patenttijärjestö')
  })

  it.each(['UK', 'EL', 'EU', 'XX', 'ZZ', 'SU', 'fi', '', 'FIN'])('%s is none', (code) => {
    expect(isCountry(code)).toBe(false)
  })
})
