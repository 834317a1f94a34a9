/**
 * What the rest of the adapter works with, and what becomes of the driver's errors: their messages can hold values, so
 * that only the server's code is repeated, and the error itself stays in the process as `cause`.
 *
 * Reads are from the primary with read concern majority, writes wait for a majority: what was acknowledged stays. A
 * write whose answer is lost ends in `store.outcome-unknown`; what breaks before that has done nothing and is
 * `store.unavailable`. A server that cannot be found says nothing about a write: the driver may have sent it before
 * it looked for the server again. After each failure the server is therefore asked first, so that while it is away
 * writes end where they have done nothing.
 */

import { Conflict, PrivacyError, StoreFailure } from '../../src/errors.ts'
import type { PlaintextConsent } from '../plaintext.ts'
import { type Attempt, untilDone } from '../retry.ts'
import type { MongoCollection, MongoDatabase, MongoSession } from './driver.ts'
import { checkAddress, checkHello, unsupported } from './server.ts'

/** What the rest of the adapter works with. */
export interface Connection {
  collection(name: string): MongoCollection
  makeCollection(name: string): Promise<unknown>
  /** Drops a collection; one that is not there is no error. */
  drop(name: string): Promise<void>
  /** The names of the collections that match a regular expression, in order. */
  list(pattern: string): Promise<string[]>
  /** Why this server cannot be used, or `null`. @throws StoreFailure */
  unsupported(): Promise<string | null>
  /** Runs what changes nothing. */
  read<T>(work: () => Promise<T>): Promise<T>
  /** Runs one write, which commits by itself. `expected` may turn an error into a result. */
  write<T>(work: () => Promise<T>, expected?: (error: unknown) => T | undefined): Promise<T>
  /** Runs what commits together; again where the server undid it or `body` asks for it. */
  transaction<T>(body: (session: MongoSession) => Promise<Attempt<T>>): Promise<T>
}

/** @throws StoreFailure `store.insecure` */
export function connection(database: MongoDatabase, consent: PlaintextConsent | undefined): Connection {
  checkAddress(database, consent)
  let answered = false
  const check = async (): Promise<string | null> => {
    const hello = await database.command({ hello: 1 }, asGiven).catch((error: unknown) => {
      throw failure(error, 'read')
    })
    return checkHello(database, { hello, consent })
  }
  const use = async <T>(during: During, work: () => Promise<Attempt<T>>): Promise<T> => {
    if (!answered) {
      const why = await check()
      if (why !== null) throw unsupported(why)
      answered = true
    }
    return untilDone(work).catch((error: unknown) => {
      answered = error instanceof Conflict
      throw failure(error, during)
    })
  }
  const read = <T>(work: () => Promise<T>): Promise<T> => use('read', () => tried(work))
  const write: Connection['write'] = (work, expected) => use('commit', () => tried(work, expected))
  return {
    collection: (name) => database.collection(name, concerned),
    makeCollection: (name) => database.createCollection(name, { writeConcern }),
    async list(pattern) {
      const options = { ...asGiven, nameOnly: true }
      const filter = { name: { $regex: pattern } }
      const found = await read(() => database.listCollections(filter, options).toArray())
      return found.map((each) => String(each['name'])).sort()
    },
    async drop(name) {
      const drop = (): Promise<unknown> => database.collection(name).drop({ writeConcern })
      await write(drop, (error) => (isMissing(error) ? 'gone' : undefined))
    },
    unsupported: check,
    read,
    write,
    transaction: (body) => use('work', () => transact(database, body)),
  }
}

/** What the server undid because of others, also where that is one of several writes, may be tried again. */
async function tried<T>(
  work: () => Promise<T>,
  expected?: (error: unknown) => T | undefined,
): Promise<Attempt<T>> {
  try {
    return { done: await work() }
  } catch (error) {
    if ([error, ...writeErrorsOf(error)].some((each) => isUndone(codeOf(each)))) return { undone: error }
    const result = expected?.(error)
    if (result === undefined) throw error
    return { done: result }
  }
}

