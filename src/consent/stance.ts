/**
 * What stands of a purpose by itself, so that what is said again is not recorded again.
 *
 * The invariant: something counts as said already only if recording it once more would change no decision, now or
 * later. So a no stands only where it lasts at least as long as the new one, and no consent that holds outweighs it.
 */

import type { Instant } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Mark, Standing } from './model.ts'
import { counting, noesTo, voices } from './noes.ts'
import { holds, outweighs } from './standing.ts'

/** What is asked of a standing. */
export interface Stance {
  readonly policy: Policy
  readonly purpose: string
  readonly at: Instant
}

/** A no, and until when it is to last; absent: for good. */
interface Leaving extends Stance {
  readonly kind: 'denied' | 'withdrawn'
  readonly until?: Instant | undefined
}

/** Whether a no of the kind stands that lasts as long. */
export function saysNo(standing: Standing, { policy, purpose, at, kind, until }: Leaving): boolean {
  const { consents = {} } = standing.purposes[purpose] ?? {}
  return noesTo(policy, { standing, purpose }).some((no) => {
    if ((no.kind === 'denied') !== (kind === 'denied') || no.kind === 'objected') return false
    const lifted = voices.some((voice) => {
      const consent = consents[voice]
      return consent !== undefined && holds(consent, at) && outweighs(consent, { voice, no })
    })
    return !lifted && holds(no.mark, at) && lasts(no.mark, until)
  })
}

/** Whether a mark lasts at least until then; where that is not said, whether it lasts for good. */
export const lasts = ({ expiresAt }: Mark, until: Instant | undefined): boolean =>
  expiresAt === undefined || (until !== undefined && expiresAt >= until)

/** Whether the person's own consent to the purpose counts. */
export const saysYes = (standing: Standing, { purpose, ...known }: Stance): boolean =>
  counting({ ...known, standing }, purpose).includes('own')
