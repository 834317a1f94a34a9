/**
 * Consents and denials: what a person allowed, refused and prohibited, and the standing that follows from it.
 *
 * Every event goes into the subject's append-only stream, and the standing is written in the same commit. A decision
 * reads the standing only: one `get`. A standing is kept under a keyed digest of the subject, so that what remains
 * after an erasure (that this subject was erased; that this address denied telemarketing) names nobody.
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import { idParser, instantParser } from '../parsing.ts'
import type { Channel } from '../policy/model.ts'

/** How a statement reached us. */
export type Route = 'letter' | 'phone' | 'email' | 'in-person' | 'link' | 'gpc' | 'list-import' | 'proxy'

/** What a statement does. A refusal is a record of its own, never a missing consent. */
export type EventKind = 'given' | 'refused' | 'withdrawn' | 'denied'

/** One statement by or for a subject about one purpose. */
export interface ConsentEvent {
  readonly id: string
  readonly kind: EventKind
  readonly purpose: string
  readonly by: Route
  /** Who took a statement that was not made on a screen. */
  readonly operator?: string
  /** When it takes effect, as stated; never after it was recorded. */
  readonly effectiveAt: Instant
  readonly recordedAt: Instant
  /** When it ends by itself; some denials do, most never. */
  readonly expiresAt?: Instant
  /** The policy version in force when it was made. */
  readonly policyVersion: string
}

/** The last statement of a kind about a purpose, as far as decisions need it. */
export interface Mark {
  readonly event: string
  /** Its place in the stream: of a consent and a denial the later one is known by it. */
  readonly sequence: number
  readonly at: Instant
  readonly expiresAt?: Instant
}

/** What decisions need to know of a subject, or of a contact address. */
export interface Standing {
  readonly state: 'active' | 'erased'
  /** When the subject was erased, and by which request. */
  readonly erased?: { readonly at: Instant; readonly request: string }
  /** The last day of a tombstone; absent where the policy sets no end. Indexed. */
  readonly erasedUntil?: CalendarDate
  /** Events in the subject's stream. */
  readonly events: number
  readonly purposes: Readonly<
    Record<
      string,
      { readonly consent?: Mark & { readonly kind: Exclude<EventKind, 'denied'> }; readonly denial?: Mark }
    >
  >
}

/** That a subject was erased. Who it was is not in it: only when, by which request, and until when this is kept. */
export interface Tombstone {
  readonly at: Instant
  readonly request: string
  readonly until?: CalendarDate
}

/** Why a decision is what it is. */
export interface Reason {
  /** A rule id, the same in code and docs: `consent.denied`. */
  readonly rule: string
  /** The clause of the policy that it rests on. */
  readonly clause: string
  /** The event or record that it rests on, where there is one. */
  readonly record?: string
}

/** The answer to "may we?", with its reasons: all that speak for the outcome. */
export interface Decision {
  readonly outcome: 'permit' | 'deny'
  readonly because: readonly [Reason, ...Reason[]]
  /** The moment it was decided for. */
  readonly at: Instant
}

/** A statement as a host hands it in. */
export interface Statement<Purpose extends string = string> {
  /** The host's id of the person. */
  readonly subject: string
  readonly purpose: Purpose
  readonly by: Route
  readonly operator?: string
  /** Absent: now. */
  readonly effectiveAt?: Instant
  readonly expiresAt?: Instant
}

/** A question about one purpose. */
export interface Question<Purpose extends string = string> {
  readonly subject: string
  readonly purpose: Purpose
  /** By which channel; needed wherever the policy has a rule by channel. */
  readonly channel?: Channel
  /** The address or number that would be used: denials kept from an erased subject are honoured by it. */
  readonly contact?: string
}

/** Parses a statement. */
export const statementParser: z.ZodType<Statement> = z.strictObject({
  subject: idParser,
  purpose: idParser,
  by: z.enum(['letter', 'phone', 'email', 'in-person', 'link', 'gpc', 'list-import', 'proxy']),
  operator: z.exactOptional(idParser),
  effectiveAt: z.exactOptional(instantParser),
  expiresAt: z.exactOptional(instantParser),
})

/** Parses a question. */
export const questionParser: z.ZodType<Question> = z.strictObject({
  subject: idParser,
  purpose: idParser,
  channel: z.exactOptional(z.enum(['post', 'phone', 'automated-call', 'email', 'sms', 'in-person'])),
  contact: z.exactOptional(z.string().min(3).max(320)),
})
