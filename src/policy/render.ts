/**
 * The policy as people read it. What is rendered is what is enforced: the same data, in words; nothing is added that
 * the library does not do, and a transfer that would be denied is not announced as one that takes place.
 *
 * A text that is missing in the language asked for is an error. Nothing here is legal advice.
 */

import type { CalendarDate } from '../environment.ts'
import type { Language, Policy } from './model.ts'
import { type Document, toHtml, toMarkdown } from './render/document.ts'
import { notice } from './render/notice.ts'
import { record } from './render/records.ts'
import { telling } from './render/telling.ts'

export type RenderFormat = 'markdown' | 'html'

export interface RenderOptions {
  readonly format: RenderFormat
  readonly language: Language
  /** The day as of which transfers are told; absent: the day the policy takes effect. */
  readonly on?: CalendarDate
}

/**
 * The privacy notice (GDPR 13 and 14): Markdown, or one self-contained HTML page without scripts.
 * @throws InvalidInput `policy.untranslated`, with the path of the first text that is missing in that language
 */
export function renderPolicy(policy: Policy, { format, language, on = policy.date }: RenderOptions): string {
  return written(notice(telling(policy, language, on)), format)
}

/**
 * The record of processing activities (GDPR 30(1)): English Markdown where nothing else is asked for.
 * @throws InvalidInput `policy.untranslated`, with the path of the first text that is missing in that language
 */
export function renderRecords(policy: Policy, options: Partial<RenderOptions> = {}): string {
  const { format = 'markdown', language = 'en', on = policy.date } = options
  return written(record(telling(policy, language, on)), format)
}

const written = (document: Document, format: RenderFormat): string =>
  format === 'html' ? toHtml(document) : toMarkdown(document)
