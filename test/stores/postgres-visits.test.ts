/** The visit log by days on a real server: days that many begin at once, days that go under readers and writers. */

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import type { StoredVisit } from '../../src/store.ts'
import { ended, program } from '../servers/program.ts'
import { dropSchemas, migrated } from './postgres.ts'

const url = inject('databaseUrl')
const made: string[] = []
const pool = new pg.Pool({ connectionString: url, max: 50 })
pool.on('error', () => {})
afterAll(async () => {
  await dropSchemas(pool, made)
  await pool.end()
})

let schema = ''
const store = () => postgresStore(pool, { schema, collections: [] })
beforeEach(async () => {
  schema = `days_${process.pid}_${made.length}`
  made.push(schema)
  await migrated(store())
})

const visit = (day: number, n: number): StoredVisit => ({
  id: `v${n}`,
  at: new Date(Date.UTC(2026, 0, day, 0, 0, 0, n)).toISOString(),
  session: `s${n % 7}`,
  ip: null,
  host: null,
  source: null,
})
const visits = (day: number, count: number): StoredVisit[] =>
  Array.from({ length: count }, (_, n) => visit(day, n))
const at = (day: number): string => `2026-01-0${day}T00:00:00.000Z`
const days = async (): Promise<string[]> => {
  const { rows } = await pool.query(
    'SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::text::regclass ORDER BY 1',
    [`"${schema}"._visits`],
  )
  return rows.map((row) => row.relname)
}
const kept = async (tenant = 't'): Promise<StoredVisit[]> => {
  const found: StoredVisit[] = []
  const range = { from: at(1), before: '2027-01-01T00:00:00.000Z' }
  for await (const batch of store().visits.read(tenant, range)) found.push(...batch)
  return found
}

describe('a day', () => {
  it('that 50 connections begin at once is made once, and every visit is kept', async () => {
    const log = store().visits
    const batches = Array.from({ length: 50 }, (_, i) => [visit(1, i), visit(2, i)])
    await Promise.all(batches.map((batch) => log.append('t', batch)))
    expect(await days()).toEqual(['_visits_2026_01_01', '_visits_2026_01_02'])
    expect((await kept()).length).toBe(100)
  })

  it('is made while others read and write the log, and waits for none of them', async () => {
    const log = store().visits
    await log.append('t', visits(1, 5))
    const other = await pool.connect()
    await other.query('BEGIN')
    await other.query(`SELECT count(*) FROM "${schema}"._visits`)
    await other.query(
      `INSERT INTO "${schema}"._visits SELECT 'u', at, id, session FROM "${schema}"._visits LIMIT 1`,
    )
    await log.append('t', visits(2, 5))
    await other.query('COMMIT')
    other.release()
    expect((await kept()).length).toBe(10)
  })

  it('that goes waits for a reader no longer than it may, comes again, and stalls nobody for long', async () => {
    const log = store().visits
    await log.append('t', [...visits(1, 5), ...visits(2, 5)])
    const reader = await pool.connect()
    await reader.query('BEGIN')
    await reader.query(`SELECT count(*) FROM "${schema}"._visits`)
    const purging = log.purgeAll(at(2))
    await new Promise((resolve) => setTimeout(resolve, 200))
    const start = performance.now()
    await log.append('t', [visit(2, 77)])
    expect(performance.now() - start).toBeLessThan(2_500)
    await reader.query('COMMIT')
    reader.release()
    expect(await purging).toBe(true)
    expect(await days()).toEqual(['_visits_2026_01_02'])
    expect((await kept()).length).toBe(6)
  })

  it('that is being dropped takes late visits: each is kept or goes with it, and its append succeeds', async () => {
    const log = store().visits
    const counts = { late: 0 }
    let state: 'running' | 'ending' = 'running'
    const writers = Array.from({ length: 10 }, async (_, w) => {
      for (let n = 0; state === 'running'; n++) {
        await log.append('t', [visit(1, w * 1_000 + n), visit(3, w * 1_000 + n)])
        counts.late++
      }
    })
    for (let n = 0; n < 15; n++) await log.purgeAll(at(2))
    state = 'ending'
    await Promise.all(writers)
    const stay = (await kept()).filter((each) => each.at >= at(3))
    expect(stay.length).toBe(counts.late)
    await log.purgeAll(at(3))
    expect((await kept()).length).toBe(counts.late)
    expect(await days()).toEqual(['_visits_2026_01_03'])
  })

  it('that goes while a reader stands in its middle: the reader goes on behind it', async () => {
    const log = store().visits
    await log.append('t', [...visits(1, 2_500), ...visits(2, 10)])
    const seen: string[] = []
    for await (const batch of log.read('t', { from: at(1), before: at(3) })) {
      seen.push(...batch.map((each) => each.at.slice(0, 10)))
      await log.purgeAll(at(2))
    }
    expect(seen.filter((day) => day === '2026-01-01')).toHaveLength(1_000)
    expect(seen.filter((day) => day === '2026-01-02')).toHaveLength(10)
  })

  it('of which a part goes is looked up by its index, tenant by tenant', async () => {
    const log = store().visits
    for (const tenant of ['a', 'b', 'c']) await log.append(tenant, visits(1, 3_000))
    await pool.query(`ANALYZE "${schema}"._visits`)
    const before = visit(1, 10).at
    expect(await log.purgeAll(before)).toBe(true)
    for (const tenant of ['a', 'b', 'c']) expect((await kept(tenant)).length).toBe(2_990)
  })
})

