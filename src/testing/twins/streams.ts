/** Twins whose streams are wrong. */

import type { Change, Store } from '../../store.ts'
import { type BrokenTwin, committing, conflictAt, isConflict, now, refOf, through } from './twin.ts'

type Append = Extract<Change, { readonly append: unknown }>

/** Changes appends one by one, knowing which ids were seen before. */
function appending(
  store: Store,
  instead: (change: Append, seen: 'first' | 'again') => Promise<readonly Change[]> | readonly Change[],
): Store {
  const ids = new Set<string>()
  return committing(store, async (changes) => {
    const done: Change[] = []
    for (const change of changes) {
      if (!('append' in change)) {
        done.push(change)
        continue
      }
      const id = `${change.append.key} ${change.id}`
      done.push(...(await instead(change, ids.has(id) ? 'again' : 'first')))
      ids.add(id)
    }
    return done
  })
}

const last = async (store: Store, change: Append): Promise<number> =>
  (await now(store, change.append))?.version ?? 0

const dropping = (store: Store, through_: (through: number, expect: number) => number): Store =>
  committing(store, (changes) =>
    changes.map((change) =>
      'remove' in change && change.through !== undefined
        ? { ...change, through: through_(change.through, change.expect) }
        : change,
    ),
  )

/** Appends behind whatever is there, until it wins or has lost thirty races. */
async function untilDone(store: Store, changes: readonly Change[], races = 30): Promise<void> {
  const [change] = changes
  try {
    await store.commit(changes)
  } catch (error) {
    if (races === 0 || change === undefined || !('append' in change)) throw error
    await untilDone(store, [{ ...change, expect: (await last(store, change)) + 1 }], races - 1)
  }
}

const isDrop = (change: Change): boolean => 'remove' in change && change.through !== undefined

export const streamTwins: readonly BrokenTwin[] = [
  {
    name: 'an append appends nothing',
    promise: 'append',
    break: (store) => appending(store, () => []),
  },
  {
    name: 'an append takes the next number, whatever it expects',
    promise: 'expect of an append',
    break: (store) =>
      appending(store, async (change, seen) => [
        seen === 'again' ? change : { ...change, expect: (await last(store, change)) + 1 },
      ]),
  },
  {
    name: 'appends that expect the same number all take place',
    promise: 'one entry',
    break: (store) => through(store, { commit: (changes) => untilDone(store, changes) }),
  },
  {
    name: 'a repeated append doubles the entry',
    promise: 'repeated append',
    break: (store) =>
      appending(store, async (change, seen) =>
        seen === 'first'
          ? [change]
          : [{ ...change, id: `${change.id}, again`, expect: (await last(store, change)) + 1 }],
      ),
  },
  {
    name: 'a repeated append is refused',
    promise: 'repeated append',
    break: (store) =>
      appending(store, (change, seen) => {
        if (seen === 'again') throw conflictAt(0, change)
        return [change]
      }),
  },
  {
    name: 'an id may come twice in a stream',
    promise: 'unique id',
    break: (store) => {
      let n = 0
      return appending(store, (change) => [{ ...change, id: `${change.id} ${n++}` }])
    },
  },
  {
    name: 'an id that is there is enough for a repetition',
    promise: 'unique id',
    break: (store) => appending(store, (change, seen) => (seen === 'again' ? [] : [change])),
  },
  {
    name: 'appends of one commit are put in order',
    promise: 'appends in one commit',
    break: (store) =>
      committing(store, (changes) =>
        changes.every((change) => 'append' in change)
          ? [...changes].sort((a, b) => Number(a.expect) - Number(b.expect))
          : changes,
      ),
  },
  {
    name: 'an append that lost a race says that it won',
    promise: 'appends race',
    break: (store) =>
      through(store, {
        commit: (changes) =>
          store.commit(changes).catch((error: unknown) => {
            if (!isConflict(error)) throw error
          }),
      }),
  },
  {
    name: 'dropping drops nothing',
    promise: 'drop the oldest',
    break: (store) => committing(store, (changes) => changes.filter((change) => !isDrop(change))),
  },
  {
    name: 'dropping drops one too many',
    promise: 'drop the oldest',
    break: (store) => dropping(store, (through_, expect) => Math.min(through_ + 1, expect)),
  },
  {
    name: 'dropping ignores what it expects',
    promise: 'drop the oldest',
    break: (store) =>
      committing(store, async (changes) => {
        const done: Change[] = []
        for (const change of changes) {
          const head = isDrop(change) ? await now(store, refOf(change)) : null
          done.push(head === null ? change : ({ ...change, expect: head.version } as Change))
        }
        return done
      }),
  },
  {
    name: 'dropping always leaves an entry',
    promise: 'drop everything',
    break: (store) => dropping(store, (through_, expect) => Math.max(1, Math.min(through_, expect - 1))),
  },
  {
    name: 'dropping and appending do not go together',
    promise: 'drop and append in one commit',
    break: (store) =>
      committing(store, (changes) => {
        const at = changes.findIndex(isDrop)
        const change = changes[at]
        if (change !== undefined && changes.some((one) => 'append' in one)) throw conflictAt(at, change)
        return changes
      }),
  },
  {
    name: 'two entries of one commit may have the same number',
    promise: 'bad input of a stream',
    break: (store) => committing(store, (changes) => (changes.length > 1 ? changes.slice(0, 1) : changes)),
  },
]
