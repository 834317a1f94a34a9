/** What a change of the policy, or of the data, between the acts of a request may and may not decide. */

import { type Policy, parsePolicy } from '@pilvi/privacy'
import type { MemoryBacking } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import { held, payment, under, withPayment } from './held.ts'
import { dump, holding } from './raw.ts'
import { canary } from './scene.ts'

const { exemption: _, ...unexempted } = payment
const withoutExemption = withPayment(unexempted)
const {
  paymentDetails: field,
  paymentAddress: address,
  ...customerFields
} = pilviPolicy.groups.customer.fields
const customer = pilviPolicy.groups.customer
const withFields = (fields: object): Policy =>
  parsePolicy({
    ...pilviPolicy,
    groups: { ...pilviPolicy.groups, customer: { ...customer, fields } },
    recipients: {},
  })

/** Whose payment details lie where. */
const payments = (backing: MemoryBacking): string[] =>
  holding(dump(backing), '"paymentDetails"').filter((place) => /^(register|corrections) /.test(place))

describe('a policy edit does not decide over old data', () => {
  it.each([
    ['dropped from the policy', withFields(customerFields)],
    [
      'moved to a category without an exemption',
      withFields({
        ...customerFields,
        paymentAddress: { ...address, category: 'company' },
        paymentDetails: { ...field, category: 'company' },
      }),
    ],
  ])('a field that was %s is still kept as the law wants it', async (_, edited) => {
    const made = held()
    await made.populate()
    const privacy = under(made, edited)
    const id = await made.confirmed('erasure')
    const plan = await privacy.requests.plan(id)
    const report = await privacy.requests.fulfil(id, { plan: plan.digest })
    expect(report.kept.find(({ source }) => source === 'register')).toMatchObject({
      fields: ['paymentAddress', 'paymentDetails'],
      until: '2032-12-31',
    })
    made.environment.set('2033-01-01T10:00:00.000Z')
    await privacy.retention.sweep()
    expect(payments(made.backing)).toEqual([])
  })

  it('nothing is planned where data lie under a category that the policy no longer names', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const raw = made.backing.records.get('register')?.rows.get('pilvi/customer-1/customer')
    const json = raw?.json.replaceAll('"category":"delivery"', '"category":"gone"') ?? ''
    if (raw) made.backing.records.get('register')?.rows.set('pilvi/customer-1/customer', { ...raw, json })
    const before = dump(made.backing)
    await expect(made.privacy.requests.plan(id)).rejects.toMatchObject({
      code: 'policy.invalid',
      path: 'retention.gone',
    })
    expect(dump(made.backing)).toEqual(before)
  })

  it('a run that goes on after the exemption was taken out of the policy keeps all that it began to keep', async () => {
    const planned = async () => {
      const made = held()
      await made.populate()
      const id = await made.confirmed('erasure')
      return { ...made, id, plan: (await made.privacy.requests.plan(id)).digest }
    }
    const whole = await planned()
    whole.faults.arm(-1, 'before')
    const expected = await whole.privacy.requests.fulfil(whole.id, { plan: whole.plan })
    const outcomes = { refused: 0, resumed: 0 }
    for (let call = 1; call <= whole.faults.calls(); call++) {
      const made = await planned()
      const { id, plan } = made
      made.faults.arm(call, 'before')
      await made.privacy.requests.fulfil(id, { plan }).catch(() => null)
      made.faults.arm(-1, 'before')
      if ((await made.privacy.requests.find(id))?.state !== 'running') continue
      const edited = under(made, withoutExemption).requests
      const report = await edited.fulfil(id, { plan }).catch((error: { code: string }) => error.code)
      // Before all that must be kept was written down it does not go on, and has erased nothing.
      if (report === 'conflict.plan') outcomes.refused++
      else outcomes.resumed++
      const ended = report === 'conflict.plan' ? await made.privacy.requests.fulfil(id, { plan }) : report
      expect([call, ended]).toEqual([call, { ...expected, request: id, receipt: expect.any(String) }])
      expect([call, payments(made.backing)]).toEqual([call, ['register pilvi/customer-1/customer']])
    }
    expect(outcomes.refused).toBeGreaterThan(5)
    expect(outcomes.resumed).toBeGreaterThan(20)
  }, 60_000)

  it('a plan made under a policy that had the exemption is stale under one that has not', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const { digest: plan } = await made.privacy.requests.plan(id)
    await expect(under(made, withoutExemption).requests.fulfil(id, { plan })).rejects.toMatchObject({
      code: 'conflict.plan',
    })
    expect((await made.privacy.requests.find(id))?.state).toBe('planned')
    expect(await made.privacy.register.find({ group: 'customer', subject: 'customer-1' })).not.toBeNull()
  })
})

