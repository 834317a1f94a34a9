/**
 * The shell around lists of denials. Each contact of a list is kept as an erasure leaves one: as a denial under the keyed
 * digest of the address, which decisions about whoever uses it obey. People of the register who have the contact get a
 * denial in their own stream as well.
 *
 * Nothing is held but a batch and a number for each contact seen, so memory is bounded. What stands already is not
 * written again: an import that was cut off is done again from the start, and writes what is missing.
 */

import { collections } from '../collections.ts'
import { settle, unlessErased } from '../commit.ts'
import { type Instant, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { parse } from '../parsing.ts'
import type { DenialPurposeOf, Policy } from '../policy/model.ts'
import type { ServiceParts } from '../services.ts'
import type { Change, Versioned } from '../store.ts'
import { tooLarge } from '../values/limits.ts'
import {
  type BanList,
  type BanListFault,
  type BanListReport,
  type BanListTerms,
  type Contact,
  checkDate,
  listParser,
  mostFaults,
  mostRows,
  type Placed,
  placed,
  readRow,
  type Seen,
  seenIn,
  termsParser,
} from './ban-list.ts'
import { type CsvRow, csvReader } from './csv.ts'
import type { Mark, Standing, Statement } from './model.ts'
import type { Recorder } from './recorder.ts'
import { lasts, saysNo } from './stance.ts'
import { contactPlace, putStanding, standingOf } from './standings.ts'
import { statedOf } from './statement.ts'

/** The import of lists of denials. */
export interface BanLists<P extends Policy = Policy> {
  /**
   * What importing a list would do; nothing is written.
   * @throws InvalidInput as {@link BanLists.importBanList}
   */
  previewBanList(list: BanList<DenialPurposeOf<P>>): Promise<BanListReport>
  /**
   * Imports a list: a denial of each purpose under each contact, and in the stream of everybody in the register who has
   * it. What stands already is left; an import that was cut off is done again. Those who were erased are kept out of the
   * register's part, and their address is suppressed like any other.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (list or purpose), `input.too-large` (a row of more than
   *   64 Ki characters, more than 2,000,000 rows); what was read before such a row has been imported
   * @see GDPR 21(3); the policy's `denialLists`
   */
  importBanList(list: BanList<DenialPurposeOf<P>>): Promise<BanListReport>
}

/** Finds people of the register by an address or number. */
export type ContactHolders = (contact: string, holds: 'email' | 'phone') => AsyncIterable<string>

interface Parts extends Omit<ServiceParts, 'standings'> {
  readonly recorder: Recorder
  readonly holders: ContactHolders
}

/** One import, with what it has counted so far. */
interface Run extends Parts {
  readonly id: string
  readonly does: 'preview' | 'import'
  readonly terms: BanListTerms
  readonly csv: BanList['csv']
  /** When a denial from the list ends; absent: never. */
  readonly until: Instant | undefined
  /** Contacts and people seen, each as 52 bits of a digest: for counting only, where two that meet do no harm. */
  readonly seen: Seen
  readonly counts: { -readonly [K in keyof BanListReport]: BanListReport[K] } & {
    readonly faults: { line: number; reason: BanListFault }[]
  }
}

export function createBanLists<P extends Policy>(parts: Parts): BanLists<P> {
  return {
    previewBanList: async (list) => read(runOf(parts, { list, does: 'preview' })),
    importBanList: async (list) => read(runOf(parts, { list, does: 'import' })),
  }
}

function runOf(parts: Parts, { list: given, does }: { list: BanList; does: Run['does'] }): Run {
  const { csv, ...rest } = parse(listParser, given, 'list')
  const terms = parse(termsParser, rest, 'list')
  const { policy, environment } = parts
  checkDate(terms, environment.now())
  for (const [i, purpose] of terms.purposes.entries()) {
    if (Object.hasOwn(policy.purposes, purpose) && policy.purposes[purpose]?.denial !== undefined) continue
    const path = `list.purposes[${i}]`
    throw new InvalidInput('input.not-in-policy', `${path} is no purpose that can be denied`, { path })
  }
  const statement = denialOf(terms, { subject: 'anybody', purpose: terms.purposes[0] ?? '' })
  const { expiresAt: until } = statedOf({ kind: 'denied', statement, policy, now: environment.now() })
  const none = { rows: 0, contacts: 0, duplicates: 0, invalid: 0, known: 0, suppressed: 0, denied: 0 }
  const counts = { ...none, faults: [] }
  return { ...parts, csv, id: newId(environment), does, terms, until, seen: seenIn(), counts }
}

const denialOf = (
  { list, asOf, operator }: BanListTerms,
  { subject, purpose }: { subject: string; purpose: string },
): Statement => ({ subject, purpose, by: 'list-import', list, operator, effectiveAt: asOf })

/** Contacts of one batch; an address takes one change at most, so a batch fits a commit with its ledger entry. */
const batchSize = 200

async function read(run: Run): Promise<BanListReport> {
  let found: { columns: Placed[]; named: boolean } | undefined
  let batch = new Map<string, Contact>()
  for await (const row of rowsOf(run)) {
    const first = found === undefined
    found ??= placed(run.terms, row)
    if (first && found.named) continue
    await addRow(run, { row, columns: found.columns, batch })
    if (batch.size < batchSize) continue
    await write(run, batch)
    batch = new Map()
  }
  if (found === undefined) placed(run.terms, undefined)
  await write(run, batch)
  return run.counts
}

/** @throws InvalidInput `input.invalid` (not UTF-8), `input.too-large` */
async function* rowsOf({ terms, csv }: Run): AsyncIterable<CsvRow> {
  const reader = csvReader(terms.separator ?? ',')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const piece of csv) {
    yield* reader.push(typeof piece === 'string' ? piece : textOf(decoder, piece))
  }
  yield* reader.push(textOf(decoder))
  yield* reader.end()
}

