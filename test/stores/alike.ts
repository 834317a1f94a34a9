/**
 * The same calls on two stores end alike: a property over sequences of commits, reads and visits, made up by
 * fast-check. Versions differ between stores, so that a change says `current` or `stale`, and each store fills in its
 * own.
 */

import * as fc from 'fast-check'
import { memoryStore } from '../../adapters/memory/index.ts'
import type { PrivacyError } from '../../src/errors.ts'
import type { Change, Collection, JsonValue, Store } from '../../src/store.ts'

/** The collections that the calls use. */
export const alikeCollections: readonly Collection[] = [
  { name: 'alike_records', kind: 'records', indexes: { byA: ['a'], byAB: ['a', 'b'] } },
  { name: 'alike_notes', kind: 'records', indexes: {} },
  { name: 'alike_streams', kind: 'streams', indexes: {} },
]

type Expectation = 'absent' | 'current' | 'stale'
type Planned =
  | { act: 'put'; in: string; part: string; value: JsonValue; expect: Expectation }
  | { act: 'remove'; in: string; part: string; expect: Expectation }
  | { act: 'append'; part: string; id: string; value: JsonValue; ahead: number }
  | { act: 'drop'; part: string; behind: number; ahead: number }

const part = fc.constantFrom('a', 'b', 'c/d', 'é', '🙂')
const within = fc.constantFrom('alike_records', 'alike_records', 'alike_notes')
const small = fc.constantFrom('x', 'y', 'yy', '\ufb01', '🙂')
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.record({ a: small, b: small }),
  fc.record({
    a: fc.oneof<fc.Arbitrary<JsonValue>[]>(small, fc.integer(), fc.constant(null)),
    c: fc.boolean(),
  }),
  small,
)
const expectation = fc.constantFrom<Expectation[]>('absent', 'current', 'current', 'stale')
const ahead = fc.constantFrom(1, 1, 1, 1, 2, 0)
const change: fc.Arbitrary<Planned> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('put' as const), in: within, part, value, expect: expectation }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('remove' as const), in: within, part, expect: expectation }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('append' as const),
      part,
      id: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'),
      value: small,
      ahead,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('drop' as const),
      part,
      behind: fc.integer({ min: 0, max: 2 }),
      ahead: fc.constantFrom(0, 0, 1),
    }),
  },
)

/** Lists of commits. */
export const commits = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), {
  minLength: 5,
  maxLength: 25,
})

/** Fills in what a store has now. */
async function filled(store: Store, tenant: string, planned: readonly Planned[]): Promise<Change[]> {
  const heads = new Map<string, number>()
  const changes: Change[] = []
  for (const each of planned) {
    const key = `${tenant}/${each.part}`
    const collection = each.act === 'put' || each.act === 'remove' ? each.in : 'alike_streams'
    const [now] = await store.get(collection, [key])
    const version = now?.version ?? 0
    if (each.act === 'append') {
      const expect = Math.max(1, (heads.get(key) ?? version) + each.ahead)
      changes.push({ append: { collection, key }, id: each.id, value: each.value, expect })
      heads.set(key, expect)
    } else if (each.act === 'drop') {
      const expect = Math.max(1, version + each.ahead)
      changes.push({ remove: { collection, key }, expect, through: Math.max(1, expect - each.behind) })
    } else {
      const held = each.expect === 'stale' ? version + 1_000_000 : version || 'absent'
      const expect = each.expect === 'absent' ? 'absent' : held
      if (each.act === 'put') changes.push({ put: { collection, key }, value: each.value, expect })
      else changes.push({ remove: { collection, key }, expect: expect === 'absent' ? 999_999_999 : expect })
    }
  }
  return changes
}

const ended = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'done',
    (error: PrivacyError) => `${error.code} ${error.path}`,
  )

/** All that can be read, without versions of records and without the tenant. */
async function readBack(store: Store, tenant: string): Promise<unknown[]> {
  const found: unknown[] = []
  const ranges = [
    { prefix: `${tenant}/` },
    { tenant, index: 'byA' },
    { tenant, index: 'byA', from: 'y', before: '\u{1f642}' },
    { tenant, index: 'byAB', equals: ['x'] },
    { tenant, index: 'byAB', equals: ['yy'], from: 'x', limit: 2 },
  ]
  for (const range of ranges) {
    found.push('--')
    for await (const each of store.scan('alike_records', range))
      found.push(each.key.slice(tenant.length), each.value)
  }
  for await (const each of store.scan('alike_notes', { prefix: `${tenant}/` }))
    found.push(each.key.slice(tenant.length))
  for (const name of ['a', 'b', 'c/d', 'é', '🙂']) {
    const stream = `${tenant}/${name}`
    for await (const each of store.scan('alike_streams', { stream }))
      found.push(name, each.version, each.value)
    found.push((await store.get('alike_streams', [stream]))[0]?.version ?? null)
  }
  return found
}

async function run(store: Store, tenant: string, calls: readonly Planned[][]): Promise<unknown> {
  const outcomes: string[] = []
  for (const call of calls)
    outcomes.push(await ended(filled(store, tenant, call).then((it) => store.commit(it))))
  return { outcomes, left: await readBack(store, tenant) }
}

/** Runs calls on a store and on the memory store; gives what each of them came to. */
export async function both(
  store: Store,
  tenant: string,
  calls: readonly Planned[][],
): Promise<{ ours: unknown; memory: unknown }> {
  const memory = memoryStore({ collections: alikeCollections })
  return { ours: await run(store, tenant, calls), memory: await run(memory, tenant, calls) }
}
