/** Rules on what is kept and for how long (GDPR 4, 5, 9, 13(2)(a), 14). */

import { fieldsOf } from '../checks.ts'
import type { Policy } from '../model.ts'
import { categoriesOf, type Hit, type LintRule, named, purposesOf } from './rule.ts'

/** Raw visits go 48 hours after their day closes; statistics may be kept 25 months. */
const longest = { rawHours: 48, keepMonths: 25 } as const

function* retentionMissing(policy: Policy): Iterable<Hit> {
  for (const [name] of categoriesOf(policy)) {
    if (named(policy.retention, name) === undefined)
      yield { path: `categories.${name}`, says: 'has no retention' }
  }
}

/** The text is what people read and the period is what is done: they must name the same figures. */
function* retentionWording({ retention }: Policy): Iterable<Hit> {
  for (const [name, { keep, says }] of Object.entries(retention)) {
    if (typeof keep === 'string') continue
    const figures = Object.values(keep).filter((each) => typeof each === 'number')
    for (const language of ['en', 'fi'] as const) {
      const words = says[language]?.match(/\d+/g)
      if (says[language] === undefined || figures.every((each) => words?.includes(String(each)))) continue
      yield { path: `retention.${name}.says.${language}`, says: 'does not name the period that `keep` has' }
    }
  }
}

/** The notice and the purge read two places of the policy; they must say the same. */
function* rawHoursDiffer({ ownData, retention, publications }: Policy): Iterable<Hit> {
  const keep = named(retention, ownData.visits)?.keep
  if (keep === undefined) return
  const hours = typeof keep === 'object' && keep.after === 'day-closed' ? hoursOf(keep) : null
  if (hours !== publications.rawHours) {
    yield { path: `retention.${ownData.visits}.keep`, says: 'is not what publications.rawHours says' }
  }
}

type Period = {
  readonly hours?: number
  readonly days?: number
  readonly months?: number
  readonly years?: number
}

const hoursOf = ({ hours = 0, days = 0, months, years }: Period): number | null =>
  months === undefined && years === undefined ? hours + 24 * days : null

function* rawHours({ publications }: Policy): Iterable<Hit> {
  if (publications.rawHours > longest.rawHours) {
    yield { path: 'publications.rawHours', says: `is more than ${longest.rawHours} hours` }
  }
}

function* keepMonths({ publications }: Policy): Iterable<Hit> {
  if (publications.keepMonths > longest.keepMonths) {
    yield { path: 'publications.keepMonths', says: `is more than ${longest.keepMonths} months` }
  }
}

const aboutPeople = new Set(['email', 'phone', 'address', 'payment'])

function* fieldCategory(policy: Policy): Iterable<Hit> {
  for (const { path, field } of fieldsOf(policy)) {
    const kind = named(policy.categories, field.category)?.kind
    if (kind === undefined) continue
    if (field.identity && kind !== 'identity') {
      yield {
        path: `${path}.category`,
        says: 'is not of kind identity, though the field tells who somebody is',
      }
    } else if (kind === 'other' && aboutPeople.has(field.kind)) {
      yield { path: `${path}.category`, says: 'is said to be about no person, though the field is' }
    }
  }
}

function* ownData(policy: Policy): Iterable<Hit> {
  for (const [part, category] of Object.entries(policy.ownData)) {
    if (named(policy.categories, category)?.kind !== 'other') continue
    yield { path: `ownData.${part}`, says: 'names a category that is said to be about no person' }
  }
}

function* specialCategory(policy: Policy): Iterable<Hit> {
  for (const [name, purpose] of purposesOf(policy)) {
    const special = purpose.categories.some((each) => named(policy.categories, each)?.kind === 'special')
    if (special && purpose.legalBasis !== 'consent') {
      yield {
        path: `purposes.${name}.legalBasis`,
        says: 'does not by itself allow special categories of data',
      }
    }
  }
}

function* categoryUnused(policy: Policy): Iterable<Hit> {
  const used = new Set(purposesOf(policy).flatMap(([, { categories }]) => categories))
  for (const [name] of categoriesOf(policy)) {
    if (!used.has(name)) yield { path: `categories.${name}`, says: 'is kept for no purpose' }
  }
}

