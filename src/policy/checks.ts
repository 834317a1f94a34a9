/**
 * What one part of a policy says about another. A policy that contradicts itself cannot be enforced, so `parsePolicy`
 * refuses it; `lintPolicy` reports the same contradictions, all of them at once.
 *
 * Every check is a pure function of the policy and names the path of what is wrong, never more of it.
 */

import { isTimeZone } from '../calendar.ts'
import { isFull } from '../mfa/rules.ts'
import { isCountry } from './countries.ts'
import { type Field, lowestThreshold, type Policy, type Retention } from './model.ts'
import { lookupKinds } from './scalars.ts'

/** A part of the policy that contradicts another. */
export interface Contradiction {
  readonly rule: ContradictionRule
  readonly path: string
  readonly says: string
}

type Found = Iterable<Omit<Contradiction, 'rule'>>

/** Rule id -> the check. */
const checks = {
  'policy.reference': references,
  'policy.recipient-field': recipientFields,
  'policy.broader-cycle': broaderCycles,
  'policy.exception-channel': exceptionChannels,
  'policy.name-clash': nameClashes,
  'policy.choices': choices,
  'policy.lookup': lookups,
  'policy.publication-tables': publicationTables,
  'policy.publication-threshold': publicationThreshold,
  'policy.financial-year-end': financialYearEnds,
  'policy.period': periods,
  'policy.raw-hours-differ': rawHoursDiffer,
  'policy.keep-months-differ': keepMonthsDiffer,
  'policy.visits-exempt': visitsExempt,
  'policy.time-zone': timeZones,
  'policy.country': countries,
  'policy.step-up': stepUps,
} as const satisfies Record<string, (policy: Policy) => Found>

export type ContradictionRule = keyof typeof checks

/** Every contradiction of a policy, in the order of the rules; or those of one rule. */
export function contradictions(policy: Policy, only?: ContradictionRule): Contradiction[] {
  const rules = only === undefined ? (Object.keys(checks) as ContradictionRule[]) : [only]
  return rules.flatMap((rule) => [...checks[rule](policy)].map((found) => ({ rule, ...found })))
}

function* references(policy: Policy): Found {
  for (const [path, name] of categoryReferences(policy)) {
    if (!Object.hasOwn(policy.categories, name)) yield { path, says: 'names no category of the policy' }
  }
  for (const [path, name] of purposeReferences(policy)) {
    if (!Object.hasOwn(policy.purposes, name)) yield { path, says: 'names no purpose of the policy' }
  }
  for (const [name, group] of Object.entries(policy.groups)) {
    for (const [i, list] of (group.anyOf ?? []).entries()) {
      for (const [j, field] of list.entries()) {
        if (Object.hasOwn(group.fields, field)) continue
        yield { path: `groups.${name}.anyOf[${i}][${j}]`, says: 'names no field of the group' }
      }
    }
  }
}

function* categoryReferences(policy: Policy): Iterable<[string, string]> {
  for (const { path, field } of fieldsOf(policy)) yield [`${path}.category`, field.category]
  for (const [name, purpose] of Object.entries(policy.purposes)) {
    for (const [i, each] of purpose.categories.entries()) yield [`purposes.${name}.categories[${i}]`, each]
  }
  for (const name of Object.keys(policy.retention)) yield [`retention.${name}`, name]
  for (const [part, name] of Object.entries(policy.ownData)) yield [`ownData.${part}`, name]
}

function* purposeReferences(policy: Policy): Iterable<[string, string]> {
  for (const [name, { broader }] of Object.entries(policy.purposes)) {
    if (broader !== undefined) yield [`purposes.${name}.broader`, broader]
  }
  for (const [name, recipient] of Object.entries(policy.recipients)) {
    for (const [i, each] of recipient.purposes.entries()) yield [`recipients.${name}.purposes[${i}]`, each]
  }
}

/** Every field of the groups and services, with its path. */
export function* fieldsOf(
  policy: Policy,
): Iterable<{ path: string; owner: string; name: string; field: Field }> {
  for (const part of ['groups', 'services'] as const) {
    for (const [owner, { fields }] of Object.entries(policy[part])) {
      for (const [name, field] of Object.entries(fields)) {
        yield { path: `${part}.${owner}.fields.${name}`, owner, name, field }
      }
    }
  }
}

function* recipientFields(policy: Policy): Found {
  const known = new Set([...fieldsOf(policy)].map(({ owner, name }) => `${owner}.${name}`))
  for (const [name, recipient] of Object.entries(policy.recipients)) {
    for (const [i, field] of recipient.fields.entries()) {
      if (known.has(field)) continue
      yield { path: `recipients.${name}.fields[${i}]`, says: 'names no field of a group or service' }
    }
  }
}

function* broaderCycles({ purposes }: Policy): Found {
  for (const name of Object.keys(purposes)) {
    const seen = new Set<string>()
    let at: string | undefined = name
    while (at !== undefined && !seen.has(at)) {
      seen.add(at)
      at = Object.hasOwn(purposes, at) ? purposes[at]?.broader : undefined
    }
    if (at === name) yield { path: `purposes.${name}.broader`, says: 'leads back to the purpose itself' }
  }
}

/** An exception from consent is for a channel that needs it: elsewhere it would promise what is not looked at. */
function* exceptionChannels({ purposes }: Policy): Found {
  for (const [name, { channels, existingCustomers }] of Object.entries(purposes)) {
    for (const [i, channel] of (existingCustomers?.channels ?? []).entries()) {
      if (channels?.[channel] === 'consent') continue
      const path = `purposes.${name}.existingCustomers.channels[${i}]`
      yield { path, says: 'is no channel that needs consent' }
    }
  }
}

/** Recipients name fields as `group.field` or `service.field`, so an owner's name must say which. */
function* nameClashes(policy: Policy): Found {
  for (const name of Object.keys(policy.services)) {
    if (!Object.hasOwn(policy.groups, name)) continue
    yield { path: `services.${name}`, says: 'has the name of a group' }
  }
}

function* choices(policy: Policy): Found {
  for (const { path, field } of fieldsOf(policy)) {
    const given = field.choices !== undefined && field.choices.length > 0
    if (field.kind === 'choice' && !given) yield { path: `${path}.choices`, says: 'must name the choices' }
    if (field.kind !== 'choice' && field.choices !== undefined) {
      yield { path: `${path}.choices`, says: 'is for a field of kind choice' }
    }
  }
}

/** A value that very many people share finds nobody, and narrows down who somebody is. */
function* lookups(policy: Policy): Found {
  for (const { path, field } of fieldsOf(policy)) {
    if (field.lookup === undefined || lookupKinds.has(field.kind)) continue
    yield { path: `${path}.lookup`, says: 'is not for a field of this kind' }
  }
}

/** A second table, subtracted from the first, could show a cell that was withheld. */
export function* publicationTables({ publications }: Pick<Policy, 'publications'>): Found {
  if (Object.keys(publications.tables).length === 1) return
  yield { path: 'publications.tables', says: 'must be exactly one base table in threshold mode' }
}

/** A cell of fewer sessions could be read as one person's. */
export function* publicationThreshold({ publications }: Pick<Policy, 'publications'>): Found {
  const { k } = publications.protection
  if (Number.isSafeInteger(k) && k >= lowestThreshold) return
  yield { path: 'publications.protection.k', says: `must be at least ${lowestThreshold}` }
}

function* financialYearEnds({ controller }: Policy): Found {
  const [, month = '', day = ''] = /^(\d\d)-(\d\d)$/.exec(controller.financialYearEnd) ?? []
  const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0
  if (Number(day) >= 1 && Number(day) <= days) return
  yield { path: 'controller.financialYearEnd', says: 'must be a month and a day like 12-31' }
}

