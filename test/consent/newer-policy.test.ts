/** A newer policy loses no denial, and a wide name gets around none. */

import { type Policy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { customer, scene } from './scene.ts'

const subject = 'customer-1'
const { telemarketing, ...others } = pilviPolicy.purposes
const without = parsePolicy({ ...pilviPolicy, version: '2027', purposes: others })
const denial = { subject, purpose: 'telemarketing', by: 'phone' } as const
const rulesOf = ({ because }: { because: readonly { rule: string }[] }) => because.map(({ rule }) => rule)

describe('a denial of a purpose that the policy has lost since', () => {
  /** Denied under the policy that has it, asked under one that has not. */
  async function lost(said: 'deny' | 'refuse' | 'withdraw' = 'deny') {
    const before = scene<Policy>(pilviPolicy)
    await before.privacy.register.save(customer)
    await before.privacy.consent[said](denial)
    return { before, ...scene<Policy>(without, { over: before.backing, seed: 2 }) }
  }

  it.each(['deny', 'refuse', 'withdraw'] as const)(
    'denies all that is marketing or can be denied (%s)',
    async (said) => {
      const { consent } = (await lost(said)).privacy
      for (const purpose of ['direct-marketing', 'market-research', 'personal-research']) {
        for (const channel of ['phone', 'post', 'none'] as const) {
          expect(rulesOf(await consent.decide({ subject, purpose, channel }))).toEqual([
            'consent.denied-before',
          ])
        }
      }
      expect((await consent.decide({ subject, purpose: 'delivery', channel: 'none' })).outcome).toBe('permit')
      expect(
        (await consent.decide({ subject: 'b', purpose: 'market-research', channel: 'post' })).outcome,
      ).toBe('permit')
    },
  )

  it('yields to the person’s own later consent to the very purpose, and to no earlier one or another’s', async () => {
    const { privacy, environment } = await lost()
    const { consent } = privacy
    const ask = { subject, purpose: 'direct-marketing', channel: 'phone' } as const
    const given = { subject, purpose: 'direct-marketing', operator: 'agent-7' } as const
    environment.set('2026-11-24T10:00:00.000Z')
    await consent.give({ ...given, by: 'letter', effectiveAt: '2026-11-01T00:00:00.000Z' })
    await consent.give({ ...given, by: 'list-import' })
    const proxy = { role: 'attorney', evidence: { digest: 'ab'.repeat(32) } } as const
    await consent.give({ ...given, by: 'proxy', proxy })
    expect(rulesOf(await consent.decide(ask))).toEqual(['consent.denied-before'])
    await consent.give({ ...given, by: 'link' })
    expect(rulesOf(await consent.decide(ask))).toEqual(['consent.given'])
  })

  it('is obeyed at the address of somebody who was erased as well', async () => {
    const { before, privacy } = await lost()
    await before.erase(subject)
    const ask = { subject: 'b', purpose: 'market-research', channel: 'phone' } as const
    const contact = customer.fields.email
    expect(rulesOf(await privacy.consent.decide({ ...ask, contact }))).toEqual(['consent.suppressed'])
    expect((await privacy.consent.decide({ ...ask, purpose: 'delivery', contact })).outcome).toBe('permit')
  })
})

describe('a denial of a purpose that gives up a channel', () => {
  const under = (channels: Readonly<Record<string, 'never' | 'consent'>>) =>
    parsePolicy({
      ...pilviPolicy,
      version: '2027',
      purposes: { ...others, telemarketing: { ...telemarketing, channels } },
    })
  it.each([
    [
      'live calls, and keeps automated ones',
      { phone: 'never', 'automated-call': 'consent' },
      'phone',
      'deny',
    ],
    ['all of them', { phone: 'never', 'automated-call': 'never' }, 'phone', 'deny'],
    ['all of them: no letter either', { phone: 'never' }, 'post', 'deny'],
    ['none that a letter is', { 'automated-call': 'consent' }, 'post', 'permit'],
  ] as const)('%s', async (_, channels, channel, outcome) => {
    const { privacy, backing } = scene<Policy>(pilviPolicy)
    await privacy.consent.deny(denial)
    const after = scene<Policy>(under(channels), { over: backing })
    const may = await after.privacy.consent.decide({ subject, purpose: 'direct-marketing', channel })
    expect(may.outcome).toBe(outcome)
  })
})

describe('a wide name for what was withdrawn', () => {
  const { denial: _, ...rest } = telemarketing
  const catalogue = {
    ...rest,
    legalBasis: 'consent',
    consentBy: 'opt-in',
    channels: { post: 'consent' },
  } as const
  const policy: Policy = { ...pilviPolicy, purposes: { ...pilviPolicy.purposes, catalogue } }
  const wide = { subject, purpose: 'direct-marketing', channel: 'post' } as const

  it('is denied with it, though that one cannot be denied, until the person consents to it', async () => {
    const { consent } = scene(policy).privacy
    expect((await consent.decide(wide)).outcome).toBe('permit')
    await consent.give({ subject, purpose: 'catalogue', by: 'link' })
    expect((await consent.decide(wide)).outcome).toBe('permit')
    await consent.withdraw({ subject, purpose: 'catalogue', by: 'link' })
    expect(rulesOf(await consent.decide(wide))).toEqual(['consent.denied-narrower'])
    expect((await consent.decide({ ...wide, channel: 'phone' })).outcome).toBe('permit')
    await consent.give({ subject, purpose: 'catalogue', by: 'link' })
    expect((await consent.decide(wide)).outcome).toBe('permit')
  })
})
