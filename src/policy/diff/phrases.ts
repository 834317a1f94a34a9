/** What a change of a policy is called in English and Finnish; `{name}` is filled in. Listed in docs/policy.md. */

import type { Text } from '../model.ts'

export const changePhrases = {
  'change.version': {
    en: 'This is version {after}, in effect from {date}; it follows version {before}.',
    fi: 'Tämä on versio {after}, voimassa {date} alkaen; edellinen oli versio {before}.',
  },
  'change.controller': {
    en: 'Another controller answers for your data. Before: {before}. Now: {after}.',
    fi: 'Tiedoistasi vastaava rekisterinpitäjä on muuttunut. Ennen: {before}. Nyt: {after}.',
  },
  'change.purpose-added': {
    en: 'Data are used for a new purpose: {name}.',
    fi: 'Tietoja käytetään uuteen tarkoitukseen: {name}.',
  },
  'change.purpose-removed': {
    en: 'Data are no longer used for this purpose: {name}.',
    fi: 'Tietoja ei enää käytetä tähän tarkoitukseen: {name}.',
  },
  'change.basis': {
    en: 'The legal basis of “{name}” has changed. Before: {before}. Now: {after}.',
    fi: 'Käyttötarkoituksen ”{name}” oikeusperuste on muuttunut. Ennen: {before}. Nyt: {after}.',
  },
  'change.purpose-widened': {
    en: 'These data are now also used for “{name}”: {data}.',
    fi: 'Käyttötarkoitukseen ”{name}” käytetään nyt myös näitä tietoja: {data}.',
  },
  'change.purpose-narrowed': {
    en: 'These data are no longer used for “{name}”: {data}.',
    fi: 'Käyttötarkoitukseen ”{name}” ei enää käytetä näitä tietoja: {data}.',
  },
  'change.marketing': {
    en: '“{name}” is now marketing.',
    fi: '”{name}” on nyt markkinointia.',
  },
  'change.channel-loosened': {
    en: 'You are reached more freely for “{name}” ({channel}). Before: {before}. Now: {after}.',
    fi: 'Sinuun otetaan vapaammin yhteyttä: {name} ({channel}). Ennen: {before}. Nyt: {after}.',
  },
  'change.channel-tightened': {
    en: 'You are reached less freely for “{name}” ({channel}). Before: {before}. Now: {after}.',
    fi: 'Sinuun otetaan rajoitetummin yhteyttä: {name} ({channel}). Ennen: {before}. Nyt: {after}.',
  },
  'change.customers-widened': {
    en: 'Existing customers are told of similar products without their consent: {name} ({channel}).',
    fi: 'Nykyisille asiakkaille kerrotaan vastaavista tuotteista ilman suostumusta: {name} ({channel}).',
  },
  'change.customers-narrowed': {
    en: 'Existing customers are no longer told of similar products without their consent: {name} ({channel}).',
    fi: 'Nykyisille asiakkaille ei enää kerrota vastaavista tuotteista ilman suostumusta: {name} ({channel}).',
  },
  'change.denial-added': {
    en: 'You can now prohibit this: {name}.',
    fi: 'Voit nyt kieltää tämän: {name}.',
  },
  'change.denial-removed': {
    en: 'You can no longer prohibit this: {name}.',
    fi: 'Et voi enää kieltää tätä: {name}.',
  },
  'change.denial-strengthened': {
    en: 'Nothing but your own later consent overrides your denial of this: {name}.',
    fi: 'Kieltosi ohittaa nyt vain oma myöhempi suostumuksesi: {name}.',
  },
  'change.denial-weakened': {
    en: 'Your denial of this can now be overridden: {name}.',
    fi: 'Kieltosi voidaan nyt ohittaa: {name}.',
  },
  'change.signal-added': {
    en: 'A signal of your browser (Sec-GPC) now prohibits this: {name}.',
    fi: 'Selaimesi lähettämä signaali (Sec-GPC) kieltää nyt tämän: {name}.',
  },
  'change.signal-removed': {
    en: 'A signal of your browser (Sec-GPC) no longer prohibits this: {name}.',
    fi: 'Selaimesi lähettämä signaali (Sec-GPC) ei enää kiellä tätä: {name}.',
  },
  'change.denial-widened': {
    en: 'Your denial of “{wider}” now covers this: {name}.',
    fi: 'Kielto, joka koskee kohtaa ”{wider}”, koskee nyt myös tätä: {name}.',
  },
  'change.denial-narrowed': {
    en: 'Your denial of “{wider}” no longer covers this: {name}.',
    fi: 'Kielto, joka koskee kohtaa ”{wider}”, ei enää koske tätä: {name}.',
  },
  'change.data-added': {
    en: 'These data are now kept about you ({group}): {data}.',
    fi: 'Sinusta säilytetään nyt myös näitä tietoja ({group}): {data}.',
  },
  'change.data-removed': {
    en: 'These data are no longer kept about you ({group}): {data}.',
    fi: 'Sinusta ei enää säilytetä näitä tietoja ({group}): {data}.',
  },
  'change.data-required': {
    en: 'These data are now required ({group}): {data}.',
    fi: 'Nämä tiedot ovat nyt pakollisia ({group}): {data}.',
  },
  'change.data-optional': {
    en: 'These data are no longer required ({group}): {data}.',
    fi: 'Nämä tiedot eivät enää ole pakollisia ({group}): {data}.',
  },
  'change.data-redefined': {
    en: 'These data are treated differently than before ({group}): {data}.',
    fi: 'Näitä tietoja käsitellään toisin kuin ennen ({group}): {data}.',
  },
  'change.category-added': {
    en: 'A new kind of data is kept: {name}.',
    fi: 'Uudenlaisia tietoja säilytetään: {name}.',
  },
  'change.category-removed': {
    en: 'A kind of data is no longer kept: {name}.',
    fi: 'Näitä tietoja ei enää säilytetä: {name}.',
  },
  'change.category-special': {
    en: 'These are now special categories of data (GDPR 9): {name}.',
    fi: 'Nämä ovat nyt erityisiä henkilötietoryhmiä (tietosuoja-asetuksen 9 artikla): {name}.',
  },
  'change.origin-added': {
    en: 'Data now also come from {name}.',
    fi: 'Tietojen uusi lähde: {name}.',
  },
  'change.origin-removed': {
    en: 'Data no longer come from {name}.',
    fi: 'Tietojen lähteenä ei enää ole {name}.',
  },
  'change.recipient-added': {
    en: 'A new recipient may receive data: {name} ({country}).',
    fi: 'Tietojen uusi vastaanottaja: {name} ({country}).',
  },
  'change.recipient-removed': {
    en: 'A recipient no longer receives data: {name} ({country}).',
    fi: 'Tietoja ei enää luovuteta: {name} ({country}).',
  },
  'change.recipient-widened': {
    en: '{name} may now receive more, or for more purposes, or on more grounds: {data}.',
    fi: 'Vastaanottajalle {name} voidaan nyt luovuttaa enemmän, useampaan tarkoitukseen tai useammalla perusteella: {data}.',
  },
  'change.recipient-narrowed': {
    en: '{name} may now receive less, or for fewer purposes, or on fewer grounds; no longer: {data}.',
    fi: 'Vastaanottajalle {name} luovutetaan vähemmän, harvempaan tarkoitukseen tai harvemmalla perusteella; ei enää: {data}.',
  },
  'change.recipient-country': {
    en: '{name} is in another country. Before: {before}. Now: {after}.',
    fi: 'Vastaanottajan {name} maa on muuttunut. Ennen: {before}. Nyt: {after}.',
  },
  'change.recipient-role': {
    en: '{name} has another role. Before: {before}. Now: {after}.',
    fi: 'Vastaanottajan {name} asema on muuttunut. Ennen: {before}. Nyt: {after}.',
  },
  'change.transfer-opened': {
    en: 'Data may now be transferred to {name} ({country}).',
    fi: 'Tietoja voidaan nyt siirtää: {name} ({country}).',
  },
  'change.transfer-stopped': {
    en: 'Data are no longer transferred to {name} ({country}).',
    fi: 'Tietoja ei enää siirretä: {name} ({country}).',
  },
  'change.transfer-ground': {
    en: 'The transfer to {name} ({country}) rests on another ground than before.',
    fi: 'Siirron peruste on muuttunut: {name} ({country}).',
  },
  'change.kept-longer': {
    en: 'These data are kept longer: {name}. Before: {before}. Now: {after}.',
    fi: 'Näitä tietoja säilytetään kauemmin: {name}. Ennen: {before}. Nyt: {after}.',
  },
  'change.kept-shorter': {
    en: 'These data are kept for a shorter time: {name}. Before: {before}. Now: {after}.',
    fi: 'Näitä tietoja säilytetään lyhyempään: {name}. Ennen: {before}. Nyt: {after}.',
  },
  'change.kept-otherwise': {
    en: 'How long these data are kept is counted differently: {name}. Before: {before}. Now: {after}.',
    fi: 'Näiden tietojen säilytysaika lasketaan toisin: {name}. Ennen: {before}. Nyt: {after}.',
  },
  'change.exemption-added': {
    en: 'Some of these data now outlive an erasure: {name}. {says}.',
    fi: 'Osa näistä tiedoista säilytetään nyt poistonkin jälkeen: {name}. {says}.',
  },
  'change.exemption-removed': {
    en: 'These data no longer outlive an erasure: {name}.',
    fi: 'Näitä tietoja ei enää säilytetä poiston jälkeen: {name}.',
  },
  'change.backups-longer': {
    en: 'Backups outlast an erasure for longer than before.',
    fi: 'Varmuuskopiot säilyvät poiston jälkeen kauemmin kuin ennen.',
  },
  'change.backups-shorter': {
    en: 'Backups outlast an erasure for a shorter time than before.',
    fi: 'Varmuuskopiot säilyvät poiston jälkeen lyhyempään kuin ennen.',
  },
  'change.right-added': { en: 'A new right: {name}.', fi: 'Uusi oikeus: {name}.' },
  'change.right-removed': {
    en: 'A right is no longer stated: {name}.',
    fi: 'Oikeutta ei enää mainita: {name}.',
  },
  'change.route-added': {
    en: 'You can now also prohibit uses in this way: {name}.',
    fi: 'Voit nyt ilmoittaa kiellosta myös näin: {name}.',
  },
  'change.route-removed': {
    en: 'You can no longer prohibit uses in this way: {name}.',
    fi: 'Et voi enää ilmoittaa kiellosta näin: {name}.',
  },
  'change.list-added': {
    en: 'Prohibitions on this list are now obeyed: {name}.',
    fi: 'Tämän kieltoluettelon kieltoja noudatetaan nyt: {name}.',
  },
  'change.list-removed': {
    en: 'Prohibitions on this list are no longer obeyed: {name}.',
    fi: 'Tämän kieltoluettelon kieltoja ei enää noudateta: {name}.',
  },
  'change.factor-added': {
    en: 'Sign-in can now also be protected with this: {name}.',
    fi: 'Kirjautumisen voi nyt suojata myös näin: {name}.',
  },
  'change.factor-removed': {
    en: 'Sign-in can no longer be protected with this: {name}.',
    fi: 'Kirjautumista ei voi enää suojata näin: {name}.',
  },
  'change.step-up-added': {
    en: 'If you have a second factor, it is now asked for again before this: {name}.',
    fi: 'Jos käytössäsi on toinen tunnistautumistapa, sitä pyydetään nyt uudelleen ennen tätä: {name}.',
  },
  'change.step-up-removed': {
    en: 'If you have a second factor, it is no longer asked for again before this: {name}.',
    fi: 'Jos käytössäsi on toinen tunnistautumistapa, sitä ei enää pyydetä uudelleen ennen tätä: {name}.',
  },
  'change.security-added': { en: 'A new promise on security: {name}', fi: 'Uusi tietoturvalupaus: {name}' },
  'change.security-removed': {
    en: 'A promise on security is gone: {name}',
    fi: 'Tietoturvalupaus on poistettu: {name}',
  },
  'change.table-added': {
    en: 'New statistics are published: {name}.',
    fi: 'Uusia tilastoja julkaistaan: {name}.',
  },
  'change.table-removed': {
    en: 'These statistics are no longer published: {name}.',
    fi: 'Näitä tilastoja ei enää julkaista: {name}.',
  },
  'change.threshold-lowered': {
    en: 'Published figures may rest on fewer sessions than before: {after} instead of {before}.',
    fi: 'Julkaistut luvut voivat perustua harvempaan istuntoon kuin ennen: {after}, ennen {before}.',
  },
  'change.threshold-raised': {
    en: 'Published figures rest on more sessions than before: {after} instead of {before}.',
    fi: 'Julkaistut luvut perustuvat useampaan istuntoon kuin ennen: {after}, ennen {before}.',
  },
  'change.otherwise': {
    en: 'Worded or arranged differently than before: {name}.',
    fi: 'Sanamuotoa tai muuta sisältöä on muutettu: {name}.',
  },
} as const satisfies Record<string, Required<Text>>

/** Every rule by which a change is named. */
export type ChangeRule = keyof typeof changePhrases

/** How freely a channel is used. */
export const openness = {
  never: { en: 'not at all', fi: 'ei lainkaan' },
  consent: { en: 'only with your consent', fi: 'vain suostumuksellasi' },
  'unless-denied': { en: 'unless you prohibit it', fi: 'ellet kiellä' },
} as const satisfies Record<string, Required<Text>>
