/**
 * Copies all that one store keeps into another, whatever the two are: for a move to another provider, and for a second
 * place. All tenants, the library's own included; records get new versions, entries keep their numbers and ids.
 *
 * It holds that: nothing is written before the target was seen to hold nothing that the source does not; a copy that
 * was interrupted is begun again by the same call, and writes what is missing; and it ends by reading both sides anew
 * and comparing their digests, so that what went wrong on the way, and a source that was written to meanwhile, are
 * told. It migrates nothing.
 */

import { IntegrityFailure, InvalidInput, StoreFailure } from '../errors.ts'
import type { Collection, Store } from '../store.ts'
import { merge, type Walked } from './merge.ts'
import { rowsOf } from './reading.ts'
import { type CopyRow, sectionsOf } from './rows.ts'
import { differing, type StoreTally, Tally } from './tally.ts'

/** How a copy is checked in the end. */
export interface CopyOptions {
  /**
   * `digest`: reads both sides again and compares all that they hold, but for versions of records. `none`: trusts what
   * the target acknowledged. `digest`, if not given.
   */
  readonly verify?: 'digest' | 'none'
}

/** What was copied. */
export interface CopyReport extends StoreTally {
  /** How many rows the target lacked. */
  readonly written: number
  readonly verified: 'digest' | 'none'
}

/** How far a copy has come. `rows` counts those of the phase; `report` comes last. */
export type CopyStep =
  | { readonly phase: 'looking' | 'copying' | 'verifying'; readonly section: string; readonly rows: number }
  | { readonly phase: 'done'; readonly report: CopyReport }

/**
 * Copies all that `from` keeps into `to`. Call it again after an interruption.
 * @throws InvalidInput `input.invalid`: the two keep different collections
 * @throws StoreFailure `store.not-migrated`, `store.unsupported`, and what the stores throw
 * @throws Conflict `conflict.state`: `to` holds what `from` does not
 * @throws IntegrityFailure `copy.differs`: the two are not the same in the end
 */
export const copyStore = (from: Store, to: Store, options: CopyOptions = {}): Promise<CopyReport> =>
  reportOf(copySteps(from, to, options))

/** The same, step by step: nothing happens but while it is iterated over. */
export async function* copySteps(
  from: Store,
  to: Store,
  { verify = 'digest' }: CopyOptions = {},
): AsyncGenerator<CopyStep> {
  if (verify !== 'digest' && verify !== 'none') {
    throw new InvalidInput('input.invalid', 'verify must be digest or none', { path: 'verify' })
  }
  await checkMigrated(from)
  await checkMigrated(to)
  checkCollections(from.bulk.collections, to)
  const sections = sectionsOf(to.bulk.collections)
  yield* steps('looking', merge(rowsOf(from), { held: rowsOf(to), to, act: 'look' }))
  const copied = new Tally(sections)
  const walk = merge(tallied(rowsOf(from), copied), { held: rowsOf(to), to, act: 'write' })
  const written = yield* steps('copying', walk)
  const report = { ...copied.end(), written, verified: verify }
  if (verify === 'digest') yield* verified(from, to, report)
  yield { phase: 'done', report }
}

/** Reads both sides anew, side by side. */
async function* verified(from: Store, to: Store, report: CopyReport): AsyncGenerator<CopyStep> {
  const now = new Tally(sectionsOf(from.bulk.collections))
  yield* beside(sameInTarget(to, report), tallied(rowsOf(from), now))
  const changed = differing(report, now.end())
  if (changed !== null) throw differs(changed, 'the source was written to while it was copied')
}

/** Gives what `one` gives, and walks `other` in step with it; leaving it, or the failure of either, ends both. */
async function* beside<T>(one: AsyncGenerator<T>, other: AsyncGenerator<unknown>): AsyncGenerator<T> {
  try {
    for (let ended = false; !ended; ) {
      const [next, read] = await Promise.all([one.next(), other.next()])
      if (!next.done) yield next.value
      ended = next.done === true && read.done === true
    }
  } finally {
    // What goes wrong while they end is not told: what ended them is.
    await Promise.allSettled([one.return(undefined), other.return(undefined)])
  }
}

/** Reads the target and holds it against what was copied. @throws IntegrityFailure `copy.differs` */
export async function* sameInTarget(to: Store, copied: StoreTally): AsyncGenerator<CopyStep> {
  const tally = new Tally(sectionsOf(to.bulk.collections))
  let rows = 0
  for await (const batch of tallied(rowsOf(to), tally)) {
    rows += batch.length
    yield { phase: 'verifying', section: batch[0]?.section ?? '', rows }
  }
  const section = differing(copied, tally.end())
  if (section !== null) throw differs(section, 'the target is not what was copied')
}

const differs = (section: string, says: string): IntegrityFailure =>
  new IntegrityFailure('copy.differs', `${section}: ${says}`, { path: section })

/** What steps end with. */
export async function reportOf(of: AsyncIterable<CopyStep>): Promise<CopyReport> {
  for await (const step of of) if (step.phase === 'done') return step.report
  throw new IntegrityFailure('copy.differs', 'the copy came to no end')
}

/** Gives the steps of a walk, and in the end how many rows were written. */
export async function* steps(
  phase: 'looking' | 'copying',
  walk: AsyncIterable<Walked>,
): AsyncGenerator<CopyStep, number> {
  let written = 0
  for await (const walked of walk) {
    written = walked.written
    yield { phase, section: walked.section, rows: walked.rows }
  }
  return written
}

/** The rows, counted and digested as they go by. */
export async function* tallied(rows: AsyncIterable<CopyRow[]>, tally: Tally): AsyncGenerator<CopyRow[]> {
  for await (const batch of rows) {
    tally.add(batch)
    yield batch
  }
}

/** @throws StoreFailure `store.not-migrated`, `store.unsupported` */
export async function checkMigrated(store: Store): Promise<void> {
  const { steps: left, blocked } = await store.migrate.plan()
  if (blocked.length > 0) {
    throw new StoreFailure('store.unsupported', `${store.name} cannot be migrated: ${blocked.join('; ')}`)
  }
  if (left.length > 0) throw new StoreFailure('store.not-migrated', `migrate the ${store.name} store first`)
}

/** What is copied must have a place. @throws InvalidInput `input.invalid` */
export function checkCollections(copied: readonly Pick<Collection, 'name' | 'kind'>[], to: Store): void {
  const kinds = new Map(to.bulk.collections.map((each) => [each.name, each.kind]))
  for (const { name, kind } of copied) {
    if (kinds.get(name) === kind) continue
    throw new InvalidInput('input.invalid', `the target keeps no ${kind} ${name}`, { path: name })
  }
}
