/**
 * The same work by hand in SQL: tables of the same shape, the same steps and guarantees (an expected version, a stream
 * without gaps, a visit kept once, a partition a day), and nothing of what a library adds.
 */

import { keyOf, range, recordOf } from './data.mjs'

const tables = `
  CREATE SCHEMA hand;
  CREATE TABLE hand.records (key text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, value jsonb NOT NULL,
    tenant text COLLATE "C" NOT NULL GENERATED ALWAYS AS (split_part(key, '/', 1)) STORED,
    x_group text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN jsonb_typeof(value -> 'group') = 'string'
      AND octet_length(value ->> 'group') <= 512 THEN value ->> 'group' END) STORED);
  CREATE INDEX ON hand.records (tenant, x_group, key) WHERE x_group IS NOT NULL;
  CREATE TABLE hand.events (key text COLLATE "C" NOT NULL, sequence bigint NOT NULL, id text COLLATE "C" NOT NULL,
    value jsonb NOT NULL, PRIMARY KEY (key, sequence), UNIQUE (key, id));
  CREATE TABLE hand.heads (key text COLLATE "C" PRIMARY KEY, last bigint NOT NULL);
  INSERT INTO hand.heads VALUES ('bench/stream', 0);
  CREATE TABLE hand.visits (tenant text COLLATE "C" NOT NULL, at text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    session text COLLATE "C" NOT NULL, ip text, host text, source text, PRIMARY KEY (tenant, at, id))
    PARTITION BY RANGE (at);
  CREATE INDEX ON hand.visits (tenant, session, at, id)`

export async function byHandPostgres(pool) {
  for (const statement of tables.split(';')) await pool.query(statement)
  let [made, sequence] = [0, 0]
  const days = new Set()
  const one = (rows) => {
    if (rows.rowCount !== 1) throw new Error('it is not as expected')
  }
  const update = `UPDATE hand.records SET version = version + 1, value = $3 WHERE key = $1 AND version = $2`
  return {
    async fill(from, to) {
      for (let i = from; i < to; i += 500) {
        const rows = range(i, Math.min(500, to - i))
        await pool.query(
          `INSERT INTO hand.records (key, version, value) SELECT key, 1, value::jsonb FROM unnest($1::text[], $2::text[]) AS given (key, value)`,
          [rows.map(keyOf), rows.map((n) => JSON.stringify(recordOf(n)))],
        )
      }
    },
    async get(keys) {
      const { rows } = await pool.query(
        'SELECT key, version, value FROM hand.records WHERE key = ANY($1::text[])',
        [keys],
      )
      const byKey = new Map(rows.map((row) => [row.key, { ...row, version: Number(row.version) }]))
      return keys.map((key) => byKey.get(key) ?? null)
    },
    async replace({ key, version }, value) {
      one(await pool.query(update, [key, version, JSON.stringify(value)]))
    },
    async replaceAndAppend({ key, version }, value) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        one(await client.query(update, [key, version, JSON.stringify(value)]))
        one(
          await client.query('INSERT INTO hand.records (key, version, value) VALUES ($1, 1, $2)', [
            `bench/made/${made++}`,
            JSON.stringify(value),
          ]),
        )
        sequence++
        one(
          await client.query(`UPDATE hand.heads SET last = $2 WHERE key = $1 AND last = $2::bigint - 1`, [
            'bench/stream',
            sequence,
          ]),
        )
        one(
          await client.query('INSERT INTO hand.events (key, sequence, id, value) VALUES ($1, $2, $3, $4)', [
            'bench/stream',
            sequence,
            `e${sequence}`,
            JSON.stringify({ key }),
          ]),
        )
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
    async scan() {
      let [count, last] = [0, 'bench/record/']
      for (;;) {
        const { rows } = await pool.query(
          `SELECT key, version, value FROM hand.records WHERE key > $1 AND key < 'bench/record0' ORDER BY key LIMIT 1000`,
          [last],
        )
        for (const { value } of rows) if (value.name) count++
        if (rows.length < 1_000) return count
        last = rows.at(-1).key
      }
    },
    async append(visits) {
      for (const day of new Set(visits.map(({ at }) => at.slice(0, 10)))) {
        if (days.has(day)) continue
        const table = `hand.visits_${day.replaceAll('-', '_')}`
        await pool.query(
          `CREATE TABLE IF NOT EXISTS ${table} PARTITION OF hand.visits FOR VALUES FROM ('${day}T') TO ('${day}U')`,
        )
        days.add(day)
      }
      const fields = ['at', 'id', 'session', 'ip', 'host', 'source'].map((field) =>
        visits.map((each) => each[field]),
      )
      await pool.query(
        `INSERT INTO hand.visits (tenant, at, id, session, ip, host, source)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         ON CONFLICT DO NOTHING`,
        ['bench', ...fields],
      )
    },
    async purge(before) {
      for (const day of [...days].filter((each) => each < before.slice(0, 10))) {
        await pool.query(`DROP TABLE hand.visits_${day.replaceAll('-', '_')}`)
        days.delete(day)
      }
      await pool.query('DELETE FROM hand.visits WHERE at < $1', [before])
    },
  }
}
