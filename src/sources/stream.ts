/**
 * A stream of the library's own as a source: one row per stream, its entries in one field, because a stream can only
 * stay or go as a whole. It counts as recorded when its last entry was.
 */

import { settle } from '../commit.ts'
import type { Environment, Instant } from '../environment.ts'
import type { Text } from '../policy/model.ts'
import type { Row, Source } from '../source.ts'
import type { JsonValue, Ref, Store } from '../store.ts'

/** The streams of one kind, found by subject. */
export interface StreamSource {
  readonly name: string
  readonly label: Text
  readonly category: string
  /** The streams that a subject can have. */
  streams(subject: string): readonly { readonly id: string; readonly ref: Ref }[]
  /** An entry as it is shown; absent: as it is stored. */
  show?(entry: JsonValue, stream: { readonly subject: string; readonly id: string }): Promise<JsonValue>
  /** When an entry was recorded. */
  recordedAt(entry: JsonValue): Instant
}

/** Makes a source of streams. */
export function streamSource(
  { store, environment }: { store: Store; environment: Environment },
  { name, label, category, streams, show, recordedAt }: StreamSource,
): Source {
  async function remove(ref: Ref): Promise<void> {
    await settle({ store, environment }, async () => {
      const [last] = await store.get(ref.collection, [ref.key])
      const changes = last ? [{ remove: ref, expect: last.version, through: last.version }] : []
      return { changes, result: undefined }
    })
  }

  return {
    name,
    label,
    category: () => category,
    async *find({ subject }) {
      for (const { id, ref } of streams(subject)) {
        const entries: JsonValue[] = []
        let last: JsonValue | undefined
        for await (const { value } of store.scan(ref.collection, { stream: ref.key })) {
          entries.push(show ? await show(value, { subject, id }) : value)
          last = value
        }
        if (last !== undefined)
          yield [{ id, values: { entries }, recordedAt: recordedAt(last) } satisfies Row]
      }
    },
    async erase({ subject }, erasures) {
      const going = new Set(erasures.filter(({ keep }) => keep.length === 0).map(({ row }) => row))
      for (const { id, ref } of streams(subject)) if (going.has(id)) await remove(ref)
    },
  }
}
