/** Rules on recipients and transfers (GDPR 5(1)(c), 6, 13(1)(e)-(f), 44 to 49; Pilvi policy, "Disclosure"). */

import { addPeriod } from '../../calendar.ts'
import type { CalendarDate } from '../../environment.ts'
import { fieldsOf } from '../checks.ts'
import { inEea, inForce, invalidFrameworks } from '../law.ts'
import type { Policy, Recipient, TransferGround } from '../model.ts'
import { evaluateTransfer } from '../transfer.ts'
import { type Hit, type LintRule, named, recipientsOf } from './rule.ts'

function* frameworkInvalid(policy: Policy, on: CalendarDate): Iterable<Hit> {
  const named: [string, TransferGround | undefined][] = [
    ...policy.transferGrounds.map((ground, i): [string, TransferGround] => [`transferGrounds[${i}]`, ground]),
    ...recipientsOf(policy).map(([name, { transfer }]): [string, TransferGround | undefined] => [
      `recipients.${name}.transfer`,
      transfer,
    ]),
  ]
  for (const [path, ground] of named) {
    const row = invalidFrameworks.find(({ framework }) => framework === ground?.mechanism)
    if (row === undefined || !inForce(row, on)) continue
    yield {
      path: `${path}.mechanism`,
      says: `names ${row.framework}, which has been invalid since ${row.since} (${row.source})`,
    }
  }
}

function* transferDenied(policy: Policy, on: CalendarDate): Iterable<Hit> {
  for (const [name, recipient] of recipientsOf(policy)) {
    const { outcome, rule, says, source } = evaluateTransfer(recipient, on)
    // A standing derogation is denied here only because no case is at hand: it has a rule of its own.
    if (outcome === 'deny' && rule !== 'transfer.no-reason') {
      yield {
        path: `recipients.${name}.country`,
        says: `cannot be transferred to: ${says} (${rule}, ${source})`,
      }
    }
  }
}

const warningDays = 90

function* transferEnding(policy: Policy, on: CalendarDate): Iterable<Hit> {
  const then = addPeriod(on, { days: warningDays })
  for (const [name, recipient] of recipientsOf(policy)) {
    if (evaluateTransfer(recipient, on).outcome === 'deny') continue
    if (evaluateTransfer(recipient, then).outcome === 'permit') continue
    yield {
      path: `recipients.${name}.country`,
      says: `can be transferred to for less than ${warningDays} days more`,
    }
  }
}

function* standingDerogation(policy: Policy, on: CalendarDate): Iterable<Hit> {
  for (const [name, recipient] of recipientsOf(policy)) {
    if (evaluateTransfer(recipient, on).rule !== 'transfer.no-reason') continue
    yield {
      path: `recipients.${name}.transfer.mechanism`,
      says: 'is for one case at a time, each with its reason',
    }
  }
}

function* outsideEea(policy: Policy, on: CalendarDate): Iterable<Hit> {
  const inside = recipientsOf(policy).filter(([, { country }]) => inEea(country, on))
  for (const [name, outer] of recipientsOf(policy)) {
    if (inEea(outer.country, on)) continue
    const rival = inside.find(([, inner]) => canReplace(inner, outer))
    if (rival === undefined) continue
    yield {
      path: `recipients.${name}.country`,
      says: `lies outside the EEA, while ${rival[0]} inside it serves the same purpose`,
    }
  }
}

const canReplace = (inner: Recipient, outer: Recipient): boolean =>
  inner.role === outer.role && inner.purposes.some((purpose) => outer.purposes.includes(purpose))

function* beyondPurpose(policy: Policy): Iterable<Hit> {
  const categories = new Map(
    [...fieldsOf(policy)].map(({ owner, name, field }) => [`${owner}.${name}`, field.category]),
  )
  for (const [name, { fields, purposes }] of recipientsOf(policy)) {
    const needed = new Set(purposes.flatMap((each) => named(policy.purposes, each)?.categories ?? []))
    for (const [i, field] of fields.entries()) {
      const category = categories.get(field)
      if (category === undefined || needed.has(category)) continue
      yield {
        path: `recipients.${name}.fields[${i}]`,
        says: 'is of a category that none of its purposes uses',
      }
    }
  }
}

function* groundMissing(policy: Policy): Iterable<Hit> {
  for (const [name, { grounds, purposes }] of recipientsOf(policy)) {
    if (grounds.length === 0) yield { path: `recipients.${name}.grounds`, says: 'names no ground' }
    if (purposes.length === 0) yield { path: `recipients.${name}.purposes`, says: 'names no purpose' }
  }
}

function* authority(policy: Policy): Iterable<Hit> {
  for (const [name, { role, grounds }] of recipientsOf(policy)) {
    if (role !== 'authority' || grounds.includes('law')) continue
    yield {
      path: `recipients.${name}.grounds`,
      says: 'does not name the law, though the recipient is an authority',
    }
  }
}

export const recipientRules: readonly LintRule[] = [
  {
    id: 'policy.transfer-framework-invalid',
    severity: 'error',
    finds: 'a transfer framework that has been declared invalid',
    source: 'CJEU C-362/14 (Safe Harbour), C-311/18 (Privacy Shield)',
    remedy: 'Name a framework that holds, for example the EU-US Data Privacy Framework or standard clauses.',
    check: frameworkInvalid,
  },
  {
    id: 'policy.transfer-denied',
    severity: 'error',
    finds: 'a recipient outside the EEA without a valid ground on that date',
    source: 'GDPR 44 to 49',
    remedy:
      'Put a ground on file that holds, or choose a recipient inside the EEA; until then transfers are denied.',
    check: transferDenied,
  },
  {
    id: 'policy.transfer-ending',
    severity: 'warning',
    finds: `a transfer ground that ends within ${warningDays} days`,
    source: 'GDPR 45(3), 46',
    remedy: 'Renew it, or prepare another.',
    check: transferEnding,
  },
  {
    id: 'policy.transfer-derogation',
    severity: 'note',
    finds: 'a recipient that rests on derogations alone',
    source: 'GDPR 49(1)',
    remedy: 'Put a tool of Article 46 on file if transfers are to be regular.',
    check: standingDerogation,
  },
  {
    id: 'policy.recipient-outside-eea',
    severity: 'note',
    finds: 'a recipient outside the EEA where one inside serves the same purpose',
    source: 'Pilvi policy, "Disclosure": preferring EU/EEA',
    remedy: 'Prefer the one inside.',
    check: outsideEea,
  },
  {
    id: 'policy.recipient-beyond-purpose',
    severity: 'warning',
    finds: 'a field that a recipient gets and its purposes do not need',
    source: 'GDPR 5(1)(c); Pilvi policy, "Disclosure": as little as possible',
    remedy: 'Take the field away, or name the purpose that needs it.',
    check: beyondPurpose,
  },
  {
    id: 'policy.recipient-ground-missing',
    severity: 'error',
    finds: 'a recipient without a ground or a purpose',
    source: 'GDPR 6(1), 13(1)(e)',
    remedy: 'Say by which right and for what it gets data; until then nothing is disclosed to it.',
    check: groundMissing,
  },
  {
    id: 'policy.authority-without-law',
    severity: 'warning',
    finds: 'an authority that gets data without a law',
    source: 'GDPR 6(1)(c), 6(3)',
    remedy: 'Add the ground `law`.',
    check: authority,
  },
]
