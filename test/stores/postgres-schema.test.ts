/** How a PostgreSQL store looks from outside: what it refuses to connect to, its schema, and how it reads. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type PostgresPool, type PostgresStatement, postgresStore } from '../../adapters/postgres/index.ts'
import type { Change, Collection, JsonValue, Store } from '../../src/store.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const collections: readonly Collection[] = [
  { name: 'things', kind: 'records', indexes: { byColour: ['colour', 'size'] } },
  { name: 'events', kind: 'streams', indexes: {} },
]
const url = inject('databaseUrl')
const schema = `looks_${process.pid}`
const pool = testPool(url)
const schemas = ['looks', 'planned', 'newer', 'library'].map((name) => `${name}_${process.pid}`)
afterAll(async () => {
  await dropSchemas(pool, schemas)
  await pool.end()
})

const straight = postgresStore(pool, { schema, collections })
beforeAll(async () => void (await migrated(straight)))

const put = (key: string, value: JsonValue): Change => ({
  put: { collection: 'things', key },
  value,
  expect: 'absent',
})
const append = (key: string, expect: number): Change => ({
  append: { collection: 'events', key },
  id: `e${expect}`,
  value: 'e',
  expect,
})

describe('plaintext that leaves this machine is refused before a connection is made', () => {
  const far = 'postgres://user:hunter2@db.example.org/x'
  it.each([
    ['a host elsewhere', { connectionString: far }, 'refused'],
    ['TLS switched off', { connectionString: `${far}?sslmode=disable` }, 'refused'],
    ['a host by name', { host: 'db.example.org' }, 'refused'],
    ['TLS', { connectionString: `${far}?sslmode=verify-full` }, 'taken'],
    ['TLS by option', { host: 'db.example.org', ssl: true }, 'taken'],
    ['this machine', { connectionString: 'postgres://user@localhost/x' }, 'taken'],
    ['a socket', { host: '/var/run/postgresql' }, 'taken'],
  ] as const)('%s', async (_, options, outcome) => {
    const given = new pg.Pool(options)
    const make = (): Store => postgresStore(given, { collections })
    if (outcome === 'taken') make()
    else {
      expect(make).toThrow(expect.objectContaining({ code: 'store.insecure' }))
      expect(make).not.toThrow(/hunter2|example/)
      postgresStore(given, { collections, allowPlaintext: 'the network is trusted' })
    }
    expect(given.totalCount).toBe(0)
    await given.end()
  })

  it('a pool that does not tell is asked by its connections, and refused where they do not tell either', async () => {
    const telling: PostgresPool = { connect: () => pool.connect() }
    expect(await postgresStore(telling, { schema, collections }).get('things', ['t/none'])).toEqual([null])
    const silent: PostgresPool = {
      connect: async () => {
        const client = await pool.connect()
        return {
          query: (text, values) => client.query(text, values),
          release: (error) => client.release(error),
        }
      },
    }
    await expect(
      postgresStore(silent, { schema, collections }).get('things', ['t/none']),
    ).rejects.toMatchObject({
      code: 'store.insecure',
    })
  })
})

describe('a schema', () => {
  it.each([
    '',
    'A',
    'a"b',
    "a'; drop table x; --",
    'pg_catalog',
    'a.b',
    '1a',
    'a'.repeat(64),
    null,
    { a: 1 },
  ])('named %j is refused before it becomes an identifier', (name) => {
    expect(() => postgresStore(pool, { schema: name as string, collections })).toThrow(
      expect.objectContaining({ code: 'input.invalid', path: 'schema' }),
    )
  })

  it('is planned in words and SQL, and planning makes nothing', async () => {
    const name = `planned_${process.pid}`
    const store = postgresStore(pool, { schema: name, collections })
    const plan = await store.migrate.plan()
    expect([plan.from, plan.to, plan.blocked]).toEqual([0, 2, []])
    expect(plan.steps.map((step) => step.says)).toContain('Make a table for the entries of events.')
    expect(plan.steps.map((step) => step.statement)).toContain(`CREATE SCHEMA IF NOT EXISTS "${name}"`)
    const { rows } = await pool.query('SELECT FROM pg_namespace WHERE nspname = $1', [name])
    expect(rows).toHaveLength(0)
  })

  it('that a newer version has made is left alone: the plan says so, and is refused', async () => {
    const name = `newer_${process.pid}`
    const store = await migrated(postgresStore(pool, { schema: name, collections }))
    await pool.query(`UPDATE "${name}"._layout SET layout = 3`)
    const plan = await store.migrate.plan()
    expect(plan).toMatchObject({ from: 3, to: 2, steps: [], blocked: [expect.stringContaining('layout 3')] })
    for (const given of [plan, { ...plan, blocked: [] }]) {
      await expect(store.migrate.apply(given)).rejects.toMatchObject({ code: 'store.unsupported' })
    }
  })

  it('needs a database in UTF-8', async ({ skip }) => {
    const { rows } = await pool.query(
      'SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
    )
    skip(rows[0].may !== true, 'the user of DATABASE_URL may not make databases')
    const name = `latin_${process.pid}`
    await pool.query(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' TEMPLATE template0`)
    const latin = testPool(Object.assign(new URL(url), { pathname: `/${name}` }).href)
    const { migrate } = postgresStore(latin, { collections })
    const plan = await migrate.plan()
    expect(plan.blocked).toEqual(['the database has another encoding than UTF8'])
    await expect(migrate.apply(plan)).rejects.toMatchObject({ code: 'store.unsupported' })
    await latin.end()
    await pool.query(`DROP DATABASE ${name}`)
  })

  it('has columns of a declared type and order, filled by the database itself', async () => {
    const { rows } = await pool.query(
      `SELECT column_name, data_type, is_generated, collation_name FROM information_schema.columns
       WHERE table_schema = $1 AND table_name = 'things' ORDER BY ordinal_position`,
      [schema],
    )
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      'key text NEVER C',
      'version bigint NEVER ',
      'value jsonb NEVER ',
      'tenant text ALWAYS C',
      'x_colour text ALWAYS C',
      'x_size text ALWAYS C',
    ])
  })
})

describe('the library’s own collections', () => {
  it('are what a store keeps, if nothing else is said', async () => {
    const plan = await postgresStore(pool).migrate.plan()
    expect(plan.steps.map((step) => step.statement)).toContain('CREATE SCHEMA IF NOT EXISTS "pilvi_privacy"')
    const store = await migrated(postgresStore(pool, { schema: `library_${process.pid}` }))
    expect((await store.migrate.plan()).steps).toEqual([])
  })
})

describe('a scan', () => {
  it('reads its range from an index, in order, and no more than its page', async () => {
    const at = 't'
    for (let i = 0; i < 10; i++) {
      await straight.commit(
        Array.from({ length: 500 }, (_, j) => put(`${at}/${i}-${j}`, { colour: `c${j % 50}`, size: `${i}` })),
      )
    }
    await straight.commit(Array.from({ length: 300 }, (_, i) => append(`${at}/s`, i + 1)))
    await pool.query(`ANALYZE "${schema}".things, "${schema}".events`)
    const asked: { text: string; values: unknown[] }[] = []
    const store = postgresStore(listening(asked), { schema, collections })
    const ranges = [
      ['things', { prefix: `${at}/`, after: `${at}/5`, limit: 10 }, 'things_pkey'],
      [
        'things',
        { tenant: at, index: 'byColour', equals: ['c7'], from: '3', limit: 10 },
        'things$colour$size',
      ],
      [
        'things',
        { tenant: at, index: 'byColour', from: 'c1', before: 'c4', limit: 10 },
        'things$colour$size',
      ],
      ['events', { stream: `${at}/s`, after: 100, limit: 10 }, 'events_pkey'],
    ] as const
    for (const [collection, range, index] of ranges) {
      let seen = 0
      for await (const _ of store.scan(collection, range)) seen++
      expect(seen).toBe(10)
      const last = asked.at(-1)
      const { rows } = await pool.query(`EXPLAIN ${last?.text}`, last?.values)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/Index (Only )?Scan using/)
      expect(plan).toContain(index)
      expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/)
    }
  })
})

/** A pool that notes what is asked. */
function listening(asked: { text: string; values: unknown[] }[]): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect()
      const query = client.query.bind(client)
      return Object.assign(Object.create(client), {
        release: (error?: Error) => client.release(error),
        query: (statement: PostgresStatement, values: unknown[]) => {
          asked.push({ text: statement.text, values })
          return query(statement, values)
        },
      })
    },
  }
}
