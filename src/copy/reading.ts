/** All rows of a store, section by section, in batches of one section each. */

import type { Store } from '../store.ts'
import { type CopyRow, copiedRow, copiedVisit, sectionsOf, visitsSection } from './rows.ts'

/** No visit stands before the one or after the other; see `checkVisits`. */
const always = { from: '0000-01-01T00:00:00.000Z', before: '9999-12-31T23:59:59.999Z' }

/** Every row of every tenant, in the order of `compareRows`. */
export async function* rowsOf({ bulk, visits }: Pick<Store, 'bulk' | 'visits'>): AsyncGenerator<CopyRow[]> {
  for (const section of sectionsOf(bulk.collections)) {
    if (section === visitsSection) continue
    for await (const rows of bulk.read(section)) yield rows.map((row) => copiedRow(section, row))
  }
  for (const tenant of await bulk.tenants()) {
    for await (const batch of visits.read(tenant, always)) {
      yield batch.map((visit) => copiedVisit(tenant, visit))
    }
  }
}
