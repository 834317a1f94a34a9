/** A ledger over a memory store that can be looked into, in one process or several. */

import { memoryBacking } from '../../adapters/memory/index.ts'
import type { Act, CheckpointSink, LedgerEntry } from '../../src/ledger/model.ts'
import { enter, type StoredEntry } from '../../src/ledger/rules.ts'
import { createLedger } from '../../src/ledger/service.ts'
import type { JsonValue } from '../../src/store.ts'
import { keysScene } from '../keys/scene.ts'

export const act = (n: number): Act => ({
  action: 'register.saved',
  actor: { role: 'system', id: 'register' },
  record: `record-${n}`,
  clause: 'Personal information',
  details: { n },
})

/** Checkpoints kept in memory, which can be looked at, and be out of reach for a while. */
export function memorySink() {
  const notes: string[] = []
  const state = { reach: 'there' as 'there' | 'gone' }
  const reached = (): void => {
    if (state.reach === 'gone') throw new Error('the disk of jane.doe@example.com is full')
  }
  const sink: CheckpointSink = {
    async put({ note }) {
      reached()
      notes.push(note)
    },
    async last() {
      reached()
      return [...notes].sort((one, other) => sizeIn(one) - sizeIn(other)).at(-1) ?? null
    },
  }
  return { sink, notes, state }
}

const sizeIn = (note: string): number => Number(note.split('\n')[1])

/** One process with the ledger of a tenant. */
export function ledgerScene({
  tenant = 'pilvi',
  sink,
  ...options
}: { tenant?: string; sink?: CheckpointSink } & Parameters<typeof keysScene>[0] = {}) {
  const backing = options.backing ?? memoryBacking()
  const scene = keysScene({ ...options, backing })
  const { environment, store } = scene
  const origin = `pilvi-privacy/pilvi/${tenant}`
  const ledger = createLedger(tenant, { store, environment, keys: scene.tenant(tenant), origin, sink })

  /** Records so many acts, each in a commit and a millisecond of its own. */
  async function record(count: number, from = 1): Promise<void> {
    for (let n = from; n < from + count; n++) {
      environment.advance(1)
      await store.commit(ledger.changes(act(n)))
    }
  }

  /** Records and sequences. */
  async function sequenced(count: number, from = 1): Promise<void> {
    await record(count, from)
    await ledger.sequence()
  }

  async function entries(): Promise<LedgerEntry[]> {
    const found: LedgerEntry[] = []
    for await (const entry of ledger.list()) found.push(entry)
    return found
  }

  const raw = rawLedger(backing, tenant)
  return { ...scene, origin, ledger, record, sequenced, entries, raw }
}

/** What lies in the store, to be changed beside its verbs. */
function rawLedger(backing: ReturnType<typeof memoryBacking>, tenant: string) {
  const at = `${tenant}/ledger`
  const stream = () => {
    const found = backing.streams.get('ledger')?.get(at)
    if (found === undefined) throw new Error('there is no ledger')
    return found
  }
  const read = (): StoredEntry[] => stream().entries.map(({ json }) => JSON.parse(json) as StoredEntry)

  /** Puts these in the place of all entries, numbered anew. */
  const write = (values: readonly JsonValue[]): void => {
    const entries = values.map((value, i) => ({ sequence: i + 1, id: `e${i}`, json: JSON.stringify(value) }))
    if (entries.length === 0) backing.streams.get('ledger')?.delete(at)
    else backing.streams.get('ledger')?.set(at, { entries, ids: new Map() })
  }

  const head = (): JsonValue => JSON.parse(backing.records.get('heads')?.rows.get(at)?.json ?? 'null')
  const writeHead = (value: JsonValue | undefined): void => {
    const rows = backing.records.get('heads')?.rows
    backing.version += 1
    if (value === undefined) rows?.delete(at)
    else rows?.set(at, { version: backing.version, json: JSON.stringify(value) })
  }
  return { stream, read, write, head, writeHead }
}

/** The same acts with every hash that is stored with them made to fit, as whoever rewrites a store would. */
export function rechained(
  entries: readonly StoredEntry[],
  start: Parameters<typeof enter>[0],
): { entries: StoredEntry[]; frontier: Parameters<typeof enter>[0] } {
  let frontier = start
  const made = entries.map(({ bytes }) => {
    const { sequence: _, ...waiting } = JSON.parse(bytes) as LedgerEntry
    const entered = enter(frontier, waiting)
    frontier = entered.frontier
    return entered.entry
  })
  return { entries: made, frontier }
}
