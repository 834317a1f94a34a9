/**
 * The record of processing activities (GDPR 30(1)): per purpose the people and data concerned, the recipients, the
 * transfers and the time limits, and for all of them the controller and the security measures.
 */

import type { Block, Document, Line } from './document.ts'
import { contact } from './keeping.ts'
import { fill } from './phrases.ts'
import { securityMeasures } from './promising.ts'
import {
  basisOf,
  contentsOf,
  country,
  exemptionOf,
  labelOf,
  subjectsOf,
  type Telling,
  transferTo,
  written,
} from './telling.ts'

/** The record as a document. */
export const record = (t: Telling): Document => ({
  lang: t.language,
  title: t.phrases.headings.records,
  contents: t.phrases.headings.contents,
  blocks: [
    {
      paragraph: fill(t.phrases.says.recordsVersion, {
        version: t.policy.version,
        date: written(t, t.policy.date),
      }),
    },
    { heading: t.phrases.headings.controller, level: 2 },
    { terms: contact(t) },
    ...Object.keys(t.policy.purposes).flatMap((name) => activity(t, name)),
    { heading: t.phrases.headings.security, level: 2 },
    { list: orNone(t, securityMeasures(t)) },
  ],
})

const orNone = (t: Telling, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [t.phrases.terms.none] : lines

/** GDPR 30(1)(b) to (f) for one purpose. */
function activity(t: Telling, name: string): Block[] {
  const purpose = t.policy.purposes[name]
  if (purpose === undefined) return []
  const { terms } = t.phrases
  const recipients = Object.values(t.policy.recipients).filter(({ purposes }) => purposes.includes(name))
  const rows: [string, readonly Line[]][] = [
    [terms.basis, [basisOf(t, purpose.legalBasis)]],
    ...(purpose.interest === undefined ? [] : [[terms.interest, [purpose.interest]] as [string, string[]]]),
    [terms.subjects, [...new Set(purpose.categories.flatMap((each) => subjectsOf(t, each)))]],
    [terms.data, purpose.categories.map((each) => entry(t, each, contentsOf(t, each)))],
    [terms.recipients, recipients.map((each) => `${each.name} (${country(t, each.country)})`)],
    [terms.transfers, recipients.flatMap((each) => transferLine(t, each))],
    [terms.limits, purpose.categories.flatMap((each) => limits(t, each))],
  ]
  return [
    { heading: purpose.label, level: 2 },
    { terms: rows.map(([term, lines]) => [term, lines.length === 0 ? [terms.none] : lines] as const) },
  ]
}

const entry = (t: Telling, category: string, says: string): string =>
  says === ''
    ? labelOf(t.policy.categories, category)
    : fill(t.phrases.says.keep, { label: labelOf(t.policy.categories, category), says })

function transferLine(t: Telling, recipient: Telling['policy']['recipients'][string]): string[] {
  const says = transferTo(t, recipient)
  return says === null ? [] : [`${recipient.name} (${country(t, recipient.country)}): ${says}`]
}

/** GDPR 30(1)(f). */
function limits(t: Telling, category: string): string[] {
  const kept = Object.hasOwn(t.policy.retention, category) ? t.policy.retention[category] : undefined
  if (kept === undefined) return []
  const { says, exemption } = kept
  return [
    entry(
      t,
      category,
      exemption === undefined ? says : `${says.replace(/\.$/, '')}. ${exemptionOf(t, exemption)}`,
    ),
  ]
}
