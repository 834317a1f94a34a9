/**
 * What adapters share about migrations: a migration that was read is the one that is applied. Between reading and
 * applying, another process may have done some or all of it; what is left is then a part of what was read. Where
 * something is left that was not read, the plan is stale and refused, and nothing is done.
 */

import { Conflict, InvalidInput, StoreFailure } from '../src/errors.ts'
import type { Migration } from '../src/store.ts'

/** The number of the layout that this version of the adapters makes. */
export const layout = 1

/**
 * Checks that all that is left to do was in the migration that somebody read.
 * @throws Conflict `conflict.plan`; InvalidInput `input.invalid` for what is no migration
 */
export function checkRead(migration: Migration, left: Migration): void {
  if (!Array.isArray(migration?.steps)) {
    throw new InvalidInput('input.invalid', 'migration must be what plan() gave', { path: 'migration' })
  }
  const read = new Set(migration.steps.map((step) => step.statement))
  if (left.steps.some((step) => !read.has(step.statement))) {
    throw new Conflict('conflict.plan', 'this migration is stale: plan it again')
  }
}

/** Refuses a database that a newer version of this library made. @throws StoreFailure `store.unsupported` */
export function checkLayout(found: number): void {
  if (found > layout) {
    throw new StoreFailure(
      'store.unsupported',
      `the database has layout ${found}, this version knows ${layout}`,
    )
  }
}
