/** Several requests of one person, and sweeps between them. */

import { parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { type Held, held, payment, under, withPayment } from './held.ts'
import { dump, holding } from './raw.ts'
import { canary, scene } from './scene.ts'

const where = { group: 'customer', subject: 'customer-1' } as const
const { exemption, ...unexempted } = payment
const attested = { by: 'operator', operator: 'agent-7', check: 'call-back' } as const

/** Carries an erasure out until a store call, at which it is cut off. */
async function cutOff({ privacy, faults, confirmed }: Held, call: number) {
  const id = await confirmed('erasure')
  const { digest: plan } = await privacy.requests.plan(id)
  faults.arm(call, 'before')
  await privacy.requests.fulfil(id, { plan }).catch(() => null)
  faults.arm(-1, 'before')
  return { id, plan, state: (await privacy.requests.find(id))?.state }
}

describe('several erasures of one person', () => {
  it('what the first wrote down the second keeps as well, whatever the policy says since', async () => {
    const made = held()
    await made.populate()
    const first = await made.erased()
    const edited = under(made, withPayment(unexempted))
    const { id } = await edited.requests.open({ subject: 'customer-1', kind: 'erasure', receivedBy: 'email' })
    await edited.requests.confirm(id, attested)
    const { digest: plan } = await edited.requests.plan(id)
    const report = await edited.requests.fulfil(id, { plan })
    const ofRegister = (kept: typeof report.kept) => kept.filter(({ source }) => source === 'register')
    expect(ofRegister(report.kept)).toEqual(ofRegister(first.report.kept))
    expect(holding(dump(made.backing), canary.street)).toHaveLength(1)
    made.environment.set('2033-01-01T10:00:00.000Z')
    expect([...(await made.privacy.retention.sweep()).completed].sort()).toEqual([first.id, id].sort())
    expect(holding(dump(made.backing), canary.street)).toEqual([])
  })

  it('of two dates for one field the later holds', async () => {
    const made = held()
    await made.populate()
    await made.erased()
    const longer = { ...payment, exemption: { ...exemption, rule: { ...exemption.rule, years: 10 } } }
    const edited = under(made, withPayment(longer))
    const { id } = await edited.requests.open({ subject: 'customer-1', kind: 'erasure', receivedBy: 'email' })
    await edited.requests.confirm(id, attested)
    const { digest: plan } = await edited.requests.plan(id)
    await edited.requests.fulfil(id, { plan })
    for (const [at, left] of [
      ['2033-01-01', 1],
      ['2036-12-31', 1],
      ['2037-01-01', 0],
    ] as const) {
      made.environment.set(`${at}T10:00:00.000Z`)
      await edited.retention.sweep()
      expect([at, holding(dump(made.backing), canary.street).length]).toEqual([at, left])
    }
    expect(holding(dump(made.backing), 'customer-1')).toEqual([])
  })

  it('take turns: while one is running no other begins, and each reads its own sessions back', async () => {
    const whole = held()
    await whole.populate()
    whole.faults.arm(-1, 'before')
    const before = whole.faults.calls()
    await whole.erased()
    const calls = whole.faults.calls() - before
    let running = 0
    for (let call = 5; call < calls; call += 3) {
      const made = held()
      await made.populate()
      const { id: second } = await made.privacy.requests.open({
        subject: 'customer-1',
        kind: 'erasure',
        receivedBy: 'letter',
        sessions: ['session-of-another'],
      })
      await made.privacy.requests.confirm(second, attested)
      const other = await made.privacy.requests.plan(second)
      const first = await cutOff(made, call)
      if (first.state !== 'running') continue
      running++
      const late = made.privacy.requests.fulfil(second, { plan: other.digest })
      await expect(late).rejects.toMatchObject({ code: expect.stringMatching(/^conflict\.(state|plan)$/) })
      const report = await made.privacy.requests.fulfil(first.id, { plan: first.plan })
      expect(report.sources.find(({ source }) => source === 'visits')).toMatchObject({ rows: 1, keeping: 0 })
      expect([call, holding(dump(made.backing), canary.ip)]).toEqual([call, []])
      // The second goes by what it was opened with, the sessions included.
      const again = await made.privacy.requests.plan(second)
      await made.privacy.requests.fulfil(second, { plan: again.digest })
      expect([call, holding(dump(made.backing), 'session-of-another')]).toEqual([call, []])
    }
    expect(running).toBeGreaterThan(10)
  }, 60_000)

  it('more than five hundred addresses under a denial are no obstacle', async () => {
    const { privacy, populate, erased, environment } = held()
    await populate()
    const addresses = Array.from({ length: 505 }, (_, i) => `address-${i}@example.com`)
    for (const email of addresses) {
      await privacy.register.correct({ ...where, fields: { email }, why: 'outdated', initiative: 'subject' })
      environment.advance(1)
    }
    await erased()
    for (const contact of ['old@example.com', addresses[0], addresses[250], addresses[504]]) {
      const asked = { subject: 'from-a-list', purpose: 'telemarketing', channel: 'phone' } as const
      const may = await privacy.consent.decide({ ...asked, ...(contact && { contact }) })
      expect([contact, may.outcome]).toEqual([contact, 'deny'])
    }
  }, 60_000)
})

describe('a sweep', () => {
  it('destroys no key of a person who has come back', async () => {
    const made = held()
    const { privacy, environment } = made
    // A person of whom nothing is kept, with a request that is asked later and kept as proof.
    await made.erased()
    const asked = await made.confirmed('export')
    await privacy.requests.refuse(asked, { operator: 'agent-7', reason: 'excessive' })
    await made.erased()
    environment.set('2027-12-01T10:00:00.000Z')
    expect((await privacy.retention.sweep()).tombstones).toBe(0)
    environment.set('2029-11-24T10:00:00.000Z')
    expect((await privacy.retention.sweep()).tombstones).toBe(1)
    await made.populate()
    await privacy.retention.sweep()
    const record = await privacy.register.find(where)
    expect(record?.fields.paymentDetails).toEqual({ method: 'invoice', iban: canary.iban })
    await privacy.consent.deny({ subject: 'customer-1', purpose: 'telemarketing', by: 'link' })
  })

  it('leaves a person alone whose erasure is running', async () => {
    for (let call = 20; call < 60; call += 2) {
      const made = held()
      await made.populate()
      const { id, plan, state } = await cutOff(made, call)
      if (state !== 'running') continue
      const before = [...dump(made.backing)]
      made.environment.set('2040-01-01T10:00:00.000Z')
      expect(await made.privacy.retention.sweep()).toEqual({ rows: 0, completed: [], tombstones: 0 })
      expect([...dump(made.backing)]).toEqual(before)
      made.environment.set('2026-11-23T10:00:00.000Z')
      expect((await made.privacy.requests.fulfil(id, { plan })).request).toBe(id)
    }
  })

  it('takes away whose requests those were that came after the erasure, before it forgets the tombstone', async () => {
    const made = held()
    const { privacy, environment, backing } = made
    await made.populate()
    await made.erased()
    environment.set('2030-06-01T10:00:00.000Z')
    const pending = await made.confirmed('export')
    environment.set('2033-01-01T10:00:00.000Z')
    expect((await privacy.retention.sweep()).tombstones).toBe(0)
    await privacy.requests.refuse(pending, { operator: 'agent-7', reason: 'excessive' })
    // It is kept as proof for three years after it was made.
    expect((await privacy.retention.sweep()).tombstones).toBe(0)
    environment.set('2033-06-02T10:00:00.000Z')
    expect((await privacy.retention.sweep()).tombstones).toBe(1)
    expect(holding(dump(backing), 'customer-1')).toEqual([])
  })
})

describe('a policy edit does not decide over the library’s own records', () => {
  const moved = parsePolicy({
    ...pilviPolicy,
    ownData: {
      ...pilviPolicy.ownData,
      consents: 'contact',
      disclosures: 'contact',
      factors: 'contact',
      requests: 'contact',
      corrections: 'contact',
    },
  })

  it('a factor whose category moved is verified as before', async () => {
    const made = held()
    await made.populate()
    const outcome = await under(made, moved).mfa.verify('customer-1', '000000')
    expect(['wrong', 'replayed', 'accepted']).toContain(outcome.outcome)
  })

  it('what was exempt when it was written is kept', async () => {
    const made = held()
    await made.populate()
    const expected = held()
    await expected.populate()
    const { report } = await expected.erased()
    const edited = under(made, moved)
    const id = await made.confirmed('erasure')
    const { digest: plan } = await edited.requests.plan(id)
    expect((await edited.requests.fulfil(id, { plan })).kept).toEqual(report.kept)
  })

  it('other words for the same exemption do not stop a run that was cut off', async () => {
    const says = { en: 'In other words', fi: 'Toisin sanoen' }
    const reworded = withPayment({ ...payment, says, exemption: { ...exemption, says } })
    let resumed = 0
    for (let call = 12; call < 60; call += 2) {
      const made = held()
      await made.populate()
      const { id, plan, state } = await cutOff(made, call)
      if (state !== 'running') continue
      resumed++
      expect((await under(made, reworded).requests.fulfil(id, { plan })).request).toBe(id)
    }
    expect(resumed).toBeGreaterThan(5)
  })

  it('an export shows what lies under a category that the policy has lost, and a record can be saved', async () => {
    const made = held()
    await made.populate()
    const rows = made.backing.records.get('register')?.rows
    const at = 'pilvi/customer-1/customer'
    const row = rows?.get(at)
    if (row)
      rows?.set(at, { ...row, json: row.json.replaceAll('"category":"delivery"', '"category":"gone"') })
    const id = await made.confirmed('export')
    const { digest: plan } = await made.privacy.requests.plan(id)
    expect((await made.privacy.requests.fulfil(id, { plan })).token).toBeDefined()
    const fields = {
      contactPerson: 'N. N.',
      email: 'n@example.com',
      companyName: 'N Oy',
      vatId: canary.vatId,
    }
    await made.privacy.register.save({ ...where, fields, origin: 'customer' })
    const kept: string[] = []
    for await (const { changes } of made.privacy.register.history(where)) kept.push(...Object.keys(changes))
    expect(kept).toContain('domain-registration.domainName')
  })
})

describe('what only services may do', () => {
  it('keys cannot be destroyed, nor entries made, through what is handed to hosts', () => {
    const { privacy } = scene()
    expect(Object.keys(privacy.keys).sort()).toEqual(['isSealed', 'jwks', 'open', 'seal', 'verify'])
    expect(Object.keys(privacy.ledger).sort()).toEqual([
      'list',
      'proveConsistency',
      'proveInclusion',
      'sequence',
      'verify',
    ])
  })
})
