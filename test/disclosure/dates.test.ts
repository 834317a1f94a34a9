import type { CalendarDate, ReviewedTransfer } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { collect, scene } from '../consent/scene.ts'
import { mail, support } from './cases.ts'
import { policy } from './policy.ts'
import { account, type Held, streams, subject } from './scene.ts'

type Row = readonly [
  says: string,
  clause: string,
  recipient: string,
  on: CalendarDate,
  outcome: 'permit' | 'deny',
  rule: string,
]

/** Show 1: what a recipient may be given on a day, by the law of that day. */
const rows: readonly Row[] = [
  [
    'Safe Harbour, the day before the judgment',
    '2000/520/EC',
    'us-harbour',
    '2015-10-05',
    'permit',
    'transfer.adequacy',
  ],
  [
    'Safe Harbour, on the day of the judgment',
    'C-362/14',
    'us-harbour',
    '2015-10-06',
    'deny',
    'transfer.framework-invalid',
  ],
  ['Safe Harbour, today', 'C-362/14', 'us-harbour', '2026-11-23', 'deny', 'transfer.framework-invalid'],
  [
    'the Privacy Shield, the day before the judgment',
    '(EU) 2016/1250',
    'support-desk',
    '2020-07-15',
    'permit',
    'transfer.adequacy',
  ],
  [
    'the Privacy Shield, on the day of the judgment',
    'C-311/18',
    'support-desk',
    '2020-07-16',
    'deny',
    'transfer.framework-invalid',
  ],
  [
    'the Privacy Shield, today',
    'C-311/18',
    'support-desk',
    '2026-11-23',
    'deny',
    'transfer.framework-invalid',
  ],
  [
    'certified in the United States',
    '(EU) 2023/1795',
    'us-certified',
    '2026-11-23',
    'permit',
    'transfer.adequacy',
  ],
  [
    'certified, on the last day',
    '(EU) 2023/1795',
    'us-certified',
    '2026-12-31',
    'permit',
    'transfer.adequacy',
  ],
  [
    'the certificate lapsed',
    '(EU) 2023/1795',
    'us-certified',
    '2027-01-01',
    'deny',
    'transfer.not-certified',
  ],
  [
    'not certified in the United States',
    '(EU) 2023/1795',
    'us-uncertified',
    '2026-11-23',
    'deny',
    'transfer.not-certified',
  ],
  ['the United Kingdom in transition', 'GDPR 1(3)', 'britain', '2020-12-31', 'permit', 'transfer.eea'],
  ['the United Kingdom bridged', 'art. 782', 'britain', '2021-06-27', 'permit', 'transfer.adequacy'],
  [
    'the United Kingdom, the first decision',
    '(EU) 2021/1772',
    'britain',
    '2021-06-28',
    'permit',
    'transfer.adequacy',
  ],
  [
    'the United Kingdom, the last day',
    '(EU) 2021/1772',
    'britain',
    '2031-12-27',
    'permit',
    'transfer.adequacy',
  ],
  ['the United Kingdom, the day after', 'GDPR 44', 'britain', '2031-12-28', 'deny', 'transfer.no-ground'],
  ['clauses of 2021', '(EU) 2021/914', 'in-clauses', '2026-11-23', 'permit', 'transfer.safeguards'],
  [
    'clauses of 2021 before they were signed',
    'GDPR 46',
    'in-clauses',
    '2023-12-31',
    'deny',
    'transfer.tool-not-in-force',
  ],
  ['clauses that end', '(EU) 2021/914', 'in-ending-clauses', '2026-11-30', 'permit', 'transfer.safeguards'],
  ['clauses that ended', 'GDPR 46', 'in-ending-clauses', '2026-12-01', 'deny', 'transfer.tool-not-in-force'],
  [
    'clauses of before 2021, on their last day',
    '2010/87/EU',
    'in-old-clauses',
    '2022-12-27',
    'permit',
    'transfer.safeguards',
  ],
  [
    'clauses of before 2021, the day after',
    '2010/87/EU',
    'in-old-clauses',
    '2022-12-28',
    'deny',
    'transfer.clauses-superseded',
  ],
  ['Brazil, the day before the decision', 'GDPR 44', 'brazil', '2026-01-25', 'deny', 'transfer.no-ground'],
  ['Brazil, on the day', '', 'brazil', '2026-01-26', 'permit', 'transfer.adequacy'],
  [
    'the Patent Organisation, the day before',
    'GDPR 44',
    'patent-office',
    '2025-07-14',
    'deny',
    'transfer.no-ground',
  ],
  ['the Patent Organisation, on the day', '', 'patent-office', '2025-07-15', 'permit', 'transfer.adequacy'],
  ['Canada, a company', '2002/2/EC', 'ca-company', '2026-11-23', 'permit', 'transfer.adequacy'],
  ['Canada, an agency', '2002/2/EC', 'ca-agency', '2026-11-23', 'deny', 'transfer.out-of-scope'],
  ['nothing at all', 'GDPR 44', 'in-nothing', '2026-11-23', 'deny', 'transfer.no-ground'],
  ['Norway', 'GDPR 1(3)', 'norway', '2026-11-23', 'permit', 'transfer.eea'],
]

