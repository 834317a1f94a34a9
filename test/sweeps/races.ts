/**
 * Rounds in which many writers expect the same of one record and of one stream. In each round one of them wins, and
 * what the winner wrote is there; in the end the stream has an entry a round, without gap or fork.
 */

import type { PrivacyError } from '../../src/errors.ts'
import type { Change, Collection, Store, Versioned } from '../../src/store.ts'

export const raceCollections: readonly Collection[] = [
  { name: 'race_records', kind: 'records', indexes: {} },
  { name: 'race_streams', kind: 'streams', indexes: {} },
]

/** What the rounds came to. */
export interface RaceReport {
  readonly rounds: number
  readonly commits: number
  /** Rounds that did not have one winner whose value is there, and gaps and forks of the stream: in words. */
  readonly faults: readonly string[]
  /** Code -> how many of the losers were told so. */
  readonly told: Readonly<Record<string, number>>
}

/** Races, with a writer for each of `stores`. */
export async function race(
  stores: readonly Store[],
  { tenant, rounds }: { readonly tenant: string; readonly rounds: number },
): Promise<RaceReport> {
  const [first] = stores as readonly [Store]
  const record = { collection: 'race_records', key: `${tenant}/record` }
  const stream = { collection: 'race_streams', key: `${tenant}/stream` }
  const faults: string[] = []
  const told: Record<string, number> = {}
  const now = async ({ collection, key }: typeof record): Promise<Versioned | null> =>
    (await first.get(collection, [key]))[0] ?? null

  async function contest(
    what: string,
    changeOf: (writer: number) => Change,
    at: typeof record,
  ): Promise<void> {
    const ends = await Promise.all(stores.map((store, i) => outcome(store.commit([changeOf(i)]))))
    const winners = ends.flatMap((end, i) => (end === 'done' ? [i] : []))
    for (const end of ends) if (end !== 'done') told[end] = (told[end] ?? 0) + 1
    const there = (await now(at))?.value
    if (winners.length !== 1) faults.push(`${what}: ${winners.length} winners`)
    else if (there !== `${what} ${winners[0]}`) faults.push(`${what}: ${there} is there`)
  }

  for (let n = 1; n <= rounds; n++) {
    const expect = (await now(record))?.version ?? 'absent'
    await Promise.all([
      contest(`record ${n}`, (i) => ({ put: record, value: `record ${n} ${i}`, expect }), record),
      contest(
        `stream ${n}`,
        (i) => ({ append: stream, id: `${n}-${i}`, value: `stream ${n} ${i}`, expect: n }),
        stream,
      ),
    ])
  }
  const sequences: number[] = []
  for await (const { version } of first.scan(stream.collection, { stream: stream.key }))
    sequences.push(version)
  if (sequences.length !== rounds || sequences.some((each, i) => each !== i + 1)) {
    faults.push(`the stream has ${sequences.length} entries, up to ${sequences.at(-1)}`)
  }
  return { rounds, commits: 2 * rounds * stores.length, faults, told }
}

const outcome = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'done',
    (error: PrivacyError) => error.code,
  )
