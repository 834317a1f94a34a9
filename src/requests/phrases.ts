/** The fixed words of an export, in the languages it is made in. */

import type { Language } from '../policy/model.ts'

const en = {
  title: 'Your data',
  intro: 'This is everything that {controller} holds about you, as of {date}.',
  files:
    'The same data are in the folder data, one file for each part, in a form that other services can read (JSON). The file manifest.json lists every file with its digest, and manifest.jws is signed.',
  recorded: 'Since',
  origin: 'From where',
  why: 'Why we have it',
  until: 'How long we keep it',
  exemption: 'Kept beyond an erasure, as long as the law asks',
  nothing: 'Nothing is held here.',
  rights: 'Your rights',
  complaint: 'You can complain to {authority}: {url}',
  correct: 'If something is wrong or should go, write to {email}.',
} as const

export type Phrases = Readonly<Record<keyof typeof en, string>>

const fi: Phrases = {
  title: 'Tietosi',
  intro: 'Tässä on kaikki, mitä {controller} säilyttää sinusta. Tilanne {date}.',
  files:
    'Samat tiedot ovat kansiossa data, yksi tiedosto kutakin osaa kohti, muodossa jota muut palvelut osaavat lukea (JSON). Tiedosto manifest.json luettelee kaikki tiedostot tiivisteineen, ja manifest.jws on allekirjoitettu.',
  recorded: 'Alkaen',
  origin: 'Mistä saatu',
  why: 'Miksi se on meillä',
  until: 'Kuinka kauan säilytämme',
  exemption: 'Säilytetään poistamisen jälkeenkin lain vaatiman ajan',
  nothing: 'Täällä ei ole tietoja.',
  rights: 'Oikeutesi',
  complaint: 'Voit tehdä valituksen: {authority}, {url}',
  correct: 'Jos jokin on väärin tai pitäisi poistaa, kirjoita osoitteeseen {email}.',
}

export const phrases: Readonly<Record<Language, Phrases>> = { en, fi }

/** What people call the parts of the library's own records. */
export const partNames: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  acts: { en: 'What you were told', fi: 'Mitä sinulle on kerrottu' },
  agreement: { en: 'Agreement', fi: 'Sopimus' },
  at: { en: 'When', fi: 'Milloin' },
  authority: { en: 'Request of the authority', fi: 'Viranomaisen pyyntö' },
  by: { en: 'How', fi: 'Miten' },
  channel: { en: 'Channel', fi: 'Kanava' },
  city: { en: 'City', fi: 'Postitoimipaikka' },
  country: { en: 'Country', fi: 'Maa' },
  digest: { en: 'Fingerprint', fi: 'Tunniste' },
  derogation: { en: 'Exception for this one case', fi: 'Poikkeus tässä yksittäistapauksessa' },
  due: { en: 'To be answered by', fi: 'Vastattava viimeistään' },
  effectiveAt: { en: 'Takes effect', fi: 'Voimassa alkaen' },
  einvoiceAddress: { en: 'E-invoice address', fi: 'Verkkolaskuosoite' },
  expiresAt: { en: 'Ends', fi: 'Päättyy' },
  factor: { en: 'Factor', fi: 'Tunnistautumistapa' },
  failures: { en: 'Failed attempts', fi: 'Epäonnistuneet yritykset' },
  fields: { en: 'Data', fi: 'Tiedot' },
  from: { en: 'Before', fi: 'Aiemmin' },
  ground: { en: 'Ground', fi: 'Peruste' },
  host: { en: 'Host name', fi: 'Verkkonimi' },
  iban: { en: 'Bank account (IBAN)', fi: 'Tilinumero (IBAN)' },
  id: { en: 'Reference', fi: 'Viite' },
  initiative: { en: 'On whose initiative', fi: 'Kenen aloitteesta' },
  ip: { en: 'IP address', fi: 'IP-osoite' },
  kind: { en: 'Kind', fi: 'Laji' },
  link: { en: 'Link to the partner', fi: 'Yhteys kumppaniin' },
  meaning: { en: 'What it means', fi: 'Mitä se tarkoittaa' },
  method: { en: 'Method', fi: 'Tapa' },
  necessity: { en: 'Needed in spite of a restriction', fi: 'Tarpeen rajoituksesta huolimatta' },
  number: { en: 'Number', fi: 'Numero' },
  on: { en: 'Day', fi: 'Päivä' },
  operator: { en: 'Taken by', fi: 'Vastaanottaja' },
  policyDigest: { en: 'Fingerprint of the policy', fi: 'Selosteen tunniste' },
  policyVersion: { en: 'Policy version', fi: 'Selosteen versio' },
  postalCode: { en: 'Postal code', fi: 'Postinumero' },
  provision: { en: 'Provision', fi: 'Säännös' },
  purpose: { en: 'Purpose', fi: 'Käyttötarkoitus' },
  reason: { en: 'Reason', fi: 'Perustelu' },
  receivedAt: { en: 'Received', fi: 'Saapunut' },
  receivedBy: { en: 'How it came', fi: 'Saapumistapa' },
  recipient: { en: 'Recipient', fi: 'Vastaanottaja' },
  recordedAt: { en: 'Recorded', fi: 'Kirjattu' },
  reference: { en: 'Reference', fi: 'Viite' },
  secrecy: { en: 'Kept secret from you', fi: 'Pidetty sinulta salassa' },
  session: { en: 'Session', fi: 'Istunto' },
  source: { en: 'Came from', fi: 'Tulosivu' },
  state: { en: 'State', fi: 'Tila' },
  street: { en: 'Street', fi: 'Katuosoite' },
  to: { en: 'Since then', fi: 'Sen jälkeen' },
  transfer: { en: 'Transfer rule', fi: 'Siirron sääntö' },
  until: { en: 'Last day', fi: 'Viimeinen päivä' },
  version: { en: 'Version', fi: 'Versio' },
  why: { en: 'Why', fi: 'Miksi' },
}

