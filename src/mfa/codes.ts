/**
 * Which one-time code is the right one (RFC 4226, RFC 6238), and which count it uses up.
 *
 * A code is accepted once: its count (of TOTP the step of thirty seconds) must be later than the last accepted one
 * (RFC 6238 §5.2, RFC 4226 §7.2). Every count of a window is computed, so the time says nothing about which was right.
 * Windows and digits are checked here, because the library beneath takes 0 digits and 99 steps.
 */

import { generateSync } from 'otplib'
import type { Instant } from '../environment.ts'
import { sameText } from '../keys/digest.ts'
import type { OtpAlgorithm } from './model.ts'

/** Steps back and forward: what the clocks of people's telephones need, or nothing. */
export const windows = { default: 1, strict: 0 } as const
export type CodeWindow = keyof typeof windows
/** Counts that a token may be ahead (RFC 4226 §7.4); `resync` asks for two codes in a row over more of them. */
export const lookAhead = { verify: 10, resync: 200 } as const
/** As long as the hash (RFC 6238 §5.1, RFC 2104 §3). */
export const secretBytes = { sha1: 20, sha256: 32, sha512: 64 } as const
export const period = 30

/** What codes are made of. */
export interface CodeKey {
  /** Base32. */
  readonly secret: string
  readonly algorithm: OtpAlgorithm
  readonly digits: 6 | 8
}

/** Whether a text has the form of a code. */
export const isCode = (code: unknown): code is string =>
  typeof code === 'string' && /^(?:\d{6}|\d{8})$/.test(code)

/** The time step of a moment (RFC 6238 §4.2). */
export const stepAt = (now: Instant): number => Math.floor(Date.parse(now) / 1000 / period)

/** The code of a count, which is not negative: of TOTP, the step (RFC 6238 §4.2). */
export const codeAt = ({ secret, algorithm, digits }: CodeKey, counter: number): string =>
  generateSync({ strategy: 'hotp', secret, algorithm, digits, counter })

type Judged = { outcome: 'accepted'; count: number } | { outcome: 'wrong' | 'replayed' }

/** The first count of `from` to `to` whose code this is; `replayed` where that count lies before `first`. */
function judge(
  code: string,
  { key, from, to, first }: { key: CodeKey; from: number; to: number; first: number },
): Judged {
  let matched: number | null = null
  let replayed = false
  for (let count = Math.max(0, from); count <= to; count++) {
    if (!sameText(codeAt(key, count), code)) continue
    if (count >= first) matched ??= count
    else replayed = true
  }
  if (matched !== null) return { outcome: 'accepted', count: matched }
  return { outcome: replayed ? 'replayed' : 'wrong' }
}

/** Judges a code by the time; `count` is its step. */
export function judgeTotp(
  code: string,
  { key, lastStep, now, window }: { key: CodeKey; lastStep: number; now: Instant; window: CodeWindow },
): Judged {
  const present = stepAt(now)
  const most = windows[window]
  return judge(code, { key, from: present - most, to: present + most, first: lastStep + 1 })
}

/** Judges a code by the counter: the last one that was accepted is known again. */
export const judgeHotp = (code: string, { key, counter }: { key: CodeKey; counter: number }): Judged =>
  judge(code, { key, from: counter - 1, to: counter + lookAhead.verify, first: counter })

/** Finds where a token stands by two codes in a row; `count` is that of the second (RFC 4226 §7.4). */
export function judgeResync(
  [one, two]: readonly [string, string],
  { key, counter }: { key: CodeKey; counter: number },
): Judged {
  let matched: number | null = null
  let before = codeAt(key, counter)
  for (let count = counter + 1; count <= counter + lookAhead.resync; count++) {
    const present = codeAt(key, count)
    const first = sameText(before, one)
    if (sameText(present, two) && first) matched ??= count
    before = present
  }
  return matched === null ? { outcome: 'wrong' } : { outcome: 'accepted', count: matched }
}
