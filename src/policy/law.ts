/**
 * The law on transfers as dated data (GDPR Chapter V): what was lawful on a past date stays answerable. `since` is
 * the first day a row holds and `until` the last.
 *
 * `verified: false` marks a row that was seen in secondary sources only, or of which its first day was. Nothing here is
 * legal advice.
 */

import type { CalendarDate } from '../environment.ts'
import type { CertificationScheme, ContractualClauses, Organisation } from './model.ts'

/** What every row of law says about itself. */
export interface LawRow {
  readonly since: CalendarDate
  readonly until?: CalendarDate
  readonly source: string
  readonly verified: boolean
}

/** A country inside the European Economic Area, where data move freely (GDPR 1(3), EEA Joint Committee 154/2018). */
export interface Membership extends LawRow {
  readonly country: string
  readonly union: boolean
}

/** A decision under GDPR 45, or under Article 25(6) of Directive 95/46/EC, which GDPR 45(9) keeps in force. */
export interface Adequacy extends LawRow {
  readonly country: string
  /** Only bodies of these kinds; absent: all. */
  readonly organisations?: readonly Organisation[]
  /** Only those certified under this scheme. */
  readonly scheme?: CertificationScheme
}

/** A framework that the Court of Justice struck down, `since` the day of the judgment. */
export interface InvalidFramework extends LawRow {
  readonly framework: 'safe-harbour' | 'privacy-shield'
}

/** Whether a row holds on a day. */
export const inForce = (row: Pick<LawRow, 'since' | 'until'>, on: CalendarDate): boolean =>
  row.since <= on && (row.until === undefined || on <= row.until)

const members = (since: CalendarDate, countries: string, source: string): Membership[] =>
  countries.split(' ').map((country) => ({ country, union: true, since, source, verified: true }))

export const memberships: readonly Membership[] = [
  ...members('1958-01-01', 'BE DE FR IT LU NL', 'Treaty of Rome'),
  ...members('1973-01-01', 'DK IE', 'Accession 1973'),
  ...members('1981-01-01', 'GR', 'Accession 1981'),
  ...members('1986-01-01', 'ES PT', 'Accession 1986'),
  ...members('1995-01-01', 'AT FI SE', 'Accession 1995'),
  ...members('2004-05-01', 'CY CZ EE HU LT LV MT PL SI SK', 'Accession 2004'),
  ...members('2007-01-01', 'BG RO', 'Accession 2007'),
  ...members('2013-07-01', 'HR', 'Accession 2013'),
  { country: 'IS', union: false, since: '1994-01-01', source: 'EEA Agreement', verified: true },
  { country: 'NO', union: false, since: '1994-01-01', source: 'EEA Agreement', verified: true },
  { country: 'LI', union: false, since: '1995-05-01', source: 'EEA Agreement', verified: true },
  {
    country: 'GB',
    union: true,
    since: '1973-01-01',
    until: '2020-12-31',
    source: 'Accession 1973; Withdrawal Agreement art. 127 (transition period)',
    verified: false,
  },
]

/** A territory of a member state with a country code of its own, inside the Union as long as that state is. */
export interface Territory extends LawRow {
  readonly country: string
  readonly of: string
}

const french = (since: CalendarDate, countries: string, source: string): Territory[] =>
  countries.split(' ').map((country) => ({ country, of: 'FR', since, source, verified: false }))

/** All others, such as those of TFEU 355(2), lie outside. */
export const territories: readonly Territory[] = [
  ...french('1958-01-01', 'GF GP MF MQ RE', 'TFEU 349, 355(1)'),
  ...french('2014-01-01', 'YT', 'TFEU 349, 355(1); European Council Decision 2012/419/EU'),
  {
    country: 'AX',
    of: 'FI',
    since: '1995-01-01',
    source: 'TFEU 355(4); Accession 1995, Protocol 2',
    verified: false,
  },
]

const since = (day: CalendarDate, source: string) => ({ since: day, source, verified: false }) as const

