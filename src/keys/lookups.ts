/**
 * Lookups: by what a value of a register field is found without being opened.
 *
 * One record for each field, with the HMAC of tenant, group, field and the value's form for comparison, under a secret
 * of the installation that has no other use. It tells nothing of the value to whoever has the store alone. It lies below
 * the digest of its subject and its category, so that what belongs to a person, or was sealed under one of their keys, is
 * found by its prefix and goes with it.
 */

import { collections } from '../collections.ts'
import { parseStored } from '../parsing.ts'
import type { Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { type LookupRecord, lookupParser } from './model.ts'

interface Parts {
  readonly tenant: string
  readonly store: Store
}

/** Where the lookup of a field is kept. */
export const lookupPlace = (
  tenant: string,
  of: {
    readonly subjectDigest: string
    readonly category: string
    readonly group: string
    readonly field: string
  },
): string => key(tenant, of.subjectDigest, of.category, of.group, of.field)

/** A lookup as it was found. */
export interface FoundLookup {
  readonly found: Versioned
  readonly record: LookupRecord
}

/** A lookup as the store gave it. @throws IntegrityFailure `record.corrupt` */
export const lookupOf = (found: Versioned): FoundLookup => ({
  found,
  record: parseStored(lookupParser, found.value, found.key),
})

/** The lookups of a subject; of one category, where it is named. */
export async function* lookupsOf(
  { tenant, store }: Parts,
  { subjectDigest, category }: { readonly subjectDigest: string; readonly category?: string },
): AsyncIterable<FoundLookup> {
  const prefix = `${key(tenant, subjectDigest, ...(category === undefined ? [] : [category]))}/`
  for await (const found of store.scan(collections.lookups.name, { prefix })) yield lookupOf(found)
}

/** The lookups of a digest, whoever they are of. */
export async function* lookupsBy({ tenant, store }: Parts, digest: string): AsyncIterable<FoundLookup> {
  const range = { tenant, index: 'digest', equals: [digest] }
  for await (const found of store.scan(collections.lookups.name, range)) yield lookupOf(found)
}
