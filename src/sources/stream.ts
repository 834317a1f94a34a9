/**
 * A stream of the library's own as a source: it stays or goes as a whole, by the category and the date of its last
 * entry. A person is shown its entries one by one.
 */

import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Text } from '../policy/model.ts'
import type { Held, Row, Source } from '../source.ts'
import type { JsonValue, Ref, Store } from '../store.ts'
import { uniformRow } from './row.ts'

/** A stream that each subject has. */
export interface StreamSource {
  readonly name: string
  readonly label: Text
  streamOf(subject: string): Ref
  /** When an entry was recorded, and under which category. */
  dated(entry: JsonValue): Pick<Held, 'recordedAt' | 'category'>
}

/** The only row: the stream. */
const id = 'stream'

/** Makes a source of a stream. */
export function streamSource(
  { store, environment }: { store: Store; environment: Environment },
  { name, label, streamOf, dated }: StreamSource,
): Source {
  function rowOf(entry: JsonValue, wanted: 'outline' | 'values'): Row {
    const { recordedAt, category } = dated(entry)
    const { category: _, ...values } = wanted === 'values' ? Object(entry) : { entries: [] }
    return uniformRow({ id, category, recordedAt, values }, wanted)
  }
  return {
    name,
    label,
    async *find({ subject }, wanted) {
      const { collection, key } = streamOf(subject)
      if (wanted === 'outline') {
        const [last] = await store.get(collection, [key])
        if (last) yield [rowOf(last.value, wanted)]
        return
      }
      for await (const { value } of store.scan(collection, { stream: key })) yield [rowOf(value, wanted)]
    },
    async erase({ subject }, erasures) {
      if (!erasures.some(({ row, keep }) => row === id && keep.length === 0)) return
      const ref = streamOf(subject)
      await settle({ store, environment }, async () => {
        const [last] = await store.get(ref.collection, [ref.key])
        const changes = last ? [{ remove: ref, expect: last.version, through: last.version }] : []
        return { changes, result: undefined }
      })
    },
  }
}
