/**
 * Raw visits as a source of a person's data. They are found by sessions only: without a session that is known to be
 * the person's, a visit cannot be attributed to anybody.
 */

import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { Row, Source } from '../source.ts'
import type { Store, StoredVisit } from '../store.ts'

/** @throws InvalidInput `policy.invalid` where the policy would keep raw visits beyond an erasure */
export function createVisitSource(
  tenant: string,
  { policy, store }: { policy: Policy; store: Store },
): Source {
  if (policy.retention[policy.ownData.visits]?.exemption !== undefined) {
    const path = `retention.${policy.ownData.visits}.exemption`
    throw new InvalidInput('policy.invalid', 'raw visits go with an erasure; they cannot be exempt from it', {
      path,
    })
  }
  return {
    name: 'visits',
    label: { en: 'Visits', fi: 'Käynnit' },
    category: () => policy.ownData.visits,
    async *find({ sessions }) {
      if (sessions.length === 0) return
      for await (const batch of store.visits.find(tenant, sessions)) yield batch.map(rowOf)
    },
    async erase({ sessions }, erasures) {
      if (erasures.length > 0) await store.visits.erase(tenant, sessions)
    },
  }
}

const rowOf = ({ id, at, ...values }: StoredVisit): Row => ({
  id,
  values: Object.fromEntries(Object.entries({ at, ...values }).filter(([, value]) => value !== null)),
  recordedAt: at as Instant,
})
