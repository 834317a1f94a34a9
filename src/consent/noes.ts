/**
 * What speaks against a purpose, and the consent that outweighs it.
 *
 * A purpose lies within wider ones (`broader`): a no to a wide one is a no to what lies within it, and a consent to the
 * very purpose outweighs both. Whether a no is obeyed of itself, or only where consent is needed, is decided here and
 * nowhere else: a denial and an objection are, and so is any other no to a purpose that can be denied, because who has
 * said no is not asked by another way.
 */

import type { Instant } from '../environment.ts'
import type { Channel, Policy, Purpose } from '../policy/model.ts'
import type {
  ConsentEvent,
  Mark,
  Necessity,
  PurposeStanding,
  Question,
  Relationship,
  Standing,
  Voice,
} from './model.ts'
import { holds, type No, outweighs, voiceOf } from './standing.ts'

/** What was asked, with what was found. */
export interface Asked {
  readonly policy: Policy
  readonly purpose: string
  readonly channel?: Question['channel'] | undefined
  readonly relationship?: Relationship | undefined
  readonly necessity?: Necessity | undefined
  readonly standing: Standing
  /** The standing of the contact address, where one was asked about. */
  readonly address: Standing
  readonly at: Instant
}

/** Worked out once for each purpose of a policy: every decision asks for it, several times over. */
const chains = new WeakMap<Policy['purposes'], Map<string, readonly string[]>>()

/** A purpose and the wider ones it belongs to. */
export function withBroader({ purposes }: Pick<Policy, 'purposes'>, purpose: string): readonly string[] {
  const known = chains.get(purposes) ?? new Map<string, readonly string[]>()
  chains.set(purposes, known)
  const chain = known.get(purpose)
  if (chain !== undefined) return chain
  const names: string[] = []
  for (let name: string | undefined = purpose; name !== undefined; name = purposes[name]?.broader) {
    names.push(name)
  }
  known.set(purpose, names)
  return names
}

/** Whether a purpose uses a channel; one that its policy does not name was promised to nobody. */
export const serves = ({ channels }: Purpose, channel: Channel): boolean =>
  channels === undefined || (channels[channel] ?? 'never') !== 'never'

const calls: readonly Channel[] = ['phone', 'automated-call']

/**
 * Whether what was said about a purpose is about a channel: one that it uses. A call is a call, so that whoever gives up the
 * one kind does not open the other; and of a purpose that uses no channel any more nobody can tell which it was about.
 */
function concerns(purpose: Purpose, channel: Channel): boolean {
  if (serves(purpose, channel)) return true
  const used = Object.keys(purpose.channels ?? {}).filter((each) => serves(purpose, each as Channel))
  return used.length === 0 || (calls.includes(channel) && calls.some((each) => used.includes(each)))
}

/** By the legal basis, or by the channel (Finland: post and live calls are free unless denied). */
export const needsConsent = ({ channel }: Asked, { legalBasis, channels }: Purpose): boolean =>
  legalBasis === 'consent' ||
  (channel !== undefined && channel !== 'none' && channels?.[channel] === 'consent')

/** What a standing says of purposes within the asked one that its channel concerns; of all within it where none is named. */
export function servedWithin({ policy, purpose, channel }: Asked, standing: Standing): string[] {
  const served: string[] = []
  for (const name in standing.purposes) {
    if (name === purpose || !Object.hasOwn(policy.purposes, name)) continue
    const within = policy.purposes[name]
    if (within === undefined || !withBroader(policy, name).includes(purpose)) continue
    if (channel === undefined || channel === 'none' || concerns(within, channel)) served.push(name)
  }
  return served
}

const none: readonly No[] = []

/** What a standing says against a purpose, whether it still holds or not. */
export function noesTo(
  policy: Policy,
  { standing, purpose }: { standing: Standing; purpose: string },
): readonly No[] {
  const said: PurposeStanding | undefined = standing.purposes[purpose]
  if (said === undefined) return none
  const { refusal, denial, objections } = said
  const noes: No[] = []
  if (denial) {
    const absolute = policy.purposes[purpose]?.denial?.absolute ?? false
    noes.push({ purpose, kind: 'denied', mark: denial, absolute })
  }
  if (objections) {
    for (const mark of Object.values(objections))
      noes.push({ purpose, kind: 'objected', mark, absolute: false })
  }
  if (refusal) noes.push({ purpose, kind: refusal.kind, mark: refusal, absolute: false })
  return noes
}

