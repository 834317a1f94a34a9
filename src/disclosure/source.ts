/** The account of disclosures, one stream per person, as a source of that person's data. */

import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import type { Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Ref, Store } from '../store.ts'
import { key } from '../values/key.ts'
import type { DisclosureEntry } from './model.ts'

/** Where the disclosures about a person are kept. */
export const disclosureStream = (tenant: string, subject: string): Ref => ({
  collection: collections.disclosures.name,
  key: key(tenant, subject),
})

/** Makes the source of a tenant's disclosures. */
export const createDisclosureSource = (
  tenant: string,
  parts: { readonly store: Store; readonly environment: Environment },
): Source =>
  streamSource(
    { ...parts, tenant },
    {
      name: 'disclosures',
      label: { en: 'Who received your data', fi: 'Kenelle tietojasi on luovutettu' },
      streamOf: (subject) => disclosureStream(tenant, subject),
      dated: (entry) => {
        const { at: recordedAt, category } = entry as unknown as DisclosureEntry
        return { recordedAt, category }
      },
    },
  )
