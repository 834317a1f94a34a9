/**
 * The members that exported records must have, by the documents that define the formats. The lists were written down from
 * knowledge of those documents, which could not be read here: every row is unverified.
 */

export type FieldType = 'text' | 'iri' | 'moment' | 'seconds' | 'flag' | 'node' | 'list' | 'texts'

export interface RequiredField {
  /** What the document calls it. */
  readonly field: string
  /** Where it stands; `[]` for each of a list. */
  readonly at: string
  readonly type: FieldType
}

/** ISO/IEC TS 27560:2023 clause 6.3 (record header, processing, parties, events) in the DPV profile (unverified). */
export const recordFields: readonly RequiredField[] = [
  { field: 'schema version', at: 'dct:conformsTo', type: 'iri' },
  { field: 'record id', at: 'dct:identifier', type: 'text' },
  { field: 'record created', at: 'dct:created', type: 'moment' },
  { field: 'PII principal id', at: 'dpv:hasDataSubject/dct:identifier', type: 'text' },
  { field: 'privacy notice', at: 'dpv:hasNotice/@id', type: 'iri' },
  { field: 'language', at: 'dpv:hasNotice/dct:language', type: 'list' },
  { field: 'purpose', at: 'dpv:hasProcess/dpv:hasPurpose[]/@id', type: 'iri' },
  { field: 'purpose title', at: 'dpv:hasProcess/dpv:hasPurpose[]/dct:title', type: 'texts' },
  { field: 'lawful basis', at: 'dpv:hasProcess/dpv:hasLegalBasis[]', type: 'text' },
  { field: 'PII types', at: 'dpv:hasProcess/dpv:hasPersonalData[]/dct:title', type: 'texts' },
  { field: 'processing methods', at: 'dpv:hasProcess/dpv:hasProcessing[]', type: 'text' },
  {
    field: 'retention period',
    at: 'dpv:hasProcess/dpv:hasStorageCondition[]/dct:description',
    type: 'texts',
  },
  { field: 'third parties', at: 'dpv:hasProcess/dpv:hasRecipient', type: 'list' },
  { field: 'withdrawal method', at: 'dpv:hasProcess/dpv:hasConsentControl/dpv:hasContact', type: 'text' },
  { field: 'privacy rights', at: 'dpv:hasProcess/dpv:hasRight[]', type: 'text' },
  { field: 'jurisdiction', at: 'dpv:hasJurisdiction', type: 'text' },
  { field: 'PII controller', at: 'dpv:hasDataController/dpv:hasName', type: 'text' },
  { field: 'party address', at: 'dpv:hasDataController/dpv:hasAddress', type: 'text' },
  { field: 'party contact', at: 'dpv:hasDataController/dpv:hasContact[]', type: 'text' },
  { field: 'events', at: 'dpv:hasConsentStatus', type: 'list' },
]

/** Of each event (the same clause, "event"; unverified). */
export const eventFields: readonly RequiredField[] = [
  { field: 'event type', at: '@type[]', type: 'text' },
  { field: 'event id', at: 'dct:identifier', type: 'text' },
  { field: 'event time', at: 'dpv:isIndicatedAtTime', type: 'moment' },
  { field: 'event recorded', at: 'dct:created', type: 'moment' },
  { field: 'collection method', at: 'dpv:hasIndicationMethod', type: 'text' },
  { field: 'entity', at: 'dpv:isIndicatedBy', type: 'text' },
  { field: 'notice version', at: 'dct:hasVersion', type: 'text' },
]

/** Kantara Consent Receipt Specification 1.1.0, table 2 (unverified). */
export const receiptFields: readonly RequiredField[] = [
  { field: 'Version', at: 'version', type: 'text' },
  { field: 'Jurisdiction', at: 'jurisdiction', type: 'text' },
  { field: 'Consent Timestamp', at: 'consentTimestamp', type: 'seconds' },
  { field: 'Collection Method', at: 'collectionMethod', type: 'text' },
  { field: 'Consent Receipt ID', at: 'consentReceiptID', type: 'text' },
  { field: 'Public Key', at: 'publicKey', type: 'text' },
  { field: 'Language', at: 'language', type: 'text' },
  { field: 'PII Principal ID', at: 'piiPrincipalId', type: 'text' },
  { field: 'PII Controllers', at: 'piiControllers[]/piiController', type: 'text' },
  { field: 'PII Controller Contact', at: 'piiControllers[]/contact', type: 'text' },
  { field: 'PII Controller Address', at: 'piiControllers[]/address', type: 'node' },
  { field: 'PII Controller Email', at: 'piiControllers[]/email', type: 'text' },
  { field: 'PII Controller Phone', at: 'piiControllers[]/phone', type: 'text' },
  { field: 'Privacy Policy', at: 'policyUrl', type: 'iri' },
  { field: 'Service', at: 'services[]/service', type: 'text' },
  { field: 'Purpose', at: 'services[]/purposes[]/purpose', type: 'text' },
  { field: 'Purpose Category', at: 'services[]/purposes[]/purposeCategory[]', type: 'text' },
  { field: 'Consent Type', at: 'services[]/purposes[]/consentType', type: 'text' },
  { field: 'PII Categories', at: 'services[]/purposes[]/piiCategory[]', type: 'text' },
  { field: 'Primary Purpose', at: 'services[]/purposes[]/primaryPurpose', type: 'flag' },
  { field: 'Termination', at: 'services[]/purposes[]/termination', type: 'text' },
  { field: 'Third Party Disclosure', at: 'services[]/purposes[]/thirdPartyDisclosure', type: 'flag' },
  { field: 'Third Party Name', at: 'services[]/purposes[]/thirdPartyName', type: 'text' },
  { field: 'Sensitive PII', at: 'sensitive', type: 'flag' },
  { field: 'Sensitive PII Category', at: 'spiCat', type: 'list' },
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

/** What says of a value that it is of a type. */
export const isOf: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  iri: (value) => typeof value === 'string' && URL.canParse(value),
  moment: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  seconds: (value) => Number.isSafeInteger(value),
  flag: (value) => typeof value === 'boolean',
  node: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  list: Array.isArray,
  texts: (value) =>
    Array.isArray(value) &&
    value.every((each) => Object.hasOwn(each, '@value') && Object.hasOwn(each, '@language')),
}
