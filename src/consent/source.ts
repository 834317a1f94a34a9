/**
 * Consents and denials as a source of a person's data. The standing itself is turned into a tombstone by the request. What a
 * merge had carried here from another id is withheld from the person once the merge is undone: it is somebody else's.
 */

import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import type { Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Store } from '../store.ts'
import { key } from '../values/key.ts'
import { isCarriedBy, undoneIn } from './merge.ts'
import type { Entry } from './model.ts'

/** Where the events of a subject are. */
export const consentStream = (tenant: string, subject: string) => ({
  collection: collections.consents.name,
  key: key(tenant, subject),
})

/** The entries of a person's stream, oldest first. */
export async function entriesOf(
  { tenant, store }: { readonly tenant: string; readonly store: Pick<Store, 'scan'> },
  subject: string,
): Promise<Entry[]> {
  const { collection, key: stream } = consentStream(tenant, subject)
  const entries: Entry[] = []
  for await (const { value } of store.scan(collection, { stream })) entries.push(value as unknown as Entry)
  return entries
}

export function createConsentSource(
  tenant: string,
  parts: { readonly store: Store; readonly environment: Environment },
): Source {
  const all = { ...parts, tenant }
  const sourceWithout = (undone: ReadonlySet<string>): Source =>
    streamSource(all, {
      name: 'consents',
      label: { en: 'Consents and denials', fi: 'Suostumukset ja kiellot' },
      streamOf: (subject) => consentStream(tenant, subject),
      dated: (entry) => entry as unknown as Entry,
      ...(undone.size > 0 && { isWithheld: (entry) => isCarriedBy(entry as unknown as Entry, undone) }),
    })
  return {
    ...sourceWithout(new Set()),
    async *find(keys, wanted) {
      const shown = wanted === 'values' ? undoneIn(await entriesOf(all, keys.subject)) : new Set<string>()
      yield* sourceWithout(shown).find(keys, wanted)
    },
  }
}
