/**
 * A campaign on each adapter. By hand: the same keyed digests, a batched lookup of the same rows in a table of one's own,
 * and the same decision by the same rule. On PostgreSQL a bare anti-join of ids with denials stands beside it, without
 * aim: it knows neither ends nor consents nor reasons.
 */

import { createHmac } from 'node:crypto'
import { median, range, timed } from '../store/data.mjs'
import { against } from '../store/measure.mjs'
import { idOf, now, standingOf } from './people.mjs'
import { adapters } from './stores.mjs'

const question = { purpose: 'direct-marketing', channel: 'phone' }
const secret = Buffer.alloc(32, 9)
const placeOf = (subject) =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['bench', subject]))
    .digest('hex')

export async function* filters(lib, { servers, quick }) {
  const [people, rounds] = quick ? [10_000, 5] : [100_000, 9]
  for (const [name, open] of Object.entries(adapters(lib, servers))) {
    const opened = await open('filter')
    try {
      await fill(lib, opened, people)
      const {
        ours: own,
        peer,
        ratio,
      } = await against(rounds, {
        ours: () => ours(opened, people),
        hand: () => byHand(lib, opened, people),
        each: (side) => timed(side),
      })
      const row = `${name}: filter of ${people} people, against a batched lookup by hand`
      yield { row, ours: own, peer, unit: 'ms', ratio, aim: 1.5 }
      if (opened.antiJoin) yield await bare(opened, { name, people, rounds, own })
    } finally {
      await opened.close()
    }
  }
}

async function bare({ antiJoin }, { name, people, rounds, own }) {
  const ids = range(0, people).map(idOf)
  const times = []
  for (let round = 0; round < rounds; round++) times.push(await timed(() => antiJoin.ask(ids)))
  const peer = median(times)
  return {
    row: `${name}: the same, against a bare anti-join`,
    ours: own,
    peer,
    unit: 'ms',
    ratio: own / peer,
    aim: null,
  }
}

let expected

async function ours({ privacy }, people) {
  const found = privacy.consent.filter(range(0, people).map(idOf), question)
  let permitted = 0
  for await (const _ of found) permitted++
  if (permitted !== expected) throw new Error(`${permitted} are permitted, not ${expected}`)
  return found.counts()
}

async function byHand(lib, { hand }, people) {
  const { decide, emptyStanding, pilviPolicy: policy } = lib
  const counts = {}
  const permitted = []
  for (let from = 0; from < people; from += 1_000) {
    const ids = range(from, Math.min(1_000, people - from)).map(idOf)
    const places = ids.map(placeOf)
    const found = await hand.get(places)
    for (const [i, id] of ids.entries()) {
      const standing = found.get(places[i]) ?? emptyStanding
      const asked = { ...question, policy, standing, address: emptyStanding, at: now }
      const { outcome, because } = decide(asked)
      for (const { rule } of because) counts[rule] = (counts[rule] ?? 0) + 1
      if (outcome === 'permit') permitted.push(id)
    }
  }
  if (permitted.length !== expected) throw new Error(`${permitted.length} are permitted, not ${expected}`)
  return counts
}

/** The same standings on both sides; nothing was said about one person in twelve. */
async function fill(lib, { store, hand, antiJoin, place }, people) {
  const { decide, emptyStanding: address, pilviPolicy: policy } = lib
  expected = 0
  for (let from = 0; from < people; from += 500) {
    const some = range(from, Math.min(500, people - from)).map((i) => ({
      id: idOf(i),
      standing: standingOf(lib, i),
    }))
    for (const { standing } of some) {
      if (decide({ ...question, policy, standing, address, at: now }).outcome === 'permit') expected++
    }
    const said = some.filter(({ standing }) => standing.events > 0)
    const rows = await Promise.all(
      said.map(async ({ id, standing }) => ({ key: await place(id), value: standing })),
    )
    await store.bulk.write('standings', rows)
    await hand.fill(said.map(({ id, standing }) => ({ key: placeOf(id), standing })))
    const denied = said.filter(({ standing }) => standing.purposes[question.purpose]?.denial)
    await antiJoin?.fill(denied.map(({ id }) => id))
  }
  await hand.settle()
}
