/**
 * One statement about somebody of whom ten were made, and of whom thousands were: the time of the call, in turns, and the
 * bytes that it adds. Both grow with nothing, because a statement reads and writes the standing, and the standing does
 * not grow with the stream.
 */

import { median, range } from '../store/data.mjs'
import { eventsOf } from './people.mjs'
import { adapters } from './stores.mjs'

const short = 'person-short'
const long = 'person-long'

export async function* histories(lib, { servers, quick }) {
  const [length, turns] = quick ? [1_000, 60] : [10_000, 300]
  for (const [name, open] of Object.entries(adapters(lib, servers))) {
    const opened = await open('history')
    try {
      await lived(lib, opened, { subject: short, length: 10 })
      await lived(lib, opened, { subject: long, length })
      const { times, bytes } = await spoken(opened, turns)
      const against = `with ${length} before it, against 10`
      yield rowOf(`${name}: a statement ${against}`, { figures: times.map(median), unit: 'ms' })
      yield rowOf(`${name}: stored for a statement ${against}`, { figures: bytes, unit: 'bytes' })
    } finally {
      await opened.close()
    }
  }
}

const rowOf = (row, { figures: [peer, ours], unit }) => ({
  row,
  ours,
  peer,
  unit,
  ratio: ours / peer,
  aim: 1.3,
})

/** A history, written as it would have become: the stream, and the standing after it. */
async function lived({ apply, emptyStanding }, { store, privacy, place }, { subject, length }) {
  const kinds = ['given', 'denied', 'refused', 'withdrawn']
  const [made] = eventsOf(1)
  const all = range(0, length).map((i) => ({ ...made, id: `h${i}`, kind: kinds[i % kinds.length] }))
  const standing = all.reduce(apply, emptyStanding)
  await store.bulk.write('standings', [{ key: await place(subject), value: standing }])
  for (let from = 0; from < length; from += 500) {
    await store.bulk.write(
      'consents',
      all.slice(from, from + 500).map((value, i) => ({
        key: `bench/${subject}`,
        value,
        entry: { sequence: from + i + 1, id: value.id },
      })),
    )
  }
  // The first statement makes the key of the person's ledger entries.
  await privacy.consent.deny({ subject, purpose: 'telemarketing', by: 'link' })
}

/** Statements about both, in turns. */
async function spoken({ store, privacy, environment, place }, turns) {
  const subjects = [short, long]
  const times = [[], []]
  for (let turn = 0; turn < turns; turn++) {
    for (const i of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      environment.advance(1_000)
      const verb = turn % 4 < 2 ? 'give' : 'deny'
      const started = performance.now()
      await privacy.consent[verb]({ subject: subjects[i], purpose: 'telemarketing', by: 'link' })
      times[i].push(performance.now() - started)
    }
  }
  const bytes = []
  for (const subject of subjects) {
    const [standing] = await store.get('standings', [await place(subject)])
    const [event] = await store.get('consents', [`bench/${subject}`])
    bytes.push(JSON.stringify(standing.value).length + JSON.stringify(event.value).length)
  }
  return { times, bytes }
}
