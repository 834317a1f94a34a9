/**
 * Codes that are sent to a person, and how often.
 *
 * Eight digits, so that nobody takes one for the six of an app, and a guess has a chance of one in a hundred million.
 * It answers one challenge, once, for ten minutes; what is stored is a keyed digest, because so few digits would be
 * found from a plain one at once. Five an hour are sent to a person, whatever comes of them: a mailbox is not to be
 * flooded, nor a telephone bill run up, by whoever knows a password.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import type { Locked } from './model.ts'
import { isSteppedBack } from './rules.ts'
import type { Attempts } from './stored.ts'

export const sending = { most: 5, within: 3_600_000, digits: 8 } as const

/** The code of eight random bytes: 2^64 is so many times 10^8 that no code is likelier than another by 10^-11. */
export const contactCode = (bytes: Uint8Array): string =>
  String(
    new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) % 10n ** BigInt(sending.digits),
  ).padStart(sending.digits, '0')

/** Whether a text has the form of such a code. */
export const isContactCode = (code: unknown): code is string =>
  typeof code === 'string' && /^\d{8}$/.test(code)

/**
 * Counts a code that is to be sent, or says until when none is; `next` is `attempts` itself where nothing is to be kept.
 * An hour that a clock ahead of this one began begins now, with what was sent in it: or nothing would be sent until then.
 */
export function reserveSend(
  attempts: Attempts,
  now: Instant,
): { readonly next: Attempts; readonly locked: Locked | null } {
  const { sends } = attempts
  if (sends === null || now >= later(sends.from, sending.within)) {
    return { next: { ...attempts, sends: { count: 1, from: now } }, locked: null }
  }
  const ahead = isSteppedBack(sends.from, now)
  const { count, from } = ahead ? { ...sends, from: now } : sends
  if (count < sending.most) return { next: { ...attempts, sends: { count: count + 1, from } }, locked: null }
  const locked = { outcome: 'locked', until: later(from, sending.within) } as const
  // Kept, or each time it is asked for the hour would begin again.
  return { next: ahead ? { ...attempts, sends: { count, from } } : attempts, locked }
}
