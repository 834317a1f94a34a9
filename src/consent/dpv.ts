/**
 * Consent records of ISO/IEC TS 27560 in the Data Privacy Vocabulary (its EU GDPR profile), as JSON-LD: one record for
 * each purpose, with every statement about it in the order in which it was recorded.
 *
 * A consent, a refusal, a withdrawal, a revocation and a renewal are statuses of consent; a denial is none: it is the
 * exercise of the right to object (GDPR 21), and stands apart. Every field that the profile requires is there, save what
 * no policy says: how to reach recipients. `dpv-reading.ts` takes such records in.
 * Source: the profile's guide (https://w3id.org/dpv/guides/consent-27560, final report of 1 August 2024), whose tables say
 * which fields are required.
 */

import type { Recipient } from '../policy/handling.ts'
import type { Purpose, Text } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import { type ExportedRecords, irisOf, type Omitted, purposeOf, type Told } from './exchange.ts'
import type { ConsentEvent, EventKind, ProxyRole, Revoker } from './model.ts'

const profile = 'https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr'

/** The prefixes that names are written with. */
export const context = {
  dct: 'http://purl.org/dc/terms/',
  dpv: 'https://w3id.org/dpv#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  loc: 'https://w3id.org/dpv/loc#',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
} as const

/** Kind of statement -> what it is called. */
export const statuses = {
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

/** Who made a statement -> what they are called; a court is an authority of its own kind. */
export const speakers = {
  person: 'dpv:DataSubject',
  controller: 'dpv:DataController',
  authority: 'dpv:DataProtectionAuthority',
  court: 'dpv:Authority',
  guardian: 'dpv:GuardianOfDataSubject',
  trustee: 'dpv:LegallyAuthorisedRepresentative',
  attorney: 'dpv:AuthorisedRepresentative',
} as const satisfies Record<'person' | Revoker | ProxyRole, string>

/** The end of a statement that lasts until another is made. */
export const lasting = 'another statement about this purpose'

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
    'dpv:hasDataController': controllerOf(told),
    'dpv:hasJurisdiction': `loc:${policy.jurisdiction}`,
    'dpv:hasNotice': {
      '@type': 'dpv:ConsentNotice',
      '@id': told.noticeUrl,
      'dct:title': texts(policy.title),
      'dct:language': [...policy.languages],
    },
    'dpv:hasProcess': processOf(told, { name, events }),
    'dpv:hasConsentStatus': events.filter(({ kind }) => kind !== 'denied').map(statusOf),
    'dpv:hasRecordOfActivity': events.filter(({ kind }) => kind === 'denied').map(statusOf),
  }
}

const texts = (text: Text): JsonValue =>
  Object.entries(text).map(([language, value]) => ({ '@language': language, '@value': value }))

/** A party is named by a place in the notice, where people can read who it is. */
const partyOf = ({ noticeUrl }: Told, name: string) => {
  const id = `${noticeUrl}#${name}`
  return { '@id': id, 'dpv:hasIdentifier': id }
}

function controllerOf(told: Told): JsonValue {
  const { name, address, email, phone } = told.policy.controller
  return {
    ...partyOf(told, 'controller'),
    '@type': 'dpv:DataController',
    'dpv:hasName': name,
    'dpv:hasAddress': `${address.street}, ${address.postalCode} ${address.city}, ${address.country}`,
    'dpv:hasContact': [email, ...(phone === undefined ? [] : [phone])],
  }
}

