/** Pilvi’s policy with a recipient for every kind of transfer and every kind of ground. */

import { type DisclosureGround, type Policy, parsePolicy, type Recipient } from '@pilvi/privacy'
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

const clauses = (since: '2018-01-01' | '2024-01-01') =>
  ({
    mechanism: 'standard-contractual-clauses',
    since,
    assessment: 'TIA-1',
  }) as const

const grounds: readonly DisclosureGround[] = ['law', 'consent', 'agreement', 'partner', 'subcontractor']

const recipients: Policy['recipients'] = {
  ...pilviPolicy.recipients,
  'mailing-house': recipient({
    grounds: ['subcontractor', 'consent', 'law'],
    purposes: ['direct-marketing', 'market-research', 'appeals', 'news'],
  }),
  'us-harbour': recipient({
    country: 'US',
    certification: { scheme: 'safe-harbour', since: '2005-01-01' },
    transfer: { mechanism: 'safe-harbour', since: '2005-01-01' },
  }),
  'us-certified': recipient({
    country: 'US',
    certification: { scheme: 'data-privacy-framework', since: '2024-01-01', until: '2026-12-31' },
  }),
  'us-uncertified': recipient({ country: 'US' }),
  britain: recipient({ country: 'GB' }),
  brazil: recipient({ country: 'BR' }),
  'patent-office': recipient({ country: 'EP', organisation: 'public' }),
  'ca-company': recipient({ country: 'CA' }),
  'ca-agency': recipient({ country: 'CA', organisation: 'public' }),
  norway: recipient({ country: 'NO' }),
  'in-clauses': recipient({ country: 'IN', transfer: clauses('2024-01-01') }),
  'in-old-clauses': recipient({ country: 'IN', transfer: clauses('2018-01-01') }),
  'in-ending-clauses': recipient({
    country: 'IN',
    transfer: {
      mechanism: 'standard-contractual-clauses',
      since: '2024-01-01',
      until: '2026-11-30',
      assessment: 'TIA-2',
    },
  }),
  'in-nothing': recipient({ country: 'IN', grounds: ['subcontractor', 'consent', 'law'] }),
  processor: recipient({ role: 'processor', grounds }),
  controller: recipient({ role: 'controller', grounds }),
  authority: recipient({ role: 'authority', organisation: 'public', grounds }),
}

const { 'market-research': research, 'direct-marketing': marketing } = pilviPolicy.purposes
const purposes: Policy['purposes'] = {
  ...pilviPolicy.purposes,
  // What can be denied, but not absolutely.
  appeals: { ...research, denial: { absolute: false, law: 'GDPR 21(1)' } },
  news: {
    ...marketing,
    existingCustomers: { channels: ['email'], law: 'Directive 2002/58/EC 13(2)' },
  },
}

export const policy: Policy = parsePolicy({ ...pilviPolicy, recipients, purposes })

/** The same without a record that must be kept as proof: an erasure leaves nothing of it. */
export const forgetful: Policy = parsePolicy({
  ...policy,
  retention: {
    ...policy.retention,
    'disclosure-record': {
      keep: 'while-needed',
      says: { en: 'x', fi: 'x' },
      clause: 'Disclosure',
    },
  },
})

/** What an authority’s request rests on, as an operator names it. */
export const law = { reference: 'VH/1234/2026', provision: 'Act 1558/1995, 19 §' } as const
