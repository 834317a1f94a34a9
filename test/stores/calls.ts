/** Every call of a store but those of migrations, and the code that it ends with. */

import type { Store, StoredVisit } from '../../src/store.ts'

/** Gives the code of the error, or `done`. */
export type AnyCall = () => Promise<string>

const at = '2026-11-23T10:00:00.000Z'
const before = '2026-11-24T00:00:00.000Z'
const visit: StoredVisit = { id: 'v', at, session: 's', ip: null, host: null, source: null }
const key = 't/a'

async function drained(of: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of of);
}

/** The calls by their names. */
export function everyCall({ get, scan, commit, visits, bulk }: Store): Readonly<Record<string, AnyCall>> {
  const calls = {
    get: () => get('register', [key]),
    scan: () => drained(scan('register', { prefix: 't/' })),
    commit: () => commit([{ put: { collection: 'register', key }, value: 1, expect: 'absent' }]),
    append: () => visits.append('t', [visit]),
    read: () => drained(visits.read('t', { from: at, before })),
    find: () => drained(visits.find('t', ['s'])),
    erase: () => visits.erase('t', ['s']),
    purge: () => visits.purge('t', before),
    purgeAll: () => visits.purgeAll(before),
    'bulk.read': () => drained(bulk.read('register')),
    'bulk.write': () => bulk.write('register', [{ key, value: 1 }]),
    'bulk.tenants': () => bulk.tenants(),
  }
  return Object.fromEntries(
    Object.entries<() => Promise<unknown>>(calls).map(([name, call]) => [
      name,
      () =>
        call().then(
          () => 'done',
          (error: { code?: string }) => error.code ?? String(error),
        ),
    ]),
  )
}
