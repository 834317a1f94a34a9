/**
 * A stream of the library's own as a source: it stays or goes as a whole, by the category and the date of its last
 * entry. A person is shown its entries one by one. Set aside, each entry is a record of its own.
 *
 * Entries that are withheld from the person and come after all others are a field of their own, named by the first of
 * them: what the person is told of the stream is dated as if they were not there, and they stay until their own date.
 */

import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Text } from '../policy/model.ts'
import type { Held, IdentityKeys, Row, Source } from '../source.ts'
import type { Change, JsonValue, Ref, Store, Versioned } from '../store.ts'
import { placeOn, rowOn, type Shelf, shelfOf, shelved } from './aside.ts'
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

/** What the person may be told of it, or all of it; and those withheld at its end, by the number of the first. */
const open = 'entries'
const withheldFrom = /^entries-from-(\d+)$/

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
        for await (const { value } of shown(declared, entries(parts, from))) yield [rowOf(declared, value)]
        return
      }
      const ends = await endsOf(parts, from, declared)
      const fields = ends ? outlineOf(declared, ends) : []
      const told = keys.audience === 'subject' ? fields.filter(({ withheld }) => !withheld) : fields
      if (told.length > 0) yield [{ id, fields: told }]
    },
    async erase(keys, erasures) {
      const keep = erasures.find(({ row }) => row === id)?.keep
      if (keep === undefined || keep.includes(open)) return
      const before = Math.min(...keep.map((name) => Number(withheldFrom.exec(name)?.[1] ?? 1)))
      if (keys.aside === undefined) await removeStream(parts, { ref: streamOf(keys.subject), before })
      else await removeShelf(parts, { shelf: shelf(keys), before })
    },
    setAside: (keys) => move(parts, { from: streamOf(keys.subject), to: shelf(keys) }),
  }
}

function rowOf({ dated }: StreamSource, entry: JsonValue): Row {
  const { recordedAt, category } = dated(entry)
  const { category: _, ...values } = Object(entry)
  return uniformRow({ id, category, recordedAt, values }, 'values')
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

/** How entries end. */
interface Ends {
  readonly last: Versioned
  /** The last that the person may see. */
  readonly shown?: Versioned
  /** The number of the first after that one. */
  readonly after?: number
}

async function endsOf(parts: Parts, from: From, { isWithheld }: Withholding): Promise<Ends | undefined> {
  if ('stream' in from) {
    const [last] = await parts.store.get(from.stream.collection, [from.stream.key])
    if (!last) return undefined
    if (!isWithheld?.(last.value)) return { last, shown: last }
  }
  let ends: Ends | undefined
  for await (const last of entries(parts, from)) {
    if (!isWithheld?.(last.value)) ends = { last, shown: last }
    else ends = { after: 'shelf' in from ? numberOn(from.shelf, last) : last.version, ...ends, last }
  }
  return ends
}

/** The number that an entry had in its stream. */
const numberOn = (shelf: Shelf, found: Versioned): number => Number(rowOn(shelf, found)[0])

function outlineOf({ dated }: StreamSource, { last, shown, after }: Ends): Held[] {
  // By the category of the last: what comes first never stays longer than what comes after it.
  const { category, recordedAt } = dated(last.value)
  const fields: Held[] = shown ? [{ name: open, category, recordedAt: dated(shown.value).recordedAt }] : []
  if (after !== undefined)
    fields.push({ name: `entries-from-${after}`, category, recordedAt, withheld: true })
  return fields
}

/** Removes the entries before a number. */
const removeStream = (
  { store, environment }: Parts,
  { ref, before }: { ref: Ref; before: number },
): Promise<void> =>
  settle({ store, environment }, async () => {
    const [last] = await store.get(ref.collection, [ref.key])
    const through = Math.min(last?.version ?? 0, before - 1)
    const changes = last && through > 0 ? [{ remove: ref, expect: last.version, through }] : []
    return { changes, result: undefined }
  })

async function removeShelf(parts: Parts, { shelf, before }: { shelf: Shelf; before: number }): Promise<void> {
  let left = true
  while (left) {
    left = await settle(parts, async () => {
      const changes: Change[] = []
      for await (const found of shelved(parts, shelf)) {
        if (numberOn(shelf, found) >= before || changes.length === batch) break
        const { key, version } = found
        changes.push({ remove: { collection: shelf.collection, key }, expect: version })
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
