/** Register and consent inside a transaction of the host's: together with the host's own rows, or not at all. */

import { createPrivacy, localKeys, type Privacy } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { postgresStore } from '../../adapters/postgres/index.ts'
import type { Change, Store } from '../../src/store.ts'
import { dropSchemas, migrated, testPool } from './postgres.ts'

const url = inject('databaseUrl')
const schema = `within_${process.pid}`
const hosts = `within_host_${process.pid}`
const pool = testPool(url)
const outer = postgresStore(pool, { schema })
const secret = new Uint8Array(32).fill(5)
const policy = pilviPolicy
type Ours = Privacy<typeof pilviPolicy>

const library = (store: Store): Ours =>
  createPrivacy({ policy, store, keys: localKeys([{ id: 'k', secret }]), tenant: 'pilvi' })
const privacy = library(outer)

beforeAll(async () => {
  await migrated(outer)
  await pool.query(`CREATE SCHEMA "${hosts}"`)
  await pool.query(`CREATE TABLE "${hosts}".accounts (id text PRIMARY KEY)`)
})
afterAll(async () => {
  await dropSchemas(pool, [schema, hosts])
  await pool.end()
})

let host: pg.PoolClient
let made = 0
/** A person that no other test has. */
const person = (): string => `person-${++made}`
beforeEach(async () => {
  host = await pool.connect()
  return async () => {
    await host.query('ROLLBACK')
    host.release()
  }
})

const signUp = (id: string) => host.query(`INSERT INTO "${hosts}".accounts VALUES ($1)`, [id])
const accounts = async (id: string): Promise<number> =>
  (await pool.query(`SELECT FROM "${hosts}".accounts WHERE id = $1`, [id])).rows.length
const consents = async (subject: string): Promise<string[]> => {
  const kinds: string[] = []
  for await (const { kind } of privacy.consent.list(subject)) kinds.push(kind)
  return kinds
}
const given = (subject: string) => ({ subject, purpose: 'telemarketing', by: 'link' }) as const
const record = (subject: string) =>
  ({
    group: 'customer',
    subject,
    origin: 'customer',
    fields: { contactPerson: 'Firstname Lastname', email: 'someone@example.com', vatId: 'FI20774740' },
  }) as const

/** How many rows there are of everything the library keeps. */
async function rows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of ['register', 'standings', 'consents', '_heads_consents', 'keys', 'pending']) {
    const { rows: found } = await pool.query(`SELECT count(*)::int AS n FROM "${schema}"."${table}"`)
    counts[table] = found[0].n
  }
  return counts
}

