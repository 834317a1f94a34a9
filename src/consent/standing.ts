/**
 * What a statement does to a standing, and which of two statements outweighs the other.
 *
 * A no is a denial, a refusal or a withdrawal; a yes is a consent. The invariant: a yes outweighs a no only if it was
 * both made and recorded after it, and only if whoever said it may. A denial the law or the policy makes absolute
 * yields to the person's own word alone (GDPR 21(3)); an overridable one, a refusal and a withdrawal also to a
 * representative's; a list yields nothing, because an old list must not bring back what was taken back since.
 *
 * Several denials count as one that lasts as long as the longest of them, and that only a consent later than all of
 * them outweighs. So a standing stays small however long the stream grows, and what it forgets errs towards no.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type {
  ConsentEvent,
  EventKind,
  Mark,
  PurposeStanding,
  Route,
  Standing,
  Statement,
  Tombstone,
  Voice,
} from './model.ts'

/** The standing of somebody about whom nothing was said. */
export const emptyStanding: Standing = { state: 'active', events: 0, purposes: {} }

/** The standing after one more event, which is number `standing.events + 1` of its stream. */
export function apply(standing: Standing, event: ConsentEvent): Standing {
  const mark: Mark = {
    event: event.id,
    sequence: standing.events + 1,
    at: event.effectiveAt,
    ...(event.expiresAt !== undefined && { expiresAt: event.expiresAt }),
  }
  const before = standing.purposes[event.purpose] ?? {}
  const purposes = { ...standing.purposes, [event.purpose]: after(before, { event, mark }) }
  return { ...standing, events: mark.sequence, purposes }
}

function after(
  before: PurposeStanding,
  { event, mark }: { event: ConsentEvent; mark: Mark },
): PurposeStanding {
  switch (event.kind) {
    case 'denied':
      return { ...before, denial: joined(before.denial, mark) }
    case 'given': {
      const voice = voiceOf(event.by)
      const last = before.consents?.[voice]
      // A consent that was made earlier and only recorded later does not take the place of the later one.
      const kept = last !== undefined && last.at > mark.at ? last : mark
      return { ...before, consents: { ...before.consents, [voice]: kept } }
    }
    case 'refused':
    case 'withdrawn':
      return { ...before, refusal: { ...mark, kind: event.kind, at: latest(before.refusal?.at, mark.at) } }
  }
}

/** Whose word a statement by a route is. */
export function voiceOf(by: Route): Voice {
  if (by === 'list-import') return 'list'
  return by === 'proxy' ? 'proxy' : 'own'
}

/** Two denials as one. */
function joined(before: Mark | undefined, mark: Mark): Mark {
  if (before === undefined) return mark
  const longest = outlasts(before, mark) ? before : mark
  return { ...longest, sequence: Math.max(before.sequence, mark.sequence), at: latest(before.at, mark.at) }
}

const outlasts = (a: Mark, b: Mark): boolean =>
  b.expiresAt !== undefined && (a.expiresAt === undefined || a.expiresAt > b.expiresAt)

const latest = (a: Instant | undefined, b: Instant): Instant => (a !== undefined && a > b ? a : b)

/** Whether a mark has not ended by itself. */
export const holds = (mark: Mark, at: Instant): boolean => mark.expiresAt === undefined || at < mark.expiresAt

/** A denial, or refusals and withdrawals as one. */
export interface No {
  readonly purpose: string
  readonly kind: Exclude<EventKind, 'given'>
  readonly mark: Mark
  /** Of a denial: whether the policy calls it absolute. */
  readonly absolute: boolean
}

/** Whether a consent by a voice outweighs a no. */
export function outweighs(consent: Mark, { voice, no }: { voice: Voice; no: No }): boolean {
  if (voice === 'list' || (voice === 'proxy' && no.absolute)) return false
  return follows(consent, no.mark)
}

/** Made and recorded later; of two made at the same moment the one recorded later. */
const follows = (consent: Mark, no: Mark): boolean => consent.sequence > no.sequence && consent.at >= no.at

/** The most that a stated moment may lie before the moment it was recorded: a letter can travel, a year it cannot. */
const backdating = 366 * 24 * 3_600_000
/** Routes by which somebody takes down what another person says. */
const taken: readonly Route[] = ['letter', 'phone', 'in-person', 'list-import', 'proxy']

/** Whether a statement reached us through somebody who took it down. */
export const isTaken = (by: Route): boolean => taken.includes(by)

/**
 * Holds a statement against what can be stated at a moment.
 * @throws InvalidInput `input.invalid`
 */
export function checkStatement(
  kind: EventKind,
  { statement, now }: { statement: Statement; now: Instant },
): void {
  const { by, operator, effectiveAt = now, expiresAt } = statement
  if (effectiveAt > now || effectiveAt < later(now, -backdating)) {
    throw wrong('effectiveAt', 'must lie within the year before now')
  }
  if (expiresAt !== undefined && (kind === 'refused' || kind === 'withdrawn')) {
    throw wrong('expiresAt', 'is for consents and denials: an answer does not end by itself')
  }
  if (expiresAt !== undefined && expiresAt <= effectiveAt)
    throw wrong('expiresAt', 'must lie after effectiveAt')
  if (by === 'gpc' && kind !== 'denied') throw wrong('by', 'is a signal that can only deny')
  if (kind === 'given' && isTaken(by) && operator === undefined) {
    throw wrong('operator', 'must say who took a consent that came this way')
  }
}

const wrong = (field: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `statement.${field} ${says}`, { path: `statement.${field}` })

/** What an erased subject leaves: that it was erased, and nothing of what it said. */
export const erasedStanding = ({ at, request, until }: Tombstone): Standing => ({
  state: 'erased',
  erased: { at, request },
  ...(until !== undefined && { erasedUntil: until }),
  events: 0,
  purposes: {},
})

/**
 * What an address is left with when a subject that used it is erased: its own noes, joined with those of the subject
 * that hold. A no that the person's own lasting consent outweighs is not left.
 */
export function suppress(address: Standing, { standing, at }: { standing: Standing; at: Instant }): Standing {
  const purposes = { ...address.purposes }
  for (const [purpose, said] of Object.entries(standing.purposes)) {
    const own = said.consents?.own
    const stays = (no: Mark): boolean =>
      holds(no, at) && (own === undefined || own.expiresAt !== undefined || !follows(own, no))
    const { denial, refusal } = said
    const before = purposes[purpose]
    const left: PurposeStanding = {
      ...before,
      ...(denial && stays(denial) && { denial: joined(before?.denial, denial) }),
      ...(refusal && stays(refusal) && { refusal }),
    }
    if (Object.keys(left).length > 0) purposes[purpose] = left
  }
  return { ...address, purposes }
}

/**
 * An address or number as it is compared: e-mail addresses without regard to case, numbers by their digits alone.
 * Nothing tells a national number from an international one, so numbers are to be given with their country code.
 */
export function contactForm(contact: string): string {
  const text = contact.normalize('NFKC').toLowerCase().replaceAll(/\s/gu, '')
  if (!/^\+?[\d()./-]+$/.test(text)) return text
  // "+358 (0)40 …" names the digit that is left out when the country code is dialled.
  const digits = text.replace('(0)', '').replaceAll(/[^\d+]/g, '')
  return digits.startsWith('00') ? `+${digits.slice(2)}` : digits
}
