/** The sections of the notice on what people can ask for and what they are promised. */

import { type Block, type Inline, mail } from './document.ts'
import { fill } from './phrases.ts'
import { heading, joined, labelOf, periodOf, type Telling } from './telling.ts'

/** GDPR 21(4): told clearly and apart from everything else. */
export function denials(t: Telling): Block[] {
  const deniable = Object.values(t.policy.purposes).filter(({ denial }) => denial !== undefined)
  if (deniable.length === 0) return []
  return [
    heading(t, 'denials'),
    ...(t.policy.denials === undefined ? [] : [{ paragraph: t.policy.denials.says }]),
    { terms: deniable.map((purpose) => [purpose.label, channelLines(t, purpose)] as const) },
    ...denialRoute(t),
  ]
}

type ToldPurpose = Telling['policy']['purposes'][string]

function channelLines(t: Telling, { channels, existingCustomers, broader, denial }: ToldPurpose): string[] {
  const { says, channel } = t.phrases
  const open = Object.entries(channels ?? {}) as [keyof typeof channel, string][]
  const by = (rule: string) => open.filter(([, each]) => each === rule).map(([name]) => channel[name])
  const excepted = (existingCustomers?.channels ?? []).map((name) => channel[name])
  const lines = [
    [by('unless-denied'), says.unlessDenied] as const,
    [by('consent'), says.consent] as const,
    [excepted, says.existingCustomers] as const,
    [by('never'), says.never] as const,
  ].flatMap(([names, phrase]) => (names.length === 0 ? [] : [fill(phrase, { channels: joined(t, names) })]))
  return [
    ...lines,
    ...(broader === undefined
      ? []
      : [fill(says.denialBroader, { broader: labelOf(t.policy.purposes, broader) })]),
    ...(denial?.signal === undefined ? [] : [says.denialSignal]),
  ]
}

function denialRoute(t: Telling): Block[] {
  const { denials, controller } = t.policy
  if (denials === undefined || denials.by.length === 0) return []
  const { street, postalCode, city } = controller.address
  const reached: Inline[] = [
    ...(denials.by.includes('letter') ? [`${controller.name}, ${street}, ${postalCode} ${city}`] : []),
    ...(denials.by.includes('email') ? [mail(controller.email)] : []),
    ...(denials.by.includes('phone') && controller.phone !== undefined ? [controller.phone] : []),
  ]
  const contact = reached.length === 0 ? [mail(controller.email)] : reached
  const routes = joined(
    t,
    denials.by.map((route) => t.phrases.route[route]),
    'disjunction',
  )
  return [
    {
      paragraph: [
        fill(t.phrases.says.denialRoute, { routes, contact: '' }),
        ...contact.flatMap((each, i) => (i === 0 ? [each] : ['; ', each])),
      ],
    },
  ]
}

/** GDPR 12(3), 13(2)(b) to (d), 77. */
export function rights(t: Telling): Block[] {
  const { supervisoryAuthority } = t.policy
  const told = Object.entries(t.policy.rights) as [keyof typeof t.phrases.right, { says: string }][]
  return [
    heading(t, 'rights'),
    { terms: told.map(([right, { says }]) => [t.phrases.right[right], [says]] as const) },
    { paragraph: t.phrases.says.rightsHow },
    ...(supervisoryAuthority === undefined
      ? []
      : [
          {
            paragraph: [
              t.phrases.says.authority,
              `${supervisoryAuthority.name}, `,
              { text: supervisoryAuthority.url, href: supervisoryAuthority.url },
            ],
          },
        ]),
  ]
}

/** GDPR 13(2)(f). */
export function automatedDecisions(t: Telling): Block[] {
  return undertaking(t, 'automatedDecisions')
}

export function acceptance(t: Telling): Block[] {
  return undertaking(t, 'acceptance')
}

export function updates(t: Telling): Block[] {
  return undertaking(t, 'updates')
}

function undertaking(t: Telling, part: 'automatedDecisions' | 'acceptance' | 'updates'): Block[] {
  const told = t.policy[part]
  return told === undefined ? [] : [heading(t, part), { paragraph: told.says }]
}

export function security(t: Telling): Block[] {
  const measures = securityMeasures(t)
  return measures.length === 0 ? [] : [heading(t, 'security'), { list: measures }]
}

/** GDPR 30(1)(g), 32. */
export function securityMeasures(t: Telling): string[] {
  const { policy, phrases } = t
  const { backups } = policy
  const { offered, factors, stepUp = [], reset } = policy.mfa
  const second = offered === 'required' ? phrases.says.mfaRequired : phrases.says.mfaOptional
  const named = factors.map((factor) => phrases.factor[factor])
  const acts = stepUp.map((act) => phrases.stepUp[act])
  return [
    ...Object.values(policy.security).map(({ says }) => says),
    ...(backups === undefined ? [] : [fill(phrases.says.backups, { period: periodOf(t, backups.keys) })]),
    ...(named.length === 0 ? [] : [fill(second, { factors: joined(t, named) })]),
    ...(stepUp.length === 0 ? [] : [fill(phrases.says.stepUp, { acts: joined(t, acts) })]),
    ...(reset === undefined || named.length === 0
      ? []
      : [fill(phrases.says.mfaReset, { period: periodOf(t, reset) })]),
  ]
}

/** As they stand: a blank line parts paragraphs. */
export function passages({ policy }: Telling): Block[] {
  return policy.passages.flatMap(({ heading, text }): Block[] => [
    { heading, level: 2 },
    ...text.split(/\n\s*\n/).map((paragraph) => ({ paragraph })),
  ])
}
