/**
 * The keyring's rules: what a key-encryption key may do in each status, how it comes from one to another, and how often
 * it may wrap. Exactly one key is primary at any time; a destroyed key stays so, and its id is never given again.
 *
 *   add: none -> active               disable: active, decrypt-only -> disabled
 *   promote: active -> primary        enable: decrypt-only, disabled -> active
 *   demote: active -> decrypt-only    destroy: disabled -> destroyed, five minutes after
 *
 * Promoting makes the former primary active. Whatever is not named is refused. Random nonces of 96 bits allow one key
 * 2^32 wraps (NIST SP 800-38D §8.3); half of that is allowed here.
 */

import type { Instant } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { KeyEntry, KeyStatus } from './model.ts'

/** How often one key may wrap. */
export const wrapLimit: number = 2 ** 31

/** How many wraps a process reserves at once; one that ends wastes what is left of them. */
export const wrapBlock = 1_024

/**
 * For how long a key has to be disabled before it can be destroyed: what it wrapped before is in the store by then, and
 * the clocks of the two machines on which that is done may be some minutes apart.
 */
export const restingTime = 300_000

/** What is done to a key. */
export type KeyringVerb = 'add' | 'promote' | 'demote' | 'disable' | 'enable' | 'destroy'

/** A verb, the key it is about, and when. */
export interface KeyringStep {
  readonly verb: KeyringVerb
  readonly id: string
  readonly at: Instant
  /** Of the key that is added. */
  readonly commitment?: string
}

const transitions: Readonly<
  Record<Exclude<KeyringVerb, 'add'>, { readonly from: readonly KeyStatus[]; readonly to: KeyStatus }>
> = {
  promote: { from: ['active'], to: 'primary' },
  demote: { from: ['active'], to: 'decrypt-only' },
  disable: { from: ['active', 'decrypt-only'], to: 'disabled' },
  enable: { from: ['decrypt-only', 'disabled'], to: 'active' },
  destroy: { from: ['disabled'], to: 'destroyed' },
}

/** The key that wraps: a keyring has exactly one. */
export const primaryOf = (entries: readonly KeyEntry[]): KeyEntry =>
  entries.find(({ status }) => status === 'primary') as KeyEntry

/** Whether what a key of that status wrapped may be unwrapped. */
export const mayUnwrap = (status: KeyStatus): boolean => status !== 'disabled' && status !== 'destroyed'

/** The entries of a new keyring: the first key is primary, the others unwrap. */
export const firstEntries = (keys: readonly Pick<KeyEntry, 'id' | 'commitment'>[], at: Instant): KeyEntry[] =>
  keys.map(({ id, commitment }, i) => {
    return { id, status: i === 0 ? 'primary' : 'active', addedAt: at, changedAt: at, commitment }
  })

/**
 * The keyring after a step.
 * @throws Conflict `conflict.state`, whose `record` is the key's id, where the step is not one from where the key is
 */
export function afterStep(entries: readonly KeyEntry[], step: KeyringStep): KeyEntry[] {
  const { verb, id, at, commitment = '' } = step
  const entry = entries.find((each) => each.id === id)
  if (verb === 'add') {
    if (entry) throw refused(id, `it is ${entry.status} already`)
    return [...entries, { id, status: 'active', addedAt: at, changedAt: at, commitment }]
  }
  const { from, to } = transitions[verb]
  if (!entry) throw refused(id, 'it is not in the keyring')
  if (!from.includes(entry.status)) throw refused(id, `${verb} does nothing to a key that is ${entry.status}`)
  if (to === 'destroyed' && Date.parse(at) - Date.parse(entry.changedAt) < restingTime)
    throw refused(id, 'it must be disabled for five minutes first')
  return entries.map((each) => {
    if (each.id === id) return { ...each, status: to, changedAt: at }
    const demoted = to === 'primary' && each.status === 'primary'
    return demoted ? { ...each, status: 'active', changedAt: at } : each
  })
}

/**
 * How many further wraps a process may reserve, of a key of which so many are reserved.
 * @throws Conflict `conflict.state`, whose `record` is the key's id, where there are none left
 */
export function grantOf(id: string, reserved: number): number {
  const left = Math.min(wrapBlock, wrapLimit - reserved)
  if (left > 0) return left
  throw refused(id, 'it has wrapped as often as one key may; promote another')
}

/** The refusal of what a key must not do. */
export const refused = (record: string, why: string): Conflict =>
  new Conflict('conflict.state', `this cannot be done with the key: ${why}`, { record })
