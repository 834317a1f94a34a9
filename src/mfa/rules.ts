/**
 * When an attempt may be made, and whether a code is the right one at a moment.
 *
 * An attempt is counted before anything is verified, so that guesses made at the same time are counted too. Five are
 * free; then each costs a wait that doubles from 30 seconds to an hour; after fifty in a row nothing but a reset helps
 * (NIST SP 800-63B §5.2.2 allows at most 100). A code is accepted once: its step must be later than the last accepted
 * one (RFC 6238 §5.2). Every bound is checked here, because the library beneath accepts more than it should.
 */

import { generateSync, generateURI } from 'otplib'
import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { sameText } from '../keys/digest.ts'
import type { Attempts, Outcome } from './model.ts'

export const throttle = { free: 5, firstWait: 30_000, longestWait: 3_600_000, hardStop: 50 } as const
export const totp = { algorithm: 'sha1', digits: 6, period: 30, window: 1, secretBytes: 20 } as const

/** Reserves an attempt, or says until when there is none. */
export function reserve(attempts: Attempts | null, now: Instant): { next: Attempts } | { locked: Outcome } {
  const { failures, lockedUntil } = attempts ?? { failures: 0, lockedUntil: null }
  if (failures >= throttle.hardStop) return { locked: { outcome: 'locked', until: null } }
  if (lockedUntil !== null && now < lockedUntil) return { locked: { outcome: 'locked', until: lockedUntil } }
  const count = failures + 1
  const wait = Math.min(throttle.longestWait, throttle.firstWait * 2 ** (count - throttle.free))
  return { next: { failures: count, lockedUntil: count < throttle.free ? null : later(now, wait), at: now } }
}

/** Whether a text has the form of a code. */
export const isCode = (code: unknown): code is string => typeof code === 'string' && /^\d{6}$/.test(code)

/** The time step of a moment (RFC 6238 §4.2). */
export const stepAt = (now: Instant): number => Math.floor(Date.parse(now) / 1000 / totp.period)

/**
 * The step whose code this is, within the window, or why there is none. Every step of the window is computed, so the
 * time says nothing about which was right.
 */
export function verifyCode(
  code: string,
  { secret, lastStep, now }: { secret: string; lastStep: number; now: Instant },
): { outcome: 'accepted'; step: number } | { outcome: 'wrong' | 'replayed' } {
  const present = stepAt(now)
  let matched: number | null = null
  let replayed = false
  for (let step = Math.max(0, present - totp.window); step <= present + totp.window; step++) {
    if (!sameText(codeAt(secret, step), code)) continue
    if (step > lastStep) matched ??= step
    else replayed = true
  }
  if (matched !== null) return { outcome: 'accepted', step: matched }
  return { outcome: replayed ? 'replayed' : 'wrong' }
}

/** The code of a step, which is not negative. */
export const codeAt = (secret: string, step: number): string =>
  generateSync({
    secret,
    algorithm: totp.algorithm,
    digits: totp.digits,
    period: totp.period,
    epoch: step * totp.period,
  })

/**
 * Neither a colon, which parts issuer and account, nor a control, line separator or direction mark, with which one name
 * can be made to look like another.
 */
const namePattern = /^[^:\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,200}$/u

/**
 * The otpauth URI of a secret; both names percent-encoded (RFC 3986).
 * @throws InvalidInput `input.invalid` where label or issuer could pass for another name
 */
export function otpauthUri(named: { secret: string; issuer: string; label: string }): string {
  for (const path of ['issuer', 'label'] as const) {
    if (typeof named[path] !== 'string' || !namePattern.test(named[path])) {
      const says = `${path} must be 1 to 200 characters, without colons, controls and direction marks`
      throw new InvalidInput('input.invalid', says, { path })
    }
  }
  const { secret, issuer, label } = named
  const { algorithm, digits, period } = totp
  return generateURI({ secret, issuer, label, algorithm, digits, period })
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Bytes in base32 without padding (RFC 4648 §6). */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += base32.charAt((value >> (bits - 5)) & 31)
  }
  return bits > 0 ? text + base32.charAt((value << (5 - bits)) & 31) : text
}
