/**
 * Raw visits as a source of a person's data. They are found by sessions only: without a session that is known to be
 * the person's, a visit cannot be attributed to anybody.
 */

import type { Instant } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Source } from '../source.ts'
import { type UniformRow, uniformRow } from '../sources/row.ts'
import type { Store, StoredVisit } from '../store.ts'

/** Nothing here is ever kept from an erasure: a policy that exempts raw visits contradicts itself. */
export function createVisitSource(
  tenant: string,
  { policy, store }: { policy: Policy; store: Store },
): Source {
  return {
    name: 'visits',
    label: { en: 'Visits', fi: 'Käynnit' },
    async *find({ sessions }, wanted) {
      if (sessions.length === 0) return
      const category = policy.ownData.visits
      for await (const batch of store.visits.find(tenant, sessions))
        yield batch.map((visit) => uniformRow({ category, ...rowOf(visit) }, wanted))
    },
    async erase({ sessions }, erasures) {
      if (erasures.length > 0) await store.visits.erase(tenant, sessions)
    },
  }
}

const rowOf = ({ id, at, session, ...rest }: StoredVisit): Omit<UniformRow, 'category'> => {
  const known = Object.entries(rest).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
  return { id, values: { at, session, ...Object.fromEntries(known) }, recordedAt: at as Instant }
}