function textOf(decoder: TextDecoder, piece?: Uint8Array): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })
  } catch {
    throw new InvalidInput('input.invalid', 'list.csv is not text in UTF-8', { path: 'list.csv' })
  }
}

async function addRow(
  run: Run,
  { row, columns, batch }: { row: CsvRow; columns: readonly Placed[]; batch: Map<string, Contact> },
): Promise<void> {
  const { terms, counts } = run
  const { contacts, faults } = readRow(row, { columns, callingCode: terms.callingCode })
  if (counts.rows === mostRows) throw tooLarge('list.csv', `must be at most ${mostRows} rows; split it`)
  counts.rows++
  for (const reason of faults) {
    counts.invalid++
    if (counts.faults.length < mostFaults) counts.faults.push({ line: row.line, reason })
  }
  for (const entry of contacts) {
    const at = await contactPlace(run, entry.contact)
    const first = isNew(run, at)
    counts[first ? 'contacts' : 'duplicates']++
    if (first || run.does === 'import') batch.set(at, entry)
  }
}

/** Whether a place was not seen before; it ends in 64 hex digits of a keyed digest. */
const isNew = ({ seen }: Run, place: string): boolean =>
  seen.isNew(Number.parseInt(place.slice(-64, -51), 16))

async function write(run: Run, batch: ReadonlyMap<string, Contact>): Promise<void> {
  run.counts.suppressed += await suppressAll(run, [...batch.keys()])
  for (const { contact, holds } of batch.values()) {
    for await (const subject of run.holders(contact, holds)) await denyAll(run, subject)
  }
}

/** Puts a denial under each of these addresses, where none stands that lasts as long; says under how many. */
function suppressAll(run: Run, places: readonly string[]): Promise<number> {
  const { store, environment } = run
  return settle({ store, environment }, async () => {
    const found = places.length === 0 ? [] : await store.get(collections.standings.name, places)
    const changes = places.flatMap((at, i) => suppression(run, { at, found: found[i] ?? null }))
    const result = changes.length
    if (run.does === 'preview' || result === 0) return { changes: [], result }
    return { changes: [...changes, ...entryOf(run, result)], result }
  })
}

function suppression(
  { terms, until, id }: Run,
  { at, found }: { at: string; found: Versioned | null },
): Change[] {
  const standing = standingOf(found)
  const mark: Mark = {
    event: id,
    sequence: 0,
    at: terms.asOf,
    ...(until !== undefined && { expiresAt: until }),
  }
  const missing = terms.purposes.filter((purpose) => {
    const { denial } = standing.purposes[purpose] ?? {}
    return denial === undefined || !lasts(denial, until)
  })
  if (missing.length === 0) return []
  const said = missing.map((purpose) => [purpose, { ...standing.purposes[purpose], denial: mark }] as const)
  const after: Standing = { ...standing, purposes: { ...standing.purposes, ...Object.fromEntries(said) } }
  return [putStanding({ at, standing: after, found })]
}

const entryOf = ({ ledger, terms, policy, id }: Run, entries: number): Change[] =>
  ledger.changes({
    action: 'consent.listed',
    actor: { role: 'operator', id: terms.operator },
    record: id,
    clause: policy.denialLists?.[terms.list]?.clause ?? '',
    effectiveAt: terms.asOf,
    details: { list: terms.list, entries },
  })

async function denyAll(run: Run, subject: string): Promise<void> {
  const { terms, counts, keys } = run
  const first = isNew(run, await keys.digest('subject', [subject]))
  counts.known += first ? 1 : 0
  if (!first && run.does === 'preview') return
  for (const purpose of terms.purposes) {
    const said = (standing: Standing): boolean => stands(run, { standing, purpose })
    counts.denied += (await deny(run, { subject, purpose, said })) ? 1 : 0
  }
}

const stands = (
  { policy, environment, terms, until }: Run,
  { standing, purpose }: { standing: Standing; purpose: string },
): boolean =>
  saysNo(standing, {
    ...{ policy, purpose, at: environment.now() },
    ...{ kind: 'denied', effectiveAt: terms.asOf, until },
  })

/** Whether a denial was recorded, or would be; of somebody who was erased meanwhile none is. */
async function deny(
  { recorder, terms, does }: Run,
  { said, ...about }: { subject: string; purpose: string; said: (standing: Standing) => boolean },
): Promise<boolean> {
  if (does === 'preview') return (await unlessErased(recorder.isNeeded(about.subject, said))) ?? false
  return (await unlessErased(recorder.record('denied', denialOf(terms, about), said))) !== null
}
