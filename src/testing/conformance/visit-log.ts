/**
 * The visit log: batches in, ranges of time out in batches, and everything gone when it has to be. A visit is known
 * by its time and id together; keeping one that is there already changes nothing.
 */

import type { InvalidInputCode } from '../../errors.ts'
import type { StoredVisit, VisitLog } from '../../store.ts'
import { compareBytes } from '../../values/text.ts'
import { all, holds, NotConforming, refuses, same, there } from './assert.ts'
import { type BadValue, badInstants, badLists, badTenants, badTexts } from './bad-values.ts'
import type { Case, Scene } from './scene.ts'
import { oddStrings } from './values.ts'

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 31, 0, n)).toISOString()
const whole = { from: '0001-01-01T00:00:00.000Z', before: '9999-12-31T23:59:59.999Z' }

/** The n-th visit: a minute after the one before. */
export const visit = (n: number, more: Partial<StoredVisit> = {}): StoredVisit => ({
  id: `v${String(n).padStart(5, '0')}`,
  at: minute(n),
  session: `s${n % 3}`,
  ip: '203.0.113.7',
  host: null,
  source: 'https://example.org/',
  ...more,
})
const visits = (count: number): StoredVisit[] => Array.from({ length: count }, (_, n) => visit(n))

export const visitCases: readonly Case[] = [
  {
    name: 'append visits: all fields as they were given, null included',
    async run({ store, tenant, peekVisits }) {
      const given = [
        visit(1),
        visit(2, { ip: null, host: 'host.example', source: null }),
        ...oddStrings.map((odd, i) =>
          visit(i + 3, { id: odd, session: odd, ip: odd, host: odd, source: odd }),
        ),
        visit(900, { source: 'x'.repeat(2_048), session: 's'.repeat(512), id: 'i'.repeat(512) }),
      ]
      await store.visits.append(tenant, given)
      same(inOrder(await peekVisits(tenant)), given, 'what lies there')
      same(await read(store.visits, tenant), given, 'what read gives')
    },
  },
  {
    name: 'append nothing: an empty batch is no error',
    async run({ store, tenant, peekVisits }) {
      await store.visits.append(tenant, [])
      same(await peekVisits(tenant), [], 'what lies there')
    },
  },
  {
    name: 'append copies: changing what was given, or what was returned, changes nothing',
    async run({ store, tenant, peekVisits }) {
      const given = { ...visit(1), more: 'not kept' }
      await store.visits.append(tenant, [given])
      Object.assign(given, { session: 'changed' })
      for await (const batch of store.visits.read(tenant, whole)) Object.assign(there(batch[0]), { ip: 'x' })
      for await (const batch of store.visits.find(tenant, ['s1'])) Object.assign(there(batch[0]), { ip: 'x' })
      same(await peekVisits(tenant), [visit(1)], 'what lies there')
      same(await read(store.visits, tenant), [visit(1)], 'what read gives')
      same(await all(store.visits.find(tenant, ['s1'])), [[visit(1)]], 'what find gives')
    },
  },
  {
    name: 'append twice: a visit that is there is not kept again, and others beside it are',
    async run({ store, tenant, peekVisits }) {
      await store.visits.append(tenant, visits(5))
      await store.visits.append(tenant, visits(8))
      await store.visits.append(tenant, [visit(3, { ip: 'other' }), visit(9), visit(9, { ip: 'second' })])
      same(inOrder(await peekVisits(tenant)), [...visits(8), visit(9)], 'what lies there')
    },
  },
  {
    name: 'append alike: visits that share a session, a time or all but the id are all kept',
    async run({ store, tenant, peekVisits }) {
      const given = [visit(1), visit(1, { id: 'w' }), visit(1, { id: 'x', session: 'other' }), visit(2)]
      await store.visits.append(tenant, given)
      same(inOrder(await peekVisits(tenant)), inOrder(given), 'what lies there')
    },
  },
  {
    name: 'append races: the same batch from many at once is kept once',
    async run({ store, tenant, peekVisits }) {
      const batches = [visits(300), visits(300).reverse(), visits(200), visits(300)]
      await Promise.all(batches.map((batch) => store.visits.append(tenant, batch)))
      same(inOrder(await peekVisits(tenant)), visits(300), 'what lies there')
    },
  },
  {
    name: 'a full batch: ten thousand visits at once',
    async run({ store, tenant }) {
      await store.visits.append(tenant, visits(10_000))
      same((await read(store.visits, tenant)).length, 10_000, 'how many read gives')
    },
  },
  {
    name: 'read order: by time, then by id in the order of UTF-8 bytes',
    async run({ store, tenant }) {
      const ids = ['b', 'a', 'B', '10', '9', 'é', '\uffee', '🙂', '_', '%']
      const given = [5, 3, 9].flatMap((n) => ids.map((id) => visit(n, { id })))
      await store.visits.append(tenant, given)
      same(await read(store.visits, tenant), inOrder(given), 'what read gives')
    },
  },
  {
    name: 'read range: from its beginning, up to but without its end',
    async run({ store, tenant }) {
      await store.visits.append(tenant, visits(10))
      const table: [number, number][] = [
        [0, 10],
        [3, 7],
        [3, 4],
        [3, 3],
        [7, 3],
        [9, 100],
      ]
      for (const [from, before] of table) {
        const found = await read(store.visits, tenant, { from: minute(from), before: minute(before) })
        same(found, visits(10).slice(from, Math.max(from, before)), `minutes ${from} to ${before}`)
      }
    },
  },
  {
    name: 'read batches: together the whole range, none of them empty',
    async run({ store, tenant }) {
      const given = visits(2_500).map((each, i) => (i < 1_700 ? { ...each, at: minute(5) } : each))
      await store.visits.append(tenant, given)
      const batches = await all(store.visits.read(tenant, whole))
      holds(
        batches.every((batch) => batch.length > 0 && batch.length <= 10_000),
        'batches are neither empty nor huge',
      )
      same(batches.flat(), inOrder(given), 'all batches together')
    },
  },
  {
    name: 'read under purging: a range that goes while it is read is no error',
    async run({ store, tenant }) {
      await store.visits.append(tenant, visits(2_500))
      const seen: string[] = []
      for await (const batch of store.visits.read(tenant, whole)) {
        seen.push(...batch.map((each) => each.id))
        await store.visits.purge(tenant, there(batch.at(-1)).at)
      }
      same(seen.length, 2_500, 'how many were seen')
    },
  },
  {
    name: 'purge: what is before the instant goes, and nothing else',
    async run({ store, tenant, peekVisits }) {
      const edge = new Date(Date.parse(minute(5)) - 1).toISOString()
      const given = [...visits(10), visit(20, { at: edge, id: 'edge' })]
      await store.visits.append(tenant, given)
      await store.visits.purge(tenant, minute(5))
      same(inOrder(await peekVisits(tenant)), visits(10).slice(5), 'what lies there')
      same(await read(store.visits, tenant), visits(10).slice(5), 'what read gives')
      await store.visits.purge(tenant, minute(5))
      same((await peekVisits(tenant)).length, 5, 'purged again')
    },
  },
  {
    name: 'purge many: thousands go at once',
    async run({ store, tenant, peekVisits }) {
      await store.visits.append(tenant, visits(3_000))
      await store.visits.purge(tenant, minute(2_999))
      same(await peekVisits(tenant), [visit(2_999)], 'what lies there')
    },
  },
  {
    name: 'find sessions: all visits of these sessions and of no other',
    async run({ store, tenant }) {
      await store.visits.append(tenant, [
        ...visits(3_000),
        visit(1, { id: 'odd', session: 's' }),
        visit(2, { id: 'long', session: 's11' }),
      ])
      const found = async (sessions: string[]): Promise<StoredVisit[]> =>
        inOrder((await all(store.visits.find(tenant, sessions))).flat())
      const of = (...numbers: number[]): StoredVisit[] =>
        visits(3_000).filter((_, n) => numbers.includes(n % 3))
      same(await found(['s1']), of(1), 'one session')
      same(await found(['s1', 's2']), of(1, 2), 'two sessions')
      same(await found(['s1', 's1']), of(1), 'the same one twice')
      same(await found(['none', 's11']), [visit(2, { id: 'long', session: 's11' })], 'one that is alike')
      same(await found(['none']), [], 'none')
      same(await found([]), [], 'nothing asked')
    },
  },
  {
    name: 'erase sessions: all visits of these sessions go, are counted, and no other goes',
    async run({ store, tenant, peekVisits }) {
      await store.visits.append(tenant, visits(30))
      same(await store.visits.erase(tenant, []), 0, 'nothing asked')
      same(await store.visits.erase(tenant, ['s1', 'none', 's1']), 10, 'how many it says')
      const left = visits(30).filter((_, n) => n % 3 !== 1)
      same(inOrder(await peekVisits(tenant)), left, 'what lies there')
      same(await store.visits.erase(tenant, ['s1']), 0, 'how many the second time')
      same(await store.visits.erase(tenant, ['s0', 's2']), 20, 'how many of two sessions')
      same(await peekVisits(tenant), [], 'what lies there in the end')
    },
  },
  {
    name: 'visits of tenants apart: none is read, found, purged or erased by another',
    async run({ store, tenant, peekVisits }) {
      const others = [`${tenant}-b`, `${tenant}b`, `${tenant}_`]
      for (const other of others) await store.visits.append(other, visits(3))
      same(await read(store.visits, tenant), [], 'read')
      same(await all(store.visits.find(tenant, ['s0', 's1', 's2'])), [], 'find')
      await store.visits.append(tenant, visits(2))
      same((await peekVisits(tenant)).length, 2, 'the same visits in another tenant')
      same(await store.visits.erase(tenant, ['s0', 's1', 's2']), 2, 'erase')
      await store.visits.purge(tenant, whole.before)
      for (const other of others) same(inOrder(await peekVisits(other)), visits(3), other)
    },
  },
  {
    name: 'bad input of visits: refused with its code, and nothing is done',
    async run(scene) {
      for (const { name, code, call } of badCalls(scene)) {
        try {
          await refuses(call, code)
        } catch (error) {
          throw new NotConforming(`${name}: ${(error as Error).message}`)
        }
      }
      same(await scene.peekVisits(scene.tenant), [], 'what lies there')
    },
  },
]

