/**
 * What rights requests put on a person's standing: changes for their commit, each an entry of the stream and the
 * standing after it, so that a past moment is answered with the restriction it had. Nobody else sets one.
 */

import { type Environment, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { Markings, Standings } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import type { Marking } from './model.ts'
import { consentStream } from './source.ts'
import { apply } from './standing.ts'
import { putStanding, refuseErased } from './standings.ts'

interface Parts {
  readonly policy: Policy
  readonly environment: Environment
  readonly standings: Standings
}

/** Makes what requests mark people with, in a tenant. */
export function createMarkings(tenant: string, { policy, environment, standings }: Parts): Markings {
  async function entered(
    subject: string,
    marking: Pick<Marking, 'request' | 'kind'> & { readonly purpose?: string },
  ): Promise<Change[]> {
    const now = environment.now()
    const read = await standings.read(subject)
    refuseErased(read.standing)
    const recorded = { effectiveAt: now, recordedAt: now, policyVersion: policy.version }
    const entry = {
      ...{ id: newId(environment), ...marking, ...recorded },
      category: policy.ownData.consents,
    } as Marking
    const standing = apply(read.standing, entry)
    return [
      putStanding({ ...read, standing }),
      {
        append: consentStream(tenant, subject),
        id: entry.id,
        value: entry as unknown as JsonValue,
        expect: standing.events,
      },
    ]
  }

  return {
    restrict: (subject, { request }) => entered(subject, { kind: 'restricted', request }),
    async object(subject, { request, purpose: name }) {
      const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
      const { legalBasis } = purpose ?? {}
      if (legalBasis !== 'legitimate-interests' && legalBasis !== 'public-task') {
        const says = 'purpose is not one that GDPR 21(1) lets people object to'
        throw new InvalidInput('input.not-in-policy', says, { path: 'purpose' })
      }
      return entered(subject, { kind: 'objected', request, purpose: name })
    },
    lift: (subject, { request }) => entered(subject, { kind: 'lifted', request }),
  }
}
