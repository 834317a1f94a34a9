/** Questions about disclosures and the rules they come to, each row with its clause. */

import { type EventKind, type Policy, parsePolicy, type Recipient } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'

const recipient = (more: Partial<Recipient>): Recipient => ({
  name: { en: 'x', fi: 'x' },
  role: 'processor',
  country: 'FI',
  organisation: 'commercial',
  grounds: ['subcontractor'],
  purposes: ['quality-control'],
  fields: ['customer.email', 'customer.contactPerson'],
  clause: 'Disclosure',
  ...more,
})

/** Pilvi’s policy with recipients that it does not have. */
export const policy: Policy = parsePolicy({
  ...pilviPolicy,
  recipients: {
    ...pilviPolicy.recipients,
    'mailing-house': recipient({
      grounds: ['subcontractor', 'consent', 'law'],
      purposes: ['direct-marketing', 'market-research'],
    }),
    'us-certified': recipient({
      country: 'US',
      certification: { scheme: 'data-privacy-framework', since: '2024-01-01', until: '2026-12-31' },
    }),
    'us-uncertified': recipient({ country: 'US' }),
    'in-clauses': recipient({
      country: 'IN',
      transfer: { mechanism: 'standard-contractual-clauses', since: '2024-01-01', assessment: 'TIA-1' },
    }),
  },
})

export interface Question {
  readonly recipient: string
  readonly fields: readonly [string, ...string[]]
  readonly ground: 'law' | 'consent' | 'agreement' | 'partner' | 'subcontractor'
  readonly purpose: string
}

export const hosting: Question = {
  recipient: 'hosting-provider',
  fields: ['customer.email'],
  ground: 'subcontractor',
  purpose: 'delivery',
}
const tax: Question = {
  recipient: 'tax-administration',
  fields: ['customer.vatId', 'customer.paymentDetails'],
  ground: 'law',
  purpose: 'accounting',
}
const partner: Question = { ...hosting, recipient: 'product-partner', ground: 'partner' }
const support: Question = { ...hosting, recipient: 'support-desk', purpose: 'quality-control' }
const mail: Question = { ...hosting, recipient: 'mailing-house', purpose: 'direct-marketing' }

export interface Case {
  readonly name: string
  readonly clause: string
  readonly question: Question
  readonly said?: readonly (readonly [EventKind, purpose: string])[]
  /** Absent: 23 November 2026. */
  readonly on?: string
  readonly rules: readonly string[]
}

