/**
 * What Pilvi promises to people ("Review & correction", "Your rights", "Right for denial", "Security",
 * "Availability", "Updates"), and one passage that its written policy left over from a template: it is kept as it
 * stands, and `lintPolicy` finds it.
 */

import type { Policy } from '../model.ts'
import { clauses } from './clauses.ts'

export const rights = {
  access: {
    says: {
      en: 'You can ask which data are kept about you and receive a copy of them.',
      fi: 'Voit pyytää tiedon siitä, mitä tietoja sinusta säilytetään, ja saada niistä jäljennöksen.',
    },
    clause: clauses.review,
  },
  rectification: {
    says: {
      en: 'Data that are wrong, incomplete or out of date are corrected, supplemented or erased without undue delay, on our own initiative or at your request. A refusal is given in writing, with the reasons.',
      fi: 'Virheelliset, puutteelliset tai vanhentuneet tiedot oikaistaan, täydennetään tai poistetaan ilman aiheetonta viivytystä oma-aloitteisesti tai pyynnöstäsi. Kieltäytymisestä annetaan kirjallinen ja perusteltu päätös.',
    },
    clause: clauses.review,
  },
  erasure: {
    says: {
      en: 'You can ask for your data to be erased. This does not cover data that must be kept for administrative, legal or security purposes; those are erased when the obligation ends.',
      fi: 'Voit pyytää tietojesi poistamista. Tämä ei koske tietoja, jotka on säilytettävä hallinnollisista, oikeudellisista tai turvallisuuteen liittyvistä syistä; ne poistetaan velvoitteen päättyessä.',
    },
    clause: clauses.rights,
  },
  restriction: {
    says: {
      en: 'You can ask for the use of your data to be restricted while their accuracy or our right to use them is being examined.',
      fi: 'Voit pyytää tietojesi käsittelyn rajoittamista siksi aikaa, kun tietojen oikeellisuutta tai käsittelyn perustetta selvitetään.',
    },
    clause: clauses.rights,
  },
  portability: {
    says: {
      en: 'You can receive an exported file of the data you have given us, in a machine-readable form, and have it passed on to another controller.',
      fi: 'Voit saada antamasi tiedot koneellisesti luettavana tiedostona ja siirrättää ne toiselle rekisterinpitäjälle.',
    },
    clause: clauses.rights,
  },
  objection: {
    says: {
      en: 'You can object to a use that rests on our legitimate interests, on grounds that relate to your own situation. Marketing can be denied without giving any reason.',
      fi: 'Voit vastustaa oikeutettuun etuumme perustuvaa käsittelyä henkilökohtaiseen tilanteeseesi liittyvällä perusteella. Markkinoinnin voit kieltää ilman perusteluja.',
    },
    clause: clauses.denial,
  },
  'withdraw-consent': {
    says: {
      en: 'You can withdraw a consent at any time. What was done before stays lawful.',
      fi: 'Voit peruuttaa antamasi suostumuksen milloin tahansa. Peruuttaminen ei vaikuta sitä ennen tehdyn käsittelyn lainmukaisuuteen.',
    },
    clause: clauses.denial,
  },
  complaint: {
    says: {
      en: 'If you consider that your data are used against the law, you can complain to the supervisory authority or go to court.',
      fi: 'Jos katsot, että tietojasi käsitellään lainvastaisesti, voit tehdä valituksen valvontaviranomaiselle tai viedä asian tuomioistuimeen.',
    },
    clause: clauses.review,
  },
} as const satisfies Policy['rights']

export const denials = {
  says: {
    en: 'You can prohibit any of these uses at any time, free of charge and without giving a reason.',
    fi: 'Voit kieltää minkä tahansa näistä käyttötarkoituksista milloin tahansa, maksutta ja perusteluja esittämättä.',
  },
  by: ['letter', 'email', 'phone'],
  clause: clauses.denial,
} as const satisfies Policy['denials']

export const security = {
  tls: {
    says: {
      en: 'All traffic is encrypted in transit (TLS).',
      fi: 'Kaikki tietoliikenne salataan (TLS).',
    },
    clause: clauses.security,
  },
  'off-site-backups': {
    says: {
      en: 'Backups are kept off site.',
      fi: 'Varmuuskopiot säilytetään erillisessä toimipaikassa.',
    },
    clause: clauses.availability,
  },
  migration: {
    says: {
      en: 'The services can be moved to another provider with minimal downtime.',
      fi: 'Palvelut voidaan siirtää toiselle palveluntarjoajalle mahdollisimman lyhyellä katkoksella.',
    },
    clause: clauses.availability,
  },
} as const satisfies Policy['security']

export const obligation = {
  says: {
    en: 'Contact and company details are needed to make a contract and to deliver the services; without them the services cannot be delivered. Other data are voluntary.',
    fi: 'Yhteys- ja yritystiedot ovat sopimuksen tekemisen ja palvelujen toimittamisen edellytys; ilman niitä palveluja ei voida toimittaa. Muiden tietojen antaminen on vapaaehtoista.',
  },
  clause: clauses.information,
} as const satisfies Policy['obligation']

export const automatedDecisions = {
  says: {
    en: 'No decisions are made about you by automated means alone, and you are not profiled.',
    fi: 'Sinua koskevia päätöksiä ei tehdä pelkästään automaattisesti, eikä sinua profiloida.',
  },
  clause: clauses.rights,
} as const satisfies Policy['automatedDecisions']

export const acceptance = {
  by: 'use',
  meaning: 'acknowledgement',
  says: {
    en: 'By using the services you confirm that you have been told of this collection of data. It is not a consent to marketing.',
    fi: 'Käyttämällä palveluja vahvistat saaneesi tiedon tästä tietojen keräämisestä. Se ei ole suostumus markkinointiin.',
  },
  clause: clauses.useLog,
} as const satisfies Policy['acceptance']

export const updates = {
  says: {
    en: 'The latest version is always on this page, and customers are informed of updates.',
    fi: 'Ajantasainen versio on aina tällä sivulla, ja muutoksista ilmoitetaan asiakkaille.',
  },
  clause: clauses.updates,
} as const satisfies Policy['updates']

export const passages = [
  {
    heading: { en: 'What rights you have over your data', fi: 'Mitä oikeuksia sinulla on tietoihisi' },
    text: {
      en: 'Suggested text: If you have an account on this site, you can request to receive an exported file of the personal data we hold about you. You can also request that we erase any personal data we hold about you. This does not include any data we are obliged to keep for administrative, legal, or security purposes.',
      fi: 'Ehdotettu teksti: Jos sinulla on tili tällä sivustolla, voit pyytää tiedoston henkilötiedoista, joita meillä on sinusta. Voit myös pyytää meitä poistamaan sinusta säilyttämämme henkilötiedot. Tämä ei koske tietoja, jotka meidän on säilytettävä hallinnollisista, oikeudellisista tai turvallisuuteen liittyvistä syistä.',
    },
    clause: clauses.rights,
  },
] as const satisfies Policy['passages']
