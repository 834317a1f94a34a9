/**
 * Whether a disclosure is permitted: everything must speak for it, and every reason against it is named.
 *
 * A purpose the person denied is not disclosed for on any ground but the law, which needs nobody's agreement (the
 * policy, "Disclosure" and "Right for denial"; GDPR 6(1)(c)); and for marketing, or what can be denied absolutely, by law
 * neither (GDPR 21(3)). Consent as a ground is a consent that the person or who speaks for them gave: that nothing was
 * denied is not enough, nor is a list's word. Restricted data are disclosed, by law as well, only with the person's consent
 * since or where the question names what makes them necessary (GDPR 18(2)). Nothing is disclosed about a person who was
 * erased, nor about an id that was merged into another, on no ground at all.
 *
 * A partner is given data while the customer's link to it holds. An agreement and a provision of law are the host's word,
 * and go on record; what the policy gives the recipient bounds them. An authority's request has a reference too, and only
 * an authority can order secrecy, so that nobody else's disclosure is kept out of a person's account.
 */

import type { Decision, Reason } from '../consent/model.ts'
import { isAbsolute } from '../consent/noes.ts'
import type { CalendarDate } from '../environment.ts'
import type { Policy, Recipient } from '../policy/model.ts'
import { evaluateTransfer, type TransferDecision } from '../policy/transfer.ts'
import type { DisclosureDecision, DisclosureEntry, DisclosureQuestion } from './model.ts'

/** Every rule a disclosure can be denied or permitted by, beside those of transfers (`transfer.…`) and of consent. */
export const disclosureRules = {
  'disclosure.recipient-unknown': 'the policy names no such recipient',
  'disclosure.ground': 'the policy gives the recipient nothing on this ground',
  'disclosure.purpose': 'the policy gives the recipient nothing for this purpose',
  'disclosure.fields': 'more was asked for than the minimal set of the recipient',
  'disclosure.not-linked': 'the customer has no link to the partner on that day',
  'disclosure.agreement-missing': 'an agreement is the ground, and none is named',
  'disclosure.law-missing': 'the law is the ground, and no provision is named',
  'disclosure.authority-missing': 'an authority asks by law, and the reference of its request is not named',
  'disclosure.not-an-authority': 'secrecy is ordered, and the recipient is no authority',
  'disclosure.denied':
    'the person denied the purpose, or has not consented where that is needed; the rules of consent follow',
  'disclosure.not-consented':
    'consent is what the disclosure or its transfer rests on, and neither the person nor a proxy gave it',
  'disclosure.permitted':
    'recipient, ground, purpose, fields and transfer are as the policy says; the rule of transfer follows',
} as const

type Rule = keyof typeof disclosureRules

/** A decision, and the transfer rule it rests on. */
export interface Judged {
  readonly decision: Omit<DisclosureDecision, 'record'>
  readonly transfer: TransferDecision | null
}

/** What a question is judged by. */
export interface Basis {
  readonly policy: Policy
  /** What consent says about the purpose, by the channel of the question. */
  readonly consent: Decision
  /** The link to the recipient that holds on that day, where there is one. */
  readonly link?: string
  readonly on: CalendarDate
}

/** Judges a question; its purpose is one of the policy's. */
export function judge(question: DisclosureQuestion, basis: Basis): Judged {
  const { policy, on } = basis
  const recipient = recipientOf(policy, question.recipient)
  if (recipient === undefined) {
    return {
      decision: { outcome: 'deny', because: unknown(question, policy), fields: [], on },
      transfer: null,
    }
  }
  const { derogation } = question
  const transfer = evaluateTransfer({ ...recipient, ...(derogation && { derogation }) }, on)
  const [first, ...others] = against(question, { ...basis, recipient, transfer })
  if (first) return { decision: { outcome: 'deny', because: [first, ...others], fields: [], on }, transfer }
  const excepted = basis.consent.because.filter(({ rule }) => exceptions.includes(rule))
  const because = [
    reason('disclosure.permitted', recipient.clause),
    named(transfer, recipient),
    ...excepted,
  ] as const
  const fields = [...new Set(question.fields)]
  return { decision: { outcome: 'permit', because, fields, on }, transfer }
}