const voices: readonly Voice[] = ['own', 'proxy', 'list']

/** Whose consent to the purpose holds, and outweighs every no to it and to wider ones, even those that ran out. */
export function counting(
  { policy, standing, at }: Pick<Asked, 'policy' | 'standing' | 'at'>,
  name: string,
): Voice[] {
  const consents = standing.purposes[name]?.consents
  if (consents === undefined) return []
  const noes = withBroader(policy, name).flatMap((purpose) => noesTo(policy, { standing, purpose }))
  return voices.filter((voice) => {
    const consent = consents[voice]
    return (
      consent !== undefined && holds(consent, at) && noes.every((no) => outweighs(consent, { voice, no }))
    )
  })
}

/** The consent to the purpose that counts; none where none does. */
export function consentTo(asked: Pick<Asked, 'policy' | 'standing' | 'at'>, name: string): Mark | undefined {
  const [voice] = counting(asked, name)
  return voice && asked.standing.purposes[name]?.consents?.[voice]
}

/** Whether a renewal, already in the standing, has given a consent that counts its term. */
export function isRenewed(
  standing: Standing,
  { policy, event, at }: { policy: Policy; event: ConsentEvent; at: Instant },
): boolean {
  const voice = voiceOf(event.by)
  const term = standing.purposes[event.purpose]?.consents?.[voice]
  return term?.event === event.id && counting({ policy, standing, at }, event.purpose).includes(voice)
}

/** Whether nothing outweighs a no but the person: to marketing (GDPR 21(3)), and where the law or the policy says so. */
export const isAbsolute = (policy: Pick<Policy, 'purposes'>, name: string): boolean =>
  withBroader(policy, name).some((each) => {
    const purpose = policy.purposes[each]
    return purpose?.marketing === true || purpose?.denial?.absolute === true
  })

/** The necessity that counts: none for what a no ends absolutely, or contains that; of storage, none to contact anybody. */
export function necessityOf({
  policy,
  purpose,
  channel = 'none',
  necessity,
}: Pick<Asked, 'policy' | 'purpose' | 'channel' | 'necessity'>): Necessity | undefined {
  if (necessity === undefined || (necessity === 'storage' && channel !== 'none')) return undefined
  const within = Object.keys(policy.purposes).filter((name) => withBroader(policy, name).includes(purpose))
  return within.some((name) => isAbsolute(policy, name)) ? undefined : necessity
}

/** Whether a no is obeyed of itself, and not only where consent is needed. */
export function obeyed(
  { policy, at, necessity }: Omit<Asked, 'purpose' | 'standing' | 'address'>,
  no: No,
): boolean {
  if (!holds(no.mark, at)) return false
  // GDPR 21(1): not where legal claims are established, exercised or defended.
  if (no.kind === 'objected') return necessity !== 'legal-claims'
  return no.kind === 'denied' || policy.purposes[no.purpose]?.denial !== undefined
}

/** Whether a no denies a purpose: of itself, or because consent is needed. */
export const denies = (asked: Asked, { no, needed }: { no: No; needed: boolean }): boolean =>
  obeyed(asked, no) || (needed && no.kind !== 'objected' && holds(no.mark, asked.at))

/** What a standing says against purposes that the policy does not have any more, as far as it holds. */
export function noesBefore({ policy, at }: Pick<Asked, 'policy' | 'at'>, standing: Standing): No[] {
  const noes: No[] = []
  for (const purpose in standing.purposes) {
    if (Object.hasOwn(policy.purposes, purpose)) continue
    noes.push(...noesTo(policy, { standing, purpose }).filter(({ mark }) => holds(mark, at)))
  }
  return noes
}

/** The noes to the purpose and to wider ones that are to be obeyed. */
export function noesAgainst(asked: Asked, own: Purpose): No[] {
  const { policy, purpose: name, standing } = asked
  const needed = needsConsent(asked, own)
  const against: No[] = []
  for (const purpose of withBroader(policy, name)) {
    for (const no of noesTo(policy, { standing, purpose })) {
      if (denies(asked, { no, needed })) against.push(no)
    }
  }
  return against
}
