/**
 * What a statement does to a standing, and what a standing permits.
 *
 * The invariant: once a purpose, or a wider one, was denied, it stays denied until the same person's later explicit
 * consent to that very purpose (GDPR 21(3); the policy, "Right for denial"). Whatever is unclear is denied.
 *
 * Rule ids are listed in {@link consentRules}; docs/consent.md explains each.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Channel, Policy, Purpose } from '../policy/model.ts'
import type { ConsentEvent, Decision, Mark, Reason, Standing, Tombstone } from './model.ts'

/** Every rule a decision can rest on. */
export const consentRules = {
  'subject.erased': 'the subject was erased; nothing may be done with data that should not be there',
  'basis.missing': 'the policy names no legal basis for the purpose',
  'consent.denied': 'the purpose was denied, and not consented to since',
  'consent.denied-broader': 'a wider purpose was denied, and this one not consented to since',
  'consent.suppressed': 'the address was denied for the purpose by somebody who has been erased since',
  'consent.channel-unstated': 'the policy has a rule by channel and the question names none',
  'consent.channel-never': 'the policy never uses this channel for the purpose',
  'consent.missing': 'consent is needed and was never given',
  'consent.refused': 'consent is needed and was refused',
  'consent.withdrawn': 'consent is needed and was withdrawn',
  'consent.expired': 'consent is needed and has expired',
  'consent.given': 'consent was given and stands',
  'consent.not-denied': 'allowed unless denied, and not denied',
  'basis.other': 'rests on a legal basis other than consent',
} as const

export type ConsentRule = keyof typeof consentRules

/** The standing of somebody about whom nothing was said. */
export const emptyStanding: Standing = { state: 'active', events: 0, purposes: {} }

/** The standing after one more event, which is number `standing.events + 1` of its stream. */
export function apply(standing: Standing, event: ConsentEvent): Standing {
  const sequence = standing.events + 1
  const mark: Mark = {
    event: event.id,
    sequence,
    at: event.effectiveAt,
    ...(event.expiresAt !== undefined && { expiresAt: event.expiresAt }),
  }
  const before = standing.purposes[event.purpose] ?? {}
  const after =
    event.kind === 'denied'
      ? { ...before, denial: mark }
      : { ...before, consent: { ...mark, kind: event.kind } }
  return { ...standing, events: sequence, purposes: { ...standing.purposes, [event.purpose]: after } }
}

/** The most that a stated moment may lie before the moment it was recorded: a letter can travel, a year it cannot. */
const backdating = 366 * 24 * 3_600_000

/** @throws InvalidInput `input.invalid` where a statement takes effect after now, or too long before it */
export function checkEffective(effectiveAt: Instant, now: Instant): void {
  if (effectiveAt > now || effectiveAt < later(now, -backdating)) {
    throw new InvalidInput('input.invalid', 'effectiveAt must lie within the year before now', {
      path: 'effectiveAt',
    })
  }
}

/** What was asked, with what was found. */
export interface Asked {
  readonly policy: Policy
  readonly purpose: string
  readonly channel?: Channel
  readonly standing: Standing
  /** The standing of the contact address, where one was asked about. */
  readonly address: Standing
  readonly at: Instant
}

/** Whether the purpose is permitted, with every reason for the outcome; pure. */
export function decide(asked: Asked): Decision {
  const purpose = asked.policy.purposes[asked.purpose] as Purpose
  const denials = [...erasedReasons(asked, purpose), ...denialReasons(asked, purpose)]
  const needed = consentNeed(asked, purpose)
  const outcome = judge(asked, { purpose, denials, needed })
  return { ...outcome, at: asked.at }
}

function judge(
  asked: Asked,
  { purpose, denials, needed }: { purpose: Purpose; denials: Reason[]; needed: Need },
): Pick<Decision, 'outcome' | 'because'> {
  const consent = consentReason(asked, purpose)
  const against = [...denials]
  if (needed.reason) against.push(needed.reason)
  else if (needed.consent && consent.rule !== 'consent.given') against.push(consent)
  const [first, ...others] = against
  if (first) return { outcome: 'deny', because: [first, ...others] }
  if (consent.rule === 'consent.given') return { outcome: 'permit', because: [consent] }
  const rule: ConsentRule = purpose.denial ? 'consent.not-denied' : 'basis.other'
  return { outcome: 'permit', because: [{ rule, clause: purpose.clause }] }
}

