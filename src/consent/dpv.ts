/**
 * Consent records of ISO/IEC TS 27560 in the Data Privacy Vocabulary (its EU GDPR profile), as JSON-LD: one record for
 * each purpose, with every statement about it in the order in which it was recorded.
 *
 * A consent, a refusal, a withdrawal, a revocation and a renewal are statuses of consent; a denial is none: it is the
 * exercise of the right to object (GDPR 21), and stands apart. Names are written with the prefixes of `context`; on import
 * they are read with those or in full, and a record whose context gives them another meaning is not read.
 * Source: https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr; which members are required is unverified.
 */

import type { Policy, Purpose, Text } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import {
  type Carried,
  type ExportedRecords,
  irisOf,
  listOf,
  memberOf,
  momentOf,
  nodeOf,
  type Omitted,
  purposeOf,
  purposesBy,
  type ReadRecords,
  type Told,
  type Unmapped,
} from './exchange.ts'
import type { ConsentEvent, EventKind, Revoker } from './model.ts'

const profile = 'https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr'

const context = {
  dct: 'http://purl.org/dc/terms/',
  dpv: 'https://w3id.org/dpv#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
} as const

/** Kind of statement -> what it is called. */
const statuses = {
  given: 'dpv:ConsentGiven',
  renewed: 'dpv:RenewedConsentGiven',
  refused: 'dpv:ConsentRefused',
  withdrawn: 'dpv:ConsentWithdrawn',
  revoked: 'dpv:ConsentRevoked',
  denied: 'eu-gdpr:A21',
} as const satisfies Record<EventKind, string>

const bases = {
  consent: 'eu-gdpr:A6-1-a',
  contract: 'eu-gdpr:A6-1-b',
  'legal-obligation': 'eu-gdpr:A6-1-c',
  'vital-interests': 'eu-gdpr:A6-1-d',
  'public-task': 'eu-gdpr:A6-1-e',
  'legitimate-interests': 'eu-gdpr:A6-1-f',
} as const satisfies Record<NonNullable<Purpose['legalBasis']>, string>

/** A person's records, by purpose. */
export function dpvRecords(told: Told): ExportedRecords {
  const omitted: Omitted[] = []
  const byPurpose = new Map<string, ConsentEvent[]>()
  for (const event of told.events) {
    const purpose = purposeOf(told.policy, event.purpose)
    const why = purpose === undefined ? 'not-in-policy' : irisOf(purpose).length === 0 ? 'no-iri' : null
    if (why !== null) omitted.push({ purpose: event.purpose, kind: event.kind, why })
    else byPurpose.set(event.purpose, [...(byPurpose.get(event.purpose) ?? []), event])
  }
  const records = [...byPurpose].map(([name, events]) => record(told, { name, events }))
  return { format: 'dpv-27560', records, omitted }
}

function record(told: Told, { name, events }: { name: string; events: readonly ConsentEvent[] }): JsonValue {
  const { policy, subject } = told
  const [first] = events
  return {
    '@context': { ...context },
    '@type': 'dpv:ConsentRecord',
    'dct:conformsTo': profile,
    'dct:identifier': first?.id ?? '',
    'dct:created': first?.recordedAt ?? '',
    'dpv:hasDataSubject': { '@type': 'dpv:DataSubject', 'dct:identifier': subject },
    'dpv:hasDataController': controllerOf(policy),
    'dpv:hasJurisdiction': policy.jurisdiction,
    'dpv:hasNotice': {
      '@type': 'dpv:PrivacyNotice',
      '@id': told.noticeUrl,
      'dct:title': texts(policy.title),
      'dct:language': [...policy.languages],
    },
    'dpv:hasProcess': processOf(policy, { name, events }),
    'dpv:hasConsentStatus': events.filter(({ kind }) => kind !== 'denied').map(statusOf),
    'dpv:hasRecordOfActivity': events.filter(({ kind }) => kind === 'denied').map(statusOf),
  }
}

const texts = (text: Text): JsonValue =>
  Object.entries(text).map(([language, value]) => ({ '@language': language, '@value': value }))

const controllerOf = ({ controller: { name, address, email, phone } }: Policy): JsonValue => ({
  '@type': 'dpv:DataController',
  'dpv:hasName': name,
  'dpv:hasAddress': `${address.street}, ${address.postalCode} ${address.city}, ${address.country}`,
  'dpv:hasContact': [email, ...(phone === undefined ? [] : [phone])],
})

