/**
 * What rights requests put on a person's standing: changes for their commit, each an entry of the stream and the
 * standing after it, so that a past moment is answered with the restriction it had. Nobody else sets one. About an id that
 * was merged into another each is put there, and taken away again, for both.
 */

import { type Environment, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys, Markings, Standings } from '../services.ts'
import type { Change } from '../store.ts'
import type { Marking } from './model.ts'
import { entered, placesOf } from './places.ts'

interface Parts {
  readonly policy: Policy
  readonly environment: Environment
  readonly standings: Standings
  readonly keys: Pick<Keys, 'reveal'>
}

/** Makes what requests mark people with, in a tenant. */
export function createMarkings(tenant: string, parts: Parts): Markings {
  const { policy, environment } = parts

  async function entries(
    subject: string,
    marking: Pick<Marking, 'request' | 'kind'> & { readonly purpose?: string },
  ): Promise<Change[]> {
    const now = environment.now()
    const places = await placesOf(parts, subject)
    const recorded = { effectiveAt: now, recordedAt: now, policyVersion: policy.version }
    const entry = {
      ...{ id: newId(environment), ...marking, ...recorded },
      category: policy.ownData.consents,
    } as Marking
    return places.flatMap((place) => entered(tenant, { place, entry }))
  }

  return {
    restrict: (subject, { request }) => entries(subject, { kind: 'restricted', request }),
    async object(subject, { request, purpose: name }) {
      const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
      const { legalBasis } = purpose ?? {}
      if (legalBasis !== 'legitimate-interests' && legalBasis !== 'public-task') {
        const says = 'purpose is not one that GDPR 21(1) lets people object to'
        throw new InvalidInput('input.not-in-policy', says, { path: 'purpose' })
      }
      return entries(subject, { kind: 'objected', request, purpose: name })
    },
    lift: (subject, { request }) => entries(subject, { kind: 'lifted', request }),
  }
}
