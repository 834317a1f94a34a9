/**
 * A commit in PostgreSQL. One change is one statement. Several are one transaction at READ COMMITTED, collection by
 * collection in order of their names, so that no two commits wait for each other in a circle. All of them are tried,
 * also after one has failed, because the one that is named is the first in the caller's order; then all is undone.
 */

import { compareBytes } from '../../src/values/text.ts'
import { conflict, type Placed } from '../expectations.ts'
import { byCollection, type Group } from '../groups.ts'
import type { Attempt } from '../retry.ts'
import type { Connection } from './connection.ts'
import type { Query } from './driver.ts'
import { changeRecord, changeRecords, type Outcome } from './records.ts'
import type { Names } from './schema.ts'
import { changeStream, changeStreams } from './streams.ts'

/** @throws Conflict `conflict.version`, StoreFailure */
export async function commit(connection: Connection, name: Names, changes: readonly Placed[]): Promise<void> {
  const [only] = changes
  if (only === undefined || changes.length > 1) {
    await connection.transaction((query) => changeAll(query, name, byCollection(changes)))
  } else if (!(await changeOne(connection.write, name, only))) throw conflict(only)
}

const changeOne = (query: Query, name: Names, change: Placed): Promise<boolean> =>
  (change.collection.kind === 'records' ? changeRecord : changeStream)(query, name, change)

/** So many records are changed by fewer statements one by one than together. */
const few = 3

/** In order of keys, as all who lock several rows. */
async function changeInTurn(query: Query, name: Names, group: Group): Promise<Outcome> {
  let failed: Placed | null = null
  for (const each of [...group].sort((a, b) => compareBytes(a.key, b.key))) {
    const holds = await changeRecord(query, name, each)
    if (!holds && (failed === null || each.place < failed.place)) failed = each
  }
  return { failed }
}

async function changeGroup(query: Query, name: Names, group: Group): Promise<Outcome> {
  const [first, ...more] = group
  if (more.length === 0) return { failed: (await changeOne(query, name, first)) ? null : first }
  if (first.collection.kind === 'records' && group.length <= few) return changeInTurn(query, name, group)
  return (first.collection.kind === 'records' ? changeRecords : changeStreams)(query, name, group)
}

/** Throws the conflict of what fails first in the caller's order, which undoes all. */
async function changeAll(query: Query, name: Names, all: readonly Group[]): Promise<Attempt<undefined>> {
  let first: Placed | null = null
  for (const group of all) {
    const outcome = await changeGroup(query, name, group)
    if ('raced' in outcome) return { undone: new Error('somebody came between') }
    if (outcome.failed !== null && (first === null || outcome.failed.place < first.place))
      first = outcome.failed
  }
  if (first !== null) throw conflict(first)
  return { done: undefined }
}
