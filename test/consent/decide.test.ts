import { readFileSync } from 'node:fs'
import { type Channel, type Decision, type Policy, parsePolicy, type Question } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { consentRules } from '../../src/consent/rules.ts'
import { markingsOf } from './marking.ts'
import { relations, wider } from './relations.ts'
import { pilvi, proxy, scene, startedAt } from './scene.ts'
import { type Said, type State, states } from './states.ts'

const day = 24 * 3_600_000
const before = (days: number) =>
  new Date(Date.parse(startedAt) - days * day).toISOString() as typeof startedAt
const channels = ['post', 'phone', 'in-person', 'email', 'sms', 'automated-call'] as const
const permits = new Set([
  'consent.given',
  'consent.listed',
  'consent.not-denied',
  'consent.existing-customer',
  'basis.other',
  'subject.restriction-excepted',
])
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
    const yes = { ...ending, ...(by === 'proxy' && { proxy }) }
    if (kind === 'denied') await privacy.consent.deny(ending)
    if (kind === 'given') await privacy.consent.give(yes)
    if (kind === 'renewed') await privacy.consent.renew(yes)
    if (kind === 'revoked') await privacy.consent.revoke({ ...statement, revokedBy: 'controller' })
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

describe('what rights requests put on a standing', () => {
  const sms = { subject: 'a', purpose: 'direct-marketing', channel: 'sms' } as const
  const delivery = { subject: 'a', purpose: 'delivery' } as const
  const research = { subject: 'a', purpose: 'market-research', channel: 'post' } as const
  const r1 = { request: 'r1' }
  const objected = { request: 'r2', purpose: 'market-research' }
  const consented = { subject: 'a', purpose: 'direct-marketing', by: 'link' } as const
  const marks = ['restrict', 'object', 'lift', 'lift the objection', 'consent'] as const

  it.each([
    ['restricted: nothing but storage', 'GDPR 18(1)', ['restrict'], delivery, ['subject.restricted']],
    [
      'for legal claims',
      'GDPR 18(2)',
      ['restrict'],
      { ...delivery, necessity: 'legal-claims' },
      ['basis.other', 'subject.restriction-excepted'],
    ],
    [
      'marketing is never necessary',
      'GDPR 18(2)',
      ['restrict'],
      { ...sms, necessity: 'legal-claims' },
      ['subject.restricted', 'consent.missing'],
    ],
    [
      'consent before the restriction is not consent to go on',
      'GDPR 18(2)',
      ['consent', 'restrict'],
      sms,
      ['subject.restricted'],
    ],
    ['consent since', 'GDPR 18(2)', ['restrict', 'consent'], sms, ['consent.given']],
    [
      'consent since, to that purpose only',
      'GDPR 18(2)',
      ['restrict', 'consent'],
      delivery,
      ['subject.restricted'],
    ],
    ['lifted', 'GDPR 18(3)', ['restrict', 'lift'], delivery, ['basis.other']],
    [
      'lifted by another request is not lifted',
      'GDPR 18(3)',
      ['restrict', 'lift the objection'],
      delivery,
      ['subject.restricted'],
    ],
    ['objected', 'GDPR 21(1)', ['object'], research, ['consent.objected']],
    [
      'objected to what can be denied absolutely: legal claims are no reason to go on',
      'GDPR 21(3)',
      ['object'],
      { ...research, necessity: 'legal-claims' },
      ['consent.objected'],
    ],
    [
      'objected, for another necessity',
      'GDPR 21(1)',
      ['object'],
      { ...research, necessity: 'public-interest' },
      ['consent.objected'],
    ],
    [
      'objected and restricted while it is looked at',
      'GDPR 18(1)(d)',
      ['object', 'restrict'],
      research,
      ['subject.restricted', 'consent.objected'],
    ],
    [
      'the objection was not upheld',
      'GDPR 21(1)',
      ['object', 'lift the objection'],
      research,
      ['consent.not-denied'],
    ],
    ['the objection is to its purpose only', 'GDPR 21(1)', ['object'], delivery, ['basis.other']],
  ] as const)('%s (%s)', async (_, __, acts, question, rules) => {
    const held = pilvi()
    const { mark } = markingsOf(held, pilviPolicy)
    const run: Record<(typeof marks)[number], () => Promise<unknown>> = {
      restrict: () => mark(({ restrict }) => restrict('a', r1)),
      object: () => mark(({ object }) => object('a', objected)),
      lift: () => mark(({ lift }) => lift('a', r1)),
      'lift the objection': () => mark(({ lift }) => lift('a', { request: 'r2' })),
      consent: () => held.privacy.consent.give(consented),
    }
    for (const act of acts) {
      held.environment.advance(1_000)
      await run[act]()
    }
    expectRules(await held.privacy.consent.decide(question), rules)
  })
})