function processOf(
  policy: Policy,
  { name, events }: { name: string; events: readonly ConsentEvent[] },
): JsonValue {
  const purpose = policy.purposes[name] as Purpose
  const { label, legalBasis, categories } = purpose
  const byConsent = events.some(({ kind }) => kind !== 'denied') ? [bases.consent] : []
  const recipients = Object.values(policy.recipients).filter((each) => each.purposes.includes(name))
  return {
    '@type': 'dpv:Process',
    'dpv:hasPurpose': irisOf(purpose).map((iri) => ({
      '@id': iri,
      '@type': 'dpv:Purpose',
      'dct:title': texts(label),
    })),
    'dpv:hasLegalBasis': [...new Set([...(legalBasis ? [bases[legalBasis]] : []), ...byConsent])],
    'dpv:hasPersonalData': categories.map((each) => ({
      '@type':
        policy.categories[each]?.kind === 'special' ? 'dpv:SpecialCategoryPersonalData' : 'dpv:PersonalData',
      'dct:title': texts(policy.categories[each]?.label ?? { en: each }),
    })),
    'dpv:hasProcessing': ['dpv:Collect', 'dpv:Store', 'dpv:Use'],
    'dpv:hasStorageCondition': categories.map((each) => ({
      '@type': 'dpv:StorageCondition',
      'dct:description': texts(policy.retention[each]?.says ?? { en: '' }),
    })),
    'dpv:hasRecipient': recipients.map(({ name: said }) => ({
      '@type': 'dpv:Recipient',
      'dpv:hasName': texts(said),
    })),
    'dpv:hasConsentControl': { '@type': 'dpv:WithdrawConsent', 'dpv:hasContact': policy.controller.email },
    'dpv:hasRight': [
      'eu-gdpr:A15',
      'eu-gdpr:A16',
      'eu-gdpr:A17',
      'eu-gdpr:A18',
      'eu-gdpr:A21',
      'eu-gdpr:A77',
    ],
  }
}

function statusOf(event: ConsentEvent): JsonValue {
  const { id, kind, by, effectiveAt, recordedAt, expiresAt, policyVersion, evidence, proxy, revokedBy } =
    event
  const type =
    kind === 'denied' ? ['dpv:RightExerciseActivity', statuses.denied] : ['dpv:ConsentStatus', statuses[kind]]
  return {
    '@type': type,
    'dct:identifier': id,
    'dpv:isIndicatedAtTime': effectiveAt,
    'dct:created': recordedAt,
    'dpv:hasIndicationMethod': by,
    'dpv:isIndicatedBy': revokedBy ?? proxy?.role ?? 'data-subject',
    'dct:hasVersion': evidence?.policy ?? policyVersion,
    ...(evidence?.wording !== undefined && { 'dct:source': evidence.wording }),
    ...(evidence?.language !== undefined && { 'dct:language': evidence.language }),
    ...(expiresAt !== undefined && {
      'dpv:hasDuration': { '@type': 'dpv:UntilTimeDuration', 'rdf:value': expiresAt },
    }),
  }
}

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
  revokers.find((each) => each === text) ?? 'controller'

function timesOf(
  node: Node | null,
  kind: EventKind,
): Pick<Carried, 'effectiveAt' | 'recorded' | 'expiresAt'> | Pick<Unmapped, 'reason'> {
  const effectiveAt = momentOf(textOf(node, 'dpv:isIndicatedAtTime'))
  if (effectiveAt === null) return { reason: 'time' }
  const recorded = momentOf(textOf(node, 'dct:created')) ?? effectiveAt
  const duration = partOf(node, 'dpv:hasDuration')
  // An answer does not end by itself, and a denial whose end cannot be read does not either.
  if (duration === undefined || !['given', 'renewed', 'denied'].includes(kind))
    return { effectiveAt, recorded }
  const expiresAt = momentOf(textOf(nodeOf(duration), 'rdf:value'))
  if (expiresAt !== null && expiresAt > effectiveAt) return { effectiveAt, recorded, expiresAt }
  return kind === 'denied' ? { effectiveAt, recorded } : { reason: 'termination' }
}
