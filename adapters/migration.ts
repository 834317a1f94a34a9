/**
 * What adapters share about migrations: a migration that was read is the one that is applied. Between reading and
 * applying, another process may have done some or all of it; what is left is then a part of what was read. Where
 * something is left that was not read, the plan is stale and refused, and nothing is done.
 */

import { Conflict, InvalidInput, StoreFailure } from '../src/errors.ts'
import type { Migration } from '../src/store.ts'

/** The number of an adapter's first layout; one that has changed its layout since counts on. */
export const layout = 1

/**
 * Checks that all that is left to do was in the migration that somebody read, and that nothing stands in the way.
 * @throws InvalidInput `input.invalid` for what is no migration; StoreFailure `store.unsupported` where something
 *   stands in the way; Conflict `conflict.plan`
 */
export function checkRead(migration: Migration, left: Migration): void {
  if (!Array.isArray(migration?.steps) || !Array.isArray(migration.blocked)) {
    throw new InvalidInput('input.invalid', 'migration must be what plan() gave', { path: 'migration' })
  }
  const blocked = [...left.blocked, ...migration.blocked]
  if (blocked.length > 0) {
    throw new StoreFailure(
      'store.unsupported',
      `this migration is blocked: ${[...new Set(blocked)].join('; ')}`,
    )
  }
  const read = new Set(migration.steps.map((step) => step.statement))
  if (left.steps.some((step) => !read.has(step.statement))) {
    throw new Conflict('conflict.plan', 'this migration is stale: plan it again')
  }
}

/** What a database that a newer version of this library made has in the way; `known` is the newest layout known. */
export const newerLayout = (found: number, known: number = layout): string[] =>
  found > known ? [`the database has layout ${found}, this version knows ${known}: update the library`] : []
