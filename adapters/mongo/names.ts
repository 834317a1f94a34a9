/**
 * The names of a store's collections, from an allow-list. They begin with the store's prefix, and those that go on with
 * `_` are the adapter's own.
 */

import { InvalidInput } from '../../src/errors.ts'

/** The names of a store's collections. */
export interface Names {
  readonly layout: string
  /** What the names of the days' visits begin with. */
  readonly visits: string
  /** Where layout 1 kept all visits. */
  readonly undivided: string
  of(collection: string): string
  heads(collection: string): string
}

/** @throws InvalidInput `input.invalid` for a prefix that is not allowed */
export function names(prefix: unknown): Names {
  if (typeof prefix !== 'string' || !/^[a-z_][a-z0-9_]{0,39}$/.test(prefix)) {
    throw new InvalidInput('input.invalid', 'prefix must be [a-z_][a-z0-9_]{0,39}', { path: 'prefix' })
  }
  return {
    layout: `${prefix}_layout`,
    visits: `${prefix}_visits_`,
    undivided: `${prefix}_visits`,
    of: (collection) => `${prefix}${collection}`,
    heads: (collection) => `${prefix}_heads_${collection}`,
  }
}
