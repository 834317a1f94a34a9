import type { RecipientChoice } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, pilvi, scene } from '../consent/scene.ts'
import { hosting, mail } from './cases.ts'
import { policy } from './policy.ts'
import { subject } from './scene.ts'

const job = { purpose: 'quality-control', fields: ['customer.email'] } as const

async function chosen(
  recipients: readonly string[],
  more: object = {},
): Promise<RecipientChoice & { readonly order: readonly string[] }> {
  const { privacy } = scene(policy)
  const choice = await privacy.disclosure.choose({ ...job, recipients, ...more } as never)
  return { ...choice, order: choice.weighed.map(({ recipient }) => recipient) }
}

describe('of several subcontractors that can do a job ("Disclosure": those in the EU or EEA are preferred)', () => {
  it.each([
    [
      ['in-clauses', 'brazil', 'norway'],
      ['norway', 'brazil', 'in-clauses'],
    ],
    [
      ['in-clauses', 'brazil'],
      ['brazil', 'in-clauses'],
    ],
    [
      ['in-clauses', 'us-certified'],
      ['us-certified', 'in-clauses'],
    ],
    [
      ['us-uncertified', 'in-clauses'],
      ['in-clauses', 'us-uncertified'],
    ],
    [
      ['norway', 'hosting-provider'],
      ['norway', 'hosting-provider'],
    ],
    [
      ['hosting-provider', 'norway'],
      ['hosting-provider', 'norway'],
    ],
    [
      ['in-nothing', 'support-desk', 'norway', 'norway'],
      ['norway', 'in-nothing', 'support-desk'],
    ],
  ])('%j are weighed as %j', async (recipients, order) => {
    const choice = await chosen(recipients)
    expect(choice.order).toEqual(order)
    expect([choice.outcome, choice.recipient]).toEqual(['permit', order[0]])
  })

  it('each is weighed with its reasons', async () => {
    const { weighed } = await chosen(['us-uncertified', 'authority', 'nobody', 'norway'])
    const rule = (name: string, clause = 'Disclosure') => ({ rule: name, clause })
    expect(weighed).toEqual([
      { recipient: 'authority', outcome: 'permit', because: [rule('transfer.eea')] },
      { recipient: 'norway', outcome: 'permit', because: [rule('transfer.eea')] },
      { recipient: 'us-uncertified', outcome: 'deny', because: [rule('transfer.not-certified')] },
      { recipient: 'nobody', outcome: 'deny', because: [rule('disclosure.recipient-unknown', 'Use log')] },
    ])
  })

  it.each([
    ['for more than its minimal set', { fields: ['customer.vatId'] }, ['disclosure.fields']],
    ['for a purpose that is not its own', { purpose: 'accounting' }, ['disclosure.purpose']],
    [
      'for neither',
      { purpose: 'accounting', fields: ['customer.vatId'] },
      ['disclosure.purpose', 'disclosure.fields'],
    ],
  ])('none is chosen %s, though it is in the EEA', async (_, more, rules) => {
    const { outcome, recipient, weighed } = await chosen(['norway'], more)
    expect([outcome, recipient]).toEqual(['deny', undefined])
    expect(weighed.map(({ because }) => because.map(({ rule }) => rule))).toEqual([rules])
  })

  it('none is chosen that is no subcontractor, or where nobody may have the data: every reason is named', async () => {
    const choice = await chosen(['support-desk', 'product-partner', 'us-uncertified'], {
      fields: ['customer.email', 'customer.vatId'],
    })
    expect(choice).toMatchObject({ outcome: 'deny', on: '2026-11-23' })
    expect('recipient' in choice).toBe(false)
    const rules = choice.weighed.map(({ recipient, because }) => [recipient, because.map(({ rule }) => rule)])
    expect(rules).toEqual([
      ['support-desk', ['disclosure.fields', 'transfer.framework-invalid']],
      ['product-partner', ['disclosure.ground', 'disclosure.purpose', 'disclosure.fields']],
      ['us-uncertified', ['disclosure.fields', 'transfer.not-certified']],
    ])
  })

  it('the day decides', async () => {
    const recipients = ['in-clauses', 'us-certified', 'britain']
    expect((await chosen(recipients, { on: '2026-12-31' })).recipient).toBe('us-certified')
    expect((await chosen(recipients, { on: '2027-01-01' })).recipient).toBe('britain')
    expect((await chosen(recipients, { on: '2031-12-28' })).recipient).toBe('in-clauses')
    expect((await chosen(recipients, { on: '2023-01-01' })).order).toEqual([
      'britain',
      'in-clauses',
      'us-certified',
    ])
  })

  it('whoever is chosen may have the data, and nobody before it in the order of Chapter V could have', async () => {
    const names = Object.keys(policy.recipients)
    let permitted = 0
    await fc.assert(
      fc.asyncProperty(fc.subarray(names, { minLength: 1 }), async (recipients) => {
        const { privacy } = scene(policy)
        const choice = await privacy.disclosure.choose({ ...job, recipients } as never)
        expect(choice.weighed.map(({ recipient }) => recipient).sort()).toEqual([...recipients].sort())
        const ranks = choice.weighed.map(({ because: [{ rule }], outcome }) =>
          outcome === 'deny' ? 3 : ['transfer.eea', 'transfer.adequacy', 'transfer.safeguards'].indexOf(rule),
        )
        expect(ranks).toEqual([...ranks].sort())
        for (const { recipient, outcome } of choice.weighed) {
          const question = { ...job, recipient, ground: 'subcontractor', subject } as const
          expect((await privacy.disclosure.evaluate(question)).outcome).toBe(outcome)
        }
        if (choice.outcome === 'permit') permitted++
      }),
      { numRuns: 60, seed: 2 },
    )
    expect(permitted).toBeGreaterThan(30)
  })

  it.each([
    ['no recipients', { recipients: [] }, 'input.invalid', 'job.recipients[0]'],
    ['no fields', { fields: [] }, 'input.invalid', 'job.fields[0]'],
    ['a purpose not in the policy', { purpose: 'espionage' }, 'input.not-in-policy', 'job.purpose'],
    ['a day that is none', { on: 'today' }, 'input.invalid', 'job.on'],
    ['a person', { subject }, 'input.invalid', 'job'],
  ])('a job with %s is refused', async (_, more, code, path) => {
    await expect(chosen(['norway'], more)).rejects.toMatchObject({ code, path })
  })

  it('nothing is recorded', async () => {
    const { privacy, calls } = pilvi()
    const choice = await privacy.disclosure.choose({ ...job, recipients: ['hosting-provider'] })
    expect([choice.outcome, calls]).toEqual(['permit', []])
  })
})

