/**
 * The members that exported records must have, by the documents that define the formats: the tables of the guide to the
 * DPV profile (https://w3id.org/dpv/guides/consent-27560, sections "DPV-27560 Consent Record" and "Mappings of Terms"), and
 * the JSON schema of consent receipts 1.1.0 (`CR_v1_1` of the Kantara Initiative's consent-receipt-v-next).
 */

export type FieldType = keyof typeof isOf

export interface RequiredField {
  /** What the document calls it. */
  readonly field: string
  /** Where it stands; `[]` for each of a list. */
  readonly at: string
  readonly type: FieldType
}

/** What the profile requires of a record, and what its table requires where the GDPR applies. */
export const recordFields: readonly RequiredField[] = [
  { field: 'schema version', at: 'dct:conformsTo', type: 'iri' },
  { field: 'record id', at: 'dct:identifier', type: 'text' },
  { field: 'PII principal id', at: 'dpv:hasDataSubject/dct:identifier', type: 'text' },
  { field: 'privacy notice', at: 'dpv:hasNotice/@id', type: 'iri' },
  { field: 'privacy notice, for consent', at: 'dpv:hasNotice/@type', type: 'consent notice' },
  { field: 'language', at: 'dpv:hasNotice/dct:language', type: 'list' },
  { field: 'process', at: 'dpv:hasProcess/@type', type: 'process' },
  { field: 'purpose', at: 'dpv:hasProcess/dpv:hasPurpose[]/@id', type: 'iri' },
  { field: 'lawful basis', at: 'dpv:hasProcess/dpv:hasLegalBasis[]', type: 'text' },
  { field: 'PII type', at: 'dpv:hasProcess/dpv:hasPersonalData[]/dct:title', type: 'texts' },
  { field: 'PII controllers', at: 'dpv:hasProcess/dpv:hasDataController', type: 'iri' },
  { field: 'processing method', at: 'dpv:hasProcess/dpv:hasProcessing[]', type: 'text' },
  {
    field: 'storage locations and retention period',
    at: 'dpv:hasProcess/dpv:hasStorageCondition',
    type: 'storage',
  },
  { field: 'jurisdiction', at: 'dpv:hasJurisdiction', type: 'text' },
  { field: 'recipients', at: 'dpv:hasProcess/dpv:hasRecipient[]', type: 'party' },
  {
    field: 'withdrawal method',
    at: 'dpv:hasProcess/dpv:hasConsentControl/dpv:isExercisedAt',
    type: 'iri',
  },
  { field: 'privacy rights', at: 'dpv:hasProcess/dpv:hasRight[]/dpv:isExercisedAt', type: 'iri' },
  { field: 'party id', at: 'dpv:hasDataController/dpv:hasIdentifier', type: 'iri' },
  { field: 'party role', at: 'dpv:hasDataController/@type', type: 'controller' },
  { field: 'party name', at: 'dpv:hasDataController/dpv:hasName', type: 'text' },
  { field: 'party address', at: 'dpv:hasDataController/dpv:hasAddress', type: 'text' },
  { field: 'party contact', at: 'dpv:hasDataController/dpv:hasContact[]', type: 'text' },
]

/** Of each event, what the profile's table "Consent Event Fields" requires; the type of consent is the legal basis. */
export const eventFields: readonly RequiredField[] = [
  { field: 'consent state', at: '@type[]', type: 'text' },
  { field: 'event time', at: 'dpv:isIndicatedAtTime', type: 'moment' },
  { field: 'event duration', at: 'dpv:hasDuration/@type', type: 'text' },
  { field: 'event duration, its end', at: 'dpv:hasDuration/rdf:value', type: 'text' },
  { field: 'expression by entity', at: 'dpv:isIndicatedBy', type: 'speaker' },
]

