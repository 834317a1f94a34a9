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

/** What is asked for: a copy of the data (GDPR 15, 20), or that they are erased (GDPR 17). */
export type RequestKind = 'export' | 'erasure'
/** How far it has come. */
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

/** How an operator made sure of it. */
type OperatorCheck = 'identity-document' | 'signed-in-session' | 'call-back' | 'known-customer'

/** How it was made sure that the request comes from the person. @see GDPR 12(6) */
export type Proof =
  /** An operator attests the check that was made. */
  | {
      readonly by: 'operator'
      readonly operator: string
      readonly check: OperatorCheck
    }
  /** The person answered with a full second factor for this very request: the proof that `mfa.verify` gave of it. */
  | { readonly by: 'step-up'; readonly proof: string }

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

/** How much there is in a source: rows, and how many of them keep something (export: always 0). */
export interface SourceCount {
  readonly source: string
  readonly rows: number
  readonly keeping: number
}

/** A source whose data could not be attributed to the person, and why. */
export interface NotAttributable {
  readonly source: string
  readonly says: string
}

/** What a request would do; making it touches nothing but the request. */
export interface Plan {
  readonly request: string
  readonly kind: RequestKind
  readonly policyVersion: string
  readonly madeAt: Instant
  readonly sources: readonly SourceCount[]
  readonly kept: readonly KeptSummary[]
  readonly notAttributable: readonly NotAttributable[]
  /** How many other ids are on record as this person's, each with data that this request does not reach; absent: none. */
  readonly merged?: number
  /** Those ids, for a request about each: shown here and stored nowhere. */
  readonly others?: readonly string[]
  /** What the plan rests on: policy, sources, what must be kept and other ids. It is stale when this changed. */
  readonly basis: string
  /** Names this very plan: SHA-256 of its canonical form. */
  readonly digest: string
}

/** What was done. */
export interface Report {
  readonly request: string
  readonly kind: RequestKind
  readonly fulfilledAt: Instant
  /** Erasure: rows as they were found when it began, which is later than the plan; what was kept of them at its end. */
  readonly sources: readonly SourceCount[]
  readonly kept: readonly KeptSummary[]
  readonly notAttributable: readonly NotAttributable[]
  /** How many other ids of this person it did not reach; the plan named them. Absent: none. */
  readonly merged?: number
  /** Export: redeems the archive; shown here and nowhere else, stored as a digest, valid for a week, spent once. */
  readonly token?: string
  /** Erasure: which keys were destroyed, and since when; absent where the person had none that could go. */
  readonly keys?: KeysDestroyed
  /** Erasure: a signed statement of what was done, without personal data (JWS). */
  readonly receipt?: string
}

/** From when on what was sealed under destroyed keys can be opened by nobody, and where it still can. */
export interface KeysDestroyed {
  /** How many. */
  readonly destroyed: number
  /** Since then none of them opens or seals anything, in any process that uses this store. */
  readonly effectiveFrom: Instant
  /** For how long after that a process may hold a key: not at all (ISO 8601 duration). */
  readonly cache: 'PT0S'
  /** The last day on which a backup may hold one, by the policy; `null` where the policy does not say. */
  readonly backups: { readonly until: CalendarDate | null }
}

/** Why an erased person is taken up again: they gave data anew, or it was somebody else who was to be erased. */
export type ReopeningReason = 'returned' | 'mistaken'

/** A reopening, as a host hands it in. */
export interface ReopeningInput {
  /** The host's id of the person. */
  readonly subject: string
  readonly operator: string
  readonly because: ReopeningReason
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
  /** The category of data that the record falls under. */
  readonly category: string
  readonly receivedBy: ReceivedBy
  readonly receivedAt: Instant
  readonly recordedAt: Instant
  /** One calendar month after receipt (GDPR 12(3)). */
  readonly due: CalendarDate
  readonly operator?: string
  readonly confirmed?: {
    readonly at: Instant
    /** `factor`: by a code alone, before there were proofs. */
    readonly by: Proof['by'] | 'factor'
    readonly operator?: string
    readonly check?: string
  }
  readonly plan?: Omit<Plan, 'others'>
  readonly started?: Started
  readonly report?: Omit<Report, 'token'>
  readonly export?: ExportGrant
  readonly refused?: { readonly at: Instant; readonly operator: string; readonly reason: RefusalReason }
  /** The second receipt, once everything kept under an exemption is gone as well. */
  readonly completion?: string
}

/** An erasure that has begun: what was found when the tombstone was put up, and nothing could be added any more. */
export interface Started extends Pick<Report, 'sources' | 'notAttributable'> {
  readonly at: Instant
  /** SHA-256 of what the policy exempts, by which it is decided what is kept. */
  readonly exemptions: string
  /** When all that must be kept was written down: nothing was erased before. */
  readonly notedAt?: Instant
}

/** The right to fetch an archive once. */
export interface ExportGrant {
  readonly tokenDigest: string
  readonly expiresAt: Instant
  /** Whoever reads it now; nobody else can until then. */
  readonly claim?: { readonly id: string; readonly until: Instant }
  /** When its last byte was read. */
  readonly spentAt?: Instant
}

/** Why a request can be refused. @see GDPR 12(5)-(6), 17(3) */
export type RefusalReason = 'identity-not-shown' | 'manifestly-unfounded' | 'excessive' | 'exempt'

/** What was kept of a row, until its dates. */
export interface KeptRow {
  /** The erasures that kept it: each is completed when nothing is left that it kept. */
  readonly requests: readonly string[]
  /** By what its source finds the row: kept as long as the row is. */
  readonly subject: string
  /** The same, as a keyed digest. */
  readonly subjectDigest: string
  readonly source: string
  readonly row: string
  /** The erasure under which it was set aside when the person was reopened. */
  readonly aside?: string
  readonly fields: readonly KeptField[]
  /** The earliest date among the fields: indexed. */
  readonly until: CalendarDate
}

export const receivedBy: z.ZodType<ReceivedBy> = z.enum(['letter', 'phone', 'email', 'in-person', 'console'])
export const kind: z.ZodType<RequestKind> = z.enum(['export', 'erasure'])
export const check: z.ZodType<OperatorCheck> = z.enum([
  'identity-document',
  'signed-in-session',
  'call-back',
  'known-customer',
])
export const reason: z.ZodType<RefusalReason> = z.enum([
  'identity-not-shown',
  'manifestly-unfounded',
  'excessive',
  'exempt',
])

/** Parses what a host opens. */
export const requestParser: z.ZodType<RequestInput> = z.strictObject({
  subject: idParser,
  kind,
  receivedBy,
  receivedAt: z.exactOptional(instantParser),
  sessions: z.exactOptional(z.array(idParser).max(1_000)),
  operator: z.exactOptional(idParser),
})

/** Parses a proof. */
export const proofParser: z.ZodType<Proof> = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('operator'), operator: idParser, check }),
  z.strictObject({ by: z.literal('step-up'), proof: z.string().min(1).max(4_096) }),
])

/** Parses a refusal. */
export const refusalParser: z.ZodType<{ operator: string; reason: RefusalReason }> = z.strictObject({
  operator: idParser,
  reason,
})

/** Parses a reopening. */
export const reopeningParser: z.ZodType<ReopeningInput> = z.strictObject({
  subject: idParser,
  operator: idParser,
  because: z.enum(['returned', 'mistaken']),
})
