/**
 * Whether a disclosure is permitted: everything must speak for it, and every reason against it is named.
 *
 * A purpose the person denied is not disclosed for on any ground but the law, which needs nobody's agreement (the
 * policy, "Disclosure" and "Right for denial"; GDPR 6(1)(c)). Consent as a ground is a consent that was given: that
 * nothing was denied is not enough. Nothing is disclosed about a person who was erased, on no ground at all.
 *
 * That a partner is linked, an agreement signed or a law demands the data is the host's word, and goes on record as
 * such; what the policy gives the recipient bounds it.
 */

import type { Decision, Reason } from '../consent/model.ts'
import type { CalendarDate } from '../environment.ts'
import type { Policy, Recipient } from '../policy/model.ts'
import { evaluateTransfer, type TransferDecision } from '../policy/transfer.ts'
import type { DisclosureDecision, DisclosureQuestion } from './model.ts'

/** Every rule a disclosure can be denied or permitted by, beside those of transfers (`transfer.…`) and of consent. */
export const disclosureRules = {
  'disclosure.recipient-unknown': 'the policy names no such recipient',
  'disclosure.ground': 'the policy gives the recipient nothing on this ground',
  'disclosure.purpose': 'the policy gives the recipient nothing for this purpose',
  'disclosure.fields': 'more was asked for than the minimal set of the recipient',
  'disclosure.denied':
    'the person denied the purpose, or has not consented where that is needed; the rules of consent follow',
  'disclosure.not-consented': 'consent is the ground, and was not given',
  'disclosure.permitted':
    'recipient, ground, purpose, fields and transfer are as the policy says; the rule of transfer follows',
} as const

type Rule = keyof typeof disclosureRules

/** A decision, and the transfer rule it rests on. */
export interface Judged {
  readonly decision: Omit<DisclosureDecision, 'record'>
  readonly transfer: TransferDecision | null
}

/** @param consent what consent says about the purpose where nobody is contacted */
export function judge(
  question: DisclosureQuestion,
  { policy, consent, on }: { policy: Policy; consent: Decision; on: CalendarDate },
): Judged {
  const recipient = Object.hasOwn(policy.recipients, question.recipient)
    ? policy.recipients[question.recipient]
    : undefined
  if (recipient === undefined) {
    const clause = policy.purposes[question.purpose]?.clause ?? ''
    const because = [reason('disclosure.recipient-unknown', clause)] as const
    return { decision: { outcome: 'deny', because, fields: [], on }, transfer: null }
  }
  const transfer = evaluateTransfer(recipient, on)
  const [first, ...others] = against(question, { recipient, consent, transfer })
  if (first) return { decision: { outcome: 'deny', because: [first, ...others], fields: [], on }, transfer }
  const because = [reason('disclosure.permitted', recipient.clause), named(transfer, recipient)] as const
  const fields = [...new Set(question.fields)]
  return { decision: { outcome: 'permit', because, fields, on }, transfer }
}

function against(
  question: DisclosureQuestion,
  { recipient, consent, transfer }: { recipient: Recipient; consent: Decision; transfer: TransferDecision },
): Reason[] {
  const { ground, purpose, fields } = question
  const { clause } = recipient
  const reasons: Reason[] = []
  if (!recipient.grounds.includes(ground)) reasons.push(reason('disclosure.ground', clause))
  if (!recipient.purposes.includes(purpose)) reasons.push(reason('disclosure.purpose', clause))
  if (!fields.every((field) => recipient.fields.includes(field))) {
    reasons.push(reason('disclosure.fields', clause))
  }
  reasons.push(...unagreed(ground, { consent, clause }))
  if (transfer.outcome === 'deny') reasons.push(named(transfer, recipient))
  return reasons
}

/** What the person's standing says against it. */
function unagreed(
  ground: DisclosureQuestion['ground'],
  { consent, clause }: { consent: Decision; clause: string },
): Reason[] {
  const { because } = consent
  const erased = because.filter(({ rule }) => rule === 'subject.erased')
  if (ground === 'law') return erased
  if (consent.outcome === 'deny') return [reason('disclosure.denied', clause), ...because]
  const given = because.some(({ rule }) => rule === 'consent.given')
  return ground === 'consent' && !given ? [reason('disclosure.not-consented', clause)] : []
}

const reason = (rule: Rule, clause: string): Reason => ({ rule, clause })
const named = ({ rule }: TransferDecision, { clause }: Recipient): Reason => ({ rule, clause })
