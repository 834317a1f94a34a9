/**
 * What a step-up proof says, and when it holds (RFC 9470, RFC 7519, RFC 8176).
 *
 * A proof is a JWT with a type of its own, signed with EdDSA under a key that is looked up by its id: it says that one
 * person answered with a full factor, for one action and one request. It holds for that person, action and request of
 * this tenant, for five minutes, once, and while the factors are those of when it was made. Once, because a record of it
 * is kept from when it is issued and removed by the use: where there is no record, there is no proof, so neither a clock
 * that is set back nor a tidied store makes a spent one good again. What does not hold is refused without saying why.
 */

import * as z from 'zod'
import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { clockTolerance, isSteppedBack } from './rules.ts'
import type { Attempts, ProofRecord } from './stored.ts'

/** `most` are open at a time for one person. */
export const stepUp = { lifetime: 300_000, most: 10, typ: 'pilvi-step-up+jwt', acr: 'full-factor' } as const

/** The claims of a proof. Moments are seconds since 1970 (RFC 7519 §2). */
export interface StepUpClaims {
  /** This library and the tenant. */
  readonly iss: string
  /** The action, and never a list of several. */
  readonly aud: string
  /** The person as the ledger names them; never the host's id. */
  readonly sub: string
  readonly request?: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly auth_time: number
  /** How it was shown (RFC 8176). */
  readonly amr: readonly string[]
  readonly acr: typeof stepUp.acr
}

/** Strict: a claim that nobody here knows could promise what does not hold. */
const claimsParser: z.ZodType<StepUpClaims> = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  request: z.exactOptional(z.string()),
  jti: z.string().regex(/^[0-9a-z]{26}$/),
  iat: z.int(),
  exp: z.int(),
  auth_time: z.int(),
  amr: z.array(z.string()),
  acr: z.literal(stepUp.acr),
})

/** The name of an action: short, and of letters that hold no personal value, because the ledger names it. */
export const actionParser: z.ZodType<string> = z.string().regex(/^[a-z][A-Za-z0-9.:-]{0,63}$/)

/** A proof as a text that could be one. */
export const proofText: z.ZodType<string> = z.string().min(1).max(4_096)

/** Who issues the proofs of a tenant. */
const issuerOf = (tenant: string): string => `pilvi-privacy/${tenant}`

const seconds = (at: Instant): number => Math.floor(Date.parse(at) / 1000)
const instantAt = (second: number): Instant => new Date(second * 1000).toISOString() as Instant

/** The claims of a new proof. */
export function claimsOf({
  tenant,
  action,
  request,
  at,
  ...told
}: Pick<StepUpClaims, 'sub' | 'jti' | 'amr'> & {
  readonly tenant: string
  readonly action: string
  readonly request: string | null
  readonly at: Instant
}): StepUpClaims {
  const iat = seconds(at)
  const exp = iat + stepUp.lifetime / 1000
  const named = request === null ? {} : { request }
  return { ...told, ...named, iss: issuerOf(tenant), aud: action, iat, exp, auth_time: iat, acr: stepUp.acr }
}

/** When a proof of these claims is over. */
export const endOf = ({ exp }: StepUpClaims): Instant => instantAt(exp)

/** The claims of what was signed; `null` where it is no proof. */
export function readClaims(payload: unknown): StepUpClaims | null {
  const parsed = claimsParser.safeParse(payload)
  return parsed.success ? parsed.data : null
}

/** What a proof is shown for. */
export interface Showing {
  readonly tenant: string
  readonly reference: string
  readonly action: string
  readonly request: string | null
  readonly now: Instant
  readonly attempts: Pick<Attempts, 'generation' | 'latest'>
}

/** Whether a proof, of which that record is kept, holds for what it is shown for. */
export function holds(
  { iss, aud, sub, request, iat, exp }: StepUpClaims,
  { record, asked }: { readonly record: ProofRecord; readonly asked: Showing },
): boolean {
  const { now, attempts } = asked
  const present = now < instantAt(exp) && now >= later(instantAt(iat), -clockTolerance)
  return (
    iss === issuerOf(asked.tenant) &&
    aud === asked.action &&
    sub === asked.reference &&
    (request ?? null) === asked.request &&
    exp - iat <= stepUp.lifetime / 1000 &&
    present &&
    !isSteppedBack(attempts.latest, now) &&
    record.generation === attempts.generation
  )
}

/** What an accepted proof tells. */
export const shown = ({ amr, auth_time }: StepUpClaims) => ({ amr, authenticatedAt: instantAt(auth_time) })
