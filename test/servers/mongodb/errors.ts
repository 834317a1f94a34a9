/**
 * The errors of the engine, which are PostgreSQL's, as MongoDB's: its codes, and the label by which a driver knows that
 * a transaction may be begun anew. What has no code here is a refusal all the same; what has no state at all is no
 * refusal, because the engine has not answered.
 */

import type { Doc } from './wire.ts'

/** The engine packs a SQLSTATE into a number, six bits a character. */
export function codeOf(packed: number): number {
  let state = ''
  for (let i = 0, left = packed; i < 5; i++, left >>= 6) state += String.fromCharCode((left & 0x3f) + 48)
  return states[state] ?? (packed > 100_000 ? 8 : packed)
}

const states: Readonly<Record<string, number>> = {
  M0008: 26, // NamespaceNotFound
  M001C: 11_000, // DuplicateKey
  '23505': 11_000,
  '25P02': 251, // NoSuchTransaction: an error has ended it
  '40001': 112, // WriteConflict
  '40P01': 112,
  '55P03': 112,
}

/** Of these a driver may begin its transaction anew. */
const transient: readonly unknown[] = [112, 251]

const refusal = (code: string, says: string): Error => Object.assign(new Error(says), { code })
export const noSuchTransaction = (): Error => refusal('25P02', 'no such transaction')

export const writeConflict = (): Error => refusal('40001', 'write conflict')

/** Whether the connection to the engine broke: an error without a state, or with that of a connection or a shutdown. */
export function isLost(error: unknown): boolean {
  const { code } = error as { readonly code?: string }
  const isState = code !== undefined && /^(?=.*\d)[0-9A-Z]{5}$/.test(code)
  return !isState || /^(08|57P)/.test(code)
}

/** The answer to a command that was refused. */
export function failure(error: unknown, within: 'transaction' | 'alone'): Doc {
  const { message, code } = error as { readonly message?: string; readonly code?: string }
  const number = states[code ?? ''] ?? 1
  const labelled = within === 'transaction' && transient.includes(number)
  const errmsg = `${message} [${code}]`
  return { ok: 0, code: number, errmsg, ...(labelled && { errorLabels: ['TransientTransactionError'] }) }
}
