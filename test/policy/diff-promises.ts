/** Changes in how long data are kept, and what is promised, each with what it is told as. */

import { both, type Case, label, list, table } from './diff-cases.ts'
import { the } from './sound.ts'

export const promiseCases: readonly Case[] = [
  // GDPR 13(2)(a), 17(3).
  ...both(
    {
      ...{ rule: 'change.kept-longer', path: 'retention.log.keep', direction: 'against' },
      spoil: (p) => {
        the(p.retention, 'log').keep = { after: 'day-closed', days: 3 }
        the(p.retention, 'log').says = label('3 days')
        p.publications.rawHours = 72
      },
    },
    { rule: 'change.kept-shorter' },
  ),
  {
    ...{ rule: 'change.kept-shorter', path: 'retention.statistics.keep', direction: 'for' },
    spoil: (p) => {
      the(p.retention, 'statistics').keep = { after: 'day-closed', months: 24 }
      p.publications.keepMonths = 24
    },
  },
  ...both(
    {
      ...{ rule: 'change.kept-otherwise', path: 'retention.contact.keep', direction: 'unclear' },
      spoil: (p) => {
        the(p.retention, 'contact').keep = { after: 'recorded', years: 1 }
      },
    },
    { rule: 'change.kept-otherwise' },
  ),
  ...both(
    {
      ...{ rule: 'change.exemption-removed', path: 'retention.contact.exemption', direction: 'for' },
      spoil: (p) => {
        delete the(p.retention, 'contact').exemption
      },
    },
    { rule: 'change.exemption-added' },
  ),
  ...both(
    {
      ...{ rule: 'change.kept-shorter', path: 'retention.contact.exemption.rule', direction: 'for' },
      spoil: (p) => {
        const { exemption } = the(p.retention, 'contact')
        if (exemption) exemption.rule = { from: 'end-of-financial-year', years: 6 }
      },
    },
    { rule: 'change.kept-longer' },
  ),
  {
    ...{ rule: 'change.kept-otherwise', path: 'retention.contact.exemption.rule', direction: 'unclear' },
    spoil: (p) => {
      const { exemption } = the(p.retention, 'contact')
      if (exemption) exemption.rule = { from: 'event', years: 6 }
    },
  },
  ...both(
    {
      ...{ rule: 'change.backups-longer', path: 'backups.keys', direction: 'against' },
      spoil: (p) => {
        p.backups = { keys: { months: 13 }, clause: 'Security' }
      },
    },
    { rule: 'change.backups-shorter' },
  ),
  ...both(
    {
      // Nobody can say then when they end.
      ...{ rule: 'change.backups-longer', path: 'backups.keys', direction: 'against' },
      spoil: (p) => {
        delete p.backups
      },
    },
    { rule: 'change.backups-shorter' },
  ),
  ...both(
    {
      ...{ rule: 'change.right-removed', path: 'rights.portability', direction: 'against' },
      spoil: (p) => {
        delete p.rights.portability
      },
    },
    { rule: 'change.right-added' },
  ),
  ...both(
    {
      ...{ rule: 'change.route-added', path: 'denials.by', direction: 'for' },
      spoil: (p) => p.denials?.by.push('link'),
    },
    { rule: 'change.route-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.list-added', path: 'denialLists.robinson', direction: 'for' },
      spoil: (p) => {
        p.denialLists = { robinson: list }
      },
    },
    { rule: 'change.list-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.factor-added', path: 'mfa.factors', direction: 'for' },
      spoil: (p) => p.mfa.factors.push('passkey'),
    },
    { rule: 'change.factor-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.step-up-added', path: 'mfa.stepUp', direction: 'for' },
      spoil: (p) => {
        p.mfa.stepUp = ['erasure']
      },
    },
    { rule: 'change.step-up-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.security-removed', path: 'security.tls', direction: 'against' },
      spoil: (p) => {
        delete p.security['tls']
      },
    },
    { rule: 'change.security-added' },
  ),
  ...both(
    {
      ...{ rule: 'change.table-added', path: 'publications.tables.sources', direction: 'against' },
      spoil: (p) => {
        p.publications.tables['sources'] = table
      },
    },
    { rule: 'change.table-removed' },
  ),
  ...both(
    {
      ...{ rule: 'change.threshold-lowered', path: 'publications.protection.k', direction: 'against' },
      spoil: (p) => {
        p.publications.protection.k = 5
      },
    },
    { rule: 'change.threshold-raised' },
  ),
]
