/**
 * The visit log in memory. A visit is known by its time and id; keeping one that is there already changes nothing.
 */

import type { StoredVisit, VisitLog } from '../../src/store.ts'
import { compareBytes } from '../../src/values/text.ts'
import type { MemoryBacking, MemoryVisits } from './backing.ts'
import { Ordered } from './ordered.ts'

const batchSize = 1_000

/** The visit log of a backing. */
export function memoryVisits(backing: MemoryBacking): VisitLog {
  return {
    async append(tenant, visits) {
      for (const visit of visits) keep(visitsOf(backing, tenant), visit)
    },
    async *read(tenant, range) {
      yield* walk(visitsOf(backing, tenant), range)
    },
    async purge(tenant, before) {
      purge(visitsOf(backing, tenant), before)
    },
    async purgeAll(before) {
      return [...backing.visits.values()].map((kept) => purge(kept, before)).includes('some')
    },
    async *find(tenant, sessions) {
      const kept = visitsOf(backing, tenant)
      for (let places = placesOf(kept, sessions); places.length > 0; places = places.slice(batchSize)) {
        yield places.slice(0, batchSize).flatMap((place) => copy(kept.rows.get(place)))
      }
    },
    async erase(tenant, sessions) {
      const kept = visitsOf(backing, tenant)
      const places = placesOf(kept, sessions)
      for (const place of places) drop(kept, place)
      return places.length
    },
  }
}

function visitsOf(backing: MemoryBacking, tenant: string): MemoryVisits {
  const found = backing.visits.get(tenant)
  if (found !== undefined) return found
  const made: MemoryVisits = { rows: new Map(), places: new Ordered(compareBytes), sessions: new Map() }
  backing.visits.set(tenant, made)
  return made
}

/** The six fields and nothing else, whatever the caller's object holds. */
const copy = (visit: StoredVisit | undefined): StoredVisit[] => {
  if (visit === undefined) return []
  const { id, at, session, ip, host, source } = visit
  return [{ id, at, session, ip, host, source }]
}

function keep(visits: MemoryVisits, visit: StoredVisit): void {
  const place = `${visit.at}/${visit.id}`
  if (visits.rows.has(place)) return
  for (const kept of copy(visit)) visits.rows.set(place, kept)
  visits.places.add(place)
  const places = visits.sessions.get(visit.session)
  if (places === undefined) visits.sessions.set(visit.session, new Set([place]))
  else places.add(place)
}

function drop(visits: MemoryVisits, place: string): void {
  const session = visits.rows.get(place)?.session ?? ''
  const places = visits.sessions.get(session)
  places?.delete(place)
  if (places?.size === 0) visits.sessions.delete(session)
  visits.rows.delete(place)
  visits.places.delete(place)
}

function purge(visits: MemoryVisits, before: string): 'some' | 'none' {
  let purged: 'some' | 'none' = 'none'
  for (let found = first(visits, before); found.length > 0; found = first(visits, before)) {
    for (const place of found) drop(visits, place)
    purged = 'some'
  }
  return purged
}

const first = (visits: MemoryVisits, before: string): string[] =>
  visits.places
    .page('', { limit: batchSize, seen: undefined })
    .filter((place) => compareBytes(place, before) < 0)

const placesOf = (visits: MemoryVisits, sessions: readonly string[]): string[] =>
  [...new Set(sessions)].flatMap((session) => [...(visits.sessions.get(session) ?? [])]).sort(compareBytes)

function* walk(
  visits: MemoryVisits,
  range: { readonly from: string; readonly before: string },
): Generator<StoredVisit[]> {
  let seen: string | undefined
  for (;;) {
    const page = visits.places.page(seen ?? range.from, { limit: batchSize, seen })
    const inside = page.filter((place) => compareBytes(place, range.before) < 0)
    yield inside.flatMap((place) => copy(visits.rows.get(place)))
    seen = inside.at(-1)
    if (inside.length < batchSize) return
  }
}
