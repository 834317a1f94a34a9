/**
 * The shell around merges: two ids of one person become one, and are parted again. Each is one commit of both standings,
 * both streams and the ledger's entry, so that a statement, an erasure or another merge at the same moment either comes
 * first and is seen, or comes after and finds the merge.
 */

import { settle } from '../commit.ts'
import { type Instant, newId } from '../environment.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import { parse } from '../parsing.ts'
import type { Change } from '../store.ts'
import {
  agreedBy,
  type Carrying,
  carriedFrom,
  type Merge,
  type MergeInput,
  mergeOf,
  otherId,
  refuseRetired,
  replay,
  type UnmergeInput,
} from './merge.ts'
import { mergeParser, unmergeParser } from './parser.ts'
import { appendedTo, enteredAll, type Place, placesOf } from './places.ts'
import { type RecorderParts, referredPlaces } from './recorder.ts'
import { entriesOf } from './source.ts'
import { putStanding } from './standings.ts'

/** Merging two ids that turn out to be one person's. */
export interface Merging {
  /**
   * Records that two ids are one person's. Every no that stands for `from` is carried to `into`; of consents only those
   * stay that the person gave under both. From then on `from` is retired: decisions about it deny (`subject.merged`),
   * consents about it are refused, and a no about it is recorded for both. The same merge again changes nothing.
   * @throws InvalidInput `input.invalid`, `input.too-large` (more noes than a commit takes)
   * @throws Conflict `conflict.erased` where one of the two was erased; `conflict.state` where one of them was merged
   *   already, or another id still in use was merged into `from`
   * @see GDPR 5(1)(d), 21(3)
   */
  merge(input: MergeInput): Promise<Merge>
  /**
   * Records that a merge is undone. What it had carried counts no more, and the consents that it had ended count again;
   * what was said since stays, and a no about `from` stays with both. It can be undone though `into` was erased since.
   * @throws InvalidInput `input.invalid`; Conflict `conflict.erased` where `from` was erased; `conflict.state` where
   *   `from` is not merged into `into`
   */
  unmerge(input: UnmergeInput): Promise<Merge>
}

type Parts = Omit<RecorderParts, 'policyDigest'>

/** Personal data that are inaccurate are rectified; that one person has two ids is inaccurate. */
const clause = 'GDPR 5(1)(d)'

export const createMerging = (parts: Parts): Merging => ({
  async merge(input) {
    const asked = parse(mergeParser, input, 'merge')
    if (asked.from === asked.into) {
      throw new InvalidInput('input.invalid', 'merge.into must be another id', { path: 'merge.into' })
    }
    return settle(parts, () => merged(parts, asked))
  },
  async unmerge(input) {
    const asked = parse(unmergeParser, input, 'unmerge')
    return settle(parts, () => unmerged(parts, asked))
  },
})

interface Settled {
  readonly changes: Change[]
  readonly result: Merge
}

async function merged(parts: Parts, asked: MergeInput): Promise<Settled> {
  const { tenant, environment } = parts
  const {
    places: [from],
    ...of
  } = await referredPlaces(parts, asked.from)
  const {
    places: [into],
    ...by
  } = await referredPlaces(parts, asked.into)
  const known = mergeOf(from.standing, into.standing)
  if (known !== undefined) return { changes: [], result: { id: known.merge, at: known.at } }
  refuseRetired(from.standing, into.standing)
  await refuseChain(parts, from)
  const [id, at] = [newId(environment), environment.now()]
  const made = await entriesFor(parts, { from, into, asked, id, at })
  const details = { from: of.reference, into: by.reference, carried: made.carried.length }
  const changes = [
    ...enteredAll(tenant, { place: from, entries: [made.retired] }),
    ...enteredAll(tenant, { place: into, entries: [made.staying, ...made.carried] }),
    ...actOf(parts, { asked, id, action: 'consent.merged', details }),
  ]
  return { changes, result: { id, at } }
}

/**
 * A chain would lose a no where the id in its middle is erased. One that was erased itself is no part of it any more.
 * @throws Conflict `conflict.state`
 */
