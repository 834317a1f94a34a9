/**
 * Disclosures: whether data about a person may be given to a recipient, and the account of what was given.
 *
 * The default is no. A disclosure needs a recipient the policy names, a ground and a purpose the policy gives that
 * recipient, no field beyond its minimal set, and a lawful transfer on that day.
 */

import * as z from 'zod'
import type { Reason } from '../consent/model.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { idParser } from '../parsing.ts'
import type { DisclosureGround } from '../policy/model.ts'

/** What is asked. */
export interface DisclosureQuestion<Recipient extends string = string, Purpose extends string = string> {
  readonly recipient: Recipient
  /** The host's id of the person. */
  readonly subject: string
  /** `group.field` or `service.field`. */
  readonly fields: readonly [string, ...string[]]
  readonly ground: DisclosureGround
  readonly purpose: Purpose
}

/** The answer, with every reason for it. */
export interface DisclosureDecision {
  readonly outcome: 'permit' | 'deny'
  readonly because: readonly [Reason, ...Reason[]]
  /** The fields that may be given: all that were asked for, or none. */
  readonly fields: readonly string[]
  readonly on: CalendarDate
  /** The record of the disclosure; absent where it was denied. */
  readonly record?: string
}

/** A disclosure as the subject's account shows it. */
export interface DisclosureEntry {
  readonly id: string
  readonly recipient: string
  readonly fields: readonly string[]
  readonly ground: DisclosureGround
  readonly purpose: string
  /** The rule that permitted the transfer. */
  readonly transfer: string
  readonly at: Instant
  /** The category of data that the record falls under. */
  readonly category: string
}

/** Parses a question. */
export const disclosureParser: z.ZodType<DisclosureQuestion> = z.strictObject({
  recipient: idParser,
  subject: idParser,
  fields: z.tuple([idParser], idParser),
  ground: z.enum(['law', 'consent', 'agreement', 'partner', 'subcontractor']),
  purpose: idParser,
})
