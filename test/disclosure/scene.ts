/** What the tests of disclosures share: one person, what they said, and what is on record about them. */

import { type DisclosureDecision, type Policy, policyDigest } from '@pilvi/privacy'
import { expect } from 'vitest'
import { collect, type scene, startedAt } from '../consent/scene.ts'
import { unzip } from '../requests/zip.ts'
import type { cases, Question } from './cases.ts'
import { policy } from './policy.ts'

export const subject = 'person-77'
export type Held = ReturnType<typeof scene<Policy>>

/** What the person says at the beginning. */
export async function say(
  { privacy, environment }: Held,
  said: (typeof cases)[number]['said'] = [],
): Promise<void> {
  environment.set(startedAt)
  for (const [kind, purpose, by = 'link'] of said) {
    const operator = by === 'link' ? {} : { operator: 'agent-7' }
    const proxy = { role: 'attorney', evidence: { wording: 'letter-of-attorney' } } as const
    const statement = { subject, purpose, by, ...operator, ...(by === 'proxy' && { proxy }) }
    if (kind === 'denied') await privacy.consent.deny(statement)
    if (kind === 'given') await privacy.consent.give(statement)
    if (kind === 'refused') await privacy.consent.refuse(statement)
    if (kind === 'withdrawn') await privacy.consent.withdraw(statement)
  }
}

export const account = ({ privacy }: Held) => collect(privacy.disclosure.account(subject))

/** What the store holds of disclosures, whoever they are about. */
export const streams = ({ backing }: Held) => backing.streams.get('disclosures')?.size ?? 0

/** The acts of disclosing in the ledger. */
export async function disclosed({ privacy }: Held) {
  await privacy.ledger.sequence()
  const entries = await collect(privacy.ledger.list())
  return entries.filter(({ action }) => action === 'disclosure.permitted')
}

/** A permitted disclosure is recorded and accounted for; a denied one leaves nothing. */
export async function expectAccount(
  held: Held,
  { question, decision }: { question: Question; decision: DisclosureDecision },
) {
  const entries = await collect(held.privacy.disclosure.account(subject, { audience: 'operator' }))
  if (decision.outcome === 'deny') {
    expect([decision.fields, decision.record, entries, streams(held)]).toEqual([[], undefined, [], 0])
    expect(await disclosed(held)).toEqual([])
    return
  }
  expect(decision.fields).toEqual([...new Set(question.fields)])
  const { recipient, ground, purpose, channel, law, agreement, derogation, necessity } = question
  const transfer = decision.because[1]?.rule
  const [link] = (await collect(held.privacy.disclosure.links(subject))).map(({ id }) => id)
  expect(entries).toEqual([
    {
      id: decision.record,
      recipient,
      fields: decision.fields,
      ground,
      purpose,
      transfer,
      ...(channel && { channel }),
      ...(ground === 'partner' && { link }),
      ...(law && { law }),
      ...(agreement && { agreement }),
      ...(transfer === 'transfer.derogation' && { derogation }),
      ...(necessity && { necessity }),
      policyVersion: policy.version,
      policyDigest: policyDigest(policy),
      category: policy.ownData.disclosures,
      at: held.environment.now(),
    },
  ])
  const [act, ...others] = await disclosed(held)
  expect(others).toEqual([])
  expect(act).toMatchObject({
    action: 'disclosure.permitted',
    record: decision.record,
    clause: 'Disclosure',
    details: { recipient, ground, purpose, fields: decision.fields.join(' ') },
  })
  expect(JSON.stringify(act)).not.toContain(subject)
}

/** The files of an export that the person is given now. */
export async function exported({ privacy }: Held): Promise<Map<string, string>> {
  const { requests } = privacy
  const { id } = await requests.open({ subject, kind: 'export', receivedBy: 'email' })
  await requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
  const { digest } = await requests.plan(id)
  const { token = '' } = await requests.fulfil(id, { plan: digest })
  const zip = await new Response(await requests.redeem(token)).arrayBuffer()
  const decoder = new TextDecoder()
  return new Map([...unzip(new Uint8Array(zip))].map(([name, bytes]) => [name, decoder.decode(bytes)]))
}
