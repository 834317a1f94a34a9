/**
 * What a standing permits.
 *
 * The invariant: once a purpose, or a wider one, was denied, it stays denied until the same person's later explicit
 * consent to that very purpose (GDPR 21(3); the policy, "Right for denial"). A refusal and a withdrawal of a purpose
 * that can be denied are obeyed like a denial, on every channel: who has said no is not asked by another way. A consent
 * that a later no ended does not come back when that no has run out. And a wide purpose is permitted only with all
 * that it contains: a denial of telemarketing denies direct marketing by phone.
 *
 * Whatever is unclear is denied, and every reason against is named. Rule ids are listed in {@link consentRules};
 * docs/consent.md explains each.
 */

import type { Instant } from '../environment.ts'
import type { Channel, Policy, Purpose } from '../policy/model.ts'
import type { Decision, Mark, PurposeStanding, Question, Reason, Standing, Voice } from './model.ts'
import { holds, type No, outweighs } from './standing.ts'

/** Every rule a decision can rest on. */
export const consentRules = {
  'subject.erased': 'the person was erased; nothing may be done with data that should not be there',
  'basis.missing': 'the policy names no legal basis for the purpose',
  'consent.channel-unstated': 'the policy has a rule by channel, and the question names no channel',
  'consent.channel-never': 'the policy does not use this channel for the purpose',
  'consent.denied': 'the person denied the purpose and has not consented to it since',
  'consent.denied-broader': 'the person said no to a wider purpose and has not consented to this one since',
  'consent.denied-narrower':
    'the person said no to a narrower purpose that this channel serves; ask about that one',
  'consent.suppressed': 'somebody who has been erased since said no to the purpose at this address',
  'consent.refused': 'the person was asked, refused, and has not consented since',
  'consent.withdrawn': 'the person took consent back and has not consented since',
  'consent.missing': 'consent is needed and was never given',
  'consent.expired': 'consent is needed and has expired',
  'consent.superseded': 'consent is needed, and what was said since outweighs the one there is',
  'consent.given': 'the person consented, and nothing said since outweighs it',
  'consent.not-denied': 'allowed unless denied, and not denied',
  'basis.other': 'rests on a legal basis other than consent, and cannot be denied',
} as const

export type ConsentRule = keyof typeof consentRules

/** What was asked, with what was found. */
export interface Asked {
  readonly policy: Policy
  readonly purpose: string
  readonly channel?: NonNullable<Question['channel']>
  readonly standing: Standing
  /** The standing of the contact address, where one was asked about. */
  readonly address: Standing
  readonly at: Instant
}

/** Whether the purpose is permitted, with every reason for the outcome; pure. */
export function decide(asked: Asked): Decision {
  const { policy, purpose: name, at } = asked
  const purpose = policy.purposes[name] as Purpose
  const consent = consentTo(asked, name)
  const noes = consent ? [] : againstIt(asked, purpose)
  const [first, ...others] = [
    ...erased(asked, purpose),
    ...unusable(asked, purpose),
    ...noes,
    ...narrower(asked, purpose),
    ...suppressed(asked, purpose),
    ...(consent || !needsConsent(asked, purpose) ? [] : unconsented(asked, { purpose, noes })),
  ]
  if (first) return { outcome: 'deny', because: [first, ...others], at }
  return { outcome: 'permit', because: [permitted(asked, { purpose, consent })], at }
}

function permitted(
  { policy, purpose: name }: Asked,
  { purpose, consent }: { purpose: Purpose; consent: Mark | undefined },
): Reason {
  if (consent) return reason('consent.given', { purpose, mark: consent })
  const deniable = withBroader(policy, name).some((each) => policy.purposes[each]?.denial)
  return reason(deniable ? 'consent.not-denied' : 'basis.other', { purpose })
}

const reason = (rule: ConsentRule, { purpose, mark }: { purpose: Purpose; mark?: Mark }): Reason => ({
  rule,
  clause: purpose.clause,
  ...(mark && { record: mark.event }),
})

function erased({ standing }: Asked, { clause }: Purpose): Reason[] {
  if (standing.state !== 'erased') return []
  return [{ rule: 'subject.erased' satisfies ConsentRule, clause, record: standing.erased?.request ?? '' }]
}

/** What speaks against the purpose whatever was said about it: its basis, or the channel. */
function unusable({ channel }: Asked, purpose: Purpose): Reason[] {
  const { legalBasis, channels } = purpose
  const reasons: Reason[] = []
  if (legalBasis === undefined) reasons.push(reason('basis.missing', { purpose }))
  if (channels === undefined || channel === 'none') return reasons
  if (channel === undefined) reasons.push(reason('consent.channel-unstated', { purpose }))
  else if (!serves(purpose, channel)) reasons.push(reason('consent.channel-never', { purpose }))
  return reasons
}

