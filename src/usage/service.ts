/**
 * The shell around usage: visits are kept raw for the policy's hours, a closed day becomes one immutable publication,
 * and what is past its time is purged.
 *
 * A day can be published from its close until its raw visits are due to go, and it is published once: whoever asks
 * again gets the stored bytes. Purging never waits for publication, because the promise to the visitors is the older
 * one; a day that was not published in time is lost, and saying so is better than publishing what is left of it.
 */

import { addPeriod, dayBounds, later, todayOf } from '../calendar.ts'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type CalendarDate, type Environment, type Instant, newId } from '../environment.ts'
import { Conflict, IntegrityFailure, InvalidInput } from '../errors.ts'
import { digest } from '../keys/digest.ts'
import { parse } from '../parsing.ts'
import type { Group } from '../policy/model.ts'
import type { LedgerWriter } from '../services.ts'
import type { Change, Store, StoredVisit, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { limits } from '../values/limits.ts'
import { compareBytes } from '../values/text.ts'
import { Anonymiser } from './anonymise.ts'
import { guarded } from './guard.ts'
import { type Publication, type UsagePolicy, type Visit, visitParser, whichParser } from './model.ts'
import { type BaseTable, baseTable, release, timeZoneOf } from './protect.ts'
import { publicationOf, readPublication, written } from './publication.ts'
import { sitesOf } from './referrer.ts'
import { Partial } from './tally.ts'

/** What a publication is when it is handed out. */
export interface Published {
  readonly day: CalendarDate
  readonly table: string
  readonly publication: Publication
  /** The publication's JSON: the same bytes every time. */
  readonly text: string
}

/** Visits and statistics of one tenant. */
export interface Usage {
  /**
   * Keeps a visit in the visit log.
   * @throws InvalidInput `input.invalid`, with the path of the field; a visit of the future is refused
   */
  record(visit: Visit): Promise<void>
  /** Keeps visits, in batches of 10,000; a batch that fails leaves the earlier ones kept. Throws as `record` does. */
  recordMany(visits: readonly Visit[]): Promise<void>
  /**
   * Publishes a closed day: yesterday, if none is named. A day that was published gives the stored bytes unchanged.
   * `late`: visits of the day that were recorded after it was published, as far as they are still in the log: for
   * whoever runs the service, never for publication.
   * @throws Conflict `conflict.state` while the day is open, or once its raw visits are due to have gone
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `policy.invalid`
   * @throws IntegrityFailure `guard.tripped`; `record.corrupt` where what is stored is not what was published
   * @see the policy, "Use log"
   */
  publish(which?: {
    readonly day?: CalendarDate
    readonly table?: string
  }): Promise<Published & { readonly late: number }>
  /**
   * Everything published that is still kept, in order of the day; nothing where nothing was.
   * @throws IntegrityFailure `record.corrupt` at one that is not what was published; StoreFailure
   */
  publications(): AsyncIterable<Published>
  /**
   * Removes raw visits whose day closed longer ago than the policy keeps them, published or not, and publications
   * older than the policy keeps those. The controller's own removes the visits of every tenant, because the hours are
   * the one policy's; a customer's removes its own. Doing it again removes nothing more. It goes on record
   * before it is done: a purge that was cut off is simply done again, and is then on record twice.
   * @returns the moment before which no raw visit is left, and how many publications were removed
   * @throws IntegrityFailure `record.corrupt`; Conflict `conflict.contended`; StoreFailure
   * @see GDPR 5(1)(e); the policy, "Use log"
   */
  purge(): Promise<{ readonly visitsBefore: Instant; readonly publications: number }>
}

/** What usage is made of. */
export interface UsageParts {
  readonly tenant: string
  /** Whose tenant it is: the controller's, or a customer's. */
  readonly tier: Group['tier']
  readonly policy: UsagePolicy
  readonly store: Store
  readonly environment: Environment
  readonly ledger: LedgerWriter
  /** The service's own host names: a referrer on one of them or below it is `internal`. */
  readonly sites?: readonly string[]
}

/** A visit may be this far ahead of our clock, no more. */
const clockTolerance = 5 * 60_000
const hours = 3_600_000
const collection = collections.publications.name
const actor = { role: 'system', id: 'usage' } as const

/** Makes usage for one tenant. @throws InvalidInput `policy.invalid`, `input.invalid` (a site, the tenant) */
export function createUsage(options: UsageParts): Usage {
  const parts = { ...options, sites: sitesOf(options.sites ?? []), timeZone: timeZoneOf(options.policy) }
  return {
    async record(visit) {
      await append(parts, [storedVisit(parts, visit, 'visit')])
    },
    async recordMany(visits) {
      if (!Array.isArray(visits)) {
        throw new InvalidInput('input.invalid', 'visits must be an array', { path: 'visits' })
      }
      await append(
        parts,
        visits.map((visit, i) => storedVisit(parts, visit, `visits[${i}]`)),
      )
    },
    publish: (which = {}) => publish(parts, which),
    publications: () => publications(parts),
    purge: () => purge(parts),
  }
}

type Parts = UsageParts & { readonly sites: readonly string[]; readonly timeZone: string }

function storedVisit({ environment }: Parts, input: Visit, path: string): StoredVisit {
  const visit = parse(visitParser, input, path)
  const now = environment.now()
  const at = visit.at ?? now
  if (at > later(now, clockTolerance)) {
    throw new InvalidInput('input.invalid', `${path}.at lies in the future`, { path: `${path}.at` })
  }
  const { session, ip, host = null, source = null } = visit
  return { id: newId(environment), at, session, ip, host, source }
}

async function append({ store, tenant }: Parts, visits: readonly StoredVisit[]): Promise<void> {
  for (let i = 0; i < visits.length; i += limits.visitsPerBatch) {
    await store.visits.append(tenant, visits.slice(i, i + limits.visitsPerBatch))
  }
}

async function publish(parts: Parts, input: unknown): Promise<Published & { readonly late: number }> {
  const which = parse(whichParser, input, 'which')
  const base = baseTable(parts.policy, which.table)
  const day = which.day ?? addPeriod(todayOf(parts, parts.environment.now()), { days: -1 })
  const at = key(parts.tenant, day, base.name)
  const stored = (await read(parts, at)) ?? (await make(parts, { base, day, at }))
  return { ...stored.published, late: await late(parts, day, stored.readFrom) }
}

/** Tallies a day, protects it and stores what is left; another process may have been faster, then its bytes stand. */
async function make(
  parts: Parts,
  { base, day, at }: { base: BaseTable; day: CalendarDate; at: string },
): Promise<Stored> {
  checkPublishable(parts, day)
  const readFrom = newId(parts.environment)
  const partial = new Partial({ ...base.table, key: parts.environment.random(32) })
  await tally(parts, day, partial)
  const empty = publicationOf({ policy: parts.policy, base, day }, [])
  const cells = release(partial, base).get(day) ?? []
  const text = guarded(written({ ...empty, cells }), { empty, identifiers: partial.identifiers })
  const value = { day, table: base.name, text, readFrom }
  const act = {
    action: 'usage.published',
    actor,
    record: `${day}/${base.name}`,
    clause: parts.policy.publications.clause,
    details: { cells: cells.length, digest: digest(text) },
  }
  try {
    const put: Change = { put: { collection, key: at }, value, expect: 'absent' }
    await parts.store.commit([put, ...parts.ledger.changes(act)])
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
  }
  const stored = await read(parts, at)
  if (stored === null) throw new Conflict('conflict.contended', 'a publication was removed while it was made')
  return stored
}

function checkPublishable({ timeZone, policy, environment }: Parts, day: CalendarDate): void {
  const { before } = dayBounds(timeZone, day)
  const now = environment.now()
  const refuse = (says: string): never => {
    throw new Conflict('conflict.state', `this day cannot be published: ${says}`, { path: 'day' })
  }
  if (now < before) refuse('it has not closed yet')
  if (now >= later(before, policy.publications.rawHours * hours))
    refuse('its raw visits are due to have gone')
}

async function tally(parts: Parts, day: CalendarDate, partial: Partial): Promise<void> {
  const { timeZone, sites, store, tenant } = parts
  const anonymiser = new Anonymiser({ timeZone, sites, hash: partial.hash, identifiers: partial.identifiers })
  for await (const batch of store.visits.read(tenant, dayBounds(timeZone, day))) {
    for (const visit of batch) partial.add(anonymiser.visit(visit))
  }
}

/** Ids begin with the moment they were made, in ten digits: `readFrom` is the one made when the day was read. */
async function late(
  { store, tenant, timeZone }: Parts,
  day: CalendarDate,
  readFrom: string,
): Promise<number> {
  let count = 0
  for await (const batch of store.visits.read(tenant, dayBounds(timeZone, day))) {
    count += batch.filter(({ id }) => compareBytes(id.slice(0, 10), readFrom.slice(0, 10)) > 0).length
  }
  return count
}

interface Stored {
  readonly published: Published
  readonly readFrom: string
}

async function read({ store }: Parts, at: string): Promise<Stored | null> {
  const [found = null] = await store.get(collection, [at])
  return found && storedOf(found)
}

function storedOf({ key: record, value }: Versioned): Stored {
  const { day, table, text, readFrom } = Object(value) as Record<string, unknown>
  const publication = readPublication(text, record)
  if (publication.day !== day || publication.table !== table || typeof readFrom !== 'string') {
    throw new IntegrityFailure('record.corrupt', 'a stored publication is not the one it says', { record })
  }
  const published = { day: publication.day, table: publication.table, publication, text: text as string }
  return { published, readFrom }
}

async function* publications({ store, tenant }: Parts): AsyncIterable<Published> {
  for await (const found of store.scan(collection, { prefix: `${tenant}/` })) yield storedOf(found).published
}

async function purge(parts: Parts): Promise<{ visitsBefore: Instant; publications: number }> {
  const visitsBefore = await purgeVisits(parts)
  let publications = 0
  for (;;) {
    const removed = await settle(parts, () => expire(parts))
    if (removed === 0) return { visitsBefore, publications }
    publications += removed
  }
}

/** The visit log has no commit to share with the ledger: the entry first, because no act may be without one. */
async function purgeVisits(parts: Parts): Promise<Instant> {
  const { store, tenant, tier, environment, policy, timeZone, ledger } = parts
  const { rawHours, clause } = policy.publications
  // Every day that is over by then closed at least `rawHours` ago.
  const { from: before } = dayBounds(timeZone, todayOf(parts, later(environment.now(), -rawHours * hours)))
  const entry = (): Change[] =>
    ledger.changes({ action: 'usage.purged', actor, record: 'visits', clause, details: { before } })
  if (!(await isDue(parts, before))) return before
  await store.commit(entry())
  if (tier === 'controller') await store.visits.purgeAll(before)
  else await store.visits.purge(tenant, before)
  return before
}

/** Whether there is anything to purge. The controller does not look at what other tenants have, only whether they do. */
const isDue = async (parts: Parts, before: Instant): Promise<boolean> =>
  parts.tier === 'customer' ? hasVisits(parts, before) : (await parts.store.bulk.tenants()).length > 0

async function hasVisits({ store, tenant }: Parts, before: Instant): Promise<boolean> {
  for await (const batch of store.visits.read(tenant, { from: '0000-01-01T00:00:00.000Z', before })) {
    if (batch.length > 0) return true
  }
  return false
}

/** The removal of the oldest publications that are past their time. */
async function expire(parts: Parts): Promise<{ changes: Change[]; result: number }> {
  const { store, tenant, environment, policy, ledger } = parts
  const today = todayOf(parts, environment.now())
  const changes: Change[] = []
  for await (const found of store.scan(collection, { prefix: `${tenant}/`, limit: 200 })) {
    const { day } = storedOf(found).published
    if (addPeriod(day, { months: policy.publications.keepMonths }) > today) break
    changes.push({ remove: { collection, key: found.key }, expect: found.version })
  }
  const { clause } = policy.publications
  const details = { publications: changes.length }
  const act = { action: 'usage.expired', actor, record: 'publications', clause, details }
  return changes.length === 0
    ? { changes, result: 0 }
    : { changes: [...changes, ...ledger.changes(act)], result: changes.length }
}
