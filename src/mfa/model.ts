/**
 * Second factors: what is enrolled, and what came of an attempt.
 *
 * Numbers as RFC 6238 and RFC 4226 have them, with the defaults that most apps understand: SHA-1, six digits, thirty
 * seconds, a window of one step back and one forward.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import type { Sealed } from '../keys/model.ts'
import { instantParser } from '../parsing.ts'

/** What enrolling gives, once: whoever has the secret has the factor. */
export interface Enrolment {
  readonly factor: 'totp'
  /** Base32 without padding, for typing in. */
  readonly secret: string
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string
}

/** What came of an attempt. All of it is foreseen: none is an error. */
export type Outcome =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'wrong' }
  /** The right code, a second time. */
  | { readonly outcome: 'replayed' }
  /** No attempt was made; the next may be at `until`, or after an administrative reset where that is `null`. */
  | { readonly outcome: 'locked'; readonly until: Instant | null }

/** A factor as it is stored. */
export interface FactorRecord {
  readonly factor: 'totp'
  readonly state: 'enrolled' | 'confirmed'
  readonly enrolledAt: Instant
  /** The category that the factor fell under when it was enrolled: its secret is sealed under that. */
  readonly category: string
  readonly secret: Sealed
  readonly algorithm: 'sha1'
  readonly digits: 6
  readonly period: 30
  /** The step of the last code that was accepted; must strictly increase (RFC 6238 §5.2). */
  readonly lastStep: number
}

/** The failures of a subject across all its factors. */
export interface Attempts {
  /** Attempts reserved since the last success. */
  readonly failures: number
  readonly lockedUntil: Instant | null
  /** When the last one was made. */
  readonly at: Instant
}

export const factorParser: z.ZodType<FactorRecord> = z.object({
  factor: z.literal('totp'),
  state: z.enum(['enrolled', 'confirmed']),
  enrolledAt: instantParser,
  category: z.string(),
  secret: z.templateLiteral(['pv1.', z.string()]),
  algorithm: z.literal('sha1'),
  digits: z.literal(6),
  period: z.literal(30),
  lastStep: z.int().nonnegative(),
})

export const attemptsParser: z.ZodType<Attempts> = z.object({
  failures: z.int().nonnegative(),
  lockedUntil: z.nullable(instantParser),
  at: instantParser,
})
