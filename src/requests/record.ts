/**
 * The record of a request: what requests are made of, where each is kept, and how a change of one is written down.
 */

import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import { IntegrityFailure, NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Source } from '../source.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import type { RightsRequest } from './model.ts'

const collection = collections.requests.name

/** What requests are made of. */
export interface RequestParts {
  readonly tenant: string
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
  readonly sources: readonly Source[]
  /** Verifies a code of a person's second factor. */
  readonly verifyFactor: (subject: string, code: string) => Promise<boolean>
}

/** A request as it was found, and what another service does with it: reads it, and offers its next state as changes. */
export interface RequestStore {
  read(id: string): Promise<{ found: Versioned; request: RightsRequest }>
  changes(
    request: RightsRequest,
    act: { found: Versioned | null; action: string; actor: Actor; details?: object },
  ): Change[]
}

/** Where requests are kept, and how a change of one is written down. */
export function createRequestStore({
  tenant,
  store,
  ledger,
}: Pick<RequestParts, 'tenant' | 'store' | 'ledger'>): RequestStore {
  return {
    async read(id) {
      const [found] = await store.get(collection, [key(tenant, String(id))])
      if (!found) throw new NotFound('record.missing', 'there is no such request', { path: 'id' })
      return { found, request: found.value as unknown as RightsRequest }
    },
    changes(request, { found, action, actor, details }) {
      const put: Change = {
        put: { collection, key: key(tenant, request.id) },
        value: request as unknown as JsonValue,
        expect: found?.version ?? 'absent',
      }
      const act = {
        action,
        actor,
        record: request.id,
        clause: 'Your rights',
        details: { kind: request.kind, ...details },
      }
      return [put, ...ledger.changes(act)]
    },
  }
}

/** @throws IntegrityFailure `erasure.residue` */
export function refuseResidue(residue: readonly string[], record: string): void {
  if (residue.length > 0) {
    throw new IntegrityFailure(
      'erasure.residue',
      `reading back found what should be gone in ${residue.join(', ')}`,
      {
        record,
      },
    )
  }
}
