/**
 * The account of disclosures and the links to partners, one stream each per person, as sources of that person's data. What
 * an authority wants kept secret is left out of what the person is shown until its day has passed; an erasure sees it.
 */

import { todayOf } from '../calendar.ts'
import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Ref, Store } from '../store.ts'
import { key } from '../values/key.ts'
import type { DisclosureEntry, LinkEvent } from './model.ts'
import { isSecret } from './rules.ts'

/** Where the disclosures about a person are kept. */
export const disclosureStream = (tenant: string, subject: string): Ref => ({
  collection: collections.disclosures.name,
  key: key(tenant, subject),
})

/** Where the links of a person are kept. */
export const linkStream = (tenant: string, subject: string): Ref => ({
  collection: collections.links.name,
  key: key(tenant, subject),
})

/** Makes the sources of a tenant's disclosures and links. */
export const createDisclosureSources = (
  tenant: string,
  parts: { readonly policy: Policy; readonly store: Store; readonly environment: Environment },
): Source[] => [
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
      isWithheld: (entry) =>
        isSecret(entry as unknown as DisclosureEntry, todayOf(parts.policy, parts.environment.now())),
    },
  ),
  streamSource(
    { ...parts, tenant },
    {
      name: 'links',
      label: { en: 'Partners’ products you connected', fi: 'Käyttöön ottamasi kumppanien tuotteet' },
      streamOf: (subject) => linkStream(tenant, subject),
      dated: (entry) => entry as unknown as LinkEvent,
    },
  ),
]
