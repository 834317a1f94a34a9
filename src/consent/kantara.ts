/**
 * Consent receipts of the Kantara Initiative, version 1.1.0: one receipt for each consent that counts, with every member
 * that its JSON schema requires.
 *
 * The format knows consents and nothing else: a no, and a consent that a later no outweighs, are named as omitted. A
 * purpose stands in `purposeCategory` by its IRIs, since the format's own categories are too wide to say what was consented
 * to; the end of a consent stands in `termination` as a moment. On import a consent that is not explicit is none, and one
 * whose end cannot be read is not taken: it could have ended.
 */

import { instant } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { digestOf } from '../keys/digest.ts'
import type { Language, Policy, Purpose, Text } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import {
  type Carried,
  type ExportedRecords,
  irisOf,
  type Lost,
  listOf,
  memberOf,
  momentOf,
  nodeOf,
  type Omitted,
  purposeOf,
  purposesBy,
  type Told,
} from './exchange.ts'
import type { ConsentEvent, Standing } from './model.ts'
import { consentTo } from './noes.ts'

/** What receipts say besides: what counts at a moment, in which language, and the key that signs them. */
export interface Receipts extends Told {
  readonly standing: Standing
  readonly at: Instant
  readonly language: Language
  /** The public key, as a JWK in JSON. */
  readonly publicKey: string
}

const kantaraVersion = 'KI-CR-v1.1.0'
const lasting = 'until withdrawn'

/** A person's receipts. */
export function kantaraReceipts(told: Receipts): ExportedRecords {
  const omitted: Omitted[] = []
  const records: JsonValue[] = []
  for (const event of told.events) {
    const why = omission(told, event)
    if (why === null) records.push(receipt(told, event))
    else omitted.push({ purpose: event.purpose, kind: event.kind, why })
  }
  return { format: 'kantara', records, omitted }
}

function omission(told: Receipts, { kind, purpose: name, id }: ConsentEvent): Omitted['why'] | null {
  const purpose = purposeOf(told.policy, name)
  if (purpose === undefined) return 'not-in-policy'
  if (kind !== 'given' && kind !== 'renewed') return 'no-consent'
  if (irisOf(purpose).length === 0) return 'no-iri'
  return consentTo(told, name)?.event === id ? null : 'not-in-force'
}

function receipt(told: Receipts, event: ConsentEvent): JsonValue {
  const { policy, subject, noticeUrl, language, publicKey } = told
  const { categories } = policy.purposes[event.purpose] as Purpose
  const special = categories.filter((each) => policy.categories[each]?.kind === 'special')
  return {
    version: kantaraVersion,
    jurisdiction: policy.jurisdiction,
    // The moment of the consent itself: a renewal only gives it a new term.
    consentTimestamp: Math.floor(Date.parse(consentTo(told, event.purpose)?.at ?? event.effectiveAt) / 1_000),
    collectionMethod: event.by,
    consentReceiptID: receiptId(event.id),
    publicKey,
    language,
    piiPrincipalId: subject,
    piiControllers: [controllerOf(policy)],
    policyUrl: noticeUrl,
    services: [{ service: said(policy.controller.register, language), purposes: [purposeIn(told, event)] }],
    sensitive: special.length > 0,
    spiCat: special.map((each) => categoryLabel(policy, { category: each, language })),
  }
}

const said = (text: Text, language: Language): string => text[language] ?? text.en

/** A UUID (RFC 9562, version 8) that stands for the event's id and does not show it. */
function receiptId(id: string): string {
  const hex = digestOf(['kantara', id])
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

const controllerOf = ({ controller: { name, address, email, phone } }: Policy): JsonValue => ({
  piiController: name,
  contact: email,
  address: {
    streetAddress: address.street,
    postalCode: address.postalCode,
    addressLocality: address.city,
    addressCountry: address.country,
  },
  email,
  phone: phone ?? '',
})

const categoryLabel = (
  { categories }: Policy,
  { category, language }: { category: string; language: Language },
): string => said(categories[category]?.label ?? { en: category }, language)

function purposeIn({ policy, language }: Receipts, { purpose: name, expiresAt }: ConsentEvent): JsonValue {
  const purpose = policy.purposes[name] as Purpose
  const others = Object.values(policy.recipients).filter(
    ({ purposes, role }) => role !== 'processor' && purposes.includes(name),
  )
  return {
    purpose: said(purpose.label, language),
    purposeCategory: irisOf(purpose),
    consentType: 'EXPLICIT',
    piiCategory: purpose.categories.map((category) => categoryLabel(policy, { category, language })),
    primaryPurpose: purpose.marketing !== true,
    termination: expiresAt ?? lasting,
    thirdPartyDisclosure: others.length > 0,
    thirdPartyName: others.map((each) => said(each.name, language)).join('; '),
  }
}

type Node = Readonly<Record<string, JsonValue>>

/** What imported receipts say of a person. */
export function readKantara(
  policy: Policy,
  { records, principal }: { readonly records: readonly JsonValue[]; readonly principal: string },
): (Carried | Lost)[] {
  return records.flatMap((value, i) => consentsOf(policy, { value, principal, path: `records[${i}]` }))
}

function consentsOf(
  policy: Policy,
  { value, principal, path }: { value: JsonValue; principal: string; path: string },
): (Carried | Lost)[] {
  const node = nodeOf(value)
  if (memberOf(node, 'version') !== kantaraVersion) return [{ path, reason: 'not-a-record', lost: 'unclear' }]
  if (memberOf(node, 'piiPrincipalId') !== principal)
    return [{ path, reason: 'another-principal', lost: 'unclear' }]
  const seconds = memberOf(node, 'consentTimestamp')
  const latest = 253_402_300_799
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= latest))
    return [{ path, reason: 'time', lost: 'unclear' }]
  const effectiveAt = instant(Math.floor(seconds) * 1_000)
  const services = listOf(memberOf(node, 'services')).map(nodeOf)
  const named = services.flatMap((service, i) =>
    listOf(memberOf(service, 'purposes')).map((purpose, j) => ({
      node: nodeOf(purpose),
      path: `${path}.services[${i}].purposes[${j}]`,
    })),
  )
  if (named.length === 0) return [{ path, reason: 'purpose', lost: 'unclear' }]
  return named.flatMap((each) => consentsIn(policy, { ...each, effectiveAt }))
}

function consentsIn(
  policy: Policy,
  { node, path, effectiveAt }: { node: Node | null; path: string; effectiveAt: Instant },
): (Carried | Lost)[] {
  if (memberOf(node, 'consentType') !== 'EXPLICIT') return [{ path, reason: 'not-explicit', lost: 'yes' }]
  const termination = memberOf(node, 'termination')
  const expiresAt = momentOf(termination)
  if (expiresAt === null ? termination !== lasting : expiresAt <= effectiveAt)
    return [{ path, reason: 'termination', lost: 'unclear' }]
  const iris = listOf(memberOf(node, 'purposeCategory')).filter((iri) => typeof iri === 'string')
  const purposes = purposesBy(policy, { iris, kind: 'given' })
  if (purposes.length === 0) return [{ path, reason: 'purpose', lost: 'yes' }]
  const times = { effectiveAt, recorded: effectiveAt, ...(expiresAt !== null && { expiresAt }) }
  return purposes.map((purpose) => ({ path, kind: 'given', purpose, ...times }))
}
