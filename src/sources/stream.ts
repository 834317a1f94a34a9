/**
 * A stream of the library's own as a source: it stays or goes as a whole, by the category and the date of its last
 * entry. A person is shown its entries one by one. Set aside, each entry is a record of its own.
 */

import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Text } from '../policy/model.ts'
import type { Held, IdentityKeys, Row, Source } from '../source.ts'
import type { Change, JsonValue, Ref, Store, Versioned } from '../store.ts'
import { placeOn, type Shelf, shelfOf, shelved } from './aside.ts'
import { uniformRow } from './row.ts'

/** A stream that each subject has. */
export interface StreamSource {
  readonly name: string
  readonly label: Text
  streamOf(subject: string): Ref
  /** When an entry was recorded, and under which category. */
  dated(entry: JsonValue): Pick<Held, 'recordedAt' | 'category'>
  /** Whether an entry is to be kept from the person for now; absent: none is. */
  isWithheld?(entry: JsonValue): boolean
}

interface Parts {
  readonly tenant: string
  readonly store: Store
  readonly environment: Environment
}

/** The only row: the stream. */
const id = 'stream'

/** Entries that are moved or removed in one commit. */
const batch = 400

/** Makes a source of a stream. */
export function streamSource(parts: Parts, declared: StreamSource): Source {
  const { name, label, streamOf } = declared
  const shelf = (keys: IdentityKeys): Shelf =>
    shelfOf(keys, { collection: streamOf(keys.subject).collection, source: name })
  return {
    name,
    label,
    async *find(keys, wanted) {
      const from = keys.aside === undefined ? { stream: streamOf(keys.subject) } : { shelf: shelf(keys) }
      if (wanted === 'values') {
        for await (const { value } of shown(declared, entries(parts, from)))
          yield [rowOf(declared, value, wanted)]
        return
      }
      const last = await lastOf(parts, from, keys.audience === 'subject' ? declared : {})
      if (last) yield [rowOf(declared, last.value, wanted)]
    },
    async erase(keys, erasures) {
      if (!erasures.some(({ row, keep }) => row === id && keep.length === 0)) return
      if (keys.aside === undefined) await removeStream(parts, streamOf(keys.subject))
      else await removeShelf(parts, shelf(keys))
    },
    setAside: (keys) => move(parts, { from: streamOf(keys.subject), to: shelf(keys) }),
  }
}

function rowOf({ dated }: StreamSource, entry: JsonValue, wanted: 'outline' | 'values'): Row {
  const { recordedAt, category } = dated(entry)
  const { category: _, ...values } = wanted === 'values' ? Object(entry) : { entries: [] }
  return uniformRow({ id, category, recordedAt, values }, wanted)
}

/** The stream itself, or what was set aside of it. */
type From = { readonly stream: Ref } | { readonly shelf: Shelf }

const entries = (parts: Parts, from: From): AsyncIterable<Versioned> =>
  'shelf' in from
    ? shelved(parts, from.shelf)
    : parts.store.scan(from.stream.collection, { stream: from.stream.key })

type Withholding = Pick<StreamSource, 'isWithheld'>

/** What the person may see. */
async function* shown({ isWithheld }: Withholding, all: AsyncIterable<Versioned>): AsyncIterable<Versioned> {
  for await (const found of all) if (!isWithheld?.(found.value)) yield found
}

async function lastOf(parts: Parts, from: From, by: Withholding): Promise<Versioned | null> {
  if ('stream' in from && by.isWithheld === undefined)
    return (await parts.store.get(from.stream.collection, [from.stream.key]))[0] ?? null
  let last: Versioned | null = null
  for await (const found of shown(by, entries(parts, from))) last = found
  return last
}

const removeStream = ({ store, environment }: Parts, ref: Ref): Promise<void> =>
  settle({ store, environment }, async () => {
    const [last] = await store.get(ref.collection, [ref.key])
    const changes = last ? [{ remove: ref, expect: last.version, through: last.version }] : []
    return { changes, result: undefined }
  })

async function removeShelf(parts: Parts, shelf: Shelf): Promise<void> {
  let left = true
  while (left) {
    left = await settle(parts, async () => {
      const changes: Change[] = []
      for await (const { key, version } of shelved(parts, shelf)) {
        changes.push({ remove: { collection: shelf.collection, key }, expect: version })
        if (changes.length === batch) break
      }
      return { changes, result: changes.length === batch }
    })
  }
}

/** The first entries of a stream as records, and gone from it. */
async function move({ store, tenant }: Parts, { from, to }: { from: Ref; to: Shelf }): Promise<Change[]> {
  const [last] = await store.get(from.collection, [from.key])
  if (!last) return []
  const changes: Change[] = []
  let through = 0
  for await (const { version, value } of store.scan(from.collection, { stream: from.key, limit: batch })) {
    changes.push({ put: placeOn(tenant, to, String(version).padStart(12, '0')), value, expect: 'absent' })
    through = version
  }
  return [...changes, { remove: from, expect: last.version, through }]
}
