import { afterAll, beforeEach, describe, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import type { RawEntry, RawLedger } from '../sweeps/tampers.ts'
import { commanded, filesFor, tamperedWith, writtenByMany } from './ledger.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const url = inject('databaseUrl')
const pool = testPool(url)
const where = `ledger_${process.pid}`
const at = { url, where }
const files = filesFor()
const [entries, heads] = [`"${where}".ledger`, `"${where}".heads`]

beforeEach(async () => {
  await dropSchemas(pool, [where])
  await migrated(postgresStore(pool, { schema: where }))
})
afterAll(async () => {
  await dropSchemas(pool, [where])
  await pool.end()
  files.end()
})

async function read(): Promise<RawLedger> {
  const { rows } = await pool.query(`SELECT sequence, id, value FROM ${entries} ORDER BY sequence`)
  const { rows: found } = await pool.query(`SELECT value FROM ${heads}`)
  return {
    entries: rows.map((row): RawEntry => ({ ...row, sequence: Number(row.sequence) })),
    head: found[0]?.value ?? null,
  }
}

/** By SQL, as whoever has the database could: what is there goes, and this comes. */
async function write(state: RawLedger): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`DELETE FROM ${entries}`)
    for (const { sequence, id, value } of state.entries) {
      const row = ['pilvi/ledger', sequence, id, JSON.stringify(value)]
      await client.query(`INSERT INTO ${entries} (key, sequence, id, value) VALUES ($1, $2, $3, $4)`, row)
    }
    await client.query(`DELETE FROM ${heads}`)
    if (state.head !== null) {
      const row = ['pilvi/ledger', JSON.stringify(state.head)]
      await client.query(
        `INSERT INTO ${heads} (key, version, value) VALUES ($1, (random() * 1e9)::bigint, $2)`,
        row,
      )
    }
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

describe('the ledger on PostgreSQL', () => {
  it(
    '50 concurrent writers in five processes, all of which sequence, leave no gap and no double',
    () => writtenByMany({ ...at, file: files.path('many.jsonl') }),
    120_000,
  )

  it(
    'random tampers by SQL are all seen with a checkpoint outside',
    () => tamperedWith(at, { read, write }),
    120_000,
  )

  it(
    'the command makes checkpoints and verifies, and sees a cut tail',
    () =>
      commanded(at, {
        path: files.path,
        cut: async () => void (await pool.query(`DELETE FROM ${entries} WHERE sequence > 5`)),
      }),
    120_000,
  )
})
