/** Two ids of one person, and what is asked about them. */

import type { Channel, Decision, Instant, Question } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { replay } from '../../src/consent/merge.ts'
import type { Entry, Standing } from '../../src/consent/model.ts'
import { consentStream } from '../../src/consent/source.ts'
import { markingsOf } from './marking.ts'
import { collect, pilvi } from './scene.ts'

export const [from, into, operator] = ['id-1', 'id-2', 'agent-7']
export const pair = { from, into, operator }

type Held = ReturnType<typeof pilvi>

/** A scene with what a rights request does to a standing. */
export function twoIds(options?: Parameters<typeof pilvi>[0]) {
  const held = pilvi(options)
  return { ...held, ...markingsOf(held, pilviPolicy) }
}

/** Every entry of a person's stream, as it is stored. */
export async function streamOf({ store }: Pick<Held, 'store'>, subject: string): Promise<Entry[]> {
  const { collection, key: stream } = consentStream('pilvi', subject)
  return (await collect(store.scan(collection, { stream }))).map(({ value }) => value as unknown as Entry)
}

/** The standing as it is stored, and as the stream says. */
export async function bothStandings(
  held: Pick<ReturnType<typeof twoIds>, 'store' | 'standings'>,
  subject: string,
): Promise<readonly [Standing, Standing]> {
  return [(await held.standings.read(subject)).standing, replay(await streamOf(held, subject))]
}

const purposes = [
  'direct-marketing',
  'telemarketing',
  'market-research',
  'personal-research',
  'delivery',
] as const
const channels: readonly (Channel | 'none' | undefined)[] = [
  ...(['post', 'phone', 'automated-call', 'email', 'sms', 'in-person', 'none'] as const),
  undefined,
]

/** Every question about somebody, of every purpose and channel. */
const questions = (subject: string, when: Pick<Question, 'at' | 'asKnownAt'> = {}) =>
  purposes.flatMap((purpose) =>
    channels.map((channel) => ({ subject, purpose, ...(channel && { channel }), ...when })),
  )

/** What all of them are answered with. */
export const answers = (
  { privacy }: Pick<Held, 'privacy'>,
  subject: string,
  when?: Pick<Question, 'at' | 'asKnownAt'>,
): Promise<Decision[]> => Promise.all(questions(subject, when).map((each) => privacy.consent.decide(each)))

export const outcomes = (decisions: readonly Decision[]): string[] => decisions.map(({ outcome }) => outcome)
export const rulesOf = ({ because }: Decision): string[] => because.map(({ rule }) => rule)

/** Days of November 2026; the scene begins on the 23rd. */
export const day = (n: number): Instant => `2026-11-${String(n).padStart(2, '0')}T09:00:00.000Z`
