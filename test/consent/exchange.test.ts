import { consentReceiptType, type Policy, type RecordFormat } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  eventFields,
  isOf,
  type RequiredField,
  receiptFields,
  receiptOptions,
  recordFields,
  valuesAt,
} from './record-fields.ts'
import { collect, pilvi, scene, startedAt } from './scene.ts'

const subject = 'person-1'
const noticeUrl = 'https://pilvi.com/privacy'
const dpv = { format: 'dpv-27560', noticeUrl } as const
const kantara = { format: 'kantara', noticeUrl } as const
const about = { subject, purpose: 'telemarketing', by: 'link' } as const
type Json = Record<string, unknown>

/** A person of whom everything was said that can be said. */
async function told() {
  const made = pilvi()
  const { consent } = made.privacy
  await consent.give({
    ...about,
    expiresAt: '2027-06-01T00:00:00.000Z',
    evidence: { wording: 'screen-4', language: 'fi' },
  })
  await consent.renew({ ...about, expiresAt: '2028-06-01T00:00:00.000Z' })
  await consent.deny({
    ...about,
    purpose: 'market-research',
    by: 'phone',
    operator: 'agent-7',
    expiresAt: '2030-01-01T00:00:00.000Z',
  })
  await consent.refuse({ ...about, purpose: 'personal-research' })
  await consent.give({ ...about, purpose: 'quality-control' })
  await consent.withdraw({ ...about, purpose: 'quality-control' })
  await consent.revoke({
    ...about,
    purpose: 'development',
    by: 'letter',
    revokedBy: 'court',
    operator: 'agent-7',
  })
  return { ...made, consent }
}

function missing(record: unknown, fields: readonly RequiredField[]): string[] {
  return fields
    .filter(({ at, type }) => {
      const values = valuesAt(record, at)
      const is: (value: unknown) => boolean = isOf[type]
      return values.length === 0 || !values.every(is)
    })
    .map(({ field }) => field)
}

