/**
 * Dumps: all that a store keeps as lines of JSON (dump-lines.ts), for a backup, and back again. The lines are in clear:
 * `encryptDump` of `@pilvi/privacy/age` encrypts them on their way to a file, `decryptDump` opens them on the way back.
 *
 * A dump that was cut off or altered is refused with `record.corrupt`: by {@link checkDump} before anything is
 * written, by {@link restoreStore} before it counts as restored.
 */

import { IntegrityFailure, InvalidInput } from '../errors.ts'
import type { Store } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import {
  type CopyReport,
  type CopyStep,
  checkCollections,
  checkMigrated,
  reportOf,
  sameInTarget,
  steps,
  tallied,
} from './copy.ts'
import { type Dump, type DumpSource, dumpFormat, lastLine, openDump } from './dump-lines.ts'
import { merge, type Walked } from './merge.ts'
import { rowsOf } from './reading.ts'
import { sectionsOf } from './rows.ts'
import { type StoreTally, Tally } from './tally.ts'

/**
 * The lines of a dump, each with its line feed.
 * @throws StoreFailure `store.not-migrated`, `store.unsupported`, and what the store throws
 */
export async function* dumpStore(store: Store): AsyncGenerator<string> {
  await checkMigrated(store)
  const collections = store.bulk.collections.map(({ name, kind }) => ({ name, kind }))
  yield `${canonical({ ...dumpFormat, collections })}\n`
  const tally = new Tally(sectionsOf(store.bulk.collections))
  for await (const batch of tallied(rowsOf(store), tally)) for (const { line } of batch) yield `${line}\n`
  yield `${lastLine(tally.end())}\n`
}

/**
 * Makes in `store` what a dump holds, and compares digests in the end. Call it again after an interruption.
 * @param source lines, or bytes as they come from a file
 * @throws IntegrityFailure `record.corrupt`: cut off or altered; what came before it is in the store. `copy.differs`
 * @throws Conflict `conflict.state`: the store holds what the dump does not; InvalidInput, StoreFailure as `copyStore`;
 * whatever `source` throws
 */
export const restoreStore = (source: DumpSource, store: Store): Promise<CopyReport> =>
  reportOf(restoreSteps(source, store))

/** The same, step by step: nothing happens but while it is iterated over. */
export async function* restoreSteps(source: DumpSource, store: Store): AsyncGenerator<CopyStep> {
  const dump = await opened(source, store)
  const written = yield* steps('copying', walk(dump, store, 'write'))
  const report: CopyReport = { ...dump.tally.end(), written, verified: 'digest' }
  yield* sameInTarget(store, report)
  yield { phase: 'done', report }
}

/**
 * Reads a dump to its end and holds it against `store`, and writes nothing: whether it can be restored there.
 * @throws as {@link restoreStore}
 */
export async function checkDump(source: DumpSource, store: Store): Promise<StoreTally> {
  const dump = await opened(source, store)
  for await (const _ of walk(dump, store, 'read'));
  return dump.tally.end()
}

async function opened(source: DumpSource, store: Store): Promise<Dump> {
  await checkMigrated(store)
  const dump = await openDump(source)
  try {
    checkCollections(dump.collections, store)
    return dump
  } catch (error) {
    await dump.close()
    throw error
  }
}

async function* walk(dump: Dump, to: Store, act: 'write' | 'read'): AsyncGenerator<Walked> {
  try {
    yield* merge(dump.rows, { held: rowsOf(to), to, act })
  } catch (error) {
    // What a store refuses was not taken from one.
    if (!(error instanceof InvalidInput)) throw error
    throw new IntegrityFailure('record.corrupt', `the dump holds what no store does: ${error.message}`, {
      cause: error,
    })
  } finally {
    await dump.close()
  }
}