describe('what must be kept is not lost by a correction', () => {
  const where = { group: 'customer', subject: 'customer-1' } as const
  const other = { method: 'card', cardReference: 'tok_NEWTOKEN99' } as const

  it.each(['corrected', 'replaced'] as const)(
    'payment details that were %s stay until their date',
    async (how) => {
      const made = held()
      const { privacy, environment, backing } = made
      await made.populate()
      environment.set('2027-03-01T10:00:00.000Z')
      const before = await privacy.register.find(where)
      if (how === 'corrected') {
        const why = { why: 'outdated', initiative: 'subject' } as const
        await privacy.register.correct({ ...where, ...why, fields: { paymentDetails: other } })
      } else {
        const fields = { ...before?.fields, paymentDetails: other } as never
        await privacy.register.save({ ...where, fields, origin: 'customer' })
      }
      const { report } = await made.erased()
      expect(payments(backing).sort()).toEqual([
        'corrections pilvi/customer-1/customer/000000002',
        'register pilvi/customer-1/customer',
      ])
      const corrections = report.kept.filter(({ source }) => source === 'corrections')
      expect(corrections).toMatchObject([{ fields: ['paymentDetails'], count: 1, until: '2033-12-31' }])
      // What was not changed keeps its own date.
      expect(report.kept.filter(({ source }) => source === 'register')).toMatchObject([
        { fields: ['paymentDetails'], until: '2033-12-31' },
        { fields: ['paymentAddress'], until: '2032-12-31' },
      ])
      environment.set('2034-01-01T10:00:00.000Z')
      await privacy.retention.sweep()
      for (const value of [...Object.values(canary), 'customer-1']) {
        expect([value, holding(dump(backing), value)]).toEqual([value, []])
      }
    },
  )

  it('of a record that was replaced only what must be kept stays, and it is said so', async () => {
    const made = held()
    await made.populate()
    const fields = {
      contactPerson: 'N. N.',
      email: 'n@example.com',
      companyName: 'N Oy',
      vatId: canary.vatId,
    }
    await made.privacy.register.save({ ...where, fields, origin: 'customer' })
    const entries = []
    for await (const entry of made.privacy.register.history(where)) entries.push(entry)
    expect(entries.map(({ why, changes }) => [why, Object.keys(changes).sort()])).toEqual([
      ['outdated', ['email']],
      ['replaced', ['paymentAddress', 'paymentDetails']],
    ])
  })

  it('saving the same again changes no date and no origin', async () => {
    const made = held()
    await made.populate()
    const at = 'register pilvi/customer-1/customer'
    const before = JSON.parse(dump(made.backing).get(at) ?? '{}')
    const record = await made.privacy.register.find(where)
    made.environment.set('2029-01-01T10:00:00.000Z')
    const { fields, services } = record ?? { fields: {}, services: {} }
    await made.privacy.register.save({ ...where, fields, services, origin: 'public-source' } as never)
    const after = JSON.parse(dump(made.backing).get(at) ?? '{}')
    expect(after.fields).toEqual(before.fields)
    expect(after.provenance).toEqual({ origin: 'public-source', at: '2029-01-01T10:00:00.000Z' })
  })
})

describe('the report says what was done, and not what was planned', () => {
  it('rows that came after the plan are counted, and what was not searched is named', async () => {
    const made = held()
    await made.populate()
    const { id } = await made.privacy.requests.open({
      subject: 'customer-1',
      kind: 'erasure',
      receivedBy: 'letter',
    })
    await made.privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const plan = await made.privacy.requests.plan(id)
    const change = {
      group: 'customer',
      subject: 'customer-1',
      why: 'outdated',
      initiative: 'subject',
    } as const
    await made.privacy.register.correct({ ...change, fields: { email: 'third@example.com' } })
    const report = await made.privacy.requests.fulfil(id, { plan: plan.digest })
    const rowsOf = (sources: typeof report.sources) =>
      sources.find(({ source }) => source === 'corrections')?.rows
    expect([rowsOf(plan.sources), rowsOf(report.sources)]).toEqual([1, 2])
    expect(report.notAttributable.map(({ source }) => source)).toEqual(['visits'])
    const receipt = await made.privacy.keys.verify(report.receipt ?? '', receiptType)
    const { sources, kept, notAttributable } = report
    expect(receipt).toMatchObject({ sources, kept, notAttributable })
  })

  it('a denial is kept by every address the person had, the corrected ones included', async () => {
    const made = held()
    await made.populate()
    await made.erased()
    for (const contact of ['old@example.com', canary.email, canary.phone]) {
      const may = await made.privacy.consent.decide({
        subject: 'from-a-list',
        purpose: 'telemarketing',
        channel: 'phone',
        contact,
      })
      expect([contact, may.because[0].rule]).toEqual([contact, 'consent.suppressed'])
    }
  })

  it('what must be kept cannot change between the check of a plan and its start', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const { digest: plan } = await made.privacy.requests.plan(id)
    const change = {
      group: 'customer',
      subject: 'customer-1',
      why: 'outdated',
      initiative: 'subject',
    } as const
    made.environment.set('2027-02-01T10:00:00.000Z')
    const paymentAddress = { street: 'New 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
    // Both at once, in every interleaving that the store's calls allow: one of them has to give way.
    const [fulfilled, corrected] = await Promise.allSettled([
      made.privacy.requests.fulfil(id, { plan }),
      made.privacy.register.correct({ ...change, fields: { paymentAddress } }),
    ])
    expect([fulfilled.status, corrected.status].sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('a stored record that is not what it should be', () => {
  it.each(['requests', 'kept'])('of %s stops the line, and nothing is erased', async (collection) => {
    const made = held()
    await made.populate()
    const { id } = await made.erased()
    made.environment.set('2033-01-01T10:00:00.000Z')
    const rows = made.backing.records.get(collection)?.rows
    for (const [key, row] of rows ?? []) {
      rows?.set(key, { ...row, json: row.json.replace('"source":', '"sauce":').replace('"kind":', '"kin":') })
    }
    await expect(made.privacy.retention.sweep()).rejects.toMatchObject({ code: 'record.corrupt' })
    if (collection === 'requests')
      await expect(made.privacy.requests.find(id)).rejects.toMatchObject({ code: 'record.corrupt' })
  })
})
