/**
 * What Pilvi uses data for, who receives them and what is published ("Use log", "Disclosure", "Right for denial").
 *
 * Channels follow the Finnish rule: post and live calls unless denied; e-mail, SMS and automated calls with consent.
 * Market research and personal research are denied absolutely by the policy's own promise, marketing by the GDPR.
 * The subcontractor in the United States rests on the framework that the written policy names, the Privacy Shield:
 * since 16 July 2020 every transfer to it is denied, and `lintPolicy` says so.
 */

import type { Publications, Purpose, Recipient, TransferGround } from '../model.ts'
import { clauses } from './clauses.ts'

const dpv = <const T extends string>(term: T): `https://w3id.org/dpv#${T}` => `https://w3id.org/dpv#${term}`
const own = <const T extends string>(term: T): `https://pilvi.com/ns/purposes#${T}` =>
  `https://pilvi.com/ns/purposes#${term}`

const channels = {
  post: 'unless-denied',
  phone: 'unless-denied',
  'in-person': 'unless-denied',
  email: 'consent',
  sms: 'consent',
  'automated-call': 'consent',
} as const

const promised = { absolute: true, law: 'the policy’s own promise, "Right for denial"' } as const
const objected = { absolute: true, law: 'GDPR 21(2)-(3)' } as const

export const purposes = {
  delivery: {
    label: { en: 'Delivery of the services', fi: 'Palvelujen toimittaminen' },
    legalBasis: 'contract',
    categories: ['contact', 'company', 'payment', 'delivery'],
    vocabulary: [{ iri: dpv('ServiceProvision'), relation: 'exact' }],
    clause: clauses.useLog,
  },
  documentation: {
    label: { en: 'Documentation', fi: 'Dokumentointi' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'being able to show what was ordered, delivered and paid',
      fi: 'mahdollisuus osoittaa, mitä on tilattu, toimitettu ja maksettu',
    },
    categories: ['contact', 'company', 'delivery', 'usage-log', 'correction-record'],
    vocabulary: [{ iri: own('Documentation'), relation: 'own' }],
    clause: clauses.useLog,
  },
  'quality-control': {
    label: { en: 'Quality control', fi: 'Laadunvalvonta' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'noticing and mending what does not work in the services',
      fi: 'palvelujen puutteiden havaitseminen ja korjaaminen',
    },
    categories: ['contact', 'delivery', 'usage-log'],
    vocabulary: [{ iri: own('QualityControl'), relation: 'own' }],
    clause: clauses.useLog,
  },
  development: {
    label: { en: 'Development of the services', fi: 'Palvelujen kehittäminen' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'developing the services according to how they are used',
      fi: 'palvelujen kehittäminen niiden todellisen käytön perusteella',
    },
    categories: ['delivery', 'usage-log'],
    vocabulary: [{ iri: own('Development'), relation: 'own' }],
    clause: clauses.useLog,
  },
  statistics: {
    label: { en: 'Statistics on use', fi: 'Käytön tilastointi' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'knowing and publishing how much the services are used, without showing who used them',
      fi: 'palvelujen käytön määrän seuraaminen ja julkaiseminen käyttäjiä paljastamatta',
    },
    categories: ['usage-log', 'statistics'],
    vocabulary: [{ iri: own('Statistics'), relation: 'own' }],
    clause: clauses.useLog,
  },
  administration: {
    label: { en: 'Administration and security of the services', fi: 'Palvelujen ylläpito ja turvallisuus' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'keeping the services running and their users safe',
      fi: 'palvelujen toimivuuden ja käyttäjien turvallisuuden ylläpitäminen',
    },
    categories: ['contact', 'usage-log', 'second-factor'],
    vocabulary: [{ iri: own('Administration'), relation: 'own' }],
    clause: clauses.useLog,
  },
  accounting: {
    label: { en: 'Accounting and taxation', fi: 'Kirjanpito ja verotus' },
    legalBasis: 'legal-obligation',
    categories: ['company', 'payment'],
    vocabulary: [{ iri: own('Accounting'), relation: 'own' }],
    clause: clauses.rights,
  },
  accountability: {
    label: { en: 'Answering requests and denials', fi: 'Pyyntöihin ja kieltoihin vastaaminen' },
    legalBasis: 'legal-obligation',
    categories: [
      'contact',
      'security',
      'consent-record',
      'request-record',
      'disclosure-record',
      'notice-record',
    ],
    vocabulary: [{ iri: own('Accountability'), relation: 'own' }],
    clause: clauses.rights,
  },
  'direct-marketing': {
    label: { en: 'Direct marketing', fi: 'Suoramarkkinointi' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'telling customers and potential customers about the services',
      fi: 'palveluista kertominen asiakkaille ja mahdollisille asiakkaille',
    },
    categories: ['contact', 'company'],
    marketing: true,
    denial: objected,
    channels,
    vocabulary: [{ iri: dpv('DirectMarketing'), relation: 'exact' }],
    clause: clauses.denial,
  },
  telemarketing: {
    label: { en: 'Telemarketing', fi: 'Puhelinmarkkinointi' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'telling customers and potential customers about the services by telephone',
      fi: 'palveluista kertominen asiakkaille ja mahdollisille asiakkaille puhelimitse',
    },
    categories: ['contact', 'company'],
    marketing: true,
    denial: objected,
    broader: 'direct-marketing',
    channels: { ...channels, post: 'never', 'in-person': 'never', email: 'never' },
    vocabulary: [
      { iri: own('Telemarketing'), relation: 'own' },
      { iri: dpv('DirectMarketing'), relation: 'broader' },
    ],
    clause: clauses.denial,
  },
  'market-research': {
    label: { en: 'Market research and public opinion surveys', fi: 'Markkina- ja mielipidetutkimukset' },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'learning what customers and potential customers need',
      fi: 'asiakkaiden ja mahdollisten asiakkaiden tarpeiden selvittäminen',
    },
    categories: ['contact', 'company'],
    denial: promised,
    channels,
    vocabulary: [
      { iri: own('MarketResearch'), relation: 'own' },
      { iri: dpv('CommercialResearch'), relation: 'related' },
    ],
    clause: clauses.denial,
  },
  'personal-research': {
    label: {
      en: 'Personal research: person directories and genealogical research',
      fi: 'Henkilömatrikkelit ja sukututkimus',
    },
    legalBasis: 'legitimate-interests',
    interest: {
      en: 'compiling person directories and genealogies',
      fi: 'henkilömatrikkelien ja sukuselvitysten laatiminen',
    },
    categories: ['contact'],
    denial: promised,
    channels,
    vocabulary: [
      { iri: own('PersonDirectory'), relation: 'own' },
      { iri: own('GenealogicalResearch'), relation: 'own' },
    ],
    clause: clauses.denial,
  },
} as const satisfies Record<string, Purpose>

