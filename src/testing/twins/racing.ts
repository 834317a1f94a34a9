/** Twins that lose races wrongly. */

import { systemEnvironment } from '../../environment.ts'
import { StoreFailure } from '../../errors.ts'
import type { Change, Store } from '../../store.ts'
import { type BrokenTwin, conflictAt, now, refOf, through } from './twin.ts'

/** Looks first, and writes later what it then finds. */
async function lookThenWrite(store: Store, changes: readonly Change[]): Promise<void> {
  const found = await Promise.all(changes.map((change) => now(store, refOf(change))))
  for (const [i, change] of changes.entries()) {
    const version = found[i]?.version ?? 'absent'
    const holds = 'append' in change ? true : change.expect === version
    if (!holds) throw conflictAt(i, change)
  }
  await systemEnvironment.wait(1)
  for (const change of changes) {
    if ('append' in change) continue
    const there = await now(store, refOf(change))
    const expect = there?.version ?? 'absent'
    if ('put' in change) await store.commit([{ ...change, expect }]).catch(() => {})
    else if (expect !== 'absent') await store.commit([{ ...change, expect }]).catch(() => {})
  }
}

/** Locks records in the order of the changes, and gives up where two wait for each other. */
function lockInOrder(): (store: Store) => Store {
  // Shared by all stores on the same data, as locks in a database are.
  const held = new Set<string>()
  const take = async (key: string): Promise<void> => {
    for (let i = 0; held.has(key); i++) {
      if (i === 20) throw new StoreFailure('store.unavailable', 'deadlock')
      await systemEnvironment.wait(1)
    }
    held.add(key)
    await systemEnvironment.wait(1)
  }
  const commit =
    (store: Store): Store['commit'] =>
    async (changes) => {
      const mine: string[] = []
      try {
        for (const change of changes) {
          await take(refOf(change).key)
          mine.push(refOf(change).key)
        }
        await store.commit(changes)
      } finally {
        for (const key of mine) held.delete(key)
      }
    }
  return (store) => through(store, { commit: commit(store) })
}

export const racingTwins: readonly BrokenTwin[] = [
  {
    name: 'a commit looks first and writes later',
    promise: 'one winner',
    break: (store) => through(store, { commit: (changes) => lookThenWrite(store, changes) }),
  },
  {
    name: 'a commit that makes looks first and writes later',
    promise: 'one maker',
    break: (store) => through(store, { commit: (changes) => lookThenWrite(store, changes) }),
  },
  {
    name: 'a remove that lost a race removes all the same',
    promise: 'one of removing and replacing',
    break: (store) => through(store, { commit: (changes) => lookThenWrite(store, changes) }),
  },
  {
    name: 'records are locked in the order given',
    promise: 'commits that cross',
    break: lockInOrder(),
  },
]
