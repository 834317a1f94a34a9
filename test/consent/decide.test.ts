import { readFileSync } from 'node:fs'
import type { Channel, Decision, Policy, Question } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { consentRules } from '../../src/consent/rules.ts'
import { relations, wider } from './relations.ts'
import { pilvi, scene, startedAt } from './scene.ts'
import { type Said, type State, states } from './states.ts'

const day = 24 * 3_600_000
const before = (days: number) =>
  new Date(Date.parse(startedAt) - days * day).toISOString() as typeof startedAt
const channels = ['post', 'phone', 'in-person', 'email', 'sms', 'automated-call'] as const
const permits = new Set(['consent.given', 'consent.not-denied', 'basis.other'])
/** Every rule that a case here has rested on. */
const reached = new Set<string>()

const rulesOf = ({ because }: Decision): string[] => because.map(({ rule }) => rule)

async function says(
  { privacy, environment }: ReturnType<typeof scene<Policy>>,
  { subject, purpose, said }: { subject: string; purpose: string; said: readonly Said[] },
  route: 'letter' | 'phone' = 'letter',
): Promise<void> {
  for (const { kind, recorded, effective, expires, by = route } of said) {
    environment.set(before(recorded))
    const statement = {
      subject,
      purpose,
      by,
      operator: 'agent-7',
      ...(effective !== undefined && { effectiveAt: before(effective) }),
    }
    const ending = { ...statement, ...(expires !== undefined && { expiresAt: before(expires) }) }
    if (kind === 'denied') await privacy.consent.deny(ending)
    if (kind === 'given') await privacy.consent.give(ending)
    if (kind === 'refused') await privacy.consent.refuse(statement)
    if (kind === 'withdrawn') await privacy.consent.withdraw(statement)
  }
  environment.set(startedAt)
}

function expectRules(decision: Decision, rules: readonly string[]): void {
  for (const rule of rulesOf(decision)) reached.add(rule)
  const outcome = rules.every((rule) => permits.has(rule)) ? 'permit' : 'deny'
  expect([decision.outcome, rulesOf(decision)]).toEqual([outcome, rules])
}

/** What a state comes to by a channel, by what the policy says of the channel. */
function expected({ free, asked }: State, rule: string | undefined): readonly string[] {
  const against = free.filter((each) => !permits.has(each))
  if (rule === 'unless-denied') return free
  if (rule === 'consent') return asked
  return [rule === undefined ? 'consent.channel-unstated' : 'consent.channel-never', ...against]
}

const deniable = ['direct-marketing', 'telemarketing', 'market-research', 'personal-research'] as const

describe.each(deniable)('%s', (purpose) => {
  const uses: Readonly<Partial<Record<Channel, string>>> = pilviPolicy.purposes[purpose].channels
  const policy: Policy = pilviPolicy

  describe.each(['letter', 'phone'] as const)('told by %s', (route) => {
    const held = scene(policy)
    it.each(states)('$name ($clause)', async (state) => {
      const subject = `${state.name} ${route}`
      await says(held, { subject, purpose, said: state.said }, route)
      const ask = (channel?: Question['channel']) =>
        held.privacy.consent.decide({ subject, purpose, ...(channel && { channel }) })
      for (const channel of channels) {
        expectRules(await ask(channel), expected(state, uses[channel] ?? 'never'))
      }
      expectRules(await ask('none'), state.free)
      expectRules(await ask(), expected(state, undefined))
    })
  })

  it('every decision explains itself: the clause of the policy, and the statement it rests on', async () => {
    const { privacy } = pilvi()
    const event = await privacy.consent.deny({ subject: 'a', purpose, by: 'letter', operator: 'agent-7' })
    expect(await privacy.consent.decide({ subject: 'a', purpose, channel: 'phone' })).toEqual({
      outcome: 'deny',
      because: [{ rule: 'consent.denied', clause: 'Right for denial', record: event.id }],
      at: startedAt,
    })
  })
})

