/**
 * Whether data may go to a recipient's country on a day (GDPR 44 to 49). The first that holds decides:
 *
 * 1. the country lies inside the EEA;
 * 2. an adequacy decision covers the country and this kind of recipient (45);
 * 3. a tool of Article 46 is on file, unexpired, and since C-311/18 with the reference of an assessment;
 * 4. a derogation of Article 49 is claimed for this one case, with a reason;
 * 5. otherwise the transfer is denied, and the decision says what was missing.
 *
 * Invariant: what the policy declares is never enough by itself. A declared framework is measured against the law of
 * that day, and anything unknown (a country, a kind of organisation) denies.
 */

import { addPeriod } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import {
  adequacyDecisions,
  assessmentDuty,
  type Clauses,
  clausesDecisions,
  inEea,
  inForce,
  invalidFrameworks,
  memberships,
} from './law.ts'
import type { Derogation, Recipient, TransferGround } from './model.ts'

/** What the rule looks at; a {@link Recipient} of a policy is one. */
export interface TransferQuestion
  extends Pick<Recipient, 'country' | 'organisation' | 'certification' | 'transfer'> {
  readonly derogation?: Derogation
}

export type TransferRule =
  | 'transfer.eea'
  | 'transfer.adequacy'
  | 'transfer.safeguards'
  | 'transfer.derogation'
  | 'transfer.framework-invalid'
  | 'transfer.not-certified'
  | 'transfer.out-of-scope'
  | 'transfer.tool-not-in-force'
  | 'transfer.clauses-superseded'
  | 'transfer.not-assessed'
  | 'transfer.no-reason'
  | 'transfer.no-ground'

/** The decision and what it rests on. */
export interface TransferDecision {
  readonly outcome: 'permit' | 'deny'
  readonly rule: TransferRule
  readonly says: string
  /** The decision, judgment or article. */
  readonly source: string
}

/** Whether data may go there on that day. Pure; dates are calendar dates of the policy's time zone. */
export function evaluateTransfer(asked: TransferQuestion, on: CalendarDate): TransferDecision {
  if (inEea(asked.country, on)) {
    return permit('transfer.eea', 'the recipient is inside the European Economic Area', 'GDPR 1(3)')
  }
  return adequate(asked, on) ?? safeguarded(asked.transfer, on) ?? derogated(asked) ?? denied(asked, on)
}

/**
 * The last day of a permission that holds on a day, as far as the law and the policy name an end; absent where they name
 * none, or nothing is permitted. A ground that is followed by another one does not end it.
 */
export function permittedUntil(asked: TransferQuestion, on: CalendarDate): CalendarDate | undefined {
  if (evaluateTransfer(asked, on).outcome === 'deny') return undefined
  const { country, transfer, certification } = asked
  const rows = [
    ...[...memberships, ...adequacyDecisions].filter((row) => row.country === country),
    ...Object.values(clausesDecisions),
    ...[transfer, certification].filter((span) => span !== undefined),
  ]
  const lastUnassessed = addPeriod(assessmentDuty.since, { days: -1 })
  return [...rows.flatMap(({ until }) => until ?? []), lastUnassessed]
    .filter((until) => until >= on)
    .sort()
    .find((until) => evaluateTransfer(asked, addPeriod(until, { days: 1 })).outcome === 'deny')
}

const permit = (rule: TransferRule, says: string, source: string): TransferDecision => ({
  outcome: 'permit',
  rule,
  says,
  source,
})
const deny = (rule: TransferRule, says: string, source: string): TransferDecision => ({
  outcome: 'deny',
  rule,
  says,
  source,
})

function adequate(asked: TransferQuestion, on: CalendarDate): TransferDecision | null {
  const row = adequacyDecisions.find(
    (each) =>
      each.country === asked.country &&
      inForce(each, on) &&
      (each.organisations === undefined || isOne(each.organisations, asked.organisation)) &&
      (each.scheme === undefined || isCertified(asked.certification, each.scheme, on)),
  )
  return row === undefined
    ? null
    : permit('transfer.adequacy', 'an adequacy decision covers the recipient', row.source)
}

const isOne = <T>(all: readonly T[], one: T | undefined): boolean => one !== undefined && all.includes(one)

const isCertified = (held: Recipient['certification'], scheme: string, on: CalendarDate): boolean =>
  held !== undefined && held.scheme === scheme && inForce(held, on)