/** What the schema of receipts requires; the third party's name only where there is one. */
export const receiptFields: readonly RequiredField[] = [
  { field: 'Version', at: 'version', type: 'text' },
  { field: 'Jurisdiction', at: 'jurisdiction', type: 'text' },
  { field: 'Consent Timestamp', at: 'consentTimestamp', type: 'seconds' },
  { field: 'Collection Method', at: 'collectionMethod', type: 'text' },
  { field: 'Consent Receipt ID', at: 'consentReceiptID', type: 'text' },
  { field: 'PII Principal ID', at: 'piiPrincipalId', type: 'text' },
  { field: 'PII Controllers', at: 'piiControllers[]/piiController', type: 'text' },
  { field: 'PII Controller Contact', at: 'piiControllers[]/contact', type: 'text' },
  { field: 'PII Controller Address', at: 'piiControllers[]/address', type: 'node' },
  { field: 'PII Controller Email', at: 'piiControllers[]/email', type: 'text' },
  { field: 'PII Controller Phone', at: 'piiControllers[]/phone', type: 'string' },
  { field: 'Privacy Policy', at: 'policyUrl', type: 'iri' },
  { field: 'Service', at: 'services[]/service', type: 'text' },
  { field: 'Purpose Category', at: 'services[]/purposes[]/purposeCategory[]', type: 'text' },
  { field: 'Consent Type', at: 'services[]/purposes[]/consentType', type: 'text' },
  { field: 'PII Categories', at: 'services[]/purposes[]/piiCategory[]', type: 'text' },
  { field: 'Termination', at: 'services[]/purposes[]/termination', type: 'text' },
  { field: 'Third Party Disclosure', at: 'services[]/purposes[]/thirdPartyDisclosure', type: 'flag' },
  { field: 'Third Party Name', at: 'services[]/purposes[]', type: 'third party' },
  { field: 'Sensitive PII', at: 'sensitive', type: 'flag' },
  { field: 'Sensitive PII Category', at: 'spiCat', type: 'list' },
]

/** Optional members of a receipt, which have a type where they are there. */
export const receiptOptions: readonly RequiredField[] = [
  { field: 'Public Key', at: 'publicKey', type: 'text' },
  { field: 'Language', at: 'language', type: 'text' },
  { field: 'Purpose', at: 'services[]/purposes[]/purpose', type: 'text' },
  { field: 'Primary Purpose', at: 'services[]/purposes[]/primaryPurpose', type: 'flag' },
]

/** Every value at a place; none where any part of the way is missing. */
export function valuesAt(value: unknown, at: string): unknown[] {
  if (at === '') return [value]
  const [, name = '', list = '', rest = ''] = /^([^/[]+)(\[\])?\/?(.*)$/.exec(at) ?? []
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return []
  const member = (value as Record<string, unknown>)[name]
  if (list === '') return valuesAt(member, rest)
  return Array.isArray(member) ? member.flatMap((each) => valuesAt(each, rest)) : []
}

const hasText = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'string'

const isOneOf =
  (...names: string[]) =>
  (value: unknown) =>
    names.includes(value as string)

/** What says of a value that it is of a type. */
export const isOf = {
  text: (value) => typeof value === 'string' && value !== '',
  /** May be empty: not every controller has a telephone. */
  string: (value) => typeof value === 'string',
  iri: (value) => typeof value === 'string' && URL.canParse(value),
  moment: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  seconds: (value) => Number.isSafeInteger(value),
  flag: (value) => typeof value === 'boolean',
  node: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  list: Array.isArray,
  texts: (value) =>
    Array.isArray(value) &&
    value.every((each) => Object.hasOwn(each, '@value') && Object.hasOwn(each, '@language')),
  'consent notice': isOneOf('dpv:ConsentNotice'),
  process: isOneOf('dpv:Process'),
  controller: isOneOf('dpv:DataController'),
  speaker: isOneOf(
    'dpv:DataSubject',
    'dpv:DataController',
    'dpv:DataProtectionAuthority',
    'dpv:Authority',
    'dpv:GuardianOfDataSubject',
    'dpv:LegallyAuthorisedRepresentative',
    'dpv:AuthorisedRepresentative',
  ),
  /** A place and an end of each: the one is no stand-in for the other. */
  storage: (value) =>
    Array.isArray(value) &&
    ['dpv:StorageLocation/dpv:hasLocation[]', 'dpv:StorageDuration/dpv:hasDuration/rdf:value'].every(
      (way) => {
        const [type, at = ''] = [way.slice(0, way.indexOf('/')), way.slice(way.indexOf('/') + 1)]
        const of = value.filter((each) => (each as Record<string, unknown>)['@type'] === type)
        return of.length > 0 && of.every((each) => valuesAt(each, at).length > 0)
      },
    ),
  /** The name of a party that is described elsewhere in the record, or a description with an identifier and a name. */
  party: (value) =>
    typeof value === 'string' ||
    (hasText(value, 'dpv:hasIdentifier') &&
      hasText(value, '@type') &&
      Array.isArray((value as Record<string, unknown>)['dpv:hasName'])),
  'third party': (value) =>
    (value as Record<string, unknown>)['thirdPartyDisclosure'] === false || hasText(value, 'thirdPartyName'),
} as const satisfies Record<string, (value: unknown) => boolean>
