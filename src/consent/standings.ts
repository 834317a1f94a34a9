/**
 * Where the standing of each subject is kept: what decisions are read from, and what every write about a person touches
 * in its own commit, so that an erasure and the write exclude each other. Beside it are the standings of contact
 * addresses that erased people leave.
 */

import { collections } from '../collections.ts'
import { newId } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Keys, Returning, Standings, SubjectStanding } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import { limits } from '../values/limits.ts'
import { contactForm } from './contact.ts'
import type { Standing, Tombstone } from './model.ts'
import { standingParser } from './parser.ts'
import { erasedStanding, returningNoes } from './returning.ts'
import { consentStream } from './source.ts'
import { apply, emptyStanding, suppress } from './standing.ts'

const collection = collections.standings.name

interface Parts {
  readonly tenant: string
  readonly store: Store
  readonly keys: Pick<Keys, 'digest'>
}

/** Makes the standings of a tenant. */
export function createStandings(tenant: string, given: Omit<Parts, 'tenant'>): Standings {
  const parts: Parts = { ...given, tenant }
  const read = async (subject: string): Promise<SubjectStanding> =>
    (await readAll(parts, [await subjectPlace(parts, subject)]))[0] as SubjectStanding
  return {
    read,
    async touch(subject) {
      const found = await read(subject)
      refuseErased(found.standing)
      return [putStanding(found)]
    },
    async erase(found, { contacts, tombstone }) {
      const { standing } = found
      return {
        tombstone: putStanding({
          ...found,
          standing: erasedStanding(standing, lasting(standing, tombstone)),
        }),
        addresses: await suppressions(parts, { contacts, standing, tombstone }),
      }
    },
    reopen: (read, by) => reopened(tenant, read, by),
    hold: putStanding,
    async *ended(before) {
      for await (const found of parts.store.scan(collection, { tenant, index: 'erased', before })) {
        const [place, subjectDigest = ''] = partsOf(found.key)
        const request = standingOf(found).erased?.request ?? ''
        yield { at: found.key, subjectDigest, request, person: place === 'former' ? 'reopened' : 'erased' }
      }
    },
    async forget({ at, request }) {
      const [found = null] = await parts.store.get(collection, [at])
      // One that was put up anew meanwhile is another one, and has its own last day.
      if (found === null || standingOf(found).erased?.request !== request) return []
      return [{ remove: { collection, key: at }, expect: found.version }]
    },
  }
}

/** Where the standing of a subject is. */
export const subjectPlace = async (
  { tenant, keys }: Omit<Parts, 'store'>,
  subject: string,
): Promise<string> => key(tenant, 'subject', await keys.digest('subject', [subject]))

/** Where the standing of an address is. */
export const contactPlace = async (
  { tenant, keys }: Omit<Parts, 'store'>,
  contact: string,
): Promise<string> => key(tenant, 'contact', await keys.digest('contact', [contactForm(contact)]))

/** A standing that cannot be read permits nothing: the call fails. @throws IntegrityFailure `record.corrupt` */
export const standingOf = (found: Versioned | null): Standing =>
  found === null ? emptyStanding : parseStored(standingParser, found.value, found.key)

/** The change that writes a standing where it was read. */
export const putStanding = ({ at, standing, found }: SubjectStanding): Change => ({
  put: { collection, key: at },
  value: standing as unknown as JsonValue,
  expect: found?.version ?? 'absent',
})

/** @throws Conflict `conflict.erased` */
export function refuseErased(standing: Standing): void {
  if (standing.state === 'erased') {
    throw new Conflict('conflict.erased', 'this subject was erased', {
      ...(standing.erased && { record: standing.erased.request }),
    })
  }
}

/** The tombstone, kept aside: by its last day the sweep finds what is left of that time. The noes in it stand again. */
function reopened(tenant: string, read: SubjectStanding, by: Returning): Change[] {
  const { at, found } = read
  const { kept: _, ...standing } = read.standing
  const [, subjectDigest = ''] = partsOf(at)
  const former = key(tenant, 'former', subjectDigest, standing.erased?.request ?? '')
  const { environment } = by
  const noes = returningNoes(read.standing, { ...by, now: environment.now() }).map((no) => ({
    id: newId(environment),
    ...no,
  }))
  const back: Change =
    noes.length > 0
      ? putStanding({ ...read, standing: noes.reduce(apply, emptyStanding) })
      : { remove: { collection, key: at }, expect: found?.version ?? 1 }
  const appended = noes.map(
    (no, i): Change => ({
      append: consentStream(tenant, by.subject),
      id: no.id,
      value: no as unknown as JsonValue,
      expect: i + 1,
    }),
  )
  return [
    back,
    ...appended,
    { put: { collection, key: former }, value: standing as unknown as JsonValue, expect: 'absent' },
  ]
}

async function readAll({ store }: Parts, places: readonly string[]): Promise<SubjectStanding[]> {
  const all: SubjectStanding[] = []
  for (let from = 0; from < places.length; from += limits.keysPerGet) {
    const some = places.slice(from, from + limits.keysPerGet)
    const read = await store.get(collection, some)
    some.forEach((at, i) => {
      const found = read[i] ?? null
      all.push({ at, found, standing: standingOf(found) })
    })
  }
  return all
}

/** Of a subject that is erased again, the later of the last days. */
function lasting({ erasedUntil, state }: Standing, tombstone: Tombstone): Tombstone {
  const { until, ...rest } = tombstone
  if (state !== 'erased') return tombstone
  if (erasedUntil === undefined || until === undefined) return rest
  return { ...rest, until: erasedUntil > until ? erasedUntil : until }
}

/** The denials of a subject, as they are kept by address. By place and not by text: two spellings are one record. */
async function suppressions(
  parts: Parts,
  {
    contacts,
    standing,
    tombstone,
  }: { contacts: readonly string[]; standing: Standing; tombstone: Tombstone },
): Promise<Change[]> {
  const places = new Set<string>()
  for (const contact of contacts) places.add(await contactPlace(parts, contact))
  return (await readAll(parts, [...places])).flatMap((address) => {
    const after = suppress(address.standing, { standing, at: tombstone.at })
    return Object.keys(after.purposes).length > 0 ? [putStanding({ ...address, standing: after })] : []
  })
}
