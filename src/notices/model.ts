/**
 * Versions of the policy as they were published, and who was shown or told of which.
 *
 * A version is named by the digest of its content and kept whole, so that what somebody was shown can be read again. That
 * a person uses a service, or signs, after being told is kept as that: an acknowledgement, and never a consent, which is
 * given to `consent.give` (GDPR 4(11), 7(2); the policy, "Use log").
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import { dateParser, idParser, instantParser } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { PolicyMessage } from '../sender.ts'

/** A version on record. */
export interface PolicyVersion {
  readonly policyId: string
  readonly version: string
  /** SHA-256 of the canonical form of the policy (RFC 8785), hex. */
  readonly digest: string
  /** The first day on which it is in force. */
  readonly date: CalendarDate
  readonly publishedAt: Instant
  readonly operator: string
  /** All of it, as it was published: one of an earlier version of the library may lack what a policy has today. */
  readonly policy: Policy
}

/** What names a version, and since when it is in force. */
export type VersionName = Pick<PolicyVersion, 'version' | 'digest' | 'date'>

/** How somebody was reached. */
export type NoticeChannel = 'screen' | 'post' | 'email' | 'sms' | 'phone' | 'in-person'

/** That somebody was shown a version, told of it, or acknowledged it. */
export interface NoticeAct {
  readonly kind: 'shown' | 'told' | 'accepted'
  readonly channel: NoticeChannel
  /** How it was acknowledged. */
  readonly by?: 'use' | 'signature'
  /** What accepting means, and all that it means. */
  readonly meaning?: 'acknowledgement'
  readonly at: Instant
  readonly recordedAt: Instant
  readonly operator?: string
}

/** What one person was shown and told of one version. */
export interface NoticeRecord {
  readonly version: string
  readonly digest: string
  /** The first of each kind by each channel, in the order of recording. */
  readonly acts: readonly NoticeAct[]
  /** When this was last added to. */
  readonly recordedAt: Instant
  readonly category: string
}

/** That one process is telling somebody: nobody else does before `until`, and whoever tries again uses the same key. */
export interface Claim {
  readonly key: string
  readonly until: Instant
}

/** A record as it is stored: a message may be on its way. */
export interface StoredNotice extends NoticeRecord {
  readonly sending?: Claim
}

/** That a person was shown a version, or told of it. */
export interface NoticeInput {
  readonly subject: string
  /** Absent: the version that `createPrivacy` was given. */
  readonly version?: string
  readonly channel: NoticeChannel
  /** Within the year before now; absent: now. */
  readonly at?: Instant
  readonly operator?: string
}

/** That a person acknowledged a version. */
export interface AcceptanceInput extends NoticeInput {
  readonly by: 'use' | 'signature'
}

/** Whom a notice is for. */
export interface DueInput<Group extends string = string> {
  /** Absent: the version that `createPrivacy` was given. */
  readonly version?: string
  /** Absent: every group of this tenant. */
  readonly groups?: readonly Group[]
  /** Where an earlier batch ended. */
  readonly after?: string
}

/** People who are to be told. */
export interface DueBatch {
  /** At most 100, and at least one. */
  readonly subjects: readonly string[]
  /** From here on: to be given as `after` by whoever goes on later. */
  readonly after: string
}

/** What is to be sent. */
export interface SendInput<Group extends string = string> extends DueInput<Group> {
  readonly channel: PolicyMessage['channel']
  /** How many messages at most; absent: to everybody who is due. */
  readonly most?: number
}

/** What came of sending. */
export interface SendReport {
  /** Messages that the sender took. */
  readonly sent: number
  /** Messages that the sender did not take: the people stay due. */
  readonly failed: number
  /** People whom another process was sending to, or who were told or erased meanwhile. */
  readonly passedOver: number
  /** Why it ended before everybody was reached, and where: `after` is for whoever goes on. Absent: everybody was. */
  readonly stopped?: {
    /** As many as asked for; or ten messages in a row that the sender did not take, which is the sender then. */
    readonly because: 'most' | 'sender'
    readonly after: string
  }
}

const channel = z.enum(['screen', 'post', 'email', 'sms', 'phone', 'in-person'])

const notice = {
  subject: idParser,
  version: z.exactOptional(idParser),
  channel,
  at: z.exactOptional(instantParser),
  operator: z.exactOptional(idParser),
}

/** Parses a notice. */
export const noticeParser: z.ZodType<NoticeInput> = z.strictObject(notice)

/** Parses an acknowledgement. */
export const acceptanceParser: z.ZodType<AcceptanceInput> = z.strictObject({
  ...notice,
  by: z.enum(['use', 'signature']),
})

const due = {
  version: z.exactOptional(idParser),
  groups: z.exactOptional(z.array(idParser).min(1)),
  after: z.exactOptional(idParser),
}

/** Parses whom a notice is for. */
export const dueParser: z.ZodType<DueInput> = z.strictObject(due)

/** Parses what is to be sent. */
export const sendParser: z.ZodType<SendInput> = z.strictObject({
  ...due,
  channel: z.enum(['post', 'email', 'sms']),
  most: z.exactOptional(z.int().min(1)),
})

/** Parses who publishes. */
export const publisherParser = z.strictObject({ operator: idParser })

/** Parses a stored version. */
export const versionParser: z.ZodType<PolicyVersion> = z.strictObject({
  policyId: z.string(),
  version: z.string(),
  digest: z.string(),
  date: dateParser,
  publishedAt: instantParser,
  operator: z.string(),
  policy: z.custom<Policy>((value) => typeof value === 'object' && value !== null),
})

/** Parses a stored record. */
export const storedNoticeParser: z.ZodType<StoredNotice> = z.strictObject({
  version: z.string(),
  digest: z.string(),
  acts: z.array(
    z.strictObject({
      kind: z.enum(['shown', 'told', 'accepted']),
      channel,
      by: z.exactOptional(z.enum(['use', 'signature'])),
      meaning: z.exactOptional(z.literal('acknowledgement')),
      at: instantParser,
      recordedAt: instantParser,
      operator: z.exactOptional(z.string()),
    }),
  ),
  recordedAt: instantParser,
  category: z.string(),
  sending: z.exactOptional(z.strictObject({ key: z.string(), until: instantParser })),
})