interface Refusal {
  readonly name: string
  readonly code: InvalidInputCode
  call(): Promise<unknown>
}

function badCalls({ store: { visits: log }, tenant }: Scene): Refusal[] {
  const append = (more: object): Promise<void> => log.append(tenant, [visit(1), { ...visit(2), ...more }])
  const calls: Refusal[] = []
  const add = (values: readonly BadValue[], as: string, call: (value: never) => Promise<unknown>): void => {
    for (const { name, code, value } of values) {
      calls.push({ name: `${as}: ${name}`, code, call: () => call(value as never) })
    }
  }
  add(badTenants, 'tenant of append', (value) => log.append(value, [visit(1)]))
  add(badTenants, 'tenant of read', (value) => all(log.read(value, whole)))
  add(badTenants, 'tenant of purge', (value) => log.purge(value, whole.from))
  add(badTenants, 'tenant of find', (value) => all(log.find(value, ['s'])))
  add(badTenants, 'tenant of erase', (value) => log.erase(value, ['s']))
  add(badLists, 'visits', (value) => log.append(tenant, value))
  add(badLists, 'sessions to find', (value) => all(log.find(tenant, value)))
  add(badLists, 'sessions to erase', (value) => log.erase(tenant, value))
  for (const field of ['id', 'session']) add(badTexts, field, (value) => append({ [field]: value }))
  const texts = badTexts.filter((each) => each.value !== null && each.code === 'input.invalid')
  const long: BadValue = { name: '2,049 bytes', code: 'input.too-large', value: 'x'.repeat(2_049) }
  for (const field of ['ip', 'host', 'source'])
    add([...texts, long], field, (value) => append({ [field]: value }))
  add(badInstants, 'at', (value) => append({ at: value }))
  add(badInstants, 'from', (value) => all(log.read(tenant, { ...whole, from: value })))
  add(badInstants, 'before', (value) => all(log.read(tenant, { ...whole, before: value })))
  add(badInstants, 'purge', (value) => log.purge(tenant, value))
  add(badInstants, 'purge of all', (value) => log.purgeAll(value))
  add(badTexts, 'session to find', (value) => all(log.find(tenant, ['s', value])))
  add(badTexts, 'session to erase', (value) => log.erase(tenant, ['s', value]))
  const none: readonly BadValue[] = [undefined, null, 5, 'x', []].map((value) => {
    return { name: JSON.stringify(value) ?? 'undefined', code: 'input.invalid', value }
  })
  add(none, 'range', (value) => all(log.read(tenant, value)))
  add(none, 'visit', (value) => log.append(tenant, [value]))
  const many = (count: number, value: unknown): BadValue[] => {
    return [{ name: 'too many', code: 'input.too-large', value: new Array(count).fill(value) }]
  }
  add(many(10_001, visit(1)), 'visits', (value) => log.append(tenant, value))
  add(many(1_001, 's'), 'sessions to find', (value) => all(log.find(tenant, value)))
  add(many(1_001, 's'), 'sessions to erase', (value) => log.erase(tenant, value))
  return calls
}

export const inOrder = (found: readonly StoredVisit[]): StoredVisit[] =>
  [...found].sort((a, b) => compareBytes(a.at, b.at) || compareBytes(a.id, b.id))

/** All visits of a range, the whole log if none is given. */
export const read = async (
  log: VisitLog,
  tenant: string,
  range: typeof whole = whole,
): Promise<StoredVisit[]> => (await all(log.read(tenant, range))).flat()
