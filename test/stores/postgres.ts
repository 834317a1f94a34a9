/** The PostgreSQL store as the kit wants it: what lies in the tables is read by SQL, around the store. */

import pg from 'pg'
import { type PostgresDriver, postgresStore } from '../../adapters/postgres/index.ts'
import type { Collection, JsonValue, Store, StoredVisit } from '../../src/store.ts'
import type { StoreFactory } from '../../src/testing/index.ts'

/** A pool for a database of the tests; a server that goes away is no error of theirs. */
export function testPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 20 })
  pool.on('error', () => {})
  return pool
}

/** Takes away what the tests have made. */
export async function dropSchemas(pool: pg.Pool, names: readonly string[]): Promise<void> {
  for (const name of names) await pool.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`)
}

/** Applies what is left to do for a store. */
export const migrated = async (store: Store): Promise<Store> => {
  await store.migrate.apply(await store.migrate.plan())
  return store
}

/** What a host itself asks a driver. */
interface Queries {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Readonly<Record<string, unknown>>[] }>
}

/** Fixtures in one schema of a database, migrated once for each list of collections. */
export function postgresFactory(driver: PostgresDriver & Queries, schema: string): StoreFactory {
  const sql = async (text: string, values: unknown[]) => (await driver.query(text, values)).rows
  const ready = new Set<readonly Collection[]>()
  return async ({ collections }) => {
    const open = (of: readonly Collection[]): Store => postgresStore(driver, { schema, collections: of })
    const stores = [open(collections)]
    if (!ready.has(collections)) for (const store of stores) await migrated(store)
    ready.add(collections)
    return {
      store: stores[0] as Store,
      peek: async (collection, key) => {
        const [row] = await sql(
          `SELECT version, value::text FROM "${schema}"."${collection}" WHERE key = $1`,
          [key],
        )
        return row === undefined
          ? null
          : { version: Number(row['version']), value: JSON.parse(String(row['value'])) as JsonValue }
      },
      peekStream: async (collection, key) => {
        const rows = await sql(
          `SELECT sequence, to_json(id)::text AS id, value::text FROM "${schema}"."${collection}" WHERE key = $1 ORDER BY sequence`,
          [key],
        )
        return rows.map(({ sequence, id, value }) => {
          return {
            sequence: Number(sequence),
            id: JSON.parse(String(id)) as string,
            value: JSON.parse(String(value)) as JsonValue,
          }
        })
      },
      peekVisits: async (tenant) => {
        const rows = await sql(
          `SELECT to_json(visit)::text AS json FROM "${schema}"._visits AS visit WHERE tenant = $1`,
          [tenant],
        )
        return rows.map(({ json }) => {
          const { tenant: _, ...visit } = JSON.parse(String(json)) as StoredVisit & { tenant: string }
          return visit
        })
      },
      open: async (others) => {
        const store = open(others)
        stores.push(store)
        return store
      },
      close: async () => {
        for (const store of stores) await store.close()
      },
    }
  }
}

/** Every row of every table of a schema, as text. */
export async function rowsOf(pool: pg.Pool, schema: string): Promise<string[]> {
  const { rows: tables } = await pool.query(
    'SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      "WHERE n.nspname = $1 AND c.relkind = 'r'",
    [schema],
  )
  const all = await Promise.all(
    tables.map(({ name }) => pool.query(`SELECT t::text AS row FROM "${schema}"."${name}" t`)),
  )
  return all.flatMap(({ rows }) => rows.map(({ row }) => String(row)))
}
