/**
 * The store in PostgreSQL 12 or later, through the host's own `pg` pool or client, or in a PGlite. Correct at READ
 * COMMITTED, because every expectation is the condition of a statement and every uniqueness a constraint of a table.
 */

import { libraryCollections } from '../../src/collections.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { Store } from '../../src/store.ts'
import { declared } from '../declared.ts'
import { guarded } from '../guard.ts'
import type { DatabaseOptions } from '../options.ts'
import { postgresBulk } from './bulk.ts'
import { commit } from './commit.ts'
import { connection } from './connection.ts'
import { isClient, isPgLite, type PostgresDriver, type PostgresSession } from './driver.ts'
import { migrations, tablesReady } from './migrations.ts'
import { get, scan } from './scans.ts'
import { names } from './schema.ts'
import { visitLog } from './visits.ts'
import { transactionStore } from './within.ts'

export type { DatabaseOptions } from '../options.ts'
export type { PlaintextConsent } from '../plaintext.ts'
export type {
  PgLite,
  PgLiteSession,
  PooledClient,
  PostgresClient,
  PostgresDriver,
  PostgresPool,
  PostgresSession,
  PostgresStatement,
  Row,
} from './driver.ts'

/** What a PostgreSQL store is made of. */
export interface PostgresOptions extends DatabaseOptions {
  /** The schema that holds its tables, `[a-z_][a-z0-9_]{0,62}`; `pilvi_privacy`, if not given. */
  readonly schema?: string
}

/** A store in PostgreSQL. */
export interface PostgresStore extends Store {
  /**
   * The same data inside a transaction that the host has open on `client`: a connection of its pool, or any other to
   * the same database. Each commit is a savepoint; the host alone commits. One call at a time: what the host
   * does on the client while a call runs may be rolled back with it.
   * @throws StoreFailure `store.unsupported` of a store that is not on a pool, because secrets are made outside the
   *   transaction; `store.insecure`
   * @throws InvalidInput of its calls: `transaction.not-allowed`; `input.invalid` where no transaction is open
   */
  within(client: PostgresSession): Store
}

const ofPgLite =
  'PGlite is for one process, and not safe against a loss of power: it does not wait for the disk.'

/**
 * A store in PostgreSQL: on a pool of `pg`; on one connected `Client`, which is then the store's alone and serves one
 * call after another; or in a PGlite, whose plan says what that means. They stay the host's: `close` ends none.
 * @throws InvalidInput `input.invalid` for a name that is not allowed; StoreFailure `store.insecure`
 */
export function postgresStore(driver: PostgresDriver, options: PostgresOptions = {}): PostgresStore {
  const { schema = 'pilvi_privacy', allowPlaintext: consent } = options
  const collections = declared(options.collections ?? libraryCollections)
  const name = names(schema)
  const to = connection(driver, consent)
  const ready = tablesReady(to, name)
  let state: 'open' | 'closed' = 'open'
  const store = guarded('postgres', collections, {
    get: (collection, keys) => get(to, name, { collection, keys }),
    scan: (collection, range) => scan(to, name, { collection, range }),
    commit: (changes) => commit(to, name, changes),
    migrate: migrations(to, { name, collections, ...(isPgLite(driver) && { notes: [ofPgLite] }) }),
    visits: visitLog(to, name),
    bulk: postgresBulk(to, name),
    ready,
  })
  return {
    ...store,
    async close() {
      state = 'closed'
      await store.close()
    },
    within(client) {
      if (isPgLite(driver) || isClient(driver)) {
        throw new StoreFailure('store.unsupported', 'work in a transaction needs a store on a pool')
      }
      // Asked outside: in the transaction a table that is not there would end it.
      const within = (): Promise<void> | undefined => {
        if (state === 'closed') throw new StoreFailure('store.closed', 'the postgres store is closed')
        return ready()
      }
      return transactionStore(client, { collections, name, consent, ready: within })
    },
  }
}
