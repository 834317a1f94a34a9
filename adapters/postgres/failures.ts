/**
 * What becomes of the driver's errors: their messages can hold values, so that only the SQLSTATE is repeated, and the
 * error itself stays in the process as `cause`.
 *
 * The one question that matters about a broken connection is whether something was committed. A statement that
 * commits (a lone one, or COMMIT) and whose answer is lost ends in `store.outcome-unknown`; whatever breaks before
 * that has done nothing, and is `store.unavailable`.
 */

import { StoreFailure } from '../../src/errors.ts'

/** What was going on when an error came. */
export type During = 'connect' | 'read' | 'work' | 'commit'

/** The SQLSTATE of an error that the server sent. */
export const stateOf = (error: unknown): string | null => {
  const { severity, code } = Object(error) as { readonly severity?: unknown; readonly code?: unknown }
  return typeof severity === 'string' && typeof code === 'string' ? code : null
}

/** States that come with the end of the connection, or leave open what was done. */
const fatal = /^(08|57P|XX|40003|25P0[34])/

/**
 * Whether the server refused the statement and stays connected: then it has done nothing of it. The severity that it
 * sends along is in the server's language, so that only the state tells.
 */
export const isRefusal = (error: unknown): boolean => {
  const state = stateOf(error)
  return state !== null && !fatal.test(state)
}

/** Serialization failure, deadlock, a lock that was waited for too long: PostgreSQL undid it, and it may be tried again. */
const undoing = new Set(['40001', '40P01', '55P03'])

export const isUndone = (error: unknown): boolean => isRefusal(error) && undoing.has(stateOf(error) ?? '')

/** Undefined table, column, function, schema. */
const missing = new Set(['42P01', '42703', '42883', '3F000'])

/** The error to throw. */
export function failure(error: unknown, during: During): StoreFailure {
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

/** Throws it. */
export const failed =
  (during: During) =>
  (error: unknown): never => {
    throw failure(error, during)
  }
