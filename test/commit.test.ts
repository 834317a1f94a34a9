/** Reading, deciding and committing: only lost races are tried again, for so long and no longer. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryBacking, memoryStore } from '../adapters/memory/index.ts'
import { collections } from '../src/collections.ts'
import { settle } from '../src/commit.ts'
import { type Environment, type Instant, newId, systemEnvironment } from '../src/environment.ts'
import { Conflict, type PrivacyError, StoreFailure } from '../src/errors.ts'
import type { Change } from '../src/store.ts'
import { fixedEnvironment } from '../src/testing/index.ts'
import { key } from '../src/values/key.ts'

const lost = () => new Conflict('conflict.version', 'changes[0] did not hold')
const ref = { collection: collections.kept.name, key: key('t', 'counter') }
const change: Change = { put: ref, value: 1, expect: 'absent' }

/** An environment that writes down its pauses, and whose clock they move or do not. */
function pausing(moves: 'clock-moves' | 'clock-stands'): { environment: Environment; pauses: number[] } {
  const fixed = fixedEnvironment()
  const pauses: number[] = []
  const wait = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds)
    if (moves === 'clock-moves') fixed.advance(milliseconds)
  }
  return { environment: { ...fixed, wait }, pauses }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

async function thrown(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('was not refused'),
    (error: unknown) => error,
  )
}

describe('settling', () => {
  it('commits what was decided and gives its result', async () => {
    const store = memoryStore()
    const result = await settle({ store, environment: fixedEnvironment() }, async () => {
      return { changes: [change], result: 'done' }
    })
    expect(result).toBe('done')
    expect(await store.get(ref.collection, [ref.key])).toMatchObject([{ value: 1 }])
  })

  it('no changes, no commit', async () => {
    const store = { commit: () => expect.fail('was committed') }
    const parts = { store, environment: fixedEnvironment() }
    expect(await settle(parts, async () => ({ changes: [], result: 7 }))).toBe(7)
  })

  it('reads afresh on each try: 40 increments by two processes at once lose none', async () => {
    const backing = memoryBacking()
    // Real pauses: where none is made, all go on in step, and one wins in each round.
    const environment = systemEnvironment
    const stores = [memoryStore({ backing }), memoryStore({ backing })]
    const increment = (i: number) => {
      const store = stores[i % 2] as (typeof stores)[0]
      return settle({ store, environment }, async () => {
        const [found] = await store.get(ref.collection, [ref.key])
        const value = ((found?.value as number | undefined) ?? 0) + 1
        return { changes: [{ put: ref, value, expect: found?.version ?? 'absent' }], result: value }
      })
    }
    const results = await Promise.all(Array.from({ length: 40 }, (_, i) => increment(i)))
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  })

  const failures: readonly [string, unknown][] = [
    ['an outcome that is unknown', new StoreFailure('store.outcome-unknown', 'the acknowledgement was lost')],
    ['a store that does not answer', new StoreFailure('store.unavailable', 'no answer')],
    ['a state that does not allow it', new Conflict('conflict.state', 'is over')],
    ['a fault of a driver', new TypeError('x')],
  ]
  it.each(failures)('%s is not tried again', async (_, failure) => {
    let commits = 0
    const store = {
      commit: async () => {
        commits++
        throw failure
      },
    }
    const decide = async () => ({ changes: [change], result: null })
    expect(await thrown(settle({ store, environment: fixedEnvironment() }, decide))).toBe(failure)
    expect(commits).toBe(1)
  })

  it('what the decision itself throws is not tried again, a lost race of its own included', async () => {
    let decisions = 0
    const failure = lost()
    const decide = async () => {
      decisions++
      throw failure
    }
    const parts = { store: memoryStore(), environment: fixedEnvironment() }
    expect(await thrown(settle(parts, decide))).toBe(failure)
    expect(decisions).toBe(1)
  })
})

describe('a race that is lost for ever', () => {
  const store = {
    commit: async () => {
      throw lost()
    },
  }
  const decide = async () => ({ changes: [change], result: null })

  it.each(['clock-moves', 'clock-stands'] as const)(
    'fails closed after ten seconds of growing pauses (%s)',
    async (moves) => {
      const { environment, pauses } = pausing(moves)
      const error = (await thrown(settle({ store, environment }, decide))) as PrivacyError
      expect(error).toMatchObject({ code: 'conflict.contended', retryable: true })
      expect(error.cause).toMatchObject({ code: 'conflict.version' })
      expect(sum(pauses)).toBeGreaterThanOrEqual(10_000)
      expect(sum(pauses.slice(0, -1))).toBeLessThan(10_000)
      expect(pauses.length).toBeLessThan(100)
      for (const [i, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(1)
        expect(pause).toBeLessThanOrEqual(1 + Math.min(1_000, 5 * 2 ** i))
      }
      expect(new Set(pauses).size).toBeGreaterThan(pauses.length / 2)
    },
  )

  it('a store that takes seconds for each commit does not make it longer', async () => {
    const environment = fixedEnvironment()
    let commits = 0
    const slow = {
      commit: async () => {
        commits++
        environment.advance(4_000)
        throw lost()
      },
    }
    expect(await thrown(settle({ store: slow, environment }, decide))).toMatchObject({
      code: 'conflict.contended',
    })
    expect(commits).toBe(3)
  })

  it('a clock that is set back does not make it longer', async () => {
    const { environment, pauses } = pausing('clock-stands')
    let now = Date.parse('2026-01-01T00:00:00.000Z')
    const back: Environment = {
      ...environment,
      now: () => {
        now -= 60_000
        return new Date(now).toISOString() as Instant
      },
    }
    expect(await thrown(settle({ store, environment: back }, decide))).toMatchObject({
      code: 'conflict.contended',
    })
    expect(sum(pauses)).toBeLessThan(11_002)
  })
})

describe('time and chance', () => {
  it('ids are ordered by time and do not repeat', () => {
    const environment = fixedEnvironment()
    const ids = Array.from({ length: 200 }, () => {
      environment.advance(1)
      return newId(environment)
    })
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(Array.from({ length: 200 }, () => newId(environment))).size).toBe(200)
    for (const id of ids) expect(id).toMatch(/^[0-9a-z]{26}$/)
  })

  it('an id begins with its millisecond', () => {
    const digits = '0123456789abcdefghjkmnpqrstvwxyz'
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        const id = newId(fixedEnvironment({ at: date.toISOString() as Instant }))
        const read = [...id.slice(0, 10)].reduce((ms, digit) => ms * 32 + digits.indexOf(digit), 0)
        expect(read).toBe(date.getTime())
      }),
    )
  })

  it('the real ones are real', async () => {
    const before = new Date().toISOString()
    await systemEnvironment.wait(2)
    const now = systemEnvironment.now()
    expect(now > before && now <= new Date().toISOString()).toBe(true)
    const [a, b] = [systemEnvironment.random(16), systemEnvironment.random(16)]
    expect([a.length, b.length]).toEqual([16, 16])
    expect(a).not.toEqual(b)
  })
})
