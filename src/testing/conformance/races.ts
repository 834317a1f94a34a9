/** Races: of N writers that expect the same, one wins; streams get neither gap nor fork. */

import type { Change, Store } from '../../store.ts'
import { holds, same, there } from './assert.ts'
import { type Case, events, kitCollections, note, putAll, type Scene, thing, versionOf } from './scene.ts'

const writers = 12
const rounds = 4

export const raceCases: readonly Case[] = [
  {
    name: 'one winner: of writers that expect the same version',
    async run(scene) {
      const { store, tenant, peek } = scene
      const key = `${tenant}/a`
      await putAll(store, { [key]: 'start' })
      const stores = await several(scene)
      for (let round = 0; round < rounds; round++) {
        const expect = await versionOf(scene, key)
        const winner = await onlyWinner(stores, (i) => [
          { put: thing(key), value: `${round}-${i}`, expect },
          ...(i % 3 === 0
            ? [{ put: note(`${key}/${round}/${i}`), value: i, expect: 'absent' } as const]
            : []),
        ])
        same((await peek('kit_things', key))?.value, `${round}-${winner}`, 'what lies there')
        for (let i = 0; i < writers; i += 3) {
          const left = await peek('kit_notes', `${key}/${round}/${i}`)
          same(left?.value ?? null, i === winner ? i : null, 'what the others left')
        }
      }
    },
  },
  {
    name: 'one maker: of writers that expect nothing to be there',
    async run(scene) {
      const { tenant, peek } = scene
      const stores = await several(scene)
      for (let round = 0; round < rounds; round++) {
        const key = `${tenant}/${round}`
        const winner = await onlyWinner(stores, (i) => [
          { put: thing(key), value: i, expect: 'absent' },
          ...(i % 2 ? [{ put: note(key), value: i, expect: 'absent' } as const] : []),
          ...(i % 3 ? [{ put: thing(`${key}/more`), value: i, expect: 'absent' } as const] : []),
        ])
        same((await peek('kit_things', key))?.value, winner, 'what lies there')
        same((await peek('kit_notes', key))?.value ?? null, winner % 2 ? winner : null, 'a second record')
        same((await peek('kit_things', `${key}/more`))?.value ?? null, winner % 3 ? winner : null, 'a third')
      }
    },
  },
  {
    name: 'one of removing and replacing: never both',
    async run(scene) {
      const { store, tenant, peek } = scene
      const stores = await several(scene)
      for (let round = 0; round < rounds; round++) {
        const key = `${tenant}/${round}`
        await putAll(store, { [key]: 'start' })
        const expect = await versionOf(scene, key)
        const winner = await onlyWinner(stores, (i) => [
          i % 2 ? { remove: thing(key), expect } : { put: thing(key), value: i, expect },
        ])
        same((await peek('kit_things', key))?.value ?? null, winner % 2 ? null : winner, 'what lies there')
      }
    },
  },
  {
    name: 'appends race: no gap, no fork, nothing lost, nothing twice',
    async run(scene) {
      const { tenant, peekStream } = scene
      const key = `${tenant}/s`
      const stores = await several(scene)
      const each = 3
      await Promise.all(
        Array.from({ length: writers }, async (_, i) => {
          const store = stores[i % stores.length] as Store
          for (let n = 0; n < each; n++) await appendSomewhere(store, { key, id: `${i}-${n}` })
        }),
      )
      const found = await peekStream('kit_events', key)
      const numbers = Array.from({ length: writers * each }, (_, i) => i + 1)
      same(
        found.map((entry) => entry.sequence),
        numbers,
        'the sequence numbers',
      )
      same(new Set(found.map((entry) => entry.id)).size, numbers.length, 'how many ids')
    },
  },
  {
    name: 'one entry: of appends that expect the same sequence number',
    async run(scene) {
      const { tenant, peekStream } = scene
      const key = `${tenant}/s`
      const stores = await several(scene)
      for (let expect = 1; expect <= rounds; expect++) {
        const winner = await onlyWinner(stores, (i) => [
          { append: events(key), id: `${expect}-${i}`, value: i, expect },
          ...(i % 2
            ? [{ append: events(`${key}/${expect}`), id: `${i}`, value: i, expect: 1 } as const]
            : []),
        ])
        const found = await peekStream('kit_events', key)
        same([found.length, found.at(-1)?.value], [expect, winner], 'what lies there')
        const beside = await peekStream('kit_events', `${key}/${expect}`)
        same(
          beside.map((entry) => entry.value),
          winner % 2 ? [winner] : [],
          'what lies beside it',
        )
      }
    },
  },
  {
    name: 'commits that cross: the same records in opposite orders all end, one way or the other',
    async run(scene) {
      const { store, tenant } = scene
      const keys = ['a', 'b', 'c', 'd'].map((part) => `${tenant}/${part}`)
      await putAll(store, Object.fromEntries(keys.map((key) => [key, 0])))
      const stores = await several(scene)
      for (let round = 0; round < rounds; round++) {
        const found = await store.get('kit_things', keys)
        const changes = found.map((each): Change => {
          return { put: thing(there(each).key), value: round, expect: there(each).version }
        })
        await onlyWinner(stores, (i) => (i % 2 ? changes : [...changes].reverse()))
      }
      const values = (await store.get('kit_things', keys)).map((each) => each?.value)
      same(values, [rounds - 1, rounds - 1, rounds - 1, rounds - 1], 'what lies there')
    },
  },
]

/** The store, and a second one on the same data where the fixture can open one. */
async function several({ store, open }: Scene): Promise<Store[]> {
  return open === undefined ? [store] : [store, await open(kitCollections)]
}

/** Lets all writers commit at once; gives the number of the one that won. */
async function onlyWinner(stores: readonly Store[], changes: (i: number) => Change[]): Promise<number> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: writers }, (_, i) => (stores[i % stores.length] as Store).commit(changes(i))),
  )
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && outcome.reason?.code !== 'conflict.version') throw outcome.reason
  }
  const winners = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i] : []))
  holds(winners.length === 1, `one of ${writers} writers should win, but ${winners.length} did`)
  return there(winners[0])
}

/** Reads, appends behind the last entry, and does so again until it wins. */
async function appendSomewhere(
  store: Store,
  to: { readonly key: string; readonly id: string },
): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const [last] = await store.get('kit_events', [to.key])
    try {
      const expect = (last?.version ?? 0) + 1
      await store.commit([{ append: events(to.key), id: to.id, value: to.id, expect }])
      return
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'conflict.version') throw error
    }
  }
  throw new Error('lost five hundred races')
}