const reviewed = async (held: Held, days: { from?: CalendarDate; on?: CalendarDate }, name: string) =>
  (await held.privacy.disclosure.review(days)).find(({ recipient }) => recipient === name) as ReviewedTransfer

describe('on a day, by the law of that day', () => {
  it.each(rows)('%s (%s)', async (_, clause, recipient, on, outcome, rule) => {
    const held = scene(policy)
    const decision = await held.privacy.disclosure.evaluate({ ...support, recipient, subject, on })
    const rules = decision.because.map((each) => each.rule)
    expect([decision.outcome, rules, decision.on]).toEqual([
      outcome,
      outcome === 'permit' ? ['disclosure.permitted', rule] : [rule],
      on,
    ])
    expect(decision.fields).toEqual(outcome === 'permit' ? support.fields : [])
    const row = await reviewed(held, { on }, recipient)
    expect([row.outcome, row.rule]).toEqual([outcome, rule])
    expect(row.source).toContain(clause)
    expect(row.source.length).toBeGreaterThan(5)
  })

  it('nothing is recorded: not in the account, not in the ledger, not in the store', async () => {
    const held = scene(policy)
    // The secrets of the installation are made at the first question, whatever it is.
    await held.privacy.consent.decide({ subject: 'somebody else', purpose: 'delivery' })
    held.calls.length = 0
    const permitted = await held.privacy.disclosure.evaluate({ ...support, recipient: 'norway', subject })
    expect([permitted.outcome, permitted.record]).toEqual(['permit', undefined])
    await held.privacy.disclosure.evaluate({
      ...support,
      recipient: 'norway',
      subject,
      on: '2026-01-01',
    })
    expect(held.calls.filter((call) => call.startsWith('commit'))).toEqual([])
    expect([await account(held), streams(held)]).toEqual([[], 0])
    await held.privacy.ledger.sequence()
    expect(await collect(held.privacy.ledger.list())).toEqual([])
    expect(held.backing.records.get('standings')?.rows.size ?? 0).toBe(0)
  })

  it('a denial counts from the day of its word: denied on that day, permitted on the day before', async () => {
    const held = scene(policy)
    const { disclosure, consent } = held.privacy
    const effectiveAt = '2026-11-20T08:00:00.000Z'
    await consent.deny({
      subject,
      purpose: 'direct-marketing',
      by: 'letter',
      operator: 'agent-7',
      effectiveAt,
    })
    const rules = async (on?: CalendarDate) =>
      (await disclosure.evaluate({ ...mail, subject, ...(on && { on }) })).because.map(({ rule }) => rule)
    expect(await rules()).toEqual(['disclosure.denied', 'consent.denied'])
    expect(await rules('2026-11-19')).toEqual(['disclosure.permitted', 'transfer.eea'])
    expect(await rules('2026-11-20')).toEqual(['disclosure.denied', 'consent.denied'])
    expect(await rules('2027-11-20')).toEqual(['disclosure.denied', 'consent.denied'])
  })

  it('about a person who was erased nothing is permitted, on no day that was before', async () => {
    const held = scene(policy)
    await held.erase(subject)
    const { because } = await held.privacy.disclosure.evaluate({
      ...support,
      recipient: 'norway',
      subject,
      on: '2026-01-01',
    })
    expect(because.map(({ rule }) => rule)).toEqual(['disclosure.denied', 'subject.erased'])
  })

  it.each([
    ['2036-11-24', 'question.on'],
    ['2026-02-30', 'question.on'],
    ['today', 'question.on'],
  ])('%s is refused', async (on, path) => {
    const { privacy } = scene(policy)
    const question = { ...support, subject, on } as never
    await expect(privacy.disclosure.evaluate(question)).rejects.toMatchObject({ code: 'input.invalid', path })
  })

  it('ten years ahead is the last', async () => {
    const { privacy } = scene(policy)
    const { outcome } = await privacy.disclosure.evaluate({
      ...support,
      recipient: 'norway',
      subject,
      on: '2036-11-23',
    })
    expect(outcome).toBe('permit')
  })

  it('decide takes no day: what is recorded is recorded today', async () => {
    const { privacy } = scene(policy)
    const question = { ...support, recipient: 'norway', subject, on: '2026-01-01' } as never
    await expect(privacy.disclosure.decide(question)).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'question',
    })
  })
})

