/** Who in the register holds an address or number: by every field of its kind that people can be looked up by. */

import type { Group, Policy } from '../policy/model.ts'
import type { Keys, Standings } from '../services.ts'
import type { Store } from '../store.ts'
import { isLookedUp } from './equality.ts'
import { subjectsBy } from './lookups.ts'

interface Parts {
  readonly policy: Policy
  readonly tier: Group['tier']
  readonly store: Store
  readonly keys: Pick<Keys, 'digest'>
  readonly standings: Pick<Standings, 'read'>
}

/** The people of a tenant by a contact; one may come several times, none who was erased. */
export function createHolders(tenant: string, { policy, tier, ...given }: Parts) {
  const parts = { ...given, tenant }
  const fields = Object.entries(policy.groups)
    .filter(([, each]) => each.tier === tier)
    .flatMap(([group, each]) =>
      Object.entries(each.fields).map(([field, declared]) => ({ group, field, declared })),
    )
    .filter(({ declared }) => isLookedUp(declared))
  return async function* (contact: string, holds: 'email' | 'phone'): AsyncIterable<string> {
    for (const each of fields) {
      if (each.declared.kind === holds) yield* subjectsBy(parts, { ...each, equals: contact })
    }
  }
}
