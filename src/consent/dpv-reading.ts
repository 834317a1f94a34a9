/**
 * Taking in consent records of ISO/IEC TS 27560 in the Data Privacy Vocabulary. Names are read with the prefixes of
 * `context` or in full; a record whose context gives them another meaning is not read, nor one of another person. A consent
 * whose end cannot be read is not taken: it could have ended. Nothing here fails: what is not carried is named.
 */

import type { Policy } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import { context, lasting, speakers, statuses } from './dpv.ts'
import {
  type Carried,
  listOf,
  memberOf,
  momentOf,
  nodeOf,
  purposesBy,
  type ReadRecords,
  type Unmapped,
} from './exchange.ts'
import type { EventKind, Revoker } from './model.ts'

/** What imported records say of a person. */
export function readDpv(
  policy: Policy,
  { records, principal }: { readonly records: readonly JsonValue[]; readonly principal: string },
): ReadRecords {
  const carried: Carried[] = []
  const unmapped: Unmapped[] = []
  for (const [i, value] of records.entries()) {
    const path = `records[${i}]`
    const reason = refusalOf(value, principal)
    if (reason !== null) {
      unmapped.push({ path, reason })
      continue
    }
    for (const read of statementsOf(policy, { record: nodeOf(value) as Node, path })) {
      if ('reason' in read) unmapped.push(read)
      else carried.push(read)
    }
  }
  return { carried, unmapped }
}

type Node = Readonly<Record<string, JsonValue>>

function refusalOf(value: JsonValue, principal: string): Unmapped['reason'] | null {
  const node = nodeOf(value)
  if (node === null) return 'not-a-record'
  if (!listOf(memberOf(node, '@context')).every(isKnownContext)) return 'context'
  if (!typesOf(node).includes(full('dpv:ConsentRecord'))) return 'not-a-record'
  return textOf(nodeOf(partOf(node, 'dpv:hasDataSubject')), 'dct:identifier') === principal
    ? null
    : 'another-principal'
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

/** A member by its name with a prefix or in full. */
const partOf = (node: Node | null, name: string): JsonValue | undefined =>
  memberOf(node, name) ?? memberOf(node, full(name))

const textOf = (node: Node | null, name: string): string | undefined => {
  const value = partOf(node, name)
  return typeof value === 'string' ? value : undefined
}

const typesOf = (node: Node | null): string[] =>
  listOf(memberOf(node, '@type')).flatMap((type) => (typeof type === 'string' ? [full(type)] : []))

const idOf = (value: JsonValue): string[] => {
  const id = typeof value === 'string' ? value : memberOf(nodeOf(value), '@id')
  return typeof id === 'string' ? [full(id)] : []
}

function statementsOf(
  policy: Policy,
  { record, path }: { record: Node; path: string },
): (Carried | Unmapped)[] {
  const processes = listOf(partOf(record, 'dpv:hasProcess')).map(nodeOf)
  const iris = processes.flatMap((each) => listOf(partOf(each, 'dpv:hasPurpose'))).flatMap(idOf)
  const said = (['dpv:hasConsentStatus', 'dpv:hasRecordOfActivity'] as const).flatMap((name) =>
    listOf(partOf(record, name)).map((value, i) => ({ node: nodeOf(value), path: `${path}.${name}[${i}]` })),
  )
  if (said.length === 0) return [{ path, reason: 'status' }]
  return said.flatMap(({ node, path: at }): (Carried | Unmapped)[] => {
    const kind = kindOf(node)
    if (kind === null) return [{ path: at, reason: 'status' }]
    const purposes = purposesBy(policy, { iris, kind })
    if (purposes.length === 0) return [{ path: at, reason: 'purpose' }]
    const times = timesOf(node, kind)
    if ('reason' in times) return [{ path: at, ...times }]
    const by = kind === 'revoked' ? revokerOf(textOf(node, 'dpv:isIndicatedBy')) : undefined
    return purposes.map((purpose) => ({ path: at, kind, purpose, ...times, ...(by && { revokedBy: by }) }))
  })
}

/** `dpv:ConsentInvalidated` ends a consent like a revocation; what only asked, or is not known, says nothing. */
function kindOf(node: Node | null): EventKind | null {
  const types = typesOf(node)
  if (types.includes(full('dpv:ConsentInvalidated'))) return 'revoked'
  const found = Object.entries(statuses).filter(([, type]) => types.includes(full(type)))
  return found.length === 1 ? ((found[0]?.[0] ?? null) as EventKind | null) : null
}

const revokers: readonly Revoker[] = ['controller', 'court', 'authority', 'guardian']
const revokerOf = (text: string | undefined): Revoker =>
  revokers.find((each) => text !== undefined && full(text) === full(speakers[each])) ?? 'controller'

function timesOf(
  node: Node | null,
  kind: EventKind,
): Pick<Carried, 'effectiveAt' | 'recorded' | 'expiresAt'> | Pick<Unmapped, 'reason'> {
  const effectiveAt = momentOf(textOf(node, 'dpv:isIndicatedAtTime'))
  if (effectiveAt === null) return { reason: 'time' }
  const recorded = momentOf(textOf(node, 'dct:created')) ?? effectiveAt
  const duration = partOf(node, 'dpv:hasDuration')
  const end = textOf(nodeOf(duration ?? null), 'rdf:value')
  // An answer does not end by itself, and a denial whose end cannot be read does not either.
  if (duration === undefined || end === lasting || !['given', 'renewed', 'denied'].includes(kind))
    return { effectiveAt, recorded }
  const expiresAt = momentOf(end)
  if (expiresAt !== null && expiresAt > effectiveAt) return { effectiveAt, recorded, expiresAt }
  return kind === 'denied' ? { effectiveAt, recorded } : { reason: 'termination' }
}
