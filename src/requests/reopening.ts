/**
 * Reopening a person who was erased, before the last day of their tombstone and on record.
 *
 * While the tombstone still stands, everything that was kept of them is set aside, row by row, with what is written down
 * of it: nobody reads or writes anything about them meanwhile. Then one commit ends the tombstone, sets the data keys
 * aside and enters it into the ledger. Each of these commits holds the standing, so that a reopening and an erasure of
 * the person exclude each other; whatever was cut off is gone on with by the same call, and swept as it lies until then.
 *
 * What the person had said no to stands again: the tombstone holds it, and the same commit records it anew.
 *
 * What is aside stays aside: an export shows it, a later erasure reports it, the sweep erases it at its date.
 */

import { settle } from '../commit.ts'
import { Conflict } from '../errors.ts'
import type { SubjectStanding } from '../services.ts'
import type { Source } from '../source.ts'
import { keptCollection, keptRef, keptRow, keptRows, putKept } from './kept.ts'
import type { KeptRow, ReopeningInput } from './model.ts'
import { type RequestParts, readRequest } from './record.ts'
import { clauseOf } from './rules.ts'

/** @throws Conflict `conflict.state` */
export async function reopen(
  parts: RequestParts,
  { subject, operator, because }: ReopeningInput,
): Promise<void> {
  const { policy, environment, standings, keys, ledger } = parts
  await settle(parts, async () => {
    const { read, aside } = await allAside(parts, subject)
    const act = {
      action: 'requests.reopened',
      actor: { role: 'operator', id: operator } as const,
      record: aside,
      clause: clauseOf(policy, 'erasure'),
      details: { because },
    }
    const changes = [
      ...standings.reopen(read, { subject, operator, policy, environment }),
      ...(await keys.setAside(subject, aside)),
      ...ledger.changes(act),
    ]
    return { changes, result: undefined }
  })
}

/** A tombstone, and the erasure it is of. */
interface Tombstone {
  readonly read: SubjectStanding
  readonly aside: string
}

/** @throws Conflict `conflict.state` where the person is not erased, or is being erased */
async function tombstoneOf(parts: RequestParts, subject: string): Promise<Tombstone> {
  const read = await parts.standings.read(subject)
  const aside = read.standing.erased?.request
  if (aside === undefined)
    throw new Conflict('conflict.state', 'this person is not erased', { path: 'subject' })
  if ((await readRequest(parts, aside)).request.state === 'running') {
    throw new Conflict('conflict.state', 'an erasure of this person is running: end it first', {
      record: aside,
    })
  }
  return { read, aside }
}

/** The tombstone of a person of whom everything that is kept is aside: read before it was seen to be so. */
async function allAside(parts: RequestParts, subject: string): Promise<Tombstone> {
  const subjectDigest = await parts.keys.digest('subject', [subject])
  for (;;) {
    const tombstone = await tombstoneOf(parts, subject)
    let moved = 0
    for await (const row of keptRows(parts, subjectDigest)) {
      const move = row.aside === undefined ? moverOf(parts, row) : 'unneeded'
      if (move === 'unneeded') continue
      while ((await moveSome(parts, { row, move })) === 'more') moved++
      moved++
    }
    if (moved === 0) return tombstone
  }
}

type Mover = NonNullable<Source['setAside']>

/** @throws Conflict `conflict.state` where the source cannot set a row aside, or is not there */
function moverOf({ sources }: RequestParts, { source, requests }: KeptRow): Mover {
  const move = sources.find(({ name }) => name === source)?.setAside
  if (move !== undefined) return move
  const says = `what is kept in ${source} cannot be set aside: wait for its date`
  throw new Conflict('conflict.state', says, { record: requests[0] ?? '' })
}

/**
 * Sets the next part of a row aside. What is written down of it is there in both places until nothing is left in the
 * first: a sweep in between finds everything.
 */
function moveSome(
  parts: RequestParts,
  { row, move }: { row: KeptRow; move: Exclude<Mover, 'unneeded'> },
): Promise<'more' | 'done'> {
  const { store, standings } = parts
  return settle(parts, async () => {
    const { read, aside } = await tombstoneOf(parts, row.subject)
    const places = [keptRef(parts, row), keptRef(parts, { ...row, aside })]
    const [there, above] = await store.get(
      keptCollection,
      places.map(({ key }) => key),
    )
    if (!there) return { changes: [], result: 'done' as const }
    const { until: _, ...written } = keptRow(there)
    const moved = await move({ subject: row.subject, sessions: [], aside }, row.row)
    const note = putKept(parts, { found: above ?? null, row: { ...written, aside } })
    const rest =
      moved.length > 0 ? moved : [putKept(parts, { found: there, row: { ...written, fields: [] } })]
    const result = moved.length > 0 ? 'more' : 'done'
    return { changes: [...rest, note, standings.hold(read)], result }
  })
}
