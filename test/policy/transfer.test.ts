import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarDate } from '../../src/calendar.ts'
import type { CalendarDate } from '../../src/environment.ts'
import { countryName, isCountry } from '../../src/policy/countries.ts'
import {
  adequacyDecisions,
  clausesDecisions,
  inEea,
  invalidFrameworks,
  memberships,
} from '../../src/policy/law.ts'
import {
  evaluateTransfer,
  permittedUntil,
  type TransferQuestion,
  type TransferRule,
} from '../../src/policy/transfer.ts'

const shield: TransferQuestion = {
  country: 'US',
  organisation: 'commercial',
  certification: { scheme: 'privacy-shield', since: '2017-01-01' },
  transfer: { mechanism: 'privacy-shield', since: '2017-01-01' },
}
const harbour: TransferQuestion = {
  country: 'US',
  certification: { scheme: 'safe-harbour', since: '2005-01-01' },
  transfer: { mechanism: 'safe-harbour', since: '2005-01-01' },
}
const framework: TransferQuestion = {
  country: 'US',
  certification: { scheme: 'data-privacy-framework', since: '2023-09-01', until: '2026-08-31' },
}
const clauses: TransferQuestion = {
  country: 'IN',
  transfer: {
    mechanism: 'standard-contractual-clauses',
    since: '2022-01-01',
    until: '2026-12-31',
    assessment: 'TIA-1',
  },
}
const derogation = { ground: 'explicit-consent', reason: 'asked for by the person' } as const

type Case = readonly [
  says: string,
  asked: TransferQuestion,
  on: CalendarDate,
  outcome: 'permit' | 'deny',
  rule: TransferRule,
]

