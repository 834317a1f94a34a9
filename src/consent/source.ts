/** Consents and denials as a source of a person's data. The standing itself is turned into a tombstone by the request. */

import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import type { Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Store } from '../store.ts'
import { key } from '../values/key.ts'
import type { ConsentEvent } from './model.ts'

/** Where the events of a subject are. */
export const consentStream = (tenant: string, subject: string) => ({
  collection: collections.consents.name,
  key: key(tenant, subject),
})

export const createConsentSource = (
  tenant: string,
  parts: { readonly store: Store; readonly environment: Environment },
): Source =>
  streamSource(
    { ...parts, tenant },
    {
      name: 'consents',
      label: { en: 'Consents and denials', fi: 'Suostumukset ja kiellot' },
      streamOf: (subject) => consentStream(tenant, subject),
      dated: (entry) => entry as unknown as ConsentEvent,
    },
  )
