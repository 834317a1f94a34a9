/** Twins that commit records wrongly. */

import { InvalidInput } from '../../errors.ts'
import type { Change, JsonValue, Store, Versioned } from '../../store.ts'
import { tenantOf } from '../../values/key.ts'
import { all } from '../conformance/assert.ts'
import { type BrokenTwin, committing, conflictAt, giving, isConflict, now, refOf, through } from './twin.ts'

/** The change with the version that is there now, where it expects a version of a record. */
async function whatever(store: Store, change: Change): Promise<Change> {
  if ('append' in change || ('remove' in change && change.through !== undefined)) return change
  const found = await now(store, refOf(change))
  return found === null || change.expect === 'absent' ? change : { ...change, expect: found.version }
}

const each = async (
  changes: readonly Change[],
  instead: (change: Change) => Promise<Change>,
): Promise<Change[]> => {
  const done: Change[] = []
  for (const change of changes) done.push(await instead(change))
  return done
}

/** Renames keys on the way in, and knows them by the new name ever after. */
function renaming(store: Store, rename: (key: string) => string): Store {
  const renamed = (change: Change): Change => {
    const to = { ...refOf(change), key: rename(refOf(change).key) }
    if ('put' in change) return { ...change, put: to }
    return 'remove' in change ? { ...change, remove: to } : { ...change, append: to }
  }
  return through(
    committing(store, (changes) => changes.map(renamed)),
    {
      get: async (collection, keys) => {
        const found = await store.get(collection, keys.map(rename))
        return found.map((one, i) => (one === null ? null : { ...one, key: keys[i] ?? one.key }))
      },
    },
  )
}

const cut = (value: JsonValue): JsonValue => (typeof value === 'string' ? value.slice(0, 65_535) : value)
const putting = (change: Change, value: (given: JsonValue) => JsonValue): Change =>
  'remove' in change ? change : { ...change, value: value(change.value) }