/** WriteConflict; and, where its collection was dropped: QueryPlanKilled, IndexBuildAborted. */
const isUndone = (code: number | null): boolean => code === 112 || code === 175 || code === 276

/** Whatever the host has set on its client, documents come back as they were given. */
const asGiven = {
  readPreference: 'primary',
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  ignoreUndefined: false,
  raw: false,
}
const writeConcern = { w: 'majority', journal: true }
const concerned = { ...asGiven, readConcern: { level: 'majority' }, writeConcern }

async function transact<T>(
  database: MongoDatabase,
  body: (session: MongoSession) => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  const session = database.client.startSession()
  try {
    session.startTransaction({
      readPreference: 'primary',
      readConcern: { level: 'snapshot' },
      writeConcern,
    })
    const outcome = await attempt(session, body)
    if ('done' in outcome) return await commit(session, outcome)
    // A transaction that the server undid already cannot be aborted again.
    await session.abortTransaction().catch(() => {})
    return outcome
  } finally {
    await session.endSession().catch(() => {})
  }
}

async function attempt<T>(
  session: MongoSession,
  body: (session: MongoSession) => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  try {
    return await body(session)
  } catch (error) {
    // A duplicate is a record that was made since the snapshot: the next attempt sees it. A server that the driver
    // has looked for in vain, for as long as the host lets it, is not looked for again.
    const again = has(error, 'TransientTransactionError') && nameOf(error) !== 'MongoServerSelectionError'
    if (again || isDuplicate(error)) return { undone: error }
    await session.abortTransaction().catch(() => {})
    throw error
  }
}

async function commit<T>(session: MongoSession, outcome: Attempt<T>): Promise<Attempt<T>> {
  for (let n = 1; ; n++) {
    try {
      await session.commitTransaction()
      return outcome
    } catch (error) {
      if (has(error, 'TransientTransactionError')) return { undone: error }
      // Committing again is safe: the server knows whether it has.
      if (n === 3 || !has(error, 'UnknownTransactionCommitResult')) throw failure(error, 'commit')
    }
  }
}

const has = (error: unknown, label: string): boolean => {
  const { errorLabels } = Object(error) as { readonly errorLabels?: unknown }
  return Array.isArray(errorLabels) && errorLabels.includes(label)
}

const codeOf = (error: unknown): number | null => {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'number' ? code : null
}

const writeErrorsOf = (error: unknown): unknown[] =>
  [(Object(error) as { readonly writeErrors?: unknown }).writeErrors ?? []].flat()

/** Whether a unique index refused it. */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === 11_000

/** Whether there is no such collection. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 26

/** Whether all that was refused of an unordered batch was there already. */
export const allDuplicates = (error: unknown): boolean => {
  const { err } = Object(error) as { readonly err?: unknown }
  const errors = writeErrorsOf(error)
  return err === undefined && errors.length > 0 && errors.every(isDuplicate)
}

type During = 'read' | 'work' | 'commit'

/** Codes of servers that step down, shut down or run out of time: they leave open what was done. */
const interrupted = new Set([6, 7, 50, 64, 89, 91, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436])

/** Whether the server answered that it has done nothing of it. */
const isRefusal = (error: unknown): boolean => {
  const code = codeOf(error)
  return code !== null && !interrupted.has(code) && nameOf(error) !== 'MongoWriteConcernError'
}

const nameOf = (error: unknown): unknown => (Object(error) as { readonly name?: unknown }).name

function failure(error: unknown, during: During): PrivacyError {
  if (error instanceof PrivacyError) return error
  const details = { cause: error }
  const code = codeOf(error)
  if (during === 'commit' && !isRefusal(error)) {
    return new StoreFailure('store.outcome-unknown', 'the connection broke while committing', details)
  }
  if (code === 20 || code === 263) {
    return new StoreFailure('store.unsupported', `the server cannot do this (code ${code})`, details)
  }
  const says = code === null ? 'cannot be reached' : `refused (code ${code})`
  return new StoreFailure('store.unavailable', `the database ${says}`, details)
}
