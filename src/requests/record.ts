/**
 * The record of a request: what requests are made of, where each is kept, and how a change of one is written down.
 */

import { collections } from '../collections.ts'
import type { Instant } from '../environment.ts'
import { IntegrityFailure, NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { parseStored } from '../parsing.ts'
import type { ServiceParts, StepUps } from '../services.ts'
import type { Source } from '../source.ts'
import type { Change, JsonValue, Ref, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { RightsRequest } from './model.ts'
import { clauseOf } from './rules.ts'
import { storedRequestParser } from './stored.ts'

/** What requests are made of. */
export interface RequestParts extends ServiceParts {
  readonly sources: readonly Source[]
  readonly stepUps: StepUps
}

/** Who acts where nobody in particular does. */
export const requestsActor: Actor = { role: 'system', id: 'requests' }

/** Where a request is kept. */
export const requestRef = (tenant: string, id: string): Ref => ({
  collection: collections.requests.name,
  key: key(tenant, id),
})

/** A request as the store gave it. @throws IntegrityFailure `record.corrupt` */
export const requestOf = ({ key: at, value }: Versioned): RightsRequest =>
  parseStored(storedRequestParser, value, at)

/** A request as it was found. */
export interface FoundRequest {
  readonly found: Versioned
  readonly request: RightsRequest
}

/** @throws NotFound `record.missing`, IntegrityFailure `record.corrupt` */
export async function readRequest(
  { store, tenant }: Pick<RequestParts, 'store' | 'tenant'>,
  id: string,
): Promise<FoundRequest> {
  const ref = requestRef(tenant, id)
  const [found] = await store.get(ref.collection, [ref.key])
  if (!found) throw new NotFound('record.missing', 'there is no such request', { path: 'id' })
  return { found, request: requestOf(found) }
}

/** The change that writes a request down. */
export const putRequest = (
  { tenant }: Pick<RequestParts, 'tenant'>,
  { found, request }: { found: Versioned | null; request: RightsRequest },
): Change => ({
  put: requestRef(tenant, request.id),
  value: request as unknown as JsonValue,
  expect: found?.version ?? 'absent',
})

/** The changes that write a request down together with the act that changed it. */
export function requestChanges(
  parts: Pick<RequestParts, 'tenant' | 'policy' | 'ledger'>,
  {
    found,
    request,
    details,
    ...act
  }: {
    found: Versioned | null
    request: RightsRequest
    action: string
    actor: Actor
    effectiveAt?: Instant
    details?: Readonly<Record<string, string | number>>
  },
): Change[] {
  const { id, kind } = request
  const clause = clauseOf(parts.policy, kind)
  const entry = { ...act, record: id, clause, details: { kind, ...details } }
  return [putRequest(parts, { found, request }), ...parts.ledger.changes(entry)]
}

/** @throws IntegrityFailure `erasure.residue` */
export function refuseResidue(residue: readonly string[], record: string): void {
  if (residue.length === 0) return
  const says = `reading back found what should be gone in ${residue.join(', ')}`
  throw new IntegrityFailure('erasure.residue', says, { record })
}
