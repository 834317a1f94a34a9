/** What becomes of a PostgreSQL store when connections break, servers refuse, and commits get in each other's way. */

import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type PostgresPool, postgresStore } from '../../adapters/postgres/index.ts'
import type { Change, Collection, JsonValue, Store } from '../../src/store.ts'
import { freePort } from '../servers/ports.ts'
import { type FaultyProxy, startProxy } from '../servers/proxy.ts'
import { dropSchemas, migrated, postgresFactory, testPool } from './postgres.ts'
import { wholeKit } from './twins.ts'

const collections: readonly Collection[] = [
  { name: 'things', kind: 'records', indexes: { byColour: ['colour', 'size'] } },
  { name: 'events', kind: 'streams', indexes: {} },
]
const url = inject('databaseUrl')
const schema = `faults_${process.pid}`
const pool = testPool(url)
afterAll(async () => {
  await dropSchemas(pool, [schema])
  await pool.end()
})

const put = (key: string, value: JsonValue): Change => ({
  put: { collection: 'things', key },
  value,
  expect: 'absent',
})
const append = (key: string, expect = 1): Change => ({
  append: { collection: 'events', key },
  id: `e${expect}`,
  value: 'e',
  expect,
})

const straight = postgresStore(pool, { schema, collections })
beforeAll(async () => void (await migrated(straight)))

let lost = 0
/** A tenant that no other test has. */
const tenant = (): string => `t${lost++}`

const { hostname, port } = new URL(url)

// The proxy stands before a server on this machine.
describe.runIf(['127.0.0.1', 'localhost'].includes(hostname))('a connection that breaks', () => {
  let proxy: FaultyProxy
  let broken: pg.Pool
  let store: Store
  beforeAll(async () => {
    proxy = await startProxy(Number(port || 5432))
    broken = testPool(Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href)
    store = postgresStore(broken, { schema, collections })
  })
  afterAll(async () => {
    await broken.end()
    await proxy.stop()
  })
  beforeEach(() => void proxy.cut('before', '', 0))

  it('before COMMIT arrives: the outcome is unknown, and it is known that it may be', async () => {
    const at = tenant()
    const changes = [put(`${at}/a`, 1), append(`${at}/s`)]
    proxy.cut('before', 'COMMIT\0')
    await expect(store.commit(changes)).rejects.toMatchObject({
      code: 'store.outcome-unknown',
      retryable: false,
    })
    expect(await store.get('things', [`${at}/a`])).toEqual([null])
    await store.commit(changes)
    expect((await store.get('events', [`${at}/s`]))[0]?.version).toBe(1)
  })

  it('after COMMIT took effect: reading tells, and repeating an append does not double it', async () => {
    const at = tenant()
    proxy.cut('after', 'COMMIT\0')
    await expect(store.commit([append(`${at}/s`), append(`${at}/s`, 2)])).rejects.toMatchObject({
      code: 'store.outcome-unknown',
    })
    expect((await store.get('events', [`${at}/s`]))[0]?.version).toBe(2)
    await store.commit([append(`${at}/s`), append(`${at}/s`, 2)])
    const { rows } = await pool.query(`SELECT id FROM "${schema}".events WHERE key = $1`, [`${at}/s`])
    expect(rows).toEqual([{ id: 'e1' }, { id: 'e2' }])
  })

  it.each(['before', 'after'] as const)('%s a lone statement: the outcome is unknown', async (when) => {
    const at = tenant()
    proxy.cut(when, 'INSERT INTO')
    await expect(store.commit([put(`${at}/a`, 1)])).rejects.toMatchObject({ code: 'store.outcome-unknown' })
    const [found] = await store.get('things', [`${at}/a`])
    expect(found?.value ?? null).toBe(when === 'after' ? 1 : null)
    proxy.cut(when, 'INSERT INTO')
    await expect(store.commit([append(`${at}/s`)])).rejects.toMatchObject({ code: 'store.outcome-unknown' })
    await store.commit([append(`${at}/s`)])
    expect((await store.get('events', [`${at}/s`]))[0]?.version).toBe(1)
  })

  it.each([
    ['before', 'INSERT INTO'],
    ['after', 'INSERT INTO'],
    ['before', 'COMMIT\0'],
    ['after', 'COMMIT\0'],
  ] as const)('%s %s of visits of a new day: repeating keeps each once', async (when, text) => {
    const at = tenant()
    // A day of its own, so that it has to be made, in a transaction of its own.
    const day = new Date(Date.UTC(2031, 0, lost)).toISOString()
    const visits = ['a', 'b'].map((id) => ({ id, at: day, session: 's', ip: null, host: null, source: null }))
    proxy.cut(when, text)
    await expect(store.visits.append(at, visits)).rejects.toMatchObject({ code: 'store.outcome-unknown' })
    expect(proxy.left()).toBe(0)
    await store.visits.append(at, visits)
    await store.visits.append(at, visits)
    const { rows } = await pool.query(`SELECT id FROM "${schema}"._visits WHERE tenant = $1 ORDER BY id`, [
      at,
    ])
    expect(rows).toEqual([{ id: 'a' }, { id: 'b' }])
  })

  it('by the one connection of a store: every call after it is refused before it does anything', async () => {
    const at = tenant()
    const lone = new pg.Client(Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href)
    await lone.connect()
    const one = postgresStore(lone, { schema, collections })
    await one.commit([put(`${at}/a`, 1)])
    proxy.cut('after', 'INSERT INTO')
    await expect(one.commit([put(`${at}/b`, 1)])).rejects.toMatchObject({ code: 'store.outcome-unknown' })
    const later = [
      () => one.commit([put(`${at}/c`, 1)]),
      () => one.commit([put(`${at}/c`, 1), append(`${at}/s`)]),
      () => one.get('things', [`${at}/a`]),
    ]
    for (const call of later) await expect(call()).rejects.toMatchObject({ code: 'store.unavailable' })
    expect(
      (
        await straight.get(
          'things',
          ['a', 'b', 'c'].map((part) => `${at}/${part}`),
        )
      ).map((each) => each?.value),
    ).toEqual([1, 1, undefined])
    await lone.end()
  })

  it('before anything is committed: nothing was done, and it may be tried again', async () => {
    const at = tenant()
    const changes = [put(`${at}/a`, 1), append(`${at}/s`)]
    for (const text of ['BEGIN', 'INSERT INTO']) {
      proxy.cut('after', text)
      await expect(store.commit(changes)).rejects.toMatchObject({
        code: 'store.unavailable',
        retryable: true,
      })
      expect(proxy.left()).toBe(0)
    }
    await store.commit(changes)
  })

  it('while reading: unavailable, and the next call takes another connection', async () => {
    const at = tenant()
    await straight.commit([put(`${at}/a`, 1)])
    proxy.cut('after', 'SELECT')
    await expect(store.get('things', [`${at}/a`])).rejects.toMatchObject({ code: 'store.unavailable' })
    expect((await store.get('things', [`${at}/a`]))[0]?.value).toBe(1)
  })

  it('that cannot be made: unavailable, without a word about credentials', async () => {
    const nowhere = testPool(`postgres://user:hunter2@127.0.0.1:${await freePort()}/x`)
    const error = await postgresStore(nowhere, { schema, collections })
      .commit([put('t/a', 1)])
      .catch((each: unknown) => each as Error)
    expect(error).toMatchObject({ code: 'store.unavailable', retryable: true })
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/hunter2|user/)
    await nowhere.end()
  })

  it('by the server: a backend that is ended while it works does not end the process', async () => {
    const sleeping = postgresStore(
      { connect: async () => slow(await pool.connect()) },
      { schema, collections, allowPlaintext: 'the network is trusted' },
    )
    const reading = sleeping.get('things', ['t/none'])
    const ended = pool.query(
      "SELECT pg_sleep(0.3), pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(5)%' AND pid <> pg_backend_pid()",
    )
    await expect(reading).rejects.toMatchObject({ code: 'store.unavailable' })
    await ended
    await expect(straight.get('things', ['t/none'])).resolves.toEqual([null])
  })
})