export const cases: readonly Case[] = [
  {
    name: 'a subcontractor in the EEA, within its minimal set',
    clause: 'the policy, "Disclosure": as little as possible',
    question: hosting,
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'somebody the policy does not name',
    clause: 'the policy, "Disclosure": not in the normal course',
    question: { ...hosting, recipient: 'data-broker' },
    rules: ['disclosure.recipient-unknown'],
  },
  {
    name: 'somebody named like what every object has',
    clause: 'the policy, "Disclosure"',
    question: { ...hosting, recipient: 'constructor' },
    rules: ['disclosure.recipient-unknown'],
  },
  {
    name: 'on a ground that the recipient does not have',
    clause: 'the policy, "Disclosure"',
    question: { ...hosting, ground: 'agreement' },
    rules: ['disclosure.ground'],
  },
  {
    name: 'for a purpose that the recipient does not have',
    clause: 'GDPR 5(1)(b)',
    question: { ...hosting, purpose: 'accounting' },
    rules: ['disclosure.purpose'],
  },
  {
    name: 'with a field beyond the minimal set',
    clause: 'GDPR 5(1)(c)',
    question: { ...hosting, fields: ['customer.email', 'customer.paymentDetails'] },
    rules: ['disclosure.fields'],
  },
  {
    name: 'with a field that nobody has',
    clause: 'GDPR 5(1)(c)',
    question: { ...hosting, fields: ['customer.shoeSize'] },
    rules: ['disclosure.fields'],
  },
  {
    name: 'with everything wrong at once: every reason is named',
    clause: 'the policy, "Disclosure"',
    question: { ...support, ground: 'law', purpose: 'accounting', fields: ['customer.vatId'] },
    rules: ['disclosure.ground', 'disclosure.purpose', 'disclosure.fields', 'transfer.framework-invalid'],
  },
  {
    name: 'an authority, by law',
    clause: 'GDPR 6(1)(c)',
    question: tax,
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'an authority, by law, though the person objects',
    clause: 'GDPR 6(1)(c); 21(1) does not reach it',
    question: tax,
    said: [
      ['refused', 'accounting'],
      ['denied', 'direct-marketing'],
      ['denied', 'market-research'],
    ],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'by law for a purpose that the person denied',
    clause: 'GDPR 6(1)(c)',
    question: { ...mail, ground: 'law' },
    said: [['denied', 'direct-marketing']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'a partner whose product the customer connected',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'consent as the ground, and given',
    clause: 'GDPR 6(1)(a)',
    question: { ...partner, ground: 'consent' },
    said: [['given', 'delivery']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'consent as the ground, and never given: that nothing was denied is not enough',
    clause: 'GDPR 6(1)(a)',
    question: { ...partner, ground: 'consent' },
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'consent as the ground, given and withdrawn',
    clause: 'GDPR 7(3)',
    question: { ...partner, ground: 'consent' },
    said: [
      ['given', 'delivery'],
      ['withdrawn', 'delivery'],
    ],
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'consent to marketing as the ground, whatever the channel will be',
    clause: 'GDPR 6(1)(a)',
    question: { ...mail, ground: 'consent' },
    said: [['given', 'direct-marketing']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'for marketing that nobody denied',
    clause: 'GDPR 6(1)(f)',
    question: mail,
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'for marketing that the person denied',
    clause: 'the policy, "Right for denial"',
    question: mail,
    said: [['denied', 'direct-marketing']],
    rules: ['disclosure.denied', 'consent.denied'],
  },
  {
    name: 'for marketing of which the person denied a part',
    clause: 'the policy, "Right for denial"',
    question: mail,
    said: [['denied', 'telemarketing']],
    rules: ['disclosure.denied', 'consent.denied-narrower'],
  },
  {
    name: 'for marketing that the person consented to and then denied, with consent as the ground',
    clause: 'GDPR 21(3)',
    question: { ...mail, ground: 'consent' },
    said: [
      ['given', 'direct-marketing'],
      ['denied', 'direct-marketing'],
    ],
    rules: ['disclosure.denied', 'consent.denied'],
  },
  {
    name: 'for a purpose that was not the one denied',
    clause: 'the policy, "Right for denial"',
    question: { ...mail, purpose: 'market-research' },
    said: [['denied', 'direct-marketing']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'a recipient that has nothing but the Privacy Shield, today',
    clause: 'CJEU C-311/18',
    question: support,
    rules: ['transfer.framework-invalid'],
  },
  {
    name: 'the same, on the day of the judgment',
    clause: 'CJEU C-311/18',
    question: support,
    on: '2020-07-16T10:00:00.000Z',
    rules: ['transfer.framework-invalid'],
  },
  {
    name: 'the same, on the day before',
    clause: 'Decision (EU) 2016/1250',
    question: support,
    on: '2020-07-15T10:00:00.000Z',
    rules: ['disclosure.permitted', 'transfer.adequacy'],
  },
  {
    name: 'the day is that of the policy’s time zone',
    clause: 'CJEU C-311/18',
    question: support,
    on: '2020-07-15T21:30:00.000Z',
    rules: ['transfer.framework-invalid'],
  },
  {
    name: 'a certified recipient in the United States',
    clause: 'Decision (EU) 2023/1795',
    question: { ...support, recipient: 'us-certified' },
    rules: ['disclosure.permitted', 'transfer.adequacy'],
  },
  {
    name: 'the same after its certification has ended',
    clause: 'Decision (EU) 2023/1795',
    question: { ...support, recipient: 'us-certified' },
    on: '2027-01-01T10:00:00.000Z',
    rules: ['transfer.not-certified'],
  },
  {
    name: 'an uncertified recipient in the United States',
    clause: 'Decision (EU) 2023/1795',
    question: { ...support, recipient: 'us-uncertified' },
    rules: ['transfer.not-certified'],
  },
  {
    name: 'contractual clauses on file, with their assessment',
    clause: 'GDPR 46(2)(c)',
    question: { ...support, recipient: 'in-clauses' },
    rules: ['disclosure.permitted', 'transfer.safeguards'],
  },
]