export const recipients = {
  'hosting-provider': {
    name: { en: 'Hosting subcontractor', fi: 'Konesalipalvelujen alihankkija' },
    role: 'processor',
    country: 'FI',
    organisation: 'commercial',
    grounds: ['subcontractor'],
    purposes: ['delivery', 'quality-control'],
    fields: ['customer.contactPerson', 'customer.email', 'domain-registration.domainName'],
    clause: clauses.disclosure,
  },
  'tax-administration': {
    name: { en: 'Finnish Tax Administration', fi: 'Verohallinto' },
    role: 'authority',
    country: 'FI',
    organisation: 'public',
    grounds: ['law'],
    purposes: ['accounting'],
    fields: [
      'customer.companyName',
      'customer.vatId',
      'customer.companyNumber',
      'customer.paymentDetails',
      'customer.paymentAddress',
    ],
    clause: clauses.disclosure,
  },
  'product-partner': {
    name: {
      en: 'Partner whose product the customer has connected',
      fi: 'Yhteistyökumppani, jonka tuotteen asiakas on ottanut käyttöön',
    },
    role: 'controller',
    country: 'EE',
    organisation: 'commercial',
    grounds: ['partner', 'agreement', 'consent'],
    purposes: ['delivery'],
    fields: ['customer.companyName', 'customer.contactPerson', 'customer.email'],
    clause: clauses.disclosure,
  },
  'support-desk': {
    name: { en: 'Support desk subcontractor', fi: 'Asiakastuen alihankkija' },
    role: 'processor',
    country: 'US',
    organisation: 'commercial',
    certification: { scheme: 'privacy-shield', since: '2017-03-01' },
    grounds: ['subcontractor'],
    purposes: ['quality-control'],
    fields: ['customer.contactPerson', 'customer.email'],
    transfer: { mechanism: 'privacy-shield', since: '2017-03-01' },
    clause: clauses.disclosure,
  },
} as const satisfies Record<string, Recipient>

/** The framework that the written policy names. */
export const transferGrounds = [
  { mechanism: 'privacy-shield', since: '2016-07-12', clause: clauses.disclosure },
] as const satisfies readonly (TransferGround & { readonly clause: string })[]

export const publications = {
  tables: {
    visits: {
      label: { en: 'Visits by hour and source', fi: 'Käynnit tunneittain ja lähteittäin' },
      dimensions: ['hour', 'source'],
      measures: ['visits', 'sessions'],
      cellsPerSession: 4,
    },
  },
  protection: { mode: 'threshold', k: 10 },
  rawHours: 48,
  keepMonths: 25,
  clause: clauses.useLog,
} as const satisfies Publications
