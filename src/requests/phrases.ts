/** The fixed words of an export, in the languages it is made in. */

import type { Language } from '../policy/model.ts'

const en = {
  title: 'Your data',
  intro: 'This is everything that {controller} holds about you, as of {date}.',
  files:
    'The same data are in the folder data, one file for each part, in a form that other services can read (JSON). The file manifest.json lists every file with its digest, and manifest.jws is signed.',
  field: 'What',
  value: 'Value',
  category: 'Category',
  recorded: 'Since',
  origin: 'From where',
  why: 'Why we have it',
  until: 'How long we keep it',
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
  field: 'Tieto',
  value: 'Sisältö',
  category: 'Ryhmä',
  recorded: 'Alkaen',
  origin: 'Mistä saatu',
  why: 'Miksi se on meillä',
  until: 'Kuinka kauan säilytämme',
  nothing: 'Täällä ei ole tietoja.',
  rights: 'Oikeutesi',
  complaint: 'Voit tehdä valituksen: {authority}, {url}',
  correct: 'Jos jokin on väärin tai pitäisi poistaa, kirjoita osoitteeseen {email}.',
}

export const phrases: Readonly<Record<Language, Phrases>> = { en, fi }

/** A phrase with its places filled. */
export const fill = (phrase: string, values: Readonly<Record<string, string>>): string =>
  phrase.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