const cases: readonly Case[] = [
  ['Finland', { country: 'FI' }, '2026-11-23', 'permit', 'transfer.eea'],
  ['Norway, not a member of the Union', { country: 'NO' }, '2026-11-23', 'permit', 'transfer.eea'],
  ['Croatia before it acceded', { country: 'HR' }, '2013-06-30', 'deny', 'transfer.no-ground'],
  ['Croatia on the day', { country: 'HR' }, '2013-07-01', 'permit', 'transfer.eea'],
  ['the United Kingdom in transition', { country: 'GB' }, '2020-12-31', 'permit', 'transfer.eea'],
  ['the United Kingdom bridged', { country: 'GB' }, '2021-01-01', 'permit', 'transfer.adequacy'],
  ['the United Kingdom on the last day', { country: 'GB' }, '2031-12-27', 'permit', 'transfer.adequacy'],
  ['the United Kingdom the day after', { country: 'GB' }, '2031-12-28', 'deny', 'transfer.no-ground'],
  ['Switzerland', { country: 'CH' }, '2026-11-23', 'permit', 'transfer.adequacy'],
  ['Brazil the day before', { country: 'BR' }, '2026-01-25', 'deny', 'transfer.no-ground'],
  ['Brazil on the day', { country: 'BR' }, '2026-01-26', 'permit', 'transfer.adequacy'],
  ['the European Patent Organisation before', { country: 'EP' }, '2025-07-14', 'deny', 'transfer.no-ground'],
  ['the European Patent Organisation', { country: 'EP' }, '2025-07-15', 'permit', 'transfer.adequacy'],
  [
    'Canada, a company',
    { country: 'CA', organisation: 'commercial' },
    '2026-11-23',
    'permit',
    'transfer.adequacy',
  ],
  [
    'Canada, an agency',
    { country: 'CA', organisation: 'public' },
    '2026-11-23',
    'deny',
    'transfer.out-of-scope',
  ],
  ['Canada, who knows', { country: 'CA' }, '2026-11-23', 'deny', 'transfer.out-of-scope'],
  [
    'Japan, an association',
    { country: 'JP', organisation: 'non-profit' },
    '2026-11-23',
    'permit',
    'transfer.adequacy',
  ],
  [
    'Japan, an agency',
    { country: 'JP', organisation: 'public' },
    '2026-11-23',
    'deny',
    'transfer.out-of-scope',
  ],
  ['certified under Safe Harbour', harbour, '2015-10-05', 'permit', 'transfer.adequacy'],
  ['Safe Harbour struck down', harbour, '2015-10-06', 'deny', 'transfer.framework-invalid'],
  ['the Privacy Shield the day before the judgment', shield, '2020-07-15', 'permit', 'transfer.adequacy'],
  ['the Privacy Shield on the day', shield, '2020-07-16', 'deny', 'transfer.framework-invalid'],
  ['the Privacy Shield years later', shield, '2026-11-23', 'deny', 'transfer.framework-invalid'],
  [
    'the Privacy Shield without a certificate',
    { country: 'US', transfer: { mechanism: 'privacy-shield', since: '2017-01-01' } },
    '2020-07-15',
    'deny',
    'transfer.not-certified',
  ],
  ['not certified yet', framework, '2023-08-31', 'deny', 'transfer.not-certified'],
  ['certified under the framework', framework, '2023-09-01', 'permit', 'transfer.adequacy'],
  ['certificate lapsed', framework, '2026-09-01', 'deny', 'transfer.not-certified'],
  ['uncertified', { country: 'US' }, '2026-11-23', 'deny', 'transfer.not-certified'],
  [
    'certified under a scheme that is gone',
    { country: 'US', certification: { scheme: 'privacy-shield', since: '2017-01-01' } },
    '2026-11-23',
    'deny',
    'transfer.not-certified',
  ],
  [
    'certified before there was a decision',
    { country: 'US', certification: { scheme: 'data-privacy-framework', since: '2023-01-01' } },
    '2023-07-09',
    'deny',
    'transfer.no-ground',
  ],
  ['clauses', clauses, '2026-11-23', 'permit', 'transfer.safeguards'],
  ['clauses on their last day', clauses, '2026-12-31', 'permit', 'transfer.safeguards'],
  ['clauses expired', clauses, '2027-01-01', 'deny', 'transfer.tool-not-in-force'],
  ['clauses not signed yet', clauses, '2021-12-31', 'deny', 'transfer.tool-not-in-force'],
  [
    'clauses without an assessment',
    { country: 'IN', transfer: { mechanism: 'standard-contractual-clauses', since: '2022-01-01' } },
    '2026-11-23',
    'deny',
    'transfer.not-assessed',
  ],
  [
    'a blank assessment',
    {
      country: 'IN',
      transfer: { mechanism: 'binding-corporate-rules', since: '2022-01-01', assessment: ' ' },
    },
    '2026-11-23',
    'deny',
    'transfer.not-assessed',
  ],
  [
    'binding corporate rules',
    {
      country: 'IN',
      transfer: { mechanism: 'binding-corporate-rules', since: '2022-01-01', assessment: 'TIA-2' },
    },
    '2026-11-23',
    'permit',
    'transfer.safeguards',
  ],
  [
    'older clauses on their last day',
    {
      country: 'IN',
      transfer: { mechanism: 'standard-contractual-clauses', since: '2018-01-01', assessment: 'TIA-3' },
    },
    '2022-12-27',
    'permit',
    'transfer.safeguards',
  ],
  [
    'older clauses superseded',
    {
      country: 'IN',
      transfer: { mechanism: 'standard-contractual-clauses', since: '2018-01-01', assessment: 'TIA-3' },
    },
    '2022-12-28',
    'deny',
    'transfer.clauses-superseded',
  ],
  [
    'older clauses signed by name',
    {
      country: 'IN',
      transfer: {
        mechanism: 'standard-contractual-clauses',
        since: '2022-01-01',
        clauses: '2004/915/EC',
        assessment: 'TIA-3',
      },
    },
    '2026-11-23',
    'deny',
    'transfer.clauses-superseded',
  ],
  [
    'new clauses before there were any',
    {
      country: 'IN',
      transfer: {
        mechanism: 'standard-contractual-clauses',
        since: '2021-01-01',
        clauses: '(EU) 2021/914',
        assessment: 'TIA-3',
      },
    },
    '2021-06-26',
    'deny',
    'transfer.clauses-superseded',
  ],
  [
    'clauses for an uncertified company',
    { ...clauses, country: 'US' },
    '2026-11-23',
    'permit',
    'transfer.safeguards',
  ],
  [
    'a derogation with its reason',
    { country: 'IN', derogation },
    '2026-11-23',
    'permit',
    'transfer.derogation',
  ],
  [
    'a derogation after an invalid framework',
    { ...shield, derogation },
    '2026-11-23',
    'permit',
    'transfer.derogation',
  ],
  [
    'a derogation without a reason',
    { country: 'IN', derogation: { ...derogation, reason: ' ' } },
    '2026-11-23',
    'deny',
    'transfer.no-reason',
  ],
  [
    'a standing derogation',
    { country: 'IN', transfer: { mechanism: 'derogation', since: '2020-01-01' } },
    '2026-11-23',
    'deny',
    'transfer.no-reason',
  ],
  [
    'a declared adequacy that nobody decided',
    { country: 'IN', transfer: { mechanism: 'adequacy', since: '2020-01-01' } },
    '2026-11-23',
    'deny',
    'transfer.no-ground',
  ],
  [
    'a framework declared before it was struck down, elsewhere',
    { country: 'IN', transfer: { mechanism: 'privacy-shield', since: '2017-01-01' } },
    '2020-07-15',
    'deny',
    'transfer.no-ground',
  ],
  ['no country at all', { country: '' }, '2026-11-23', 'deny', 'transfer.no-ground'],
  ['a look-alike code', { country: 'UK' }, '2026-11-23', 'deny', 'transfer.no-ground'],
]

describe('evaluateTransfer', () => {
  it.each(cases)('%s', (_says, asked, on, outcome, rule) => {
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
          expect(evaluateTransfer(asked, on).outcome).toBe('deny')
        },
      ),
    )
  })

  it('asks for nothing inside the EEA, and decides by the first rule that holds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...memberships.map((row) => row.country)),
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
    Finland: { country: 'FI' },
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

  it('has real dates in order, known countries and a source in every row', () => {
    for (const row of rows) {
      expect(calendarDate(row.since)).toBe(row.since)
      if (row.until !== undefined) expect(calendarDate(row.until) >= row.since).toBe(true)
      expect(row.source.length).toBeGreaterThan(5)
    }
    for (const { country } of [...memberships, ...adequacyDecisions]) expect(isCountry(country)).toBe(true)
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
