/**
 * Carrying out an erasure: tombstone first, then source by source, then the keys, then a read-back, and only when
 * that finds nothing a signed receipt.
 *
 * Every step may be cut off and done again. What must be kept is written down, with its dates, before the step that
 * erases the rest of its row. The tombstone comes first so that nothing new about the person can arrive meanwhile.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { Conflict } from '../errors.ts'
import { todayOf, tombstoneOf } from '../retention/rules.ts'
import type { Source } from '../source.ts'
import type { Change, JsonValue } from '../store.ts'
import { key } from '../values.ts'
import type { KeptRow, Report, RightsRequest } from './model.ts'
import { type RequestParts, type RequestStore, refuseResidue } from './record.ts'
import { next } from './rules.ts'
import { anonymous } from './source.ts'
import { identityOf, type Judged, judged } from './walk.ts'

const actor = { role: 'system', id: 'requests' } as const
export const receiptType = 'pilvi-erasure-receipt+jws'

/** Makes the part of requests that erases. */
export function createErasure(
  { tenant, policy, store, environment, keys, standings, sources }: RequestParts,
  requests: RequestStore,
): { run(request: RightsRequest): Promise<Report> } {
  const where = (request: RightsRequest) => ({
    identity: identityOf(request),
    policy,
    today: todayOf(policy, environment.now()),
  })

  /** Puts up the tombstone, and keeps denials by the addresses the person had given. */
  async function start(request: RightsRequest): Promise<RightsRequest> {
    const subject = request.subject as string
    const contacts: string[] = []
    for (const source of sources) {
      if (source.contacts === undefined) continue
      for await (const page of source.find(identityOf(request)))
        for (const row of page) contacts.push(...source.contacts(row))
    }
    return settle({ store, environment }, async () => {
      const { found, request: read } = await requests.read(request.id)
      if (read.plan?.digest !== request.plan?.digest) {
        throw new Conflict('conflict.plan', 'another plan was made meanwhile', { record: request.id })
      }
      const after: RightsRequest = { ...read, state: next(read, 'start') }
      const tombstone = tombstoneOf(request.id, { policy, at: environment.now() })
      const erased = await standings.erase({ subject, contacts, tombstone })
      const changes = requests.changes(after, { found, action: 'requests.started', actor })
      return { changes: [...changes, ...erased], result: after }
    })
  }

  /** Writes down what is kept of a page of rows; a row that is written down already stays as it is. */
  async function writeDown(
    request: RightsRequest,
    { source, page }: { source: string; page: readonly Judged[] },
  ): Promise<void> {
    const rows = page.filter(({ kept }) => kept.length > 0)
    const places = rows.map(({ row }) => key(tenant, request.id, source, row.id))
    if (places.length === 0) return
    const { subject } = identityOf(request)
    await settle({ store, environment }, async () => {
      const there = await store.get(collections.kept.name, places)
      const changes = rows.flatMap(({ row, kept }, i): Change[] => {
        if (there[i]) return []
        const until = kept.map((field) => field.until).sort()[0] as KeptRow['until']
        const value: KeptRow = { subject, request: request.id, source, row: row.id, fields: kept, until }
        const put = { collection: collections.kept.name, key: places[i] as string }
        return [{ put, value: value as unknown as JsonValue, expect: 'absent' }]
      })
      return { changes, result: undefined }
    })
  }

  async function eraseFrom(source: Source, request: RightsRequest): Promise<void> {
    for await (const page of judged(source, where(request))) {
      await writeDown(request, { source: source.name, page })
      const erasures = page.map(({ row, kept }) => ({ row: row.id, keep: kept.map(({ field }) => field) }))
      await source.erase(identityOf(request), erasures)
    }
  }

  /** The categories under which something of this person is still kept. */
  async function keptCategories(request: RightsRequest): Promise<Set<string>> {
    const categories = new Set<string>()
    for await (const { value } of store.scan(collections.kept.name, {
      prefix: `${key(tenant, request.id)}/`,
    })) {
      for (const { category } of (value as unknown as KeptRow).fields) categories.add(category)
    }
    return categories
  }

  async function destroyKeys(request: RightsRequest): Promise<string[]> {
    const subject = request.subject as string
    const kept = await keptCategories(request)
    const going = (await keys.categories(subject)).filter((category) => !kept.has(category))
    return keys.destroy(subject, going)
  }

  /** Reads every source anew: whatever is there must be there to be kept. */
  async function readBack(request: RightsRequest): Promise<void> {
    const residue = new Set<string>()
    for (const source of sources) {
      for await (const page of judged(source, where(request))) {
        for (const { row, kept } of page) {
          const lawful = new Set(kept.map(({ field }) => field))
          for (const field of Object.keys(row.values))
            if (!lawful.has(field)) residue.add(`${source.name}.${field}`)
        }
      }
    }
    refuseResidue([...residue].sort(), request.id)
  }

  /** The receipt, and the end: from here on the request no longer says whose it was. */
  async function finish(id: string, destroyedKeys: readonly string[]): Promise<Report> {
    return settle({ store, environment }, async () => {
      const { found, request } = await requests.read(id)
      if (request.state === 'fulfilled') return { changes: [], result: request.report as Report }
      const state = next(request, 'finish')
      const { sources: counts = [], kept = [], digest = '' } = request.plan ?? {}
      const done = { request: id, kind: request.kind, fulfilledAt: environment.now(), sources: counts, kept }
      const statement = { ...done, tenant, plan: digest, policyVersion: policy.version, destroyedKeys }
      const report: Report = { ...done, receipt: await keys.sign(statement, receiptType) }
      const after: RightsRequest = { ...anonymous(request), state, report }
      const details = { plan: digest, destroyedKeys: destroyedKeys.length, kept: kept.length }
      return {
        changes: requests.changes(after, { found, action: 'requests.fulfilled', actor, details }),
        result: report,
      }
    })
  }

  return {
    async run(request) {
      const running = await start(request)
      for (const source of sources) await eraseFrom(source, running)
      const destroyed = await destroyKeys(running)
      await readBack(running)
      return finish(running.id, destroyed)
    },
  }
}
