/**
 * Requests by which people use their rights, and what becomes of them.
 *
 * opened -> confirmed -> planned -> running -> fulfilled, or refused. Confirmation is a state that a proof leads to,
 * never a parameter; the plan is stored before anything is destroyed, and carried out only by its digest.
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import { idParser, instantParser } from '../parsing.ts'
import type { KeptField } from '../retention/model.ts'

export type RequestKind = 'export' | 'erasure'
export type RequestState = 'opened' | 'confirmed' | 'planned' | 'running' | 'fulfilled' | 'refused'

/** How a request reached us. */
export type ReceivedBy = 'letter' | 'phone' | 'email' | 'in-person' | 'console'

/** What a host opens. */
export interface RequestInput {
  /** The host's id of the person. */
  readonly subject: string
  readonly kind: RequestKind
  readonly receivedBy: ReceivedBy
  /** When it was received: the month of GDPR 12(3) counts from then. Absent: now. */
  readonly receivedAt?: Instant
  /** Sessions known to be this person's; without them visits cannot be attributed. */
  readonly sessions?: readonly string[]
  /** Who took it, where it was not the person at a screen. */
  readonly operator?: string
}

/** How it was made sure that the request comes from the person. @see GDPR 12(6) */
export type Proof =
  /** An operator attests the check that was made. */
  | {
      readonly by: 'operator'
      readonly operator: string
      readonly check: 'identity-document' | 'signed-in-session' | 'call-back' | 'known-customer'
    }
  /** The person gives a code of an enrolled second factor. */
  | { readonly by: 'factor'; readonly code: string }

/** What stays of a source, grouped as people can read it. */
export interface KeptSummary {
  readonly source: string
  readonly fields: readonly string[]
  /** How many rows. */
  readonly count: number
  readonly exemption: KeptField['exemption']
  readonly law: string
  readonly until: CalendarDate
}

/** What a request would do; making it touches nothing but the request. */
export interface Plan {
  readonly request: string
  readonly kind: RequestKind
  readonly policyVersion: string
  readonly madeAt: Instant
  /** Per source: rows found, and how many of them keep something (export: always 0). */
  readonly sources: readonly { readonly source: string; readonly rows: number; readonly keeping: number }[]
  readonly kept: readonly KeptSummary[]
  /** Sources whose data could not be attributed to the person, and why. */
  readonly notAttributable: readonly { readonly source: string; readonly says: string }[]
  /** What the plan rests on: policy, sources and what must be kept. It is stale when this changed. */
  readonly basis: string
  /** Names this very plan: SHA-256 of its canonical form. */
  readonly digest: string
}

/** What was done. */
export interface Report {
  readonly request: string
  readonly kind: RequestKind
  readonly fulfilledAt: Instant
  readonly sources: readonly { readonly source: string; readonly rows: number; readonly keeping: number }[]
  readonly kept: readonly KeptSummary[]
  /** Export: redeems the archive; shown here and nowhere else, stored as a digest, valid for a week, spent once. */
  readonly token?: string
  /** Erasure: a signed statement of what was done, without personal data (JWS). */
  readonly receipt?: string
}

/** A request as it is stored. */
export interface RightsRequest {
  readonly id: string
  readonly kind: RequestKind
  readonly state: RequestState
  /** Gone once an erasure is fulfilled. */
  readonly subject?: string
  /** A keyed digest of the subject, by which a person's requests are found; gone with it. */
  readonly subjectDigest?: string
  readonly sessions: readonly string[]
  readonly receivedBy: ReceivedBy
  readonly receivedAt: Instant
  readonly recordedAt: Instant
  /** One calendar month after receipt (GDPR 12(3)). */
  readonly due: CalendarDate
  readonly operator?: string
  readonly confirmed?: {
    readonly at: Instant
    readonly by: Proof['by']
    readonly operator?: string
    readonly check?: string
  }
  readonly plan?: Plan
  readonly report?: Omit<Report, 'token'>
  readonly export?: { readonly tokenDigest: string; readonly expiresAt: Instant; readonly spentAt?: Instant }
  readonly refused?: { readonly at: Instant; readonly operator: string; readonly reason: RefusalReason }
  /** The second receipt, once everything kept under an exemption is gone as well. */
  readonly completion?: string
}

/** Why a request can be refused. @see GDPR 12(5)-(6), 17(3) */
export type RefusalReason = 'identity-not-shown' | 'manifestly-unfounded' | 'excessive' | 'exempt'

/** What was kept of a row, until its dates. */
export interface KeptRow {
  readonly request: string
  /** By what its source finds the row: kept as long as the row is. */
  readonly subject: string
  readonly source: string
  readonly row: string
  readonly fields: readonly KeptField[]
  /** The earliest date among the fields: indexed. */
  readonly until: CalendarDate
}

/** Parses what a host opens. */
export const requestParser: z.ZodType<RequestInput> = z.strictObject({
  subject: idParser,
  kind: z.enum(['export', 'erasure']),
  receivedBy: z.enum(['letter', 'phone', 'email', 'in-person', 'console']),
  receivedAt: z.exactOptional(instantParser),
  sessions: z.exactOptional(z.array(idParser).max(1_000)),
  operator: z.exactOptional(idParser),
})

/** Parses a proof. */
export const proofParser: z.ZodType<Proof> = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('operator'),
    operator: idParser,
    check: z.enum(['identity-document', 'signed-in-session', 'call-back', 'known-customer']),
  }),
  z.strictObject({ by: z.literal('factor'), code: z.string().max(16) }),
])

/** Parses a refusal. */
export const refusalParser: z.ZodType<{ operator: string; reason: RefusalReason }> = z.strictObject({
  operator: idParser,
  reason: z.enum(['identity-not-shown', 'manifestly-unfounded', 'excessive', 'exempt']),
})