export const writingTwins: readonly BrokenTwin[] = [
  {
    name: 'an empty commit is an error',
    promise: 'empty commit',
    break: (store) =>
      committing(store, (changes) => {
        if (changes.length === 0) throw new InvalidInput('input.invalid', 'nothing to do')
        return changes
      }),
  },
  {
    name: 'a put with an expectation of nothing replaces what is there',
    promise: 'put absent',
    break: (store) =>
      committing(store, (changes) =>
        each(changes, async (change) => {
          if (!('put' in change) || change.expect !== 'absent') return change
          return { ...change, expect: (await now(store, change.put))?.version ?? 'absent' }
        }),
      ),
  },
  {
    name: 'the version that a put expects is ignored',
    promise: 'put version',
    break: (store) =>
      committing(store, (changes) =>
        each(changes, (change) => ('put' in change ? whatever(store, change) : Promise.resolve(change))),
      ),
  },
  {
    name: 'a lost expectation is passed over in silence',
    promise: 'put version',
    break: (store) =>
      through(store, {
        commit: (changes) =>
          store.commit(changes).catch((error: unknown) => {
            if (!isConflict(error)) throw error
          }),
      }),
  },
  {
    name: 'a lost expectation is an error without a code',
    promise: 'put version',
    break: (store) =>
      through(store, {
        commit: (changes) =>
          store.commit(changes).catch((error: unknown) => {
            throw isConflict(error) ? new Error('lost') : error
          }),
      }),
  },
  {
    name: 'a remove removes nothing',
    promise: 'remove',
    break: (store) => committing(store, (changes) => changes.filter((change) => !('remove' in change))),
  },
  {
    name: 'a remove removes its neighbours too',
    promise: 'remove',
    break: (store) =>
      committing(store, async (changes) => {
        const [first] = changes
        if (first === undefined || !('remove' in first) || first.through !== undefined) return changes
        const { collection, key } = first.remove
        const others = await all(store.scan(collection, { prefix: `${tenantOf(key)}/` }))
        const neighbours = others.filter((one) => one.key !== key)
        return [
          ...changes,
          ...neighbours.map((one) => ({ remove: { collection, key: one.key }, expect: one.version })),
        ]
      }),
  },
  {
    name: 'the version that a remove expects is ignored',
    promise: 'remove version',
    break: (store) =>
      committing(store, (changes) =>
        each(changes, (change) => ('remove' in change ? whatever(store, change) : Promise.resolve(change))),
      ),
  },
  {
    name: 'a collection is a prefix that another shares',
    promise: 'two collections',
    break(store) {
      const one = (collection: string): string => (collection === 'kit_notes' ? 'kit_things' : collection)
      return through(
        committing(store, (changes) =>
          changes.map((change): Change => {
            if (!('put' in change)) return change
            return { ...change, put: { ...change.put, collection: one(change.put.collection) } }
          }),
        ),
        { get: (collection, keys) => store.get(one(collection), keys) },
      )
    },
  },
  {
    name: 'a commit forgets its last change',
    promise: 'all of a commit',
    break: (store) => committing(store, (changes) => (changes.length > 1 ? changes.slice(0, -1) : changes)),
  },
  {
    name: 'a commit that fails leaves what came before',
    promise: 'rollback',
    break: (store) =>
      through(store, {
        async commit(changes) {
          for (const [i, change] of changes.entries()) {
            await store.commit([change]).catch((error: unknown) => {
              throw isConflict(error) ? conflictAt(i, change) : error
            })
          }
        },
      }),
  },
  {
    name: 'a conflict names the last change',
    promise: 'the conflict names the change',
    break: (store) =>
      through(store, {
        commit: (changes) =>
          store.commit(changes).catch((error: unknown) => {
            const last = changes.at(-1)
            throw isConflict(error) && last !== undefined ? conflictAt(changes.length - 1, last) : error
          }),
      }),
  },
  {
    name: 'a commit takes a hundred changes at most',
    promise: 'as many as are allowed',
    break: (store) =>
      committing(store, (changes) => {
        if (changes.length > 100) throw new InvalidInput('input.too-large', 'too many changes')
        return changes
      }),
  },
  {
    name: 'long strings are cut',
    promise: 'long keys and values',
    break: (store) => committing(store, (changes) => changes.map((change) => putting(change, cut))),
  },
  {
    name: 'keys that look alike are one',
    promise: 'odd keys',
    break: (store) => renaming(store, (key) => key.normalize('NFC')),
  },
  {
    name: 'keys do not tell great letters from small ones',
    promise: 'odd keys',
    break: (store) => renaming(store, (key) => key.toLowerCase()),
  },
  {
    name: 'what was given is the store’s own object',
    promise: 'copies',
    break(store) {
      const own = new Map<string, JsonValue>()
      const broken = giving(
        store,
        (found): Versioned => ({ ...found, value: own.get(found.key) ?? found.value }),
      )
      return through(broken, {
        async commit(changes) {
          await store.commit(changes)
          for (const change of changes) if ('put' in change) own.set(change.put.key, change.value)
        },
      })
    },
  },
  {
    name: 'a remove reaches into another tenant',
    promise: 'tenants apart in writing',
    break: (store) =>
      committing(store, async (changes) => {
        const more: Change[] = []
        for (const change of changes) {
          if (!('remove' in change) || change.through !== undefined) continue
          const other = { ...change.remove, key: change.remove.key.replace('/', '-b/') }
          const found = await now(store, other)
          if (found !== null) more.push({ remove: other, expect: found.version })
        }
        return [...changes, ...more]
      }),
  },
  {
    name: 'a slash in a part is a slash in the key',
    promise: 'parts cannot reach out',
    break: (store) => renaming(store, (key) => key.replaceAll('%2F', '/').replaceAll('%25', '%')),
  },
  {
    name: 'what JSON cannot carry is made into something that it can',
    promise: 'bad input of commit',
    break: (store) =>
      committing(store, (changes) =>
        Array.isArray(changes)
          ? changes.map((change) =>
              'value' in Object(change)
                ? { ...change, value: JSON.parse(JSON.stringify(change.value, tame) ?? 'null') as JsonValue }
                : change,
            )
          : changes,
      ),
  },
]

const tame = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)
