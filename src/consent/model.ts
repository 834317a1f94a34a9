/**
 * Consents and denials: what a person allowed, refused and prohibited, and the standing that follows from it.
 *
 * Every event goes into the subject's append-only stream, and the standing is written in the same commit. A decision
 * reads the standing only: one `get`. A standing is kept under a keyed digest of the subject, so that what remains
 * after an erasure (that this subject was erased; that this address denied telemarketing) names nobody.
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import { dateParser, idParser, instantParser } from '../parsing.ts'
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
  /** The category of data that the record falls under. */
  readonly category: string
}

/** Whose word a consent is: the subject's own, somebody's who speaks for them, or a list's. */
export type Voice = 'own' | 'proxy' | 'list'

/** Statements of a kind about a purpose, as far as decisions need them. */
export interface Mark {
  /** The statement that counts: of denials the one that lasts longest, otherwise the last one. */
  readonly event: string
  /** The place of the last of them in the stream. */
  readonly sequence: number
  /** The latest moment at which one of them takes effect. */
  readonly at: Instant
  readonly expiresAt?: Instant
}

/** What was said about one purpose. */
export interface PurposeStanding {
  /** The consent that was made last, by each voice. */
  readonly consents?: Readonly<Partial<Record<Voice, Mark>>>
  /** Refusals and withdrawals, as one. */
  readonly refusal?: Mark & { readonly kind: 'refused' | 'withdrawn' }
  /** Denials, as one. */
  readonly denial?: Mark
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
  readonly purposes: Readonly<Record<string, PurposeStanding>>
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
  /** `gpc` can only deny: the signal is never a consent and never takes one back. */
  readonly by: Route
  /** Who took it; a consent by letter, by phone, in person, by proxy or from a list must say so (GDPR 7(1)). */
  readonly operator?: string
  /** As stated, within the year before now; absent: now. */
  readonly effectiveAt?: Instant
  /** When it ends by itself; after `effectiveAt`. */
  readonly expiresAt?: Instant
}

/** A question about one purpose. */
export interface Question<Purpose extends string = string> {
  readonly subject: string
  readonly purpose: Purpose
  /**
   * By which channel; needed wherever the policy has a rule by channel. `none`: nobody is contacted, as when people
   * are selected or profiled for the purpose, or their data disclosed for it (GDPR 21(2)).
   */
  readonly channel?: Channel | 'none'
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
  channel: z.exactOptional(z.enum(['post', 'phone', 'automated-call', 'email', 'sms', 'in-person', 'none'])),
  contact: z.exactOptional(
    z
      .string()
      .min(3)
      .max(320)
      .refine((text) => text.isWellFormed()),
  ),
})

const mark = {
  event: z.string(),
  sequence: z.int().min(0),
  at: instantParser,
  expiresAt: z.exactOptional(instantParser),
}
const markParser = z.strictObject(mark)
const purposeParser: z.ZodType<PurposeStanding> = z.strictObject({
  consents: z.exactOptional(
    z.strictObject({
      own: z.exactOptional(markParser),
      proxy: z.exactOptional(markParser),
      list: z.exactOptional(markParser),
    }),
  ),
  refusal: z.exactOptional(z.strictObject({ ...mark, kind: z.enum(['refused', 'withdrawn']) })),
  denial: z.exactOptional(markParser),
})

/** Parses a stored standing. */
export const standingParser: z.ZodType<Standing> = z.strictObject({
  state: z.enum(['active', 'erased']),
  erased: z.exactOptional(z.strictObject({ at: instantParser, request: z.string() })),
  erasedUntil: z.exactOptional(dateParser),
  events: z.int().min(0),
  purposes: z.record(z.string(), purposeParser),
})
