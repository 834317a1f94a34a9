/**
 * The drivers as this adapter needs them, described by their shape: none is ever imported, so that the host's version
 * decides. A pool of `pg` lends connections; a lone `Client` is one connection, on which calls wait for each other;
 * PGlite is a database in this process, which lets nobody in between the statements of a transaction.
 */

import { StoreFailure } from '../../src/errors.ts'
import { checkPeers, type Peer, type PlaintextConsent } from '../plaintext.ts'
import { failure, isRefusal } from './failures.ts'

/** A row as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A statement as `pg` takes it, with how to read what the server wrote. */
export interface PostgresStatement {
  readonly text: string
  readonly types: { getTypeParser(): (text: string) => string }
}

/** Whatever runs statements, one after another, in one session. */
export interface PostgresSession {
  query(statement: PostgresStatement, values?: unknown[]): Promise<{ readonly rows: Row[] }>
}

/** The same of PGlite, also one of its transactions. */
export interface PgLiteSession {
  query(
    text: string,
    values?: unknown[],
    options?: { readonly parsers: Readonly<Record<number, (text: string) => string>> },
  ): Promise<{ readonly rows: Row[] }>
}

/** A connection of a pool. */
export interface PooledClient extends PostgresSession {
  release(error?: Error | boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/** What this adapter needs of a pool; that of `pg` fits. */
export interface PostgresPool {
  connect(): Promise<PooledClient>
}

/** A connection of its own, connected already; a `Client` of `pg` fits. */
export interface PostgresClient extends PostgresSession {
  escapeLiteral(text: string): string
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A PGlite. */
export interface PgLite extends PgLiteSession {
  readonly closed: boolean
  transaction<T>(body: (session: PgLiteSession) => Promise<T>): Promise<T>
}

/** What a store can be made of. */
export type PostgresDriver = PostgresPool | PostgresClient | PgLite

/** Runs one statement. */
export type Query = (text: string, values?: unknown[]) => Promise<Row[]>

/**
 * What the server wrote is taken as it is, as text: JSON is read once, by the library, and neither the host's parsers nor
 * a cast in the server stands between.
 */
const types = { getTypeParser: () => (text: string) => text }

/** The statements of a session of `pg`. */
export const asked =
  (session: PostgresSession): Query =>
  async (text, values) =>
    (await session.query({ text, types }, values)).rows

/** `boolean` and `jsonb`: what else a statement here gives is text, or a number that is read as one. */
const parsers = { 16: (text: string) => text, 3802: (text: string) => text }

/** The statements of a session of PGlite. */
export const askedOfPgLite =
  (session: PgLiteSession): Query =>
  async (text, values) =>
    (await session.query(text, values, { parsers })).rows

/** Lends a session for the time of some work; nobody else uses it meanwhile. */
export type Lend = <T>(work: (query: Query) => Promise<T>) => Promise<T>

export const isPgLite = (driver: PostgresDriver): driver is PgLite =>
  typeof (driver as PgLite).transaction === 'function'

/** A lone client and not a pool: pools do not quote. */
export const isClient = (driver: PostgresDriver): driver is PostgresClient =>
  typeof (driver as PostgresClient).escapeLiteral === 'function'

/** Sessions of a pool, each checked before its first statement. @throws StoreFailure `store.insecure` */
export function lendFromPool(pool: PostgresPool, consent: PlaintextConsent | undefined): Lend {
  const known = peerOfPool(pool)
  if (known !== null) checkPeers([known], consent)
  return async (work) => {
    const client = await connected(pool)
    return using(client, async (query) => {
      if (known === null) checkPeers(peersOf(client), consent)
      return work(query)
    })
  }
}

/** Options that the driver cannot read it throws at once, and repeats; what it cannot reach it rejects with. */
async function connected(pool: PostgresPool): Promise<PooledClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw failure(error, 'connect')
  }
}

/** Gives a connection back to its pool; one that broke is thrown away. */
async function using<T>(client: PooledClient, work: (query: Query) => Promise<T>): Promise<T> {
  let broken: Error | undefined
  // The driver also emits what it rejects with; unheard, that would end the process.
  const heard = (error: Error): void => {
    broken = error
  }
  client.on?.('error', heard)
  const query = asked(client)
  try {
    return await work(async (text, values) => {
      try {
        return await query(text, values)
      } catch (error) {
        if (!isRefusal(error)) broken = error instanceof Error ? error : new Error('lost')
        throw error
      }
    })
  } finally {
    client.removeListener?.('error', heard)
    client.release(broken)
  }
}

/** One connection for everybody. @throws StoreFailure `store.insecure`, `store.unavailable` once it broke */
export function lendClient(client: PostgresClient, consent: PlaintextConsent | undefined): Lend {
  checkPeers(peersOf(client), consent)
  const line = lineOf(client)
  if (!line.heard) {
    client.on('error', (cause) => {
      line.broken = new StoreFailure('store.unavailable', 'the connection broke: make another', { cause })
    })
  }
  line.heard = true
  return (work) =>
    inTurn(client, async () => {
      if (line.broken !== undefined) throw line.broken
      return work(asked(client))
    })
}

/** What waits for a connection, whichever store it was asked through, and whether it broke. */
interface Line {
  end: Promise<unknown>
  heard: boolean
  broken?: StoreFailure
}

const lines = new WeakMap<object, Line>()

function lineOf(client: object): Line {
  const line = lines.get(client) ?? { end: Promise.resolve(), heard: false }
  lines.set(client, line)
  return line
}

/** Runs work on a connection when all that was asked of it before has ended. */
export function inTurn<T>(client: object, work: () => Promise<T>): Promise<T> {
  const line = lineOf(client)
  const mine = line.end.then(work)
  line.end = mine.catch(() => {})
  return mine
}

/** Where a pool connects to: its own Client class resolves options, connection string and environment. */
function peerOfPool(pool: PostgresPool): Peer | null {
  const { Client, options } = pool as { readonly Client?: unknown; readonly options?: unknown }
  if (typeof Client !== 'function') return null
  try {
    return peersOf(new (Client as new (of: unknown) => object)(options))?.[0] ?? null
  } catch {
    // Options that the driver cannot read; its message would repeat them.
    return null
  }
}

/** The other end of a connection, or `null` where it does not tell. */
export function peersOf(client: object): Peer[] | null {
  const { host, ssl } = client as { readonly host?: unknown; readonly ssl?: unknown }
  return typeof host === 'string' && ssl !== undefined ? [{ host, encrypted: Boolean(ssl) }] : null
}