describe('a decision names the statement that lasts longest', () => {
  it('of a lasting denial and one that has ended, the lasting one', async () => {
    const { privacy, environment } = pilvi()
    const about = { subject: 'a', purpose: 'telemarketing', by: 'email' } as const
    const lasting = await privacy.consent.deny(about)
    await privacy.consent.deny({ ...about, expiresAt: '2026-12-01T00:00:00.000Z' })
    environment.set('2027-01-01T00:00:00.000Z')
    const { because } = await privacy.consent.decide({ ...ask, subject: 'a' })
    expect(because.map(({ record }) => record)).toEqual([lasting.id])
  })
})

const ask = { purpose: 'telemarketing', channel: 'phone' } as const

describe('wider and narrower purposes, and legal bases', () => {
  it.each(relations)('%s (%s)', async (_, __, [purpose, channel], said, rules) => {
    const held = scene(wider)
    for (const [about, each] of said) await says(held, { subject: 'a', purpose: about, said: [each] })
    const question = { subject: 'a', purpose, ...(channel && { channel }) }
    expectRules(await held.privacy.consent.decide(question), rules)
  })
})

describe('a denial that a newer policy no longer offers', () => {
  it('is obeyed all the same', async () => {
    const held = scene<Policy>(pilviPolicy)
    await held.privacy.consent.deny({ subject: 'a', purpose: 'market-research', by: 'email' })
    const { denial: _, ...undeniable } = pilviPolicy.purposes['market-research']
    const purposes = { ...pilviPolicy.purposes, 'market-research': undeniable }
    const { privacy } = scene<Policy>({ ...pilviPolicy, purposes }, { over: held.backing })
    expectRules(await privacy.consent.decide({ subject: 'a', purpose: 'market-research', channel: 'post' }), [
      'consent.denied',
    ])
  })
})

describe('people who were erased', () => {
  it('nothing is done with their data', async () => {
    const { privacy, erase } = pilvi()
    const { id } = await erase('a')
    const decision = await privacy.consent.decide({ subject: 'a', purpose: 'delivery' })
    expectRules(decision, ['subject.erased'])
    expect(decision.because[0].record).toBe(id)
  })

  it('their denial stands at the address, whoever uses it', async () => {
    const { privacy, erase } = pilvi()
    const fields = {
      contactPerson: 'x',
      email: 'Shared@Example.com',
      vatId: 'FI20774740',
      phone: '+358 40 1',
    }
    await privacy.register.save({
      group: 'customer',
      subject: 'a',
      origin: 'customer',
      fields: { ...fields, phone: '+358 40 123 4567' },
    })
    await privacy.consent.deny({
      subject: 'a',
      purpose: 'direct-marketing',
      by: 'letter',
      operator: 'agent-7',
    })
    await erase('a')
    const asked = { subject: 'b', purpose: 'telemarketing', channel: 'phone' } as const
    expectRules(await privacy.consent.decide({ ...asked, contact: '+358401234567' }), ['consent.suppressed'])
    expectRules(await privacy.consent.decide(asked), ['consent.not-denied'])
    const post = { subject: 'b', purpose: 'direct-marketing', channel: 'post' } as const
    expectRules(await privacy.consent.decide({ ...post, contact: ' shared@example.com' }), [
      'consent.suppressed',
    ])
  })
})

describe('the rules', () => {
  it('are all reached by a case above, and no case rests on another', () => {
    expect([...reached].sort()).toEqual(Object.keys(consentRules).sort())
  })

  it('docs/consent.md has the table that the code has, row by row', () => {
    const text = readFileSync(new URL('../../docs/consent.md', import.meta.url), 'utf8')
    const rows = text.split('\n').filter((line) => /^\| `(consent|basis|subject)\./.test(line))
    const parts = rows.map((row) => row.split('|').map((cell) => cell.trim()))
    expect(parts.map(([, rule, , says]) => [rule, says])).toEqual(
      Object.entries(consentRules).map(([rule, says]) => [`\`${rule}\``, says]),
    )
    const outcomes = Object.fromEntries(
      parts.map(([, rule = '', outcome]) => [rule.replaceAll('`', ''), outcome]),
    )
    for (const rule of Object.keys(consentRules)) {
      expect([rule, outcomes[rule]]).toEqual([rule, permits.has(rule) ? 'permit' : 'deny'])
    }
  })
})
