/** What `diffPolicy` calls good for people opens nothing: wherever a no turns into a yes, it says more than `for`. */

import { diffPolicy, type Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/consent/rules.ts'
import { apply, emptyStanding } from '../../src/consent/standing.ts'
import { moment, orders } from '../consent/orders.ts'

const names = ['direct-marketing', 'telemarketing', 'market-research'] as const
const channels = ['post', 'phone', 'automated-call', 'email', 'none', undefined] as const

/** A purpose whose members can be taken away. */
type Loose = { -readonly [K in keyof Policy['purposes'][string]]?: unknown } & {
  channels?: Record<string, string>
  denial?: { absolute: boolean; law: string }
}
type Changing = { purposes: Record<string, Loose> }

const changes = {
  remove({ purposes }, { name }) {
    delete purposes[name]
    for (const other of Object.values(purposes)) if (other.broader === name) delete other.broader
  },
  deniable({ purposes }, { name }) {
    const { denial, ...rest } = purposes[name] ?? {}
    purposes[name] = denial ? rest : { ...rest, denial: { absolute: true, law: 'the promise' } }
  },
  absolute({ purposes }, { name }) {
    const { denial } = purposes[name] ?? {}
    if (denial) denial.absolute = !denial.absolute
  },
  broader({ purposes }, { name }) {
    const { broader, ...rest } = purposes[name] ?? {}
    const wider =
      name !== 'direct-marketing' && purposes['direct-marketing'] ? { broader: 'direct-marketing' } : {}
    purposes[name] = broader ? rest : { ...rest, ...wider }
  },
  unregulated({ purposes }, { name }) {
    const { channels: before, ...rest } = purposes[name] ?? {}
    purposes[name] = before ? rest : { ...rest, channels: { post: 'unless-denied' } }
  },
  channel({ purposes }, { name, channel, rule }) {
    const { channels: before } = purposes[name] ?? {}
    if (before === undefined) return
    if (rule) before[channel] = rule
    else delete before[channel]
  },
  basis({ purposes }, { name, basis }) {
    const { legalBasis: _, ...rest } = purposes[name] ?? {}
    purposes[name] = basis ? { ...rest, legalBasis: basis } : rest
  },
  marketing({ purposes }, { name }) {
    const { marketing, ...rest } = purposes[name] ?? {}
    purposes[name] = marketing ? rest : { ...rest, marketing: true }
  },
} as const satisfies Record<string, (policy: Changing, by: Change) => void>

interface Change {
  readonly what: keyof typeof changes
  readonly name: (typeof names)[number]
  readonly channel: string
  readonly rule: string | undefined
  readonly basis: string | undefined
}

const change: fc.Arbitrary<Change> = fc.record({
  what: fc.constantFrom(
    'remove',
    'remove',
    'deniable',
    'absolute',
    'broader',
    'unregulated',
    'channel',
    'channel',
    'basis',
    'marketing',
  ),
  name: fc.constantFrom(...names),
  channel: fc.constantFrom('post', 'phone', 'automated-call', 'email'),
  rule: fc.constantFrom('unless-denied', 'consent', 'never', undefined),
  basis: fc.constantFrom('consent', 'contract', 'legitimate-interests', undefined),
})

function changed(before: Policy, by: Change): Policy {
  const after = structuredClone(before) as unknown as Changing
  if (after.purposes[by.name] !== undefined) changes[by.what](after, by)
  return after as unknown as Policy
}

describe('a change by which a denial is lost is not called good for people', () => {
  it('any change after any others, whatever was said', () => {
    let opened = 0
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), change, orders, (first, last, events) => {
        const before = first.reduce(changed, pilviPolicy as Policy)
        const after = changed(before, last)
        const standing = events.reduce(apply, emptyStanding)
        const told = diffPolicy(before, after)
        for (const purpose of names) {
          if (!before.purposes[purpose] || !after.purposes[purpose]) continue
          for (const channel of channels) {
            const ask = { purpose, channel, standing, address: emptyStanding, at: moment(20) }
            const opens =
              decide({ policy: before, ...ask }).outcome === 'deny' &&
              decide({ policy: after, ...ask }).outcome === 'permit'
            if (!opens) continue
            opened++
            expect(told.map(({ direction }) => direction)).not.toEqual(told.map(() => 'for'))
          }
        }
      }),
      { numRuns: 5_000, seed: 20_261_203 },
    )
    expect(opened).toBeGreaterThan(100)
  })

  it.each([
    [
      'a purpose within a wider one that is gone',
      { what: 'remove', name: 'telemarketing' },
      'unclear change.purpose-removed',
    ],
    [
      'a purpose of its own that is gone',
      { what: 'remove', name: 'market-research' },
      'for change.purpose-removed',
    ],
    [
      'a channel that is given up within a wider one',
      { what: 'channel', name: 'telemarketing', channel: 'phone', rule: 'never' },
      'unclear change.channel-tightened',
    ],
    [
      'a channel that is given up',
      { what: 'channel', name: 'market-research', channel: 'phone', rule: 'never' },
      'for change.channel-tightened',
    ],
  ] as const)('%s', (_, by, told) => {
    const after = changed(pilviPolicy, { channel: 'phone', rule: undefined, basis: undefined, ...by })
    expect(diffPolicy(pilviPolicy, after).map(({ direction, rule }) => `${direction} ${rule}`)).toContain(
      told,
    )
  })
})

describe('data that come to be special need new consent (GDPR 9)', () => {
  const label = { en: 'Health' }
  const before = {
    ...pilviPolicy,
    categories: { ...pilviPolicy.categories, health: { label, kind: 'special', clause: 'Use log' } },
    retention: { ...pilviPolicy.retention, health: pilviPolicy.retention.contact },
  } as Policy
  const needing = (after: Policy) =>
    diffPolicy(before, after).flatMap(({ rule, needsConsent }) => (needsConsent ? [rule] : []))

  it('a field, a new field, and a purpose that uses them', () => {
    const { customer } = pilviPolicy.groups
    const withField = (name: string, field: object) =>
      ({
        ...before,
        groups: {
          ...before.groups,
          customer: { ...customer, fields: { ...customer.fields, [name]: field } },
        },
      }) as Policy
    const { contactPerson } = customer.fields
    expect(needing(withField('contactPerson', { ...contactPerson, category: 'health' }))).toEqual([
      'change.data-redefined',
    ])
    expect(needing(withField('health', { label, kind: 'text', category: 'health' }))).toEqual([
      'change.data-added',
    ])
    const { development } = pilviPolicy.purposes
    const categories = [...development.categories, 'health']
    const widened = {
      ...before,
      purposes: { ...before.purposes, development: { ...development, categories } },
    }
    expect(needing(widened as Policy)).toEqual(['change.purpose-widened'])
    const added = { ...before, purposes: { ...before.purposes, care: { ...development, categories } } }
    expect(needing(added as Policy)).toEqual(['change.purpose-added'])
  })
})