function* categoryUndescribed(policy: Policy): Iterable<Hit> {
  const filled = new Set([...fieldsOf(policy)].map(({ field }) => field.category))
  for (const [name, { holds, subjects }] of categoriesOf(policy)) {
    if (filled.has(name) || (holds !== undefined && subjects !== undefined)) continue
    yield { path: `categories.${name}`, says: 'has no field, and does not say what it holds and about whom' }
  }
}

function* lawUnverified({ retention }: Policy): Iterable<Hit> {
  for (const [name, { exemption }] of Object.entries(retention)) {
    if (exemption?.law.includes('(unverified)')) {
      yield { path: `retention.${name}.exemption.law`, says: 'rests on secondary sources' }
    }
  }
}

export const dataRules: readonly LintRule[] = [
  {
    id: 'policy.retention-missing',
    severity: 'error',
    finds: 'a category without a retention',
    source: 'GDPR 5(1)(e), 13(2)(a)',
    remedy: 'Say in `retention` how long the category is kept.',
    check: retentionMissing,
  },
  {
    id: 'policy.retention-wording',
    severity: 'warning',
    finds: 'a retention whose text does not name its period',
    source: 'GDPR 5(1)(a), 13(2)(a)',
    remedy: 'Name the period in figures, as `keep` has it.',
    check: retentionWording,
  },
  {
    id: 'policy.raw-hours-differ',
    severity: 'error',
    finds: 'a retention of the use log that is not what is purged',
    source: 'GDPR 5(1)(a); Pilvi policy, "Use log"',
    remedy:
      'Let the retention of the use log be the hours of `publications.rawHours` after the day has closed.',
    check: rawHoursDiffer,
  },
  {
    id: 'policy.raw-hours',
    severity: 'warning',
    finds: 'raw visits kept for more than 48 hours after their day',
    source: 'GDPR 5(1)(e); this library: 48 hours',
    remedy: 'Lower `publications.rawHours`.',
    check: rawHours,
  },
  {
    id: 'policy.keep-months',
    severity: 'warning',
    finds: 'statistics kept for more than 25 months',
    source: 'GDPR 5(1)(e); this library: 25 months',
    remedy: 'Lower `publications.keepMonths`.',
    check: keepMonths,
  },
  {
    id: 'policy.identity-category',
    severity: 'error',
    finds: 'a field about a person in a category that denies it',
    source: 'GDPR 4(1)',
    remedy: 'Move the field to a category of kind identity or personal, or change the kind.',
    check: fieldCategory,
  },
  {
    id: 'policy.own-data-category',
    severity: 'error',
    finds: 'records about people in a category of kind other',
    source: 'GDPR 4(1), 4(5)',
    remedy: 'Name a category of kind personal or identity.',
    check: ownData,
  },
  {
    id: 'policy.special-category',
    severity: 'warning',
    finds: 'special categories of data used without consent',
    source: 'GDPR 9(1)-(2)',
    remedy: 'Ask for explicit consent, or have another condition of Article 9(2) confirmed.',
    check: specialCategory,
  },
  {
    id: 'policy.category-unused',
    severity: 'warning',
    finds: 'a category that no purpose names',
    source: 'GDPR 5(1)(b), 13(1)(c)',
    remedy: 'Name the purpose, or stop keeping the category.',
    check: categoryUnused,
  },
  {
    id: 'policy.category-undescribed',
    severity: 'warning',
    finds: 'a category that shows neither its contents nor its people',
    source: 'GDPR 14(1)(d), 30(1)(c)',
    remedy: 'Give it `holds` and `subjects`, or fields.',
    check: categoryUndescribed,
  },
  {
    id: 'policy.law-unverified',
    severity: 'note',
    finds: 'an exemption under a provision that was not seen in its original',
    source: 'this library: what is unverified is said to be',
    remedy: 'Have the provision confirmed, then take the mark away.',
    check: lawUnverified,
  },
]
