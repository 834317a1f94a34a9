import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../adapters/memory/index.ts'
import { collections } from '../../src/collections.ts'
import type { Instant } from '../../src/environment.ts'
import { Conflict, IntegrityFailure, InvalidInput, StoreFailure } from '../../src/errors.ts'
import { localKeys } from '../../src/keys/local.ts'
import type { Policy } from '../../src/policy/model.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { createPrivacy } from '../../src/privacy.ts'
import type { Store } from '../../src/store.ts'
import { fixedEnvironment } from '../../src/testing/environment.ts'
import type { Visit } from '../../src/usage/model.ts'
import { createUsage } from '../../src/usage/service.ts'

const secret = new Uint8Array(32).fill(9)
const collection = collections.publications.name

/** Usage on a memory store at noon of 6 January 2026 in Helsinki: 5 January has closed. */
function world({ at = '2026-01-06T10:00:00.000Z' as Instant, store = memoryStore(), seed = 1 } = {}) {
  const environment = fixedEnvironment({ at, seed })
  const privacy = createPrivacy({
    policy: pilviPolicy,
    store,
    keys: localKeys([{ id: 'k', secret }]),
    tenant: 'pilvi',
    sites: ['www.example.com'],
    environment,
  })
  return { privacy, usage: privacy.usage, environment, store }
}

/** One visit of so many sessions on 5 January at noon UTC, 14 in Helsinki. */
const visits = (count: number, given: Partial<Visit> = {}): Visit[] =>
  Array.from({ length: count }, (_, i) => ({
    session: `session-${i}`,
    ip: `192.0.2.${i + 1}`,
    host: `host-${i}.example.net`,
    at: '2026-01-05T12:00:00.000Z',
    ...given,
  }))

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of list) found.push(each)
  return found
}

const everything = { from: '0000-01-01T00:00:00.000Z', before: '9999-01-01T00:00:00.000Z' }

async function raw(store: Store, tenant = 'pilvi'): Promise<number> {
  return (await all(store.visits.read(tenant, everything))).flat().length
}

describe('record', () => {
  it('keeps a visit raw, with the time of recording where none is given', async () => {
    const { usage, store } = world()
    await usage.record({ session: 's', ip: '2001:db8::1', source: 'https://example.org/' })
    const range = { from: '2026-01-01T00:00:00.000Z', before: '2026-02-01T00:00:00.000Z' }
    expect((await all(store.visits.read('pilvi', range))).flat()).toMatchObject([
      {
        session: 's',
        ip: '2001:db8::1',
        host: null,
        source: 'https://example.org/',
        at: '2026-01-06T10:00:00.000Z',
      },
    ])
  })

  it('keeps many, in batches', async () => {
    const { usage, store } = world()
    await usage.recordMany(Array.from({ length: 10_001 }, (_, i) => ({ session: `s${i}`, ip: '192.0.2.1' })))
    expect(await raw(store)).toBe(10_001)
    await usage.recordMany([])
  })

  it.each([
    ['session', { session: '' }],
    ['session', { session: 'a\nb' }],
    ['session', { session: { $ne: '' } }],
    ['ip', { ip: '192.0.2.256' }],
    ['ip', { ip: 'host.example.org' }],
    ['host', { host: 'a b' }],
    ['host', { host: 'x'.repeat(254) }],
    ['source', { source: 'x'.repeat(2_049) }],
    ['source', { source: 'ä'.repeat(1_025) }],
    ['source', { source: 'a\0b' }],
    ['source', { source: '\ud800' }],
    ['at', { at: '2026-01-05' }],
    ['at', { at: '2026-01-06T10:05:00.001Z' }],
  ])('refuses a visit with a bad %s, and names the path and not the value', async (field, wrong) => {
    const { usage, store } = world()
    const bad = { ...visits(1)[0], ...wrong } as Visit
    await expect(usage.record(bad)).rejects.toThrow(expect.objectContaining({ path: `visit.${field}` }))
    await expect(usage.recordMany([...visits(2), bad])).rejects.toThrow(
      expect.objectContaining({ path: `visits[2].${field}`, code: 'input.invalid' }),
    )
    expect(await raw(store)).toBe(0)
  })

  it('refuses what is no visit, and a list that is none', async () => {
    const { usage } = world()
    await expect(usage.record({ ...visits(1)[0], user: 'x' } as unknown as Visit)).rejects.toThrow(
      InvalidInput,
    )
    await expect(usage.recordMany({} as Visit[])).rejects.toThrow(InvalidInput)
    await usage.record({ session: 's', ip: '192.0.2.1', at: '2026-01-06T10:05:00.000Z' })
  })
})

