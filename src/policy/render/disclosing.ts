/** The sections of the notice on who receives data, and on what goes abroad. */

import type { Block } from './document.ts'
import {
  capital,
  country,
  fieldLabels,
  frameworks,
  heading,
  joined,
  labelsOf,
  type Telling,
  transferTo,
} from './telling.ts'

/** GDPR 13(1)(e). */
export function recipients(t: Telling): Block[] {
  const { terms, says, role, ground } = t.phrases
  const all = Object.values(t.policy.recipients)
  if (all.length === 0) return [heading(t, 'recipients'), { paragraph: says.noRecipients }]
  return [
    heading(t, 'recipients'),
    { paragraph: says.recipients },
    {
      head: [terms.recipient, terms.country, terms.ground, terms.purpose, terms.data],
      rows: all.map((recipient) => [
        `${recipient.name} (${role[recipient.role]})`,
        country(t, recipient.country),
        capital(
          joined(
            t,
            recipient.grounds.map((each) => ground[each]),
            'disjunction',
          ),
        ),
        labelsOf(t.policy.purposes, recipient.purposes),
        fieldLabels(t, recipient.fields),
      ]),
    },
  ]
}

/** GDPR 13(1)(f). */
export function transfers(t: Telling): Block[] {
  const outside = Object.values(t.policy.recipients).flatMap((recipient) => {
    const says = transferTo(t, recipient)
    return says === null ? [] : [[`${recipient.name}, ${country(t, recipient.country)}`, [says]] as const]
  })
  return [
    heading(t, 'transfers'),
    outside.length === 0 ? { paragraph: t.phrases.says.noTransfers } : { terms: outside },
    ...frameworks(t).map((paragraph) => ({ paragraph })),
  ]
}
