/** Each adapter with a controller on it, and what the same is by hand. */

import { MongoClient } from 'mongodb'
import pg from 'pg'
import { now } from './people.mjs'

/** Adapter -> opens it in a schema or database of that name. */
export function adapters(lib, { postgres, mongo }) {
  return {
    memory: async () => ({ ...(await controller(lib, lib.memoryStore())), ...inMemory() }),
    postgres: async (name) => {
      const pool = new pg.Pool({ connectionString: postgres, max: 4 })
      return {
        ...(await controller(lib, lib.postgresStore(pool, { schema: `bench_${name}` }))),
        ...(await onPostgres(pool, `hand_${name}`)),
      }
    },
    ...(mongo !== null && {
      mongo: async (name) => {
        const client = new MongoClient(mongo)
        return {
          ...(await controller(lib, lib.mongoStore(client.db(`bench_${name}`)))),
          ...onMongo(client, `hand_${name}`),
        }
      },
    }),
  }
}

async function controller(lib, store) {
  await store.migrate.apply(await store.migrate.plan())
  const environment = lib.fixedEnvironment({ at: now })
  const keys = lib.localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const privacy = lib.createPrivacy({ policy: lib.pilviPolicy, store, keys, tenant: 'bench', environment })
  const provider = lib.createWrapping({ store, environment, provider: keys }).through(store)
  const digests = lib.createDigests('bench', lib.createSecrets({ store, environment, provider }))
  const place = (subject) => lib.subjectPlace({ tenant: 'bench', keys: digests }, subject)
  return { store, privacy, environment, place }
}

function inMemory() {
  const rows = new Map()
  return {
    hand: {
      fill: async (all) => {
        for (const { key, standing } of all) rows.set(key, JSON.stringify(standing))
      },
      settle: async () => {},
      get: async (keys) => {
        const found = new Map()
        for (const key of keys) {
          const json = rows.get(key)
          if (json !== undefined) found.set(key, JSON.parse(json))
        }
        return found
      },
    },
    close: async () => {},
  }
}

async function onPostgres(pool, schema) {
  await pool.query(`CREATE SCHEMA ${schema}`)
  await pool.query(
    `CREATE TABLE ${schema}.standings (key text COLLATE "C" PRIMARY KEY, standing jsonb NOT NULL)`,
  )
  await pool.query(`CREATE TABLE ${schema}.denials (subject text COLLATE "C" PRIMARY KEY)`)
  return {
    hand: {
      fill: (all) =>
        pool.query(`INSERT INTO ${schema}.standings SELECT * FROM unnest($1::text[], $2::jsonb[])`, [
          all.map(({ key }) => key),
          all.map(({ standing }) => JSON.stringify(standing)),
        ]),
      settle: () => pool.query('VACUUM ANALYZE'),
      async get(keys) {
        const sql = `SELECT key, standing FROM ${schema}.standings WHERE key = ANY($1::text[])`
        const { rows } = await pool.query(sql, [keys])
        return new Map(rows.map(({ key, standing }) => [key, standing]))
      },
    },
    antiJoin: {
      fill: (ids) => pool.query(`INSERT INTO ${schema}.denials SELECT unnest($1::text[])`, [ids]),
      ask: (ids) =>
        pool.query(
          `SELECT asked.id FROM unnest($1::text[]) AS asked (id)
           WHERE NOT EXISTS (SELECT FROM ${schema}.denials WHERE subject = asked.id)`,
          [ids],
        ),
    },
    close: () => pool.end(),
  }
}

function onMongo(client, name) {
  const standings = client.db(name).collection('standings')
  return {
    hand: {
      fill: (all) => standings.insertMany(all.map(({ key, standing }) => ({ _id: key, standing }))),
      settle: async () => {},
      async get(keys) {
        const found = new Map()
        for await (const { _id, standing } of standings.find({ _id: { $in: keys } })) found.set(_id, standing)
        return found
      },
    },
    close: () => client.close(),
  }
}
