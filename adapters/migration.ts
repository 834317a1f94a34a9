/**
 * What adapters share about migrations: a migration that was read is the one that is applied. Between reading and
 * applying, another process may have done some or all of it; what is left is then a part of what was read. Where
 * something is left that was not read, the plan is stale and refused, and nothing is done.
 */

import { Conflict, InvalidInput, StoreFailure } from '../src/errors.ts'
import type { Migration } from '../src/store.ts'

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
export const newerLayout = (found: number, known: number): string[] =>
  found > known ? [`the database has layout ${found}, this version knows ${known}: update the library`] : []

/** Makes sure of something before a store is used; nothing to wait for once it is known. */
export type Ready = () => Promise<void> | undefined

/**
 * That a database has the layout that this version knows, looked up until it has: of another one nothing is read or
 * written, because what lies elsewhere would be neither found nor erased.
 * @throws StoreFailure `store.not-migrated` of an older layout, `store.unsupported` of a newer one
 */
export function layoutReady(found: () => Promise<number>, known: number): Ready {
  let ready = false
  const check = async (): Promise<void> => {
    const layout = await found()
    const [newer] = newerLayout(layout, known)
    if (newer !== undefined) throw new StoreFailure('store.unsupported', newer)
    if (layout < known) throw new StoreFailure('store.not-migrated', `the layout is ${layout}: migrate it`)
    ready = true
  }
  return () => (ready ? undefined : check())
}