describe('records of ISO/IEC TS 27560', () => {
  it('have every required field, and so has each event', async () => {
    const { consent } = await told()
    const { records, omitted } = await consent.records(subject, dpv)
    expect(omitted).toEqual([])
    expect(records).toHaveLength(5)
    for (const record of records) {
      expect(missing(record, recordFields)).toEqual([])
      const events = ['dpv:hasConsentStatus[]', 'dpv:hasRecordOfActivity[]'].flatMap((at) =>
        valuesAt(record, at),
      )
      expect(events.length).toBeGreaterThan(0)
      for (const event of events) expect(missing(event, eventFields)).toEqual([])
    }
  })

  it('are missed by this test where a field is missing or of another type', async () => {
    const { consent } = await told()
    const [record] = (await consent.records(subject, dpv)).records
    for (const { field, at } of recordFields) {
      const [name = ''] = at.split(/[/[]/)
      expect(missing({ ...(record as Json), [name]: 1 }, recordFields)).toContain(field)
      const { [name]: _, ...rest } = record as Json
      expect(missing(rest, recordFields)).toContain(field)
    }
  })

  it('say what was said, as consent or as the exercise of the right to object', async () => {
    const { consent } = await told()
    const { records } = await consent.records(subject, dpv)
    const types = records.map((record) => [
      valuesAt(record, 'dpv:hasProcess/dpv:hasPurpose[]/@id')[0],
      ...['dpv:hasConsentStatus', 'dpv:hasRecordOfActivity'].flatMap((at) =>
        valuesAt(record, `${at}[]/@type`).map((type) => (type as string[])[1]),
      ),
    ])
    expect(types).toEqual([
      ['https://pilvi.com/ns/purposes#Telemarketing', 'dpv:ConsentGiven', 'dpv:RenewedConsentGiven'],
      ['https://pilvi.com/ns/purposes#MarketResearch', 'eu-gdpr:A21'],
      ['https://pilvi.com/ns/purposes#PersonDirectory', 'dpv:ConsentRefused'],
      ['https://pilvi.com/ns/purposes#QualityControl', 'dpv:ConsentGiven', 'dpv:ConsentWithdrawn'],
      ['https://pilvi.com/ns/purposes#Development', 'dpv:ConsentRevoked'],
    ])
  })
})

describe('receipts of Kantara 1.1.0', () => {
  it('have every field, for the one consent that counts; what is none is named', async () => {
    const { consent } = await told()
    const { records, omitted } = await consent.records(subject, kantara)
    expect(records).toHaveLength(1)
    const [receipt] = records
    expect(missing(receipt, [...receiptFields, ...receiptOptions])).toEqual([])
    expect(receipt).toMatchObject({
      version: 'KI-CR-v1.1.0',
      piiPrincipalId: subject,
      consentTimestamp: Date.parse(startedAt) / 1_000,
      consentReceiptID: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      sensitive: false,
      spiCat: [],
    })
    expect(valuesAt(receipt, 'services[]/purposes[]/termination')).toEqual(['2028-06-01T00:00:00.000Z'])
    expect(omitted).toEqual([
      { purpose: 'telemarketing', kind: 'given', why: 'not-in-force' },
      { purpose: 'market-research', kind: 'denied', why: 'no-consent' },
      { purpose: 'personal-research', kind: 'refused', why: 'no-consent' },
      { purpose: 'quality-control', kind: 'given', why: 'not-in-force' },
      { purpose: 'quality-control', kind: 'withdrawn', why: 'no-consent' },
      { purpose: 'development', kind: 'revoked', why: 'no-consent' },
    ])
  })

  it('name special categories and those who receive the data', async () => {
    const health = {
      label: { en: 'Health', fi: 'Terveys' },
      kind: 'special',
      holds: { en: 'x' },
      subjects: { en: 'x' },
      clause: 'c',
    } as const
    const study = { ...pilviPolicy.purposes.development, categories: ['health'] } as const
    const partner = { ...pilviPolicy.recipients['product-partner'], purposes: ['study'] } as const
    const policy: Policy = {
      ...pilviPolicy,
      categories: { ...pilviPolicy.categories, health },
      purposes: {
        ...pilviPolicy.purposes,
        study: { ...study, vocabulary: [{ iri: 'https://a.example/study', relation: 'own' }] },
      },
      recipients: { ...pilviPolicy.recipients, partner },
      retention: { ...pilviPolicy.retention, health: pilviPolicy.retention.contact },
    }
    const { privacy } = scene(policy)
    await privacy.consent.give({ ...about, purpose: 'study' })
    const receipt = await privacy.consent.receipt(subject, { ...kantara, language: 'fi' })
    expect(receipt.records[0]).toMatchObject({ sensitive: true, spiCat: ['Terveys'], language: 'fi' })
    expect(valuesAt(receipt.records[0], 'services[]/purposes[]/thirdPartyName')).toEqual([partner.name.fi])
  })
})

describe('what cannot be carried', () => {
  it('is named: a purpose that the policy has lost, or gives no IRI', async () => {
    const { privacy, backing } = pilvi()
    await privacy.consent.give(about)
    await privacy.consent.give({ ...about, purpose: 'development' })
    const { telemarketing: _, ...kept } = pilviPolicy.purposes
    const purposes = { ...kept, development: { ...kept.development, vocabulary: [] } }
    const other = scene<Policy>({ ...pilviPolicy, purposes }, { over: backing })
    for (const wanted of [dpv, kantara]) {
      const { records, omitted } = await other.privacy.consent.records(subject, wanted)
      expect(records).toEqual([])
      expect(omitted.map(({ why }) => why)).toEqual(['not-in-policy', 'no-iri'])
    }
  })

  it('is told of nobody else: no record holds an operator, another person or a key', async () => {
    const { consent, privacy } = await told()
    await consent.give({ ...about, subject: 'person-2' })
    for (const wanted of [dpv, kantara]) {
      const text = JSON.stringify(await consent.records(subject, wanted))
      for (const other of ['person-2', 'agent-7', 'pilvi/']) expect(text).not.toContain(other)
    }
    const { receipt } = privacy.consent
    expect((await receipt(subject, { ...dpv, language: 'en' })).text).not.toContain('agent-7')
  })

  it('of an erased person is everything', async () => {
    const { consent, erase } = await told()
    await erase(subject)
    expect(await consent.records(subject, dpv)).toEqual({ format: 'dpv-27560', records: [], omitted: [] })
  })
})

describe('a receipt', () => {
  it.each([
    [
      'en',
      'Telemarketing: You consented on 23 November 2026 (on a page or by a link), until 1 June 2027.',
      'You prohibited this',
    ],
    [
      'fi',
      'Puhelinmarkkinointi: annoit suostumuksen 23. marraskuuta 2026 (sivulla tai linkillä), päättyy 1. kesäkuuta 2027.',
      'kielsit tämän',
    ],
  ] as const)('says it in words (%s), and is signed', async (language, says, denied) => {
    const { consent, privacy } = await told()
    const receipt = await consent.receipt(subject, { ...dpv, language })
    expect(receipt.text).toContain(says)
    expect(receipt.text).toContain(denied)
    expect(receipt.text).toContain(noticeUrl)
    const { records, text, subject: whose } = await privacy.keys.verify(receipt.jws, consentReceiptType)
    expect([records, text, whose]).toEqual([receipt.records, receipt.text, subject])
    await expect(privacy.keys.verify(receipt.jws, 'pilvi-erasure-receipt+jws')).rejects.toThrow()
    await expect(privacy.tenant('shop').keys.verify(receipt.jws, consentReceiptType)).rejects.toThrow()
  })

  it('of nothing says so', async () => {
    const { privacy } = pilvi()
    const { text, records } = await privacy.consent.receipt('nobody', { ...dpv, language: 'en' })
    expect(text).toContain('Nothing has been recorded.')
    expect(records).toEqual([])
  })
})

const imported = (format: RecordFormat, records: readonly unknown[]) =>
  ({ format, subject, records, operator: 'agent-7' }) as const

describe('an import', () => {
  it('records each statement, as a list’s word with the digest of its record; and once', async () => {
    const { consent } = await told()
    const { records } = await consent.records(subject, dpv)
    const here = pilvi().privacy.consent
    const first = await here.importRecords(imported('dpv-27560', records))
    expect(first.unmapped).toEqual([])
    const kinds = first.recorded.map(({ kind, purpose, by }) => `${kind} ${purpose} ${by}`)
    expect(kinds).toEqual([
      'given telemarketing list-import',
      'renewed telemarketing list-import',
      'denied market-research list-import',
      'refused personal-research list-import',
      'given quality-control list-import',
      'withdrawn quality-control list-import',
      'revoked development list-import',
    ])
    for (const { evidence, operator } of first.recorded) {
      expect(evidence?.digest).toMatch(/^[0-9a-f]{64}$/)
      expect(operator).toBe('agent-7')
    }
    expect(first.recorded.at(-1)?.revokedBy).toBe('court')
    const again = await here.importRecords(imported('dpv-27560', records))
    expect(again).toEqual({ recorded: [], known: 7, unmapped: [] })
    expect(await consent.importRecords(imported('dpv-27560', records))).toMatchObject({
      recorded: [],
      known: 7,
    })
  })

  it('of what was said years ago keeps the moment it was said', async () => {
    const { privacy, environment } = pilvi()
    await privacy.consent.deny(about)
    const { records } = await privacy.consent.records(subject, dpv)
    const here = pilvi()
    here.environment.set('2031-01-01T00:00:00.000Z')
    const { recorded } = await here.privacy.consent.importRecords(imported('dpv-27560', records))
    expect(recorded[0]?.effectiveAt).toBe(startedAt)
    expect(environment.now()).toBe(startedAt)
  })

  it('takes a Kantara receipt as a consent, until its end', async () => {
    const { consent } = await told()
    const { records } = await consent.records(subject, kantara)
    const here = pilvi().privacy.consent
    const { recorded, unmapped } = await here.importRecords(imported('kantara', records))
    expect(unmapped).toEqual([])
    expect(recorded).toEqual([
      expect.objectContaining({
        kind: 'given',
        purpose: 'telemarketing',
        by: 'list-import',
        effectiveAt: startedAt,
        expiresAt: '2028-06-01T00:00:00.000Z',
      }),
    ])
    const ask = { subject, purpose: 'telemarketing', channel: 'sms' } as const
    expect((await here.decide(ask)).because[0].rule).toBe('consent.listed')
  })

  it('lifts no denial: a consent in a record is a list’s word', async () => {
    const { consent } = await told()
    const here = pilvi().privacy.consent
    await here.deny(about)
    for (const wanted of [dpv, kantara]) {
      const { records } = await consent.records(subject, wanted)
      await here.importRecords(imported(wanted.format, records))
    }
    expect((await here.decide({ subject, purpose: 'telemarketing', channel: 'phone' })).because[0].rule).toBe(
      'consent.denied',
    )
  })

  const given = (more: Json = {}, status: Json = {}): Json => ({
    '@type': 'dpv:ConsentRecord',
    'dpv:hasDataSubject': { 'dct:identifier': subject },
    'dpv:hasProcess': { 'dpv:hasPurpose': 'https://pilvi.com/ns/purposes#Telemarketing' },
    'dpv:hasConsentStatus': {
      '@type': 'dpv:ConsentGiven',
      'dpv:isIndicatedAtTime': '2020-05-01T12:00:00+03:00',
      ...status,
    },
    ...more,
  })
  const purposes = (...iris: string[]) => ({
    'dpv:hasProcess': { 'dpv:hasPurpose': iris.map((iri) => ({ '@id': iri })) },
  })
  const own = (name: string) => `https://pilvi.com/ns/purposes#${name}`

  it.each<[name: string, record: unknown, result: string]>([
    ['its least form', given(), 'given telemarketing 2020-05-01T09:00:00.000Z'],
    [
      'names in full',
      {
        '@type': 'https://w3id.org/dpv#ConsentRecord',
        'https://w3id.org/dpv#hasDataSubject': { 'http://purl.org/dc/terms/identifier': subject },
        'https://w3id.org/dpv#hasProcess': [
          { 'https://w3id.org/dpv#hasPurpose': [{ '@id': own('Telemarketing') }] },
        ],
        'https://w3id.org/dpv#hasConsentStatus': [
          {
            '@type': ['https://w3id.org/dpv#ConsentRefused'],
            'https://w3id.org/dpv#isIndicatedAtTime': '2020-05-01T09:00Z',
          },
        ],
      },
      'refused telemarketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'a context by its address',
      given({ '@context': 'https://w3id.org/dpv/schema/dpv-27560' }),
      'given telemarketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'a prefixed purpose',
      given(purposes('dpv:DirectMarketing')),
      'given direct-marketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'an invalidated consent',
      given({}, { '@type': 'dpv:ConsentInvalidated' }),
      'revoked telemarketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'a consent to both purposes under one name',
      given(purposes(own('PersonDirectory'), own('GenealogicalResearch'))),
      'given personal-research 2020-05-01T09:00:00.000Z',
    ],
    ['a consent to one of two purposes under one name', given(purposes(own('PersonDirectory'))), 'purpose'],
    [
      'a no to one of two purposes under one name',
      given(purposes(own('PersonDirectory')), { '@type': 'dpv:ConsentRefused' }),
      'refused personal-research 2020-05-01T09:00:00.000Z',
    ],
    [
      'a denial of what cannot be denied',
      given({
        ...purposes(own('Development')),
        'dpv:hasConsentStatus': { '@type': 'eu-gdpr:A21', 'dpv:isIndicatedAtTime': '2020-05-01T09:00:00Z' },
      }),
      'not-deniable',
    ],
    [
      'a denial whose end cannot be read',
      given({}, { '@type': 'eu-gdpr:A21', 'dpv:hasDuration': 'P1Y' }),
      'denied telemarketing 2020-05-01T09:00:00.000Z',
    ],
    ['a consent whose end cannot be read', given({}, { 'dpv:hasDuration': 'P1Y' }), 'termination'],
    [
      'a consent that ends before it begins',
      given({}, { 'dpv:hasDuration': { 'rdf:value': '2019-01-01T00:00:00Z' } }),
      'termination',
    ],
    ['a renewal of nothing', given({}, { '@type': 'dpv:RenewedConsentGiven' }), 'no-consent'],
    ['a related purpose', given(purposes('https://w3id.org/dpv#CommercialResearch')), 'purpose'],
    ['no purpose', given({ 'dpv:hasProcess': [] }), 'purpose'],
    ['a purpose that every object has', given(purposes('__proto__', 'constructor')), 'purpose'],
    ['a consent that was only asked for', given({}, { '@type': 'dpv:ConsentRequested' }), 'status'],
    [
      'two statuses in one: the stricter',
      given({}, { '@type': ['dpv:ConsentGiven', 'dpv:ConsentWithdrawn'] }),
      'withdrawn telemarketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'a yes and a question in one',
      given({}, { '@type': ['dpv:ConsentGiven', 'dpv:ConsentRequested'] }),
      'status',
    ],
    ['a yes and what is no name in one', given({}, { '@type': ['dpv:ConsentGiven', 7] }), 'status'],
    [
      'a typed moment',
      given({}, { 'dpv:isIndicatedAtTime': { '@type': 'xsd:dateTime', '@value': '2020-05-01T09:00:00Z' } }),
      'given telemarketing 2020-05-01T09:00:00.000Z',
    ],
    [
      'a moment of another type',
      given({}, { 'dpv:isIndicatedAtTime': { '@type': 'xsd:gYear', '@value': '2020-05-01T09:00:00Z' } }),
      'time',
    ],
    [
      'two moments',
      given({}, { 'dpv:isIndicatedAtTime': ['2020-05-01T09:00:00Z', '2020-05-02T09:00:00Z'] }),
      'time',
    ],
    [
      'a day: of a yes its end',
      given({}, { 'dpv:isIndicatedAtTime': '2020-05-01' }),
      'given telemarketing 2020-05-01T20:59:59.999Z',
    ],
    [
      'a day: of a no its beginning',
      given(
        {},
        {
          '@type': 'dpv:ConsentRefused',
          'dpv:isIndicatedAtTime': { '@type': 'xsd:date', '@value': '2020-05-01' },
        },
      ),
      'refused telemarketing 2020-04-30T21:00:00.000Z',
    ],
    ['a moment of recording that cannot be read', given({}, { 'dct:created': 'then' }), 'time'],
    ['no status', given({ 'dpv:hasConsentStatus': [] }), 'status'],
    ['a status that is no object', given({ 'dpv:hasConsentStatus': ['dpv:ConsentGiven'] }), 'status'],
    ['no moment', given({}, { 'dpv:isIndicatedAtTime': 'yesterday' }), 'time'],
    ['a moment without a zone', given({}, { 'dpv:isIndicatedAtTime': '2020-05-01T12:00:00' }), 'time'],
    ['a moment that no calendar has', given({}, { 'dpv:isIndicatedAtTime': '2020-13-01T12:00:00Z' }), 'time'],
    ['a moment ahead', given({}, { 'dpv:isIndicatedAtTime': '2030-05-01T12:00:00Z' }), 'time'],
    [
      'another person',
      given({ 'dpv:hasDataSubject': { 'dct:identifier': 'person-2' } }),
      'another-principal',
    ],
    ['nobody', given({ 'dpv:hasDataSubject': [] }), 'another-principal'],
    ['another type', given({ '@type': 'dpv:Notice' }), 'not-a-record'],
    ['a text', 'dpv:ConsentRecord', 'not-a-record'],
    ['a list', [given()], 'not-a-record'],
    ['null', null, 'not-a-record'],
    ['a context that moves a prefix', given({ '@context': { dpv: 'https://evil.example/' } }), 'context'],
    [
      'a context that renames a member',
      given({ '@context': { 'dpv:ConsentGiven': 'dpv:ConsentRefused' } }),
      'context',
    ],
    [
      'a context with a vocabulary of its own',
      given({ '@context': { '@vocab': 'https://evil.example/' } }),
      'context',
    ],
    ['a context from elsewhere', given({ '@context': ['https://evil.example/context'] }), 'context'],
  ])('of 27560: %s', async (_, record, result) => {
    const { consent } = pilvi().privacy
    const { recorded, unmapped } = await consent.importRecords(imported('dpv-27560', [record]))
    const found = [
      ...recorded.map(({ kind, purpose, effectiveAt }) => `${kind} ${purpose} ${effectiveAt}`),
      ...unmapped.map(({ reason }) => reason),
    ]
    expect(found).toEqual([result])
  })

  const receipt = (more: Json = {}, purpose: Json = {}): Json => ({
    version: 'KI-CR-v1.1.0',
    piiPrincipalId: subject,
    consentTimestamp: 1_588_323_600,
    services: [
      {
        service: 's',
        purposes: [
          {
            consentType: 'EXPLICIT',
            purposeCategory: [own('Telemarketing')],
            termination: 'until withdrawn',
            ...purpose,
          },
        ],
      },
    ],
    ...more,
  })

  it.each<[name: string, record: unknown, result: string]>([
    ['its least form', receipt(), 'given telemarketing'],
    ['with an end', receipt({}, { termination: '2030-01-01T00:00:00Z' }), 'given telemarketing'],
    ['an implied consent', receipt({}, { consentType: 'IMPLICIT' }), 'not-explicit'],
    ['an end in words', receipt({}, { termination: 'one year after the contract' }), 'termination'],
    ['no end', receipt({}, { termination: null }), 'termination'],
    ['an end before its beginning', receipt({}, { termination: '2000-01-01T00:00:00Z' }), 'termination'],
    ['a category of the format’s own', receipt({}, { purposeCategory: ['Marketing'] }), 'purpose'],
    ['no services', receipt({ services: [] }), 'purpose'],
    ['another version', receipt({ version: 'KI-CR-v1.0.0' }), 'not-a-record'],
    ['no object', 7, 'not-a-record'],
    ['another person', receipt({ piiPrincipalId: 'person-2' }), 'another-principal'],
    ['a moment in words', receipt({ consentTimestamp: '2020' }), 'time'],
    ['a moment before all', receipt({ consentTimestamp: -1 }), 'time'],
    ['a moment beyond all', receipt({ consentTimestamp: 1e300 }), 'time'],
    ['a moment ahead', receipt({ consentTimestamp: 4_000_000_000 }), 'time'],
  ])('of Kantara: %s', async (_, record, result) => {
    const { consent } = pilvi().privacy
    const { recorded, unmapped } = await consent.importRecords(imported('kantara', [record]))
    expect([
      ...recorded.map(({ kind, purpose }) => `${kind} ${purpose}`),
      ...unmapped.map(({ reason }) => reason),
    ]).toEqual([result])
  })

  it('under the name that the records have for the person', async () => {
    const { consent } = pilvi().privacy
    const record = receipt({ piiPrincipalId: 'theirs-9' })
    const { recorded } = await consent.importRecords({
      ...imported('kantara', [record]),
      principal: 'theirs-9',
    })
    expect(recorded).toHaveLength(1)
  })

  it('a denial of what rests on consent and cannot be denied is a withdrawal', async () => {
    const { interest: _, ...rest } = pilviPolicy.purposes.development
    const newsletter = {
      ...rest,
      legalBasis: 'consent',
      consentBy: 'opt-in',
      vocabulary: [{ iri: own('News'), relation: 'own' }],
    } as const
    const { privacy } = scene<Policy>({ ...pilviPolicy, purposes: { ...pilviPolicy.purposes, newsletter } })
    const denied = given(purposes(own('News')), { '@type': 'eu-gdpr:A21' })
    const { recorded } = await privacy.consent.importRecords(imported('dpv-27560', [denied]))
    expect(recorded.map(({ kind }) => kind)).toEqual(['withdrawn'])
  })

  it('prototype pollution in imported JSON-LD: nothing is reached, and nothing is changed', async () => {
    const { consent } = pilvi().privacy
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":true,"@type":"dpv:ConsentRecord"},"constructor":{"prototype":{"polluted":true}},' +
        '"@type":"dpv:ConsentRecord","dpv:hasDataSubject":{"__proto__":{"dct:identifier":"person-1"}},' +
        '"dpv:hasConsentStatus":{"__proto__":{"@type":"dpv:ConsentGiven"}}}',
    )
    const { recorded, unmapped } = await consent.importRecords(imported('dpv-27560', [hostile]))
    expect([recorded, unmapped.map(({ reason }) => reason)]).toEqual([[], ['another-principal']])
    expect(({} as Json).polluted).toBeUndefined()
  })

  it('what is no JSON, too deep or too large is refused', async () => {
    const { consent } = pilvi().privacy
    let deep: unknown = 1
    for (let i = 0; i < 100; i++) deep = [deep]
    for (const records of [[deep], ['x'.repeat(1_100_000)], [undefined], Array(1_001).fill(null)]) {
      await expect(consent.importRecords(imported('dpv-27560', records))).rejects.toMatchObject({
        name: 'InvalidInput',
      })
    }
  })

  it('any JSON is read without an error, and what is not carried is named', async () => {
    const { consent } = pilvi().privacy
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<RecordFormat>('dpv-27560', 'kantara'),
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        async (format, records) => {
          const { recorded, unmapped } = await consent.importRecords(
            imported(format, JSON.parse(JSON.stringify(records))),
          )
          expect(recorded).toEqual([])
          expect(unmapped.length).toBeGreaterThanOrEqual(records.length)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('from one system to another', () => {
  const names = ['direct-marketing', 'telemarketing', 'market-research', 'personal-research'] as const
  const channels = ['phone', 'email', 'post', 'none'] as const
  const statement = fc.record({
    verb: fc.constantFrom('give', 'give', 'give', 'renew', 'deny', 'refuse', 'withdraw'),
    purpose: fc.constantFrom(...names),
    by: fc.constantFrom('link', 'link', 'email', 'list-import'),
    wait: fc.nat(3),
    ends: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    earlier: fc.nat(5),
  })
  const day = 24 * 3_600_000
  const at = (days: number) => new Date(Date.parse(startedAt) + days * day).toISOString() as typeof startedAt

  it('nothing is permitted that was not, and where no consent had to outweigh a no all is the same', async () => {
    let same = 0
    let permits = 0
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { maxLength: 8 }), fc.nat(40), async (said, after) => {
        const from = pilvi()
        let now = 0
        let noes = 0
        for (const { verb, purpose, by, wait, ends, earlier } of said) {
          now += wait
          from.environment.set(at(now))
          const ending = ends !== undefined && (verb === 'give' || verb === 'renew' || verb === 'deny')
          const given = {
            subject,
            purpose,
            by,
            operator: 'agent-7',
            effectiveAt: at(now - earlier),
            ...(ending && { expiresAt: at(now + ends) }),
          }
          const done = await from.privacy.consent[verb as 'give'](given as never).catch((error) => error)
          noes += verb === 'give' || verb === 'renew' || done instanceof Error ? 0 : 1
        }
        const { records, omitted } = await from.privacy.consent.records(subject, dpv)
        expect(omitted).toEqual([])
        const to = pilvi()
        to.environment.set(at(now))
        await to.privacy.consent.importRecords(imported('dpv-27560', JSON.parse(JSON.stringify(records))))
        for (const { environment } of [from, to]) environment.set(at(now + after))
        for (const purpose of names) {
          for (const channel of channels) {
            const [there, here] = await Promise.all(
              [from, to].map(({ privacy }) => privacy.consent.decide({ subject, purpose, channel })),
            )
            if (here?.outcome === 'permit') expect(there?.outcome).toBe('permit')
            if (there?.outcome === 'permit') permits++
            if (noes > 0 || said.some(({ verb }) => verb === 'renew')) continue
            const lists = new Set(said.map(({ by }) => by === 'list-import'))
            if (lists.size > 1) continue
            expect(here?.outcome).toBe(there?.outcome)
            same++
          }
        }
      }),
      { numRuns: 150 },
    )
    expect(Math.min(same, permits)).toBeGreaterThan(50)
  })

  it('a renewal whose term has run out since ends the consent there as here', async () => {
    const from = pilvi()
    await from.privacy.consent.give(about)
    await from.privacy.consent.renew({ ...about, expiresAt: at(1) })
    const { records } = await from.privacy.consent.records(subject, dpv)
    const to = pilvi()
    to.environment.set(at(2))
    const { unmapped } = await to.privacy.consent.importRecords(imported('dpv-27560', records))
    expect(unmapped).toEqual([])
    const ask = { subject, purpose: 'telemarketing', channel: 'sms' } as const
    expect((await to.privacy.consent.decide(ask)).because[0].rule).toBe('consent.expired')
  })

  it('a person’s list is the same as before, but for how each statement came', async () => {
    const { consent } = await told()
    const here = pilvi().privacy.consent
    await here.importRecords(imported('dpv-27560', (await consent.records(subject, dpv)).records))
    const heads = async (of: typeof here) =>
      (await collect(of.list(subject))).map(({ kind, purpose, effectiveAt, expiresAt }) => ({
        kind,
        purpose,
        effectiveAt,
        expiresAt,
      }))
    expect(await heads(here)).toEqual(await heads(consent))
  })
})
