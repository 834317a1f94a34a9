/**
 * A commit in MongoDB. One change to a record is one operation on one document, whose filter is the expectation.
 * Everything else is a session transaction on a snapshot, which first takes the changes at their word: each is written
 * with its expectation as the filter, and where all of them hold, nothing had to be read. Where one does not, all is
 * undone and begun anew: what is stored is read and judged, so that it is known which one failed, or that an append
 * took place already. Whoever else writes one of these documents meanwhile makes the server undo one of the two,
 * which is then judged by what the other left.
 *
 * A change to a stream is always a transaction, because it is two documents: the entry, and the stream's head, which
 * is what changes to one stream meet at. Without the head, an append could not know that what it follows was dropped
 * meanwhile.
 */

import type { Change } from '../../src/store.ts'
import { tenantOf } from '../../src/values/key.ts'
import { conflict, type Entry, judge, type Placed, type Present, type Verdict } from '../expectations.ts'
import { byCollection } from '../groups.ts'
import type { Attempt } from '../retry.ts'
import type { Connection } from './connection.ts'
import { carried, carry, entryId, firstVersion } from './documents.ts'
import type { Doc, MongoSession } from './driver.ts'
import { isDuplicate } from './failures.ts'
import type { Names } from './names.ts'

type Append = Pick<Extract<Change, { readonly append: unknown }>, 'id' | 'expect'>

/** What the parts of a commit work with. */
interface Work {
  readonly connection: Connection
  readonly name: Names
  readonly session: MongoSession
}

/** @throws Conflict `conflict.version`, StoreFailure */
export async function commit(connection: Connection, name: Names, changes: readonly Placed[]): Promise<void> {
  const [only] = changes
  if (only !== undefined && changes.length === 1 && only.collection.kind === 'records') {
    if (!(await changeRecord(connection, name, only))) throw conflict(only)
    return
  }
  let attempts = 0
  await connection.transaction((session) => {
    const change = attempts++ === 0 ? changeAsExpected : changeAll
    return change({ connection, name, session }, changes)
  })
}

/** Says whether the expectation held. */
async function changeRecord(
  connection: Connection,
  name: Names,
  { change, collection, key, json }: Placed,
): Promise<boolean> {
  const records = connection.collection(name.of(collection.name))
  if (json === null) {
    const gone = await connection.write(() => records.deleteOne({ _id: key, version: change.expect }))
    return gone.deletedCount === 1
  }
  if (change.expect === 'absent') {
    const insert = (): Promise<boolean> => records.insertOne(newRecord(key, json)).then(() => true)
    return connection.write(insert, (error) => (isDuplicate(error) ? false : undefined))
  }
  const { filter, update } = replacement(key, change.expect, json)
  return (await connection.write(() => records.updateOne(filter, update))).matchedCount === 1
}

/** A record that is made. */
export const newRecord = (key: string, json: string): Doc => ({
  _id: key,
  tenant: tenantOf(key),
  version: firstVersion(),
  ...carry(json),
})

/** An entry that is made. */
export const newEntry = (key: string, { id, expect }: Append, json: string): Doc => ({
  _id: entryId(key, id),
  key,
  sequence: expect,
  id,
  json,
})

const replacement = (key: string, version: number, json: string): { filter: Doc; update: Doc } => ({
  filter: { _id: key, version },
  update: { $set: { version: version + 1, ...carry(json) } },
})

const otherwise: Attempt<never> = { undone: new Error('it is not as expected') }

/** Writes without reading, as if all expectations held; their filters tell whether they do. */
async function changeAsExpected(work: Work, changes: readonly Placed[]): Promise<Attempt<undefined>> {
  const versions = new Map<string, number>()
  const heads = new Map<string, number>()
  for (const { change, collection, key } of changes) {
    const place = `${collection.name} ${key}`
    if (collection.kind === 'records') {
      if (change.expect !== 'absent') versions.set(place, change.expect)
    } else if (!heads.has(place)) heads.set(place, Number(change.expect) - ('append' in change ? 1 : 0))
  }
  // They can contradict each other without anything being read.
  const { failed } = judge(changes, presentOf({ versions, heads, entries: new Map() }))
  return failed === null ? write(work, { changes, heads }) : otherwise
}

async function changeAll(work: Work, changes: readonly Placed[]): Promise<Attempt<undefined>> {
  const heads = await headsOf(work, changes)
  const { failed, repeated } = await judged(work, changes, heads)
  if (failed !== null) throw conflict(failed)
  return write(work, { changes: changes.filter((each) => !repeated.has(each.place)), heads })
}

async function write(work: Work, { changes, heads }: Writing): Promise<Attempt<undefined>> {
  for (const group of byCollection(changes)) {
    const { kind, name } = group[0].collection
    const write = kind === 'records' ? writeRecords : writeStreams
    if (!(await write(work, name, { changes: group, heads }))) return otherwise
  }
  return { done: undefined }
}

