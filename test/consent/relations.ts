/**
 * What follows from what was said about wider and narrower purposes, and from the legal basis: purpose and channel
 * asked, what was said of which purpose, and the rules that follow. Each row names the clause it rests on.
 */

import { type Policy, parsePolicy, type Question } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import type { ConsentRule } from '../../src/consent/rules.ts'
import type { Said } from './states.ts'

/** Pilvi’s policy with purposes that it does not have. */
export const wider: Policy = parsePolicy({
  ...pilviPolicy,
  purposes: {
    ...pilviPolicy.purposes,
    analytics: bare('consent'),
    heatmaps: { ...bare('consent'), broader: 'analytics' },
    unfounded: bare(undefined),
    research: { ...bare('legitimate-interests'), denial: { absolute: true, law: 'GDPR 21(2)' } },
    'customer-research': { ...bare('legitimate-interests'), broader: 'research' },
    newsletter: {
      ...bare('legitimate-interests'),
      denial: { absolute: false, law: 'GDPR 21(1)' },
      channels: { email: 'unless-denied', sms: 'consent' },
    },
  },
})

function bare(legalBasis: string | undefined) {
  return {
    label: { en: 'x', fi: 'x' },
    ...(legalBasis !== undefined && { legalBasis }),
    ...(legalBasis === 'legitimate-interests' && { interest: { en: 'x', fi: 'x' } }),
    categories: [],
    vocabulary: [],
    clause: 'Added',
  }
}

const ago = (kind: Said['kind'], recorded: number, more: Partial<Said> = {}): Said => ({
  kind,
  recorded,
  ...more,
})
const mine = { by: 'link' } as const

