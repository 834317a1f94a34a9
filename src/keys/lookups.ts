/**
 * Lookups: by what a value of a register field is found without being opened.
 *
 * One record for each field, with the HMAC of tenant, group, field and the value's form for comparison, under a secret
 * of the installation that has no other use. It tells nothing of the value to whoever has the store alone. It lies below
 * the digest of its subject and its category, so that what belongs to a person, or was sealed under one of their keys, is
 * found by its prefix and goes with it.
 */

import { parseStored } from '../parsing.ts'
import type { Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { type LookupRecord, lookupParser } from './model.ts'

/** Whose lookups, and of which category. */
interface Owner {
  readonly subjectDigest: string
  readonly category: string
}

/** Where the lookup of a field is kept. */
export const lookupPlace = (
  tenant: string,
  { subjectDigest, category, group, field }: Owner & { readonly group: string; readonly field: string },
): string => key(tenant, subjectDigest, category, group, field)

/** What the lookups of a subject lie below; those of one category, where it is named. */
export const lookupPrefix = (
  tenant: string,
  { subjectDigest, category }: Pick<Owner, 'subjectDigest'> & Partial<Owner>,
): string => `${key(tenant, subjectDigest, ...(category === undefined ? [] : [category]))}/`

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
