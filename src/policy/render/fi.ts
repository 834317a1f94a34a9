import type { Phrases } from './en.ts'

/** The Finnish phrases. */
export const fi: Phrases = {
  headings: {
    contents: 'Sisällys',
    controller: 'Rekisterinpitäjä',
    data: 'Mitä tietoja säilytämme',
    origins: 'Mistä tiedot saadaan',
    purposes: 'Mihin tietoja käytetään',
    denials: 'Kielto-oikeutesi',
    recipients: 'Kenelle tietoja luovutetaan',
    transfers: 'Siirrot Euroopan talousalueen ulkopuolelle',
    retention: 'Kuinka kauan tietoja säilytetään',
    statistics: 'Julkaistavat tilastot',
    rights: 'Oikeutesi',
    obligation: 'Onko tiedot pakko antaa?',
    automatedDecisions: 'Automaattiset päätökset',
    security: 'Tietoturva',
    acceptance: 'Mitä palvelujen käyttäminen merkitsee',
    updates: 'Muutokset',
    records: 'Seloste käsittelytoimista',
  },
  terms: {
    name: 'Rekisterinpitäjä',
    address: 'Osoite',
    email: 'Sähköposti',
    phone: 'Puhelin',
    officer: 'Yhteyshenkilö rekisteriasioissa',
    dataProtectionOfficer: 'Tietosuojavastaava',
    register: 'Rekisteri',
    data: 'Tiedot',
    contents: 'Sisältö',
    subjects: 'Keitä tiedot koskevat',
    purpose: 'Käyttötarkoitus',
    basis: 'Käsittelyn oikeusperuste',
    interest: 'Oikeutettu etu',
    recipient: 'Vastaanottaja',
    recipients: 'Vastaanottajat',
    country: 'Maa',
    ground: 'Luovutuksen peruste',
    keep: 'Säilytysaika',
    exemption: 'Mitä säilytetään poistonkin jälkeen',
    none: 'Ei ole',
    transfers: 'Siirrot ETA-alueen ulkopuolelle',
    limits: 'Tietojen poistamisen määräajat',
  },
  says: {
    version: 'Versio {version}, voimassa {date} alkaen.',
    recordsVersion:
      'Tietosuojaselosteen versio {version}, voimassa {date} alkaen (tietosuoja-asetus, 30 artiklan 1 kohta).',
    required: '{group}: pakollisia tietoja ovat {fields}.',
    origins: 'Tietojen lähteet ovat {origins}.',
    denialRoute: 'Ilmoita kiellosta {routes}: {contact}',
    denialBroader: 'Kielto, joka koskee kohtaa ”{broader}”, koskee myös tätä.',
    denialSignal: 'Myös selain, joka lähettää Sec-GPC-ilmoituksen, kieltää tämän.',
    unlessDenied: 'Ellet kiellä: {channels}',
    consent: 'Vain etukäteen antamallasi suostumuksella: {channels}',
    existingCustomers:
      'Nykyisenä asiakkaana ilman sitä ostamiasi vastaavista tuotteista, joka kerta helposti kiellettävissä: {channels}',
    never: 'Ei lainkaan: {channels}',
    recipients:
      'Tietoja luovutetaan vain tässä mainituille vastaanottajille, vain mainittuihin tarkoituksiin ja enintään mainitut tiedot.',
    noRecipients: 'Tietoja ei luovuteta kenellekään.',
    noTransfers: 'Tietoja ei siirretä Euroopan talousalueen ulkopuolelle.',
    framework: 'Tässä selosteessa siirtojen perusteeksi nimetään {mechanism}.',
    frameworkInvalid:
      'Tässä selosteessa siirtojen perusteeksi nimetään {mechanism}. Se on ollut pätemätön {date} alkaen, eikä mikään siirto perustu siihen.',
    statistics:
      'Palvelujen käytöstä voidaan julkaista tilastoja. Luku julkaistaan vain, jos se perustuu vähintään {k} istuntoon; pienemmät luvut jätetään pois. Käyttäjiä, IP-osoitteita ja DNS-nimiä ei julkaista koskaan.',
    statisticsTable: '{table}: {measures} päivittäin, jaotteluna {dimensions}',
    statisticsTotal: '{table}: {measures} päivittäin',
    statisticsRaw:
      'Tilastojen pohjana olevat käyttölokin merkinnät poistetaan {hours} tunnin kuluttua niiden vuorokauden päättymisestä.',
    statisticsKeep: 'Julkaistuja tilastoja säilytetään {months} kuukautta.',
    rightsHow:
      'Lähetä pyyntösi yhteysosoitteeseen. Vastaamme maksutta kuukauden kuluessa pyynnön saapumisesta. Jos tarvitsemme lisäaikaa, enintään kaksi kuukautta, ilmoitamme siitä perusteluineen ensimmäisen kuukauden aikana.',
    authority: 'Valvontaviranomainen: ',
    backups:
      'Arkaluonteiset tiedot salaavien avainten varmuuskopioiden säilytysaika on {period}; sen jälkeen poistettuja tietoja ei voi avata mistään varmuuskopiosta.',
    mfaOptional:
      'Jokainen käyttäjä voi suojata kirjautumisensa toisella tunnistautumistavalla. Tarjolla olevat tavat: {factors}.',
    mfaRequired:
      'Jokainen käyttäjä kirjautuu myös toisella tunnistautumistavalla. Tarjolla olevat tavat: {factors}.',
    stepUp:
      'Jos sinulla on käytössä toinen tunnistautumistapa, pyydämme sitä uudelleen ennen seuraavia toimia: {acts}.',
    mfaReset:
      'Jos menetät toiset tunnistautumistapasi, kaksi työntekijäämme voi yhdessä poistaa ne käytöstä. Ilmoitamme siitä sinulle vähintään {period} etukäteen.',
    keep: '{label}: {says}',
    users: 'Palvelun ”{service}” käyttäjät',
    basisMissing: 'ei ilmoitettu',
  },
  basis: {
    consent: 'suostumuksesi (tietosuoja-asetuksen 6(1)(a) artikla)',
    contract: 'sopimuksen täytäntöönpano (tietosuoja-asetuksen 6(1)(b) artikla)',
    'legal-obligation': 'lakisääteinen velvoite (tietosuoja-asetuksen 6(1)(c) artikla)',
    'vital-interests': 'elintärkeiden etujen suojaaminen (tietosuoja-asetuksen 6(1)(d) artikla)',
    'public-task': 'yleistä etua koskeva tehtävä (tietosuoja-asetuksen 6(1)(e) artikla)',
    'legitimate-interests': 'oikeutettu etu (tietosuoja-asetuksen 6(1)(f) artikla)',
  },
  channel: {
    post: 'postitse',
    phone: 'puhelimitse',
    'automated-call': 'automaattisilla puheluilla',
    email: 'sähköpostitse',
    sms: 'tekstiviestitse',
    'in-person': 'henkilökohtaisesti',
  },
  factor: {
    totp: 'todennussovelluksen kertakäyttökoodit',
    hotp: 'laskurilaitteen kertakäyttökoodit',
    passkey: 'pääsyavaimet',
    'recovery-code': 'varakoodit',
    'contact-code': 'sähköpostitse tai tekstiviestillä lähetetyt koodit',
    'trusted-device': 'laitteet, joihin luotetaan kolmekymmentä päivää',
  },
  stepUp: {
    erasure: 'tietojesi poistaminen',
    export: 'tietojesi luovuttaminen sinulle',
    'factor-change': 'uuden tunnistautumistavan lisääminen',
  },
  route: {
    letter: 'kirjeitse',
    phone: 'puhelimitse',
    email: 'sähköpostitse',
    'in-person': 'paikan päällä',
    link: 'viestissä olevan linkin kautta',
  },
  role: {
    processor: 'käsittelee tietoja puolestamme',
    controller: 'käyttää tietoja omiin tarkoituksiinsa',
    authority: 'viranomainen',
  },
  ground: {
    law: 'laki, joka edellyttää luovutusta tai sallii sen',
    consent: 'suostumuksesi',
    agreement: 'kanssasi tehty sopimus',
    partner: 'käyttöön ottamasi tuote',
    subcontractor: 'alihankinta',
  },
  mechanism: {
    adequacy: 'komission päätös tietosuojan riittävyydestä',
    'standard-contractual-clauses': 'vakiosopimuslausekkeet',
    'binding-corporate-rules': 'yritystä koskevat sitovat säännöt',
    derogation: 'erityistilanteita koskevat poikkeukset',
    'privacy-shield': 'EU:n ja Yhdysvaltojen Privacy Shield -järjestely',
    'safe-harbour': 'Safe Harbour -järjestely',
  },
  transfer: {
    'transfer.eea': 'Vastaanottaja on Euroopan talousalueella.',
    'transfer.adequacy': 'Siirron perusteena on Euroopan komission päätös tietosuojan riittävyydestä.',
    'transfer.safeguards':
      'Siirron peruste: {mechanism}. Siirron vaikutukset on arvioitu, ja voit pyytää meiltä jäljennöksen suojatoimista.',
    'transfer.derogation':
      'Tietoja siirretään vain yksittäistapauksissa, kukin omasta syystään (tietosuoja-asetuksen 49 artikla).',
    'transfer.no-reason':
      'Tietoja siirretään vain yksittäistapauksissa, kukin omasta syystään (tietosuoja-asetuksen 49 artikla).',
    'transfer.framework-invalid':
      'Tietoja ei siirretä: siirron perusteeksi aiottu {mechanism} on todettu pätemättömäksi.',
    'transfer.not-certified':
      'Tietoja ei siirretä: vastaanottajalla ei ole sertifiointia voimassa olevassa järjestelyssä.',
    'transfer.out-of-scope':
      'Tietoja ei siirretä: päätös tietosuojan riittävyydestä ei koske vastaanottajaa.',
    'transfer.tool-not-in-force': 'Tietoja ei siirretä: siirron peruste ({mechanism}) ei ole voimassa.',
    'transfer.clauses-superseded':
      'Tietoja ei siirretä: käytetyt vakiosopimuslausekkeet on korvattu uusilla.',
    'transfer.not-assessed': 'Tietoja ei siirretä: siirron vaikutuksia ei ole arvioitu.',
    'transfer.no-ground': 'Tietoja ei siirretä: siirrolle ei ole perustetta.',
  },
  exemption: {
    'end-of-financial-year': 'Säilytysaika {period} tilikauden päättymisestä.',
    'end-of-calendar-year-of-financial-year':
      'Säilytysaika {period} sen kalenterivuoden lopusta, jonka aikana tilikausi on päättynyt.',
    event: 'Säilytysaika {period}.',
  },
  right: {
    access: 'Oikeus saada pääsy tietoihin',
    rectification: 'Oikeus tietojen oikaisemiseen',
    erasure: 'Oikeus tietojen poistamiseen',
    restriction: 'Oikeus käsittelyn rajoittamiseen',
    portability: 'Oikeus saada tiedot tiedostona',
    objection: 'Vastustamisoikeus',
    'withdraw-consent': 'Oikeus peruuttaa suostumus',
    complaint: 'Oikeus tehdä valitus',
  },
  dimension: { hour: 'tunti', weekday: 'viikonpäivä', source: 'lähde' },
  measure: { visits: 'käynnit', sessions: 'istunnot' },
}
