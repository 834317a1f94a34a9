/**
 * What adapters check about the collections they are given, once, before a name of them reaches a database.
 *
 * Names become identifiers (tables, columns, fields), so they come from an allow-list: collections
 * `[a-z][a-z0-9_]{0,39}`, indexes and indexed fields `[A-Za-z][A-Za-z0-9_]{0,39}`. At most four fields an index: with
 * a key they then fit into an entry of every database's index (PostgreSQL: a third of a page, 2,704 bytes).
 */

import { InvalidInput } from '../src/errors.ts'
import type { Collection } from '../src/store.ts'

const collectionName = /^[a-z][a-z0-9_]{0,39}$/
const fieldName = /^[A-Za-z][A-Za-z0-9_]{0,39}$/
const mostFields = 4

/** Whether a field can be one that an index orders by. */
export const isFieldName = (name: string): boolean => fieldName.test(name)

/** The collections by name. @throws InvalidInput `input.invalid` for a name or an index that is not allowed */
export function declared(collections: readonly Collection[]): ReadonlyMap<string, Collection> {
  const byName = new Map<string, Collection>()
  collections.forEach((collection, i) => {
    const path = `collections[${i}]`
    check(collectionName.test(collection.name) && !byName.has(collection.name), `${path}.name`)
    check(collection.kind === 'records' || collection.kind === 'streams', `${path}.kind`)
    const indexes = Object.entries(collection.indexes)
    check(collection.kind === 'records' || indexes.length === 0, `${path}.indexes`)
    for (const [name, fields] of indexes) {
      const places = new Set(fields)
      const sound = fields.length > 0 && fields.length <= mostFields && places.size === fields.length
      check(
        fieldName.test(name) && sound && fields.every((field) => fieldName.test(field)),
        `${path}.indexes`,
      )
    }
    byName.set(collection.name, collection)
  })
  return byName
}

function check(holds: boolean, path: string): void {
  if (!holds) throw new InvalidInput('input.invalid', `${path} is not allowed`, { path })
}

/** The least string that comes after all that begin with `prefix`, in byte order; the prefix is never empty. */
export function prefixEnd(prefix: string): string {
  const points = Array.from(prefix, (each) => each.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue
    // The code points D800 to DFFF are no characters.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  throw new InvalidInput('input.invalid', 'range.prefix has no end', { path: 'range.prefix' })
}