describe('publish', () => {
  it('gives the groups of a closed day that reach the threshold', async () => {
    const { usage, privacy } = world()
    await usage.recordMany([
      ...visits(12, { source: 'https://www.example.org/x' }),
      ...visits(11, { source: 'https://www.example.com/y', at: '2026-01-05T20:00:00.000Z' }),
      ...visits(9, { at: '2026-01-05T08:00:00.000Z' }),
      ...visits(12, { at: '2026-01-05T22:00:00.000Z' }), // the next day in Helsinki
    ])
    const { publication, text, day, table, late } = await usage.publish()
    expect([day, table, late]).toEqual(['2026-01-05', 'visits', 0])
    expect(JSON.parse(text)).toEqual(publication)
    expect(publication.cells).toEqual([
      { hour: 14, source: 'example.org', visits: 12, sessions: 12 },
      { hour: 22, source: 'internal', visits: 11, sessions: 11 },
    ])
    await privacy.ledger.sequence()
    expect((await all(privacy.ledger.list())).at(-1)).toMatchObject({
      action: 'usage.published',
      actor: { role: 'system', id: 'usage' },
      record: '2026-01-05/visits',
      clause: 'Use log',
      details: { cells: 2 },
    })
  })

  it('gives the same bytes again, whatever came later, and counts what came for the operator', async () => {
    const { usage, environment } = world()
    await usage.recordMany(visits(10))
    const first = await usage.publish({ day: '2026-01-05', table: 'visits' })
    environment.advance(1_000)
    await usage.recordMany(visits(7))
    const again = await usage.publish({ day: '2026-01-05' })
    expect(again.text).toBe(first.text)
    expect([first.late, again.late]).toEqual([0, 7])
    expect(await all(usage.publications())).toEqual([
      { day: first.day, table: first.table, publication: first.publication, text: first.text },
    ])
    // Still there when the raw visits are long gone.
    environment.set('2026-03-01T00:00:00.000Z')
    await usage.purge()
    expect(await usage.publish({ day: '2026-01-05' })).toMatchObject({ text: first.text, late: 0 })
  })

  it('publishes once under two processes, and both get those bytes', async () => {
    const store = memoryStore()
    const [one, two] = [world({ store, seed: 1 }), world({ store, seed: 2 })]
    // More cells than a session may have: what each would publish depends on its own key.
    for (let hour = 0; hour < 12; hour++) {
      await one.usage.recordMany(
        visits(40, { at: new Date(Date.UTC(2026, 0, 5, hour)).toISOString() as Instant }),
      )
    }
    const [a, b] = await Promise.all([one.usage.publish(), two.usage.publish()])
    expect(a.text).toBe(b.text)
    expect(await all(one.usage.publications())).toHaveLength(1)
    await one.privacy.ledger.sequence()
    const acts = (await all(one.privacy.ledger.list())).filter(({ action }) => action === 'usage.published')
    expect(acts).toHaveLength(1)
  })

  it.each([
    ['2026-01-06', 'still open'],
    ['2026-02-01', 'of the future'],
    ['2026-01-03', 'whose raw visits are due to have gone'],
  ] as const)('refuses %s, %s', async (day, _) => {
    const { usage } = world()
    await expect(usage.publish({ day })).rejects.toThrow(Conflict)
    await expect(usage.publish({ day })).rejects.toThrow(expect.objectContaining({ code: 'conflict.state' }))
  })

  it.each([
    // 5 January in Helsinki closes at 22:00 UTC; its raw visits are due to go 48 hours later.
    ['2026-01-05T21:59:59.999Z', false],
    ['2026-01-05T22:00:00.000Z', true],
    ['2026-01-07T21:59:59.999Z', true],
    ['2026-01-07T22:00:00.000Z', false],
  ] as const)('at %s: %s', async (at, allowed) => {
    const { usage } = world({ at })
    const outcome = await usage.publish({ day: '2026-01-05' }).then(
      () => true,
      () => false,
    )
    expect(outcome).toBe(allowed)
  })

  it('publishes an empty day as one without cells', async () => {
    expect((await world().usage.publish()).publication.cells).toEqual([])
  })

  it('refuses a day that is none and a table that the policy does not declare', async () => {
    const { usage } = world()
    await expect(usage.publish({ day: '2026-02-30' })).rejects.toThrow(InvalidInput)
    await expect(usage.publish({ table: 'other' })).rejects.toThrow(
      expect.objectContaining({ code: 'input.not-in-policy' }),
    )
  })

  it.each([
    ['nothing', null, 'which'],
    ['a day alone', '2026-01-05', 'which'],
    ['a table that is no text', { table: { $ne: '' } }, 'which.table'],
    ['a day that is none', { day: 'yesterday' }, 'which.day'],
    ['a misspelt member', { dya: '2026-01-05' }, 'which'],
  ])('refuses %s in the place of what is asked for, and names the path', async (_, which, path) => {
    const { usage } = world()
    await expect(usage.publish(which as never)).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }),
    )
  })

  it('leaves no address, host or session id of the batch in what is stored', async () => {
    const { usage, store } = world()
    await usage.recordMany([
      ...visits(12, { source: 'https://192-0-2-3.org/' }),
      ...visits(12, { source: 'https://session-4.org/' }),
      ...visits(12, { source: 'https://visitor.org/', host: 'visitor.org' }),
    ])
    const { text } = await usage.publish()
    const stored = JSON.stringify(
      (await all(store.scan(collection, { prefix: 'pilvi/' }))).map(({ value }) => value),
    )
    expect(JSON.parse(text).cells).toEqual([{ hour: 14, source: 'unknown', visits: 36, sessions: 12 }])
    for (const needle of ['192', 'session-4', 'session-1', 'visitor', 'host-', '12:00']) {
      expect(text).not.toContain(needle)
      expect(stored).not.toContain(needle)
    }
  })

  it('stores nothing that the guard stops: here a dimension that the tally does not know', async () => {
    const { store, environment } = world()
    const [table] = Object.values(pilviPolicy.publications.tables)
    const tables = { visits: { ...table, dimensions: ['hour', 'minute'] } }
    const policy = {
      ...pilviPolicy,
      publications: { ...pilviPolicy.publications, tables },
    } as unknown as Policy
    const usage = createUsage({
      tenant: 'pilvi',
      tier: 'customer',
      policy,
      store,
      environment,
      ledger: { changes: () => [] },
    })
    await usage.recordMany(visits(12))
    await expect(usage.publish()).rejects.toThrow(expect.objectContaining({ code: 'guard.tripped' }))
    expect(await all(usage.publications())).toEqual([])
  })

  it('stays within its tenant', async () => {
    const { privacy, usage } = world()
    const customer = privacy.tenant('customer-1')
    await customer.usage.recordMany(visits(12))
    expect((await usage.publish()).publication.cells).toEqual([])
    expect((await customer.usage.publish()).publication.cells).toHaveLength(1)
    await usage.purge()
    expect(await all(customer.usage.publications())).toHaveLength(1)
  })

  it.each([
    ['store.outcome-unknown', new StoreFailure('store.outcome-unknown', 'no answer')],
    // Lost to a publication that was gone again when it was read.
    ['conflict.contended', new Conflict('conflict.version', 'changes[0] expected another state')],
  ])('gives out nothing that was not stored: %s', async (code, error) => {
    const inner = memoryStore()
    const store = {
      ...inner,
      commit: async () => {
        throw error
      },
    }
    const { usage } = world({ store })
    await expect(usage.publish()).rejects.toThrow(expect.objectContaining({ code }))
    expect(await all(usage.publications())).toEqual([])
  })

  it('passes on what the store says, other than a lost race', async () => {
    const { usage, store } = world()
    await store.close()
    await expect(usage.publish()).rejects.toThrow(expect.objectContaining({ code: 'store.closed' }))
  })

  it.each([
    ['is no text', { text: 7 }],
    ['does not parse', { text: '{' }],
    ['is no publication', { text: '{}' }],
    ['is of another day', { day: '2026-01-04' }],
    ['has lost what it counted from', { readFrom: null }],
  ])('says so when a stored publication %s', async (_, wrong) => {
    const { usage, store } = world()
    await usage.publish()
    const [found] = await all(store.scan(collection, { prefix: 'pilvi/' }))
    if (found === undefined) throw new Error('nothing was stored')
    const value = { ...(found.value as object), ...wrong }
    await store.commit([{ put: { collection, key: found.key }, value, expect: found.version }])
    await expect(usage.publish()).rejects.toThrow(IntegrityFailure)
    await expect(all(usage.publications())).rejects.toThrow(
      expect.objectContaining({ code: 'record.corrupt', record: found.key }),
    )
  })
})

