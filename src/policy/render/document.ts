/**
 * A small document and its two writers, so that a notice is put together once and written as Markdown or HTML.
 *
 * Invariant: every text in the tree is plain text. The writers escape all of it, structural characters of Markdown
 * and HTML alike, so no text of a policy can become markup (CommonMark 0.31 §2.4: a backslash before ASCII
 * punctuation; HTML: `escapeHtml`). Links other than https and mailto are written as their text.
 */

import { escapeHtml, page } from '../../html.ts'

/** A run of text, or a link. */
export type Inline = string | { readonly text: string; readonly href: string }
/** What stands in a line, in order. */
export type Line = Inline | readonly Inline[]

export type Block =
  | { readonly heading: string; readonly level: 2 | 3 }
  | { readonly paragraph: Line }
  | { readonly list: readonly Line[] }
  /** Terms, each with one line or several. */
  | { readonly terms: readonly (readonly [term: string, lines: readonly Line[]])[] }
  | { readonly head: readonly string[]; readonly rows: readonly (readonly Line[])[] }

export interface Document {
  readonly lang: string
  readonly title: string
  /** Heads the list of sections. */
  readonly contents: string
  readonly blocks: readonly Block[]
}

const runs = (line: Line): readonly Inline[] =>
  Array.isArray(line) ? (line as readonly Inline[]) : [line as Inline]
const isSafe = (href: string): boolean => /^(?:https:\/\/|mailto:)[^\s<>"'`\\]+$/.test(href)

/** A link to an address for mail; the address is its text. */
export const mail = (address: string): Inline => ({
  text: address,
  href: `mailto:${encodeURIComponent(address).replace('%40', '@')}`,
})

const escapeRun = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|~&$]/g, '\\$&')

/** What would begin a heading, a list or a rule where it begins a line. */
const escapeStart = (line: string): string =>
  line.replace(/^[#+=-]/, '\\$&').replace(/^\d{1,9}(?=[.)])/, '$&\\')

/** Text with every character escaped that could begin a structure; line breaks become spaces. */
export const escapeMarkdown = (text: string): string => escapeStart(escapeRun(text).trim())

const markdownRun = (run: Inline): string => {
  if (typeof run === 'string') return escapeRun(run)
  return isSafe(run.href) ? `[${escapeRun(run.text)}](<${run.href}>)` : escapeRun(run.text)
}

const markdownLine = (line: Line): string => escapeStart(runs(line).map(markdownRun).join('').trim())

function markdownBlock(block: Block): string {
  if ('heading' in block) return `${'#'.repeat(block.level)} ${escapeMarkdown(block.heading)}`
  if ('paragraph' in block) return markdownLine(block.paragraph)
  if ('list' in block) return block.list.map((line) => `- ${markdownLine(line)}`).join('\n')
  if ('terms' in block) {
    return block.terms
      .map(([term, lines]) => {
        const head = `- **${escapeMarkdown(term)}**`
        const [only] = lines
        return only !== undefined && lines.length === 1
          ? `${head}: ${markdownLine(only)}`
          : [`${head}:`, ...lines.map((line) => `  - ${markdownLine(line)}`)].join('\n')
      })
      .join('\n')
  }
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    row(block.head.map(escapeMarkdown)),
    row(block.head.map(() => '---')),
    ...block.rows.map((cells) => row(cells.map(markdownLine))),
  ].join('\n')
}

/** The document as CommonMark with tables (GFM). */
export const toMarkdown = (document: Document): string =>
  `${[`# ${escapeMarkdown(document.title)}`, ...document.blocks.map(markdownBlock)].join('\n\n')}\n`

const htmlLine = (line: Line): string =>
  runs(line)
    .map((run) => {
      if (typeof run === 'string') return escapeHtml(run)
      const text = escapeHtml(run.text)
      return isSafe(run.href) ? `<a href="${escapeHtml(run.href)}">${text}</a>` : text
    })
    .join('')

const htmlList = (lines: readonly Line[]): string =>
  `<ul>${lines.map((line) => `<li>${htmlLine(line)}</li>`).join('')}</ul>`

/** One line as it is, several as a list. */
const htmlLines = (lines: readonly Line[]): string =>
  lines.length === 1 ? lines.map(htmlLine).join('') : htmlList(lines)

function htmlBlock(block: Block, i: number): string {
  if ('heading' in block) {
    return `<h${block.level} id="s${i}">${escapeHtml(block.heading)}</h${block.level}>`
  }
  if ('paragraph' in block) return `<p>${htmlLine(block.paragraph)}</p>`
  if ('list' in block) return htmlList(block.list)
  if ('terms' in block) {
    const entries = block.terms.map(
      ([term, lines]) => `<dt>${escapeHtml(term)}</dt><dd>${htmlLines(lines)}</dd>`,
    )
    return `<dl>${entries.join('')}</dl>`
  }
  return htmlTable(block.head, block.rows)
}

/** On a narrow screen the style sets cells under each other; the roles keep it a table to those who listen to it. */
function htmlTable(head: readonly string[], rows: readonly (readonly Line[])[]): string {
  const heads = head.map((cell) => `<th scope="col" role="columnheader">${escapeHtml(cell)}</th>`).join('')
  const cell = (line: Line, i: number): string =>
    `<td role="cell" data-label="${escapeHtml(head[i] ?? '')}"><span>${htmlLine(line)}</span></td>`
  const body = rows.map((cells) => `<tr role="row">${cells.map(cell).join('')}</tr>`).join('\n')
  return (
    `<table role="table"><thead role="rowgroup"><tr role="row">${heads}</tr></thead>\n` +
    `<tbody role="rowgroup">${body}</tbody></table>`
  )
}

const style = `
nav { background: var(--wash); padding: .9rem 1.1rem; border-radius: .5rem; margin: 1.5rem 0; }
nav p { margin: 0 0 .3rem; font-weight: 600; color: var(--soft); }
nav ul { margin: 0; padding: 0; list-style: none; columns: 18rem; column-gap: 2rem; }
nav li { break-inside: avoid; margin: 0; padding: .15rem 0; }
dl { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; gap: .35rem 1.25rem; }
dt { color: var(--soft); } dd { margin: 0; } dd ul { margin: 0; padding-left: 1.1rem; }
td:first-child { font-weight: 600; }
@media (max-width: 44rem) {
  dl { display: block; } dt { margin-top: .8rem; font-size: .9em; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; margin: .75rem 0; }
  td { border: 0; padding: .2rem 0; }
  td:first-child { font-size: 1.05em; }
  td:not(:first-child)::before { content: attr(data-label); display: block; color: var(--soft); font-size: .85em; }
  td:empty { display: none; }
}
@media print { nav { display: none; } a { text-decoration: none; } }
`

/** The document as one self-contained page. */
export function toHtml(document: Document): string {
  const sections = document.blocks.flatMap((block, i) =>
    'heading' in block && block.level === 2
      ? [`<li><a href="#s${i}">${escapeHtml(block.heading)}</a></li>`]
      : [],
  )
  const nav = `<nav><p>${escapeHtml(document.contents)}</p><ul>${sections.join('')}</ul></nav>`
  const first = document.blocks.findIndex((block) => 'heading' in block)
  const written = document.blocks.map(htmlBlock)
  const body = [
    `<h1>${escapeHtml(document.title)}</h1>`,
    ...written.slice(0, Math.max(first, 0)),
    nav,
    ...written.slice(Math.max(first, 0)),
  ].join('\n')
  return page({ lang: document.lang, title: document.title, style, body: `<main>\n${body}\n</main>` })
}
