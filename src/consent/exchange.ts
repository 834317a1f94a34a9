/**
 * What exported and imported consent records have in common: which purpose is meant, and what could not be carried over.
 *
 * A purpose is known by the IRIs that the policy calls exact or its own. A no about any of them is a no to the purpose; a
 * consent has to name all of them, because two purposes may stand under one name and one of them is less. A wider or a
 * related IRI maps to nothing. What cannot be mapped is named with its place, and never dropped without a word.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import { idParser } from '../parsing.ts'
import type { Language, Policy, Purpose } from '../policy/model.ts'
import { url } from '../policy/scalars.ts'
import type { JsonValue } from '../store.ts'
import { isInstant } from '../values/text.ts'
import type { ConsentEvent, EventKind, Revoker } from './model.ts'
import { isYes } from './statement.ts'

/** `dpv-27560`: ISO/IEC TS 27560 in the Data Privacy Vocabulary, JSON-LD. `kantara`: Consent Receipt 1.1.0. */
export type RecordFormat = 'dpv-27560' | 'kantara'

/** How records are wanted. */
export interface RecordWanted {
  readonly format: RecordFormat
  /** Where the notice can be read: both formats ask for it. */
  readonly noticeUrl: string
}

/** Something that the format cannot carry, or that the policy gives no IRI for. */
export interface Omitted {
  readonly purpose: string
  readonly kind: EventKind
  readonly why: 'no-iri' | 'not-in-policy' | 'no-consent' | 'not-in-force'
}

/** A person's records. */
export interface ExportedRecords {
  readonly format: RecordFormat
  readonly records: readonly JsonValue[]
  readonly omitted: readonly Omitted[]
}

/** Why a part of an imported record became nothing. */
export type UnmappedReason =
  | 'not-a-record' // it lacks what every record of the format has
  | 'context' // its names mean something else than they should
  | 'another-principal'
  | 'purpose' // it names no purpose of the policy, or not all that one consists of
  | 'status' // it is neither a yes nor a no
  | 'not-explicit'
  | 'time' // a moment is missing, is none, or lies ahead
  | 'termination' // its end cannot be read
  | 'not-deniable'
  | 'no-consent' // a renewal of what does not stand here
  | 'merged' // a consent under an id that was merged into another
  | 'in-doubt' // a consent beside something that could not be read, and may have been a no

/** A part of an imported record that became nothing. */
export interface Unmapped {
  /** Its place: `records[0].services[1]`. */
  readonly path: string
  readonly reason: UnmappedReason
}

/** What a record says, as a statement can be made of it. */
export interface Carried {
  readonly path: string
  readonly kind: EventKind
  readonly purpose: string
  readonly effectiveAt: Instant
  readonly expiresAt?: Instant
  readonly revokedBy?: Revoker
  /** When it was recorded where it comes from: the order in which statements are made. */
  readonly recorded: Instant
}

/** A part that became nothing, and what may be lost with it: nothing but a consent, or a no as well. */
export interface Lost extends Unmapped {
  readonly lost: 'yes' | 'unclear'
}

/** What is taken of imported records. */
export interface ReadRecords {
  readonly carried: readonly Carried[]
  readonly unmapped: readonly Unmapped[]
}

/**
 * What is taken of all that was read. Where a no may be lost no yes is taken, of no record: what was lost could have outweighed
 * it, and a wider purpose stands in a record of its own.
 */
export function taking(
  policy: Policy,
  { read, now }: { readonly read: readonly (Carried | Lost)[]; readonly now: Instant },
): ReadRecords {
  const all = read.map((each) => ('reason' in each ? each : sayable(policy, { said: each, now })))
  const isDoubtful = all.some((each) => 'reason' in each && each.lost === 'unclear')
  const carried: Carried[] = []
  const unmapped: Unmapped[] = []
  for (const each of all) {
    if ('reason' in each) unmapped.push({ path: each.path, reason: each.reason })
    else if (isDoubtful && isYes(each.kind)) unmapped.push({ path: each.path, reason: 'in-doubt' })
    else carried.push(each)
  }
  return { carried, unmapped }
}

