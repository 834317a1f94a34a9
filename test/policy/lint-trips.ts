/** For every rule of `lintPolicy`, ways to spoil the sound policy that must trip it. */

import type { CalendarDate } from '../../src/environment.ts'
import type { Policy, Purpose } from '../../src/policy/model.ts'
import { type Mutable, the } from './sound.ts'

export type Spoil = (policy: Mutable<Policy>) => void
export interface Trip {
  readonly path: string
  readonly spoil: Spoil
  readonly on?: CalendarDate
  readonly clause?: string
}

export const purpose =
  (name: string, change: (purpose: Mutable<Purpose>) => void): Spoil =>
  (p) =>
    change(the(p.purposes, name))

/** Puts tombstones into a category of their own, kept for so long and exempt for so long. */
export function tombstones(
  p: Mutable<Policy>,
  { keep, rule }: { keep: object; rule: object | undefined },
): void {
  const exemption = { ...the(p.retention, 'contact').exemption, rule }
  p.ownData.tombstones = 'proof'
  p.categories['proof'] = the(p.categories, 'log')
  Object.assign(p.retention, {
    proof: { ...the(p.retention, 'log'), keep, ...(rule === undefined ? {} : { exemption }) },
  })
}

/** Rule id -> cases that trip it, with the path of what is found. */
export const trips: Readonly<Record<string, readonly Trip[]>> = {
  'policy.reference': [
    {
      path: 'purposes.delivery.categories[0]',
      spoil: purpose('delivery', (p) => {
        p.categories[0] = 'nothing'
      }),
      clause: 'Purposes',
    },
    {
      path: 'groups.customer.fields.name.category',
      spoil: (p) => {
        the(the(p.groups, 'customer').fields, 'name').category = 'nothing'
      },
      clause: 'Data',
    },
    {
      path: 'groups.customer.anyOf[0][1]',
      spoil: (p) => {
        the(p.groups, 'customer').anyOf = [['email', 'fax']]
      },
    },
    {
      path: 'retention.nothing',
      spoil: (p) => {
        p.retention['nothing'] = the(p.retention, 'contact')
      },
    },
    {
      path: 'purposes.delivery.broader',
      spoil: purpose('delivery', (p) => {
        p.broader = 'nothing'
      }),
    },
    {
      path: 'recipients.host.purposes[0]',
      spoil: (p) => {
        the(p.recipients, 'host').purposes = ['nothing', 'delivery']
      },
    },
    {
      path: 'ownData.visits',
      spoil: (p) => {
        p.ownData.visits = 'nothing'
      },
    },
  ],
  'policy.recipient-field': ['customer.fax', 'hosting.name', 'nobody.name', 'customer', 'toString.name'].map(
    (field) => ({
      path: 'recipients.host.fields[0]',
      spoil: (p) => {
        the(p.recipients, 'host').fields = [field]
      },
    }),
  ),
  'policy.exception-channel': [
    {
      path: 'purposes.marketing.existingCustomers.channels[1]',
      spoil: purpose('marketing', (p) => {
        p.existingCustomers = { channels: ['email', 'sms'], law: 'Directive 2002/58/EC 13(2)' }
      }),
    },
    {
      path: 'purposes.delivery.existingCustomers.channels[0]',
      spoil: purpose('delivery', (p) => {
        p.existingCustomers = { channels: ['email'], law: 'Directive 2002/58/EC 13(2)' }
      }),
    },
  ],
  'policy.broader-cycle': [
    {
      path: 'purposes.delivery.broader',
      spoil: purpose('delivery', (p) => {
        p.broader = 'delivery'
      }),
    },
    {
      path: 'purposes.marketing.broader',
      spoil: (p) => {
        the(p.purposes, 'marketing').broader = 'surveys'
        the(p.purposes, 'surveys').broader = 'marketing'
      },
    },
  ],
  'policy.name-clash': [
    {
      path: 'services.customer',
      spoil: (p) => {
        p.services['customer'] = the(p.services, 'hosting')
      },
    },
  ],
  'policy.choices': [
    {
      path: 'services.hosting.fields.region.choices',
      spoil: (p) => {
        the(the(p.services, 'hosting').fields, 'region').choices = []
      },
    },
    {
      path: 'services.hosting.fields.region.choices',
      spoil: (p) => {
        delete the(the(p.services, 'hosting').fields, 'region').choices
      },
    },
    {
      path: 'services.hosting.fields.region.choices',
      spoil: (p) => {
        the(the(p.services, 'hosting').fields, 'region').kind = 'text'
      },
    },
  ],
  'policy.publication-tables': [
    {
      path: 'publications.tables',
      spoil: (p) => {
        p.publications.tables['second'] = the(p.publications.tables, 'visits')
      },
      clause: 'Log',
    },
    {
      path: 'publications.tables',
      spoil: (p) => {
        p.publications.tables = {}
      },
    },
  ],
  'policy.publication-threshold': [0, 1, 2].map((k) => ({
    path: 'publications.protection.k',
    spoil: (p) => {
      p.publications.protection.k = k
    },
  })),
  'policy.financial-year-end': ['31.12.', '13-01', '00-10', '02-30', '04-31', '12-00', '1-1', '-'].map(
    (end) => ({
      path: 'controller.financialYearEnd',
      spoil: (p) => {
        p.controller.financialYearEnd = end
      },
      clause: 'Who we are',
    }),
  ),
  'policy.period': [
    {
      path: 'backups.keys',
      clause: 'Security',
      spoil: (p) => {
        p.backups = { keys: {}, clause: 'Security' }
      },
    },
    {
      path: 'reviewBy',
      spoil: (p) => {
        p.reviewBy = '2025-12-31'
      },
      clause: '',
    },
    {
      path: 'recipients.surveyor.transfer.until',
      spoil: (p) => {
        Object.assign(the(p.recipients, 'surveyor').transfer ?? {}, { until: '2025-12-31' })
      },
    },
    {
      path: 'recipients.surveyor.certification.until',
      spoil: (p) => {
        the(p.recipients, 'surveyor').certification = {
          scheme: 'data-privacy-framework',
          since: '2026-01-02',
          until: '2026-01-01',
        }
      },
    },
    {
      path: 'transferGrounds[0].until',
      spoil: (p) => {
        Object.assign(p.transferGrounds[0] ?? {}, { until: '2021-06-26' })
      },
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        the(p.retention, 'log').keep = { after: 'day-closed' }
      },
    },
    {
      path: 'retention.contact.exemption.rule',
      spoil: (p) => {
        Object.assign(the(p.retention, 'contact').exemption ?? {}, { rule: { from: 'event' } })
      },
    },
  ],
  'policy.raw-hours-differ': [
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        p.publications.rawHours = 24
      },
      clause: 'Log',
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        the(p.retention, 'log').keep = 'while-needed'
      },
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        the(p.retention, 'log').keep = { after: 'recorded', hours: 48 }
      },
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        the(p.retention, 'log').keep = { after: 'day-closed', hours: 48, months: 1 }
      },
    },
  ],
  'policy.keep-months-differ': [
    {
      path: 'retention.statistics.keep',
      spoil: (p) => {
        p.publications.keepMonths = 24
      },
      clause: 'Log',
    },
    {
      path: 'retention.statistics.keep',
      spoil: (p) => {
        the(p.retention, 'statistics').keep = { after: 'recorded', months: 25 }
      },
    },
    {
      path: 'retention.statistics.keep',
      spoil: (p) => {
        the(p.retention, 'statistics').keep = { after: 'day-closed', months: 25, days: 1 }
      },
    },
    {
      path: 'retention.statistics.keep',
      spoil: (p) => {
        the(p.retention, 'statistics').keep = 'while-needed'
      },
    },
  ],
  'policy.visits-exempt': [
    {
      path: 'retention.log.exemption',
      spoil: (p) => {
        Object.assign(the(p.retention, 'log'), { exemption: the(p.retention, 'contact').exemption })
      },
      clause: 'Log',
    },
    {
      path: 'retention.contact.exemption',
      spoil: (p) => {
        p.ownData.visits = 'contact'
      },
      clause: 'Retention',
    },
  ],
  'policy.time-zone': ['Mars/Olympus', 'Helsinki', '+02:00'].map((zone) => ({
    path: 'timeZone',
    spoil: (p) => {
      p.timeZone = zone
    },
  })),
  'policy.step-up': [
    {
      path: 'mfa.stepUp',
      spoil: (p) => {
        Object.assign(p.mfa, { factors: ['contact-code', 'trusted-device'], stepUp: ['erasure'] })
      },
      clause: 'Security',
    },
    {
      path: 'mfa.stepUp',
      spoil: (p) => {
        Object.assign(p.mfa, { factors: [], stepUp: ['factor-change'] })
      },
    },
  ],
  'policy.country': [
    {
      path: 'jurisdiction',
      spoil: (p) => {
        p.jurisdiction = 'EU'
      },
    },
    {
      path: 'controller.address.country',
      spoil: (p) => {
        p.controller.address.country = 'UK'
      },
    },
    {
      path: 'recipients.host.country',
      spoil: (p) => {
        the(p.recipients, 'host').country = 'EL'
      },
    },
  ],
  'policy.legal-basis-missing': [
    {
      path: 'purposes.delivery',
      spoil: purpose('delivery', (p) => {
        delete p.legalBasis
      }),
      clause: 'Purposes',
    },
  ],
  'policy.interest-missing': [
    {
      path: 'purposes.marketing',
      spoil: purpose('marketing', (p) => {
        delete p.interest
      }),
    },
  ],
  'policy.consent-by-use': [
    {
      path: 'purposes.surveys.consentBy',
      spoil: purpose('surveys', (p) => {
        p.consentBy = 'use'
      }),
      clause: 'Denial',
    },
    {
      path: 'purposes.surveys',
      spoil: purpose('surveys', (p) => {
        delete p.consentBy
      }),
    },
  ],
  'policy.acceptance-as-consent': [
    {
      path: 'acceptance.meaning',
      spoil: (p) => {
        p.acceptance = { by: 'use', meaning: 'consent', says: { en: 'a', fi: 'b' }, clause: 'Acceptance' }
      },
      clause: 'Acceptance',
    },
  ],
  'policy.acceptance-by-use': [
    {
      path: 'acceptance.by',
      spoil: (p) => {
        if (p.acceptance) p.acceptance.by = 'use'
      },
    },
  ],
  'policy.marketing-denial': [
    {
      path: 'purposes.marketing',
      spoil: purpose('marketing', (p) => {
        delete p.denial
      }),
    },
    {
      path: 'purposes.marketing',
      spoil: purpose('marketing', (p) => {
        delete p.denial
        delete p.marketing
        p.vocabulary = [{ iri: 'https://w3id.org/dpv#DirectMarketing', relation: 'broader' }]
      }),
    },
  ],
  'policy.denial-absolute': [
    {
      path: 'purposes.marketing.denial.absolute',
      spoil: purpose('marketing', (p) => {
        p.denial = { absolute: false, law: 'GDPR 21(2)' }
      }),
    },
  ],
  'policy.denial-overridable': [
    {
      path: 'purposes.surveys.denial.absolute',
      spoil: purpose('surveys', (p) => {
        p.denial = { absolute: false, law: 'our own promise' }
      }),
    },
  ],
  'policy.denial-route': [
    {
      path: 'denials',
      spoil: (p) => {
        delete p.denials
      },
      clause: '',
    },
    {
      path: 'denials',
      spoil: (p) => {
        if (p.denials) p.denials.by = []
      },
      clause: 'Denial',
    },
  ],
  'policy.denial-contact': [
    {
      path: 'denials.by',
      spoil: (p) => {
        delete p.controller.phone
      },
    },
  ],
  'policy.channel-consent': (['email', 'sms', 'automated-call'] as const).map((channel) => ({
    path: `purposes.marketing.channels.${channel}`,
    spoil: purpose('marketing', (p) => {
      p.channels = { [channel]: 'unless-denied' }
    }),
  })),
  'policy.channels-missing': [
    {
      path: 'purposes.marketing',
      spoil: purpose('marketing', (p) => {
        delete p.channels
      }),
    },
  ],
  'policy.transfer-framework-invalid': [
    {
      path: 'transferGrounds[0].mechanism',
      spoil: (p) => {
        Object.assign(p.transferGrounds[0] ?? {}, { mechanism: 'privacy-shield' })
      },
      on: '2020-07-16',
      clause: 'Disclosure',
    },
    {
      path: 'recipients.surveyor.transfer.mechanism',
      spoil: (p) => {
        the(p.recipients, 'surveyor').transfer = { mechanism: 'safe-harbour', since: '2010-01-01' }
      },
      on: '2015-10-06',
    },
  ],
  'policy.transfer-denied': [
    {
      path: 'recipients.surveyor.country',
      spoil: (p) => {
        delete the(p.recipients, 'surveyor').transfer
      },
    },
    {
      path: 'recipients.surveyor.country',
      spoil: (p) => {
        Object.assign(the(p.recipients, 'surveyor').transfer ?? {}, { until: '2026-05-31' })
      },
    },
    {
      path: 'recipients.surveyor.country',
      spoil: (p) => {
        the(p.recipients, 'surveyor').transfer = { mechanism: 'privacy-shield', since: '2016-08-01' }
      },
    },
  ],
  'policy.transfer-ending': [
    {
      path: 'recipients.surveyor.country',
      spoil: (p) => {
        Object.assign(the(p.recipients, 'surveyor').transfer ?? {}, { until: '2026-07-31' })
      },
    },
  ],
  'policy.transfer-derogation': [
    {
      path: 'recipients.surveyor.transfer.mechanism',
      spoil: (p) => {
        the(p.recipients, 'surveyor').transfer = { mechanism: 'derogation', since: '2026-01-01' }
      },
    },
  ],
  'policy.recipient-outside-eea': [
    {
      path: 'recipients.surveyor.country',
      spoil: (p) => {
        the(p.recipients, 'host').purposes = ['delivery', 'surveys']
      },
    },
  ],
  'policy.recipient-beyond-purpose': [
    {
      path: 'recipients.surveyor.fields[0]',
      spoil: purpose('surveys', (p) => {
        p.categories = ['log']
      }),
    },
  ],
  'policy.recipient-ground-missing': [
    {
      path: 'recipients.host.grounds',
      spoil: (p) => {
        the(p.recipients, 'host').grounds = []
      },
    },
    {
      path: 'recipients.host.purposes',
      spoil: (p) => {
        the(p.recipients, 'host').purposes = []
      },
    },
  ],
  'policy.authority-without-law': [
    {
      path: 'recipients.taxes.grounds',
      spoil: (p) => {
        the(p.recipients, 'taxes').grounds = ['agreement']
      },
    },
  ],
  'policy.retention-missing': [
    {
      path: 'categories.contact',
      spoil: (p) => {
        delete p.retention['contact']
      },
      clause: 'Data',
    },
  ],
  'policy.retention-wording': [
    {
      path: 'retention.log.says.en',
      spoil: (p) => {
        the(p.retention, 'log').says = { en: '12 days', fi: '2 päivää' }
      },
    },
    {
      path: 'retention.log.says.fi',
      spoil: (p) => {
        the(p.retention, 'log').says = { en: '2 days', fi: 'kaksi päivää' }
      },
    },
  ],
  'policy.retention-unswept': [
    {
      path: 'retention.contact.keep',
      spoil: (p) => {
        the(p.retention, 'contact').keep = { after: 'recorded', years: 3 }
      },
      clause: 'Retention',
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        p.ownData.corrections = 'log'
      },
    },
    {
      path: 'retention.log.keep',
      spoil: (p) => {
        the(the(p.groups, 'customer').fields, 'phone').category = 'log'
      },
    },
    {
      path: 'retention.extra.keep',
      spoil: (p) => {
        p.categories['extra'] = the(p.categories, 'log')
        p.retention['extra'] = the(p.retention, 'log')
      },
    },
    ...[undefined, { from: 'event', years: 1 }, { from: 'end-of-financial-year', years: 1 }].map((rule) => ({
      path: 'retention.proof.keep',
      spoil: (p: Mutable<Policy>) => tombstones(p, { keep: { after: 'recorded', months: 12 }, rule }),
    })),
    {
      path: 'retention.proof.keep',
      spoil: (p) =>
        tombstones(p, {
          keep: { after: 'recorded', months: 12, hours: 1 },
          rule: { from: 'event', months: 12 },
        }),
    },
  ],
  'policy.raw-hours': [
    {
      path: 'publications.rawHours',
      spoil: (p) => {
        p.publications.rawHours = 49
      },
    },
  ],
  'policy.lookup': (['address', 'date', 'number', 'choice'] as const).map((kind) => ({
    path: 'groups.customer.fields.name.lookup',
    spoil: (p) => {
      Object.assign(the(the(p.groups, 'customer').fields, 'name'), { kind, lookup: true })
    },
  })),
  'policy.backups-untold': [
    {
      path: 'backups',
      spoil: (p) => {
        delete p.backups
      },
    },
  ],
  'policy.backups-outlive': [
    {
      path: 'backups.keys',
      clause: 'Security',
      spoil: (p) => {
        the(p.retention, p.ownData.tombstones).exemption = {
          kind: 'security',
          law: 'GDPR 32',
          says: { en: 'A digest', fi: 'Tiiviste' },
          rule: { from: 'event', months: 11, days: 30 },
        }
        p.backups = { keys: { years: 1 }, clause: 'Security' }
      },
    },
  ],
  'policy.keep-months': [
    {
      path: 'publications.keepMonths',
      spoil: (p) => {
        p.publications.keepMonths = 26
      },
    },
  ],
  'policy.identity-category': [
    {
      path: 'groups.customer.fields.name.category',
      spoil: (p) => {
        the(the(p.groups, 'customer').fields, 'name').category = 'log'
      },
    },
    ...(['text', 'email', 'vat-id', 'company-number', 'number', 'date'] as const).map((kind) => ({
      path: 'groups.customer.fields.email.category',
      spoil: (p: Mutable<Policy>) => {
        Object.assign(the(the(p.groups, 'customer').fields, 'email'), { kind, category: 'statistics' })
      },
      clause: 'Data',
    })),
    {
      path: 'services.hosting.fields.region.category',
      spoil: (p) => {
        the(the(p.services, 'hosting').fields, 'region').category = 'statistics'
      },
    },
  ],
  'policy.own-data-category': [
    {
      path: 'ownData.visits',
      spoil: (p) => {
        the(p.categories, 'log').kind = 'other'
      },
    },
  ],
  'policy.special-category': [
    {
      path: 'purposes.delivery.legalBasis',
      spoil: (p) => {
        the(p.categories, 'log').kind = 'special'
      },
    },
  ],
  'policy.category-unused': [
    {
      path: 'categories.log',
      spoil: purpose('delivery', (p) => {
        p.categories = ['contact']
      }),
    },
  ],
  'policy.category-undescribed': [
    {
      path: 'categories.log',
      spoil: (p) => {
        delete the(p.categories, 'log').holds
      },
    },
    {
      path: 'categories.log',
      spoil: (p) => {
        delete the(p.categories, 'log').subjects
      },
    },
  ],
  'policy.law-unverified': [
    {
      path: 'retention.contact.exemption.law',
      spoil: (p) => {
        Object.assign(the(p.retention, 'contact').exemption ?? {}, { law: 'An Act (unverified)' })
      },
    },
  ],
  'policy.rights-missing': (
    [
      'access',
      'rectification',
      'erasure',
      'restriction',
      'portability',
      'objection',
      'withdraw-consent',
      'complaint',
    ] as const
  ).map((right) => ({
    path: `rights.${right}`,
    spoil: (p) => {
      delete p.rights[right]
    },
  })),
  'policy.supervisory-authority-missing': [
    {
      path: 'supervisoryAuthority',
      spoil: (p) => {
        delete p.supervisoryAuthority
      },
    },
  ],
  'policy.origins-missing': [
    {
      path: 'origins',
      spoil: (p) => {
        p.origins = {}
      },
    },
  ],
  'policy.obligation-missing': [
    {
      path: 'obligation',
      spoil: (p) => {
        delete p.obligation
      },
    },
  ],
  'policy.automated-decisions-missing': [
    {
      path: 'automatedDecisions',
      spoil: (p) => {
        delete p.automatedDecisions
      },
    },
  ],
  'policy.security-missing': [
    {
      path: 'security',
      spoil: (p) => {
        p.security = {}
      },
    },
  ],
  'policy.mfa-not-offered': [
    {
      path: 'mfa.factors',
      spoil: (p) => {
        p.mfa.factors = []
      },
      clause: 'Security',
    },
  ],
  'policy.updates-missing': [
    {
      path: 'updates',
      spoil: (p) => {
        delete p.updates
      },
    },
  ],
  'policy.template-leftover': [
    'Suggested text: our site',
    'Lorem ipsum dolor',
    'Ask [your company] about it',
    'Ask [Company name] about it',
    'Dear {{customer}}',
    'TODO: write this',
    'Kysy asiasta: [yritys]',
    'Ehdotettu teksti: sivustomme',
  ].map((words) => ({
    path: 'security.tls.says.fi',
    spoil: (p) => {
      the(p.security, 'tls').says = { en: 'We encrypt.', fi: words }
    },
  })),
  'policy.rights-conditional': [
    {
      path: 'passages[0].text.en',
      spoil: (p) => {
        Object.assign(p.passages[0] ?? {}, { text: { en: 'If you have an account, ask.', fi: 'Kysy.' } })
      },
      clause: 'More',
    },
    {
      path: 'passages[0].text.fi',
      spoil: (p) => {
        Object.assign(p.passages[0] ?? {}, { text: { en: 'Ask.', fi: 'Jos sinulla on käyttäjätili, kysy.' } })
      },
    },
  ],
  'policy.untranslated': [
    {
      path: 'title.fi',
      spoil: (p) => {
        p.title = { en: 'Notice' }
      },
    },
    {
      path: 'groups.customer.fields.email.label.fi',
      spoil: (p) => {
        the(the(p.groups, 'customer').fields, 'email').label = { en: 'E-mail' }
      },
    },
    {
      path: 'passages[0].heading.fi',
      spoil: (p) => {
        Object.assign(p.passages[0] ?? {}, { heading: { en: 'More' } })
      },
    },
  ],
  'policy.version-stale': [
    { path: 'date', spoil: () => {}, on: '2027-01-02' },
    {
      path: 'reviewBy',
      spoil: (p) => {
        p.reviewBy = '2026-05-31'
      },
    },
  ],
  'policy.version-future': [{ path: 'date', spoil: () => {}, on: '2025-12-31' }],
}
