/** A small policy that linting finds nothing in on {@link soundOn}, and a way to spoil a copy of it. */

import type { CalendarDate } from '../../src/environment.ts'
import type { Policy } from '../../src/policy/model.ts'

export const soundOn: CalendarDate = '2026-06-01'

/** The same type without `readonly`, so that a test can spoil a copy. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

const says = { en: 'We keep our word.', fi: 'Pidämme sanamme.' }
const undertaking = { says, clause: 'Your rights' }

export const sound: Policy = {
  id: 'sound',
  version: '1',
  date: '2026-01-01',
  languages: ['en', 'fi'],
  timeZone: 'Europe/Helsinki',
  jurisdiction: 'FI',
  title: { en: 'Privacy notice', fi: 'Tietosuojaseloste' },
  controller: {
    name: 'Esimerkki Oy',
    address: { street: 'Mallikatu 1', postalCode: '00100', city: 'Helsinki', country: 'FI' },
    email: 'privacy@example.fi',
    phone: '+358 9 000 0000',
    register: { en: 'Customer register', fi: 'Asiakasrekisteri' },
    financialYearEnd: '12-31',
    clause: 'Who we are',
  },
  supervisoryAuthority: {
    name: { en: 'Data Protection Ombudsman', fi: 'Tietosuojavaltuutettu' },
    url: 'https://tietosuoja.fi',
    clause: 'Review',
  },
  categories: {
    contact: { label: { en: 'Contact details', fi: 'Yhteystiedot' }, kind: 'identity', clause: 'Data' },
    log: {
      label: { en: 'Use log', fi: 'Käyttöloki' },
      kind: 'personal',
      holds: { en: 'Times and addresses', fi: 'Ajat ja osoitteet' },
      subjects: { en: 'Visitors', fi: 'Kävijät' },
      clause: 'Log',
    },
    statistics: {
      label: { en: 'Statistics', fi: 'Tilastot' },
      kind: 'other',
      holds: { en: 'Numbers of visits', fi: 'Käyntien määrät' },
      subjects: { en: 'Nobody', fi: 'Ei ketään' },
      clause: 'Log',
    },
  },
  ownData: {
    visits: 'log',
    publications: 'statistics',
    consents: 'contact',
    corrections: 'contact',
    disclosures: 'contact',
    factors: 'contact',
    notices: 'contact',
    requests: 'contact',
    tombstones: 'contact',
  },
  groups: {
    customer: {
      label: { en: 'Customers', fi: 'Asiakkaat' },
      tier: 'controller',
      fields: {
        name: {
          label: { en: 'Name', fi: 'Nimi' },
          kind: 'text',
          category: 'contact',
          required: true,
          identity: true,
        },
        email: { label: { en: 'E-mail', fi: 'Sähköposti' }, kind: 'email', category: 'contact' },
        phone: { label: { en: 'Telephone', fi: 'Puhelin' }, kind: 'phone', category: 'contact' },
      },
      anyOf: [['email', 'phone']],
      clause: 'Data',
    },
  },
  services: {
    hosting: {
      label: { en: 'Hosting', fi: 'Palvelintila' },
      fields: {
        region: {
          label: { en: 'Region', fi: 'Alue' },
          kind: 'choice',
          choices: ['north', 'south'],
          category: 'contact',
        },
      },
      clause: 'Data',
    },
  },
  origins: {
    subject: { label: { en: 'yourself', fi: 'sinä itse' }, kind: 'subject', clause: 'Data' },
  },
  purposes: {
    delivery: {
      label: { en: 'Delivery', fi: 'Toimitus' },
      legalBasis: 'contract',
      categories: ['contact', 'log', 'statistics'],
      vocabulary: [{ iri: 'https://w3id.org/dpv#ServiceProvision', relation: 'exact' }],
      clause: 'Purposes',
    },
    marketing: {
      label: { en: 'Marketing', fi: 'Markkinointi' },
      legalBasis: 'legitimate-interests',
      interest: { en: 'selling more', fi: 'myynnin kasvattaminen' },
      categories: ['contact'],
      marketing: true,
      denial: { absolute: true, law: 'GDPR 21(2)-(3)' },
      channels: { post: 'unless-denied', phone: 'unless-denied', email: 'consent', sms: 'never' },
      vocabulary: [{ iri: 'https://w3id.org/dpv#DirectMarketing', relation: 'exact' }],
      clause: 'Denial',
    },
    surveys: {
      label: { en: 'Surveys', fi: 'Kyselyt' },
      legalBasis: 'consent',
      consentBy: 'opt-in',
      categories: ['contact'],
      denial: { absolute: true, law: 'our own promise' },
      vocabulary: [],
      clause: 'Denial',
    },
  },
  recipients: {
    host: {
      name: { en: 'Hosting company', fi: 'Palvelinyritys' },
      role: 'processor',
      country: 'SE',
      organisation: 'commercial',
      grounds: ['subcontractor'],
      purposes: ['delivery'],
      fields: ['customer.name', 'hosting.region'],
      clause: 'Disclosure',
    },
    surveyor: {
      name: { en: 'Survey company', fi: 'Kyselyyritys' },
      role: 'processor',
      country: 'US',
      organisation: 'commercial',
      grounds: ['subcontractor'],
      purposes: ['surveys'],
      fields: ['customer.email'],
      transfer: {
        mechanism: 'standard-contractual-clauses',
        since: '2026-01-01',
        assessment: 'TIA-2026-1',
      },
      clause: 'Disclosure',
    },
    taxes: {
      name: { en: 'Tax administration', fi: 'Verohallinto' },
      role: 'authority',
      country: 'FI',
      organisation: 'public',
      grounds: ['law'],
      purposes: ['delivery'],
      fields: ['customer.name'],
      clause: 'Disclosure',
    },
  },
  transferGrounds: [{ mechanism: 'standard-contractual-clauses', since: '2021-06-27', clause: 'Disclosure' }],
  retention: {
    contact: {
      keep: 'while-needed',
      says: { en: 'While you are a customer', fi: 'Asiakkuuden ajan' },
      exemption: {
        kind: 'legal',
        law: 'An Act',
        says: { en: 'Vouchers', fi: 'Tositteet' },
        rule: { from: 'end-of-financial-year', years: 10 },
      },
      clause: 'Retention',
    },
    log: {
      keep: { after: 'day-closed', days: 2 },
      says: { en: '2 days', fi: '2 päivää' },
      clause: 'Log',
    },
    statistics: {
      keep: { after: 'day-closed', years: 2, months: 1 },
      says: { en: '2 years and 1 month', fi: '2 vuotta ja 1 kuukausi' },
      clause: 'Log',
    },
  },
  backups: { keys: { months: 12 }, clause: 'Security' },
  publications: {
    tables: {
      visits: {
        label: { en: 'Visits', fi: 'Käynnit' },
        dimensions: ['hour'],
        measures: ['visits'],
        cellsPerSession: 2,
      },
    },
    protection: { mode: 'threshold', k: 10 },
    rawHours: 48,
    keepMonths: 25,
    clause: 'Log',
  },
  rights: {
    access: undertaking,
    rectification: undertaking,
    erasure: undertaking,
    restriction: undertaking,
    portability: undertaking,
    objection: undertaking,
    'withdraw-consent': undertaking,
    complaint: undertaking,
  },
  denials: { says, by: ['letter', 'phone'], clause: 'Denial' },
  obligation: undertaking,
  automatedDecisions: undertaking,
  security: { tls: undertaking },
  mfa: { offered: 'optional', factors: ['totp'], clause: 'Security' },
  acceptance: { by: 'signature', meaning: 'acknowledgement', says, clause: 'Acceptance' },
  updates: undertaking,
  passages: [{ heading: { en: 'More', fi: 'Lisää' }, text: says, clause: 'More' }],
}

/** A copy of a policy, spoilt. */
export function spoilt(spoil: (policy: Mutable<Policy>) => void, policy: Policy = sound): Policy {
  const copy = structuredClone(policy) as Mutable<Policy>
  spoil(copy)
  return copy as Policy
}

/** What stands under a name, which the test knows to be there. */
export function the<T>(record: Record<string, T>, name: string): T {
  const found = record[name]
  if (found === undefined) throw new Error(`no ${name} in the fixture`)
  return found
}
