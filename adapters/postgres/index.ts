/**
 * The store in PostgreSQL 12 or later, through the host's own `pg` pool. Correct at READ COMMITTED, because every
 * expectation is the condition of a statement and every uniqueness a constraint of a table.
 */

import { libraryCollections } from '../../src/collections.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { Change, Collection, Range, Store, Versioned } from '../../src/store.ts'
import { checkCollection, checkKeys, checkRange } from '../../src/values.ts'
import { declared } from '../declared.ts'
import type { PlaintextConsent } from '../plaintext.ts'
import { commit } from './commit.ts'
import { type Connection, connection, type PostgresPool } from './connection.ts'
import { get, scan } from './scans.ts'
import { migrations, type Names, names } from './schema.ts'
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
  return new PostgresStore({
    collections: declared(options.collections ?? libraryCollections),
    name: names(options.schema ?? 'pilvi_privacy'),
    connection: connection(pool, options.allowPlaintext),
  })
}

interface Parts {
  readonly collections: ReadonlyMap<string, Collection>
  readonly name: Names
  readonly connection: Connection
}

class PostgresStore implements Store {
  readonly name = 'postgres'
  readonly migrate: Store['migrate']
  readonly visits: Store['visits']
  readonly #parts: Parts
  #state: 'open' | 'closed' = 'open'

  constructor(parts: Parts) {
    this.#parts = parts
    this.visits = visitLog(parts.connection, parts.name, () => this.#open())
    const { plan, apply } = migrations(parts.connection, parts.name, parts.collections)
    this.migrate = {
      plan: async () => {
        this.#open()
        return plan()
      },
      apply: async (migration) => {
        this.#open()
        await apply(migration)
      },
    }
  }

  async get(name: string, keys: readonly string[]): Promise<(Versioned | null)[]> {
    this.#open()
    const collection = checkCollection(this.#parts.collections, name)
    return get(this.#parts.connection, this.#parts.name, { collection, keys: checkKeys(keys) })
  }

  async *scan(name: string, range: Range): AsyncGenerator<Versioned> {
    this.#open()
    const collection = checkCollection(this.#parts.collections, name)
    checkRange(collection, range)
    for await (const each of scan(this.#parts.connection, this.#parts.name, { collection, range })) {
      yield each
      this.#open()
    }
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.#open()
    await commit(this.#parts.connection, this.#parts, changes)
  }

  async close(): Promise<void> {
    this.#state = 'closed'
  }

  #open(): void {
    if (this.#state === 'closed') throw new StoreFailure('store.closed', 'the PostgreSQL store is closed')
  }
}