async function refuseChain({ standings, keys }: Parts, { standing }: Place): Promise<void> {
  for (const [merge, concealed] of Object.entries(standing.absorbed ?? {})) {
    const other = await standings.read(otherId(await keys.reveal('merge', concealed), merge))
    if (other.standing.merged?.merge !== merge) continue
    const says = 'another id was merged into this one: merge that one into the id that stays as well'
    throw new Conflict('conflict.state', says, { record: merge })
  }
}

/** What goes into the two streams. */
async function entriesFor(
  parts: Parts,
  { from, into, asked, id, at }: { from: Place; into: Place; asked: MergeInput; id: string; at: Instant },
) {
  const { policy, environment, keys } = parts
  const entries = await entriesOf(parts, asked.from)
  const agreed = agreedBy(policy, { from: from.standing, into: into.standing, at })
  const base = baseOf(parts, { asked, id, merge: id, at })
  const other = (subject: string) => keys.conceal('merge', [subject])
  const carried = carriedFrom(entries, { standing: from.standing, at }).map(
    // What it says is as it was; that it stands here was recorded now.
    (no): Carrying => ({
      ...no,
      id: newId(environment),
      recordedAt: at,
      via: { how: 'carried', merge: id, event: no.id },
    }),
  )
  return {
    retired: { ...base, kind: 'merged', other: await other(asked.into) },
    staying: { ...base, kind: 'absorbed', other: await other(asked.from), agreed },
    carried,
  } as const
}

async function unmerged(parts: Parts, asked: UnmergeInput): Promise<Settled> {
  const { environment, keys } = parts
  const [from, into] = await placesOf(parts, asked.from)
  const merge = from.standing.merged?.merge
  if (merge === undefined || into?.subject !== asked.into) {
    throw new Conflict('conflict.state', 'these two are not merged', { path: 'unmerge.from' })
  }
  const at = environment.now()
  const base = baseOf(parts, { asked, id: newId(environment), merge, at })
  // It may have been erased since, and begun anew: what the merge had carried is gone then.
  const absorbed = Object.hasOwn(into.standing.absorbed ?? {}, merge)
  const details = {
    from: await keys.reference(asked.from),
    ...(absorbed && { into: await keys.reference(asked.into) }),
  }
  const changes = [
    ...(await parted(parts, { place: from, base, other: asked.into })),
    ...(absorbed ? await parted(parts, { place: into, base, other: asked.from }) : held(into)),
    ...actOf(parts, { asked, id: merge, action: 'consent.unmerged', details }),
  ]
  return { changes, result: { id: merge, at } }
}

/** What the stream comes to without the merge. */
async function parted(
  parts: Parts,
  { place, base, other }: { place: Place; base: ReturnType<typeof baseOf>; other: string },
): Promise<Change[]> {
  const entry = { ...base, kind: 'unmerged', other: await parts.keys.conceal('merge', [other]) } as const
  const standing = replay([...(await entriesOf(parts, place.subject)), entry])
  return [
    putStanding({ ...place, standing }),
    appendedTo(parts.tenant, { place, entry, sequence: standing.events }),
  ]
}

const held = (place: Place): Change[] => (place.found ? [putStanding(place)] : [])

const baseOf = (
  { policy }: Parts,
  {
    asked: { operator, because },
    id,
    merge,
    at,
  }: { asked: MergeInput | UnmergeInput; id: string; merge: string; at: Instant },
) => ({
  ...{ id, merge, operator, effectiveAt: at, recordedAt: at },
  ...(because !== undefined && { because }),
  policyVersion: policy.version,
  category: policy.ownData.consents,
})

const actOf = (
  { ledger }: Parts,
  {
    asked: { operator, because },
    id,
    action,
    details,
  }: {
    asked: MergeInput | UnmergeInput
    id: string
    action: 'consent.merged' | 'consent.unmerged'
    details: Readonly<Record<string, string | number>>
  },
): Change[] =>
  ledger.changes({
    action,
    actor: { role: 'operator', id: operator },
    record: id,
    clause,
    details: { ...details, ...(because !== undefined && { because }) },
  })
