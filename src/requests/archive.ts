/**
 * What an exported archive says: the page that a person reads, and the lines of the files that machines read. Pure;
 * what is written comes page by page, so that an archive of any size needs little memory.
 *
 * Everything a person ever typed can stand in here, so text becomes HTML through one escape only, the page runs
 * nothing and loads nothing, and entry names are never made from data (GDPR 15, 20; CWE-79, CWE-22).
 */

import type { CalendarDate } from '../environment.ts'
import { escapeHtml, page } from '../html.ts'
import type { Language, Policy, Text } from '../policy/model.ts'
import { said as wordingOf } from '../policy/render/localise.ts'
import { fill } from '../policy/render/phrases.ts'
import type { Held, Row } from '../source.ts'
import type { JsonValue } from '../store.ts'
import { codeNames, partNames, phrases } from './phrases.ts'

/** In what an archive is written. */
export interface Wording {
  readonly policy: Policy
  readonly language: Language
}

const said = (text: Text, { language }: Wording): string => wordingOf(text, language, 'policy')

const style = `
.row { border: 1px solid var(--line); border-radius: .4rem; padding: .9rem 1.1rem; margin: 1rem 0; }
.row h3 { margin: 1.2rem 0 .2rem; } .row h3:first-of-type { margin-top: .4rem; }
.soft { color: var(--soft); font-size: .9rem; margin: .2rem 0; }
dl { display: grid; grid-template-columns: minmax(9rem, 1fr) 3fr; gap: .3rem 1rem; }
dl dl { margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
dd ol { margin: 0; padding-left: 1.2rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
`

/** A page cut where the sources go: what stands before them, and after. */
export function frame(wording: Wording, today: CalendarDate): { head: string; foot: string } {
  const { policy, language } = wording
  const words = phrases[language]
  const { controller, supervisoryAuthority: authority } = policy
  const intro = fill(words.intro, { controller: controller.name, date: dayOf(today, wording) })
  const complaint =
    authority && fill(words.complaint, { authority: said(authority.name, wording), url: authority.url })
  const marker = '<!-- sources -->'
  const whole = page({
    lang: language,
    title: words.title,
    style,
    body: `<main>
<h1>${escapeHtml(words.title)}</h1>
<p>${escapeHtml(intro)}</p>
<p>${escapeHtml(words.files)}</p>
${marker}
<h2>${escapeHtml(words.rights)}</h2>
${rights(wording)}
<p>${escapeHtml(fill(words.correct, { email: controller.email }))}</p>
${complaint ? `<p>${escapeHtml(complaint)}</p>` : ''}
</main>`,
  })
  const [head = '', foot = ''] = whole.split(marker)
  return { head, foot }
}

function rights(wording: Wording): string {
  const items = Object.values(wording.policy.rights).map(
    ({ says }) => `<li>${escapeHtml(said(says, wording))}</li>`,
  )
  return `<ul>${items.join('')}</ul>`
}

/** The heading of a source. */
export const heading = (label: Text, wording: Wording): string =>
  `<h2>${escapeHtml(said(label, wording))}</h2>\n`

export const nothing = (wording: Wording): string =>
  `<p>${escapeHtml(phrases[wording.language].nothing)}</p>\n`

/**
 * A row as people read it: its values by category, with since when they are there and from where. Why a category is
 * kept and for how long is said where it is first met; `told` holds those that were met.
 */
export function rowHtml(row: Row, { wording, told }: { wording: Wording; told: Set<string> }): string {
  const parts = [...byCategory(row)].map(([category, fields]) => {
    const about = told.has(category) ? heading3(category, wording) : aboutCategory(category, wording)
    told.add(category)
    return `${about}\n${[...byOrigin(fields)].map((each) => list(each, wording)).join('\n')}`
  })
  return `<section class="row">${parts.join('\n')}</section>\n`
}

type Fields = readonly [Held, ...Held[]]

function grouped(fields: readonly Held[], by: (field: Held) => string): ReadonlyMap<string, Fields> {
  const groups = new Map<string, [Held, ...Held[]]>()
  for (const field of fields) {
    const group = groups.get(by(field))
    if (group) group.push(field)
    else groups.set(by(field), [field])
  }
  return groups
}

const byCategory = ({ fields }: Row): ReadonlyMap<string, Fields> =>
  grouped(fields, ({ category }) => category)

