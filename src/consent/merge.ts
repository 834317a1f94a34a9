/**
 * What two ids of one person come to: the noes of both, and of consents only what was given under both.
 *
 * The invariant: after a merge nothing is permitted that one of the two standings before would have denied. So every no of
 * the retired id that has not ended is carried over, those that its own consents outweigh included, because consents are
 * not carried; and a consent of the id that stays lasts as long as the retired id had consented to the very purpose too.
 *
 * A merge that was undone is passed over when the stream is replayed: what it carried counts no more, the consents that it
 * ended count again, and what was said since stays. Merges go one deep, because a chain would lose a no where its middle is
 * erased: `merging.ts` refuses one.
 */

import type { Instant } from '../environment.ts'
import { Conflict, IntegrityFailure } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { ConsentEvent, Entry, Mark, Marking, MergeReason, Merging, Standing } from './model.ts'
import { counting } from './noes.ts'
import { apply, emptyStanding, holds } from './standing.ts'

/** Two ids that turn out to be one person's, as a host hands them in. */
export interface MergeInput {
  /** The id that is retired. */
  readonly from: string
  /** The id that stays. */
  readonly into: string
  readonly operator: string
  /** `asked`: the person said so; `duplicate`: found by whoever keeps the records. */
  readonly because?: Exclude<MergeReason, 'mistaken'>
}

/** A merge that is to be undone. */
export interface UnmergeInput extends Omit<MergeInput, 'because'> {
  /** `mistaken`: they are two people. */
  readonly because?: Exclude<MergeReason, 'duplicate'>
}

/** A merge, by the id under which it is on record, and when it was made or undone. */
export interface Merge {
  readonly id: string
  readonly at: Instant
}

/** The standing that a whole stream comes to. `without`: merges to pass over besides those that were undone. */
export function replay(entries: readonly Entry[], without: readonly string[] = []): Standing {
  const passed = new Set([...undoneIn(entries), ...without])
  let standing = emptyStanding
  for (const entry of entries) {
    const counted = entry.kind !== 'unmerged' && !isPassed(entry, passed)
    standing = counted ? apply(standing, entry) : { ...standing, events: standing.events + 1 }
  }
  return standing
}

/** The merges that were undone. */
export const undoneIn = (entries: readonly Entry[]): Set<string> =>
  new Set(entries.flatMap((entry) => (entry.kind === 'unmerged' ? [entry.merge] : [])))

/** Whether an entry was carried over by one of these merges. */
export const isCarriedBy = (entry: Entry, merges: ReadonlySet<string>): boolean =>
  'via' in entry && entry.via?.how === 'carried' && merges.has(entry.via.merge)

const isPassed = (entry: Entry, merges: ReadonlySet<string>): boolean =>
  ('merge' in entry && merges.has(entry.merge)) || isCarriedBy(entry, merges)

/** A no, as it is carried over. */
export type Carrying = ConsentEvent | Marking

/**
 * The noes of a stream that have not ended, as few as come to the same: of several denials the one that lasts longest
 * and the one made last.
 */
export function carriedFrom(
  entries: readonly Entry[],
  { standing, at }: { readonly standing: Standing; readonly at: Instant },
): Carrying[] {
  const undone = undoneIn(entries)
  const chosen = new Map<string, Entry>()
  for (const entry of entries) {
    if (isCarriedBy(entry, undone)) continue
    for (const part of partsIn(standing, { entry, at })) chosen.set(part, entry)
  }
  const carried = new Set(chosen.values())
  return entries.filter((entry): entry is Carrying => carried.has(entry))
}

/** What of a standing rests on an entry, by name; nothing where it is no no, or has ended. */
function partsIn(standing: Standing, { entry, at }: { entry: Entry; at: Instant }): string[] {
  if (!('purpose' in entry)) {
    const isTheOne = entry.kind === 'restricted' && standing.restrictions?.[entry.request]?.event === entry.id
    return isTheOne ? [entry.id] : []
  }
  const { refusal, denial, objections = {} } = standing.purposes[entry.purpose] ?? {}
  const rests = (mark: Mark | undefined, on: string): string[] => {
    if (mark === undefined || !holds(mark, at)) return []
    const part = `${on} ${entry.purpose}`
    return [
      ...(mark.event === entry.id ? [`${part} event`] : []),
      ...(mark.at === entry.effectiveAt ? [`${part} at`] : []),
    ]
  }
  switch (entry.kind) {
    case 'given':
    case 'renewed':
      return []
    case 'denied':
      return rests(denial, 'denial')
    case 'objected':
      return rests(objections[entry.request], `objection ${entry.request}`)
    default:
      return rests(refusal, 'refusal')
  }
}

/** The purposes that somebody has consented to under both ids, and until when under the one that is retired. */
export function agreedBy(
  policy: Policy,
  { from, into, at }: { readonly from: Standing; readonly into: Standing; readonly at: Instant },
): Extract<Merging, { kind: 'absorbed' }>['agreed'] {
  const agreed: [string, { until?: Instant }][] = []
  for (const [name, { consents }] of Object.entries(from.purposes)) {
    if (into.purposes[name]?.consents === undefined) continue
    const ends = counting({ policy, standing: from, at }, name).map((voice) => consents?.[voice]?.expiresAt)
    if (ends.length === 0) continue
    const until = ends.includes(undefined) ? undefined : ends.toSorted().at(-1)
    agreed.push([name, until === undefined ? {} : { until }])
  }
  return Object.fromEntries(agreed)
}

/** The merge of two ids that stands already; none where they are not merged with each other. */
export const mergeOf = (from: Standing, into: Standing): Standing['merged'] =>
  from.merged !== undefined && Object.hasOwn(into.absorbed ?? {}, from.merged.merge) ? from.merged : undefined

/**
 * Both ids must be in use: a retired one is merged no further, nor is another merged into it.
 * @throws Conflict `conflict.state`
 */
export function refuseRetired(from: Standing, into: Standing): void {
  const merged = from.merged ?? into.merged
  if (merged === undefined) return
  throw new Conflict('conflict.state', 'one of the two was merged already: undo that first', {
    record: merged.merge,
  })
}

/** The id that a merge is on record with, as it was revealed. @throws IntegrityFailure `record.corrupt` */
export function otherId(revealed: readonly string[] | null, record: string): string {
  const [other] = revealed ?? []
  if (other !== undefined) return other
  throw new IntegrityFailure('record.corrupt', 'the other id of a merge cannot be read', { record })
}

/** The other ids of a person, concealed: the one this was merged into, and those that were merged into it. */
export const othersOf = ({ merged, absorbed = {} }: Standing): string[] =>
  [...(merged ? [merged.other] : []), ...Object.values(absorbed)].sort()
