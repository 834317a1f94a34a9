/**
 * The driver as this adapter needs it, described by its shape: `pg` is never imported, so that the host's version
 * decides. And what becomes of the driver's errors: their messages can hold values, so that only the SQLSTATE is
 * repeated, and the error itself stays in the process as `cause`.
 *
 * The one question that matters about a broken connection is whether something was committed. A statement that
 * commits (a lone one, or COMMIT) and whose answer is lost ends in `store.outcome-unknown`; whatever breaks before
 * that has done nothing, and is `store.unavailable`.
 */

import { PrivacyError, StoreFailure } from '../../src/errors.ts'
import { checkPeers, type Peer, type PlaintextConsent } from '../plaintext.ts'
import { type Attempt, untilDone } from '../retry.ts'

/** A row as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A connection of the pool, used by one piece of work at a time. */
export interface PostgresClient {
  /** Runs one statement with `$1` parameters; rejects with an error whose `code` is the SQLSTATE, where there is one. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Row[] }>
  /** Gives it back; with an error, or `true`, it is closed and not used again. */
  release(error?: Error | boolean): void
  /** Where a driver tells of a connection that breaks between statements. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/** What this adapter needs of a pool; that of `pg` fits. */
export interface PostgresPool {
  /** A connection that is nobody else's until it is released. */
  connect(): Promise<PostgresClient>
}

/** Runs one statement. */
export type Query = (text: string, values?: unknown[]) => Promise<Row[]>

/** What the rest of the adapter works with. */
export interface Connection {
  /** A statement that changes nothing. */
  read: Query
  /** A statement that commits by itself; done again where the database undid it. */
  write: Query
  /** Statements that commit together, done again where the database undid them or `body` asks for it. */
  transaction<T>(body: (query: Query) => Promise<Attempt<T>>): Promise<T>
}

/** @throws StoreFailure `store.insecure` */
export function connection(pool: PostgresPool, consent: PlaintextConsent | undefined): Connection {
  const known = peerOfPool(pool)
  if (known !== null) checkPeers([known], consent)
  const use = <T>(work: (query: Query, client: PostgresClient) => Promise<T>): Promise<T> =>
    using(pool, (query, client) => {
      if (known === null) checkPeers(peersOf(client), consent)
      return work(query, client)
    })
  return {
    read: (text, values) => use((query) => query(text, values).catch(failed('read'))),
    write: (text, values) =>
      untilDone(() => use((query) => query(text, values).then(done, undoneOr(failed('commit'))))),
    transaction: (body) => untilDone(() => use((query) => transact(query, body))),
  }
}

/** Takes a connection, and gives it back; one that broke is thrown away. */
async function using<T>(
  pool: PostgresPool,
  work: (query: Query, client: PostgresClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(failed('connect'))
  let broken: Error | undefined
  // The driver also emits what it rejects with; unheard, that would end the process.
  const heard = (error: Error): void => {
    broken = error
  }
  client.on?.('error', heard)
  try {
    return await work(async (text, values) => {
      try {
        return (await client.query(text, values)).rows
      } catch (error) {
        if (!isRefusal(error)) broken = error instanceof Error ? error : new Error('lost')
        throw error
      }
    }, client)
  } finally {
    client.removeListener?.('error', heard)
    client.release(broken)
  }
}

async function transact<T>(query: Query, body: (query: Query) => Promise<Attempt<T>>): Promise<Attempt<T>> {
  let outcome: Attempt<T>
  try {
    await query('BEGIN ISOLATION LEVEL READ COMMITTED')
    outcome = await body(query)
  } catch (error) {
    // A connection that broke has rolled back already.
    await query('ROLLBACK').catch(() => {})
    if (isUndone(error)) return { undone: error }
    throw error instanceof PrivacyError ? error : failure(error, 'work')
  }
  if ('undone' in outcome) {
    await query('ROLLBACK').catch(failed('work'))
    return outcome
  }
  await query('COMMIT').catch(failed('commit'))
  return outcome
}

const done = (rows: Row[]): Attempt<Row[]> => ({ done: rows })

const undoneOr =
  (otherwise: (error: unknown) => never) =>
  (error: unknown): Attempt<never> =>
    isUndone(error) ? { undone: error } : otherwise(error)

/** The SQLSTATE of an error that the server sent. */
const stateOf = (error: unknown): string | null => {
  const { severity, code } = Object(error) as { readonly severity?: unknown; readonly code?: unknown }
  return typeof severity === 'string' && typeof code === 'string' ? code : null
}

/** States that come with the end of the connection, or leave open what was done. */
const fatal = /^(08|57P|XX|40003|25P0[34])/

/**
 * Whether the server refused the statement and stays connected: then it has done nothing of it. The severity that it
 * sends along is in the server's language, so that only the state tells.
 */
const isRefusal = (error: unknown): boolean => {
  const state = stateOf(error)
  return state !== null && !fatal.test(state)
}

/** Serialization failures and deadlocks: PostgreSQL undid it, and says that it may be tried again. */
const isUndone = (error: unknown): boolean =>
  isRefusal(error) && ['40001', '40P01'].includes(stateOf(error) ?? '')

/** Undefined table, column, function, schema. */
const missing = new Set(['42P01', '42703', '42883', '3F000'])

const failed =
  (during: 'connect' | 'read' | 'work' | 'commit') =>
  (error: unknown): never => {
    throw failure(error, during)
  }

function failure(error: unknown, during: 'connect' | 'read' | 'work' | 'commit'): StoreFailure {
  const state = stateOf(error)
  const details = { cause: error }
  if (during === 'commit' && !isRefusal(error)) {
    return new StoreFailure('store.outcome-unknown', 'the connection broke while committing', details)
  }
  if (state !== null && missing.has(state)) {
    return new StoreFailure('store.not-migrated', 'the schema lacks what is needed: migrate it', details)
  }
  const says = state === null ? 'cannot be reached' : `refused (SQLSTATE ${state})`
  return new StoreFailure('store.unavailable', `the database ${says}`, details)
}

/** Where a pool connects to: its own Client class resolves options, connection string and environment. */
function peerOfPool(pool: PostgresPool): Peer | null {
  const { Client, options } = pool as { readonly Client?: unknown; readonly options?: unknown }
  if (typeof Client !== 'function') return null
  return peersOf(new (Client as new (of: unknown) => object)(options))?.[0] ?? null
}

function peersOf(client: object): Peer[] | null {
  const { host, ssl } = client as { readonly host?: unknown; readonly ssl?: unknown }
  return typeof host === 'string' && ssl !== undefined ? [{ host, encrypted: Boolean(ssl) }] : null
}