function* periods(policy: Policy): Found {
  if (policy.backups !== undefined && Object.keys(policy.backups.keys).length === 0) {
    yield { path: 'backups.keys', says: 'must say how long' }
  }
  if (policy.reviewBy !== undefined && policy.reviewBy < policy.date) {
    yield { path: 'reviewBy', says: 'lies before date' }
  }
  for (const [name, { lasts }] of Object.entries(policy.denialLists ?? {})) {
    if (lasts === undefined || Object.keys(lasts).length > 0) continue
    yield { path: `denialLists.${name}.lasts`, says: 'must say how long' }
  }
  for (const [path, span] of spans(policy)) {
    if (span?.until !== undefined && span.until < span.since) {
      yield { path: `${path}.until`, says: 'lies before since' }
    }
  }
  for (const [name, { keep, exemption }] of Object.entries(policy.retention)) {
    if (typeof keep === 'object' && Object.keys(keep).length < 2) {
      yield { path: `retention.${name}.keep`, says: 'must say how long' }
    }
    if (exemption?.rule.from === 'event' && Object.keys(exemption.rule).length < 2) {
      yield { path: `retention.${name}.exemption.rule`, says: 'must say how long' }
    }
  }
}

/** The notice reads `retention`, the purge reads `publications`: they must say the same of visits and of statistics. */
function* rawHoursDiffer({ ownData, retention, publications }: Policy): Found {
  const keep = keepOf(retention, ownData.visits)
  if (keep === undefined || inClosedDays(keep, 'hours') === publications.rawHours) return
  yield { path: `retention.${ownData.visits}.keep`, says: 'is not what publications.rawHours says' }
}

function* keepMonthsDiffer({ ownData, retention, publications }: Policy): Found {
  const keep = keepOf(retention, ownData.publications)
  if (keep === undefined || inClosedDays(keep, 'months') === publications.keepMonths) return
  yield { path: `retention.${ownData.publications}.keep`, says: 'is not what publications.keepMonths says' }
}

const keepOf = (retention: Policy['retention'], name: string): Retention['keep'] | undefined =>
  Object.hasOwn(retention, name) ? retention[name]?.keep : undefined

/** The length of a period after a day has closed, in hours or in months; `null` where it cannot be told in those. */
function inClosedDays(keep: Retention['keep'], unit: 'hours' | 'months'): number | null {
  if (typeof keep === 'string' || keep.after !== 'day-closed') return null
  const { hours, days, months, years } = keep
  const [told, rest] =
    unit === 'hours'
      ? [(hours ?? 0) + 24 * (days ?? 0), months ?? years]
      : [(months ?? 0) + 12 * (years ?? 0), hours ?? days]
  return rest === undefined ? told : null
}

/** Raw visits lie in a log that is purged by the hour: nothing in it can be held back from an erasure. */
function* visitsExempt({ ownData, retention }: Policy): Found {
  const { visits } = ownData
  if (!Object.hasOwn(retention, visits) || retention[visits]?.exemption === undefined) return
  yield { path: `retention.${visits}.exemption`, says: 'would keep raw visits beyond an erasure' }
}

type Span = { readonly since: string; readonly until?: string }

function* spans(policy: Policy): Iterable<[string, Span | undefined]> {
  for (const [i, ground] of policy.transferGrounds.entries()) yield [`transferGrounds[${i}]`, ground]
  for (const [name, { transfer, certification }] of Object.entries(policy.recipients)) {
    yield [`recipients.${name}.transfer`, transfer]
    yield [`recipients.${name}.certification`, certification]
  }
}

function* timeZones({ timeZone }: Policy): Found {
  if (!isTimeZone(timeZone)) yield { path: 'timeZone', says: 'must be an IANA time zone' }
}

function* countries(policy: Policy): Found {
  const named: [string, string][] = [
    ['jurisdiction', policy.jurisdiction],
    ['controller.address.country', policy.controller.address.country],
    ...Object.entries(policy.recipients).map(([name, { country }]): [string, string] => [
      `recipients.${name}.country`,
      country,
    ]),
  ]
  for (const [path, code] of named) {
    if (!isCountry(code)) yield { path, says: 'must be a country of ISO 3166-1' }
  }
}

function* stepUps({ mfa: { stepUp = [], factors } }: Policy): Found {
  if (stepUp.length > 0 && !factors.some(isFull)) {
    yield { path: 'mfa.stepUp', says: 'asks for a full second factor, and none is offered' }
  }
}
