/**
 * What a standing permits.
 *
 * The invariant: once a purpose, or a wider one, was denied, it stays denied until the same person's later explicit
 * consent to that very purpose (GDPR 21(3); the policy, "Right for denial"). A refusal and a withdrawal of a purpose
 * that can be denied are obeyed like a denial, on every channel. A consent that a later no ended does not come back when
 * that no has run out. And a wide purpose is permitted only with all that it contains: what denies telemarketing denies
 * direct marketing by phone. A no to a purpose that the policy has lost since stands against all that can be denied.
 * Restricted data are used for nothing but what the person consented to since, or what GDPR 18(2) names, and that is never
 * marketing. No exception from consent outweighs a no.
 *
 * Whatever is unclear is denied, and every reason against is named. Rule ids are listed in {@link consentRules};
 * docs/consent.md explains each.
 */

import { dayIn } from '../calendar.ts'
import type { Purpose } from '../policy/model.ts'
import type { Decision, Mark, Reason } from './model.ts'
import {
  type Asked,
  consentTo,
  denies,
  necessityOf,
  needsConsent,
  noesAgainst,
  noesBefore,
  noesTo,
  obeyed,
  servedWithin,
  serves,
  withBroader,
} from './noes.ts'
import { emptyStanding, follows, holds } from './standing.ts'

/** Every rule a decision can rest on. */
export const consentRules = {
  'subject.erased': 'the person was erased; nothing may be done with data that should not be there',
  'subject.merged': 'the id was merged into another one and is retired; ask about that one',
  'subject.restricted': 'processing is restricted, and this needs the person’s consent since or a necessity',
  'basis.missing': 'the policy names no legal basis for the purpose',
  'consent.channel-unstated': 'the policy has a rule by channel, and the question names no channel',
  'consent.channel-never': 'the policy does not use this channel for the purpose',
  'consent.denied': 'the person denied the purpose and has not consented to it since',
  'consent.denied-broader': 'the person said no to a wider purpose and has not consented to this one since',
  'consent.denied-narrower':
    'the person said no to a narrower purpose that this channel serves; ask about that one',
  'consent.denied-before':
    'the person said no to a purpose that the policy has no more, and has not consented to this one since',
  'consent.suppressed':
    'a no to the purpose is kept at this address: of somebody who has been erased since, or of a list',
  'consent.objected': 'the person objected to the purpose, and the objection was not lifted',
  'consent.refused': 'the person was asked, refused, and has not consented since',
  'consent.withdrawn': 'the person took consent back and has not consented since',
  'consent.revoked': 'somebody else ended the consent, and the person has not consented since',
  'consent.missing': 'consent is needed and was never given',
  'consent.expired': 'consent is needed and has expired',
  'consent.superseded': 'consent is needed, and what was said since outweighs the one there is',
  'consent.given': 'the person consented, and nothing said since outweighs it',
  'consent.listed': 'a list says that the person consented, and nothing said since outweighs it',
  'consent.not-denied': 'allowed unless denied, and not denied',
  'consent.existing-customer': 'an existing customer is told of equivalent products, and has not said no',
  'basis.other': 'rests on a legal basis other than consent, and cannot be denied',
  'subject.restriction-excepted': 'processing is restricted, and this is necessary all the same',
} as const

export type ConsentRule = keyof typeof consentRules

export type { Asked } from './noes.ts'

/** Whether the purpose is permitted, with every reason for the outcome; pure. */
export function decide(question: Asked): Decision {
  const necessity = necessityOf(question)
  const asked = question.necessity === necessity ? question : { ...question, necessity }
  const { policy, purpose: name, at } = asked
  const purpose = policy.purposes[name] as Purpose
  const { merged } = asked.standing
  if (merged !== undefined) return { outcome: 'deny', because: [retired(merged.merge, purpose)], at }
  const consent = consentTo(asked, name)
  const excepted = consent === undefined && isExcepted(asked, purpose)
  const noes = consent ? none : against(asked, purpose)
  const lacking = !consent && !excepted && needsConsent(asked, purpose)
  const because = together(
    erased(asked, purpose),
    restricted(asked, { purpose, consent }),
    unusable(asked, purpose),
    noes,
    narrower(asked, purpose),
    before(asked, { purpose, consent }),
    suppressed(asked, purpose),
    lacking ? unconsented(asked, { purpose, noes }) : none,
  )
  if (isSome(because)) return { outcome: 'deny', because, at }
  const reason = permitted(asked, { purpose, consent, excepted })
  return { outcome: 'permit', because: [reason, ...inSpite(asked, { purpose, consent })], at }
}

