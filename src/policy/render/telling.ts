/** What the sections of a notice and of a record share: the policy in one language, and how lists and dates read. */

import type { CalendarDate } from '../../environment.ts'
import { countryName } from '../countries.ts'
import { inEea, inForce, invalidFrameworks } from '../law.ts'
import type { Language, LegalBasis, Policy } from '../model.ts'
import { evaluateTransfer } from '../transfer.ts'
import type { Block } from './document.ts'
import type { Phrases } from './en.ts'
import { type Localised, localise } from './localise.ts'
import { fill, phrases } from './phrases.ts'

/** A policy as it is told in one language, as of a day. */
export interface Telling {
  readonly policy: Localised<Policy>
  readonly phrases: Phrases
  readonly language: Language
  readonly on: CalendarDate
}

type Told = Localised<Policy>
type ToldRecipient = Told['recipients'][string]

/** @throws InvalidInput `policy.untranslated` */
export const telling = (policy: Policy, language: Language, on: CalendarDate): Telling => ({
  policy: localise(policy, language),
  phrases: phrases[language],
  language,
  on,
})

/** The heading of a section. */
export const heading = (t: Telling, name: keyof Telling['phrases']['headings']): Block => ({
  heading: t.phrases.headings[name],
  level: 2,
})

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', fi: 'fi-FI' }

/** "a, b and c". */
export const joined = (
  { language }: Pick<Telling, 'language'>,
  items: readonly string[],
  type: 'conjunction' | 'disjunction' = 'conjunction',
): string => new Intl.ListFormat(locales[language], { type }).format(items)

export const written = ({ language }: Pick<Telling, 'language'>, day: CalendarDate): string =>
  new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'long',
    timeZone: 'UTC',
  }).format(Date.parse(`${day}T00:00:00.000Z`))

export const country = ({ language }: Pick<Telling, 'language'>, code: string): string =>
  countryName(code, language)

/** A label inside a sentence: "Contact person" becomes "contact person", "VAT id" stays. */
export const inside = (label: string): string =>
  /^\p{Lu}(?!\S*\p{Lu})/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label

/** What begins a cell or a line. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The labels of fields in a cell: only the first keeps its capital. */
const listed = (labels: readonly string[]): string =>
  [...new Set(labels)].map((label, i) => (i === 0 ? label : inside(label))).join(', ')

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** The labels of names in a cell, as they are written: they may begin with a proper name. */
export const labelsOf = (
  part: Readonly<Record<string, { readonly label: string }>>,
  names: readonly string[],
): string => names.map((name) => labelOf(part, name)).join('; ')

/** The label of a name in a part of the policy; the name itself where nothing is declared under it. */
export const labelOf = (part: Readonly<Record<string, { readonly label: string }>>, name: string): string =>
  own(part, name)?.label ?? name

const owners = ({ groups, services }: Told): { readonly label: string; readonly fields: Fields }[] => [
  ...Object.values(groups),
  ...Object.values(services),
]
type Fields = Told['groups'][string]['fields']

/** What a category consists of: its fields, or what it says it holds. */
export function contentsOf({ policy }: Telling, name: string): string {
  const fields = owners(policy)
    .flatMap(({ fields }) => Object.values(fields))
    .filter(({ category }) => category === name)
    .map(({ label }) => label)
  const holds = own(policy.categories, name)?.holds
  return listed(holds === undefined ? fields : [...fields, holds])
}

/** Whom a category is about: the groups and services with a field in it, or whom it says. */
export function subjectsOf({ policy, phrases }: Telling, name: string): string[] {
  const has = ({ fields }: { readonly fields: Fields }): boolean =>
    Object.values(fields).some(({ category }) => category === name)
  const says = own(policy.categories, name)?.subjects
  return [
    ...Object.values(policy.groups)
      .filter(has)
      .map(({ label }) => label),
    ...Object.values(policy.services)
      .filter(has)
      .map(({ label }) => fill(phrases.says.users, { service: label })),
    ...(says === undefined ? [] : [says]),
  ]
}

/** The legal basis of a purpose, or that none is stated. */
export const basisOf = ({ phrases }: Telling, basis: LegalBasis | undefined): string =>
  capital(basis === undefined ? phrases.says.basisMissing : phrases.basis[basis])

/** The labels of `group.field` and `service.field`. */
export const fieldLabels = ({ policy }: Telling, fields: readonly string[]): string =>
  listed(
    fields.map((field) => {
      const [owner = '', name = ''] = field.split('.')
      const declared = own(policy.groups, owner)?.fields ?? own(policy.services, owner)?.fields ?? {}
      return labelOf(declared, name)
    }),
  )

/** What outlives an erasure and for how long: the time is read from the rule, not from a text. */
export function exemptionOf(t: Telling, { says, rule }: ToldExemption): string {
  const { exemption } = t.phrases
  return `${says.replace(/\.$/, '')}. ${fill(exemption[rule.from], { period: periodOf(t, rule) })}`
}

type ToldExemption = NonNullable<Told['retention'][string]['exemption']>

/** A period in words. */
export const periodOf = (
  t: Telling,
  rule: ToldExemption['rule'] | NonNullable<Told['backups']>['keys'] | NonNullable<Told['mfa']['reset']>,
): string =>
  joined(
    t,
    (['years', 'months', 'days', 'hours'] as const).flatMap((unit) => {
      const count = unit in rule ? (rule as Partial<Record<typeof unit, number>>)[unit] : undefined
      if (count === undefined) return []
      const style = { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' } as const
      return [new Intl.NumberFormat(locales[t.language], style).format(count)]
    }),
  )

/** What is told of a transfer to a recipient; `null` where it lies inside the EEA. */
export function transferTo({ phrases, on }: Telling, recipient: ToldRecipient): string | null {
  if (inEea(recipient.country, on)) return null
  const { rule } = evaluateTransfer(recipient, on)
  const mechanism = recipient.transfer?.mechanism
  return fill(phrases.transfer[rule], {
    mechanism: mechanism === undefined ? '' : phrases.mechanism[mechanism],
  })
}

/** What is told of the frameworks that the policy names. */
export const frameworks = (t: Telling): string[] =>
  t.policy.transferGrounds.map(({ mechanism }) => {
    const invalid = invalidFrameworks.find((row) => row.framework === mechanism && inForce(row, t.on))
    return fill(invalid === undefined ? t.phrases.says.framework : t.phrases.says.frameworkInvalid, {
      mechanism: t.phrases.mechanism[mechanism],
      date: invalid === undefined ? '' : written(t, invalid.since),
    })
  })
