/**
 * The same work by hand with driver calls: documents as they are, the same indexes, steps and guarantees (majority
 * concerns, an expected version, a stream without gaps in a transaction, a visit kept once, a collection a day), and
 * nothing of what a library adds.
 */

import { keyOf, range, recordOf } from './data.mjs'

const concerned = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
}

export async function byHandMongo(client, db) {
  const [records, events, heads] = ['hand_records', 'hand_events', 'hand_heads'].map((name) =>
    db.collection(name, concerned),
  )
  await records.createIndex({ tenant: 1, 'value.group': 1, _id: 1 })
  await events.createIndex({ key: 1, sequence: 1 }, { unique: true })
  await heads.insertOne({ _id: 'bench/stream', last: 0 })
  const days = new Map()
  let [made, sequence] = [0, 0]
  const doc = (key, value) => ({ _id: key, tenant: 'bench', version: 1, value })
  const found = ({ _id, version, value }) => ({ key: _id, version, value })
  const one = ({ matchedCount }) => {
    if (matchedCount !== 1) throw new Error('it is not as expected')
  }
  const replace = ({ key, version }, value, options) =>
    records.updateOne({ _id: key, version }, { $set: { version: version + 1, value } }, options).then(one)
  return {
    async fill(from, to) {
      for (let i = from; i < to; i += 500) {
        await records.insertMany(range(i, Math.min(500, to - i)).map((n) => doc(keyOf(n), recordOf(n))))
      }
    },
    async get(keys) {
      const filter = { _id: keys.length === 1 ? keys[0] : { $in: keys } }
      const docs = await records.find(filter, { batchSize: 1_001 }).toArray()
      const byKey = new Map(docs.map((each) => [each._id, found(each)]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    replace: (at, value) => replace(at, value),
    async replaceAndAppend(at, value) {
      sequence++
      const id = `bench/made/${made++}`
      await client.withSession((session) =>
        session.withTransaction(
          async () => {
            await replace(at, value, { session })
            await records.insertOne(doc(id, value), { session })
            const filter = { _id: 'bench/stream', last: sequence - 1 }
            one(await heads.updateOne(filter, { $set: { last: sequence } }, { session }))
            const entry = {
              _id: `bench/stream/e${sequence}`,
              key: 'bench/stream',
              sequence,
              value: { key: at.key },
            }
            await events.insertOne(entry, { session })
          },
          { ...concerned, readConcern: { level: 'snapshot' } },
        ),
      )
    },
    async scan() {
      let [count, last] = [0, 'bench/record/']
      for (;;) {
        const docs = await records
          .find(
            { _id: { $gt: last, $lt: 'bench/record0' } },
            { sort: { _id: 1 }, limit: 1_000, batchSize: 1_000 },
          )
          .toArray()
        for (const { value } of docs) if (value.name) count++
        if (docs.length < 1_000) return count
        last = docs.at(-1)._id
      }
    },
    async append(visits) {
      for (const day of new Set(visits.map(dayOf))) {
        const some = visits.filter((each) => dayOf(each) === day)
        if (!days.has(day)) {
          days.set(day, db.collection(`hand_visits_${day.replaceAll('-', '')}`, concerned))
          await days.get(day).createIndex({ tenant: 1, session: 1, _id: 1 })
        }
        const docs = some.map(({ id, at, ...rest }) => ({
          _id: `bench/${at}/${id}`,
          tenant: 'bench',
          ...rest,
        }))
        await days.get(day).insertMany(docs, { ordered: false })
      }
    },
    async purge(before) {
      for (const [day, collection] of days) {
        if (day >= before.slice(0, 10)) continue
        await collection.drop()
        days.delete(day)
      }
    },
  }
}

const dayOf = ({ at }) => at.slice(0, 10)