type Reasons = readonly Reason[]
const none: Reasons = []
const isSome = (reasons: Reasons): reasons is Decision['because'] => reasons.length > 0

/** Most lists are empty, and a campaign asks very often: nothing is copied where there is nothing to join. */
function together(...lists: Reasons[]): Reasons {
  let all = none
  for (const list of lists) {
    if (isSome(list)) all = isSome(all) ? [...all, ...list] : list
  }
  return all
}

function permitted(
  asked: Asked,
  { purpose, consent, excepted }: { purpose: Purpose; consent: Mark | undefined; excepted: boolean },
): Reason {
  const { policy, purpose: name, relationship, standing } = asked
  if (consent) {
    const listed = consent === standing.purposes[name]?.consents?.list
    return reason(listed ? 'consent.listed' : 'consent.given', { purpose, mark: consent })
  }
  if (excepted && relationship) return { ...reason('consent.existing-customer', { purpose }), relationship }
  const deniable = withBroader(policy, name).some((each) => policy.purposes[each]?.denial)
  return reason(deniable ? 'consent.not-denied' : 'basis.other', { purpose })
}

const reason = (rule: ConsentRule, { purpose, mark }: { purpose: Purpose; mark?: Mark }): Reason =>
  mark === undefined ? { rule, clause: purpose.clause } : { rule, clause: purpose.clause, record: mark.event }

/** Nothing else is named: what stands is said of the id that stays. */
const retired = (merge: string, { clause }: Purpose): Reason => ({
  rule: 'subject.merged' satisfies ConsentRule,
  clause,
  record: merge,
})

function erased({ standing }: Asked, { clause }: Purpose): Reasons {
  if (standing.state !== 'erased') return none
  return [{ rule: 'subject.erased' satisfies ConsentRule, clause, record: standing.erased?.request ?? '' }]
}

/** GDPR 18(2): but for what is necessary, only with the person's own consent, made knowing that all else has stopped. */
function restricted(
  { standing, necessity, purpose: name }: Asked,
  { purpose, consent }: { purpose: Purpose; consent: Mark | undefined },
): Reasons {
  if (standing.restrictions === undefined || necessity !== undefined) return none
  const own = consent === standing.purposes[name]?.consents?.own ? consent : undefined
  return Object.values(standing.restrictions)
    .filter((mark) => own === undefined || !follows(own, mark))
    .map((mark) => reason('subject.restricted', { purpose, mark }))
}

/** The restrictions that a permit passes over because of a necessity. */
function inSpite(
  asked: Asked,
  { purpose, consent }: { purpose: Purpose; consent: Mark | undefined },
): Reasons {
  const { necessity, ...without } = asked
  if (necessity === undefined) return none
  return restricted(without, { purpose, consent }).map((each) => ({
    ...each,
    rule: 'subject.restriction-excepted' satisfies ConsentRule,
  }))
}

/** What speaks against the purpose whatever was said about it: its basis, or the channel. */
function unusable({ channel }: Asked, purpose: Purpose): Reasons {
  const { legalBasis, channels } = purpose
  const basis = legalBasis === undefined ? [reason('basis.missing', { purpose })] : none
  if (channels === undefined || channel === 'none') return basis
  if (channel === undefined) return [...basis, reason('consent.channel-unstated', { purpose })]
  return serves(purpose, channel) ? basis : [...basis, reason('consent.channel-never', { purpose })]
}

