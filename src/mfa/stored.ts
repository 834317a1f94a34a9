/**
 * Second factors as they are stored. A factor's record says under which category of the policy it fell when it was made;
 * secrets and passkeys are sealed under that, codes and tokens are keyed digests. What does not parse stops the line:
 * a counter or a factor that is not what it was would give attempts for free.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import type { Sealed } from '../keys/model.ts'
import { instantParser } from '../parsing.ts'
import { type FactorReset, type OtpAlgorithm, resetReasons } from './model.ts'
import type { PasskeyCredential } from './passkeys.ts'

interface Kept {
  readonly enrolledAt: Instant
  /** The category that it fell under when it was made. */
  readonly category: string
}

interface CodeRecord extends Kept {
  readonly state: 'enrolled' | 'confirmed'
  /**
   * Of when it was enrolled, and it is confirmed in no other: whoever left a secret with a person who had no factor yet
   * does not confirm it once they have one.
   */
  readonly generation: number
  readonly secret: Sealed
  readonly algorithm: OtpAlgorithm
  readonly digits: 6 | 8
}

/** A factor by the time. */
export interface TotpRecord extends CodeRecord {
  readonly factor: 'totp'
  readonly period: 30
  /** The step of the last code that was accepted; must strictly increase (RFC 6238 §5.2). */
  readonly lastStep: number
}

/** A factor by a counter. */
export interface HotpRecord extends CodeRecord {
  readonly factor: 'hotp'
  /** The first count whose code has not been accepted or passed; must strictly increase (RFC 4226 §7.2). */
  readonly counter: number
}

export interface PasskeyRecord extends Kept {
  readonly factor: 'passkey'
  /** A {@link PasskeyCredential} as JSON: not secret, but bound to the person by the seal, and gone with the key. */
  readonly credential: Sealed
}

/** A recovery code: what PBKDF2 made of it, and when it was used. */
export interface RecoveryCode {
  readonly salt: string
  readonly hash: string
  readonly usedAt: Instant | null
}

/** A set of recovery codes; the place of a code in the list is its public index. */
export interface RecoveryRecord extends Kept {
  readonly factor: 'recovery-code'
  readonly codes: readonly RecoveryCode[]
}

export interface DeviceRecord extends Kept {
  readonly factor: 'trusted-device'
  readonly generation: number
  /** The keyed digest of the token that is taken next. */
  readonly token: string
  /** The one before, and when it was rotated away. */
  readonly previous: { readonly token: string; readonly at: Instant } | null
  readonly expiresAt: Instant
}

/** What a subject can have one of, or several. */
export type FactorRecord = TotpRecord | HotpRecord | PasskeyRecord | RecoveryRecord | DeviceRecord

/** The one counter of a subject, across all factors and challenges. */
export interface Attempts {
  /** Attempts reserved since the last success of a full factor. */
  readonly failures: number
  readonly lockedUntil: Instant | null
  /** How often the failures were cleared: an attempt of before gives nothing back after. */
  readonly clears: number
  /** Grows with every change of factors: what was made at an earlier one is worthless. */
  readonly generation: number
  /** The latest moment at which an attempt was reserved: time does not go back behind it. */
  readonly latest: Instant
  /** Codes sent, from a moment on. */
  readonly sends: { readonly count: number; readonly from: Instant } | null
}

export interface ChallengeRecord {
  readonly purpose: 'answer' | 'registration'
  readonly at: Instant
  readonly expiresAt: Instant
  readonly category: string
  readonly generation: number
  /** The keyed digest of the host's session. */
  readonly session: string | null
  /** What a passkey is to sign, base64url. */
  readonly nonce: string
  /** The keyed digest of the code that was sent. */
  readonly contact: { readonly channel: 'email' | 'sms'; readonly code: string } | null
  readonly action: string | null
  readonly request: string | null
}

/** A proof that was issued and not used: what the signed text cannot say, and when it is over. */
export interface ProofRecord {
  readonly at: Instant
  readonly expiresAt: Instant
  readonly category: string
  readonly generation: number
  readonly action: string
  readonly request: string | null
}

/** An administrative reset. */
export interface ResetRecord extends Omit<FactorReset, 'subject'> {
  readonly category: string
}

const count = z.int().nonnegative()
const sealed = z.templateLiteral(['pv1.', z.string()])
const kept = { enrolledAt: instantParser, category: z.string() }
const code = {
  ...kept,
  state: z.enum(['enrolled', 'confirmed']),
  generation: count,
  secret: sealed,
  algorithm: z.enum(['sha1', 'sha256', 'sha512']),
  digits: z.union([z.literal(6), z.literal(8)]),
}

export const totpParser: z.ZodType<TotpRecord> = z.object({
  ...code,
  factor: z.literal('totp'),
  period: z.literal(30),
  lastStep: count,
})

export const hotpParser: z.ZodType<HotpRecord> = z.object({
  ...code,
  factor: z.literal('hotp'),
  counter: count,
})

export const passkeyParser: z.ZodType<PasskeyRecord> = z.object({
  ...kept,
  factor: z.literal('passkey'),
  credential: sealed,
})

export const recoveryParser: z.ZodType<RecoveryRecord> = z.object({
  ...kept,
  factor: z.literal('recovery-code'),
  codes: z.array(z.object({ salt: z.string(), hash: z.string(), usedAt: z.nullable(instantParser) })),
})

export const deviceParser: z.ZodType<DeviceRecord> = z.object({
  ...kept,
  factor: z.literal('trusted-device'),
  generation: count,
  token: z.string(),
  previous: z.nullable(z.object({ token: z.string(), at: instantParser })),
  expiresAt: instantParser,
})

export const factorParser: z.ZodType<FactorRecord> = z.union([
  totpParser,
  hotpParser,
  passkeyParser,
  recoveryParser,
  deviceParser,
])

export const attemptsParser: z.ZodType<Attempts> = z.object({
  failures: count,
  lockedUntil: z.nullable(instantParser),
  // Of before it was counted.
  clears: count.default(0),
  generation: count,
  latest: instantParser,
  sends: z.nullable(z.object({ count, from: instantParser })),
})

export const challengeParser: z.ZodType<ChallengeRecord> = z.object({
  purpose: z.enum(['answer', 'registration']),
  at: instantParser,
  expiresAt: instantParser,
  category: z.string(),
  generation: count,
  session: z.nullable(z.string()),
  nonce: z.string(),
  contact: z.nullable(z.object({ channel: z.enum(['email', 'sms']), code: z.string() })),
  action: z.nullable(z.string()),
  request: z.nullable(z.string()),
})

export const proofParser: z.ZodType<ProofRecord> = z.object({
  at: instantParser,
  expiresAt: instantParser,
  category: z.string(),
  generation: count,
  action: z.string(),
  request: z.nullable(z.string()),
})

export const resetParser: z.ZodType<ResetRecord> = z.object({
  id: z.string(),
  state: z.enum(['announcing', 'opened', 'done', 'cancelled']),
  because: z.enum(resetReasons),
  operator: z.string(),
  openedAt: instantParser,
  notBefore: instantParser,
  expiresAt: instantParser,
  ended: z.nullable(z.object({ at: instantParser, operator: z.nullable(z.string()) })),
  category: z.string(),
})

/** What is sealed of a passkey. */
export const credentialParser: z.ZodType<PasskeyCredential> = z.object({
  id: z.string(),
  publicKey: z.string(),
  counter: count,
  transports: z.array(z.string()),
  backupEligible: z.boolean(),
  backedUp: z.boolean(),
})
