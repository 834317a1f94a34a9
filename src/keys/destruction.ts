/**
 * The end of a data key, and what comes after a person is reopened.
 *
 * active -> shredding: one compare-and-set takes the wrapped material away; from then on nothing opens and nothing
 * seals, in any process. Then the lookups of what was sealed under it go, so that nobody can ask whether a value was
 * among it. Then shredding -> shredded, the tombstone. Whatever was cut off in between is ended by destroying again, or
 * by `endDestruction`, which finds it by itself. No step leads back.
 *
 * Reopening sets the keys aside: each moves below its place, under its id, and leaves the place to a new key. What was
 * sealed under a shredded one still reads as erased, until it is forgotten together with the tombstone.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Keys } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import {
  type ActiveRecord,
  type DataKeyParts,
  type FoundKeyRecord,
  formerPlace,
  materialOf,
  ownerOf,
  presentOf,
  recordById,
  recordOf,
  recordsOf,
  wrappedAt,
} from './key-records.ts'
import { lookupOf, lookupPrefix } from './lookups.ts'
import type { DataKeyRecord, DestroyedKey } from './model.ts'

const collection = collections.keys.name

/** What is removed in one commit. */
const batch = 400

/** The part of the data keys that ends them. */
export const destruction = (
  parts: DataKeyParts,
): Pick<Keys, 'destroy' | 'endDestruction' | 'setAside' | 'forget'> => ({
  destroy: (subject, ids) => destroy(parts, { subject, ids }),
  endDestruction: () => endDestruction(parts),
  setAside: (subject, aside) => setAside(parts, { subject, aside }),
  forget: (subjectDigest, aside) => forget(parts, { subjectDigest, aside }),
})

async function destroy(
  parts: DataKeyParts,
  { subject, ids }: { subject: string; ids: readonly string[] },
): Promise<DestroyedKey[]> {
  const destroyed: DestroyedKey[] = []
  for await (const { found, record } of recordsOf(parts, await parts.digest('subject', [subject]))) {
    if (!ids.includes(record.id)) continue
    const which = { present: presentOf(found.key), id: record.id }
    const at = await shred(parts, which)
    await end(parts, which)
    if (at !== null) destroyed.push({ id: record.id, at })
  }
  return destroyed
}

/** A data key, wherever it lies. */
interface Which {
  readonly present: string
  readonly id: string
}

/** Takes the material away, and says since when it is gone: whoever was first has the say. `null`: there is no such key. */
const shred = (parts: DataKeyParts, which: Which): Promise<DestroyedKey['at'] | null> =>
  settle(parts, async () => {
    const there = await recordById(parts, which)
    if (there?.record.state !== 'active') return { changes: [], result: there?.record.at ?? null }
    const at = parts.environment.now()
    const { id, category, aside } = there.record
    const named = { id, category, ...(aside !== undefined && { aside }) }
    return { changes: [replaced(there, { ...named, state: 'shredding', at, shredding: at })], result: at }
  })

const replaced = ({ found }: FoundKeyRecord, record: DataKeyRecord): Change => ({
  put: { collection, key: found.key },
  value: record as unknown as JsonValue,
  expect: found.version,
})

/** Removes the lookups under a key that is being shredded, and then says that it was. */
async function end(parts: DataKeyParts, which: Which): Promise<void> {
  let left = true
  while (left) {
    left = await settle(parts, async () => {
      const there = await recordById(parts, which)
      if (there?.record.state !== 'shredding') return { changes: [], result: false }
      const changes = await lookupsUnder(parts, which)
      if (changes.length > 0) return { changes, result: true }
      const { shredding: _, ...record } = there.record
      return { changes: [replaced(there, { ...record, state: 'shredded' })], result: false }
    })
  }
}

/** The changes that remove some of the lookups of what was sealed under a key. */
async function lookupsUnder({ store, tenant }: DataKeyParts, { present, id }: Which): Promise<Change[]> {
  const collection = collections.lookups.name
  const changes: Change[] = []
  for await (const found of store.scan(collection, { prefix: lookupPrefix(tenant, ownerOf(present)) })) {
    if (lookupOf(found).record.key !== id) continue
    changes.push({ remove: { collection, key: found.key }, expect: found.version })
    if (changes.length === batch) break
  }
  return changes
}

async function endDestruction(parts: DataKeyParts): Promise<void> {
  const range = { tenant: parts.tenant, index: 'shredding' }
  for await (const found of parts.store.scan(collection, range))
    await end(parts, { present: presentOf(found.key), id: recordOf(found).id })
}

async function setAside(
  parts: DataKeyParts,
  { subject, aside }: { subject: string; aside: string },
): Promise<Change[]> {
  const changes: Change[] = []
  for await (const { found, record } of recordsOf(parts, await parts.digest('subject', [subject]))) {
    if (record.aside !== undefined) continue
    const at = formerPlace(found.key, record.id)
    const moved = record.state === 'active' ? await rewrapped(parts, { found, record, at }) : record
    const value = { ...moved, aside } as unknown as JsonValue
    changes.push(
      { remove: { collection, key: found.key }, expect: found.version },
      { put: { collection, key: at }, value, expect: 'absent' },
    )
  }
  return changes
}

/** A key of something that must be kept, bound to its new place. */
async function rewrapped(
  parts: DataKeyParts,
  { found, record, at }: FoundKeyRecord<ActiveRecord> & { at: string },
): Promise<ActiveRecord> {
  const material = await materialOf(parts, { found, record })
  return { ...record, ...(await wrappedAt(parts, { at, id: record.id, material })) }
}

async function forget(
  parts: DataKeyParts,
  { subjectDigest, aside }: { subjectDigest: string; aside: string | undefined },
): Promise<Change[]> {
  const changes: Change[] = []
  for await (const { found, record } of recordsOf(parts, subjectDigest)) {
    if (record.state !== 'shredded' || record.aside !== aside) continue
    changes.push({ remove: { collection, key: found.key }, expect: found.version })
  }
  return changes
}
