/**
 * The end of an erasure: the keys under which nothing is kept are destroyed, every source is read back, and only when
 * that finds nothing a receipt is signed. It says what was done, what is kept and until when, and from when on what was
 * sealed can be opened by nobody; it names no person.
 */

import { settle } from '../commit.ts'
import type { DestroyedKey } from '../keys/model.ts'
import { keptRows } from './kept.ts'
import type { KeptRow, Report, RightsRequest } from './model.ts'
import { type RequestParts, readRequest, requestChanges, requestsActor } from './record.ts'
import {
  addRow,
  type Found,
  idleKeys,
  keysDestroyed,
  next,
  nothingFound,
  othersIn,
  summaries,
} from './rules.ts'
import { anonymous } from './source.ts'
import { identityOf, rowName } from './walk.ts'

export const receiptType = 'pilvi-erasure-receipt+jws'

/** Destroys every key of the person with nothing kept under it; gives all that are destroyed by now. */
export async function destroyKeys(
  { keys, ...parts }: RequestParts,
  request: RightsRequest,
): Promise<readonly DestroyedKey[]> {
  const { subject } = identityOf(request)
  const held = await keys.list(subject)
  const kept: KeptRow[] = []
  for await (const row of keptRows(parts, request.subjectDigest ?? '')) kept.push(row)
  return keys.destroy(subject, idleKeys(held, kept))
}

/** What is kept in the end, by source. */
async function keptInTheEnd(
  parts: RequestParts,
  { id, subjectDigest = '' }: RightsRequest,
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map(parts.sources.map(({ name }) => [name, nothingFound(name)]))
  for await (const { source, row, aside, fields, requests } of keptRows(parts, subjectDigest)) {
    if (!requests.includes(id)) continue
    const counted = found.get(source) ?? nothingFound(source)
    addRow(counted, { row: rowName(row, aside), of: fields, kept: fields })
    found.set(source, counted)
  }
  return found
}

/** The receipt, and the end: from here on the request no longer says whose it was. */
export function finish(parts: RequestParts, id: string, destroyed: readonly DestroyedKey[]): Promise<Report> {
  const { store, environment, tenant, policy, keys } = parts
  return settle({ store, environment }, async () => {
    const { found, request } = await readRequest(parts, id)
    if (request.state === 'fulfilled') return { changes: [], result: request.report as Report }
    const state = next(request, 'finish')
    const kept = await keptInTheEnd(parts, request)
    const { sources = [], notAttributable = [] } = request.started ?? {}
    const done: Report = {
      request: id,
      kind: request.kind,
      fulfilledAt: environment.now(),
      sources: sources.map((count) => ({ ...count, keeping: kept.get(count.source)?.keeping ?? 0 })),
      kept: summaries([...kept.values()]),
      notAttributable,
      ...othersIn(request),
      ...keysDestroyed(destroyed, policy),
    }
    const plan = request.plan?.digest ?? ''
    const destroyedKeys = destroyed.map((key) => key.id)
    const statement = { ...done, tenant, plan, policyVersion: policy.version, destroyedKeys }
    const report = { ...done, receipt: await keys.sign(statement, receiptType) }
    const after: RightsRequest = { ...anonymous(request), state, report }
    const details = { plan, destroyedKeys: destroyed.length, kept: report.kept.length }
    const act = { found, request: after, action: 'requests.fulfilled', actor: requestsActor, details }
    return { changes: requestChanges(parts, act), result: report }
  })
}
