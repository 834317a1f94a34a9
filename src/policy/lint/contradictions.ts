/**
 * The contradictions that `parsePolicy` refuses, as rules: linting a policy that has not been parsed reports all of
 * them at once. What each finds is decided in `../checks.ts`.
 */

import { type ContradictionRule, contradictions } from '../checks.ts'
import { lowestThreshold } from '../model.ts'
import type { LintRule } from './rule.ts'

type Wording = Pick<LintRule, 'finds' | 'source' | 'remedy'>

const wordings: Readonly<Record<ContradictionRule, Wording>> = {
  'policy.reference': {
    finds: 'a category, purpose or field that is named and not declared',
    source: 'this library: what is rendered is what is enforced',
    remedy: 'Declare it, or name one that exists.',
  },
  'policy.recipient-field': {
    finds: 'a recipient with a field that no group or service has',
    source: 'GDPR 5(1)(c)',
    remedy: 'Name it as group.field or service.field.',
  },
  'policy.broader-cycle': {
    finds: 'purposes that are broader than each other in a circle',
    source: 'GDPR 5(1)(b)',
    remedy: 'Take `broader` away from one of them.',
  },
  'policy.exception-channel': {
    finds: 'an exception from consent for a channel that does not need it',
    source: 'Directive 2002/58/EC 13(2)',
    remedy: 'Let the channel be `consent`, or take it away from `existingCustomers`.',
  },
  'policy.name-clash': {
    finds: 'a service with the name of a group',
    source: 'this library: recipients name group.field or service.field',
    remedy: 'Rename one of them.',
  },
  'policy.choices': {
    finds: 'a field of kind choice without choices, or choices on another kind',
    source: 'Pilvi policy, "Personal information": declared, never free-form',
    remedy: 'List the choices, or change the kind.',
  },
  'policy.lookup': {
    finds: 'a field that is looked up by, of a kind whose values very many people share',
    source: 'GDPR 5(1)(c), 25(1)',
    remedy:
      'Take `lookup` away, or look people up by an e-mail address, a telephone number or a number of their own.',
  },
  'policy.publication-tables': {
    finds: 'a number of base tables other than one in threshold mode',
    source: 'this library: what threshold mode promises',
    remedy: 'Keep one base table; coarser tables are summed from its released cells.',
  },
  'policy.publication-threshold': {
    finds: `a threshold k below ${lowestThreshold}`,
    source: 'this library: k is 10 by default and never below 3',
    remedy: 'Raise k; 10 is the default.',
  },
  'policy.financial-year-end': {
    finds: 'an end of the financial year that is not MM-DD',
    source: 'Accounting Act 1336/1997, 2:10 (unverified)',
    remedy: 'Write it as a month and a day, for example 12-31.',
  },
  'policy.period': {
    finds: 'a period that ends before it begins, or has no length',
    source: 'GDPR 5(1)(e)',
    remedy: 'Correct the dates, or say how long.',
  },
  'policy.raw-hours-differ': {
    finds: 'a retention of the use log that is not what is purged',
    source: 'GDPR 5(1)(a); Pilvi policy, "Use log"',
    remedy:
      'Let the retention of the use log be the hours of `publications.rawHours` after the day has closed.',
  },
  'policy.keep-months-differ': {
    finds: 'a retention of statistics that is not what is purged',
    source: 'GDPR 5(1)(a); Pilvi policy, "Use log"',
    remedy:
      'Let the retention of statistics be the months of `publications.keepMonths` after the day has closed.',
  },
  'policy.visits-exempt': {
    finds: 'raw visits that would outlive an erasure',
    source: 'GDPR 17(1); Pilvi policy, "Use log"',
    remedy: 'Take the exemption away, or put what it is meant for in a category of its own.',
  },
  'policy.time-zone': {
    finds: 'a time zone that is not an IANA name',
    source: 'this library: days begin and end in the policy’s time zone',
    remedy: 'Use a name like Europe/Helsinki.',
  },
  'policy.country': {
    finds: 'a country code that is not assigned',
    source: 'ISO 3166-1',
    remedy: 'Use the two-letter code, for example GB and not UK.',
  },
  'policy.step-up': {
    finds: 'a step-up that is asked for where no full second factor is offered',
    source: 'this library: what is rendered is what is enforced',
    remedy: 'Offer totp, hotp, passkey or recovery-code, or take `stepUp` away.',
  },
}

const rule = (id: ContradictionRule): LintRule => ({
  id,
  severity: 'error',
  ...wordings[id],
  check: (policy) => contradictions(policy, id),
})

export const contradictionRules: readonly LintRule[] = (Object.keys(wordings) as ContradictionRule[]).map(
  rule,
)
