/** Questions about disclosures and the rules they come to, each row with its clause. */

import type { CalendarDate, DisclosureQuestion, EventKind, Route } from '@pilvi/privacy'
import { law } from './policy.ts'

export type Question = Omit<DisclosureQuestion, 'subject'>

export const hosting: Question = {
  recipient: 'hosting-provider',
  fields: ['customer.email'],
  ground: 'subcontractor',
  purpose: 'delivery',
}
const unnamed: Question = {
  recipient: 'tax-administration',
  fields: ['customer.vatId', 'customer.paymentDetails'],
  ground: 'law',
  purpose: 'accounting',
}
export const tax: Question = { ...unnamed, law }
export const partner: Question = { ...hosting, recipient: 'product-partner', ground: 'partner' }
export const support: Question = { ...hosting, recipient: 'support-desk', purpose: 'quality-control' }
export const mail: Question = {
  ...hosting,
  recipient: 'mailing-house',
  purpose: 'direct-marketing',
  channel: 'post',
}

const { channel: _, ...unreached } = mail
const customer = {
  customerSince: '2026-01-01',
  bought: 'hosting',
  offered: 'hosting',
  wayOut: 'in-each-message',
} as const

export interface Case {
  readonly name: string
  readonly clause: string
  readonly question: Question
  readonly said?: readonly (readonly [EventKind, purpose: string, by?: Route])[]
  /** The days of a link to the recipient that was put on record before. */
  readonly linked?: { readonly from?: CalendarDate; readonly until?: CalendarDate }
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
    question: { ...hosting, ground: 'agreement', agreement: { reference: 'DPA-7' } },
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
    rules: [
      ...['disclosure.ground', 'disclosure.purpose', 'disclosure.fields', 'disclosure.law-missing'],
      'transfer.framework-invalid',
    ],
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
    name: 'threat: marketing that the person denied, called law',
    clause: 'GDPR 21(3)',
    question: { ...mail, ground: 'law', law },
    said: [['denied', 'direct-marketing']],
    rules: ['disclosure.denied', 'consent.denied'],
  },
  {
    name: 'threat: a part of marketing denied, the whole called law',
    clause: 'GDPR 21(3)',
    question: { ...mail, ground: 'law', law, channel: 'phone' },
    said: [['denied', 'telemarketing']],
    rules: ['disclosure.denied', 'consent.denied-narrower'],
  },
  {
    name: 'threat: research that the policy promises to end, called law',
    clause: 'the policy, "Right for denial"',
    question: { ...mail, ground: 'law', law, purpose: 'market-research' },
    said: [['denied', 'market-research']],
    rules: ['disclosure.denied', 'consent.denied'],
  },
  {
    name: 'by law for marketing that nobody denied',
    clause: 'GDPR 6(1)(c)',
    question: { ...mail, ground: 'law', law },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'threat: law for marketing by a channel that needs consent',
    clause: 'Directive 2002/58/EC 13(1)',
    question: { ...mail, ground: 'law', law, channel: 'email' },
    rules: ['disclosure.denied', 'consent.missing'],
  },
  {
    name: 'by law for what can be denied, but not absolutely',
    clause: 'GDPR 6(1)(c); 21(1) does not reach it',
    question: { ...mail, ground: 'law', law, purpose: 'appeals' },
    said: [['denied', 'appeals']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'threat: law that is named by nothing, of one who is no authority',
    clause: 'GDPR 5(2), 6(3)',
    question: { ...mail, ground: 'law' },
    rules: ['disclosure.law-missing'],
  },
  {
    name: 'by law, of one who is no authority, by the provision alone',
    clause: 'GDPR 6(3)',
    question: { ...mail, ground: 'law', law: { provision: law.provision } },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'an authority, by law, and nothing is named',
    clause: 'GDPR 5(2), 6(3)',
    question: unnamed,
    rules: ['disclosure.law-missing', 'disclosure.authority-missing'],
  },
  {
    name: 'an authority, by law, whose request is not named',
    clause: 'GDPR 5(2)',
    question: { ...unnamed, law: { provision: law.provision } },
    rules: ['disclosure.authority-missing'],
  },
  {
    name: 'an authority, by law, for more than its minimal set',
    clause: 'GDPR 5(1)(c)',
    question: { ...tax, fields: ['customer.vatId', 'customer.phone'] },
    rules: ['disclosure.fields'],
  },
  {
    name: 'threat: secrecy for one that is no authority',
    clause: 'GDPR 23(1)',
    question: { ...mail, ground: 'law', law: { ...law, secrecy: { until: '2027-01-01' } } },
    rules: ['disclosure.not-an-authority'],
  },
  {
    name: 'an agreement that is named',
    clause: 'the policy, "Disclosure": agreement',
    question: { ...partner, ground: 'agreement', agreement: { reference: 'DPA-7' } },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'an agreement that is not named',
    clause: 'GDPR 5(2)',
    question: { ...partner, ground: 'agreement' },
    rules: ['disclosure.agreement-missing'],
  },
  {
    name: 'a partner whose product the customer connected',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    linked: {},
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'a partner whose product the customer did not connect',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    rules: ['disclosure.not-linked'],
  },
  {
    name: 'a partner whose link ends today',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    linked: { from: '2026-11-01', until: '2026-11-23' },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'a partner whose link ended yesterday',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    linked: { from: '2026-11-01', until: '2026-11-22' },
    rules: ['disclosure.not-linked'],
  },
  {
    name: 'a partner whose link begins tomorrow',
    clause: 'the policy, "Disclosure": partners',
    question: partner,
    linked: { from: '2026-11-24' },
    rules: ['disclosure.not-linked'],
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
    question: { ...mail, ground: 'consent', channel: 'email' },
    said: [['given', 'direct-marketing']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'consent of a representative',
    clause: 'GDPR 6(1)(a), 8(1)',
    question: { ...partner, ground: 'consent' },
    said: [['given', 'delivery', 'proxy']],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'threat: a list that says the person consented',
    clause: 'GDPR 4(11), 7(1)',
    question: { ...partner, ground: 'consent' },
    said: [['given', 'delivery', 'list-import']],
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'a list that says so, and the person’s own word',
    clause: 'GDPR 4(11), 7(1)',
    question: { ...partner, ground: 'consent' },
    said: [
      ['given', 'delivery'],
      ['given', 'delivery', 'list-import'],
    ],
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'threat: a mailer by a channel that needs consent',
    clause: 'Directive 2002/58/EC 13(1)',
    question: { ...mail, channel: 'email' },
    rules: ['disclosure.denied', 'consent.missing'],
  },
  {
    name: 'threat: a mailer by a channel that is not named',
    clause: 'Directive 2002/58/EC 13(1)',
    question: unreached,
    rules: ['disclosure.denied', 'consent.channel-unstated'],
  },
  {
    name: 'for marketing by somebody who reaches nobody, such as a printer',
    clause: 'GDPR 6(1)(f)',
    question: { ...mail, channel: 'none' },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'a mailer, about an existing customer',
    clause: 'Directive 2002/58/EC 13(2)',
    question: { ...mail, purpose: 'news', channel: 'email', relationship: customer },
    rules: ['disclosure.permitted', 'transfer.eea', 'consent.existing-customer'],
  },
  {
    name: 'a mailer, about an existing customer who said no',
    clause: 'Directive 2002/58/EC 13(2)',
    question: { ...mail, purpose: 'news', channel: 'email', relationship: customer },
    said: [['denied', 'news']],
    rules: ['disclosure.denied', 'consent.denied'],
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
    question: { ...mail, channel: 'none' },
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
    name: 'nothing on file, and a derogation for this one case',
    clause: 'GDPR 49(1)(b)',
    question: {
      ...support,
      recipient: 'in-nothing',
      derogation: { ground: 'contract-with-subject', reason: 'the person booked this themselves' },
    },
    rules: ['disclosure.permitted', 'transfer.derogation'],
  },
  {
    name: 'nothing on file, and no derogation',
    clause: 'GDPR 44',
    question: { ...support, recipient: 'in-nothing' },
    rules: ['transfer.no-ground'],
  },
  {
    name: 'a derogation that rests on a consent that was never given',
    clause: 'GDPR 49(1)(a)',
    question: {
      ...support,
      recipient: 'in-nothing',
      derogation: { ground: 'explicit-consent', reason: 'they said so' },
    },
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'a derogation that rests on a consent that was never given, by law',
    clause: 'GDPR 49(1)(a)',
    question: {
      ...support,
      recipient: 'in-nothing',
      ground: 'law',
      law,
      derogation: { ground: 'explicit-consent', reason: 'they said so' },
    },
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'threat: a derogation that rests on a list’s word',
    clause: 'GDPR 4(11), 49(1)(a)',
    question: {
      ...support,
      recipient: 'in-nothing',
      derogation: { ground: 'explicit-consent', reason: 'a list said so' },
    },
    said: [['given', 'quality-control', 'list-import']],
    rules: ['disclosure.not-consented'],
  },
  {
    name: 'a derogation that rests on a consent that was given',
    clause: 'GDPR 49(1)(a)',
    question: {
      ...support,
      recipient: 'in-nothing',
      derogation: { ground: 'explicit-consent', reason: 'told of the risks on 20 November' },
    },
    said: [['given', 'quality-control']],
    rules: ['disclosure.permitted', 'transfer.derogation'],
  },
  {
    name: 'a derogation that is not needed: what was claimed with it does not matter, and is not recorded',
    clause: 'GDPR 49(1)',
    question: { ...hosting, derogation: { ground: 'explicit-consent', reason: 'for good measure' } },
    rules: ['disclosure.permitted', 'transfer.eea'],
  },
  {
    name: 'contractual clauses on file, with their assessment',
    clause: 'GDPR 46(2)(c)',
    question: { ...support, recipient: 'in-clauses' },
    rules: ['disclosure.permitted', 'transfer.safeguards'],
  },
]
