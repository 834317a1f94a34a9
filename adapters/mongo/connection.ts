/**
 * What the rest of the adapter works with: reads, writes that commit by themselves, and what commits together.
 *
 * Reads are from the primary with read concern majority, writes wait for a majority: what was acknowledged stays. A
 * server that cannot be found says nothing about a write: the driver may have sent it before it looked for the server
 * again. After each failure the server is therefore asked first, so that while it is away writes end where they have
 * done nothing.
 */

import { Conflict } from '../../src/errors.ts'
import type { PlaintextConsent } from '../plaintext.ts'
import { type Attempt, untilDone } from '../retry.ts'
import type { MongoCollection, MongoDatabase, MongoSession } from './driver.ts'
import { type During, failure, has, isDuplicate, isMissing, isUndone, nameOf } from './failures.ts'
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
    if (isUndone(error)) return { undone: error }
    const result = expected?.(error)
    if (result === undefined) throw error
    return { done: result }
  }
}

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