describe('applying a decision', () => {
  const record = {
    'customer.email': 'testi@example.com',
    'customer.contactPerson': 'Testi Henkilö',
    'customer.vatId': 'FI20774740',
    email: 'testi@example.com',
  }

  it('hands over what was permitted, and nothing else', async () => {
    const { privacy } = scene(policy)
    const fields = ['customer.email', 'domain-registration.domainName'] as const
    const decision = await privacy.disclosure.decide({ ...hosting, fields, subject })
    expect(privacy.disclosure.apply(decision, record)).toEqual({ 'customer.email': 'testi@example.com' })
    expect(await collect(privacy.disclosure.account(subject))).toHaveLength(1)
  })

  it('does not take a member for its own that every object has', async () => {
    const { privacy } = scene(policy)
    const decision = await privacy.disclosure.decide({ ...hosting, subject })
    const inherited = Object.create(record)
    expect(privacy.disclosure.apply(decision, inherited)).toEqual({})
    const odd = JSON.parse('{"__proto__": {"customer.email": "x"}}')
    expect(privacy.disclosure.apply(decision, odd)).toEqual({})
  })

  it('threat: a field that is added to a decision after it was recorded', async () => {
    const { privacy } = scene(policy)
    const decision = await privacy.disclosure.decide({ ...hosting, subject })
    const fields = decision.fields as string[]
    expect(() => fields.push('customer.vatId')).toThrow(TypeError)
    expect(() => Object.assign(decision, { fields: ['customer.vatId'] })).toThrow(TypeError)
    expect(privacy.disclosure.apply(decision, record)).toEqual({ 'customer.email': 'testi@example.com' })
    const looked = await privacy.disclosure.evaluate({ ...hosting, subject, on: '2026-11-24' })
    expect(() => Object.assign(looked, { record: 'x' })).toThrow(TypeError)
  })

  it.each([
    ['nothing', null, record, 'decision'],
    ['what is no decision', { outcome: 'permit' }, record, 'decision'],
    ['fields that are none', { outcome: 'permit', record: 'x', fields: [{}] }, record, 'decision'],
    ['nothing to cut', { outcome: 'permit', record: 'x', fields: ['a'] }, null, 'record'],
    ['text to cut', { outcome: 'permit', record: 'x', fields: ['length'] }, 'text', 'record'],
  ])('refuses %s', (_, decision, from, path) => {
    const { privacy } = scene(policy)
    expect(() => privacy.disclosure.apply(decision as never, from as never)).toThrow(
      expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }),
    )
  })

  it('is about the moment of the decision: a denial since is seen by deciding anew', async () => {
    const { privacy, environment } = scene(policy)
    const question = { ...mail, subject }
    const decision = await privacy.disclosure.decide(question)
    environment.set('2026-11-25T10:00:00.000Z')
    await privacy.consent.deny({ subject, purpose: 'direct-marketing', by: 'link' })
    expect(Object.keys(privacy.disclosure.apply(decision, record))).toEqual(['customer.email'])
    expect((await privacy.disclosure.decide(question)).outcome).toBe('deny')
  })

  it('refuses a decision that was denied', async () => {
    const { privacy } = scene(policy)
    const decision = await privacy.disclosure.decide({ ...hosting, ground: 'law', subject })
    expect(() => privacy.disclosure.apply(decision, record)).toThrow(
      expect.objectContaining({ code: 'input.invalid', path: 'decision' }),
    )
  })

  it('refuses a decision that is not on record: it would be left out of the account', async () => {
    const { privacy } = scene(policy)
    const looked = await privacy.disclosure.evaluate({ ...hosting, subject })
    expect(looked.outcome).toBe('permit')
    expect(() => privacy.disclosure.apply(looked, record)).toThrow(
      expect.objectContaining({ code: 'input.invalid', path: 'decision' }),
    )
  })
})