describe('a schema of layout 1', () => {
  it('is brought to days with every visit where it was, and purged as any other', async () => {
    const name = `"${schema}"`
    for (const statement of [
      `DROP TABLE ${name}._visits`,
      `CREATE TABLE ${name}._visits (tenant text COLLATE "C" NOT NULL, at text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, ip text, host text, source text, PRIMARY KEY (tenant, at, id))`,
      `CREATE INDEX "_visits$session" ON ${name}._visits (tenant, session, at, id)`,
      `UPDATE ${name}._layout SET layout = 1`,
    ])
      await pool.query(statement)
    const given = [...visits(1, 3), ...visits(2, 3)]
    for (const { at: when, id, session } of given) {
      await pool.query(`INSERT INTO ${name}._visits (tenant, at, id, session) VALUES ('t', $1, $2, $3)`, [
        when,
        id,
        session,
      ])
    }
    const plan = await store().migrate.plan()
    expect([plan.from, plan.to, plan.blocked]).toEqual([1, 2, []])
    await store().migrate.apply(plan)
    expect(await kept()).toEqual(given)
    expect((await store().migrate.plan()).steps).toEqual([])
    const { rows } = await pool.query('SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [
      schema,
    ])
    expect(rows.map((row) => row.tablename)).toEqual([
      '_layout',
      '_visits',
      '_visits_2026_01_01',
      '_visits_2026_01_02',
    ])
    await store().visits.append('t', visits(3, 1))
    expect(await store().visits.purgeAll(at(3))).toBe(true)
    expect(await kept()).toEqual(visits(3, 1))
  })
})

describe('migrating', () => {
  let migrate: Awaited<ReturnType<typeof program>>
  beforeAll(async () => {
    migrate = await program('stores/postgres-migrate')
  }, 60_000)

  it('by four processes at once: all end well, and what is made is whole', async () => {
    const name = `${schema}_processes`
    made.push(name)
    const begin = `${Date.now() + 2_000}`
    const codes = await Promise.all(Array.from({ length: 4 }, () => ended(migrate(url, name, begin))))
    expect(codes).toEqual([0, 0, 0, 0])
    const after = postgresStore(pool, { schema: name })
    expect((await after.migrate.plan()).steps).toEqual([])
    const { rows } = await pool.query(`SELECT count(*)::int AS n FROM "${name}"._visits`)
    expect(rows[0].n).toBe(4)
    expect((await pool.query(`SELECT layout FROM "${name}"._layout`)).rows).toEqual([{ layout: 2 }])
  })

  it('without the privilege: the plan says what is missing, and nothing is done', async ({ skip }) => {
    const { rows } = await pool.query(
      'SELECT rolcreaterole OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
    )
    skip(rows[0].may !== true, 'the user of DATABASE_URL may not make roles')
    const role = `reader_${process.pid}`
    await pool.query(`CREATE ROLE ${role}`)
    const asReader = new pg.Pool({ connectionString: url, options: `-c role=${role}` })
    const wanted = postgresStore(asReader, { schema: `${schema}_none` })
    const plan = await wanted.migrate.plan()
    expect(plan.steps.length).toBeGreaterThan(0)
    expect(plan.blocked).toEqual([expect.stringContaining('CREATE')])
    await expect(wanted.migrate.apply(plan)).rejects.toMatchObject({ code: 'store.unsupported' })
    await asReader.end()
    await pool.query(`DROP ROLE ${role}`)
  })
})