function erasedReasons({ standing }: Asked, { clause }: Purpose): Reason[] {
  if (standing.state !== 'erased') return []
  return [{ rule: 'subject.erased', clause, ...(standing.erased && { record: standing.erased.request }) }]
}

/** The denials that stand: of the purpose itself and of every wider one, by the subject or by the address. */
function denialReasons({ policy, purpose: asked, standing, address, at }: Asked, own: Purpose): Reason[] {
  const reasons: Reason[] = []
  const consent = standing.purposes[asked]?.consent
  const overridden = (denial: Mark): boolean =>
    consent?.kind === 'given' && consent.sequence > denial.sequence && holds(consent, at)
  for (const name of withBroader(policy, asked)) {
    const denial = standing.purposes[name]?.denial
    if (denial && holds(denial, at) && !overridden(denial)) {
      const rule: ConsentRule = name === asked ? 'consent.denied' : 'consent.denied-broader'
      reasons.push({ rule, clause: policy.purposes[name]?.clause ?? own.clause, record: denial.event })
    }
    const kept = address.purposes[name]?.denial
    if (kept && holds(kept, at))
      reasons.push({ rule: 'consent.suppressed', clause: own.clause, record: kept.event })
  }
  return reasons
}

/** A purpose and the wider ones it belongs to. */
export function withBroader(policy: Policy, purpose: string): string[] {
  const names: string[] = []
  for (let name: string | undefined = purpose; name !== undefined; name = policy.purposes[name]?.broader) {
    names.push(name)
  }
  return names
}

const holds = (mark: Mark, at: Instant): boolean => mark.expiresAt === undefined || at < mark.expiresAt

interface Need {
  readonly consent: boolean
  /** Why no consent would help. */
  readonly reason?: Reason
}

/** Whether consent is needed: by the legal basis, or by the channel (Finland: post and live calls are free unless denied). */
function consentNeed({ channel }: Asked, { legalBasis, channels, clause }: Purpose): Need {
  if (legalBasis === undefined) return { consent: true, reason: { rule: 'basis.missing', clause } }
  if (channels === undefined) return { consent: legalBasis === 'consent' }
  if (channel === undefined) return { consent: true, reason: { rule: 'consent.channel-unstated', clause } }
  const rule = channels[channel]
  // A channel the policy does not name was promised to nobody.
  if (rule === undefined || rule === 'never') {
    return { consent: true, reason: { rule: 'consent.channel-never', clause } }
  }
  return { consent: rule === 'consent' || legalBasis === 'consent' }
}

function consentReason({ standing, purpose, at }: Asked, { clause }: Purpose): Reason {
  const consent = standing.purposes[purpose]?.consent
  if (consent === undefined) return { rule: 'consent.missing', clause }
  const rule: ConsentRule =
    consent.kind === 'given' && !holds(consent, at) ? 'consent.expired' : `consent.${consent.kind}`
  return { rule, clause, record: consent.event }
}

/** What an erased subject leaves: that it was erased, and nothing of what it said. */
export const erasedStanding = ({ at, request, until }: Tombstone): Standing => ({
  state: 'erased',
  erased: { at, request },
  ...(until !== undefined && { erasedUntil: until }),
  events: 0,
  purposes: {},
})

/** The denials of a standing that still hold, added to those an address already has. */
export function suppress(address: Standing, { standing, at }: { standing: Standing; at: Instant }): Standing {
  const purposes = { ...address.purposes }
  for (const [name, { consent, denial }] of Object.entries(standing.purposes)) {
    const overridden = consent?.kind === 'given' && denial !== undefined && consent.sequence > denial.sequence
    if (denial && holds(denial, at) && !overridden) purposes[name] = { denial }
  }
  return { ...address, purposes }
}
