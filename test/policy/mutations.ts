/** Ways in which a policy can be changed at one place: every place, and most of what may stand there instead. */

import { type Policy, parsePolicy, policyDigest } from '@pilvi/privacy'

/** What can stand in the place of a value of one of these members, where not any text can. */
const others: Readonly<Record<string, readonly unknown[]>> = {
  country: ['FI', 'SE', 'US', 'GB', 'BR', 'CA', 'IN'],
  jurisdiction: ['FI', 'SE', 'DE'],
  timeZone: ['Europe/Helsinki', 'Europe/Oslo'],
  financialYearEnd: ['12-31', '06-30'],
  kind: [
    ...['personal', 'identity', 'special', 'other', 'text', 'email', 'phone', 'choice', 'date', 'number'],
    ...['subject', 'use', 'public', 'administrative', 'legal', 'security'],
  ],
  tier: ['controller', 'customer'],
  legalBasis: [
    'consent',
    'contract',
    'legal-obligation',
    'vital-interests',
    'public-task',
    'legitimate-interests',
  ],
  consentBy: ['opt-in', 'use'],
  role: ['processor', 'controller', 'authority'],
  organisation: ['commercial', 'non-profit', 'public'],
  mechanism: [
    'adequacy',
    'standard-contractual-clauses',
    'binding-corporate-rules',
    'derogation',
    'privacy-shield',
  ],
  keep: ['while-needed', { after: 'recorded', years: 1 }],
  after: ['recorded', 'day-closed'],
  rule: [
    { from: 'event', years: 2 },
    { from: 'end-of-financial-year', years: 5 },
  ],
  from: ['event', 'end-of-financial-year', 'end-of-calendar-year-of-financial-year'],
  offered: ['optional', 'required'],
  relation: ['exact', 'broader', 'related', 'own'],
  meaning: ['acknowledgement', 'consent'],
  by: ['use', 'signature'],
  broader: ['marketing', 'delivery', 'direct-marketing'],
  category: ['contact', 'log', 'security'],
  ...Object.fromEntries(
    ['post', 'phone', 'automated-call', 'email', 'sms', 'in-person'].map((channel) => [
      channel,
      ['unless-denied', 'consent', 'never'],
    ]),
  ),
}

/** Members that may be added where there is none. */
const more: Readonly<Record<string, unknown>> = {
  fi: 'Uusi sanamuoto',
  reviewBy: '2027-06-01',
  marketing: true,
  required: true,
  lookup: true,
  identity: true,
  broader: 'marketing',
  denial: { absolute: true, law: 'our own promise' },
  signal: 'gpc',
  interest: { en: 'selling more', fi: 'myynnin kasvattaminen' },
  existingCustomers: { channels: ['email'], law: 'Directive 2002/58/EC 13(2)' },
  channels: { post: 'unless-denied' },
  certification: { scheme: 'data-privacy-framework', since: '2025-01-01' },
  transfer: { mechanism: 'binding-corporate-rules', since: '2025-01-01', assessment: 'TIA-1' },
  assessment: 'TIA-9',
  until: '2028-01-01',
  exemption: {
    ...{ kind: 'legal', law: 'An Act', says: { en: 'Vouchers', fi: 'Tositteet' } },
    rule: { from: 'event', years: 1 },
  },
  denialLists: { robinson: { label: { en: 'Robinson list', fi: 'Kieltoluettelo' }, clause: 'Denial' } },
  stepUp: ['export'],
  reset: { hours: 48 },
  dataProtectionOfficer: 'dpo@example.fi',
  anyOf: [['email']],
  choices: ['a'],
}

/** A change of a policy at one place. */
export interface Mutation {
  readonly path: string
  readonly how: string
  /** Makes it in a copy. */
  readonly apply: (policy: unknown) => void
}

/** All that can be tried; some of them give no policy, and some the same one. */
export const mutationsOf = (policy: Policy): Mutation[] => [...below(policy, [])]

/** The policy with changes, parsed; `null` where it is none, or is as it was. */
export function mutated(policy: Policy, applied: readonly Mutation['apply'][]): Policy | null {
  const copy: unknown = structuredClone(policy)
  for (const apply of applied) apply(copy)
  try {
    const parsed = parsePolicy(copy)
    return policyDigest(parsed) === policyDigest(policy) ? null : parsed
  } catch {
    return null
  }
}

type Node = Record<string, unknown>

function* below(node: unknown, at: readonly string[]): Iterable<Mutation> {
  if (Array.isArray(node)) yield* ofList(node, at)
  if (typeof node !== 'object' || node === null) return
  for (const [name, value] of Object.entries(node)) {
    if (!Array.isArray(node)) yield* ofMember(value, [...at, name])
    yield* below(value, [...at, name])
  }
  if (Array.isArray(node)) return
  for (const [name, value] of Object.entries(more))
    if (!(name in node))
      yield mutation('added', [...at, name], (parent) => (parent[name] = structuredClone(value)))
}

function* ofMember(value: unknown, at: readonly string[]): Iterable<Mutation> {
  const name = at.at(-1) ?? ''
  const set = (how: string, other: unknown) =>
    mutation(how, at, (parent) => (parent[name] = structuredClone(other)))
  yield mutation('removed', at, (parent) => delete parent[name])
  for (const other of others[name] ?? []) yield set(`made ${JSON.stringify(other)}`, other)
  if (typeof value === 'string') yield set('reworded', value.endsWith('.') ? `${value} More.` : `${value} x`)
  if (typeof value === 'string') yield set('redated', '2026-02-03')
  if (typeof value === 'number') for (const by of [-1, 1, 24]) yield set(`${by}`, value + by)
  if (typeof value === 'boolean') yield set('flipped', !value)
  if (typeof value === 'object' && !Array.isArray(value))
    yield mutation('doubled', at, (parent) => (parent[`${name}-b`] = structuredClone(value)))
}

function* ofList(list: readonly unknown[], at: readonly string[]): Iterable<Mutation> {
  const name = at.at(-1) ?? ''
  const set = (how: string, other: readonly unknown[]) =>
    mutation(how, at, (parent) => (parent[name] = structuredClone(other)))
  for (const [n] of list.entries()) yield set(`without ${n}`, list.toSpliced(n, 1))
  yield set('reversed', list.toReversed())
  const known = [
    'customer.email',
    'customer.phone',
    'log',
    'contact',
    'passkey',
    'email',
    'link',
    'consent',
    'law',
    'delivery',
  ]
  for (const each of known) yield set(`with ${each}`, [...list, each])
}

function mutation(how: string, at: readonly string[], change: (parent: Node) => unknown): Mutation {
  return {
    ...{ path: at.join('.'), how },
    apply(policy) {
      let node: unknown = policy
      for (const name of at.slice(0, -1)) node = Object(node)[name]
      if (typeof node === 'object' && node !== null) change(node as Node)
    },
  }
}