/** Whether a purpose uses a channel; one that its policy does not name was promised to nobody. */
const serves = ({ channels }: Purpose, channel: Channel): boolean =>
  channels === undefined || (channels[channel] ?? 'never') !== 'never'

/** By the legal basis, or by the channel (Finland: post and live calls are free unless denied). */
const needsConsent = ({ channel }: Asked, { legalBasis, channels }: Purpose): boolean =>
  legalBasis === 'consent' ||
  (channel !== undefined && channel !== 'none' && channels?.[channel] === 'consent')

/** A purpose and the wider ones it belongs to. */
function withBroader(policy: Policy, purpose: string): string[] {
  const names: string[] = []
  for (let name: string | undefined = purpose; name !== undefined; name = policy.purposes[name]?.broader) {
    names.push(name)
  }
  return names
}

/** What a standing says of purposes within the asked one that its channel serves; of all within it where none is named. */
function servedWithin({ policy, purpose, channel }: Asked, standing: Standing): string[] {
  return Object.keys(standing.purposes).filter((name) => {
    const within = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
    if (within === undefined || name === purpose || !withBroader(policy, name).includes(purpose)) return false
    return channel === undefined || channel === 'none' || serves(within, channel)
  })
}

/** What a standing says against a purpose, whether it still holds or not. */
function noesTo(policy: Policy, { standing, purpose }: { standing: Standing; purpose: string }): No[] {
  const { refusal, denial }: PurposeStanding = standing.purposes[purpose] ?? {}
  const absolute = policy.purposes[purpose]?.denial?.absolute ?? false
  return [
    ...(denial ? [{ purpose, kind: 'denied' as const, mark: denial, absolute }] : []),
    ...(refusal ? [{ purpose, kind: refusal.kind, mark: refusal, absolute: false }] : []),
  ]
}

const voices: readonly Voice[] = ['own', 'proxy', 'list']

/** A consent to the purpose that holds and outweighs every no to it and to wider ones, even those that ran out. */
function consentTo({ policy, standing, at }: Asked, name: string): Mark | undefined {
  const { consents = {} } = standing.purposes[name] ?? {}
  const noes = withBroader(policy, name).flatMap((purpose) => noesTo(policy, { standing, purpose }))
  const counts = (voice: Voice): boolean => {
    const consent = consents[voice]
    return (
      consent !== undefined && holds(consent, at) && noes.every((no) => outweighs(consent, { voice, no }))
    )
  }
  const voice = voices.find(counts)
  return voice && consents[voice]
}

/** Whether a no is obeyed of itself, and not only where consent is needed: the person could have denied. */
const obeyed = ({ policy, at }: Asked, { kind, purpose, mark }: No): boolean =>
  holds(mark, at) && (kind === 'denied' || policy.purposes[purpose]?.denial !== undefined)

/** The noes to the purpose and to wider ones that are to be obeyed. */
function againstIt(asked: Asked, own: Purpose): Reason[] {
  const { policy, purpose: name, standing } = asked
  const needed = needsConsent(asked, own)
  return withBroader(policy, name).flatMap((each) =>
    noesTo(policy, { standing, purpose: each })
      .filter((no) => obeyed(asked, no) || (needed && holds(no.mark, asked.at)))
      .map(({ kind, mark }) => {
        const rule = each === name ? (`consent.${kind}` as const) : 'consent.denied-broader'
        return reason(rule, { purpose: policy.purposes[each] ?? own, mark })
      }),
  )
}

/** A permit for a wide purpose is one for all that it contains. */
function narrower(asked: Asked, own: Purpose): Reason[] {
  const { policy, standing } = asked
  return servedWithin(asked, standing)
    .filter((name) => consentTo(asked, name) === undefined)
    .flatMap((name) => noesTo(policy, { standing, purpose: name }))
    .filter((no) => obeyed(asked, no))
    .map(({ purpose, mark }) =>
      reason('consent.denied-narrower', { purpose: policy.purposes[purpose] ?? own, mark }),
    )
}

/** What erased people said at the address. Nothing said since by somebody else who uses it outweighs that. */
function suppressed(asked: Asked, own: Purpose): Reason[] {
  const { policy, purpose: name, address } = asked
  return [...withBroader(policy, name), ...servedWithin(asked, address)]
    .flatMap((each) => noesTo(policy, { standing: address, purpose: each }))
    .filter((no) => obeyed(asked, no))
    .map(({ mark }) => reason('consent.suppressed', { purpose: own, mark }))
}

/** Why there is no consent, where it is needed and the noes to the purpose itself do not say so already. */
function unconsented(
  { standing, purpose: name, at }: Asked,
  { purpose, noes }: { purpose: Purpose; noes: readonly Reason[] },
): Reason[] {
  if (noes.some(({ rule }) => rule === 'consent.refused' || rule === 'consent.withdrawn')) return []
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
