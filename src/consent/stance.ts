/**
 * What stands of a purpose by itself, so that what is said again is not recorded again.
 *
 * The invariant: something counts as said already only if recording it once more would change no decision, now or later.
 * What is recorded later can be dated earlier, so a no stands only where it took effect on the same day or since, lasts at
 * least as long as the new one, and no consent was recorded after it, whether that one has ended or not. So one no comes
 * to an entry a day at most, and to the day, which is as exact as what comes by letter is dated, nothing is lost. An
 * objection never says a denial already: the request that set it lifts it, legal claims and a representative outweigh it.
 */

import { dayIn } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Mark, Standing } from './model.ts'
import { counting, noesTo, withBroader } from './noes.ts'
import { holds } from './standing.ts'

/** What is asked of a standing. */
export interface Stance {
  readonly policy: Policy
  readonly purpose: string
  readonly at: Instant
}

/** A no, when it takes effect (absent: at that moment), and until when it is to last (absent: for good). */
interface Leaving extends Stance {
  readonly kind: 'denied' | 'withdrawn'
  readonly effectiveAt?: Instant
  readonly until?: Instant | undefined
}

/** Whether a no of the kind stands that took effect as late and lasts as long. */
export const saysNo = (standing: Standing, leaving: Leaving): boolean =>
  stands(standing, { ...leaving, names: [leaving.purpose] })

function stands(
  standing: Standing,
  {
    policy,
    purpose,
    at,
    kind,
    effectiveAt = at,
    until,
    names,
  }: Leaving & { readonly names: readonly string[] },
): boolean {
  const day = (moment: Instant) => dayIn(policy.timeZone, moment)
  const consents = names.flatMap((name) => Object.values(standing.purposes[name]?.consents ?? {}))
  return noesTo(policy, { standing, purpose }).some(({ kind: said, mark }) => {
    if ((said === 'denied') !== (kind === 'denied') || said === 'objected') return false
    if (!holds(mark, at) || !lasts(mark, until) || day(mark.at) < day(effectiveAt)) return false
    return consents.every(({ sequence }) => sequence < mark.sequence)
  })
}

/** Whether a mark lasts at least until then; where that is not said, whether it lasts for good. */
export const lasts = ({ expiresAt }: Mark, until: Instant | undefined): boolean =>
  expiresAt === undefined || (until !== undefined && expiresAt >= until)

/**
 * Whether a no of the kind stands, to the purpose and to all within it: a consent to a narrower purpose that came after it
 * would be ended by a new one.
 */
export const saysNoToAll = (standing: Standing, leaving: Leaving): boolean =>
  stands(standing, { ...leaving, names: [leaving.purpose, ...within(standing, leaving)] })

/** The narrower purposes that something was said about. */
const within = (standing: Standing, { policy, purpose }: Stance): string[] =>
  Object.keys(standing.purposes).filter(
    (name) => name !== purpose && withBroader(policy, name).includes(purpose),
  )

/** Whether a purpose is denied, and the person has consented to a narrower one all the same. */
export const isOpenWithin = (standing: Standing, { policy, purpose, at }: Stance): boolean =>
  noesTo(policy, { standing, purpose }).some(({ kind, mark }) => kind === 'denied' && holds(mark, at)) &&
  within(standing, { policy, purpose, at }).some((name) =>
    counting({ policy, standing, at }, name).includes('own'),
  )

/** Whether the person's own consent to the purpose counts. */
export const saysYes = (standing: Standing, { purpose, ...known }: Stance): boolean =>
  counting({ ...known, standing }, purpose).includes('own')