/** Purpose asked, channel, what was said (of which purpose), the rules that follow, and the clause. */
export const relations: readonly (readonly [
  name: string,
  clause: string,
  asked: readonly [purpose: string, channel: Question['channel'] | undefined],
  said: readonly (readonly [purpose: string, Said])[],
  rules: readonly ConsentRule[],
])[] = [
  [
    'a denial of the wider purpose denies the narrower',
    'DPV broader; GDPR 21(2)',
    ['telemarketing', 'phone'],
    [['direct-marketing', ago('denied', 5)]],
    ['consent.denied-broader'],
  ],
  [
    'so does a refusal of the wider purpose',
    'DPV broader; ConsentRefused',
    ['telemarketing', 'phone'],
    [['direct-marketing', ago('refused', 5)]],
    ['consent.denied-broader'],
  ],
  [
    'and a withdrawal from it',
    'DPV broader; GDPR 7(3)',
    ['telemarketing', 'phone'],
    [['direct-marketing', ago('withdrawn', 5)]],
    ['consent.denied-broader'],
  ],
  [
    'a later consent to the narrower purpose permits it',
    'GDPR 21(3)',
    ['telemarketing', 'phone'],
    [
      ['direct-marketing', ago('denied', 5)],
      ['telemarketing', ago('given', 4, mine)],
    ],
    ['consent.given'],
  ],
  [
    'and leaves the wider one denied',
    'GDPR 21(3)',
    ['direct-marketing', 'post'],
    [
      ['direct-marketing', ago('denied', 5)],
      ['telemarketing', ago('given', 4, mine)],
    ],
    ['consent.denied'],
  ],
  [
    'an earlier consent to the narrower purpose does not',
    'GDPR 21(3)',
    ['telemarketing', 'automated-call'],
    [
      ['telemarketing', ago('given', 6, mine)],
      ['direct-marketing', ago('denied', 5)],
    ],
    ['consent.denied-broader', 'consent.superseded'],
  ],
  [
    'a consent to the wider purpose does not lift a denial of the narrower',
    'GDPR 21(3): that very purpose',
    ['telemarketing', 'phone'],
    [
      ['telemarketing', ago('denied', 5)],
      ['direct-marketing', ago('given', 4, mine)],
    ],
    ['consent.denied'],
  ],
  [
    'a consent to the wider purpose is not one to the narrower',
    'GDPR 4(11): specific',
    ['telemarketing', 'sms'],
    [['direct-marketing', ago('given', 4, mine)]],
    ['consent.missing'],
  ],
  [
    'no marketing call under another name: a denial of telemarketing denies direct marketing by phone',
    'GDPR 21(3)',
    ['direct-marketing', 'phone'],
    [['telemarketing', ago('denied', 5)]],
    ['consent.denied-narrower'],
  ],
  [
    'not even with a later consent to direct marketing at large',
    'GDPR 21(3)',
    ['direct-marketing', 'phone'],
    [
      ['telemarketing', ago('denied', 5)],
      ['direct-marketing', ago('given', 4, mine)],
    ],
    ['consent.denied-narrower'],
  ],
  [
    'but with one to telemarketing',
    'GDPR 21(3)',
    ['direct-marketing', 'phone'],
    [
      ['telemarketing', ago('denied', 5)],
      ['telemarketing', ago('given', 4, mine)],
    ],
    ['consent.not-denied'],
  ],
  [
    'a denial of telemarketing says nothing about a letter',
    'channel rule (Finland)',
    ['direct-marketing', 'post'],
    [['telemarketing', ago('denied', 5)]],
    ['consent.not-denied'],
  ],
  [
    'nor about a mail that was consented to',
    'channel rule (Finland)',
    ['direct-marketing', 'email'],
    [
      ['telemarketing', ago('denied', 5)],
      ['direct-marketing', ago('given', 4, mine)],
    ],
    ['consent.given'],
  ],
  [
    'a selection for a wide purpose counts all that it contains',
    'GDPR 21(2): profiling',
    ['direct-marketing', 'none'],
    [['telemarketing', ago('denied', 5)]],
    ['consent.denied-narrower'],
  ],
  [
    'a refusal of a narrower purpose that cannot be denied says nothing about the wider one',
    'GDPR 21(2)',
    ['research', undefined],
    [['customer-research', ago('refused', 5)]],
    ['consent.not-denied'],
  ],
  [
    'a purpose that cannot be denied itself is denied with the wider one',
    'GDPR 21(2)',
    ['customer-research', undefined],
    [['research', ago('denied', 5)]],
    ['consent.denied-broader'],
  ],
  [
    'and is allowed as long as that one is',
    'GDPR 6(1)(f)',
    ['customer-research', undefined],
    [],
    ['consent.not-denied'],
  ],
  [
    'one denial does not touch another purpose',
    'the policy, "Right for denial"',
    ['market-research', 'phone'],
    [['telemarketing', ago('denied', 5)]],
    ['consent.not-denied'],
  ],
  ['consent is the basis, and missing', 'GDPR 6(1)(a)', ['analytics', undefined], [], ['consent.missing']],
  [
    'consent is the basis, and given',
    'GDPR 6(1)(a)',
    ['analytics', undefined],
    [['analytics', ago('given', 5, mine)]],
    ['consent.given'],
  ],
  [
    'consent is the basis, and a wider one was refused since',
    'GDPR 7(3)',
    ['heatmaps', undefined],
    [
      ['heatmaps', ago('given', 5, mine)],
      ['analytics', ago('refused', 4)],
    ],
    ['consent.denied-broader', 'consent.superseded'],
  ],
  [
    'consent is the basis and the channel is not stated: both are said',
    'channel rule (Finland)',
    ['newsletter', undefined],
    [['newsletter', ago('denied', 4)]],
    ['consent.channel-unstated', 'consent.denied'],
  ],
  ['a purpose without a legal basis', 'GDPR 6(1)', ['unfounded', undefined], [], ['basis.missing']],
  [
    'a purpose without a legal basis, though consented to',
    'GDPR 6(1)',
    ['unfounded', undefined],
    [['unfounded', ago('given', 5, mine)]],
    ['basis.missing'],
  ],
  ['a contract needs no consent', 'GDPR 6(1)(b)', ['delivery', undefined], [], ['basis.other']],
  [
    'nor does taking one back end it',
    'GDPR 6(1)(b)',
    ['delivery', 'email'],
    [['delivery', ago('withdrawn', 5)]],
    ['basis.other'],
  ],
  [
    'a representative can lift a denial that is not absolute',
    'GDPR 21(1)',
    ['newsletter', 'email'],
    [
      ['newsletter', ago('denied', 5)],
      ['newsletter', ago('given', 4, { by: 'proxy' })],
    ],
    ['consent.given'],
  ],
  [
    'a list cannot',
    'GDPR 21(1)',
    ['newsletter', 'email'],
    [
      ['newsletter', ago('denied', 5)],
      ['newsletter', ago('given', 4, { by: 'list-import' })],
    ],
    ['consent.denied'],
  ],
  [
    'a channel that the policy does not name is used by nobody',
    'channel rule (Finland)',
    ['newsletter', 'phone'],
    [['newsletter', ago('given', 4, mine)]],
    ['consent.channel-never'],
  ],
]
