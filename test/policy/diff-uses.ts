/** Changes in what data are used for, each with what it is told as. */

import { both, type Case, marketing, purpose, surveys } from './diff-cases.ts'
import { the } from './sound.ts'

export const useCases: readonly Case[] = [
  {
    ...{ rule: 'change.version', path: 'version', direction: 'unclear' },
    spoil: (p) => {
      p.version = '2'
    },
  },
  {
    ...{ rule: 'change.version', path: 'version', direction: 'unclear' },
    spoil: (p) => {
      p.date = '2026-02-01'
    },
  },
  {
    ...{ rule: 'change.controller', path: 'controller.name', direction: 'unclear' },
    spoil: (p) => {
      p.controller.name = 'Toinen Oy'
    },
  },
  // GDPR 6(1)(a), 7: a purpose on consent.
  ...both(
    {
      ...{
        rule: 'change.purpose-added',
        path: 'purposes.profiling',
        direction: 'against',
        needsConsent: true,
      },
      spoil: (p) => {
        p.purposes['profiling'] = { ...purpose, legalBasis: 'consent', consentBy: 'opt-in' }
      },
    },
    { rule: 'change.purpose-removed' },
  ),
  {
    ...{ rule: 'change.purpose-added', path: 'purposes.profiling', direction: 'against' },
    spoil: (p) => {
      p.purposes['profiling'] = { ...purpose, legalBasis: 'legal-obligation' }
    },
  },
  {
    ...{
      rule: 'change.basis',
      path: 'purposes.surveys.legalBasis',
      direction: 'against',
      needsConsent: true,
    },
    spoil: (p) => {
      surveys(p).legalBasis = 'legitimate-interests'
    },
  },
  {
    ...{ rule: 'change.basis', path: 'purposes.marketing.legalBasis', direction: 'for', needsConsent: true },
    spoil: (p) => {
      marketing(p).legalBasis = 'consent'
    },
  },
  {
    ...{ rule: 'change.basis', path: 'purposes.delivery.legalBasis', direction: 'unclear' },
    spoil: (p) => {
      the(p.purposes, 'delivery').legalBasis = 'public-task'
    },
  },
  {
    ...{ rule: 'change.basis', path: 'purposes.delivery.legalBasis', direction: 'against' },
    spoil: (p) => {
      delete the(p.purposes, 'delivery').legalBasis
    },
  },
  ...both(
    {
      ...{ rule: 'change.purpose-widened', path: 'purposes.surveys.categories', direction: 'against' },
      needsConsent: true,
      spoil: (p) => surveys(p).categories.push('log'),
    },
    { rule: 'change.purpose-narrowed' },
  ),
  {
    ...{ rule: 'change.purpose-widened', path: 'purposes.marketing.categories', direction: 'against' },
    spoil: (p) => marketing(p).categories.push('log'),
  },
  {
    ...{
      rule: 'change.marketing',
      path: 'purposes.surveys.marketing',
      direction: 'against',
      needsConsent: true,
    },
    spoil: (p) => {
      surveys(p).marketing = true
    },
  },
  // Directive 2002/58/EC 13.
  ...both(
    {
      ...{ rule: 'change.channel-loosened', path: 'purposes.marketing.channels.email', direction: 'against' },
      spoil: (p) => {
        marketing(p).channels = { ...marketing(p).channels, email: 'unless-denied' }
      },
    },
    { rule: 'change.channel-tightened', needsConsent: true },
  ),
  {
    ...{ rule: 'change.channel-loosened', path: 'purposes.marketing.channels.sms', direction: 'against' },
    needsConsent: true,
    spoil: (p) => {
      marketing(p).channels = { ...marketing(p).channels, sms: 'consent' }
    },
  },
  ...(['in-person', 'automated-call'] as const).map(
    (channel): Case => ({
      ...{ rule: 'change.channel-loosened', direction: 'against' },
      path: `purposes.marketing.channels.${channel}`,
      spoil: (p) => {
        delete marketing(p).channels
      },
    }),
  ),
  ...both(
    {
      ...{ rule: 'change.customers-widened', direction: 'against' },
      path: 'purposes.marketing.existingCustomers.channels',
      spoil: (p) => {
        marketing(p).existingCustomers = { channels: ['email'], law: 'Directive 2002/58/EC 13(2)' }
      },
    },
    { rule: 'change.customers-narrowed' },
  ),
  // GDPR 21(2)-(3).
  ...both(
    {
      ...{ rule: 'change.denial-removed', path: 'purposes.surveys.denial', direction: 'against' },
      spoil: (p) => {
        delete surveys(p).denial
      },
    },
    { rule: 'change.denial-added' },
  ),
  ...both(
    {
      ...{ rule: 'change.denial-weakened', path: 'purposes.surveys.denial.absolute', direction: 'against' },
      spoil: (p) => {
        surveys(p).denial = { absolute: false, law: 'our own promise' }
      },
    },
    { rule: 'change.denial-strengthened' },
  ),
  ...both(
    {
      ...{ rule: 'change.signal-added', path: 'purposes.surveys.denial.signal', direction: 'for' },
      spoil: (p) => {
        surveys(p).denial = { absolute: true, law: 'our own promise', signal: 'gpc' }
      },
    },
    { rule: 'change.signal-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.denial-widened', path: 'purposes.surveys.broader', direction: 'for' },
      spoil: (p) => {
        surveys(p).broader = 'marketing'
      },
    },
    { rule: 'change.denial-narrowed' },
  ),
]
