/**
 * What the rest of the adapter works with: statements that read, statements that commit by themselves, and those that
 * commit together. What the database undid because two got in each other's way is done again, here and nowhere else.
 */

import { PrivacyError } from '../../src/errors.ts'
import type { PlaintextConsent } from '../plaintext.ts'
import { type Attempt, untilDone } from '../retry.ts'
import {
  askedOfPgLite,
  isClient,
  isPgLite,
  type Lend,
  lendClient,
  lendFromPool,
  type PgLite,
  type PostgresDriver,
  type Query,
  type Row,
} from './driver.ts'
import { failed, failure, isRefusal, isUndone, stateOf } from './failures.ts'

/** Statements that commit together: done, or undone and to be done again. */
export type Body<T> = (query: Query) => Promise<Attempt<T>>

/** What a statement is done again for: the server refuses it with a state, and what was missing is made. */
export interface Mending {
  readonly text: string
  readonly values: unknown[]
  readonly state: string
  mend(): Promise<void>
}

/** What the rest of the adapter works with. */
export interface Connection {
  /** A statement that changes nothing. */
  read: Query
  /** A statement that commits by itself; done again where the database undid it. */
  write: Query
  /** Statements that commit together, done again where the database undid them or `body` asks for it. */
  transaction<T>(body: Body<T>): Promise<T>
}

/** A connection outside any transaction of the host's. */
export interface OwnConnection extends Connection {
  /** As `write`, where what the statement needs may have to be made first. */
  writeMending(statement: Mending): Promise<Row[]>
}

/** @throws StoreFailure `store.insecure` */
export function connection(driver: PostgresDriver, consent: PlaintextConsent | undefined): OwnConnection {
  if (isPgLite(driver)) {
    return over(lendPgLite(driver), (body) => inPgLite(driver, body))
  }
  const lend = isClient(driver) ? lendClient(driver, consent) : lendFromPool(driver, consent)
  return over(lend, (body) => lend((query) => transact(query, body)))
}

function over(lend: Lend, transaction: <T>(body: Body<T>) => Promise<Attempt<T>>): OwnConnection {
  return {
    read: (text, values) => lend((query) => query(text, values).catch(failed('read'))),
    write: (text, values) => untilDone(() => lend((query) => alone(query(text, values)))),
    writeMending: ({ text, values, state, mend }) =>
      untilDone(async () => {
        const attempt = await lend((query) => alone(query(text, values), state))
        if ('undone' in attempt && stateOf(attempt.undone) === state) await mend()
        return attempt
      }),
    transaction: (body) => untilDone(() => transaction(body)),
  }
}

/** A statement that commits by itself; undone also where it was refused with `state`. */
async function alone(work: Promise<Row[]>, state?: string): Promise<Attempt<Row[]>> {
  try {
    return { done: await work }
  } catch (error) {
    if (isUndone(error) || (isRefusal(error) && stateOf(error) === state)) return { undone: error }
    throw failure(error, 'commit')
  }
}

async function transact<T>(query: Query, body: Body<T>): Promise<Attempt<T>> {
  let outcome: Attempt<T>
  try {
    await query('BEGIN ISOLATION LEVEL READ COMMITTED')
    outcome = await body(query)
  } catch (error) {
    // A connection that broke has rolled back already.
    await query('ROLLBACK').catch(() => {})
    return undoneOrThrown(error)
  }
  if ('undone' in outcome) {
    await query('ROLLBACK').catch(failed('work'))
    return outcome
  }
  await query('COMMIT').catch(failed('commit'))
  return outcome
}

/** What an error within a transaction that was rolled back comes to. */
export function undoneOrThrown(error: unknown): Attempt<never> {
  if (isUndone(error)) return { undone: error }
  throw error instanceof PrivacyError ? error : failure(error, 'work')
}

/** Each statement is a turn of its own: PGlite lets none between those of somebody's transaction. */
const lendPgLite =
  (database: PgLite): Lend =>
  async (work) => {
    if (database.closed) throw failure(null, 'connect')
    return work(askedOfPgLite(database))
  }

/** One process has no races but its own, so that the isolation level the host has set does not matter. */
async function inPgLite<T>(database: PgLite, body: Body<T>): Promise<Attempt<T>> {
  if (database.closed) throw failure(null, 'connect')
  let outcome: Attempt<T> | undefined
  try {
    await database.transaction(async (session) => {
      const attempt = await body(askedOfPgLite(session))
      // Thrown, because that is what rolls back.
      if ('undone' in attempt) throw attempt
      outcome = attempt
    })
  } catch (error) {
    if (outcome !== undefined) throw failure(error, 'commit')
    return isAttempt(error) ? error : undoneOrThrown(error)
  }
  return outcome as Attempt<T>
}

const isAttempt = (error: unknown): error is Attempt<never> =>
  typeof error === 'object' && error !== null && 'undone' in error
