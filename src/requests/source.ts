/**
 * A person's requests as a source: what was asked, when and with what end. Erasing one takes away whose it was; what
 * remains is a record of a request by nobody in particular. A request that has not ended is left to its own end.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Keys } from '../services.ts'
import type { Row, Source } from '../source.ts'
import { uniformRow } from '../sources/row.ts'
import type { JsonValue, Store } from '../store.ts'
import type { RightsRequest } from './model.ts'
import { putRequest, requestOf, requestRef } from './record.ts'
import { isEnded } from './rules.ts'

interface Parts {
  readonly tenant: string
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
    async *find({ subject, request }, wanted) {
      const digest = await parts.keys.digest('subject', [subject])
      for await (const other of requestsOf(parts, digest)) {
        // An erasure takes what has ended; what is still asked for goes by what it was opened with.
        if (request === undefined || (other.id !== request && isEnded(other))) yield [rowOf(other, wanted)]
      }
    },
    // A request has an id of its own, and stays where it is.
    setAside: 'unneeded',
    async erase(_, erasures) {
      for (const { row, keep } of erasures) await close(parts, row, keep)
    },
  }
}

/** The requests of a person. */
export async function* requestsOf(
  { tenant, store }: Pick<Parts, 'tenant' | 'store'>,
  subjectDigest: string,
): AsyncIterable<RightsRequest> {
  const range = { tenant, index: 'subject', equals: [subjectDigest] }
  for await (const found of store.scan(collections.requests.name, range)) yield requestOf(found)
}

/** What is left of a request depends on whether it is kept as proof. */
export function close(
  { tenant, store, environment }: Pick<Parts, 'tenant' | 'store' | 'environment'>,
  id: string,
  keep: readonly string[],
): Promise<void> {
  return settle({ store, environment }, async () => {
    const ref = requestRef(tenant, id)
    const [found] = await store.get(ref.collection, [ref.key])
    if (!found) return { changes: [], result: undefined }
    const request = (keep.length > 0 ? closed : anonymous)(requestOf(found))
    return { changes: [putRequest({ tenant }, { found, request })], result: undefined }
  })
}

/** The fields of a request that are about the person; its progress is the controller's own record. */
export function rowOf(
  { id, kind, state, category, receivedBy, receivedAt, due, sessions, recordedAt }: RightsRequest,
  wanted: 'outline' | 'values',
): Row {
  const values: Record<string, JsonValue> = { kind, state, receivedBy, receivedAt, due }
  if (wanted === 'values' && sessions.length > 0) values['sessions'] = [...sessions]
  return uniformRow({ id, category, recordedAt, values }, wanted)
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
