/**
 * Carrying out an erasure: tombstone first, then source by source, then the keys, then a read-back, and only when
 * that finds nothing a signed receipt (`receipt.ts`).
 *
 * Every step may be cut off and done again. The tombstone comes first so that nothing new about the person can arrive
 * meanwhile; it is put up only while everything the plan rests on is still so. What must be kept is written down, with
 * its dates, before anything is erased, and from then on that record decides.
 */

import { todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import { callingCodeOf, reachedBy } from '../consent/contact.ts'
import type { Instant } from '../environment.ts'
import { Conflict } from '../errors.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptField } from '../retention/model.ts'
import { keptFields, tombstoneOf } from '../retention/rules.ts'
import type { SubjectStanding } from '../services.ts'
import type { Erasure, IdentityKeys, Source } from '../source.ts'
import type { Change } from '../store.ts'
import { joined, keptOf, keptRow, putKept } from './kept.ts'
import type { KeptRow, Report, RightsRequest, Started } from './model.ts'
import { destroyKeys, finish } from './receipt.ts'
import {
  putRequest,
  type RequestParts,
  readRequest,
  refuseResidue,
  requestChanges,
  requestsActor,
} from './record.ts'
import {
  basisOf,
  checkBasis,
  checkExemptions,
  checkPlan,
  counts,
  exemptionsDigest,
  next,
  type Survey,
  unattributed,
} from './rules.ts'
import { identitiesOf, identityOf, type Judge, type JudgedPage, judgeBy, judged, survey } from './walk.ts'

/** Rows that are written down in one commit. */
const batch = 400

/**
 * Carries out the plan of that digest, from its beginning or from where it was cut off.
 * @throws Conflict `conflict.plan`, `conflict.state`; IntegrityFailure `erasure.residue`; StoreFailure
 */
export async function erase(parts: RequestParts, id: string, digest: string): Promise<Report> {
  const request = await start(parts, id, digest)
  if (request.state === 'fulfilled') return request.report as Report
  const whose: Whose = { request, identities: await identitiesOf(parts, request) }
  if (request.started?.notedAt === undefined) await noteAll(parts, whose)
  for (const source of parts.sources) await eraseFrom(parts, source, whose)
  const destroyed = await destroyKeys(parts, request)
  for (const source of parts.sources) await readBack(parts, source, whose)
  return finish(parts, id, destroyed)
}

/** The request that is carried out, and by what its person is found. */
interface Whose {
  readonly request: RightsRequest
  readonly identities: readonly IdentityKeys[]
}

/**
 * Puts up the tombstone, and keeps denials by the addresses the person has or had. The standing is read before the
 * sources are: whatever is written about the person meanwhile makes the commit fail, and the plan is held against what
 * is there then.
 */
function start(parts: RequestParts, id: string, digest: string): Promise<RightsRequest> {
  const { store, environment, standings, policy } = parts
  return settle({ store, environment }, async () => {
    const { found, request } = await readRequest(parts, id)
    if (request.state === 'fulfilled' && request.plan?.digest === digest)
      return { changes: [], result: request }
    const state = next(request, 'start')
    checkPlan(request, digest)
    if (request.state === 'running') {
      // A run that was cut off has changed what the plan was made from: it goes on as it began.
      checkExemptions(request, policy)
      return { changes: [], result: request }
    }
    const standing = await standings.read(identityOf(request).subject)
    await refuseOverlap(parts, request, standing)
    const at = environment.now()
    const there = await survey(parts, { request, at })
    checkBasis(request, basisOf(policy, there))
    const contacts = await contactsOf(parts, request)
    const erased = await standings.erase(standing, { contacts, tombstone: tombstoneOf(id, { policy, at }) })
    await commitSome(parts, erased.addresses.slice(most))
    const after = { ...request, state, started: startedOf(request, { policy, at, there }) }
    const act = { found, request: after, action: 'requests.started', actor: requestsActor }
    const changes = [...requestChanges(parts, act), erased.tombstone, ...erased.addresses.slice(0, most)]
    return { changes, result: after }
  })
}

/** Addresses that are written with the tombstone itself; a person with more of them has the others written before. */
const most = 400

/** Cut off before the tombstone, this has left a denial too many: it errs towards no. */
async function commitSome({ store }: RequestParts, changes: readonly Change[]): Promise<void> {
  for (let from = 0; from < changes.length; from += most) await store.commit(changes.slice(from, from + most))
}

/**
 * Two erasures of one person take turns: each would take away what the other goes by.
 * @throws Conflict `conflict.state`
 */
async function refuseOverlap(
  parts: RequestParts,
  { id }: RightsRequest,
  { standing }: SubjectStanding,
): Promise<void> {
  const other = standing.erased?.request
  if (other === undefined || other === id) return
  const { request } = await readRequest(parts, other)
  if (request.state !== 'running') return
  throw new Conflict('conflict.state', 'another erasure of this person is running: end it first', {
    record: other,
  })
}

const startedOf = (
  request: RightsRequest,
  { policy, at, there }: { policy: Policy; at: Instant; there: Survey },
): Started => ({
  at,
  exemptions: exemptionsDigest(policy),
  sources: counts(there.found),
  notAttributable: unattributed(request),
})

async function contactsOf({ sources, policy }: RequestParts, request: RightsRequest): Promise<string[]> {
  const contacts: string[] = []
  for (const source of sources) {
    for await (const contact of source.contacts?.(identityOf(request)) ?? []) {
      // What is none no question asks about.
      const form = reachedBy(contact, callingCodeOf(policy.jurisdiction))
      if (form !== null) contacts.push(form)
    }
  }
  return contacts
}

/** The rows of a source, judged, some at a time. */
async function* portions(source: Source, { identities }: Whose, judge: Judge): AsyncIterable<JudgedPage> {
  for await (const { identity, rows } of judged(source, identities, judge))
    for (let from = 0; from < rows.length; from += batch)
      yield { identity, rows: rows.slice(from, from + batch) }
}

/** Writes down all that must be kept, everywhere, before anything is erased anywhere. */
async function noteAll(parts: RequestParts, whose: Whose): Promise<void> {
  const { store, environment, sources, policy } = parts
  const judge = judgeBy(policy, todayOf(policy, environment.now()))
  for (const source of sources)
    for await (const page of portions(source, whose, judge))
      await writeDown(parts, source, { ...whose, page })
  await settle({ store, environment }, async () => {
    const { found, request: before } = await readRequest(parts, whose.request.id)
    if (before.state !== 'running' || before.started === undefined) return { changes: [], result: undefined }
    const after = { ...before, started: { ...before.started, notedAt: environment.now() } }
    return { changes: [putRequest(parts, { found, request: after })], result: undefined }
  })
}

/**
 * Writes down what else must be kept, such as a request that came meanwhile, and erases the rest. A category that the
 * policy has lost since was judged when all was written down.
 */
async function eraseFrom(parts: RequestParts, source: Source, whose: Whose): Promise<void> {
  const { policy, environment } = parts
  const today = todayOf(policy, environment.now())
  const judge: Judge = ({ fields }) =>
    keptFields(
      fields.filter(({ category }) => Object.hasOwn(policy.retention, category)),
      { policy, today },
    )
  for await (const page of portions(source, whose, judge)) {
    const erasures = await writeDown(parts, source, { ...whose, page })
    await source.erase(page.identity, erasures)
  }
}

/** Writes down what is kept of some rows, and gives what is to become of them. */
function writeDown(
  parts: RequestParts,
  { name: source }: Source,
  { request, page: { identity, rows } }: { request: RightsRequest; page: JudgedPage },
): Promise<Erasure[]> {
  const { store, environment } = parts
  const of = { ...personOf(request, identity), source }
  return settle({ store, environment }, async () => {
    const there = await keptOf(parts, { ...of, rows: rows.map(({ row }) => row) })
    const changes: Change[] = []
    const result = rows.map(({ row: { id: row }, kept }, i): Erasure => {
      const found = there[i] ?? null
      const before = found && keptRow(found)
      const fields = joined(before?.fields ?? [], kept)
      const requests = [...new Set([...(before?.requests ?? []), request.id])]
      const value = { ...of, requests, row, fields }
      const same = before?.requests.length === requests.length && sameFields(before.fields, fields)
      if (fields.length > 0 && !same) changes.push(putKept(parts, { found, row: value }))
      return { row, keep: fields.map(({ field }) => field) }
    })
    return { changes, result }
  })
}

const sameFields = (a: readonly KeptField[], b: readonly KeptField[]): boolean =>
  a.length === b.length && a.every(({ until }, i) => until === b[i]?.until)

/** Whose request it is, and under which erasure their rows were set aside. */
const personOf = (
  { subjectDigest = '' }: RightsRequest,
  { subject, aside }: IdentityKeys,
): Pick<KeptRow, 'subject' | 'subjectDigest' | 'aside'> => ({
  subject,
  subjectDigest,
  ...(aside !== undefined && { aside }),
})

/** Reads a source anew: whatever is there must be written down as kept. */
async function readBack(parts: RequestParts, source: Source, whose: Whose): Promise<void> {
  const { request } = whose
  const residue = new Set<string>()
  for await (const { identity, rows: portion } of portions(source, whose, () => [])) {
    const rows = portion.map(({ row }) => row)
    const there = await keptOf(parts, { ...personOf(request, identity), source: source.name, rows })
    rows.forEach(({ fields }, i) => {
      const found = there[i]
      const lawful = new Set(found ? keptRow(found).fields.map(({ field }) => field) : [])
      for (const { name } of fields) if (!lawful.has(name)) residue.add(`${source.name}.${name}`)
    })
  }
  refuseResidue([...residue].sort(), request.id)
}