describe('purge', () => {
  it('removes raw visits of days that closed longer ago than the policy keeps them, published or not', async () => {
    const { usage, store, environment, privacy } = world()
    await usage.recordMany([...visits(3), ...visits(2, { at: '2026-01-05T22:00:00.000Z' })])
    environment.set('2026-01-07T21:59:59.999Z')
    expect(await usage.purge()).toEqual({ visitsBefore: '2026-01-04T22:00:00.000Z', publications: 0 })
    expect(await raw(store)).toBe(5)
    environment.set('2026-01-07T22:00:00.000Z')
    expect(await usage.purge()).toEqual({ visitsBefore: '2026-01-05T22:00:00.000Z', publications: 0 })
    expect(await raw(store)).toBe(2)
    await usage.purge()
    await privacy.ledger.sequence()
    const acts = (await all(privacy.ledger.list())).filter(({ action }) => action === 'usage.purged')
    // Each that the controller makes while there are visits, because it does not look how old those of others are.
    const entry = (before: string) => ({ record: 'visits', details: { before } })
    expect(acts).toMatchObject(
      ['2026-01-04T22:00:00.000Z', '2026-01-05T22:00:00.000Z', '2026-01-05T22:00:00.000Z'].map(entry),
    )
  })

  const due = async (given: Parameters<typeof world>[0] = {}) => {
    const made = world(given)
    await made.usage.recordMany(visits(3))
    made.environment.set('2026-01-07T22:00:00.000Z')
    return made
  }
  const purged = async ({ privacy }: ReturnType<typeof world>): Promise<number> => {
    await privacy.ledger.sequence()
    return (await all(privacy.ledger.list())).filter(({ action }) => action === 'usage.purged').length
  }

  it('purge without an entry: what cannot be put on record is not done', async () => {
    const inner = memoryStore()
    let down = false
    const { usage, store } = await due({
      store: {
        ...inner,
        commit: async (changes) => {
          if (down) throw new StoreFailure('store.unavailable', 'no answer')
          return inner.commit(changes)
        },
      },
    })
    down = true
    await expect(usage.purge()).rejects.toThrow(expect.objectContaining({ code: 'store.unavailable' }))
    expect(await raw(store)).toBe(3)
  })

  it('a purge that was cut off is on record, and is done by the next one', async () => {
    const inner = memoryStore()
    let down = 1
    const visitLog = {
      ...inner.visits,
      purgeAll: async (before: string) => {
        if (down-- > 0) throw new StoreFailure('store.unavailable', 'no answer')
        return inner.visits.purgeAll(before)
      },
    }
    const made = await due({ store: { ...inner, visits: visitLog } })
    await expect(made.usage.purge()).rejects.toThrow(StoreFailure)
    expect([await raw(made.store), await purged(made)]).toEqual([3, 1])
    await made.usage.purge()
    expect([await raw(made.store), await purged(made)]).toEqual([0, 2])
    await made.usage.purge()
    expect(await purged(made)).toBe(2)
  })

  it('of the controller takes every tenant’s raw visits, of a customer its own only (policy, "Use log")', async () => {
    const { store, environment, privacy } = world()
    const [one, two] = [privacy.tenant('one'), privacy.tenant('two')]
    const tenants = ['pilvi', 'one', 'two']
    for (const each of [privacy, one, two]) await each.usage.recordMany(visits(3))
    const left = async (): Promise<number[]> => {
      const counts: number[] = []
      for (const tenant of tenants) counts.push(await raw(store, tenant))
      return counts
    }
    environment.set('2026-01-07T22:00:00.000Z')
    await one.usage.purge()
    expect(await left()).toEqual([3, 0, 3])
    await privacy.usage.purge()
    expect(await left()).toEqual([0, 0, 0])
    for (const [each, acts] of [
      [privacy, 1],
      [one, 1],
      [two, 0],
    ] as const) {
      await each.usage.purge()
      await each.ledger.sequence()
      const purged = (await all(each.ledger.list())).filter(({ action }) => action === 'usage.purged')
      expect(purged).toHaveLength(acts)
    }
  })

  it('removes publications that are older than the policy keeps them', async () => {
    const { usage, environment, privacy } = world()
    await usage.publish()
    environment.set('2026-01-07T10:00:00.000Z')
    await usage.publish()
    environment.set('2028-02-04T21:59:59.999Z') // 4 February in Helsinki: 25 months less a day
    expect((await usage.purge()).publications).toBe(0)
    environment.set('2028-02-04T22:00:00.000Z')
    expect((await usage.purge()).publications).toBe(1)
    expect((await all(usage.publications())).map(({ day }) => day)).toEqual(['2026-01-06'])
    expect((await usage.purge()).publications).toBe(0)
    await privacy.ledger.sequence()
    expect((await all(privacy.ledger.list())).at(-1)).toMatchObject({
      action: 'usage.expired',
      details: { publications: 1 },
    })
  })

  it('removes more than fit into one commit', async () => {
    const { usage, environment } = world()
    for (let i = 0; i < 230; i++) {
      await usage.publish()
      environment.advance(24 * 3_600_000)
    }
    environment.set('2029-01-01T00:00:00.000Z')
    expect((await usage.purge()).publications).toBe(230)
  })
})

it('publications come in order of the day', async () => {
  const { usage, environment } = world()
  for (const at of ['2026-01-08', '2026-01-06', '2026-01-07'] as const) {
    environment.set(`${at}T10:00:00.000Z`)
    await usage.publish()
  }
  expect((await all(usage.publications())).map(({ day }) => day)).toEqual([
    '2026-01-05',
    '2026-01-06',
    '2026-01-07',
  ])
})

it('a site that is no host name is refused when usage is made', () => {
  const { store, environment } = world()
  const parts = {
    tenant: 'pilvi',
    tier: 'controller' as const,
    policy: pilviPolicy,
    store,
    environment,
    ledger: { changes: () => [] },
  }
  expect(() => createUsage({ ...parts, sites: ['http://x/'] })).toThrow(InvalidInput)
  expect(() => createUsage({ ...parts, policy: { ...pilviPolicy, timeZone: 'X' } })).toThrow(InvalidInput)
})
