/** Rules on what people must be told, and in which words (GDPR 12, 13, 14, 30, 32). */

import { addPeriod } from '../../calendar.ts'
import type { CalendarDate } from '../../environment.ts'
import type { Policy, Right } from '../model.ts'
import { type Hit, type LintRule, matching, purposesOf, textsOf } from './rule.ts'

/** GDPR 13(2)(b) and (d), 14(2)(c) and (e). */
const always = [
  'access',
  'rectification',
  'erasure',
  'restriction',
  'portability',
  'objection',
  'complaint',
] as const satisfies readonly Right[]

/** GDPR 13(2)(c): only where something rests on consent. */
const asksConsent = (policy: Policy): boolean =>
  purposesOf(policy).some(
    ([, { legalBasis, channels }]) =>
      legalBasis === 'consent' || Object.values(channels ?? {}).includes('consent'),
  )

function* rightsMissing(policy: Policy): Iterable<Hit> {
  const needed: readonly Right[] = asksConsent(policy) ? [...always, 'withdraw-consent'] : always
  for (const right of needed) {
    if (policy.rights[right] === undefined) yield { path: `rights.${right}`, says: 'is not told' }
  }
}

/** A rule on a part of the policy that may be left out, and must not. */
const absent = (part: keyof Policy, says: string) =>
  function* (policy: Policy): Iterable<Hit> {
    if (policy[part] === undefined) yield { path: part, says }
  }

const empty = (part: 'origins' | 'security', says: string) =>
  function* (policy: Policy): Iterable<Hit> {
    if (Object.keys(policy[part]).length === 0) yield { path: part, says }
  }

function* mfa(policy: Policy): Iterable<Hit> {
  if (policy.mfa.factors.length === 0) yield { path: 'mfa.factors', says: 'offers no second factor' }
}

/** "Suggested text:" is how a widely used site template marks what its owner is meant to rewrite. */
const leftovers =
  /suggested text|ehdotettu teksti|tekstiehdotus|lorem ipsum|\[(?:your|company|insert|name|yritys|nimi)\b[^\]]*\]|\{\{|\b(?:TODO|TBD|FIXME)\b/i

function* templateLeftover(policy: Policy): Iterable<Hit> {
  for (const path of matching(policy, leftovers))
    yield { path, says: 'holds words left over from a template' }
}

const conditions = /\bif you have an account\b|(?<!\p{L})jos sinulla on (?:käyttäjä)?tili(?!\p{L})/iu

function* rightsConditional(policy: Policy): Iterable<Hit> {
  for (const path of matching(policy, conditions)) {
    yield { path, says: 'gives rights only to those who have an account' }
  }
}

function* untranslated(policy: Policy): Iterable<Hit> {
  if (!policy.languages.includes('fi')) return
  for (const { path, text } of textsOf(policy)) {
    if (text.fi === undefined || text.fi.trim() === '') yield { path: `${path}.fi`, says: 'is missing' }
  }
}

function* versionStale({ date, reviewBy }: Policy, on: CalendarDate): Iterable<Hit> {
  const due = reviewBy ?? addPeriod(date, { years: 1 })
  if (on > due)
    yield { path: reviewBy === undefined ? 'date' : 'reviewBy', says: `was due for review on ${due}` }
}

function* versionFuture({ date }: Policy, on: CalendarDate): Iterable<Hit> {
  if (date > on) yield { path: 'date', says: 'lies ahead: this version is not in effect yet' }
}

export const noticeRules: readonly LintRule[] = [
  {
    id: 'policy.rights-missing',
    severity: 'error',
    finds: 'a right that people are not told of',
    source: 'GDPR 13(2)(b)-(d), 14(2)(c)-(e)',
    remedy: 'Word it in `rights`.',
    check: rightsMissing,
  },
  {
    id: 'policy.supervisory-authority-missing',
    severity: 'error',
    finds: 'no authority to complain to',
    source: 'GDPR 13(2)(d), 14(2)(e)',
    remedy: 'Name it in `supervisoryAuthority`.',
    check: absent('supervisoryAuthority', 'is not named'),
  },
  {
    id: 'policy.origins-missing',
    severity: 'error',
    finds: 'no source of the data',
    source: 'GDPR 14(2)(f)',
    remedy: 'Name the sources in `origins`.',
    check: empty('origins', 'does not say where data come from'),
  },
  {
    id: 'policy.obligation-missing',
    severity: 'error',
    finds: 'nothing on whether the data must be given',
    source: 'GDPR 13(2)(e)',
    remedy: 'Say it in `obligation`, with what follows if they are not.',
    check: absent('obligation', 'does not say whether data must be given'),
  },
  {
    id: 'policy.automated-decisions-missing',
    severity: 'error',
    finds: 'nothing on automated decisions and profiling',
    source: 'GDPR 13(2)(f), 14(2)(g)',
    remedy: 'Say in `automatedDecisions` that there are none, or how they are made.',
    check: absent('automatedDecisions', 'does not say whether there are any'),
  },
  {
    id: 'policy.security-missing',
    severity: 'warning',
    finds: 'no security measures',
    source: 'GDPR 30(1)(g), 32(1)',
    remedy: 'Describe them in `security`.',
    check: empty('security', 'describes no measures'),
  },
  {
    id: 'policy.mfa-not-offered',
    severity: 'warning',
    finds: 'no second factor for users',
    source: 'Pilvi policy, "Security"; GDPR 32(1)',
    remedy: 'Offer `totp` or `passkey`.',
    check: mfa,
  },
  {
    id: 'policy.updates-missing',
    severity: 'note',
    finds: 'nothing on how people learn of a new version',
    source: 'GDPR 13(3); Pilvi policy, "Updates"',
    remedy: 'Say it in `updates`.',
    check: absent('updates', 'does not say how people learn of a new version'),
  },
  {
    id: 'policy.template-leftover',
    severity: 'warning',
    finds: 'words left over from a template',
    source: 'GDPR 12(1)',
    remedy: 'Rewrite the passage, or take it away.',
    check: templateLeftover,
  },
  {
    id: 'policy.rights-conditional',
    severity: 'warning',
    finds: 'rights that depend on having an account',
    source: 'GDPR 12(2), 15 to 22',
    remedy: 'Drop the condition: the rights are everybody’s.',
    check: rightsConditional,
  },
  {
    id: 'policy.untranslated',
    severity: 'error',
    finds: 'a Finnish text that is missing from a Finnish policy',
    source: 'GDPR 12(1)',
    remedy: 'Translate it, or take `fi` away from `languages`.',
    check: untranslated,
  },
  {
    id: 'policy.version-stale',
    severity: 'warning',
    finds: 'a version whose review is overdue',
    source: 'GDPR 24(1), 32(1)(d)',
    remedy: 'Review the policy and give it a new version and date.',
    check: versionStale,
  },
  {
    id: 'policy.version-future',
    severity: 'note',
    finds: 'a version that is not in effect yet',
    source: 'Pilvi policy, "Updates"',
    remedy: 'Keep the version before it in force until its date.',
    check: versionFuture,
  },
]
