/**
 * What Pilvi keeps about whom and where it comes from ("Personal information", "Use log"). Company data are identity
 * data as well: a sole trader's company is often named after its owner.
 */

import type { Category, Field, Group, Origin, OwnData, Service } from '../model.ts'
import { clauses } from './clauses.ts'

export const categories = {
  contact: {
    label: { en: 'Contact details', fi: 'Yhteystiedot' },
    kind: 'identity',
    clause: clauses.information,
  },
  company: {
    label: { en: 'Company details', fi: 'Yritystiedot' },
    kind: 'identity',
    clause: clauses.information,
  },
  payment: {
    label: { en: 'Payment details', fi: 'Maksutiedot' },
    kind: 'personal',
    clause: clauses.information,
  },
  delivery: {
    label: { en: 'Details needed for delivery', fi: 'Palvelun toimittamiseen tarvittavat tiedot' },
    kind: 'personal',
    clause: clauses.information,
  },
  'usage-log': {
    label: { en: 'Use log', fi: 'Käyttöloki' },
    kind: 'identity',
    holds: {
      en: 'Session identifier, IP address and DNS name, source of the visit, time of the visit',
      fi: 'Istuntotunnus, IP-osoite ja DNS-nimi, käynnin lähde, käynnin ajankohta',
    },
    subjects: { en: 'Users of the services', fi: 'Palvelujen käyttäjät' },
    clause: clauses.useLog,
  },
  statistics: {
    label: { en: 'Statistics', fi: 'Tilastot' },
    kind: 'other',
    holds: {
      en: 'Numbers of visits and sessions by hour and source',
      fi: 'Käyntien ja istuntojen määrät tunneittain ja lähteittäin',
    },
    subjects: { en: 'Nobody in particular', fi: 'Ei yksittäisiä henkilöitä' },
    clause: clauses.useLog,
  },
  'second-factor': {
    label: { en: 'Second factors', fi: 'Kaksivaiheinen tunnistautuminen' },
    kind: 'personal',
    holds: {
      en: 'Secrets of second factors, and failed attempts',
      fi: 'Toisen tunnistautumistavan salaisuudet ja epäonnistuneet yritykset',
    },
    subjects: { en: 'Users of the services', fi: 'Palvelujen käyttäjät' },
    clause: clauses.security,
  },
  security: {
    label: { en: 'Proof of erasure', fi: 'Näyttö tietojen poistamisesta' },
    kind: 'personal',
    holds: {
      en: 'Digests that show whose data were erased, so that they are not taken in again',
      fi: 'Tiivisteet, jotka osoittavat, kenen tiedot on poistettu, jotta niitä ei tallenneta uudelleen',
    },
    subjects: { en: 'Those whose data were erased', fi: 'Henkilöt, joiden tiedot on poistettu' },
    clause: clauses.security,
  },
  'consent-record': {
    label: { en: 'Consents and denials', fi: 'Suostumukset ja kiellot' },
    kind: 'personal',
    holds: {
      en: 'What was consented to or prohibited, when and how',
      fi: 'Mihin on suostuttu tai mikä on kielletty, milloin ja miten',
    },
    subjects: {
      en: 'Everyone who has consented or denied',
      fi: 'Suostumuksen tai kiellon antaneet henkilöt',
    },
    clause: clauses.denial,
  },
  'correction-record': {
    label: { en: 'Corrections made', fi: 'Tehdyt oikaisut' },
    kind: 'identity',
    holds: {
      en: 'What was corrected in the data above, when, why and on whose initiative',
      fi: 'Mitä yllä mainituista tiedoista on oikaistu, milloin, miksi ja kenen aloitteesta',
    },
    subjects: { en: 'Everyone whose data were corrected', fi: 'Henkilöt, joiden tietoja on oikaistu' },
    clause: clauses.review,
  },
  'request-record': {
    label: { en: 'Requests about data', fi: 'Tietoja koskevat pyynnöt' },
    kind: 'personal',
    holds: {
      en: 'What was requested, when, and how it was answered',
      fi: 'Mitä on pyydetty, milloin ja miten pyyntöön on vastattu',
    },
    subjects: { en: 'Everyone who has made a request', fi: 'Pyynnön tehneet henkilöt' },
    clause: clauses.rights,
  },
  'disclosure-record': {
    label: { en: 'Disclosures made', fi: 'Tehdyt luovutukset' },
    kind: 'personal',
    holds: {
      en: 'Which data were disclosed, to whom, when and on what ground; which partners’ products were connected, and when',
      fi: 'Mitä tietoja on luovutettu, kenelle, milloin ja millä perusteella; mitkä kumppanien tuotteet on otettu käyttöön ja milloin',
    },
    subjects: { en: 'Everyone whose data were disclosed', fi: 'Henkilöt, joiden tietoja on luovutettu' },
    clause: clauses.disclosure,
  },
  'notice-record': {
    label: { en: 'Notices of this policy', fi: 'Ilmoitukset tästä selosteesta' },
    kind: 'personal',
    holds: {
      en: 'Which version of this policy was shown or told of, or acknowledged, when and how',
      fi: 'Mikä tämän selosteen versio on esitetty, ilmoitettu tai kuitattu, milloin ja miten',
    },
    subjects: { en: 'Everyone who was informed', fi: 'Henkilöt, joille on ilmoitettu' },
    clause: clauses.updates,
  },
} as const satisfies Record<string, Category>

