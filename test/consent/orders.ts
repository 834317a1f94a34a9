/** Events in any order and on both clocks, and what they come to by the words of the rule, without a standing. */

import type { ConsentEvent, EventKind, Instant, Policy, Route } from '@pilvi/privacy'
import fc from 'fast-check'
import type { Voice } from '../../src/consent/model.ts'
import { voiceOf } from '../../src/consent/standing.ts'

const hour = 3_600_000
const epoch = Date.parse('2026-01-01T00:00:00.000Z')
/** Few moments, so that many statements meet in one. */
export const moment = (n: number): Instant => new Date(epoch + n * hour).toISOString() as Instant

const purposes = ['direct-marketing', 'telemarketing', 'market-research'] as const
const routes: readonly Route[] = [
  'letter',
  'phone',
  'email',
  'in-person',
  'link',
  'link',
  'list-import',
  'proxy',
]

interface Drawn {
  readonly kind: EventKind
  readonly purpose: (typeof purposes)[number]
  readonly by: Route
  /** Absent: in the order in which it was recorded. */
  readonly effective: number | undefined
  readonly ends: number | undefined
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom<EventKind>(
    'given',
    'given',
    'given',
    'given',
    'denied',
    'denied',
    'refused',
    'withdrawn',
    'revoked',
    'renewed',
  ),
  purpose: fc.constantFrom(...purposes),
  by: fc.constantFrom(...routes),
  effective: fc.option(fc.nat(12), { freq: 1, nil: undefined }),
  ends: fc.option(fc.integer({ min: 1, max: 24 }), { freq: 1, nil: undefined }),
})

/** Up to a dozen events of one subject, in the order in which they were recorded. */
export const orders: fc.Arbitrary<ConsentEvent[]> = fc
  .array(drawn, { maxLength: 12 })
  .map((all) => all.map((each, i) => eventOf(i, each)))

function eventOf(i: number, { kind, purpose, by, effective = i, ends }: Drawn): ConsentEvent {
  const answers = kind === 'refused' || kind === 'withdrawn' || kind === 'revoked'
  return {
    id: `e${i}`,
    kind,
    purpose,
    by,
    operator: 'agent-7',
    effectiveAt: moment(effective),
    recordedAt: moment(12 + i),
    ...(ends !== undefined && !answers && { expiresAt: moment(effective + ends) }),
    policyVersion: '1',
    category: 'consent-record',
  }
}

/** The asked purpose and the wider ones. */
function chain(policy: Policy, purpose: string): string[] {
  const broader = policy.purposes[purpose]?.broader
  return [purpose, ...(broader === undefined ? [] : chain(policy, broader))]
}

export interface Asked {
  readonly policy: Policy
  readonly events: readonly ConsentEvent[]
  readonly purpose: string
  readonly at: Instant
}

const lasts = ({ expiresAt }: ConsentEvent, at: Instant): boolean => expiresAt === undefined || at < expiresAt

/** A no, by its kind. */
const isNo = ({ kind }: ConsentEvent): boolean => kind !== 'given' && kind !== 'renewed'

/** The noes to the purpose and to wider ones, with their places in the order. */
const noes = ({ policy, events, purpose }: Pick<Asked, 'policy' | 'events' | 'purpose'>) =>
  events.flatMap((event, place) =>
    isNo(event) && chain(policy, purpose).includes(event.purpose) ? [{ event, place }] : [],
  )

/** A consent with the term of its last renewal, and its place in the order. */
interface Yes {
  readonly effectiveAt: Instant
  readonly expiresAt: Instant | undefined
  readonly place: number
}

/** The consent that a voice made last, as renewed: a renewal counts while the consent lasts and no no has followed it. */
function lastYes({ events, purpose }: Pick<Asked, 'events' | 'purpose'>, voice: Voice): Yes | undefined {
  let yes: Yes | undefined
  for (const [place, event] of events.entries()) {
    const { kind, effectiveAt, expiresAt } = event
    if (event.purpose !== purpose || voiceOf(event.by) !== voice) continue
    if (kind === 'given' && (yes === undefined || effectiveAt >= yes.effectiveAt)) {
      yes = { effectiveAt, expiresAt, place }
    }
    if (kind !== 'renewed' || yes === undefined || effectiveAt < yes.effectiveAt) continue
    const { place: since, effectiveAt: made, expiresAt: until } = yes
    const said = events
      .slice(0, place)
      .filter((no, i) => isNo(no) && no.purpose === purpose && !(i < since && no.effectiveAt <= made))
    if (said.length === 0 && (until === undefined || effectiveAt < until)) yes = { ...yes, expiresAt }
  }
  return yes
}

/** Whether a consent that was made last by its voice holds, and every no to the purpose came before it. */
export function consented(asked: Asked): boolean {
  const { at, policy } = asked
  return (['own', 'proxy', 'list'] as const).some((voice) => {
    const last = lastYes(asked, voice)
    if (last === undefined || (last.expiresAt !== undefined && last.expiresAt <= at)) return false
    return noes(asked).every(({ event, place }) => {
      const absolute = event.kind === 'denied' && policy.purposes[event.purpose]?.denial?.absolute
      if (voice === 'list' || (voice === 'proxy' && absolute)) return false
      return last.place > place && last.effectiveAt >= event.effectiveAt
    })
  })
}

/** Whether the purpose may be pursued by a live call, which is free unless the person said no. */
export function callable(asked: Asked): boolean {
  if (consented(asked)) return true
  return noes(asked).every(({ event }) => !lasts(event, asked.at))
}

/** Whether the person's own consent to that very purpose came after the absolute denial, on both clocks. */
export const liftedByOwnWord = (
  { events, purpose }: Asked,
  { event: denial, place }: { event: ConsentEvent; place: number },
): boolean =>
  events.some(
    (event, i) =>
      event.kind === 'given' &&
      event.purpose === purpose &&
      !['proxy', 'list-import', 'gpc'].includes(event.by) &&
      i > place &&
      event.effectiveAt >= denial.effectiveAt,
  )

/** The absolute denials of the purpose or of wider ones that have not ended. */
export const standingDenials = (asked: Asked) =>
  noes(asked).filter(
    ({ event }) =>
      event.kind === 'denied' &&
      asked.policy.purposes[event.purpose]?.denial?.absolute === true &&
      lasts(event, asked.at),
  )
