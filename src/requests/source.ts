/**
 * A person's requests as a source: what was asked, when and with what end. Erasing one takes away whose it was; what
 * remains is a record of a request by nobody in particular. The request that erases is left to its own end.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { IdentityKeys, Row, Source } from '../source.ts'
import { uniformRow } from '../sources/row.ts'
import type { JsonValue, Store } from '../store.ts'
import type { RightsRequest } from './model.ts'
import { putRequest, requestOf, requestRef } from './record.ts'

interface Parts {
  readonly tenant: string
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
}

/** The requests of a person as a source. */
export function createRequestSource(tenant: string, given: Omit<Parts, 'tenant'>): Source {
  const parts: Parts = { ...given, tenant }
  return {
    name: 'requests',
    label: { en: 'Requests made', fi: 'Tehdyt pyynnöt' },
    async *find(identity, wanted) {
      for await (const request of requestsOf(parts, identity)) yield [rowOf(parts.policy, request, wanted)]
    },
    async erase(_, erasures) {
      for (const { row, keep } of erasures) await close(parts, row, keep)
    },
  }
}

/** All but the one that erases. */
async function* requestsOf(
  { tenant, store, keys }: Parts,
  { subject, request }: IdentityKeys,
): AsyncIterable<RightsRequest> {
  const equals = [await keys.digest('subject', [subject])]
  for await (const found of store.scan(collections.requests.name, { tenant, index: 'subject', equals })) {
    const other = requestOf(found)
    if (other.id !== request) yield other
  }
}

/** What is left of a request depends on whether it is kept as proof. */
function close({ tenant, store, environment }: Parts, id: string, keep: readonly string[]): Promise<void> {
  return settle({ store, environment }, async () => {
    const ref = requestRef(tenant, id)
    const [found] = await store.get(ref.collection, [ref.key])
    if (!found) return { changes: [], result: undefined }
    const request = (keep.length > 0 ? closed : anonymous)(requestOf(found))
    return { changes: [putRequest({ tenant }, { found, request })], result: undefined }
  })
}

/** The fields of a request that are about the person; its progress is the controller's own record. */
function rowOf(
  { ownData }: Policy,
  { id, kind, state, receivedBy, receivedAt, due, sessions, recordedAt }: RightsRequest,
  wanted: 'outline' | 'values',
): Row {
  const values: Record<string, JsonValue> = { kind, state, receivedBy, receivedAt, due }
  if (wanted === 'values' && sessions.length > 0) values['sessions'] = [...sessions]
  return uniformRow({ id, category: ownData.requests, recordedAt, values }, wanted)
}

/** A request that is kept as proof: without the sessions it named, and with nothing left to redeem. */
function closed(request: RightsRequest): RightsRequest {
  const { export: _, ...rest } = request
  return { ...rest, sessions: [] }
}

/** A request without whose it was; an export that nobody may redeem any more. */
export function anonymous(request: RightsRequest): RightsRequest {
  const { subject: _, subjectDigest: __, export: ___, ...rest } = request
  return { ...rest, sessions: [] }
}
