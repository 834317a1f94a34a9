/** Policies that lie close to what a rule of `lintPolicy` finds, and are sound. */

import { purpose, type Trip, tombstones } from './lint-trips.ts'
import { the } from './sound.ts'

/** Cases close to those above that must not trip the rule. */
export const passes: Readonly<Record<string, readonly Pick<Trip, 'spoil' | 'on'>[]>> = {
  'policy.publication-threshold': [
    {
      spoil: (p) => {
        p.publications.protection.k = 3
      },
    },
  ],
  'policy.financial-year-end': ['02-29', '03-31', '06-30', '01-01'].map((end) => ({
    spoil: (p) => {
      p.controller.financialYearEnd = end
    },
  })),
  'policy.transfer-framework-invalid': [
    {
      spoil: (p) => {
        Object.assign(p.transferGrounds[0] ?? {}, { mechanism: 'privacy-shield' })
      },
      on: '2020-07-15',
    },
  ],
  'policy.transfer-ending': [
    {
      spoil: (p) => {
        Object.assign(the(p.recipients, 'surveyor').transfer ?? {}, { until: '2026-08-31' })
      },
    },
  ],
  'policy.exception-channel': [
    {
      spoil: (p) => {
        the(p.purposes, 'marketing').existingCustomers = { channels: ['email'], law: 'x' }
      },
    },
  ],
  'policy.broader-cycle': [
    {
      spoil: (p) => {
        the(p.purposes, 'surveys').broader = 'marketing'
      },
    },
  ],
  'policy.channel-consent': [
    {
      spoil: (p) => {
        p.jurisdiction = 'US'
        the(p.purposes, 'marketing').channels = { email: 'unless-denied' }
      },
    },
    {
      spoil: purpose('delivery', (p) => {
        p.channels = { email: 'unless-denied' }
      }),
    },
  ],
  'policy.rights-missing': [
    {
      spoil: (p) => {
        delete p.purposes['surveys']
        the(p.purposes, 'marketing').channels = { phone: 'unless-denied' }
        delete p.rights['withdraw-consent']
      },
    },
  ],
  'policy.denial-route': [
    {
      spoil: (p) => {
        for (const each of Object.values(p.purposes)) delete each.denial
        delete p.denials
      },
    },
  ],
  'policy.special-category': [
    {
      spoil: (p) => {
        p.categories['health'] = {
          label: { en: 'Health', fi: 'Terveys' },
          kind: 'special',
          clause: 'Data',
        }
        the(p.purposes, 'surveys').categories = ['contact', 'health']
      },
    },
  ],
  'policy.raw-hours-differ': [
    {
      spoil: (p) => {
        the(p.retention, 'log').keep = { after: 'day-closed', days: 1, hours: 24 }
      },
    },
    {
      spoil: (p) => {
        delete p.retention['log']
      },
    },
  ],
  'policy.keep-months-differ': [
    {
      spoil: (p) => {
        the(p.retention, 'statistics').keep = { after: 'day-closed', months: 25 }
      },
    },
    {
      spoil: (p) => {
        delete p.retention['statistics']
      },
    },
  ],
  'policy.visits-exempt': [
    {
      spoil: (p) => {
        delete p.retention['log']
      },
    },
  ],
  'policy.lookup': (['text', 'email', 'phone', 'vat-id', 'company-number', 'payment'] as const).map(
    (kind) => ({
      spoil: (p) => {
        Object.assign(the(the(p.groups, 'customer').fields, 'name'), { kind, lookup: true })
      },
    }),
  ),
  'policy.backups-outlive': [
    {
      spoil: (p) => {
        the(p.retention, p.ownData.tombstones).exemption = {
          kind: 'security',
          law: 'GDPR 32',
          says: { en: 'A digest', fi: 'Tiiviste' },
          rule: { from: 'event', years: 1 },
        }
        p.backups = { keys: { months: 12 }, clause: 'Security' }
      },
    },
  ],
  'policy.retention-unswept': [
    {
      spoil: (p) =>
        tombstones(p, {
          keep: { after: 'recorded', months: 12 },
          rule: { from: 'event', months: 12 },
        }),
    },
    {
      spoil: (p) => tombstones(p, { keep: { after: 'recorded', days: 3 }, rule: { from: 'event', days: 3 } }),
    },
  ],
  'policy.own-data-category': [{ spoil: () => {} }],
  'policy.retention-wording': [
    {
      spoil: (p) => {
        the(p.retention, 'log').says = { en: 'for 2 days' }
      },
    },
  ],
  'policy.untranslated': [
    {
      spoil: (p) => {
        p.languages = ['en']
        p.title = { en: 'Notice' }
      },
    },
  ],
  'policy.template-leftover': [
    {
      spoil: (p) => {
        the(p.security, 'tls').says = { en: 'We suggest a text, to do you good.', fi: 'Tod. hyvä.' }
      },
    },
  ],
  'policy.rights-conditional': [
    {
      spoil: (p) => {
        the(p.security, 'tls').says = {
          en: 'An account can be closed.',
          fi: 'Jos sinulla on tilinumero, kerro se.',
        }
      },
    },
  ],
  'policy.version-stale': [{ spoil: () => {}, on: '2027-01-01' }],
  'policy.version-future': [{ spoil: () => {}, on: '2026-01-01' }],
  'policy.recipient-outside-eea': [
    {
      spoil: (p) => {
        Object.assign(the(p.recipients, 'host'), { role: 'controller', purposes: ['delivery', 'surveys'] })
      },
    },
  ],
  'policy.acceptance-by-use': [
    {
      spoil: (p) => {
        delete p.acceptance
      },
    },
  ],
}