type Named = Readonly<Record<string, Readonly<Record<Language, string>>>>

const routes: Named = {
  letter: { en: 'letter', fi: 'kirje' },
  phone: { en: 'telephone', fi: 'puhelin' },
  email: { en: 'e-mail', fi: 'sähköposti' },
  'in-person': { en: 'in person', fi: 'henkilökohtaisesti' },
  console: { en: 'on a screen', fi: 'näytöllä' },
  link: { en: 'link', fi: 'linkki' },
  gpc: { en: 'signal of the browser', fi: 'selaimen ilmoitus' },
  'list-import': { en: 'list', fi: 'luettelo' },
  proxy: { en: 'representative', fi: 'edustaja' },
}

/** What people call the codes that stand in the library's own records, by the part they stand in. */
export const codeNames: Readonly<Record<string, Named>> = {
  by: {
    ...routes,
    use: { en: 'by using the service', fi: 'palvelua käyttämällä' },
    signature: { en: 'by signature', fi: 'allekirjoituksella' },
  },
  receivedBy: routes,
  kind: {
    denied: { en: 'denied', fi: 'kielletty' },
    given: { en: 'consent given', fi: 'suostumus annettu' },
    refused: { en: 'consent refused', fi: 'suostumus evätty' },
    withdrawn: { en: 'consent withdrawn', fi: 'suostumus peruttu' },
    export: { en: 'copy of the data', fi: 'jäljennös tiedoista' },
    erasure: { en: 'erasure', fi: 'poistaminen' },
    shown: { en: 'shown to you', fi: 'näytetty sinulle' },
    told: { en: 'told to you', fi: 'ilmoitettu sinulle' },
    linked: { en: 'connected', fi: 'otettu käyttöön' },
    unlinked: { en: 'taken away', fi: 'poistettu käytöstä' },
    accepted: { en: 'acknowledged by you', fi: 'kuittaamasi' },
  },
  channel: {
    screen: { en: 'on a screen', fi: 'näytöllä' },
    post: { en: 'letter', fi: 'kirje' },
    email: { en: 'e-mail', fi: 'sähköposti' },
    sms: { en: 'text message', fi: 'tekstiviesti' },
    phone: { en: 'telephone', fi: 'puhelin' },
    'in-person': { en: 'in person', fi: 'henkilökohtaisesti' },
  },
  meaning: {
    acknowledgement: { en: 'that you know of it; it is no consent', fi: 'että tiedät siitä; ei suostumus' },
  },
  state: {
    opened: { en: 'received', fi: 'vastaanotettu' },
    confirmed: { en: 'confirmed', fi: 'vahvistettu' },
    planned: { en: 'being prepared', fi: 'valmisteltavana' },
    running: { en: 'being carried out', fi: 'toteutettavana' },
    fulfilled: { en: 'done', fi: 'tehty' },
    refused: { en: 'refused', fi: 'evätty' },
    enrolled: { en: 'not in use yet', fi: 'ei vielä käytössä' },
  },
  necessity: {
    storage: { en: 'storage', fi: 'säilyttäminen' },
    'legal-claims': { en: 'legal claims', fi: 'oikeusvaateet' },
    'rights-of-others': { en: 'the rights of others', fi: 'muiden oikeudet' },
    'public-interest': { en: 'the public interest', fi: 'yleinen etu' },
  },
  why: {
    wrong: { en: 'it was wrong', fi: 'tieto oli väärä' },
    outdated: { en: 'it was outdated', fi: 'tieto oli vanhentunut' },
    incomplete: { en: 'it was incomplete', fi: 'tieto oli puutteellinen' },
    unnecessary: { en: 'it was not needed', fi: 'tieto oli tarpeeton' },
    replaced: { en: 'it was saved anew', fi: 'tieto tallennettiin uudelleen' },
  },
  initiative: {
    subject: { en: 'yours', fi: 'sinun' },
    controller: { en: 'ours', fi: 'meidän' },
  },
  method: {
    invoice: { en: 'invoice', fi: 'lasku' },
    'direct-debit': { en: 'direct debit', fi: 'suoraveloitus' },
    card: { en: 'card', fi: 'kortti' },
  },
  ground: {
    law: { en: 'the law', fi: 'laki' },
    consent: { en: 'your consent', fi: 'suostumuksesi' },
    agreement: { en: 'an agreement with you', fi: 'sopimus kanssasi' },
    partner: { en: 'a partner whose product you use', fi: 'kumppani, jonka tuotetta käytät' },
    subcontractor: { en: 'subcontractor', fi: 'alihankkija' },
    'explicit-consent': { en: 'your explicit consent', fi: 'nimenomainen suostumuksesi' },
    'contract-with-subject': { en: 'a contract with you', fi: 'sopimus kanssasi' },
    'contract-in-interest': { en: 'a contract in your interest', fi: 'sopimus sinun eduksesi' },
    'public-interest': { en: 'the public interest', fi: 'yleinen etu' },
    'legal-claims': { en: 'legal claims', fi: 'oikeusvaateet' },
    'vital-interests': { en: 'vital interests', fi: 'elintärkeät edut' },
    'public-register': { en: 'a public register', fi: 'julkinen rekisteri' },
  },
}
