/**
 * Where rows lie that were set aside: what an erasure had to keep of a person who was reopened since. They lie as they
 * lay, sealed values included, in a collection that no service reads, below the erasure that kept them: what is new about
 * the person cannot meet them, and only an export, a later erasure and the sweep go there.
 */

import { collections } from '../collections.ts'
import type { IdentityKeys } from '../source.ts'
import type { Ref, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'

/** Rows of a person in one collection: those whose keys begin with these parts. */
export interface Shelf {
  readonly collection: string
  readonly below: readonly string[]
}

/** Where a source keeps the rows that are meant: in its own collection below the subject, or aside. */
export const shelfOf = (
  { subject, aside }: IdentityKeys,
  { collection, source }: { readonly collection: string; readonly source: string },
): Shelf =>
  aside === undefined
    ? { collection, below: [subject] }
    : { collection: collections.aside.name, below: [aside, subject, source] }

/** Everything on a shelf, in order. */
export const shelved = (
  { store, tenant }: { readonly store: Store; readonly tenant: string },
  { collection, below }: Shelf,
): AsyncIterable<Versioned> => store.scan(collection, { prefix: `${key(tenant, ...below)}/` })

/** The place of a row on a shelf. */
export const placeOn = (tenant: string, { collection, below }: Shelf, ...row: readonly string[]): Ref => ({
  collection,
  key: key(tenant, ...below, ...row),
})

/** What names a row on its shelf. */
export const rowOn = ({ below }: Shelf, found: Versioned): string[] => partsOf(found.key).slice(below.length)
