import { describe, expect, it } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import type { Fault } from './faults.ts'
import { held } from './held.ts'
import { dump, holding } from './raw.ts'
import { canary } from './scene.ts'

/** An erasure planned on a store that can be made to fail. */
async function planned() {
  const made = held()
  await made.populate('customer-2')
  const others = [...dump(made.backing)].filter(([place]) => place.includes('customer-2'))
  await made.populate('customer-1')
  const id = await made.confirmed('erasure')
  const { digest } = await made.privacy.requests.plan(id)
  return { others, id, digest, ...made }
}

const kinds: Fault[] = ['before', 'after']

describe('a crash at any call loses nothing and doubles nothing', () => {
  it('an erasure cut off at each of its store calls is completed by the same call again', async () => {
    const whole = await planned()
    whole.faults.arm(-1, 'before')
    const expected = await whole.privacy.requests.fulfil(whole.id, { plan: whole.digest })
    const calls = whole.faults.calls()
    const statement = await whole.privacy.keys.verify(expected.receipt ?? '', receiptType)
    expect(calls).toBeGreaterThan(40)
    for (let call = 1; call <= calls; call++) {
      for (const fault of kinds) {
        const { backing, faults, others, id, digest, privacy } = await planned()
        faults.arm(call, fault)
        await expect([call, fault, await outcome(privacy.requests.fulfil(id, { plan: digest }))]).toEqual([
          call,
          fault,
          expect.stringMatching(/^store\./),
        ])
        faults.arm(-1, 'before')
        const report = await privacy.requests.fulfil(id, { plan: digest })
        expect({ ...report, receipt: '' }).toEqual({ ...expected, receipt: '' })
        const receipt = await privacy.keys.verify(report.receipt ?? '', receiptType)
        expect([call, receipt]).toEqual([call, statement])
        const left = holding(dump(backing), canary.phone).filter((place) => !place.includes('customer-2'))
        expect([call, left]).toEqual([call, []])
        for (const [place, json] of others) expect([call, dump(backing).get(place)]).toEqual([call, json])
        await privacy.ledger.sequence()
        const entries: string[] = []
        for await (const { action, record } of privacy.ledger.list()) if (record === id) entries.push(action)
        expect([call, entries.filter((action) => action === 'requests.fulfilled')]).toEqual([
          call,
          ['requests.fulfilled'],
        ])
        expect((await privacy.ledger.verify()).outcome).toBe('intact')
      }
    }
  }, 120_000)

  it('a sweep cut off at each of its store calls is completed by the next', async () => {
    const ready = async () => {
      const all = await planned()
      await all.privacy.requests.fulfil(all.id, { plan: all.digest })
      all.environment.set('2033-01-01T12:00:00.000Z')
      return all
    }
    const whole = await ready()
    whole.faults.arm(-1, 'before')
    await whole.privacy.retention.sweep()
    const calls = whole.faults.calls()
    for (let call = 1; call <= calls; call++) {
      for (const fault of kinds) {
        const { backing, faults, others, id, privacy } = await ready()
        faults.arm(call, fault)
        expect(await outcome(privacy.retention.sweep())).toMatch(/^store\./)
        faults.arm(-1, 'before')
        await privacy.retention.sweep()
        expect((await privacy.requests.find(id))?.completion).toBeDefined()
        expect([call, holding(dump(backing), 'customer-1')]).toEqual([call, []])
        for (const [place, json] of others) expect([call, dump(backing).get(place)]).toEqual([call, json])
      }
    }
  }, 120_000)

  it('two workers on one erasure, and two sweeps at once, end as one', async () => {
    const { privacy, environment, id, digest } = await planned()
    const reports = await Promise.all([1, 2, 3].map(() => privacy.requests.fulfil(id, { plan: digest })))
    expect(new Set(reports.map((report) => JSON.stringify(report))).size).toBe(1)
    environment.set('2033-01-01T12:00:00.000Z')
    const sweeps = await Promise.all([1, 2].map(() => privacy.retention.sweep()))
    expect(sweeps.flatMap(({ completed }) => completed)).toEqual([id])
  })
})

const outcome = (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )
