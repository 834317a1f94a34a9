/** What a person was shown and told of the policy, as a source of their data: a row for each version, which goes as a whole. */

import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { IdentityKeys, Row, Source } from '../source.ts'
import { placeOn, rowOn, type Shelf, shelfOf, shelved } from '../sources/aside.ts'
import { uniformRow } from '../sources/row.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { noticeCollection, readNotice } from './keeping.ts'

const name = 'notices'

const shelf = (keys: IdentityKeys): Shelf => shelfOf(keys, { collection: noticeCollection, source: name })

/** Makes the source of a tenant's notices. */
export function createNoticeSource(
  tenant: string,
  { store, environment }: { readonly store: Store; readonly environment: Environment },
): Source {
  return {
    name,
    label: { en: 'What you were told of this policy', fi: 'Mitä sinulle on kerrottu tästä selosteesta' },
    async *find(keys, wanted) {
      for await (const found of shelved({ store, tenant }, shelf(keys))) {
        yield [rowOf(found, { id: rowOn(shelf(keys), found).join('/'), wanted })]
      }
    },
    async erase(keys, erasures) {
      for (const { row, keep } of erasures) {
        if (keep.length > 0) continue
        const ref = placeOn(tenant, shelf(keys), row)
        await settle({ store, environment }, async () => {
          const [found] = await store.get(ref.collection, [ref.key])
          const changes: Change[] = found ? [{ remove: ref, expect: found.version }] : []
          return { changes, result: undefined }
        })
      }
    },
    async setAside({ aside, ...present }, row) {
      const from = placeOn(tenant, shelf(present), row)
      const [found] = await store.get(from.collection, [from.key])
      if (!found) return []
      const to = placeOn(tenant, shelf({ ...present, aside }), row)
      return [
        { put: to, value: found.value, expect: 'absent' },
        { remove: from, expect: found.version },
      ]
    },
  }
}

function rowOf(found: Versioned, { id, wanted }: { id: string; wanted: 'outline' | 'values' }): Row {
  const { version, digest, acts, recordedAt, category } = readNotice(found)
  const values = { version, digest, acts: acts as unknown as JsonValue }
  return uniformRow({ id, category, recordedAt, values }, wanted)
}