describe('a review', () => {
  it('says of every recipient what becomes of its transfer by a day, and until when it holds', async () => {
    const held = scene(policy)
    const all = await held.privacy.disclosure.review({ on: '2032-01-01' })
    expect(all.map(({ recipient }) => recipient)).toEqual(Object.keys(policy.recipients))
    const stops = all.filter(
      ({ outcome, previously }) => outcome === 'deny' && previously.outcome === 'permit',
    )
    expect(
      stops.map(({ recipient, previously, rule, until }) => [recipient, previously.rule, rule, until]),
    ).toEqual([
      ['us-certified', 'transfer.adequacy', 'transfer.not-certified', '2026-12-31'],
      ['britain', 'transfer.adequacy', 'transfer.no-ground', '2031-12-27'],
      ['in-ending-clauses', 'transfer.safeguards', 'transfer.tool-not-in-force', '2026-11-30'],
    ])
    expect(all.find(({ recipient }) => recipient === 'norway')).toEqual({
      recipient: 'norway',
      country: 'NO',
      outcome: 'permit',
      rule: 'transfer.eea',
      source: 'GDPR 1(3)',
      previously: { outcome: 'permit', rule: 'transfer.eea' },
    })
  })

  it('without days is of today', async () => {
    const held = scene(policy)
    held.environment.set('2026-12-01T10:00:00.000Z')
    for (const { outcome, rule, previously } of await held.privacy.disclosure.review())
      expect(previously).toEqual({ outcome, rule })
    expect(await reviewed(held, {}, 'in-ending-clauses')).toMatchObject({ outcome: 'deny' })
    expect(await reviewed(held, {}, 'us-certified')).toMatchObject({
      outcome: 'permit',
      until: '2026-12-31',
    })
  })

  it('looks back as well: between two days that are past, and on one', async () => {
    const held = scene(policy)
    expect(await reviewed(held, { from: '2020-07-15', on: '2020-07-16' }, 'support-desk')).toMatchObject({
      outcome: 'deny',
      rule: 'transfer.framework-invalid',
      until: '2020-07-15',
      previously: { outcome: 'permit', rule: 'transfer.adequacy' },
    })
    expect(await reviewed(held, { on: '2020-07-15' }, 'support-desk')).toMatchObject({
      outcome: 'permit',
      until: '2020-07-15',
      previously: { outcome: 'permit' },
    })
  })

  it('sees what becomes lawful', async () => {
    const held = scene(policy)
    expect(await reviewed(held, { from: '2026-01-25', on: '2026-01-26' }, 'brazil')).toMatchObject({
      outcome: 'permit',
      previously: { outcome: 'deny', rule: 'transfer.no-ground' },
    })
  })

  it.each([
    ['a day before the one it is compared with', { from: '2026-11-23', on: '2026-11-22' }, 'review.on'],
    ['a day that is none', { on: '2026-13-01' }, 'review.on'],
    ['a misspelt member', { until: '2027-01-01' }, 'review'],
  ])('of %s is refused', async (_, days, path) => {
    const { privacy } = scene(policy)
    await expect(privacy.disclosure.review(days as never)).rejects.toMatchObject({
      code: 'input.invalid',
      path,
    })
  })
})
