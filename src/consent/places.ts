/**
 * Where what is said about an id is recorded: in its own stream, and where it was merged into another, in that one's as
 * well, in one commit. A no about a retired id is never lost, whichever of the two is asked about, and stays with both.
 *
 * Of an id that was erased nothing is recorded; where the id that stays was, its tombstone is held, so that a reopening at
 * the same moment is seen.
 */

import type { Keys, Standings, SubjectStanding } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import { otherId, replay } from './merge.ts'
import type { ByMerge, ConsentEvent, Entry, Marking, Standing } from './model.ts'
import { consentStream, entriesOf } from './source.ts'
import { type Adding, apply } from './standing.ts'
import { putStanding, refuseErased } from './standings.ts'

/** A stream that something is recorded in, and the standing beside it. */
export interface Place extends SubjectStanding {
  readonly subject: string
  /** Of the id that another was merged into. */
  readonly via?: ByMerge
}

/** The place of an id, and that of the one it was merged into. */
export type Places = readonly [Place, ...Place[]]

/** @throws Conflict `conflict.erased`; IntegrityFailure `record.corrupt` */
export async function placesOf(
  { standings, keys }: { readonly standings: Standings; readonly keys: Pick<Keys, 'reveal'> },
  subject: string,
): Promise<Places> {
  const own = { ...(await standings.read(subject)), subject }
  refuseErased(own.standing)
  const { merged } = own.standing
  if (merged === undefined) return [own]
  const into = otherId(await keys.reveal('merge', merged.other), merged.merge)
  const via = { how: 'relayed', merge: merged.merge } as const
  return [own, { ...(await standings.read(into)), subject: into, via }]
}

/** The changes that record an entry at a place; of an id that was erased, those that hold its tombstone. */
export function entered(
  tenant: string,
  { place, entry }: { place: Place; entry: ConsentEvent | Marking },
): Change[] {
  if (place.standing.state === 'erased') return [putStanding(place)]
  return enteredAll(tenant, { place, entries: [place.via ? { ...entry, via: place.via } : entry] })
}

/** The changes that record some entries at a place, in that order. */
export function enteredAll(
  tenant: string,
  { place, entries }: { place: Place; entries: readonly Adding[] },
): Change[] {
  const standing = entries.reduce(apply, place.standing)
  const appended = entries.map((entry, i) =>
    appendedTo(tenant, { place, entry, sequence: place.standing.events + 1 + i }),
  )
  return [putStanding({ ...place, standing }), ...appended]
}

/** The change that appends an entry to the stream of a place. */
export const appendedTo = (
  tenant: string,
  { place, entry, sequence }: { place: Place; entry: Entry; sequence: number },
): Change => ({
  append: consentStream(tenant, place.subject),
  id: entry.id,
  value: entry as unknown as JsonValue,
  expect: sequence,
})

/**
 * Whether recording something at a place would change nothing, by what was said about that very id as well: a no that a
 * merge carried here does not stand in for the person's own, because the merge may be undone.
 */
export async function isNeedless(
  parts: Parameters<typeof entriesOf>[0],
  { place, needless }: { place: Place; needless: (standing: Standing) => boolean },
): Promise<boolean> {
  const { standing, subject } = place
  if (standing.state === 'erased') return true
  if (!needless(standing)) return false
  const { absorbed } = standing
  return absorbed === undefined || needless(replay(await entriesOf(parts, subject), Object.keys(absorbed)))
}
