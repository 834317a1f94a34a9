/**
 * A stream of the library's own as a source: it stays or goes as a whole, and counts as recorded when its last entry
 * was. A person is shown its entries one by one.
 */

import { settle } from '../commit.ts'
import type { Environment, Instant } from '../environment.ts'
import type { Text } from '../policy/model.ts'
import type { Row, Source } from '../source.ts'
import type { JsonValue, Ref, Store } from '../store.ts'
import { type UniformRow, uniformRow } from './row.ts'

/** A stream that each subject has. */
export interface StreamSource {
  readonly name: string
  readonly label: Text
  readonly category: string
  streamOf(subject: string): Ref
  /** When an entry was recorded. */
  recordedAt(entry: JsonValue): Instant
}

/** The only row: the stream. */
const id = 'stream'

/** Makes a source of a stream. */
export function streamSource(
  { store, environment }: { store: Store; environment: Environment },
  { name, label, category, streamOf, recordedAt }: StreamSource,
): Source {
  const rowOf = (entry: JsonValue, values: UniformRow['values'], wanted: 'outline' | 'values'): Row =>
    uniformRow({ id, category, recordedAt: recordedAt(entry), values }, wanted)
  return {
    name,
    label,
    async *find({ subject }, wanted) {
      const { collection, key } = streamOf(subject)
      if (wanted === 'outline') {
        const [last] = await store.get(collection, [key])
        if (last) yield [rowOf(last.value, { entries: [] }, wanted)]
        return
      }
      for await (const { value } of store.scan(collection, { stream: key }))
        yield [rowOf(value, value as UniformRow['values'], wanted)]
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
