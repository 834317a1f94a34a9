/**
 * What an exported archive says: the page that a person reads, and the lines of the files that machines read. Pure;
 * what is written comes page by page, so that an archive of any size needs little memory.
 *
 * Everything a person ever typed can stand in here, so text becomes HTML through one escape only, the page runs
 * nothing and loads nothing, and entry names are never made from data (GDPR 15, 20; CWE-79, CWE-22).
 */

import type { CalendarDate } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { escapeHtml, page } from '../html.ts'
import type { Language, Policy, Text } from '../policy/model.ts'
import type { Row, Source } from '../source.ts'
import { fill, type Phrases, phrases } from './phrases.ts'

/** In what an archive is written. */
export interface Wording {
  readonly policy: Policy
  readonly language: Language
}

const said = (text: Text, { language }: Wording): string => {
  const found = text[language]
  if (found === undefined) {
    throw new InvalidInput('policy.untranslated', `the policy has no text in ${language}`, {
      path: 'language',
    })
  }
  return found
}

const style = `
dl { display: grid; grid-template-columns: minmax(8rem, 1fr) 3fr; gap: .2rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: inherit; }
`

/** A page cut where the sources go: what stands before them, and after. */
export function frame(wording: Wording, today: CalendarDate): { head: string; foot: string } {
  const { policy, language } = wording
  const words = phrases[language]
  const { controller, supervisoryAuthority: authority } = policy
  const intro = fill(words.intro, { controller: controller.name, date: today })
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
export const heading = (source: Source, wording: Wording): string =>
  `<h2>${escapeHtml(said(source.label, wording))}</h2>\n`

export const nothing = (wording: Wording): string =>
  `<p>${escapeHtml(phrases[wording.language].nothing)}</p>\n`

/** A row as people read it: each value with its category, why it is there and how long it stays. */
export function rowHtml(row: Row, { source, ...wording }: Wording & { source: Source }): string {
  const words = phrases[wording.language]
  const origin = row.origin === undefined ? undefined : wording.policy.origins[row.origin]
  const facts = [
    `${escapeHtml(words.recorded)}: ${escapeHtml(row.recordedAt)}`,
    ...(origin ? [`${escapeHtml(words.origin)}: ${escapeHtml(said(origin.label, wording))}`] : []),
  ]
  const rows = Object.entries(row.values).map(([field, value]) => {
    const category = source.category(field, row)
    return `<tr><td>${escapeHtml(field)}</td><td><pre>${escapeHtml(plain(value))}</pre></td>${about(category, wording)}</tr>`
  })
  return `<p>${facts.join('<br>')}</p>
<div class="scroll"><table>${header(words)}<tbody>${rows.join('\n')}</tbody></table></div>
`
}

const header = (words: Phrases): string =>
  `<thead><tr>${[words.field, words.value, words.category, words.why, words.until]
    .map((title) => `<th scope="col">${escapeHtml(title)}</th>`)
    .join('')}</tr></thead>`

/** Category, purposes and retention of a value. */
function about(category: string, wording: Wording): string {
  const { policy } = wording
  const label = policy.categories[category]?.label
  const why = Object.values(policy.purposes)
    .filter(({ categories }) => categories.includes(category))
    .map(({ label: purpose }) => said(purpose, wording))
  const until = policy.retention[category]?.says
  const cells = [label ? said(label, wording) : category, why.join(', '), until ? said(until, wording) : '']
  return cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))

/** A row as machines read it. */
export const rowJson = (row: Row, source: Source): string =>
  JSON.stringify({
    recordedAt: row.recordedAt,
    ...(row.origin !== undefined && { origin: row.origin }),
    values: row.values,
    categories: Object.fromEntries(
      Object.keys(row.values).map((field) => [field, source.category(field, row)]),
    ),
  })
