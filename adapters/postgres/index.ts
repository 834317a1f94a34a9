/**
 * The store in PostgreSQL 12 or later, through the host's own `pg` pool. Correct at READ COMMITTED, because every
 * expectation is the condition of a statement and every uniqueness a constraint of a table.
 */

import { libraryCollections } from '../../src/collections.ts'
import type { Collection, Store } from '../../src/store.ts'
import { declared } from '../declared.ts'
import { guarded } from '../guard.ts'
import type { PlaintextConsent } from '../plaintext.ts'
import { commit } from './commit.ts'
import { connection, type PostgresPool } from './connection.ts'
import { get, scan } from './scans.ts'
import { migrations, names } from './schema.ts'
import { visitLog } from './visits.ts'

export type { PlaintextConsent } from '../plaintext.ts'
export type { PostgresClient, PostgresPool, Row } from './connection.ts'

/** What a PostgreSQL store is made of. */
export interface PostgresOptions {
  /** The schema that holds its tables, `[a-z_][a-z0-9_]{0,62}`; `pilvi_privacy`, if not given. */
  readonly schema?: string
  /** What it keeps; all that the library keeps, if not given. */
  readonly collections?: readonly Collection[]
  /** Allows a connection that is not encrypted to a host that is not this machine. */
  readonly allowPlaintext?: PlaintextConsent
}

/**
 * A store in PostgreSQL. The pool stays the host's: `close` does not end it.
 * @throws InvalidInput `input.invalid` for a name that is not allowed; StoreFailure `store.insecure`
 */
export function postgresStore(pool: PostgresPool, options: PostgresOptions = {}): Store {
  const { schema = 'pilvi_privacy' } = options
  const collections = declared(options.collections ?? libraryCollections)
  const name = names(schema)
  const to = connection(pool, options.allowPlaintext)
  return guarded('postgres', collections, {
    get: (collection, keys) => get(to, name, { collection, keys }),
    scan: (collection, range) => scan(to, name, { collection, range }),
    commit: (changes) => commit(to, name, changes),
    migrate: migrations(to, name, collections),
    visits: visitLog(to, name),
  })
}
