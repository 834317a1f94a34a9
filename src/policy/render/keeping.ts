/** The sections of the notice on who keeps what about whom, what for and for how long. */

import { type Block, type Inline, type Line, mail } from './document.ts'
import { fill } from './phrases.ts'
import {
  basisOf,
  contentsOf,
  country,
  exemptionOf,
  heading,
  inside,
  joined,
  labelOf,
  labelsOf,
  subjectsOf,
  type Telling,
} from './telling.ts'

/** GDPR 13(1)(a) and (b). */
export function controller(t: Telling): Block[] {
  return [heading(t, 'controller'), { terms: contact(t) }]
}

/** Who answers for the data and how to reach them. */
export function contact(t: Telling): (readonly [string, readonly Line[]])[] {
  const { controller } = t.policy
  const { street, postalCode, city, country: code } = controller.address
  const { terms } = t.phrases
  const told: [string, Inline | undefined][] = [
    [terms.name, controller.name],
    [terms.address, `${street}, ${postalCode} ${city}, ${country(t, code)}`],
    [terms.email, mail(controller.email)],
    [terms.phone, controller.phone],
    [terms.officer, controller.officer],
    [terms.dataProtectionOfficer, controller.dataProtectionOfficer],
    [terms.register, controller.register],
  ]
  return told.flatMap(([term, line]) => (line === undefined ? [] : [[term, [line]] as const]))
}

/** GDPR 14(1)(d). */
export function data(t: Telling): Block[] {
  const { terms } = t.phrases
  return [
    heading(t, 'data'),
    {
      head: [terms.data, terms.contents, terms.subjects],
      rows: Object.entries(t.policy.categories).map(([name, { label }]) => [
        label,
        contentsOf(t, name),
        subjectsOf(t, name).join('; '),
      ]),
    },
  ]
}

/** GDPR 14(2)(f). */
export function origins(t: Telling): Block[] {
  const labels = Object.values(t.policy.origins).map(({ label }) => inside(label))
  if (labels.length === 0) return []
  return [heading(t, 'origins'), { paragraph: fill(t.phrases.says.origins, { origins: joined(t, labels) }) }]
}

/** GDPR 13(1)(c) and (d). */
export function purposes(t: Telling): Block[] {
  const { terms } = t.phrases
  return [
    heading(t, 'purposes'),
    {
      head: [terms.purpose, terms.basis, terms.data],
      rows: Object.values(t.policy.purposes).map(({ label, legalBasis, interest, categories }) => [
        label,
        interest === undefined ? basisOf(t, legalBasis) : `${basisOf(t, legalBasis)}: ${interest}`,
        labelsOf(t.policy.categories, categories),
      ]),
    },
  ]
}

/** GDPR 13(2)(a), 17(3). */
export function retention(t: Telling): Block[] {
  const { terms } = t.phrases
  return [
    heading(t, 'retention'),
    {
      head: [terms.data, terms.keep, terms.exemption],
      rows: Object.entries(t.policy.retention).map(([name, { says, exemption }]) => [
        labelOf(t.policy.categories, name),
        says,
        exemption === undefined ? '–' : exemptionOf(t, exemption),
      ]),
    },
  ]
}

/** Pilvi policy, "Use log": statistics may be published, never users, IP addresses or DNS names. */
export function statistics(t: Telling): Block[] {
  const { says, dimension, measure } = t.phrases
  const { tables, protection, rawHours, keepMonths } = t.policy.publications
  return [
    heading(t, 'statistics'),
    { paragraph: fill(says.statistics, { k: protection.k }) },
    {
      list: [
        ...Object.values(tables).map(({ label, dimensions, measures }) =>
          fill(dimensions.length === 0 ? says.statisticsTotal : says.statisticsTable, {
            table: label,
            dimensions: joined(
              t,
              dimensions.map((each) => dimension[each]),
            ),
            measures: joined(
              t,
              measures.map((each) => measure[each]),
            ),
          }),
        ),
        fill(says.statisticsRaw, { hours: rawHours }),
        fill(says.statisticsKeep, { months: keepMonths }),
      ],
    },
  ]
}

/** GDPR 13(2)(e). */
export function obligation(t: Telling): Block[] {
  const required = Object.values(t.policy.groups).flatMap(({ label, fields, anyOf }) => {
    const names = [
      ...Object.values(fields).flatMap((field) => (field.required ? [inside(field.label)] : [])),
      ...(anyOf ?? []).map((list) =>
        joined(
          t,
          list.map((name) => inside(labelOf(fields, name))),
          'disjunction',
        ),
      ),
    ]
    return names.length === 0
      ? []
      : [fill(t.phrases.says.required, { group: label, fields: joined(t, names) })]
  })
  if (t.policy.obligation === undefined) return []
  return [
    heading(t, 'obligation'),
    { paragraph: t.policy.obligation.says },
    ...(required.length === 0 ? [] : [{ list: required }]),
  ]
}
