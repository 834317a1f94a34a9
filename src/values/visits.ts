/** Visits and sessions, as the visit log of every adapter takes them. */

import type { StoredVisit } from '../store.ts'
import { checkTenant } from './key.ts'
import { checkList, invalid, limits } from './limits.ts'
import { checkInstant, checkText } from './text.ts'

const lastInstant = '9999-12-31T23:59:59.999Z'

/** Checks a batch of visits. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkVisits(tenant: unknown, visits: readonly StoredVisit[]): void {
  checkTenant(tenant)
  const batch: readonly (StoredVisit | null | undefined)[] = checkList(
    visits,
    'visits',
    limits.visitsPerBatch,
  )
  for (const [i, visit] of batch.entries()) {
    if (visit === null || typeof visit !== 'object') throw invalid(`visits[${i}]`, 'must be an object')
    checkText(visit.id, `visits[${i}].id`, limits.keyBytes)
    checkText(visit.session, `visits[${i}].session`, limits.keyBytes)
    // Ranges end before an instant: behind the last there is, a visit could be neither read nor purged.
    if (checkInstant(visit.at, `visits[${i}].at`) === lastInstant) {
      throw invalid(`visits[${i}].at`, `must be before ${lastInstant}`)
    }
    for (const field of ['ip', 'host', 'source'] as const) {
      const value = visit[field]
      if (value !== null) checkText(value, `visits[${i}].${field}`, limits.visitFieldBytes)
    }
  }
}

/** Checks the sessions of a `find` or `erase`. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkSessions(tenant: unknown, sessions: readonly string[]): void {
  checkTenant(tenant)
  checkList(sessions, 'sessions', limits.keysPerGet).forEach((session, i) => {
    checkText(session, `sessions[${i}]`, limits.keyBytes)
  })
}
