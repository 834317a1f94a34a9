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
import type { JsonValue, Store } from '../store.ts'
import { key } from '../values.ts'
import type { RightsRequest } from './model.ts'

const collection = collections.requests.name

export function createRequestSource(
  tenant: string,
  {
    policy,
    store,
    environment,
    keys,
  }: { policy: Policy; store: Store; environment: Environment; keys: Keys },
): Source {
  async function* others({ subject, request }: IdentityKeys): AsyncIterable<RightsRequest> {
    const digest = await keys.digest('subject', [subject])
    for await (const { value } of store.scan(collection, { tenant, index: 'subject', equals: [digest] })) {
      const other = value as unknown as RightsRequest
      if (other.id !== request) yield other
    }
  }

  return {
    name: 'requests',
    label: { en: 'Requests made', fi: 'Tehdyt pyynnöt' },
    category: () => policy.ownData.requests,
    async *find(identity) {
      for await (const other of others(identity)) yield [rowOf(other)]
    },
    async erase(_, erasures) {
      for (const { row, keep } of erasures) {
        await settle({ store, environment }, async () => {
          const ref = { collection, key: key(tenant, row) }
          const [found] = await store.get(collection, [ref.key])
          if (!found) return { changes: [], result: undefined }
          const request = found.value as unknown as RightsRequest
          const value = (keep.length > 0 ? closed(request) : anonymous(request)) as unknown as JsonValue
          return { changes: [{ put: ref, value, expect: found.version }], result: undefined }
        })
      }
    },
  }
}

const rowOf = ({ id, kind, state, receivedBy, receivedAt, due, recordedAt }: RightsRequest): Row => ({
  id,
  values: { kind, state, receivedBy, receivedAt, due },
  recordedAt,
})

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