/** A client whose statements take five seconds longer. */
function slow(client: pg.PoolClient): Awaited<ReturnType<PostgresPool['connect']>> {
  return {
    query: async (text, values) => {
      await client.query('SELECT pg_sleep(5)')
      return client.query(text, values)
    },
    release: (error) => client.release(error),
    on: (event, listener) => client.on(event, listener),
    removeListener: (event, listener) => client.removeListener(event, listener),
  }
}

describe('a database that refuses', () => {
  it('says which state, and never a value (design §5.8)', async () => {
    const at = tenant()
    await pool.query(`CREATE FUNCTION "${schema}".tell() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.key LIKE '${at}/%' THEN RAISE EXCEPTION 'told: %', NEW.value; END IF; RETURN NEW; END $$`)
    await pool.query(`CREATE TRIGGER tell BEFORE INSERT ON "${schema}".things
      FOR EACH ROW EXECUTE FUNCTION "${schema}".tell()`)
    for (const changes of [[put(`${at}/a`, 'a secret')], [put(`${at}/a`, 'a secret'), append(`${at}/s`)]]) {
      const error = (await straight.commit(changes).catch((each: unknown) => each)) as Error
      expect(error).toMatchObject({ code: 'store.unavailable', message: expect.stringContaining('P0001') })
      expect(`${error.message} ${JSON.stringify(error)} ${Object.keys(error)}`).not.toMatch(/secret|cause/)
      expect(String(error.cause)).toContain('secret')
    }
    await pool.query(`DROP TRIGGER tell ON "${schema}".things`)
    expect(await straight.get('events', [`${at}/s`])).toEqual([null])
  })
})

describe('the isolation that the host has set', () => {
  it.each(['serializable', 'repeatable read', 'read committed'])('%s changes nothing', async (level) => {
    const strict = new pg.Pool({
      connectionString: url,
      max: 20,
      options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
    })
    const races = /^(one |appends race|commits that cross|append races|rollback|repeated append|two at once)/
    const kit = wholeKit(postgresFactory(strict, `faults_${process.pid}`))
    const { passed, failed } = await kit.run((name) => races.test(name))
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(7)
    await strict.end()
  })
})
