/**
 * A server that is killed and started again under load, and what became of what it acknowledged. Each worker has a
 * record, a stream and visits that nobody else writes, so that it knows what has to be there: what was acknowledged
 * is (nothing lost), once (nothing doubled); what was said not to have been done is not there (nothing hidden); and
 * what was left open can be told by reading.
 */

import { type PrivacyError, StoreFailure } from '../../src/errors.ts'
import type { Change, Collection, Store, StoredVisit } from '../../src/store.ts'
import { until } from '../servers/ports.ts'

export const restartCollections: readonly Collection[] = [
  { name: 'load_records', kind: 'records', indexes: {} },
  { name: 'load_streams', kind: 'streams', indexes: {} },
]

/** A server that can be killed. */
export interface Killable {
  kill(): Promise<void>
  restart(): Promise<void>
}

/** A store, and how to end what it works through. */
export interface Opened {
  readonly store: Store
  close(): Promise<void>
}

/** What the restarts came to. */
export interface RestartReport {
  readonly restarts: number
  /** Commits and batches of visits that were acknowledged. */
  acknowledged: number
  /** Those whose outcome was left open; and of them, those that had taken place. */
  open: number
  tookPlace: number
  /** Those that were refused because the server was away. */
  unavailable: number
  /** Acknowledged and missing. */
  lost: number
  /** There more than once, or at two numbers. */
  doubled: number
  /** There, but said not to have been done. */
  hidden: number
  /** How often a driver did not answer at all, so that its client was closed and another one opened. */
  reopened: number
  /** Anything else that was told, which should be nothing. */
  readonly others: string[]
}

/** How long a call may take, in milliseconds, before its driver counts as stuck. */
const patience = 15_000

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** Kills and restarts, so many times, while so many workers commit, each through a store of its own. */
export async function restartUnderLoad(
  server: Killable,
  of: { open(): Opened; readonly workers: number; readonly times: number },
): Promise<RestartReport> {
  const report: RestartReport = {
    ...{ restarts: of.times, acknowledged: 0, open: 0, tookPlace: 0, unavailable: 0 },
    ...{ lost: 0, doubled: 0, hidden: 0, reopened: 0, others: [] },
  }
  let state: 'running' | 'ending' = 'running'
  const workers = Array.from({ length: of.workers }, async (_, i) => {
    const worker = new Worker(of.open, { tenant: `w${i}`, report })
    while (state === 'running') await worker.step()
    await worker.verify()
  })
  for (let n = 0; n < of.times; n++) {
    // In the middle of things: when much has been acknowledged since the last time, and then a little later.
    const enough = report.acknowledged + 10 * of.workers
    await until(4 * patience, async () => report.acknowledged >= enough)
    await pause(7 * (n % 11))
    await server.kill()
    await server.restart()
  }
  state = 'ending'
  await Promise.all(workers)
  return report
}

/** Counts: the record holds the number, the stream an entry and the log a visit for each. */
class Worker {
  readonly #open: () => Opened
  readonly #tenant: string
  readonly #report: RestartReport
  #opened: Opened
  #count = 0
  #version: number | 'absent' = 'absent'
  #visits = 0

  constructor(open: () => Opened, of: { readonly tenant: string; readonly report: RestartReport }) {
    this.#open = open
    this.#opened = open()
    this.#tenant = of.tenant
    this.#report = of.report
  }

  get #store(): Store {
    return this.#opened.store
  }

  get #record() {
    return { collection: 'load_records', key: `${this.#tenant}/record` }
  }

  get #stream() {
    return { collection: 'load_streams', key: `${this.#tenant}/stream` }
  }

  /** One commit, of one change or of two, and one batch of visits. */
  async step(): Promise<void> {
    const next = this.#count + 1
    const append: Change = { append: this.#stream, id: `${next}`, value: next, expect: next }
    const put: Change = { put: this.#record, value: next, expect: this.#version }
    const end = await this.#told(() => this.#store.commit(next % 3 === 0 ? [append] : [put, append]))
    const stands = await this.#again(() => this.#store.get(this.#stream.collection, [this.#stream.key]))
    const took = (stands[0]?.version ?? 0) === next
    if (end === 'done' && !took) this.#report.lost++
    if (end === 'unavailable' && took) this.#report.hidden++
    if (end === 'open' && took) this.#report.tookPlace++
    if (took) this.#count = next
    const [record] = await this.#again(() => this.#store.get(this.#record.collection, [this.#record.key]))
    this.#version = record?.version ?? 'absent'
    await this.#keep()
  }

  /** Appended again until it is acknowledged, which doubles nothing. */
  async #keep(): Promise<void> {
    const visits = [1, 2, 3].map((n) => this.#visit(this.#visits + n))
    for (;;) {
      const end = await this.#told(() => this.#store.visits.append(this.#tenant, visits))
      if (end === 'done') break
      await pause(20)
    }
    this.#visits += visits.length
  }

  #visit(n: number): StoredVisit {
    const at = new Date(Date.UTC(2026, 10, 20 + (n % 3), 0, 0, 0, n)).toISOString()
    return { id: `v${n}`, at, session: `s${n}`, ip: null, host: null, source: null }
  }

  async verify(): Promise<void> {
    const entries: unknown[] = []
    for await (const { value } of this.#store.scan(this.#stream.collection, { stream: this.#stream.key })) {
      entries.push(value)
    }
    this.#compare(
      entries,
      Array.from({ length: this.#count }, (_, i) => i + 1),
    )
    const ids: string[] = []
    const range = { from: '2026-01-01T00:00:00.000Z', before: '2027-01-01T00:00:00.000Z' }
    for await (const batch of this.#store.visits.read(this.#tenant, range)) {
      ids.push(...batch.map(({ id }) => id))
    }
    this.#compare(
      ids,
      Array.from({ length: this.#visits }, (_, i) => `v${i + 1}`),
    )
    const [record] = await this.#store.get(this.#record.collection, [this.#record.key])
    const last = this.#count % 3 === 0 ? this.#count - 1 : this.#count
    if ((record?.value ?? 0) !== Math.max(0, last)) this.#report.lost++
    await this.#opened.close()
  }

  #compare(found: readonly unknown[], given: readonly unknown[]): void {
    const [there, expected] = [new Set(found), new Set(given)]
    this.#report.lost += given.filter((each) => !there.has(each)).length
    this.#report.doubled += found.length - there.size
    this.#report.hidden += [...there].filter((each) => !expected.has(each)).length
  }

  async #told(work: () => Promise<void>): Promise<'done' | 'open' | 'unavailable'> {
    try {
      await this.#answered(work)
      this.#report.acknowledged++
      return 'done'
    } catch (error) {
      const { code } = error as PrivacyError
      if (code === 'store.unavailable') {
        this.#report.unavailable++
        return 'unavailable'
      }
      this.#report.open++
      if (code !== 'store.outcome-unknown') this.#report.others.push(code)
      return 'open'
    }
  }

  /** Reads as often as it takes. */
  async #again<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#answered(read)
      } catch {
        await pause(20)
      }
    }
  }

  /** Closing a client ends what it still waits for: nothing is sent after it was given up. */
  async #answered<T>(work: () => Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patience)
    })
    const answer = work().then((value) => ({ value }))
    const first = await Promise.race([answer, late]).finally(() => clearTimeout(timer))
    if (first !== 'late') return first.value
    answer.catch(() => {})
    this.#report.reopened++
    await this.#opened.close()
    this.#opened = this.#open()
    throw new StoreFailure('store.outcome-unknown', 'no answer')
  }
}
