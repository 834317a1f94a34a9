/**
 * Carrying out an erasure: tombstone first, then source by source, then the keys, then a read-back, and only when
 * that finds nothing a signed receipt.
 *
 * Every step may be cut off and done again. The tombstone comes first so that nothing new about the person can arrive
 * meanwhile; it is put up only while everything the plan rests on is still so. What must be kept is written down, with
 * its dates, before anything is erased, and from then on that record decides.
 */

import { todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import { tombstoneOf } from '../retention/rules.ts'
import type { Erasure, Source } from '../source.ts'
import type { Change } from '../store.ts'
import { joined, keptCategories, keptOf, keptRow, keptRows, putKept } from './kept.ts'
import type { Report, RightsRequest, Started } from './model.ts'
import {
  putRequest,
  type RequestParts,
  readRequest,
  refuseResidue,
  requestChanges,
  requestsActor,
} from './record.ts'
import {
  addRow,
  basisOf,
  checkBasis,
  checkPlan,
  checkRetention,
  counts,
  type Found,
  next,
  nothingFound,
  retentionDigest,
  summaries,
  unattributed,
} from './rules.ts'
import { anonymous } from './source.ts'
import { identityOf, type Judged, judged, survey } from './walk.ts'

export const receiptType = 'pilvi-erasure-receipt+jws'

/** Rows that are written down in one commit. */
const batch = 400

/**
 * Carries out the plan of that digest, from its beginning or from where it was cut off.
 * @throws Conflict `conflict.plan`, `conflict.state`; IntegrityFailure `erasure.residue`; StoreFailure
 */
export async function erase(parts: RequestParts, id: string, digest: string): Promise<Report> {
  const request = await start(parts, id, digest)
  if (request.state === 'fulfilled') return request.report as Report
  if (request.started?.notedAt === undefined) await noteAll(parts, request)
  for (const source of parts.sources) await eraseFrom(parts, source, request)
  const destroyed = await destroyKeys(parts, request)
  for (const source of parts.sources) await readBack(parts, source, request)
  return finish(parts, id, destroyed)
}

/**
 * Puts up the tombstone, and keeps denials by the addresses the person has or had. The standing is read before the
 * sources are: whatever is written about the person meanwhile makes the commit fail, and the plan is held against what
 * is there then.
 */
function start(parts: RequestParts, id: string, digest: string): Promise<RightsRequest> {
  const { store, environment, standings, policy, sources } = parts
  return settle({ store, environment }, async () => {
    const { found, request } = await readRequest(parts, id)
    if (request.state === 'fulfilled' && request.plan?.digest === digest)
      return { changes: [], result: request }
    const state = next(request, 'start')
    checkPlan(request, digest)
    if (request.state === 'running') {
      // A run that was cut off has changed what the plan was made from: it goes on as it began.
      checkRetention(request, policy)
      return { changes: [], result: request }
    }
    const identity = identityOf(request)
    const standing = await standings.read(identity.subject)
    const at = environment.now()
    const there = await survey(request, { sources, policy, at })
    checkBasis(request, basisOf(policy, there))
    const contacts = await contactsOf(parts, request)
    const tombstone = tombstoneOf(id, { policy, at })
    const started: Started = {
      at,
      retention: retentionDigest(policy),
      sources: counts(there),
      notAttributable: unattributed(request),
    }
    const after: RightsRequest = { ...request, state, started }
    const act = { found, request: after, action: 'requests.started', actor: requestsActor }
    const erased = await standings.erase(standing, { contacts, tombstone })
    return { changes: [...requestChanges(parts, act), ...erased], result: after }
  })
}

async function contactsOf({ sources }: RequestParts, request: RightsRequest): Promise<string[]> {
  const contacts: string[] = []
  for (const source of sources) {
    for await (const contact of source.contacts?.(identityOf(request)) ?? []) contacts.push(contact)
  }
  return contacts
}

/** The rows of a source as they are judged today, some at a time. */
async function* portions(
  { policy, environment }: RequestParts,
  source: Source,
  request: RightsRequest,
): AsyncIterable<readonly Judged[]> {
  const today = todayOf(policy, environment.now())
  for await (const page of judged(source, { identity: identityOf(request), policy, today }))
    for (let from = 0; from < page.length; from += batch) yield page.slice(from, from + batch)
}

/** Writes down all that must be kept, everywhere, before anything is erased anywhere. */
async function noteAll(parts: RequestParts, request: RightsRequest): Promise<void> {
  const { store, environment, sources } = parts
  for (const source of sources)
    for await (const rows of portions(parts, source, request))
      await writeDown(parts, source, { request, rows })
  await settle({ store, environment }, async () => {
    const { found, request: before } = await readRequest(parts, request.id)
    if (before.state !== 'running' || before.started === undefined) return { changes: [], result: undefined }
    const after = { ...before, started: { ...before.started, notedAt: environment.now() } }
    return { changes: [putRequest(parts, { found, request: after })], result: undefined }
  })
}

/** Writes down what else must be kept, such as a request that came meanwhile, and erases the rest. */
async function eraseFrom(parts: RequestParts, source: Source, request: RightsRequest): Promise<void> {
  for await (const rows of portions(parts, source, request)) {
    const erasures = await writeDown(parts, source, { request, rows })
    await source.erase(identityOf(request), erasures)
  }
}

/** Writes down what is kept of some rows, and gives what is to become of them. */
function writeDown(
  parts: RequestParts,
  { name: source }: Source,
  { request, rows }: { request: RightsRequest; rows: readonly Judged[] },
): Promise<Erasure[]> {
  const { store, environment } = parts
  const { subject } = identityOf(request)
  return settle({ store, environment }, async () => {
    const there = await keptOf(parts, { request: request.id, source, rows: rows.map(({ row }) => row) })
    const changes: Change[] = []
    const result = rows.map(({ row: { id: row }, kept }, i): Erasure => {
      const found = there[i] ?? null
      const written = found ? keptRow(found).fields : []
      const fields = joined(written, kept)
      const value = { subject, request: request.id, source, row, fields }
      if (fields.length > written.length) changes.push(putKept(parts, { found, row: value }))
      return { row, keep: fields.map(({ field }) => field) }
    })
    return { changes, result }
  })
}

/** Destroys every key of the person with nothing kept under it; gives the ids of all that are destroyed by now. */
async function destroyKeys(parts: RequestParts, request: RightsRequest): Promise<string[]> {
  const { subject } = identityOf(request)
  const kept = await keptCategories(parts, request.id)
  const going = (await parts.keys.categories(subject)).filter((category) => !kept.has(category))
  return parts.keys.destroy(subject, going)
}

/** Reads a source anew: whatever is there must be written down as kept. */
async function readBack(parts: RequestParts, source: Source, request: RightsRequest): Promise<void> {
  const residue = new Set<string>()
  for await (const page of source.find(identityOf(request), 'outline')) {
    for (let from = 0; from < page.length; from += batch) {
      const rows = page.slice(from, from + batch)
      const there = await keptOf(parts, { request: request.id, source: source.name, rows })
      rows.forEach(({ fields }, i) => {
        const found = there[i]
        const lawful = new Set(found ? keptRow(found).fields.map(({ field }) => field) : [])
        for (const { name } of fields) if (!lawful.has(name)) residue.add(`${source.name}.${name}`)
      })
    }
  }
  refuseResidue([...residue].sort(), request.id)
}

/** What is kept in the end, by source. */
async function keptInTheEnd(parts: RequestParts, id: string): Promise<ReadonlyMap<string, Found>> {
  const found = new Map(parts.sources.map(({ name }) => [name, nothingFound(name)]))
  for await (const { source, row, fields } of keptRows(parts, id)) {
    const counted = found.get(source) ?? nothingFound(source)
    addRow(counted, { row, kept: fields })
    found.set(source, counted)
  }
  return found
}

/** The receipt, and the end: from here on the request no longer says whose it was. */
function finish(parts: RequestParts, id: string, destroyedKeys: readonly string[]): Promise<Report> {
  const { store, environment, tenant, policy, keys } = parts
  return settle({ store, environment }, async () => {
    const { found, request } = await readRequest(parts, id)
    if (request.state === 'fulfilled') return { changes: [], result: request.report as Report }
    const state = next(request, 'finish')
    const kept = await keptInTheEnd(parts, id)
    const { sources = [], notAttributable = [] } = request.started ?? {}
    const done: Report = {
      request: id,
      kind: request.kind,
      fulfilledAt: environment.now(),
      sources: sources.map((count) => ({ ...count, keeping: kept.get(count.source)?.keeping ?? 0 })),
      kept: summaries([...kept.values()]),
      notAttributable,
    }
    const plan = request.plan?.digest ?? ''
    const statement = { ...done, tenant, plan, policyVersion: policy.version, destroyedKeys }
    const report = { ...done, receipt: await keys.sign(statement, receiptType) }
    const after: RightsRequest = { ...anonymous(request), state, report }
    const details = { plan, destroyedKeys: destroyedKeys.length, kept: report.kept.length }
    const act = { found, request: after, action: 'requests.fulfilled', actor: requestsActor, details }
    return { changes: requestChanges(parts, act), result: report }
  })
}
