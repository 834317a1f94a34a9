/** Rules on what is kept and for how long (GDPR 4, 5, 9, 13(2)(a), 14). */

import { addPeriod } from '../../calendar.ts'
import type { CalendarDate } from '../../environment.ts'
import { fieldsOf } from '../checks.ts'
import type { OwnData, Policy, Retention } from '../model.ts'
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

/** What the host has to remove by itself: a period that people read and no part of the library carries out. */
function* retentionUnswept(policy: Policy): Iterable<Hit> {
  const filled = new Set([...fieldsOf(policy)].map(({ field }) => field.category))
  for (const [name, retention] of Object.entries(policy.retention)) {
    if (retention.keep === 'while-needed') continue
    const parts = Object.entries(policy.ownData).filter(([, category]) => category === name)
    const swept = parts.length > 0 && parts.every(([part]) => isSwept(part as OwnData, retention))
    if (swept && !filled.has(name)) continue
    yield { path: `retention.${name}.keep`, says: 'names a period at whose end the library removes nothing' }
  }
}

/** That the purge keeps the periods of visits and publications is a contradiction's to say, where it does not. */
function isSwept(part: OwnData, { keep, exemption }: Retention): boolean {
  if (part === 'visits' || part === 'publications') return true
  if (part !== 'tombstones' || keep === 'while-needed' || exemption?.rule.from !== 'event') return false
  const { rule } = exemption
  return keep.hours === undefined && units.every((unit) => keep[unit] === rule[unit])
}

const units = ['days', 'months', 'years'] as const

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

/**
 * A group is people, and a service's fields are kept in the record of one of them: whatever stands there relates to
 * somebody, the VAT id of a sole trader and a free text as much as an e-mail address (GDPR 4(1)).
 */
function* fieldCategory(policy: Policy): Iterable<Hit> {
  for (const { path, field } of fieldsOf(policy)) {
    const kind = named(policy.categories, field.category)?.kind
    if (kind === undefined) continue
    if (field.identity && kind !== 'identity') {
      yield {
        path: `${path}.category`,
        says: 'is not of kind identity, though the field tells who somebody is',
      }
    } else if (kind === 'other') {
      yield {
        path: `${path}.category`,
        says: 'is said to be about no person, though the field is kept of one',
      }
    }
  }
}

function* ownData(policy: Policy): Iterable<Hit> {
  for (const [part, category] of Object.entries(policy.ownData)) {
    if (part === 'publications' || named(policy.categories, category)?.kind !== 'other') continue
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

function* backupsUntold({ backups }: Policy): Iterable<Hit> {
  if (backups === undefined) yield { path: 'backups', says: 'is not told' }
}

/** A tombstone keeps erased data from being taken in again: it has to last as long as they may come back from a backup. */
function* backupsOutlive({ backups, ownData, retention }: Policy, on: CalendarDate): Iterable<Hit> {
  const rule = named(retention, ownData.tombstones)?.exemption?.rule
  if (backups === undefined || rule?.from !== 'event') return
  if (addPeriod(on, backups.keys) > addPeriod(on, rule)) {
    yield { path: 'backups.keys', says: 'is longer than it is kept that somebody was erased' }
  }
}

export const dataRules: readonly LintRule[] = [
  {
    id: 'policy.backups-untold',
    severity: 'warning',
    finds: 'a policy that does not say how long backups of keys are kept',
    source: 'GDPR 5(1)(e), 12(1), 17(1)',
    remedy:
      'Say in `backups` how long they are kept; receipts then tell by when an erasure has reached them.',
    check: backupsUntold,
  },
  {
    id: 'policy.backups-outlive',
    severity: 'warning',
    finds: 'backups of keys that outlast the tombstones of erased people',
    source: 'GDPR 5(1)(e), 17(1); this library: tombstones last until the longest backup expires',
    remedy: 'Keep backups for less time, or tombstones for longer.',
    check: backupsOutlive,
  },
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
    id: 'policy.retention-unswept',
    severity: 'warning',
    finds: 'a period that nothing in the library carries out',
    source: 'GDPR 5(1)(e); this library: what is rendered is what is enforced',
    remedy: 'Say while-needed, or erase the category yourself by the end of the period.',
    check: retentionUnswept,
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
