/**
 * A receipt in words, for the person it is about: what was said, when and how, who answers for it and how to change one's
 * mind (GDPR 7(3), 12(1)). Plain text, in the languages of notices; every statement is in it, in the order in which they
 * were recorded.
 */

import type { Language, Policy, Text } from '../policy/model.ts'
import { fill } from '../policy/render/phrases.ts'
import type { ConsentEvent, EventKind, Route } from './model.ts'

interface Phrases {
  readonly title: string
  readonly kind: Readonly<Record<EventKind, string>>
  readonly line: string
  readonly until: string
  readonly by: Readonly<Record<Route, string>>
  readonly nothing: string
  readonly change: string
  readonly notice: string
}

const en: Phrases = {
  title: 'Receipt of {controller} for your consents and denials',
  kind: {
    given: 'You consented',
    renewed: 'Your consent was renewed',
    refused: 'You did not consent',
    withdrawn: 'You took your consent back',
    revoked: 'Your consent was ended',
    denied: 'You prohibited this',
  },
  line: '{purpose}: {kind} on {date} ({by}){until}. Reference: {id}.',
  until: ', until {date}',
  by: {
    letter: 'by letter',
    phone: 'by telephone',
    email: 'by e-mail',
    'in-person': 'in person',
    link: 'on a page or by a link',
    gpc: 'by a signal of your browser',
    'list-import': 'from a list',
    proxy: 'by your representative',
  },
  nothing: 'Nothing has been recorded.',
  change: 'You can take a consent back, or prohibit a use, at any time: {email}.',
  notice: 'How we use data: {url}',
}

const fi: Phrases = {
  title: '{controller}: kuittaus suostumuksistasi ja kielloistasi',
  kind: {
    given: 'annoit suostumuksen',
    renewed: 'suostumuksesi uusittiin',
    refused: 'et antanut suostumusta',
    withdrawn: 'peruit suostumuksen',
    revoked: 'suostumuksesi päätettiin',
    denied: 'kielsit tämän',
  },
  line: '{purpose}: {kind} {date} ({by}){until}. Viite: {id}.',
  until: ', päättyy {date}',
  by: {
    letter: 'kirjeellä',
    phone: 'puhelimitse',
    email: 'sähköpostilla',
    'in-person': 'paikan päällä',
    link: 'sivulla tai linkillä',
    gpc: 'selaimesi ilmoituksella',
    'list-import': 'luettelosta',
    proxy: 'edustajasi välityksellä',
  },
  nothing: 'Mitään ei ole kirjattu.',
  change: 'Voit perua suostumuksen tai kieltää käytön milloin tahansa: {email}.',
  notice: 'Näin käytämme tietoja: {url}',
}

const phrases: Readonly<Record<Language, Phrases>> = { en, fi }

/** A receipt's text; lines end in LF. */
export function receiptText(
  policy: Policy,
  { events, noticeUrl, language }: { events: readonly ConsentEvent[]; noticeUrl: string; language: Language },
): string {
  const words = phrases[language]
  const { name, email } = policy.controller
  const day = dayIn(policy, language)
  const lines = events.map((event) => line(event, { policy, language, day }))
  return [
    fill(words.title, { controller: name }),
    '',
    ...(lines.length > 0 ? lines : [words.nothing]),
    '',
    fill(words.change, { email }),
    fill(words.notice, { url: noticeUrl }),
    '',
  ].join('\n')
}

function line(
  { purpose: named, kind, by, effectiveAt, expiresAt, id }: ConsentEvent,
  { policy, language, day }: { policy: Policy; language: Language; day: (at: string) => string },
): string {
  const words = phrases[language]
  const label: Text = Object.hasOwn(policy.purposes, named)
    ? (policy.purposes[named]?.label ?? { en: named })
    : { en: named }
  return fill(words.line, {
    purpose: label[language] ?? label.en,
    kind: words.kind[kind],
    date: day(effectiveAt),
    by: words.by[by],
    until: expiresAt === undefined ? '' : fill(words.until, { date: day(expiresAt) }),
    id,
  })
}

const dayIn = ({ timeZone }: Policy, language: Language): ((at: string) => string) => {
  const format = new Intl.DateTimeFormat(language === 'fi' ? 'fi-FI' : 'en-GB', {
    timeZone,
    dateStyle: 'long',
  })
  return (at) => format.format(new Date(at))
}
