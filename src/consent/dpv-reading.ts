/**
 * Taking in consent records of ISO/IEC TS 27560 in the Data Privacy Vocabulary. Names are read with the prefixes of
 * `context` or in full; a record whose context gives them another meaning is not read, nor one of another person. A consent
 * whose end cannot be read is not taken: it could have ended. Where there is room to read, a yes is read as later and shorter,
 * a no as earlier and longer. Nothing here fails: what is not carried is named.
 */

import { dayBounds, dayIn, isCalendarDate, later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import { context, lasting, speakers, statuses } from './dpv.ts'
import { type Carried, type Lost, listOf, memberOf, momentOf, nodeOf, purposesBy } from './exchange.ts'
import type { EventKind, Revoker } from './model.ts'
import { isYes } from './statement.ts'

/** What imported records say of a person. */
export function readDpv(
  policy: Policy,
  { records, principal }: { readonly records: readonly JsonValue[]; readonly principal: string },
): (Carried | Lost)[] {
  return records.flatMap((value, i) => {
    const path = `records[${i}]`
    const reason = refusalOf(value, principal)
    if (reason !== null) return [{ path, reason, lost: 'unclear' } as const]
    return statementsOf(policy, { record: nodeOf(value) as Node, path })
  })
}

type Node = Readonly<Record<string, JsonValue>>

function refusalOf(value: JsonValue, principal: string): Lost['reason'] | null {
  const node = nodeOf(value)
  if (node === null) return 'not-a-record'
  if (!listOf(memberOf(node, '@context')).every(isKnownContext)) return 'context'
  if (!typesOf(node).includes(full('dpv:ConsentRecord'))) return 'not-a-record'
  const [subject, ...more] = partsOf(node, 'dpv:hasDataSubject')
  const isTheirs = more.length === 0 && textOf(nodeOf(subject), 'dct:identifier') === principal
  return isTheirs ? null : 'another-principal'
}

/** A context by its address is taken at its word; one that is written out must not move a prefix. */
function isKnownContext(value: JsonValue): boolean {
  const node = nodeOf(value)
  if (node === null) return typeof value === 'string' && value.startsWith('https://w3id.org/dpv')
  return (
    Object.keys(node).every(
      (name) => !Object.hasOwn(context, name) || node[name] === context[name as 'dpv'],
    ) && !Object.keys(node).some((name) => name.startsWith('@') || name.includes(':'))
  )
}

/** An IRI in full. */
function full(name: string): string {
  const colon = name.indexOf(':')
  const prefix = name.slice(0, colon)
  return Object.hasOwn(context, prefix) ? context[prefix as 'dpv'] + name.slice(colon + 1) : name
}

/** The values of a member, by its name with a prefix and in full. */
const partsOf = (node: Node | null, name: string): JsonValue[] =>
  [name, full(name)].flatMap((each) => listOf(memberOf(node, each)))

const textOf = (node: Node | null, name: string): string | undefined => {
  const [value, ...more] = partsOf(node, name)
  return typeof value === 'string' && more.length === 0 ? value : undefined
}

const typesOf = (node: Node | null): string[] =>
  listOf(memberOf(node, '@type')).flatMap((type) => (typeof type === 'string' ? [full(type)] : []))

const idOf = (value: JsonValue): string[] => {
  const id = typeof value === 'string' ? value : memberOf(nodeOf(value), '@id')
  return typeof id === 'string' ? [full(id)] : []
}

/** What a record says of one moment. */
interface Said {
  readonly path: string
  readonly kind: EventKind | 'expired'
  readonly node: Node
}

function statementsOf(policy: Policy, { record, path }: { record: Node; path: string }): (Carried | Lost)[] {
  const told = (['dpv:hasConsentStatus', 'dpv:hasRecordOfActivity'] as const).flatMap((name) =>
    partsOf(record, name).map((value, i) => saidOf(value, `${path}.${name}[${i}]`)),
  )
  if (told.length === 0) return [{ path, reason: 'status', lost: 'unclear' }]
  const { iris, known } = purposesIn(policy, record)
  const moments = told.flatMap((each) =>
    'kind' in each && each.kind === 'expired' ? [endedAt(policy, each)] : [],
  )
  const ends = moments.filter((each) => typeof each === 'string')
  const all = told.flatMap((each) => ('kind' in each ? statementOf(policy, { ...each, iris, ends }) : [each]))
  // A no that is also to something unknown is more than is taken in.
  const isMore = !known && all.some((each) => 'kind' in each && !isYes(each.kind))
  return [
    ...all,
    ...moments.filter((each) => typeof each !== 'string'),
    ...(isMore ? [{ path, reason: 'purpose', lost: 'unclear' } as const] : []),
  ]
}

/** The purposes that a record names, and whether the policy knows all of them. */
function purposesIn(policy: Policy, record: Node): { iris: readonly string[]; known: boolean } {
  const values = partsOf(record, 'dpv:hasProcess').flatMap((each) => partsOf(nodeOf(each), 'dpv:hasPurpose'))
  const iris = values.flatMap(idOf)
  const all = Object.values(policy.purposes).flatMap(({ vocabulary }) =>
    vocabulary.map(({ iri }): string => iri),
  )
  return { iris, known: iris.length === values.length && iris.every((iri) => all.includes(iri)) }
}

function saidOf(value: JsonValue, path: string): Said | Lost {
  const node = nodeOf(value)
  const kind = node && kindOf(node)
  return node && kind ? { path, kind, node } : { path, reason: 'status', lost: 'unclear' }
}

/** Types that say that something is a status, and not which. */
const neutral = ['dpv:ConsentStatus', 'dpv:RightExerciseActivity'].map(full)

/** What says no, the strictest first; `dpv:ConsentInvalidated` ends a consent like a revocation. */
const strictest = [
  [statuses.denied, 'denied'],
  ['dpv:ConsentInvalidated', 'revoked'],
  [statuses.revoked, 'revoked'],
  [statuses.withdrawn, 'withdrawn'],
  [statuses.refused, 'refused'],
  ['dpv:ConsentExpired', 'expired'],
] as const

/** Of several statuses at once the strictest; a yes is one only if nothing else is said with it. */
function kindOf(node: Node): Said['kind'] | null {
  const types = typesOf(node).filter((type) => !neutral.includes(type))
  const no = strictest.find(([type]) => types.includes(full(type)))
  if (no !== undefined) return no[1]
  const [renewed, given] = [full(statuses.renewed), full(statuses.given)]
  const isWhole = listOf(memberOf(node, '@type')).every((type) => typeof type === 'string')
  if (!isWhole || types.length === 0 || !types.every((type) => type === renewed || type === given))
    return null
  return types.includes(renewed) ? 'renewed' : 'given'
}

function statementOf(
  policy: Policy,
  { kind, node, path, iris, ends }: Said & { iris: readonly string[]; ends: readonly Instant[] },
): (Carried | Lost)[] {
  if (kind === 'expired') return []
  const purposes = purposesBy(policy, { iris, kind })
  if (purposes.length === 0) return [{ path, reason: 'purpose', lost: isYes(kind) ? 'yes' : 'unclear' }]
  const times = timesOf(policy, { node, kind, ends })
  if ('reason' in times) return [{ path, ...times }]
  const by = kind === 'revoked' ? revokerOf(textOf(node, 'dpv:isIndicatedBy')) : undefined
  return purposes.map((purpose) => ({ path, kind, purpose, ...times, ...(by && { revokedBy: by }) }))
}

const revokers: readonly Revoker[] = ['controller', 'court', 'authority', 'guardian']
const revokerOf = (text: string | undefined): Revoker =>
  revokers.find((each) => text !== undefined && full(text) === full(speakers[each])) ?? 'controller'

/** The moment at which a consent had expired. */
const endedAt = (policy: Policy, { node, path }: Said): Instant | Lost =>
  momentIn(policy, { node, name: 'dpv:isIndicatedAtTime', of: 'beginning' }) ?? {
    ...{ path, reason: 'time', lost: 'unclear' },
  }

function timesOf(
  policy: Policy,
  { node, kind, ends }: { node: Node; kind: EventKind; ends: readonly Instant[] },
): Pick<Carried, 'effectiveAt' | 'recorded' | 'expiresAt'> | Pick<Lost, 'reason' | 'lost'> {
  const of = isYes(kind) ? 'end' : 'beginning'
  const effectiveAt = momentIn(policy, { node, name: 'dpv:isIndicatedAtTime', of })
  const recorded = momentIn(policy, { node, name: 'dct:created', of })
  // Without it the order is that in which they were made; where it cannot be read nobody can tell.
  if (!effectiveAt || recorded === null) return { reason: 'time', lost: 'unclear' }
  const times = { effectiveAt, recorded: recorded ?? effectiveAt }
  const end = endOf(policy, { node, kind })
  if (!isYes(kind)) return end && end > effectiveAt ? { ...times, expiresAt: end } : times
  if (end === null) return { reason: 'termination', lost: 'unclear' }
  const day = (at: Instant) => dayIn(policy.timeZone, at)
  const all = ends.filter((each) => day(each) >= day(effectiveAt))
  const [expiresAt] = (end === undefined ? all : [...all, end]).toSorted()
  if (expiresAt === undefined) return times
  return expiresAt > effectiveAt ? { ...times, expiresAt } : { reason: 'termination', lost: 'yes' }
}

/** When a statement ends; absent where it does not by itself, `null` where that cannot be read. */
function endOf(policy: Policy, { node, kind }: { node: Node; kind: EventKind }): Instant | null | undefined {
  const durations = partsOf(node, 'dpv:hasDuration')
  // An answer does not end by itself.
  if (durations.length === 0 || (!isYes(kind) && kind !== 'denied')) return undefined
  const [duration = null, ...more] = durations.map(nodeOf)
  if (more.length > 0) return null
  if (textOf(duration, 'rdf:value') === lasting) return undefined
  return (
    momentIn(policy, { node: duration, name: 'rdf:value', of: isYes(kind) ? 'beginning' : 'end' }) ?? null
  )
}

/** A moment, or the beginning or the end of a day; absent where there is none, `null` where it cannot be read. */
function momentIn(
  { timeZone }: Policy,
  { node, name, of }: { node: Node | null; name: string; of: 'beginning' | 'end' },
): Instant | null | undefined {
  const [value, ...more] = partsOf(node, name)
  if (value === undefined) return undefined
  const text = more.length > 0 ? null : literalOf(value)
  if (!isCalendarDate(text) || text < '1900' || text > '3000') return momentOf(text ?? undefined)
  const { from, before } = dayBounds(timeZone, text)
  return of === 'beginning' ? from : later(before, -1)
}

/** The text of a value, as it is or with its type. */
function literalOf(value: JsonValue): string | null {
  const node = nodeOf(value)
  const text = node === null ? value : memberOf(node, '@value')
  const type = memberOf(node, '@type') ?? 'xsd:dateTime'
  return typeof text === 'string' && typeof type === 'string' && moments.test(type) ? text : null
}

const moments = /^(xsd:|http:\/\/www\.w3\.org\/2001\/XMLSchema#)(date|dateTime|dateTimeStamp)$/