describe('existing customers (Directive 2002/58/EC 13(2))', () => {
  const law = 'Directive 2002/58/EC 13(2)'
  const { delivery, 'direct-marketing': marketing } = pilviPolicy.purposes
  const purposes = {
    ...pilviPolicy.purposes,
    'direct-marketing': { ...marketing, existingCustomers: { channels: ['email', 'sms'] as const, law } },
    survey: {
      ...delivery,
      legalBasis: 'consent',
      channels: { email: 'consent' },
      existingCustomers: { channels: ['email'], law },
    },
  }
  const policy: Policy = parsePolicy({ ...pilviPolicy, purposes })
  const about = { subject: 'a', purpose: 'direct-marketing' } as const
  const email = { ...about, channel: 'email' } as const
  const customer = {
    customerSince: '2026-11-23',
    bought: 'hosting',
    offered: 'hosting',
    wayOut: 'in-each-message',
  } as const
  const relationship = customer

  it.each([
    ['without a relationship', [], email, ['consent.missing']],
    ['with one', [], { ...email, relationship }, ['consent.existing-customer']],
    ['by text message', [], { ...email, channel: 'sms', relationship }, ['consent.existing-customer']],
    [
      'by an automated call: never',
      [],
      { ...email, channel: 'automated-call', relationship },
      ['consent.missing'],
    ],
    [
      'who becomes a customer tomorrow',
      [],
      { ...email, relationship: { ...customer, customerSince: '2026-11-24' } },
      ['consent.missing'],
    ],
    [
      'about something else',
      [],
      { ...email, relationship: { ...customer, offered: 'insurance' } },
      ['consent.missing'],
    ],
    [
      'where the purpose rests on consent',
      [],
      { ...email, purpose: 'survey', relationship },
      ['consent.missing'],
    ],
    ['who denied it', ['denied'], { ...email, relationship }, ['consent.denied']],
    ['who refused it', ['refused'], { ...email, relationship }, ['consent.refused']],
    ['who took consent back', ['given', 'withdrawn'], { ...email, relationship }, ['consent.withdrawn']],
    ['who consented as well', ['given'], { ...email, relationship }, ['consent.given']],
  ] as const)('%s', async (_, kinds, question, rules) => {
    const held = scene(policy)
    const said = kinds.map((kind, i) => ({ kind, recorded: 10 - i }))
    await says(held, { subject: 'a', purpose: 'direct-marketing', said })
    const decision = await held.privacy.consent.decide(question)
    const [first] = decision.because
    if (first.rule === 'consent.existing-customer') expect(first.relationship).toEqual(relationship)
    expectRules(decision, rules)
  })
})

describe('an id that was merged into another (GDPR 5(1)(d))', () => {
  it.each(['delivery', 'telemarketing'] as const)('is asked about nothing any more: %s', async (purpose) => {
    const { privacy } = pilvi()
    await privacy.consent.merge({ from: 'a', into: 'b', operator: 'agent-7' })
    expectRules(await privacy.consent.decide({ subject: 'a', purpose, channel: 'phone' }), ['subject.merged'])
  })
})

describe('a denial of a purpose that a newer policy has lost (the policy, "Right for denial")', () => {
  it('denies what it may have been a part of', async () => {
    const held = scene<Policy>(pilviPolicy)
    await held.privacy.consent.deny({ subject: 'a', purpose: 'telemarketing', by: 'email' })
    const { telemarketing: _, ...purposes } = pilviPolicy.purposes
    const { privacy } = scene<Policy>({ ...pilviPolicy, purposes }, { over: held.backing })
    expectRules(
      await privacy.consent.decide({ subject: 'a', purpose: 'direct-marketing', channel: 'phone' }),
      ['consent.denied-before'],
    )
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