/** GDPR 46(2)(b) and (c): binding corporate rules and standard contractual clauses. */
const isSafeguard = ({ mechanism }: TransferGround): boolean =>
  mechanism === 'standard-contractual-clauses' || mechanism === 'binding-corporate-rules'

function safeguarded(ground: TransferGround | undefined, on: CalendarDate): TransferDecision | null {
  if (ground === undefined || !isSafeguard(ground) || whatFails(ground, on) !== null) return null
  const source =
    ground.mechanism === 'binding-corporate-rules' ? 'GDPR 46(2)(b), 47' : clausesOf(ground).source
  return permit(
    'transfer.safeguards',
    'a tool of Article 46 is on file, with what it needs on this day',
    source,
  )
}

/** Why a tool of Article 46 does not carry a transfer on that day; `null` where it does. */
function whatFails(ground: TransferGround, on: CalendarDate): TransferDecision | null {
  if (!inForce(ground, on)) {
    return deny('transfer.tool-not-in-force', 'the tool on file is not in force on this day', 'GDPR 46')
  }
  if (ground.mechanism === 'standard-contractual-clauses' && !areClauses(ground, on)) {
    const { source } = clausesOf(ground)
    return deny('transfer.clauses-superseded', 'the clauses on file cannot be relied on on this day', source)
  }
  if (inForce(assessmentDuty, on) && (ground.assessment ?? '').trim() === '') {
    const { source } = assessmentDuty
    return deny('transfer.not-assessed', 'the tool on file has no transfer impact assessment', source)
  }
  return null
}

/** Whether the clauses that were signed can be relied on: they were not repealed on the day of the signature either. */
function areClauses(ground: TransferGround, on: CalendarDate): boolean {
  const { concludedUntil = on, ...row } = clausesOf(ground)
  return inForce(row, on) && ground.since <= concludedUntil
}

/** The clauses that were signed; where none are named, those that could be signed on that day. */
function clausesOf(ground: TransferGround): Clauses {
  const latest = inForce(clausesDecisions['(EU) 2021/914'], ground.since) ? '(EU) 2021/914' : '2010/87/EU'
  return clausesDecisions[ground.clauses ?? latest]
}

function derogated({ derogation }: TransferQuestion): TransferDecision | null {
  if (derogation === undefined || derogation.reason.trim() === '') return null
  return permit(
    'transfer.derogation',
    'a derogation is claimed for this one case, with a reason',
    `GDPR 49(1)(${points[derogation.ground]})`,
  )
}

/** The points of GDPR 49(1). */
const points: Readonly<Record<Derogation['ground'], string>> = {
  'explicit-consent': 'a',
  'contract-with-subject': 'b',
  'contract-in-interest': 'c',
  'public-interest': 'd',
  'legal-claims': 'e',
  'vital-interests': 'f',
  'public-register': 'g',
}

/** Nothing holds: says what came closest. */
function denied(asked: TransferQuestion, on: CalendarDate): TransferDecision {
  const { transfer, derogation } = asked
  if (transfer !== undefined) {
    const invalid = invalidFrameworks.find((row) => row.framework === transfer.mechanism && inForce(row, on))
    if (invalid !== undefined) {
      return deny(
        'transfer.framework-invalid',
        'the framework relied on has been declared invalid',
        invalid.source,
      )
    }
    const failed = isSafeguard(transfer) ? whatFails(transfer, on) : null
    if (failed !== null) return failed
  }
  if (transfer?.mechanism === 'derogation' || derogation !== undefined) {
    return deny(
      'transfer.no-reason',
      'a derogation holds for one case at a time, with a reason',
      'GDPR 49(1)',
    )
  }
  return outOfScope(asked, on)
}

function outOfScope({ country }: TransferQuestion, on: CalendarDate): TransferDecision {
  const row = adequacyDecisions.find((each) => each.country === country && inForce(each, on))
  if (row?.scheme !== undefined) {
    return deny('transfer.not-certified', 'the recipient is not certified on this day', row.source)
  }
  if (row !== undefined) {
    return deny('transfer.out-of-scope', 'the adequacy decision does not cover this recipient', row.source)
  }
  return deny('transfer.no-ground', 'no ground carries a transfer to this country', 'GDPR 44')
}