const byOrigin = (fields: Fields): Iterable<Fields> =>
  grouped(fields, ({ recordedAt, origin = '' }) => `${recordedAt} ${origin}`).values()

/** Values that came at one moment from one origin. */
function list(fields: Fields, wording: Wording): string {
  const words = phrases[wording.language]
  const [{ recordedAt, origin }] = fields
  const from = origin === undefined ? undefined : wording.policy.origins[origin]
  const facts = [
    `${words.recorded}: ${moment(recordedAt, wording)}`,
    ...(from ? [`${words.origin}: ${said(from.label, wording)}`] : []),
  ]
  const lines = fields.map(({ name, label, value = null }) =>
    label ? entry(said(label, wording), value, wording) : part(name, value, wording),
  )
  return `<p class="soft">${escapeHtml(facts.join(' · '))}</p>\n<dl>${lines.join('\n')}</dl>`
}

function heading3(category: string, wording: Wording): string {
  const label = wording.policy.categories[category]?.label
  return `<h3>${escapeHtml(label ? said(label, wording) : category)}</h3>`
}

/** A category as a heading, with its purposes and its retention. */
function aboutCategory(category: string, wording: Wording): string {
  const { policy, language } = wording
  const words = phrases[language]
  const why = Object.values(policy.purposes)
    .filter(({ categories }) => categories.includes(category))
    .map(({ label: purpose }) => said(purpose, wording))
  const { says: until, exemption } = policy.retention[category] ?? {}
  const lines = [
    ...(why.length > 0 ? [`${words.why}: ${why.join('; ')}`] : []),
    ...(until ? [`${words.until}: ${said(until, wording)}`] : []),
    ...(exemption ? [`${words.exemption}: ${said(exemption.says, wording)}`] : []),
  ].map((line) => `<p class="soft">${escapeHtml(line)}</p>`)
  return `${heading3(category, wording)}\n${lines.join('\n')}`
}

const entry = (name: string, value: JsonValue, wording: Wording): string =>
  `<dt>${escapeHtml(name)}</dt><dd>${valueHtml(value, wording)}</dd>`

/** A part of the library's own records, with its code in words. */
const part = (name: string, value: JsonValue, wording: Wording): string =>
  entry(partName(name, wording), codeName(name, value, wording), wording)

function codeName(name: string, value: JsonValue, { language, policy }: Wording): JsonValue {
  if (typeof value !== 'string') return value
  const words = ownOf(ownOf(codeNames, name) ?? {}, value)
  if (words) return words[language]
  if (name === 'purpose') return ownOf(policy.purposes, value)?.label[language] ?? value
  if (name === 'recipient') return ownOf(policy.recipients, value)?.name[language] ?? value
  return value
}

const partName = (name: string, { language }: Wording): string => ownOf(partNames, name)?.[language] ?? name

const ownOf = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined

/** What a person typed can look like a moment that no calendar has. */
const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))

/** A value as people read it: lists and parts as such, moments in the policy's time zone. */
function valueHtml(value: JsonValue, wording: Wording): string {
  if (typeof value === 'string') return escapeHtml(isMoment(value) ? moment(value, wording) : value)
  if (value === null) return '–'
  if (typeof value !== 'object') return escapeHtml(String(value))
  if (Array.isArray(value))
    return `<ol>${value.map((each) => `<li>${valueHtml(each, wording)}</li>`).join('')}</ol>`
  return `<dl>${Object.entries(value)
    .map(([name, each]) => part(name, each, wording))
    .join('')}</dl>`
}

const localeOf = ({ language }: Wording): string => (language === 'fi' ? 'fi-FI' : 'en-GB')

const dayOf = (day: CalendarDate, wording: Wording): string =>
  new Intl.DateTimeFormat(localeOf(wording), { timeZone: 'UTC', dateStyle: 'long' }).format(new Date(day))

const moment = (at: string, wording: Wording): string =>
  new Intl.DateTimeFormat(localeOf(wording), {
    timeZone: wording.policy.timeZone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(new Date(at))

/** A row as machines read it: the values, and of each its category, its date and its origin. */
export const rowJson = ({ fields }: Row): string =>
  JSON.stringify({
    values: Object.fromEntries(fields.map(({ name, value = null }) => [name, value])),
    about: Object.fromEntries(
      fields.map(({ name, category, recordedAt, origin }) => [
        name,
        { category, recordedAt, ...(origin !== undefined && { origin }) },
      ]),
    ),
  })
