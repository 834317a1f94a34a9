/**
 * What becomes of the driver's errors: their messages can hold values, so that only the server's code is repeated, and
 * the error itself stays in the process as `cause`.
 *
 * A write whose answer is lost ends in `store.outcome-unknown`; what breaks before that has done nothing and is
 * `store.unavailable`.
 */

import { PrivacyError, StoreFailure } from '../../src/errors.ts'

/** What was going on when an error came. */
export type During = 'read' | 'work' | 'commit'

/** Whether the driver gave an error a label. */
export const has = (error: unknown, label: string): boolean => {
  const { errorLabels } = Object(error) as { readonly errorLabels?: unknown }
  return Array.isArray(errorLabels) && errorLabels.includes(label)
}

const codeOf = (error: unknown): number | null => {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'number' ? code : null
}

const writeErrorsOf = (error: unknown): unknown[] =>
  [(Object(error) as { readonly writeErrors?: unknown }).writeErrors ?? []].flat()

/** WriteConflict; and, where its collection was dropped: QueryPlanKilled, IndexBuildAborted. */
const undone: ReadonlySet<number | null> = new Set([112, 175, 276])

/** Whether the server undid it because of others, also where it is one of several writes. */
export const isUndone = (error: unknown): boolean =>
  [error, ...writeErrorsOf(error)].some((each) => undone.has(codeOf(each)))

/** Whether a unique index refused it. */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === 11_000

/** Whether the server failed at it, and says nothing more. */
export const isInternal = (error: unknown): boolean => codeOf(error) === 1

/** Whether there is no such collection. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 26

/** Whether all that was refused of an unordered batch was there already. */
export const allDuplicates = (error: unknown): boolean => {
  const { err } = Object(error) as { readonly err?: unknown }
  const errors = writeErrorsOf(error)
  return err === undefined && errors.length > 0 && errors.every(isDuplicate)
}

/** Codes of servers that step down, shut down or run out of time: they leave open what was done. */
const interrupted = new Set([6, 7, 50, 64, 89, 91, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436])

/** Whether the server answered that it has done nothing of it. */
const isRefusal = (error: unknown): boolean => {
  const code = codeOf(error)
  return code !== null && !interrupted.has(code) && nameOf(error) !== 'MongoWriteConcernError'
}

/** What the driver calls an error. */
export const nameOf = (error: unknown): unknown => (Object(error) as { readonly name?: unknown }).name

/** An error as callers see it. */
export function failure(error: unknown, during: During): PrivacyError {
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