export const adequacyDecisions: readonly Adequacy[] = [
  { country: 'CH', ...since('2000-07-26', 'Decision 2000/518/EC') },
  { country: 'CA', organisations: ['commercial'], ...since('2001-12-20', 'Decision 2002/2/EC') },
  { country: 'AR', ...since('2003-06-30', 'Decision 2003/490/EC') },
  { country: 'GG', ...since('2003-11-21', 'Decision 2003/821/EC') },
  { country: 'IM', ...since('2004-04-28', 'Decision 2004/411/EC') },
  { country: 'JE', ...since('2008-05-08', 'Decision 2008/393/EC') },
  { country: 'FO', ...since('2010-03-05', 'Decision 2010/146/EU') },
  { country: 'AD', ...since('2010-10-19', 'Decision 2010/625/EU') },
  { country: 'IL', ...since('2011-01-31', 'Decision 2011/61/EU') },
  { country: 'UY', ...since('2012-08-21', 'Decision 2012/484/EU') },
  { country: 'NZ', ...since('2012-12-19', 'Decision 2013/65/EU') },
  {
    country: 'JP',
    organisations: ['commercial', 'non-profit'],
    ...since('2019-01-23', 'Decision (EU) 2019/419'),
  },
  {
    country: 'GB',
    ...since('2021-01-01', 'Trade and Cooperation Agreement art. 782 (bridging period)'),
    until: '2021-06-27',
  },
  {
    country: 'GB',
    ...since('2021-06-28', 'Decision (EU) 2021/1772, renewed 19 December 2025'),
    until: '2031-12-27',
  },
  { country: 'KR', ...since('2021-12-17', 'Decision (EU) 2022/254') },
  {
    country: 'US',
    scheme: 'safe-harbour',
    ...since('2000-07-26', 'Decision 2000/520/EC'),
    until: '2015-10-05',
  },
  {
    country: 'US',
    scheme: 'privacy-shield',
    ...since('2016-07-12', 'Decision (EU) 2016/1250'),
    until: '2020-07-15',
  },
  {
    country: 'US',
    scheme: 'data-privacy-framework',
    since: '2023-07-10',
    source: 'Decision (EU) 2023/1795, upheld 3 September 2025, appeal C-703/25 P pending',
    verified: true,
  },
  {
    country: 'EP',
    since: '2025-07-15',
    source: 'Adequacy decision of 15 July 2025 on the European Patent Organisation',
    verified: true,
  },
  {
    country: 'BR',
    since: '2026-01-26',
    source: 'Adequacy decision of 26 January 2026 on Brazil',
    verified: true,
  },
]

export const invalidFrameworks: readonly InvalidFramework[] = [
  { framework: 'safe-harbour', since: '2015-10-06', source: 'CJEU C-362/14 (Schrems)', verified: true },
  { framework: 'privacy-shield', since: '2020-07-16', source: 'CJEU C-311/18 (Schrems II)', verified: true },
]

/** From when on a tool of GDPR 46 carries a transfer only with an assessment of the law of the country. */
export const assessmentDuty: LawRow = {
  since: '2020-07-16',
  source: 'CJEU C-311/18 (Schrems II)',
  verified: true,
}

/** A set of clauses; its days are those on which it can be relied on. */
export interface Clauses extends LawRow {
  /** The last day on which it could be concluded. */
  readonly concludedUntil?: CalendarDate
}

/** Repealed with effect from 27 September 2021; what was concluded before could be relied on for fifteen months more. */
const superseded = (first: CalendarDate, decision: string): Clauses => ({
  ...since(first, `Decision ${decision}, repealed by Decision (EU) 2021/914 art. 4(2)-(4)`),
  concludedUntil: '2021-09-26',
  until: '2022-12-27',
})

/** Standard contractual clauses. */
export const clausesDecisions: Readonly<Record<ContractualClauses, Clauses>> = {
  '2001/497/EC': superseded('2001-09-03', '2001/497/EC'),
  '2004/915/EC': superseded('2005-04-01', '2004/915/EC'),
  '2010/87/EU': superseded('2010-05-15', '2010/87/EU'),
  '(EU) 2021/914': { since: '2021-06-27', source: 'Decision (EU) 2021/914', verified: true },
}

/** Below which age a guardian consents in the place of a child to services offered to it over a network (GDPR 8). */
export interface ConsentAge extends LawRow {
  /** Absent: wherever no row names the country. */
  readonly country?: string
  readonly years: number
}

/** A country that is not named has the age of the Regulation, the highest that a member state can have. */
const consentAges: readonly ConsentAge[] = [
  { country: 'FI', years: 13, since: '2019-01-01', source: 'Data Protection Act 1050/2018', verified: true },
  { years: 16, since: '2018-05-25', source: 'GDPR 8(1)', verified: true },
]

/** The age at which people consent for themselves, in a country on a day; before there was such law, the highest. */
export function consentAge(country: string, on: CalendarDate): number {
  const rows = consentAges.filter((row) => inForce(row, on))
  const row = rows.find((each) => each.country === country) ?? rows.find((each) => each.country === undefined)
  return row?.years ?? 16
}

/** Whether a country, or a territory with a code of its own, lies inside the EEA on a day. */
export const inEea = (country: string, on: CalendarDate): boolean =>
  memberships.some((row) => row.country === country && inForce(row, on)) ||
  territories.some((row) => row.country === country && inForce(row, on) && inEea(row.of, on))
