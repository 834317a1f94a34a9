/**
 * What an entry of the stream does to a standing, and which of two statements outweighs the other.
 *
 * A no is a denial, an objection, a refusal, a withdrawal or a revocation; a yes is a consent. The invariant: a yes outweighs a no only if it was
 * both made and recorded after it, and only if whoever said it may. A denial the law or the policy makes absolute
 * yields to the person's own word alone (GDPR 21(3)); an overridable one, a refusal and a withdrawal also to a
 * representative's; a list yields nothing, because an old list must not bring back what was taken back since.
 *
 * A renewal gives the consent that stands a new term and nothing else: it keeps the consent's place in the order, so it
 * outweighs nothing that the consent did not. An objection that was lifted has ended like a denial that ran out: the
 * consents before it do not come back.
 *
 * Several denials count as one that lasts as long as the longest of them, and that only a consent later than all of
 * them outweighs. So a standing stays small however long the stream grows, and what it forgets errs towards no.
 */

import type { Instant } from '../environment.ts'
import type {
  ConsentEvent,
  Entry,
  EventKind,
  Mark,
  PurposeStanding,
  Route,
  Standing,
  Voice,
} from './model.ts'

/** The standing of somebody about whom nothing was said. */
export const emptyStanding: Standing = { state: 'active', events: 0, purposes: {} }

/** An entry that adds to a standing: the end of a merge takes away, and only a replay can do that (`merge.ts`). */
export type Adding = Exclude<Entry, { readonly kind: 'unmerged' }>

/** The standing after one more entry, which is number `standing.events + 1` of its stream. */
export function apply(before: Standing, entry: Adding): Standing {
  const standing = { ...before, events: before.events + 1 }
  switch (entry.kind) {
    case 'restricted': {
      const mark = markOf(entry, standing.events)
      return { ...standing, restrictions: { ...before.restrictions, [entry.request]: mark } }
    }
    case 'objected': {
      const said = before.purposes[entry.purpose] ?? {}
      const objections = { ...said.objections, [entry.request]: markOf(entry, standing.events) }
      return { ...standing, purposes: { ...before.purposes, [entry.purpose]: { ...said, objections } } }
    }
    case 'lifted':
      return lifted(standing, entry)
    case 'merged': {
      const { merge, effectiveAt: at, other } = entry
      return { ...standing, merged: { merge, at, other } }
    }
    case 'absorbed':
      return absorbed(standing, entry)
    default: {
      const said = after(before.purposes[entry.purpose] ?? {}, {
        event: entry,
        mark: markOf(entry, standing.events),
      })
      return { ...standing, purposes: { ...before.purposes, [entry.purpose]: said } }
    }
  }
}

const markOf = (entry: Adding, sequence: number): Mark => ({
  event: entry.id,
  sequence,
  at: entry.effectiveAt,
  ...('expiresAt' in entry && entry.expiresAt !== undefined && { expiresAt: entry.expiresAt }),
})

/** What a request had put there ends: its restriction is gone, its objections have ended. */
function lifted(standing: Standing, { request, effectiveAt }: Extract<Entry, { request: string }>): Standing {
  const { [request]: _, ...restrictions } = standing.restrictions ?? {}
  const purposes = Object.entries(standing.purposes).map(([name, said]) => {
    const mark = said.objections?.[request]
    if (mark === undefined || mark.expiresAt !== undefined) return [name, said] as const
    const objections = { ...said.objections, [request]: { ...mark, expiresAt: effectiveAt } }
    return [name, { ...said, objections }] as const
  })
  return { ...standing, restrictions, purposes: Object.fromEntries(purposes) }
}

/** Of consents only those stay that the person had given under both ids, until the earlier of the two ends. */
function absorbed(
  standing: Standing,
  { merge, other, agreed }: Extract<Entry, { kind: 'absorbed' }>,
): Standing {
  const purposes = Object.entries(standing.purposes).map(([name, { consents, ...noes }]) => {
    const also = Object.hasOwn(agreed, name) ? agreed[name] : undefined
    if (consents === undefined || also === undefined) return [name, noes] as const
    const ended = Object.entries(consents).map(([voice, mark]) => [voice, endingBy(mark, also.until)])
    return [name, { ...noes, consents: Object.fromEntries(ended) }] as const
  })
  return {
    ...standing,
    purposes: Object.fromEntries(purposes),
    absorbed: { ...standing.absorbed, [merge]: other },
  }
}

const endingBy = (mark: Mark, until: Instant | undefined): Mark =>
  until === undefined || (mark.expiresAt !== undefined && mark.expiresAt <= until)
    ? mark
    : { ...mark, expiresAt: until }

function after(
  before: PurposeStanding,
  { event, mark }: { event: ConsentEvent; mark: Mark },
): PurposeStanding {
  const { consents, denial, refusal } = before
  const voice = voiceOf(event.by)
  switch (event.kind) {
    case 'denied':
      return { ...before, denial: joined(denial, mark) }
    case 'given': {
      const last = consents?.[voice]
      // A consent that was made earlier and only recorded later does not take the place of the later one.
      const kept = last !== undefined && last.at > mark.at ? last : mark
      return { ...before, consents: { ...consents, [voice]: kept } }
    }
    case 'renewed': {
      const term = renewed(before, { voice, mark })
      return term === undefined ? before : { ...before, consents: { ...consents, [voice]: term } }
    }
    case 'refused':
    case 'withdrawn':
    case 'revoked':
      return { ...before, refusal: { ...mark, kind: event.kind, at: latest(refusal?.at, mark.at) } }
  }
}

/** The consent that stands, with the term of its renewal; none where none stood when it was renewed. */
function renewed(
  { consents, refusal, denial, objections = {} }: PurposeStanding,
  { voice, mark }: { voice: Voice; mark: Mark },
): Mark | undefined {
  const consent = consents?.[voice]
  if (consent === undefined || mark.at < consent.at || !holds(consent, mark.at)) return undefined
  const noes = [...Object.values(objections), ...(refusal ? [refusal] : []), ...(denial ? [denial] : [])]
  if (!noes.every((no) => follows(consent, no))) return undefined
  const { event, expiresAt } = mark
  const { sequence, at } = consent
  return { event, sequence, at, ...(expiresAt !== undefined && { expiresAt }) }
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

/** A denial, an objection, or refusals, withdrawals and revocations as one. */
export interface No {
  readonly purpose: string
  readonly kind: Exclude<EventKind, 'given' | 'renewed'> | 'objected'
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
export const follows = (consent: Mark, no: Mark): boolean =>
  consent.sequence > no.sequence && consent.at >= no.at

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