function processOf(
  told: Told,
  { name, events }: { name: string; events: readonly ConsentEvent[] },
): JsonValue {
  const { policy } = told
  const purpose = policy.purposes[name] as Purpose
  const { label, legalBasis, categories } = purpose
  const byConsent = events.some(({ kind }) => kind !== 'denied') ? [bases.consent] : []
  const recipients = Object.entries(policy.recipients).filter(([, each]) => each.purposes.includes(name))
  return {
    '@type': 'dpv:Process',
    'dpv:hasPurpose': irisOf(purpose).map((iri) => ({
      '@id': iri,
      '@type': 'dpv:Purpose',
      'dct:title': texts(label),
    })),
    'dpv:hasDataController': partyOf(told, 'controller')['@id'],
    'dpv:hasLegalBasis': [...new Set([...(legalBasis ? [bases[legalBasis]] : []), ...byConsent])],
    'dpv:hasPersonalData': categories.map((each) => ({
      '@type':
        policy.categories[each]?.kind === 'special' ? 'dpv:SpecialCategoryPersonalData' : 'dpv:PersonalData',
      'dct:title': texts(policy.categories[each]?.label ?? { en: each }),
    })),
    'dpv:hasProcessing': ['dpv:Collect', 'dpv:Store', 'dpv:Use'],
    'dpv:hasStorageCondition': storageOf(told, { name, recipients }),
    'dpv:hasRecipient': recipientsOf(told, recipients),
    'dpv:hasConsentControl': {
      '@type': 'dpv:WithdrawConsent',
      'dpv:isExercisedAt': `mailto:${policy.controller.email}`,
    },
    'dpv:hasRight': rights.map((right) => ({
      '@type': ['dpv:DataSubjectRight', right],
      'dpv:isExercisedAt': `mailto:${policy.controller.email}`,
    })),
  }
}

type Named = readonly (readonly [string, Recipient])[]

/** Where data lie, with the controller and with those who process them for it, and for how long. */
function storageOf({ policy }: Told, { name, recipients }: { name: string; recipients: Named }): JsonValue[] {
  const { categories } = policy.purposes[name] as Purpose
  const processors = recipients.flatMap(([, { role, country }]) => (role === 'processor' ? [country] : []))
  const countries = [...new Set([policy.controller.address.country, ...processors])]
  return [
    { '@type': 'dpv:StorageLocation', 'dpv:hasLocation': countries.map(placeOf) },
    ...categories.map((each) => ({
      '@type': 'dpv:StorageDuration',
      'dpv:hasDuration': {
        '@type': 'dpv:UntilEventDuration',
        'rdf:value': texts(policy.retention[each]?.says ?? { en: '' }),
      },
    })),
  ]
}

const recipientsOf = (told: Told, recipients: Named): JsonValue[] => [
  partyOf(told, 'controller')['@id'],
  ...recipients.map(([key, { name: said, role, country }]) => ({
    ...partyOf(told, `recipient-${key}`),
    '@type': roles[role],
    'dpv:hasName': texts(said),
    'dpv:hasLocation': placeOf(country),
  })),
]

/** The European Patent Organisation is no country, and has no place in the list. */
const placeOf = (country: string): string =>
  country === 'EP' ? 'European Patent Organisation' : `loc:${country}`

const roles = {
  processor: 'dpv:DataProcessor',
  controller: 'dpv:ThirdParty',
  authority: 'dpv:Authority',
} as const satisfies Record<Recipient['role'], string>

/** Withdrawing, access, correction, erasure, restriction, portability, objection. */
const rights = ['A7-3', 'A15', 'A16', 'A17', 'A18', 'A20', 'A21', 'A77'].map(
  (article) => `eu-gdpr:${article}`,
)

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
    'dpv:isIndicatedBy': speakers[revokedBy ?? proxy?.role ?? 'person'],
    'dct:hasVersion': evidence?.policy ?? policyVersion,
    ...(evidence?.wording !== undefined && { 'dct:source': evidence.wording }),
    ...(evidence?.language !== undefined && { 'dct:language': evidence.language }),
    'dpv:hasDuration':
      expiresAt === undefined
        ? { '@type': 'dpv:UntilEventDuration', 'rdf:value': lasting }
        : { '@type': 'dpv:UntilTimeDuration', 'rdf:value': expiresAt },
  }
}
