/** Changes in which data are kept, and who receives them, each with what it is told as. */

import { both, type Case, label, surveyor } from './diff-cases.ts'
import { the } from './sound.ts'

export const dataCases: readonly Case[] = [
  // GDPR 5(1)(c), 13(2)(e).
  ...both(
    {
      ...{ rule: 'change.data-added', path: 'groups.customer.fields.birth', direction: 'against' },
      needsConsent: true,
      spoil: (p) => {
        the(p.groups, 'customer').fields['birth'] = {
          label: label('Birth'),
          kind: 'date',
          category: 'contact',
        }
      },
    },
    { rule: 'change.data-removed' },
  ),
  {
    ...{ rule: 'change.data-added', path: 'groups.customer.fields.visits', direction: 'against' },
    spoil: (p) => {
      the(p.groups, 'customer').fields['visits'] = { label: label('Visits'), kind: 'number', category: 'log' }
    },
  },
  {
    ...{
      rule: 'change.data-added',
      path: 'groups.staff.fields.name',
      direction: 'against',
      needsConsent: true,
    },
    spoil: (p) => {
      p.groups['staff'] = structuredClone(the(p.groups, 'customer'))
    },
  },
  ...both(
    {
      ...{
        rule: 'change.data-required',
        path: 'services.hosting.fields.region.required',
        direction: 'against',
      },
      spoil: (p) => {
        the(the(p.services, 'hosting').fields, 'region').required = true
      },
    },
    { rule: 'change.data-optional' },
  ),
  {
    ...{
      rule: 'change.data-redefined',
      path: 'services.hosting.fields.region.category',
      direction: 'unclear',
    },
    spoil: (p) => {
      the(the(p.services, 'hosting').fields, 'region').category = 'log'
    },
  },
  ...both(
    {
      ...{ rule: 'change.category-added', path: 'categories.health', direction: 'against' },
      spoil: (p) => {
        p.categories['health'] = {
          label: label('Health'),
          kind: 'personal',
          holds: label('x'),
          clause: 'Data',
        }
        p.retention['health'] = { keep: 'while-needed', says: label('Long'), clause: 'Retention' }
      },
    },
    { rule: 'change.category-removed' },
  ),
  // GDPR 9.
  {
    ...{
      rule: 'change.category-special',
      path: 'categories.log.kind',
      direction: 'against',
      needsConsent: true,
    },
    spoil: (p) => {
      the(p.categories, 'log').kind = 'special'
    },
  },
  ...both(
    {
      ...{ rule: 'change.origin-added', path: 'origins.register', direction: 'against' },
      spoil: (p) => {
        p.origins['register'] = { label: label('Register'), kind: 'public', clause: 'Data' }
      },
    },
    { rule: 'change.origin-removed' },
  ),
  // GDPR 13(1)(e) and (f), 44 to 49.
  ...both(
    {
      ...{ rule: 'change.recipient-added', path: 'recipients.other', direction: 'against' },
      spoil: (p) => {
        p.recipients['other'] = structuredClone(the(p.recipients, 'host'))
      },
    },
    { rule: 'change.recipient-removed' },
  ),
  {
    ...{ rule: 'change.recipient-added', path: 'recipients.other', direction: 'against', needsConsent: true },
    spoil: (p) => {
      p.recipients['other'] = { ...structuredClone(the(p.recipients, 'host')), grounds: ['consent'] }
    },
  },
  ...both(
    {
      ...{ rule: 'change.recipient-widened', path: 'recipients.host.fields', direction: 'against' },
      spoil: (p) => the(p.recipients, 'host').fields.push('customer.email'),
    },
    { rule: 'change.recipient-narrowed' },
  ),
  {
    ...{ rule: 'change.recipient-widened', path: 'recipients.host.purposes', direction: 'against' },
    spoil: (p) => the(p.recipients, 'host').purposes.push('surveys'),
  },
  {
    ...{ rule: 'change.recipient-widened', path: 'recipients.host.grounds', direction: 'against' },
    needsConsent: true,
    spoil: (p) => the(p.recipients, 'host').grounds.push('consent'),
  },
  ...both(
    {
      ...{ rule: 'change.recipient-country', path: 'recipients.host.country', direction: 'against' },
      spoil: (p) => {
        the(p.recipients, 'host').country = 'BR'
      },
    },
    { rule: 'change.recipient-country' },
  ),
  {
    ...{ rule: 'change.recipient-country', path: 'recipients.host.country', direction: 'unclear' },
    spoil: (p) => {
      the(p.recipients, 'host').country = 'FI'
    },
  },
  {
    ...{ rule: 'change.recipient-role', path: 'recipients.host.role', direction: 'unclear' },
    spoil: (p) => {
      the(p.recipients, 'host').role = 'controller'
    },
  },
  ...both(
    {
      ...{ rule: 'change.transfer-stopped', path: 'recipients.surveyor.transfer', direction: 'for' },
      spoil: (p) => {
        // CJEU C-311/18: a framework that is named and does not hold opens nothing.
        surveyor(p).transfer = { mechanism: 'privacy-shield', since: '2019-01-01' }
      },
    },
    { rule: 'change.transfer-opened' },
  ),
  {
    ...{ rule: 'change.transfer-ground', path: 'recipients.surveyor.transfer', direction: 'unclear' },
    spoil: (p) => {
      surveyor(p).certification = { scheme: 'data-privacy-framework', since: '2025-01-01' }
    },
  },
  {
    ...{ rule: 'change.transfer-ground', path: 'recipients.surveyor.transfer', direction: 'unclear' },
    spoil: (p) => {
      surveyor(p).transfer = {
        ...{ mechanism: 'standard-contractual-clauses', since: '2026-01-01' },
        assessment: 'TIA-2026-2',
      }
    },
  },
]
