/**
 * Which of several subcontractors is to do a job, and what becomes of the transfers to all recipients on a day.
 *
 * The policy promises to prefer recipients in the EU and EEA ("Disclosure"). Of those that may have the data the order
 * is that of GDPR Chapter V: inside the EEA, under an adequacy decision, under a tool of Article 46; of equals the one
 * named first. A derogation holds for one case and is never a choice for a job. Who may not have the data comes last,
 * with every reason; where nobody may, nobody is chosen.
 */

import type { CalendarDate } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import { evaluateTransfer, permittedUntil, type TransferRule } from '../policy/transfer.ts'
import type { DisclosureJob, RecipientChoice, ReviewedTransfer, WeighedRecipient } from './model.ts'
import { beyond, named, recipientOf, unknown } from './rules.ts'

const order: readonly TransferRule[] = ['transfer.eea', 'transfer.adequacy', 'transfer.safeguards']

/** Weighs the recipients of a job on a day. */
export function choose(
  job: DisclosureJob,
  { policy, on }: { policy: Policy; on: CalendarDate },
): RecipientChoice {
  const ranked = [...new Set(job.recipients)].map((recipient) => weigh(recipient, { job, policy, on }))
  const weighed = ranked.sort((a, b) => a.rank - b.rank).map(({ rank: _, ...each }) => each)
  const [best] = weighed
  return best?.outcome === 'permit'
    ? { outcome: 'permit', recipient: best.recipient, weighed, on }
    : { outcome: 'deny', weighed, on }
}

function weigh(
  name: string,
  { job, policy, on }: { job: DisclosureJob; policy: Policy; on: CalendarDate },
): WeighedRecipient & { readonly rank: number } {
  const recipient = recipientOf(policy, name)
  const denied = { recipient: name, outcome: 'deny', rank: order.length } as const
  if (recipient === undefined) return { ...denied, because: unknown(job, policy) }
  const transfer = evaluateTransfer(recipient, on)
  const because = named(transfer, recipient)
  const [first, ...others] = beyond({ ...job, ground: 'subcontractor' }, recipient)
  const rank = order.indexOf(transfer.rule)
  if (first) return { ...denied, because: [first, ...others, ...(rank < 0 ? [because] : [])] }
  return rank < 0
    ? { ...denied, because: [because] }
    : { recipient: name, outcome: 'permit', because: [because], rank }
}

/** What becomes of the transfer to every recipient of the policy between two days. */
export const review = (
  policy: Policy,
  { from, on }: { readonly from: CalendarDate; readonly on: CalendarDate },
): ReviewedTransfer[] =>
  Object.entries(policy.recipients).map(([recipient, asked]) => {
    const before = evaluateTransfer(asked, from)
    const { outcome, rule, source } = evaluateTransfer(asked, on)
    const until = permittedUntil(asked, before.outcome === 'permit' ? from : on)
    return {
      ...{ recipient, country: asked.country, outcome, rule, source },
      previously: { outcome: before.outcome, rule: before.rule },
      ...(until !== undefined && { until }),
    }
  })
