/** A store that fails at one of its calls: before it took effect, or after; the real store beneath is untouched. */

import { type Store, StoreFailure } from '@pilvi/privacy'

export type Fault = 'before' | 'after'

/** Counts the calls of `get`, `scan`, `commit` and the visit log; the call of that number fails. */
export function faulty(store: Store): {
  store: Store
  arm(call: number, fault: Fault): void
  calls(): number
} {
  let count = 0
  let armed: { call: number; fault: Fault } | null = null
  const failure = (fault: Fault) =>
    new StoreFailure(fault === 'before' ? 'store.unavailable' : 'store.outcome-unknown', 'killed by the test')

  async function call<T>(work: () => Promise<T>): Promise<T> {
    const mine = ++count
    if (armed?.call === mine && armed.fault === 'before') throw failure('before')
    const result = await work()
    if (armed?.call === mine) throw failure('after')
    return result
  }
  async function* walk<T>(work: () => AsyncIterable<T>): AsyncIterable<T> {
    const mine = ++count
    if (armed?.call === mine && armed.fault === 'before') throw failure('before')
    yield* work()
    if (armed?.call === mine) throw failure('after')
  }
  const { visits } = store
  return {
    calls: () => count,
    arm(at, fault) {
      count = 0
      armed = { call: at, fault }
    },
    store: {
      name: store.name,
      bulk: store.bulk,
      migrate: store.migrate,
      get: (...given) => call(() => store.get(...given)),
      scan: (...given) => walk(() => store.scan(...given)),
      commit: (...given) => call(() => store.commit(...given)),
      close: () => store.close(),
      visits: {
        append: (...given) => call(() => visits.append(...given)),
        read: (...given) => walk(() => visits.read(...given)),
        purge: (...given) => call(() => visits.purge(...given)),
        purgeAll: (...given) => call(() => visits.purgeAll(...given)),
        find: (...given) => walk(() => visits.find(...given)),
        erase: (...given) => call(() => visits.erase(...given)),
      },
    },
  }
}
