/**
 * The driver as this adapter needs it, described by its shape: `mongodb` is never imported. And what becomes of the
 * driver's errors: their messages can hold values, so that only the server's code is repeated, and the error itself
 * stays in the process as `cause`.
 *
 * Reads are from the primary with read concern majority, writes wait for a majority: what was acknowledged stays. A
 * write whose answer is lost ends in `store.outcome-unknown`; what breaks before that has done nothing and is
 * `store.unavailable`. A server that has no transactions (a lone one) is refused when it is first used.
 */

import { PrivacyError, StoreFailure } from '../../src/errors.ts'
import { checkPeers, type Peer, type PlaintextConsent } from '../plaintext.ts'
import { type Attempt, untilDone } from '../retry.ts'

/** A document as the driver gives it. */
export type Doc = Readonly<Record<string, unknown>>

/** A session of the driver: at most one transaction at a time; ended whatever became of it. */
export interface MongoSession {
  startTransaction(options?: object): void
  commitTransaction(): Promise<unknown>
  abortTransaction(): Promise<unknown>
  endSession(): Promise<unknown>
}

/**
 * A collection of the driver. Options carry the session and the concerns; a call rejects with an error whose `code` is
 * the server's, where the server answered.
 */
export interface MongoCollection {
  find(filter: Doc, options?: object): { toArray(): Promise<Doc[]> }
  insertOne(doc: Doc, options?: object): Promise<unknown>
  insertMany(docs: Doc[], options?: object): Promise<unknown>
  updateOne(filter: Doc, update: Doc, options?: object): Promise<{ readonly matchedCount: number }>
  deleteOne(filter: Doc, options?: object): Promise<{ readonly deletedCount: number }>
  deleteMany(filter: Doc, options?: object): Promise<{ readonly deletedCount: number }>
  bulkWrite(
    operations: readonly Doc[],
    options?: object,
  ): Promise<{ readonly insertedCount: number; readonly matchedCount: number; readonly deletedCount: number }>
  createIndex(keys: Readonly<Record<string, 1>>, options?: object): Promise<string>
  listIndexes(): { toArray(): Promise<Doc[]> }
}

/** What this adapter needs of a database; the `Db` of `mongodb` fits. */
export interface MongoDatabase {
  collection(name: string, options?: object): MongoCollection
  /** Rejects with code 48 where it is there. */
  createCollection(name: string): Promise<unknown>
  /** Runs a command of the database, for example `{ hello: 1 }`. */
  command(command: Doc): Promise<Doc>
  readonly client: { startSession(): MongoSession }
}

/** What the rest of the adapter works with. */
export interface Connection {
  collection(name: string): MongoCollection
  readonly database: MongoDatabase
  /** Runs what changes nothing. */
  read<T>(work: () => Promise<T>): Promise<T>
  /** Runs one write, which commits by itself. `expected` may turn an error into a result. */
  write<T>(work: () => Promise<T>, expected?: (error: unknown) => T | undefined): Promise<T>
  /** Runs what commits together; again where the server undid it or `body` asks for it. */
  transaction<T>(body: (session: MongoSession) => Promise<Attempt<T>>): Promise<T>
}

/** @throws StoreFailure `store.insecure` */
export function connection(database: MongoDatabase, consent: PlaintextConsent | undefined): Connection {
  checkPeers(peersOf(database), consent)
  let supported = false
  const use = async <T>(during: During, work: () => Promise<T>): Promise<T> => {
    if (!supported) await checkServer(database)
    supported = true
    return work().catch((error: unknown) => {
      throw failure(error, during)
    })
  }
  return {
    database,
    collection: (name) => database.collection(name, asGiven),
    read: (work) => use('read', work),
    write: (work, expected) => use('commit', () => untilDone(() => tried(work, expected))),
    transaction: (body) => use('work', () => untilDone(() => transact(database, body))),
  }
}

/** A write that conflicted with another was undone by the server, and may be tried again. */
async function tried<T>(
  work: () => Promise<T>,
  expected: ((error: unknown) => T | undefined) | undefined,
): Promise<Attempt<T>> {
  try {
    return { done: await work() }
  } catch (error) {
    if (codeOf(error) === 112) return { undone: error }
    const result = expected?.(error)
    if (result === undefined) throw error
    return { done: result }
  }
}

/** Whatever the host has set on its client, documents come back as they were given. */
const asGiven = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  ignoreUndefined: false,
  raw: false,
}

async function checkServer(database: MongoDatabase): Promise<void> {
  const hello = await database.command({ hello: 1 }).catch((error: unknown) => {
    throw failure(error, 'read')
  })
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
    throw new StoreFailure(
      'store.unsupported',
      'a lone MongoDB server has no transactions: make it a replica set, one member is enough',
    )
  }
}

async function transact<T>(
  database: MongoDatabase,
  body: (session: MongoSession) => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  const session = database.client.startSession()
  try {
    session.startTransaction({
      readPreference: 'primary',
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
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
    // A duplicate is a record that was made since the snapshot: the next attempt sees it.
    if (has(error, 'TransientTransactionError') || isDuplicate(error)) return { undone: error }
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

/** Whether a unique index refused it. */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === 11_000

/** Whether all that was refused of an unordered batch was there already. */
export const allDuplicates = (error: unknown): boolean => {
  const { writeErrors, err } = Object(error) as { readonly writeErrors?: unknown; readonly err?: unknown }
  const errors = [writeErrors ?? []].flat()
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
  if (during === 'commit' && !isRefusal(error) && nameOf(error) !== 'MongoServerSelectionError') {
    return new StoreFailure('store.outcome-unknown', 'the connection broke while committing', details)
  }
  if (code === 20 || code === 263) {
    return new StoreFailure('store.unsupported', `the server cannot do this (code ${code})`, details)
  }
  const says = code === null ? 'cannot be reached' : `refused (code ${code})`
  return new StoreFailure('store.unavailable', `the database ${says}`, details)
}

/** Where the client connects to, as its options say. */
function peersOf(database: MongoDatabase): Peer[] | null {
  const { options } = database.client as { readonly options?: unknown }
  const { hosts, tls } = Object(options) as { readonly hosts?: unknown; readonly tls?: unknown }
  if (!Array.isArray(hosts)) return null
  return hosts.map((each: { readonly host?: unknown; readonly socketPath?: unknown }) => ({
    host: String(each.socketPath ?? each.host ?? ''),
    encrypted: tls === true,
  }))
}
