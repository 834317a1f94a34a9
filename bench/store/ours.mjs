/** The library's side: a store, asked as its services ask it. */

import { keyOf, range, recordOf } from './data.mjs'

const name = 'bench_records'

export async function ours(store) {
  await store.migrate.apply(await store.migrate.plan())
  const head = { collection: 'bench_events', key: 'bench/stream' }
  let sequence = (await store.get(head.collection, [head.key]))[0]?.version ?? 0
  let made = 0
  return {
    store,
    /** Makes records; not timed. */
    async fill(from, to) {
      for (let i = from; i < to; i += 500) {
        const rows = range(i, Math.min(500, to - i)).map((n) => ({ key: keyOf(n), value: recordOf(n) }))
        await store.bulk.write(name, rows)
      }
    },
    async get(keys) {
      const found = await store.get(name, keys)
      if (found.includes(null)) throw new Error('a record is missing')
      return found
    },
    replace: ({ key, version }, value) =>
      store.commit([{ put: { collection: name, key }, value, expect: version }]),
    async replaceAndAppend({ key, version }, value) {
      const id = `e${++sequence}`
      await store.commit([
        { put: { collection: name, key }, value, expect: version },
        { put: { collection: name, key: `bench/made/${made++}` }, value, expect: 'absent' },
        { append: head, id, value: { key }, expect: sequence },
      ])
    },
    async scan() {
      let count = 0
      for await (const { value } of store.scan(name, { prefix: 'bench/record/' })) if (value.name) count++
      return count
    },
    append: (visits) => store.visits.append('bench', visits),
    purge: (before) => store.visits.purgeAll(before),
  }
}
