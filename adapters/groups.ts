/** The changes of a commit by collection: in one order for every commit, so that none waits for another in a circle. */

import type { Placed } from './expectations.ts'

/** The changes to one collection, in the caller's order. */
export type Group = readonly [Placed, ...Placed[]]

/** By collection, in order of their names. */
export function byCollection(changes: readonly Placed[]): Group[] {
  const groups = new Map<string, [Placed, ...Placed[]]>()
  for (const each of changes) {
    const group = groups.get(each.collection.name)
    if (group === undefined) groups.set(each.collection.name, [each])
    else group.push(each)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}