/**
 * Directive 2002/58/EC 13(2): by electronic mail, to a customer, about products equivalent to what was bought, with an
 * easy way out each time. Never where the purpose rests on consent as such.
 */
function isExcepted({ policy, channel, relationship, at }: Asked, purpose: Purpose): boolean {
  const { legalBasis, existingCustomers } = purpose
  if (relationship === undefined || legalBasis === 'consent') return false
  const { customerSince, bought, offered } = relationship
  return (
    existingCustomers?.channels.some((each) => each === channel) === true &&
    bought === offered &&
    customerSince <= dayIn(policy.timeZone, at)
  )
}

/** The noes to the purpose and to wider ones that are to be obeyed. */
const against = (asked: Asked, own: Purpose): Reasons =>
  noesAgainst(asked, own).map(({ kind, mark, purpose: each }) => {
    const rule = each === asked.purpose ? (`consent.${kind}` as const) : 'consent.denied-broader'
    return reason(rule, { purpose: asked.policy.purposes[each] ?? own, mark })
  })

/** What denies a purpose under its own name denies every wider one it lies within: no name gets around a no. */
function narrower(asked: Asked, own: Purpose): Reasons {
  const { policy, standing } = asked
  const served = servedWithin(asked, standing)
  if (served.length === 0) return none
  return served
    .filter((name) => consentTo(asked, name) === undefined)
    .flatMap((name) => {
      const purpose = policy.purposes[name] ?? own
      const needed = needsConsent(asked, purpose)
      return noesTo(policy, { standing, purpose: name })
        .filter((no) => denies(asked, { no, needed }))
        .map(({ mark }) => reason('consent.denied-narrower', { purpose, mark }))
    })
}

/** Whether a purpose is one that a no to one that is gone stands against: nobody can tell what that was a part of. */
const isMarketing = ({ policy, purpose }: Asked): boolean =>
  withBroader(policy, purpose).some((name) => {
    const { marketing, denial } = policy.purposes[name] ?? {}
    return marketing === true || denial !== undefined
  })

/** The noes to purposes that are gone, but for those that the person's own consent to this one has followed. */
function before(
  asked: Asked,
  { purpose, consent }: { purpose: Purpose; consent: Mark | undefined },
): Reasons {
  const { standing, purpose: name } = asked
  const noes = noesBefore(asked, standing)
  if (noes.length === 0 || !isMarketing(asked)) return none
  const own = consent === standing.purposes[name]?.consents?.own ? consent : undefined
  return noes
    .filter(({ mark }) => own === undefined || !follows(own, mark))
    .map(({ mark }) => reason('consent.denied-before', { purpose, mark }))
}

/** What erased people said at the address. Nothing said since by somebody else who uses it outweighs that. */
function suppressed(asked: Asked, own: Purpose): Reasons {
  const { policy, purpose: name, address } = asked
  if (address === emptyStanding) return none
  const noes = [...withBroader(policy, name), ...servedWithin(asked, address)]
    .flatMap((each) => noesTo(policy, { standing: address, purpose: each }))
    .filter((no) => obeyed(asked, no))
  return [...noes, ...(isMarketing(asked) ? noesBefore(asked, address) : [])].map(({ mark }) =>
    reason('consent.suppressed', { purpose: own, mark }),
  )
}

const answers: readonly string[] = ['consent.refused', 'consent.withdrawn', 'consent.revoked']

/** Why there is no consent, where it is needed and the noes to the purpose itself do not say so already. */
function unconsented(
  { standing, purpose: name, at }: Asked,
  { purpose, noes }: { purpose: Purpose; noes: Reasons },
): Reasons {
  if (noes.some(({ rule }) => answers.includes(rule))) return none
  const consents = Object.values(standing.purposes[name]?.consents ?? {})
  const [consent] = consents
  if (consent === undefined) return [reason('consent.missing', { purpose })]
  const standingOne = consents.find((each) => holds(each, at))
  return [
    standingOne
      ? reason('consent.superseded', { purpose, mark: standingOne })
      : reason('consent.expired', { purpose, mark: consent }),
  ]
}
