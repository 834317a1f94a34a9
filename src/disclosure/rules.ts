/**
 * Whether a disclosure is permitted: everything must speak for it, and every reason against it is named.
 *
 * Consent as a ground is asked of the standing; a purpose the person denied is not disclosed for on any ground but the
 * law (the policy, "Disclosure" and "Right for denial").
 */

import type { Decision, Reason } from '../consent/model.ts'
import type { CalendarDate } from '../environment.ts'
import type { Policy, Recipient } from '../policy/model.ts'
import { evaluateTransfer, type TransferDecision } from '../policy/transfer.ts'
import type { DisclosureDecision, DisclosureQuestion } from './model.ts'

/** Every rule a disclosure can be denied or permitted by, beside those of transfers (`transfer.…`). */
export const disclosureRules = {
  'disclosure.recipient-unknown': 'the policy names no such recipient',
  'disclosure.ground': 'the policy gives the recipient nothing on this ground',
  'disclosure.purpose': 'the policy gives the recipient nothing for this purpose',
  'disclosure.fields': 'more was asked for than the minimal set of the recipient',
  'disclosure.denied': 'the person denied the purpose, or did not consent to it',
  'disclosure.permitted': 'recipient, ground, purpose, fields and transfer are as the policy says',
} as const

type Rule = keyof typeof disclosureRules

/** A decision, and the transfer rule it rests on. */
export interface Judged {
  readonly decision: Omit<DisclosureDecision, 'record'>
  readonly transfer: TransferDecision | null
}

/** @param consent what consent says about the purpose, asked of the person's standing */
export function judge(
  question: DisclosureQuestion,
  { policy, consent, on }: { policy: Policy; consent: Decision; on: CalendarDate },
): Judged {
  const recipient = Object.hasOwn(policy.recipients, question.recipient)
    ? policy.recipients[question.recipient]
    : undefined
  if (recipient === undefined) {
    const because = [reason('disclosure.recipient-unknown', 'Disclosure')] as const
    return { decision: { outcome: 'deny', because, fields: [], on }, transfer: null }
  }
  const transfer = evaluateTransfer(recipient, on)
  const [first, ...others] = against(question, { recipient, consent, transfer })
  if (first) return { decision: { outcome: 'deny', because: [first, ...others], fields: [], on }, transfer }
  const because = [reason('disclosure.permitted', recipient.clause), named(transfer, recipient)] as const
  return { decision: { outcome: 'permit', because, fields: question.fields, on }, transfer }
}

function against(
  { ground, purpose, fields }: DisclosureQuestion,
  { recipient, consent, transfer }: { recipient: Recipient; consent: Decision; transfer: TransferDecision },
): Reason[] {
  const reasons: Reason[] = []
  const { clause } = recipient
  if (!recipient.grounds.includes(ground)) reasons.push(reason('disclosure.ground', clause))
  if (!recipient.purposes.includes(purpose)) reasons.push(reason('disclosure.purpose', clause))
  if (!fields.every((field) => recipient.fields.includes(field)))
    reasons.push(reason('disclosure.fields', clause))
  if (!agreed(ground, consent)) reasons.push(reason('disclosure.denied', clause), ...consent.because)
  if (transfer.outcome === 'deny') reasons.push(named(transfer, recipient))
  return reasons
}

/** The law needs nobody's agreement; consent as a ground needs a consent that was given, not a missing denial. */
function agreed(ground: DisclosureQuestion['ground'], consent: Decision): boolean {
  if (ground === 'law') return true
  if (ground === 'consent') return consent.because.some(({ rule }) => rule === 'consent.given')
  // Whether the channel was stated is about contacting the person, which a disclosure does not.
  return (
    consent.outcome === 'permit' || consent.because.every(({ rule }) => rule === 'consent.channel-unstated')
  )
}

const reason = (rule: Rule, clause: string): Reason => ({ rule, clause })
const named = ({ rule }: TransferDecision, { clause }: Recipient): Reason => ({ rule, clause })
