/** Who is in the register, by id alone: no value is opened. */

import { collections } from '../collections.ts'
import type { Store } from '../store.ts'
import { key, partsOf } from '../values/key.ts'

/** Those of some groups, each once, in an order that stays the same; those after one of them, or all. Erased people may be among them. */
export const createPeople = (tenant: string, { store }: { readonly store: Store }) =>
  async function* ({
    groups,
    after,
  }: {
    readonly groups: readonly string[]
    readonly after: string | undefined
  }): AsyncIterable<string> {
    const range = {
      prefix: `${tenant}/`,
      // Behind every group: their names begin with a small letter.
      ...(after !== undefined && { after: key(tenant, after, '~') }),
    }
    let last: string | undefined
    for await (const found of store.scan(collections.register.name, range)) {
      const [subject = '', group = ''] = partsOf(found.key)
      if (subject === last || !groups.includes(group)) continue
      last = subject
      yield subject
    }
  }