export const ownData = {
  visits: 'usage-log',
  publications: 'statistics',
  consents: 'consent-record',
  corrections: 'correction-record',
  disclosures: 'disclosure-record',
  factors: 'second-factor',
  notices: 'notice-record',
  requests: 'request-record',
  tombstones: 'security',
} as const satisfies Record<OwnData, keyof typeof categories>

const contact = {
  contactPerson: {
    label: { en: 'Contact person', fi: 'Yhteyshenkilö' },
    kind: 'text',
    category: 'contact',
    required: true,
    identity: true,
  },
  phone: {
    label: { en: 'Telephone', fi: 'Puhelinnumero' },
    kind: 'phone',
    category: 'contact',
    identity: true,
  },
} as const satisfies Record<string, Field>

const email = {
  label: { en: 'E-mail', fi: 'Sähköpostiosoite' },
  kind: 'email',
  category: 'contact',
  identity: true,
  lookup: true,
} as const satisfies Field

const company = {
  companyName: { label: { en: 'Company name', fi: 'Yrityksen nimi' }, kind: 'text', category: 'company' },
  vatId: {
    label: { en: 'VAT id', fi: 'Arvonlisäverotunniste' },
    kind: 'vat-id',
    category: 'company',
    identity: true,
    lookup: true,
  },
  companyNumber: {
    label: { en: 'Company register number', fi: 'Yritystunnus' },
    kind: 'company-number',
    category: 'company',
    identity: true,
    lookup: true,
  },
} as const satisfies Record<string, Field>

const payment = {
  paymentDetails: {
    label: { en: 'Payment details', fi: 'Maksutiedot' },
    kind: 'payment',
    category: 'payment',
    lookup: true,
  },
  paymentAddress: {
    label: { en: 'Payment address', fi: 'Laskutusosoite' },
    kind: 'address',
    category: 'payment',
  },
} as const satisfies Record<string, Field>

export const groups = {
  customer: {
    label: { en: 'Pilvi’s customers', fi: 'Pilven asiakkaat' },
    tier: 'controller',
    fields: { ...contact, email: { ...email, required: true }, ...company, ...payment },
    anyOf: [['vatId', 'companyNumber']],
    clause: clauses.information,
  },
  'customers-customer': {
    label: { en: 'Customers of those customers', fi: 'Asiakkaiden asiakkaat' },
    tier: 'customer',
    fields: { ...contact, email: { ...email, required: true }, ...company, ...payment },
    clause: clauses.information,
  },
  prospect: {
    label: { en: 'Potential customers of those customers', fi: 'Asiakkaiden mahdolliset asiakkaat' },
    tier: 'customer',
    fields: { ...contact, email, ...company },
    anyOf: [['email', 'phone']],
    clause: clauses.information,
  },
} as const satisfies Record<string, Group>

/** "Other input needed for delivery", declared service by service. */
export const services = {
  'domain-registration': {
    label: { en: 'Domain registration', fi: 'Verkkotunnuksen rekisteröinti' },
    fields: {
      domainName: {
        label: { en: 'Domain name', fi: 'Verkkotunnus' },
        kind: 'text',
        category: 'delivery',
        required: true,
      },
      registrantName: {
        label: { en: 'Registrant', fi: 'Verkkotunnuksen haltija' },
        kind: 'text',
        category: 'contact',
        required: true,
        identity: true,
      },
      registrantType: {
        label: { en: 'Type of registrant', fi: 'Haltijan tyyppi' },
        kind: 'choice',
        choices: ['company', 'person', 'association'],
        category: 'delivery',
      },
    },
    clause: clauses.information,
  },
} as const satisfies Record<string, Service>

export const origins = {
  customer: {
    label: { en: 'the customer', fi: 'asiakas itse' },
    kind: 'subject',
    clause: clauses.information,
  },
  use: {
    label: { en: 'use of the services', fi: 'palvelujen käyttö' },
    kind: 'use',
    clause: clauses.information,
  },
  'public-source': {
    label: {
      en: 'public sources, such as company registers',
      fi: 'julkiset lähteet, kuten yritysrekisterit',
    },
    kind: 'public',
    clause: clauses.information,
  },
} as const satisfies Record<string, Origin>
