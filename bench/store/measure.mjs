/**
 * The rows of the benchmark. Ours and the peer's turns alternate, round by round, so that a busy machine is busy for
 * both; a ratio is the median of the rounds' ratios, times are medians of rounds.
 */

import { keyOf, median, range, recordOf, timed, visitOf } from './data.mjs'

const aims = { get: 1.2, scan: 1.2, append: 1.2, commit: 1.5, growth: 1.3 }
const day = (n) => new Date(Date.UTC(2025, 0, 1 + n)).toISOString().slice(0, 10)

/** Some records spread over all, not the same ones in each round. */
const some = (count, size, round) => range(0, count).map((i) => keyOf((i * 7_919 + round * 104_729) % size))

/** What `each` measures on each side, in turns. */
export async function against(rounds, { ours, hand, each }) {
  const times = { ours: [], hand: [] }
  const sides = [
    ['ours', ours],
    ['hand', hand],
  ]
  for (let round = -1; round < rounds; round++) {
    for (const [name, side] of round % 2 === 0 ? sides : [...sides].reverse()) {
      const time = await each(side, round + 1)
      if (round >= 0) times[name].push(time) // the first round warms up
    }
  }
  const ratio = median(times.ours.map((time, i) => time / times.hand[i]))
  return { ours: median(times.ours), peer: median(times.hand), ratio }
}

const gets = (size, batch, times) => async (side, round) => {
  const keys = range(0, times).map((i) => some(batch, size, round * times + i))
  return (
    (await timed(async () => {
      for (const list of keys) await side.get(list)
    })) / times
  )
}

const commits = (size, verb, times) => async (side, round) => {
  const found = await side.get(some(times, size, round))
  return (
    (await timed(async () => {
      for (const each of found) await side[verb](each, recordOf(1, round))
    })) / times
  )
}

const scans = async (side) => timed(() => side.scan())

const appends = (batches) => async (side, round) => {
  const all = range(0, batches).map((i) =>
    range(0, 1_000).map((n) => visitOf(day(round), (i * 1_000 + n) * 61)),
  )
  return timed(async () => {
    for (const batch of all) await side.append(batch)
  })
}

/** Keeps a day of so many visits, and gives the time to drop it. */
async function purged(side, visits) {
  for (let i = 0; i < visits; i += 1_000) {
    const batch = range(i, Math.min(1_000, visits - i)).map((n) => visitOf('2024-02-03', n * 61))
    await side.append(batch)
  }
  return timed(() => side.purge('2024-02-04T00:00:00.000Z'))
}

/**
 * How what one operation costs grows with what a store holds: one store of each size, in turns. The same records each
 * time, spread over all: what is measured is the store, not how often a page is written for the first time.
 */
export async function* growth(name, { stores, quick }) {
  const rounds = quick ? 5 : 11
  const acts = {
    'get 1': (side, size) => gets(size, 1, quick ? 50 : 200)(side, 0),
    'commit 1': (side, size) => commits(size, 'replace', quick ? 30 : 100)(side, 0),
    'purge of a day': (side, size) => purged(side, size),
  }
  for (const [what, act] of Object.entries(acts)) {
    const times = stores.map(() => [])
    const turns = what.startsWith('purge') ? Math.min(rounds, 5) : rounds
    for (let round = -1; round < turns; round++) {
      for (const [i, { side, size }] of stores.entries()) {
        const time = await act(side, size)
        if (round >= 0) times[i].push(time)
      }
    }
    for (const [i, { size }] of stores.entries()) {
      if (i === 0) continue
      yield {
        row: `${name}: ${what} at ${size}, against ${stores[0].size}`,
        ours: median(times[i]),
        peer: median(times[0]),
        unit: 'ms',
        ratio: median(times[i].map((time, round) => time / times[0][round])),
        better: 'lower',
        aim: aims.growth,
      }
    }
  }
}

/** The library against the work by hand, on so many records. */
export async function* measured(name, { ours, hand, size, quick }) {
  const rounds = quick ? 5 : 11
  const row = (what, unit, { ours: one, peer, ratio }, aim) => ({
    row: `${name}: ${what}`,
    ours: one,
    peer,
    unit,
    ratio,
    better: 'lower',
    aim: aim ?? null,
  })
  const both = (each, n = rounds) => against(n, { ours, hand, each })
  yield row('get of 1', 'ms', await both(gets(size, 1, quick ? 100 : 300)), aims.get)
  yield row('get of 1000', 'ms', await both(gets(size, 1_000, quick ? 2 : 5)), aims.get)
  yield row('commit of 1', 'ms', await both(commits(size, 'replace', quick ? 50 : 200)), aims.commit)
  yield row('commit of 3', 'ms', await both(commits(size, 'replaceAndAppend', quick ? 20 : 100)), aims.commit)
  yield row(`scan of ${size}`, 'ms', await both(scans, quick ? 3 : 5), aims.scan)
  const [batches, turns] = quick ? [5, 5] : [100, 10]
  const appended = batches * (turns + 1) * 1_000
  yield row(`append of visits, ${appended} in all`, 'ms', await both(appends(batches), turns), aims.append)
  const purge = async (side, round) => timed(() => side.purge(`${day(round + 1)}T00:00:00.000Z`))
  yield row('purge of a day', 'ms', await both(purge, turns))
}
