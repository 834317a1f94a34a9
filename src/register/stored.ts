/**
 * Register records and corrections as they are stored.
 *
 * Each field carries what the policy said of it when it was written: its category, its kind, whether it is sealed,
 * when it was recorded and where it came from. So no later policy decides over what is there already: a field that
 * moves to another category, or leaves the policy, keeps its key, its exemption and its dates.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import { instantParser, parseStored } from '../parsing.ts'
import type { FieldKind } from '../policy/model.ts'
import { fieldKind } from '../policy/scalars.ts'
import type { JsonValue, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { HistoryEntry, Initiative } from './model.ts'
import type { Where } from './rules.ts'

/** A field as it is stored. */
export interface StoredField {
  /** The value, or where it is sealed the sealed text of its canonical JSON. */
  readonly value: JsonValue
  readonly sealed?: true
  readonly kind: FieldKind
  readonly category: string
  readonly at: Instant
  readonly origin: string
}

/** A record, by flat names of fields: `field` of the group, or `service.field`. */
export interface StoredRecord extends Where {
  readonly fields: Readonly<Record<string, StoredField>>
  /** How the record as a whole came to be. */
  readonly provenance: { readonly origin: string; readonly at: Instant }
  readonly changedAt: Instant
  /** How many corrections it had: the next has the next number. */
  readonly corrections: number
}

/** What a correction did to a field, sealed under the category that the field was under before. */
export interface StoredChange {
  readonly sealed: string
  readonly kind: FieldKind
  readonly category: string
}

/** A correction. Of one that an erasure left only for what must be kept, nothing else is there. */
export interface StoredCorrection {
  readonly at: Instant
  /** The category that the correction itself falls under. */
  readonly category: string
  readonly why?: HistoryEntry['why']
  readonly initiative?: Initiative
  readonly operator?: string
  readonly changes: Readonly<Record<string, StoredChange>>
}

/** Where a record is kept: by subject first, so that everything about a person lies together. */
export const recordKey = (tenant: string, { subject, group }: Where): string => key(tenant, subject, group)

/** Where a correction is kept: below its record, in order. */
export const correctionKey = (tenant: string, { subject, group }: Where, number: number): string =>
  key(tenant, subject, group, String(number).padStart(9, '0'))

const recordParser: z.ZodType<StoredRecord> = z.strictObject({
  group: z.string(),
  subject: z.string(),
  fields: z.record(
    z.string(),
    z.strictObject({
      value: z.custom<JsonValue>((value) => value !== undefined),
      sealed: z.exactOptional(z.literal(true)),
      kind: fieldKind,
      category: z.string(),
      at: instantParser,
      origin: z.string(),
    }),
  ),
  provenance: z.strictObject({ origin: z.string(), at: instantParser }),
  changedAt: instantParser,
  corrections: z.int().min(0),
})

const correctionParser: z.ZodType<StoredCorrection> = z.strictObject({
  at: instantParser,
  category: z.string(),
  why: z.exactOptional(z.enum(['wrong', 'outdated', 'incomplete', 'unnecessary', 'replaced'])),
  initiative: z.exactOptional(z.enum(['subject', 'controller'])),
  operator: z.exactOptional(z.string()),
  changes: z.record(
    z.string(),
    z.strictObject({ sealed: z.string(), kind: fieldKind, category: z.string() }),
  ),
})

/** A record as the store gave it. @throws IntegrityFailure `record.corrupt` */
export const readRecord = ({ key: at, value }: Versioned): StoredRecord =>
  parseStored(recordParser, value, at)

/** A correction as the store gave it. @throws IntegrityFailure `record.corrupt` */
export const readCorrection = ({ key: at, value }: Versioned): StoredCorrection =>
  parseStored(correctionParser, value, at)