/** What a permit passes over: it is said with it. */
const exceptions: readonly string[] = ['consent.existing-customer', 'subject.restriction-excepted']

/** A recipient of the policy, by its name. */
export const recipientOf = ({ recipients }: Policy, name: string): Recipient | undefined =>
  Object.hasOwn(recipients, name) ? recipients[name] : undefined

/** Why a recipient is denied that the policy does not name. */
export const unknown = (
  { purpose }: { readonly purpose: string },
  { purposes }: Policy,
): readonly [Reason] => [reason('disclosure.recipient-unknown', purposes[purpose]?.clause ?? '')]

interface Weighed extends Basis {
  readonly recipient: Recipient
  readonly transfer: TransferDecision
}

function against(question: DisclosureQuestion, weighed: Weighed): Reason[] {
  const { recipient, transfer } = weighed
  return [
    ...beyond(question, recipient),
    ...unfounded(question, weighed),
    ...unagreed(question, weighed),
    ...(transfer.outcome === 'deny' ? [named(transfer, recipient)] : []),
  ]
}

/** What was asked beyond what the policy gives the recipient. */
export function beyond(
  { ground, purpose, fields }: Pick<DisclosureQuestion, 'ground' | 'purpose' | 'fields'>,
  recipient: Recipient,
): Reason[] {
  const { clause } = recipient
  const reasons: Reason[] = []
  if (!recipient.grounds.includes(ground)) reasons.push(reason('disclosure.ground', clause))
  if (!recipient.purposes.includes(purpose)) reasons.push(reason('disclosure.purpose', clause))
  if (!fields.every((field) => recipient.fields.includes(field))) {
    reasons.push(reason('disclosure.fields', clause))
  }
  return reasons
}

/** What the ground needs and has not, and what only another ground has. */
function unfounded(
  { ground, law, agreement }: DisclosureQuestion,
  { recipient: { role, clause }, link }: Weighed,
): Reason[] {
  const reasons: Reason[] = []
  if (ground === 'partner' && link === undefined) reasons.push(reason('disclosure.not-linked', clause))
  if (ground === 'agreement' && agreement === undefined) {
    reasons.push(reason('disclosure.agreement-missing', clause))
  }
  if (ground !== 'law') return reasons
  if (law === undefined) reasons.push(reason('disclosure.law-missing', clause))
  if (role === 'authority' && law?.reference === undefined) {
    reasons.push(reason('disclosure.authority-missing', clause))
  }
  if (role !== 'authority' && law?.secrecy !== undefined) {
    reasons.push(reason('disclosure.not-an-authority', clause))
  }
  return reasons
}

/** What not even the law outweighs: GDPR 17 and 18(2), and that another id is to be asked about. */
const unlifted: readonly string[] = ['subject.erased', 'subject.merged', 'subject.restricted']

/** What the person's standing says against it. */
function unagreed(
  { ground, purpose, derogation }: DisclosureQuestion,
  { policy, consent, recipient: { clause }, transfer }: Weighed,
): Reason[] {
  const { because } = consent
  // Not `consent.listed`: GDPR 4(11) and 7(1), a consent is the person's own.
  const given = because.some(({ rule }) => rule === 'consent.given')
  // GDPR 49(1)(a): whatever the ground, a transfer that rests on consent needs one.
  const rests = transfer.rule === 'transfer.derogation' && derogation?.ground === 'explicit-consent'
  const missing = (ground === 'consent' || rests) && !given
  const unconsented = missing ? [reason('disclosure.not-consented', clause)] : []
  if (ground === 'law' && !isAbsolute(policy, purpose))
    return [...because.filter(({ rule }) => unlifted.includes(rule)), ...unconsented]
  if (consent.outcome === 'deny') return [reason('disclosure.denied', clause), ...because]
  return unconsented
}

const reason = (rule: Rule, clause: string): Reason => ({ rule, clause })

/** The rule of a transfer as a reason. */
export const named = ({ rule }: TransferDecision, { clause }: Recipient): Reason => ({ rule, clause })

/** Whether the person is not to learn of a disclosure yet: until the day after the last of its secrecy. */
export const isSecret = ({ law }: DisclosureEntry, today: CalendarDate): boolean =>
  law?.secrecy !== undefined && today <= law.secrecy.until
