/** Rules on purposes, consent, marketing and denial (GDPR 4(11), 6, 7, 13(1)(c)-(d), 21; Directive 2002/58/EC 13). */

import { inEea } from '../law.ts'
import type { Channel, Policy, Purpose } from '../model.ts'
import { type Hit, type LintRule, purposesOf } from './rule.ts'

const directMarketing = 'https://w3id.org/dpv#DirectMarketing'

const isMarketing = (purpose: Purpose): boolean =>
  purpose.marketing === true ||
  purpose.vocabulary.some(
    ({ iri, relation }) => iri === directMarketing && (relation === 'exact' || relation === 'broader'),
  )

/** A rule that looks at each purpose by itself. */
const each = (check: (purpose: Purpose) => readonly [member: string, says: string] | null) =>
  function* (policy: Policy): Iterable<Hit> {
    for (const [name, purpose] of purposesOf(policy)) {
      const hit = check(purpose)
      if (hit !== null) yield { path: `purposes.${name}${hit[0]}`, says: hit[1] }
    }
  }

const legalBasis = each(({ legalBasis }) => (legalBasis === undefined ? ['', 'has no legal basis'] : null))

const interest = each(({ legalBasis, interest }) =>
  legalBasis === 'legitimate-interests' && interest === undefined
    ? ['', 'rests on legitimate interests and does not say which']
    : null,
)

const consentByUse = each(({ legalBasis, consentBy }) =>
  legalBasis === 'consent' && consentBy !== 'opt-in'
    ? [consentBy === 'use' ? '.consentBy' : '', 'rests on a consent that nobody gives by a clear act']
    : null,
)

const marketingDenial = each((purpose) =>
  isMarketing(purpose) && purpose.denial === undefined ? ['', 'is marketing and cannot be denied'] : null,
)

const denialAbsolute = each((purpose) =>
  isMarketing(purpose) && purpose.denial?.absolute === false
    ? ['.denial.absolute', 'is false, though a denial of marketing is absolute']
    : null,
)

const denialOverridable = each((purpose) =>
  !isMarketing(purpose) && purpose.denial?.absolute === false
    ? ['.denial.absolute', 'lets a denial be overridden']
    : null,
)

const channelsMissing = each((purpose) =>
  isMarketing(purpose) && purpose.channels === undefined
    ? ['', 'is marketing and does not say by which channels']
    : null,
)

const needConsent = ['email', 'sms', 'automated-call'] as const satisfies readonly Channel[]

function* channelConsent(policy: Policy, on: Parameters<LintRule['check']>[1]): Iterable<Hit> {
  if (!inEea(policy.jurisdiction, on)) return
  for (const [name, purpose] of purposesOf(policy)) {
    if (!isMarketing(purpose)) continue
    for (const channel of needConsent) {
      if (purpose.channels?.[channel] !== 'unless-denied') continue
      yield { path: `purposes.${name}.channels.${channel}`, says: 'is allowed without prior consent' }
    }
  }
}

const canBeDenied = (policy: Policy): boolean =>
  purposesOf(policy).some(([, { denial }]) => denial !== undefined)

function* denialRoute(policy: Policy): Iterable<Hit> {
  if (!canBeDenied(policy) || (policy.denials !== undefined && policy.denials.by.length > 0)) return
  yield { path: 'denials', says: 'does not say how a denial reaches the controller' }
}

function* denialContact({ denials, controller }: Policy): Iterable<Hit> {
  if (!denials?.by.includes('phone') || controller.phone !== undefined) return
  yield { path: 'denials.by', says: 'promises a denial by phone, and there is no telephone number' }
}

function* acceptanceAsConsent({ acceptance }: Policy): Iterable<Hit> {
  if (acceptance?.by === 'use' && acceptance.meaning === 'consent') {
    yield { path: 'acceptance.meaning', says: 'takes use of the service for consent' }
  }
}

function* acceptanceByUse({ acceptance }: Policy): Iterable<Hit> {
  if (acceptance?.by === 'use' && acceptance.meaning === 'acknowledgement') {
    yield { path: 'acceptance.by', says: 'shows that the notice was given; no purpose can rest on it' }
  }
}

export const purposeRules: readonly LintRule[] = [
  {
    id: 'policy.legal-basis-missing',
    severity: 'error',
    finds: 'a purpose without a legal basis',
    source: 'GDPR 6(1), 13(1)(c)',
    remedy: 'Name one of the six bases, or give the purpose up.',
    check: legalBasis,
  },
  {
    id: 'policy.interest-missing',
    severity: 'error',
    finds: 'legitimate interests that are not named',
    source: 'GDPR 6(1)(f), 13(1)(d)',
    remedy: 'Say in `interest` which interest is pursued.',
    check: interest,
  },
  {
    id: 'policy.consent-by-use',
    severity: 'error',
    finds: 'consent that is inferred from use, or from nothing',
    source: 'GDPR 4(11), 7',
    remedy: 'Ask for consent by a clear act (`opt-in`), or name the basis that really holds.',
    check: consentByUse,
  },
  {
    id: 'policy.acceptance-as-consent',
    severity: 'error',
    finds: 'use of the service taken for consent',
    source: 'GDPR 4(11), 7(2)',
    remedy: 'Let `acceptance.meaning` be acknowledgement.',
    check: acceptanceAsConsent,
  },
  {
    id: 'policy.acceptance-by-use',
    severity: 'note',
    finds: 'the clause "use implies approval"',
    source: 'GDPR 4(11); Pilvi policy, "Use log"',
    remedy: 'Nothing to mend as long as no purpose relies on it; ask for consent where consent is needed.',
    check: acceptanceByUse,
  },
  {
    id: 'policy.marketing-denial',
    severity: 'error',
    finds: 'marketing that cannot be denied',
    source: 'GDPR 21(2)-(3)',
    remedy: 'Give the purpose a `denial`.',
    check: marketingDenial,
  },
  {
    id: 'policy.denial-absolute',
    severity: 'error',
    finds: 'a denial of marketing that is not absolute',
    source: 'GDPR 21(3)',
    remedy: 'Let `denial.absolute` be true.',
    check: denialAbsolute,
  },
  {
    id: 'policy.denial-overridable',
    severity: 'warning',
    finds: 'a denial of another purpose that can be overridden',
    source: 'Pilvi policy, "Right for denial"',
    remedy: 'Make it absolute, or say in the notice when it does not hold.',
    check: denialOverridable,
  },
  {
    id: 'policy.denial-route',
    severity: 'error',
    finds: 'purposes that can be denied, and no way to do it',
    source: 'GDPR 12(2), 21(4)-(5)',
    remedy: 'Say in `denials` how a person tells it.',
    check: denialRoute,
  },
  {
    id: 'policy.denial-contact',
    severity: 'warning',
    finds: 'a denial by phone without a telephone number',
    source: 'GDPR 12(2)',
    remedy: 'Give `controller.phone`, or take `phone` away from `denials.by`.',
    check: denialContact,
  },
  {
    id: 'policy.channel-consent',
    severity: 'error',
    finds: 'electronic marketing without prior consent',
    source: 'Directive 2002/58/EC 13; in Finland Act 917/2014 section 200 (unverified)',
    remedy: 'Let the channel be `consent`, or `never`.',
    check: channelConsent,
  },
  {
    id: 'policy.channels-missing',
    severity: 'warning',
    finds: 'marketing that does not name its channels',
    source: 'Directive 2002/58/EC 13; in Finland Act 917/2014 section 200 (unverified)',
    remedy: 'Say in `channels` which are open unless denied and which need consent.',
    check: channelsMissing,
  },
]
