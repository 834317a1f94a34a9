/** What the tests of the MongoDB store keep: two collections, changes of them, and a visit. */

import type { Change, Collection, StoredVisit } from '../../src/store.ts'

export const collections: readonly Collection[] = [
  { name: 'things', kind: 'records', indexes: { byColour: ['colour', 'size'] } },
  { name: 'events', kind: 'streams', indexes: {} },
]
export const put = (key: string, value: string): Change => ({
  put: { collection: 'things', key },
  value,
  expect: 'absent',
})
export const append = (key: string, expect = 1): Change => ({
  append: { collection: 'events', key },
  id: `e${expect}`,
  value: 'e',
  expect,
})

export const visit: StoredVisit = {
  id: 'v',
  at: '2026-01-31T00:00:00.000Z',
  session: 'a secret',
  ip: null,
  host: null,
  source: null,
}
