/**
 * The policy as people read it. What is rendered is what is enforced: the same data, in words; nothing is added that
 * the library does not do, and a transfer that would be denied is not announced as one that takes place.
 *
 * A text that is missing in the language asked for is an error. Nothing here is legal advice.
 */

import { calendarDate } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Language, Policy } from './model.ts'
import { type Document, toHtml, toMarkdown } from './render/document.ts'
import { notice } from './render/notice.ts'
import { phrases } from './render/phrases.ts'
import { record } from './render/records.ts'
import { type Telling, telling } from './render/telling.ts'

/** What a text is written as: CommonMark with tables, or one self-contained page. */
export type RenderFormat = 'markdown' | 'html'

/** How a policy is written down. */
export interface RenderOptions {
  readonly format: RenderFormat
  /** One of the policy's `languages`, or English. */
  readonly language: Language
  /** The day as of which transfers are told; absent: the day the policy takes effect. */
  readonly on?: CalendarDate
}

/**
 * The privacy notice (GDPR 13 and 14): Markdown, or one self-contained HTML page without scripts.
 * @throws InvalidInput `policy.untranslated`, with the path of the first text that is missing in that language;
 * `input.invalid` for an unknown format or language, or a day that is no date
 */
export function renderPolicy(policy: Policy, options: RenderOptions): string {
  return written(policy, notice, options)
}

/**
 * The record of processing activities (GDPR 30(1)): English Markdown where nothing else is asked for.
 * @throws InvalidInput as {@link renderPolicy} does
 */
export function renderRecords(policy: Policy, options: Partial<RenderOptions> = {}): string {
  const { format = 'markdown', language = 'en', on = policy.date } = options
  return written(policy, record, { format, language, on })
}

const writers: Readonly<Record<RenderFormat, (document: Document) => string>> = {
  markdown: toMarkdown,
  html: toHtml,
}

function written(
  policy: Policy,
  tell: (t: Telling) => Document,
  { format, language, on = policy.date }: RenderOptions,
): string {
  known(writers, format, 'format')
  known(phrases, language, 'language')
  return writers[format](tell(telling(policy, language, calendarDate(on, 'on'))))
}

function known(choices: object, given: unknown, path: 'format' | 'language'): void {
  if (typeof given === 'string' && Object.hasOwn(choices, given)) return
  throw new InvalidInput('input.invalid', `${path} must be ${Object.keys(choices).join(' or ')}`, { path })
}