/** A statement as it can be recorded now, under this policy. */
function sayable(policy: Policy, { said, now }: { said: Carried; now: Instant }): Carried | Lost {
  const { path } = said
  const kind = kindUnder(policy, said)
  if (kind === null) return { path, reason: 'not-deniable', lost: 'unclear' }
  if (said.effectiveAt > now) return { path, reason: 'time', lost: isYes(kind) ? 'yes' : 'unclear' }
  return { ...said, kind }
}

/** What a person said, and under which policy it is told. */
export interface Told {
  readonly policy: Policy
  readonly subject: string
  readonly events: readonly ConsentEvent[]
  readonly noticeUrl: string
}

const wanted = { format: z.enum(['dpv-27560', 'kantara']), noticeUrl: url }

export const wantedParser: z.ZodType<RecordWanted> = z.strictObject(wanted)

/** How a receipt is wanted. */
export const receiptWantedParser: z.ZodType<RecordWanted & { readonly language: Language }> = z.strictObject({
  ...wanted,
  language: z.enum(['en', 'fi']),
})

/** A purpose of the policy. */
export const purposeOf = (policy: Policy, name: string): Purpose | undefined =>
  Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined

/** The IRIs that stand for a purpose. */
export const irisOf = ({ vocabulary }: Purpose): string[] =>
  vocabulary.filter(({ relation }) => relation === 'exact' || relation === 'own').map(({ iri }) => iri)

/** The purposes that some IRIs name: all of a purpose's for a yes, any of them for a no. */
export function purposesBy(
  policy: Policy,
  { iris, kind }: { iris: readonly string[]; kind: EventKind },
): string[] {
  const yes = kind === 'given' || kind === 'renewed'
  return Object.entries(policy.purposes).flatMap(([name, purpose]) => {
    const own = irisOf(purpose)
    const named = yes
      ? own.length > 0 && own.every((iri) => iris.includes(iri))
      : own.some((iri) => iris.includes(iri))
    return named ? [name] : []
  })
}

/**
 * What a statement becomes under this policy: a denial of what cannot be denied withdraws consent to what rests on it;
 * `null` where it is neither.
 */
function kindUnder(
  policy: Policy,
  { kind, purpose }: { kind: EventKind; purpose: string },
): EventKind | null {
  if (kind !== 'denied' || purposeOf(policy, purpose)?.denial !== undefined) return kind
  return purposeOf(policy, purpose)?.legalBasis === 'consent' ? 'withdrawn' : null
}

/** An object of JSON; `null` of anything else. */
export const nodeOf = (value: JsonValue | undefined): Readonly<Record<string, JsonValue>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null

/** A member that the object itself has: no name reaches what all objects inherit. */
export const memberOf = (
  node: Readonly<Record<string, JsonValue>> | null,
  name: string,
): JsonValue | undefined => (node !== null && Object.hasOwn(node, name) ? node[name] : undefined)

/** One value or several. */
export const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** A moment in any spelling of ISO 8601 with a zone, as ours. */
export function momentOf(value: JsonValue | undefined): Instant | null {
  if (
    typeof value !== 'string' ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value)
  )
    return null
  const time = Date.parse(value)
  const written = Number.isNaN(time) ? '' : new Date(time).toISOString()
  return isInstant(written) ? written : null
}

/** What is imported: records of one person, as the host knows whose they are. */
export interface RecordImport {
  readonly format: RecordFormat
  readonly subject: string
  /** How the records name the person; absent: by `subject`. Records of anybody else are not taken. */
  readonly principal?: string
  /** JSON, as parsed; at most 1 MB and 1,000 records. */
  readonly records: readonly unknown[]
  readonly operator: string
}

/** What came of an import. */
export interface RecordsImported {
  readonly recorded: readonly ConsentEvent[]
  /** Statements that stood in the person's stream already. */
  readonly known: number
  readonly unmapped: readonly Unmapped[]
}

export const importParser: z.ZodType<RecordImport> = z.strictObject({
  format: z.enum(['dpv-27560', 'kantara']),
  subject: idParser,
  principal: z.exactOptional(z.string().min(1).max(1_000)),
  records: z.array(z.unknown()).max(1_000),
  operator: idParser,
})
