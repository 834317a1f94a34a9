/**
 * What somebody said no to, over an erasure and back: the tombstone holds each no that stood, by purpose and moment and
 * without who said it or how, and a reopening makes statements of them again. So whoever comes back is as denied as they
 * were, whichever address is asked about; no consent comes back (GDPR 21(3); the policy, "Right for denial").
 */

import type { Instant } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { ConsentEvent, PurposeStanding, Standing, Tombstone } from './model.ts'
import { emptyStanding, suppress } from './standing.ts'

/** What an erased subject leaves: that it was erased, and the noes that come back if it does. */
export function erasedStanding(standing: Standing, { at, request, until }: Tombstone): Standing {
  const before = { ...emptyStanding, purposes: standing.kept ?? {} }
  const { purposes: kept } = suppress(before, { standing, at })
  return {
    state: 'erased',
    erased: { at, request },
    ...(until !== undefined && { erasedUntil: until }),
    ...(Object.keys(kept).length > 0 && { kept }),
    events: 0,
    purposes: {},
  }
}

/** The statements of somebody who is reopened, but for their ids: each no as of when it was said, recorded now. */
export function returningNoes(
  { kept = {} }: Standing,
  { operator, policy, now }: { readonly operator: string; readonly policy: Policy; readonly now: Instant },
): Omit<ConsentEvent, 'id'>[] {
  const noesIn = ({ denial, refusal }: PurposeStanding) => [
    ...(denial ? [{ ...denial, kind: 'denied' as const }] : []),
    ...(refusal ? [refusal] : []),
  ]
  return Object.entries(kept).flatMap(([purpose, said]) =>
    noesIn(said).map(({ kind, at, expiresAt }) => ({
      ...{ kind, purpose, by: 'list-import' as const, operator },
      ...{ effectiveAt: at, recordedAt: now },
      ...(expiresAt !== undefined && { expiresAt }),
      policyVersion: policy.version,
      category: policy.ownData.consents,
    })),
  )
}
