/**
 * The words of the report, in both languages; every one of them is plain text.
 */

import type { Dimension, Language } from '../policy/model.ts'

/** What the report says. `k`: the threshold; `cells`: the most groups that a session is counted in. */
export interface Phrases {
  readonly title: string
  readonly visits: string
  readonly sessions: string
  readonly shown: string
  readonly days: string
  /** After "≥ k". */
  readonly smallest: string
  timesIn(zone: string): string
  intro(k: string, dimensions: readonly Dimension[]): string
  readonly empty: string
  readonly byDay: string
  readonly byMonth: string
  readonly byHour: string
  readonly bySource: string
  readonly day: string
  readonly month: string
  readonly hour: string
  readonly source: string
  readonly asTable: string
  readonly nothing: string
  readonly nothingNote: string
  more(count: string): string
  readonly direct: string
  readonly internal: string
  readonly unknown: string
  readonly sourceNote: string
  readonly meaning: string
  meanings(numbers: { k: string; cells: string; visits: string }): readonly string[]
  readonly limits: string
  readonly limitsList: readonly string[]
  made(parts: { format: string; policy: string; table: string }): string
}

const en: Phrases = {
  title: 'Usage statistics',
  visits: 'Visits',
  sessions: 'Sessions, summed over groups',
  shown: 'visits shown',
  days: 'days shown',
  smallest: 'sessions in each group',
  timesIn: (zone) => `Days and hours in the time zone ${zone}`,
  intro: (k, dimensions) => {
    const hour = dimensions.includes('hour') ? ', in the same hour' : ''
    const source = dimensions.includes('source') ? ', from the same source' : ''
    return `This page shows only groups of at least ${k} sessions: visits on the same day${hour}${source}. Smaller groups are left out and counted nowhere, so every sum here is a sum of what is shown, and at most the true number.`
  },
  empty: 'Nothing can be shown: no group of visits was large enough.',
  byDay: 'Visits by day',
  byMonth: 'Visits by month',
  byHour: 'Visits by hour of the day',
  bySource: 'Visits by source',
  day: 'Day',
  month: 'Month',
  hour: 'Hour',
  source: 'Source',
  asTable: 'The same as a table',
  nothing: 'nothing shown',
  nothingNote: 'A dash or a missing bar means that no group was large enough to show, not that nobody came.',
  more: (count) => `The chart shows the largest sources; ${count} more are in the table.`,
  direct: 'Direct, without a referrer',
  internal: 'Within the service',
  unknown: 'Unknown',
  sourceNote:
    'A source is the registrable domain of the page that led here, never a host below it. Addresses and names of machines count as unknown; sources too small to show are left out.',
  meaning: 'What the figures mean',
  meanings: ({ k, cells, visits }) => [
    `Every figure rests on at least ${k} sessions of one day.`,
    'A session is one visitor’s use of the service during one day. Whoever comes on two days counts twice.',
    `A session is counted in at most ${cells} groups of its day and with at most ${visits} visits in each; what goes beyond that is not counted.`,
    'Where sessions are summed over groups, a session that was counted in two groups counts twice.',
    'Addresses, host names, session ids and exact times are never part of these figures.',
  ],
  limits: 'What is not promised',
  limitsList: [
    'This is not differential privacy: a threshold hides small groups, it does not blur the figures of large ones.',
    'Whoever sends enough sessions of their own making can lift a small group over the threshold.',
    'What is protected is one session on one day, not everything one person does over many days.',
  ],
  made: ({ format, policy, table }) => `Format ${format}, policy ${policy}, table ${table}`,
}

const fi: Phrases = {
  title: 'Käyttötilastot',
  visits: 'Käynnit',
  sessions: 'Istunnot, ryhmien summana',
  shown: 'näytettyä käyntiä',
  days: 'näytettyä päivää',
  smallest: 'istuntoa joka ryhmässä',
  timesIn: (zone) => `Päivät ja kellonajat aikavyöhykkeellä ${zone}`,
  intro: (k, dimensions) => {
    const hour = dimensions.includes('hour') ? ' samalla tunnilla' : ''
    const source = dimensions.includes('source') ? ' samasta lähteestä' : ''
    return `Tällä sivulla näytetään vain vähintään ${k} istunnon ryhmät: saman päivän käynnit${hour}${source}. Pienemmät ryhmät on jätetty pois, eikä niitä lasketa mihinkään lukuun. Siksi jokainen summa on näytettyjen lukujen summa ja enintään todellisen luvun suuruinen.`
  },
  empty: 'Mitään ei voida näyttää: mikään käyntien ryhmä ei ollut riittävän suuri.',
  byDay: 'Käynnit päivittäin',
  byMonth: 'Käynnit kuukausittain',
  byHour: 'Käynnit kellonajan mukaan',
  bySource: 'Käynnit lähteittäin',
  day: 'Päivä',
  month: 'Kuukausi',
  hour: 'Tunti',
  source: 'Lähde',
  asTable: 'Sama taulukkona',
  nothing: 'ei näytettävää',
  nothingNote:
    'Viiva tai puuttuva palkki tarkoittaa, ettei mikään ryhmä ollut näytettäväksi riittävän suuri, ei sitä, ettei kukaan käynyt.',
  more: (count) => `Kuviossa ovat suurimmat lähteet; taulukossa on vielä ${count} muuta.`,
  direct: 'Suoraan, ilman viittausta',
  internal: 'Palvelun sisältä',
  unknown: 'Tuntematon',
  sourceNote:
    'Lähde on sen sivuston rekisteröity verkkotunnus, jolta tänne tultiin, ei koskaan sen alainen kone. IP-osoitteet ja koneiden nimet luetaan tuntemattomiksi; liian pienet lähteet on jätetty pois.',
  meaning: 'Mitä luvut tarkoittavat',
  meanings: ({ k, cells, visits }) => [
    `Jokaisen luvun takana on vähintään ${k} saman päivän istuntoa.`,
    'Istunto on yhden kävijän palvelun käyttö yhden päivän aikana. Kahtena päivänä käynyt lasketaan kahdesti.',
    `Istunto lasketaan enintään ${cells} ryhmään päivässä ja kuhunkin enintään ${visits} käynnillä; sen ylittävää ei lasketa.`,
    'Kun istuntoja summataan ryhmien yli, kahteen ryhmään laskettu istunto on summassa kahdesti.',
    'IP-osoitteet, koneiden nimet, istuntotunnukset ja tarkat ajat eivät koskaan sisälly lukuihin.',
  ],
  limits: 'Mitä ei luvata',
  limitsList: [
    'Tämä ei ole differentiaalista yksityisyyttä: kynnysarvo piilottaa pienet ryhmät, mutta ei sumenna suurten lukuja.',
    'Riittävän monta tekaistua istuntoa lähettävä voi nostaa pienen ryhmän kynnysarvon yli.',
    'Suojattu on yksi istunto yhtenä päivänä, ei kaikki, mitä yksi ihminen monena päivänä tekee.',
  ],
  made: ({ format, policy, table }) => `Muoto ${format}, seloste ${policy}, taulukko ${table}`,
}

export const phrases: Readonly<Record<Language, Phrases>> = { en, fi }
