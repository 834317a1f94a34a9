/** A denial is obeyed for as long as it stands: over an erasure, and after a reopening, whichever address is asked about. */

import { describe, expect, it } from 'vitest'
import { collect, customer, pilvi } from './scene.ts'

const { subject } = customer
const statement = { subject, purpose: 'telemarketing', by: 'link' } as const
const ask = { subject, purpose: 'telemarketing', channel: 'phone' } as const
const back = { subject, because: 'returned', operator: 'agent-7' } as const

async function registered() {
  const held = pilvi()
  await held.privacy.register.save(customer)
  return held
}

describe('a denial, an erasure and a reopening', () => {
  it.each([
    ['a denial', ['deny'], ['consent.denied']],
    ['a refusal', ['refuse'], ['consent.refused']],
    [
      'a denial and a withdrawal',
      ['deny', 'give', 'withdraw', 'deny'],
      ['consent.denied', 'consent.withdrawn'],
    ],
    ['no consent', ['give'], ['consent.not-denied']],
    ['no denial that the person’s own consent had lifted', ['deny', 'give'], ['consent.not-denied']],
  ] as const)('bring back %s', async (_, verbs, rules) => {
    const { privacy, erase } = await registered()
    for (const verb of verbs) await privacy.consent[verb](statement)
    await erase(subject)
    expect((await privacy.consent.decide(ask)).because.map(({ rule }) => rule)).toEqual(['subject.erased'])
    await privacy.requests.reopen(back)
    expect((await privacy.consent.decide(ask)).because.map(({ rule }) => rule)).toEqual(rules)
  })

  it('twice over, and with an end, which the person can read and lift', async () => {
    const { privacy, erase, environment } = await registered()
    const { consent } = privacy
    await consent.deny(statement)
    await consent.deny({ ...statement, purpose: 'market-research', expiresAt: '2027-06-01T00:00:00.000Z' })
    environment.set('2026-12-01T00:00:00.000Z')
    for (let i = 0; i < 2; i++) {
      await erase(subject)
      await privacy.requests.reopen(back)
    }
    const heads = (await collect(consent.list(subject))).map(({ kind, purpose, effectiveAt, expiresAt }) => [
      ...[kind, purpose, effectiveAt, expiresAt],
    ])
    expect(heads.sort()).toEqual([
      ['denied', 'market-research', '2026-11-23T10:00:00.000Z', '2027-06-01T00:00:00.000Z'],
      ['denied', 'telemarketing', '2026-11-23T10:00:00.000Z', undefined],
    ])
    expect((await consent.decide({ ...ask, at: '2026-11-25T00:00:00.000Z' })).outcome).toBe('deny')
    await consent.give(statement)
    expect((await consent.decide(ask)).because[0].rule).toBe('consent.given')
    environment.set('2027-06-01T00:00:00.000Z')
    expect((await consent.decide({ ...ask, purpose: 'market-research' })).outcome).toBe('permit')
  })

  it('leave nothing in the tombstone but purposes, moments and ids, and nothing of it beside the reopened', async () => {
    const { privacy, erase, backing } = await registered()
    const { id } = await privacy.consent.deny({
      ...statement,
      operator: 'agent-7',
      evidence: { wording: 'form-3' },
    })
    await erase(subject)
    const rows = () => [...(backing.records.get('standings')?.rows ?? [])]
    const [tombstone] = rows().flatMap(([at, { json }]) =>
      at.includes('/subject/') ? [JSON.parse(json)] : [],
    )
    expect(tombstone.kept).toEqual({
      telemarketing: { denial: { event: id, sequence: 1, at: '2026-11-23T10:00:00.000Z' } },
    })
    await privacy.requests.reopen(back)
    const former = rows().flatMap(([at, { json }]) => (at.includes('/former/') ? [JSON.parse(json)] : []))
    expect(former).toEqual([expect.not.objectContaining({ kept: expect.anything() })])
  })
})