const find = (
  { connection, session }: Work,
  collection: string,
  query: { readonly ids: readonly string[]; readonly projection?: Doc },
): Promise<Doc[]> => {
  const options = { session, ...(query.projection && { projection: query.projection }) }
  return connection
    .collection(collection)
    .find({ _id: { $in: query.ids } }, options)
    .toArray()
}

/** Collection and key of a stream -> its last sequence number. */
async function headsOf(work: Work, changes: readonly Placed[]): Promise<ReadonlyMap<string, number>> {
  const heads = new Map<string, number>()
  for (const group of byCollection(changes)) {
    const { name: collection, kind } = group[0].collection
    if (kind !== 'streams') continue
    const ids = [...new Set(group.map((each) => each.key))]
    for (const head of await find(work, work.name.heads(collection), { ids })) {
      heads.set(`${collection} ${head['_id']}`, Number(head['last']))
    }
  }
  return heads
}

async function judged(
  work: Work,
  changes: readonly Placed[],
  heads: ReadonlyMap<string, number>,
): Promise<Verdict> {
  const versions = new Map<string, number>()
  const entries = new Map<string, Entry>()
  for (const group of byCollection(changes)) {
    const { name: collection, kind } = group[0].collection
    const at = work.name.of(collection)
    if (kind === 'records') {
      const ids = group.map((each) => each.key)
      for (const doc of await find(work, at, { ids, projection: { version: 1 } })) {
        versions.set(`${collection} ${doc['_id']}`, Number(doc['version']))
      }
      continue
    }
    const ids = group.flatMap(({ change, key }) => ('append' in change ? [entryId(key, change.id)] : []))
    for (const doc of ids.length === 0 ? [] : await find(work, at, { ids })) {
      const json = JSON.stringify(carried(doc))
      entries.set(`${collection} ${doc['_id']}`, { sequence: Number(doc['sequence']), json })
    }
  }
  return judge(changes, presentOf({ versions, heads, entries }))
}

/** What is stored, by collection and key, or collection and id of an entry. */
const presentOf = (found: {
  readonly versions: ReadonlyMap<string, number>
  readonly heads: ReadonlyMap<string, number>
  readonly entries: ReadonlyMap<string, Entry>
}): Present => ({
  version: (collection, key) => found.versions.get(`${collection} ${key}`),
  head: (collection, key) => found.heads.get(`${collection} ${key}`) ?? 0,
  entry: (collection, key, id) => found.entries.get(`${collection} ${entryId(key, id)}`),
})

/** What is written, and where its streams stand. */
interface Writing {
  readonly changes: readonly Placed[]
  readonly heads: ReadonlyMap<string, number>
}

/** Says whether every operation found what it was judged by. */
async function writeAll(work: Work, collection: string, operations: readonly Doc[]): Promise<boolean> {
  const { connection, session } = work
  const done = await connection.collection(collection).bulkWrite(operations, { session })
  return done.insertedCount + done.matchedCount + done.deletedCount === operations.length
}

function writeRecords(work: Work, collection: string, { changes }: Writing): Promise<boolean> {
  const operations = [...changes]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ change, key, json }): Doc => {
      if (json === null) return { deleteOne: { filter: { _id: key, version: change.expect } } }
      if (change.expect === 'absent') return { insertOne: { document: newRecord(key, json) } }
      return { updateOne: replacement(key, change.expect, json) }
    })
  return writeAll(work, work.name.of(collection), operations)
}

async function writeStreams(work: Work, collection: string, of: Writing): Promise<boolean> {
  const { connection, name, session } = work
  const keys = [...new Set(of.changes.map((each) => each.key))].sort()
  const heads = keys.map((key): Doc => {
    const mine = of.changes.filter((each) => each.key === key)
    return moveHead(key, of.heads.get(`${collection} ${key}`) ?? 0, mine)
  })
  if (!(await writeAll(work, name.heads(collection), heads))) return false
  const entries = connection.collection(name.of(collection))
  for (const { change, key } of of.changes) {
    if ('remove' in change) await entries.deleteMany({ key, sequence: { $lte: change.through } }, { session })
  }
  const docs = of.changes.flatMap(({ change, key, json }): Doc[] =>
    'append' in change && json !== null ? [newEntry(key, change, json)] : [],
  )
  if (docs.length > 0) await entries.insertMany(docs, { session })
  return true
}

/** Every change to a stream writes its head, also where the last sequence number stays: that is what they meet at. */
function moveHead(key: string, last: number, changes: readonly Placed[]): Doc {
  const after = Math.max(last, ...changes.map(({ change }) => ('append' in change ? change.expect : 0)))
  if (last === 0) return { insertOne: { document: { _id: key, last: after, changes: 1 } } }
  const filter = { _id: key, last }
  const emptied = changes.some(({ change }) => 'remove' in change && change.through === after)
  if (emptied) return { deleteOne: { filter } }
  return { updateOne: { filter, update: { $set: { last: after }, $inc: { changes: 1 } } } }
}