describe('a host’s transaction', () => {
  it('that commits: the consent and the sign-up are there together, and neither before', async () => {
    const subject = person()
    await host.query('BEGIN')
    await signUp(subject)
    const inside = privacy.within(host)
    await inside.consent.give(given(subject))
    await inside.register.save(record(subject))
    const seen: string[] = []
    for await (const { kind } of inside.consent.list(subject)) seen.push(kind)
    expect(seen).toEqual(['given'])
    expect(await inside.register.find({ group: 'customer', subject })).not.toBeNull()
    expect([await accounts(subject), await consents(subject)]).toEqual([0, []])
    await host.query('COMMIT')
    expect([await accounts(subject), await consents(subject)]).toEqual([1, ['given']])
    expect(await privacy.register.find({ group: 'customer', subject })).toMatchObject({ subject })
    await privacy.ledger.sequence()
    expect((await privacy.ledger.verify()).outcome).toBe('intact')
  })

  it('that is rolled back leaves nothing: no key, no standing, no consent, no ledger entry', async () => {
    const subject = person()
    await privacy.consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })
    const before = await rows()
    await host.query('BEGIN')
    await signUp(subject)
    await privacy.within(host).consent.give(given(subject))
    await privacy.within(host).register.save(record(subject))
    await host.query('ROLLBACK')
    expect([await accounts(subject), await consents(subject)]).toEqual([0, []])
    expect(await rows()).toEqual(before)
    await privacy.consent.deny(given(subject))
    expect(await consents(subject)).toEqual(['denied'])
  })

  it('that is rolled back takes no secret with it that the process remembers', async () => {
    const name = `${schema}_new`
    const store = await migrated(postgresStore(pool, { schema: name }))
    const fresh = library(store)
    await host.query('BEGIN')
    await fresh.within(host).consent.deny(given('a'))
    await host.query('ROLLBACK')
    await fresh.consent.deny(given('b'))
    const may = await library(store).consent.decide({
      subject: 'b',
      purpose: 'telemarketing',
      channel: 'phone',
    })
    expect(may).toMatchObject({ outcome: 'deny', because: [{ rule: expect.stringContaining('denied') }] })
    await dropSchemas(pool, [name])
  })

  it('goes on after a conflict inside it', async () => {
    const subject = person()
    const at = { collection: 'register', key: `pilvi/${subject}/x` }
    const put = (value: string, expect: number | 'absent'): Change => ({ put: at, value, expect })
    const other: Change = { put: { ...at, key: `${at.key}/y` }, value: 1, expect: 'absent' }
    await outer.commit([put('outside', 'absent')])
    await host.query('BEGIN')
    await signUp(subject)
    const inside = outer.within(host)
    for (const changes of [[put('inside', 'absent')], [other, put('inside', 999_999_999)]]) {
      await expect(inside.commit(changes)).rejects.toMatchObject({ code: 'conflict.version' })
    }
    expect((await inside.get('register', [other.put.key, at.key])).map((each) => each?.value)).toEqual([
      undefined,
      'outside',
    ])
    await inside.commit([other])
    await host.query('COMMIT')
    expect(await accounts(subject)).toBe(1)
    expect((await outer.get('register', [other.put.key]))[0]?.value).toBe(1)
  })

  it('reads again where another was faster, and ends with both', async () => {
    const subject = person()
    await privacy.consent.deny(given(subject))
    await host.query('BEGIN')
    await signUp(subject)
    const inside = privacy.within(host)
    // What is written outside waits for the host to commit, once the inside has written.
    const outside = [privacy.consent.deny(given(subject)), privacy.consent.deny(given(subject))]
    await inside.consent.give(given(subject))
    await host.query('COMMIT')
    await Promise.all(outside)
    expect((await consents(subject)).sort()).toEqual(['denied', 'denied', 'denied', 'given'])
  })

  it('that reads a snapshot of its own is told to begin anew, and nothing was done', async () => {
    const subject = person()
    const at = { collection: 'register', key: `pilvi/${subject}/x` }
    await host.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await signUp(subject)
    await outer.commit([{ put: at, value: 1, expect: 'absent' }])
    await expect(outer.within(host).commit([{ put: at, value: 2, expect: 'absent' }])).rejects.toMatchObject({
      code: 'store.unavailable',
      retryable: true,
    })
    await host.query('ROLLBACK')
    expect((await outer.get('register', [at.key]))[0]?.value).toBe(1)
  })

  it('calls beside each other on one connection wait for each other', async () => {
    const subjects = Array.from({ length: 5 }, person)
    await host.query('BEGIN')
    const inside = privacy.within(host)
    await Promise.all(subjects.map((subject) => inside.consent.give(given(subject))))
    await host.query('COMMIT')
    for (const subject of subjects) expect(await consents(subject)).toEqual(['given'])
  })

  it('of a customer’s tenant writes there, and only what the tenant may', async () => {
    const subject = person()
    await host.query('BEGIN')
    const inside = privacy.within(host)
    await inside.tenant('shop').consent.give(given(subject))
    await expect(inside.tenant('shop').register.save(record(subject))).rejects.toMatchObject({
      code: 'tenant.not-allowed',
    })
    expect(() => inside.tenant('pilvi')).toThrow(expect.objectContaining({ code: 'tenant.not-allowed' }))
    await host.query('COMMIT')
    expect(await consents(subject)).toEqual([])
    const there: string[] = []
    for await (const { kind } of privacy.tenant('shop').consent.list(subject)) there.push(kind)
    expect(there).toEqual(['given'])
  })
})

