/** Requests about one of two ids of a person: they go by one id, and name the other. */

import { describe, expect, it } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import { type Held, held } from './held.ts'
import { dump, holding } from './raw.ts'
import { unzip } from './zip.ts'

const [from, into, operator] = ['customer-1', 'customer-2', 'agent-7']
const pair = { from, into, operator }
const call = { purpose: 'telemarketing', channel: 'phone' } as const

/** Two customers with everything in every source, merged. */
async function merged(): Promise<Held> {
  const made = held()
  await made.populate(from)
  await made.privacy.consent.deny({ subject: into, purpose: 'market-research', by: 'link' })
  await made.privacy.consent.merge(pair)
  return made
}

const asked = ({ privacy }: Held, subject: string) =>
  privacy.consent
    .decide({ subject, ...call })
    .then(({ outcome, because }) => [outcome, ...because.map(({ rule }) => rule)])

/** What an export hands out of consents, as JSON. */
async function consentsOf({ privacy, confirmed }: Held, subject: string): Promise<string> {
  const id = await confirmed('export', subject)
  const { digest } = await privacy.requests.plan(id)
  const { token = '' } = await privacy.requests.fulfil(id, { plan: digest })
  const bytes = await new Response(await privacy.requests.redeem(token)).bytes()
  return new TextDecoder().decode(unzip(bytes).get('data/consents.json'))
}

describe('a plan about one of two ids that were merged', () => {
  it.each([
    ['erasure', from, into],
    ['erasure', into, from],
    ['export', from, into],
    ['export', into, from],
  ] as const)('of an %s of %s names %s; the record has their number alone', async (kind, subject, other) => {
    const made = await merged()
    const id = await made.confirmed(kind, subject)
    const plan = await made.privacy.requests.plan(id)
    expect(plan).toMatchObject({ merged: 1, others: [other] })
    const { others: _, ...stored } = plan
    expect((await made.privacy.requests.find(id))?.plan).toEqual(stored)
    const report = await made.privacy.requests.fulfil(id, { plan: plan.digest })
    expect(report.merged).toBe(1)
    expect(JSON.stringify(await made.privacy.requests.find(id))).not.toContain(other)
    if (kind === 'erasure') {
      expect(await made.privacy.keys.verify(report.receipt ?? '', receiptType)).toMatchObject({ merged: 1 })
    }
  })

  it('names every id that was merged, and none that was parted since', async () => {
    const made = await merged()
    await made.privacy.consent.merge({ ...pair, from: 'customer-3' })
    const id = await made.confirmed('export', into)
    const plan = await made.privacy.requests.plan(id)
    expect(plan.others?.toSorted()).toEqual([from, 'customer-3'])
    await made.privacy.consent.unmerge(pair)
    // What it rests on has changed.
    await expect(made.privacy.requests.fulfil(id, { plan: plan.digest })).rejects.toMatchObject({
      code: 'conflict.plan',
    })
    expect(await made.privacy.requests.plan(id)).toMatchObject({ merged: 1, others: ['customer-3'] })
    await made.privacy.consent.unmerge({ ...pair, from: 'customer-3' })
    const alone = await made.privacy.requests.plan(id)
    expect('merged' in alone || 'others' in alone).toBe(false)
  })
})

describe('an erasure of one of two ids that were merged', () => {
  it('of the one that stays: the retired one is still denied, and a no about it is still taken', async () => {
    const made = await merged()
    await made.erased(into)
    expect(await asked(made, from)).toEqual(['deny', 'subject.merged'])
    expect(await asked(made, into)).toEqual(['deny', 'subject.erased'])
    await made.privacy.consent.deny({ subject: from, purpose: 'personal-research', by: 'link' })
    // It can be parted from what is no more, and is asked about as itself then.
    await made.privacy.consent.unmerge(pair)
    expect(await asked(made, from)).toEqual(['deny', 'consent.denied'])
    const may = await made.privacy.consent.decide({
      subject: from,
      purpose: 'personal-research',
      channel: 'post',
    })
    expect(may.because.map(({ rule }) => rule)).toEqual(['consent.denied'])
  })

  it('of the retired one: what was carried to the other stays, and where it came from is not readable', async () => {
    const made = await merged()
    const before = await asked(made, into)
    expect(before).toEqual(['deny', 'consent.denied'])
    await made.erased(from)
    expect(await asked(made, from)).toEqual(['deny', 'subject.erased'])
    expect(await asked(made, into)).toEqual(before)
    const undone = made.privacy.consent.unmerge(pair)
    await expect(undone).rejects.toMatchObject({ code: 'conflict.erased' })
    const left = holding(dump(made.backing), from).filter((place) => place.includes(into))
    expect(left).toEqual([])
  })

  it('of the one that stays, who is taken up again: noes about the retired one reach it', async () => {
    const made = await merged()
    await made.erased(into)
    await made.privacy.requests.reopen({ subject: into, operator, because: 'returned' })
    await made.privacy.consent.deny({ subject: from, purpose: 'telemarketing', by: 'link' })
    expect(await asked(made, into)).toEqual(['deny', 'consent.denied'])
    // The merge that it knows nothing of is not the same one: it is undone first.
    const again = made.privacy.consent.merge(pair)
    await expect(again).rejects.toMatchObject({ code: 'conflict.state' })
    await made.privacy.consent.unmerge(pair)
    await made.privacy.consent.merge(pair)
    expect((await asked(made, from))[1]).toBe('subject.merged')
  })
})

describe('an export of one of two ids that were merged', () => {
  it('shows that they were, and what was carried; once it is undone not what is somebody else’s', async () => {
    const made = await merged()
    const shown = await consentsOf(made, into)
    for (const text of ['"absorbed"', '"telemarketing"', '"carried"']) expect(shown).toContain(text)
    expect(shown).not.toContain(from)
    expect(await consentsOf(made, from)).toContain('"merged"')
    await made.privacy.consent.unmerge(pair)
    const after = await consentsOf(made, into)
    for (const text of ['"telemarketing"', '"carried"']) expect(after).not.toContain(text)
    expect(after).toContain('"market-research"')
    expect(after).toContain('"unmerged"')
  })
})
