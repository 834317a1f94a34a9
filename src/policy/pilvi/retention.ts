/**
 * For how long Pilvi keeps what ("Use log", "Your rights").
 *
 * The section of the Accounting Act is unverified (several secondary sources agree on it). The written policy gives
 * no figures for backups and for the records of proof: twelve months and three years (the general limitation period
 * of debts in Finland) are this file's reading of it. Have all three confirmed.
 */

import type { Backups, Retention } from '../model.ts'
import { clauses } from './clauses.ts'
import type { categories } from './data.ts'

const whileNeeded = {
  keep: 'while-needed',
  says: {
    en: 'As long as essential to the delivery of the services',
    fi: 'Niin kauan kuin palvelujen toimittaminen välttämättä edellyttää',
  },
  clause: clauses.useLog,
} as const satisfies Retention

export const retention = {
  contact: whileNeeded,
  company: whileNeeded,
  delivery: whileNeeded,
  'correction-record': whileNeeded,
  payment: {
    ...whileNeeded,
    exemption: {
      kind: 'legal',
      law: 'Accounting Act 1336/1997, 2:10 (unverified)',
      says: {
        en: 'Vouchers, invoices and correspondence on transactions (Accounting Act); nothing in them may be changed or removed meanwhile',
        fi: 'Tositteet, laskut ja liiketapahtumia koskeva kirjeenvaihto (kirjanpitolaki); niiden sisältöä ei saa sinä aikana muuttaa eikä poistaa',
      },
      rule: { from: 'end-of-calendar-year-of-financial-year', years: 6 },
    },
    clause: clauses.rights,
  },
  'usage-log': {
    keep: { after: 'day-closed', hours: 48 },
    says: {
      en: '48 hours after the end of the day of the visit',
      fi: '48 tuntia käyntipäivän päättymisestä',
    },
    clause: clauses.useLog,
  },
  statistics: {
    keep: { after: 'day-closed', months: 25 },
    says: { en: '25 months from the day they are about', fi: '25 kuukautta päivästä, jota ne koskevat' },
    clause: clauses.useLog,
  },
  'second-factor': {
    keep: 'while-needed',
    says: {
      en: 'As long as the user account or the factor is in use',
      fi: 'Niin kauan kuin käyttäjätili tai tunnistautumistapa on käytössä',
    },
    clause: clauses.rights,
  },
  security: {
    keep: { after: 'recorded', months: 12 },
    says: {
      en: '12 months, until the oldest backup has expired',
      fi: '12 kuukautta, kunnes vanhin varmuuskopio on vanhentunut',
    },
    exemption: {
      kind: 'security',
      law: 'GDPR 32(1)(b) and 17(3)(b)',
      says: {
        en: 'A digest that shows that data were erased, until the oldest backup has expired: meanwhile the data are not taken in again',
        fi: 'Tietojen poistamisen osoittava tiiviste, kunnes vanhin varmuuskopio on vanhentunut: sinä aikana tietoja ei tallenneta uudelleen',
      },
      rule: { from: 'event', months: 12 },
    },
    clause: clauses.rights,
  },
  'consent-record': proof(clauses.denial, 'GDPR 7(1) and 21(3)', {
    en: 'Proof of a consent or a denial after it ended; a denial itself is obeyed for as long as it stands',
    fi: 'Näyttö päättyneestä suostumuksesta tai kiellosta; kieltoa noudatetaan niin kauan kuin se on voimassa',
  }),
  'request-record': proof(clauses.rights, 'GDPR 5(2) and 12', {
    en: 'Proof of how a request was answered',
    fi: 'Näyttö siitä, miten pyyntöön on vastattu',
  }),
  'notice-record': proof(clauses.updates, 'GDPR 5(2) and 12(1)', {
    en: 'Proof of which version of this policy a customer was informed of',
    fi: 'Näyttö siitä, mistä tämän selosteen versiosta asiakkaalle on ilmoitettu',
  }),
  'disclosure-record': proof(clauses.disclosure, 'GDPR 5(2) and 19', {
    en: 'The account of a disclosure',
    fi: 'Merkintä luovutuksesta',
  }),
} as const satisfies Record<keyof typeof categories, Retention>

/** As long as it is kept that somebody was erased. */
export const backups = {
  keys: { months: 12 },
  clause: clauses.availability,
} as const satisfies Backups

/** A record that proves what was done: kept for administration after an erasure, and no longer. */
function proof(clause: string, law: string, says: { readonly en: string; readonly fi: string }) {
  return {
    keep: 'while-needed',
    says: {
      en: 'As long as the customer relationship lasts',
      fi: 'Niin kauan kuin asiakassuhde kestää',
    },
    exemption: { kind: 'administrative', law, says, rule: { from: 'event', years: 3 } },
    clause,
  } as const satisfies Retention
}