describe('a rollback that would hand back what is spent', () => {
  const notAllowed = { code: 'transaction.not-allowed' }

  it('is not to be had: second factors, requests and usage refuse', async () => {
    const subject = person()
    await privacy.consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })
    await host.query('BEGIN')
    const inside = library(outer.within(host))
    const acts: (() => Promise<unknown>)[] = [
      () => inside.mfa.enrol(subject, { label: 'x' }),
      () =>
        inside.requests.open({
          subject,
          kind: 'erasure',
          receivedBy: 'email',
          receivedAt: '2026-01-01T00:00:00.000Z' as never,
        }),
      () => inside.usage.record({ session: 's', ip: '192.0.2.1' }),
      () => inside.usage.purge(),
    ]
    for (const act of acts) await expect(act()).rejects.toMatchObject(notAllowed)
    await host.query('ROLLBACK')
  })

  it('nor is any other way into the database from there', async () => {
    const ref = (collection: string, key: string) => ({ collection, key })
    const refused: Change[] = [
      { put: ref('factors', 't/a'), value: 1, expect: 'absent' },
      { put: ref('attempts', 't/a'), value: 1, expect: 'absent' },
      { append: ref('ledger', 't/a'), id: 'a', value: 1, expect: 1 },
      { put: ref('keys', 't/secret/digest'), value: 1, expect: 'absent' },
      { put: ref('keys', 't/data/d/c'), value: 1, expect: 3 },
      { remove: ref('keys', 't/data/d/c'), expect: 3 },
    ]
    await host.query('BEGIN')
    const inside = outer.within(host)
    for (const change of refused) {
      const allowed: Change = { put: ref('register', 't/a'), value: 1, expect: 'absent' }
      await expect(inside.commit([allowed, change])).rejects.toMatchObject({
        ...notAllowed,
        path: 'changes[1]',
      })
    }
    const range = { from: '2026-01-01T00:00:00.000Z', before: '2026-01-02T00:00:00.000Z' }
    const drained = async (items: AsyncIterable<unknown>) => {
      for await (const _ of items) return
    }
    const calls: (() => Promise<unknown>)[] = [
      () => inside.migrate.plan(),
      () => inside.migrate.apply({ from: 0, to: 2, steps: [], blocked: [] }),
      () => inside.visits.erase('t', ['s']),
      () => inside.visits.purge('t', range.from),
      () => inside.visits.purgeAll(range.from),
      () => drained(inside.visits.read('t', range)),
      () => drained(inside.visits.find('t', ['s'])),
      () => drained(inside.bulk.read('register')),
      () => inside.bulk.tenants(),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject(notAllowed)
    expect(await inside.get('register', ['t/a'])).toEqual([null])
    await host.query('COMMIT')
  })
})

describe('what is no transaction', () => {
  it('a connection without one is refused before anything is written', async () => {
    const subject = person()
    await expect(privacy.within(host).consent.give(given(subject))).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'client',
    })
    expect(await consents(subject)).toEqual([])
  })

  it('a connection that does not tell whether it is encrypted is refused', () => {
    expect(() => privacy.within({ query: () => {} })).toThrow(
      expect.objectContaining({ code: 'store.insecure' }),
    )
  })

  it('a store that cannot says so', async () => {
    const lone = new pg.Client(url)
    for (const store of [memoryStore(), postgresStore(lone, { schema })]) {
      expect(() => library(store).within(host)).toThrow(
        expect.objectContaining({ code: 'store.unsupported' }),
      )
    }
  })

  it('a transaction that failed before stays failed, and nothing of it is there', async () => {
    const subject = person()
    await host.query('BEGIN')
    await host.query('SELECT nonsense').catch(() => {})
    await expect(privacy.within(host).consent.give(given(subject))).rejects.toMatchObject({
      code: 'store.unavailable',
    })
    await host.query('ROLLBACK')
  })
})
