import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import { completionType } from '../../src/requests/sweep.ts'
import { dump, holding } from './raw.ts'
import { canary, scene } from './scene.ts'

const held = () => {
  const backing = memoryBacking()
  return { backing, ...scene({ store: memoryStore({ backing }) }) }
}

describe('a plan', () => {
  it('says what goes, what stays, why and until when, and touches nothing', async () => {
    const { backing, privacy, populate, confirmed } = held()
    await populate()
    const id = await confirmed('erasure')
    const before = dump(backing)
    const plan = await privacy.requests.plan(id)
    const changed = [...dump(backing)]
      .filter(([place, json]) => before.get(place) !== json)
      .map(([place]) => place)
    expect(changed.filter((place) => !/^(requests|pending) /.test(place))).toEqual([])
    expect(plan.sources).toEqual([
      { source: 'register', rows: 1, keeping: 1 },
      { source: 'corrections', rows: 1, keeping: 0 },
      { source: 'consents', rows: 1, keeping: 1 },
      { source: 'disclosures', rows: 1, keeping: expect.any(Number) },
      { source: 'links', rows: 0, keeping: 0 },
      { source: 'notices', rows: 0, keeping: 0 },
      { source: 'visits', rows: 1, keeping: 0 },
      { source: 'factors', rows: 2, keeping: 0 },
      { source: 'requests', rows: 0, keeping: 0 },
    ])
    expect(plan.kept).toContainEqual({
      source: 'register',
      fields: ['paymentAddress', 'paymentDetails'],
      count: 1,
      exemption: 'legal',
      law: expect.stringContaining('Accounting Act'),
      until: '2032-12-31',
    })
    expect(plan.notAttributable).toEqual([])
  })

  it('says which source could not be attributed', async () => {
    const { privacy, populate } = held()
    await populate()
    const { id } = await privacy.requests.open({
      subject: 'customer-1',
      kind: 'erasure',
      receivedBy: 'letter',
    })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'identity-document' })
    const plan = await privacy.requests.plan(id)
    expect(plan.notAttributable.map(({ source }) => source)).toEqual(['visits'])
  })

  it('is carried out by its own digest only', async () => {
    const { privacy, populate, confirmed } = held()
    await populate()
    const id = await confirmed('erasure')
    const { digest } = await privacy.requests.plan(id)
    const other = digest.replace(/^./, (c) => (c === '0' ? '1' : '0'))
    await expect(privacy.requests.fulfil(id, { plan: other })).rejects.toMatchObject({
      code: 'conflict.plan',
    })
    expect((await privacy.requests.find(id))?.state).toBe('planned')
  })

  it('is stale once what must be kept has changed, and not when something that merely goes is new', async () => {
    const { privacy, environment, populate, confirmed } = held()
    await populate()
    const id = await confirmed('erasure')
    const { digest } = await privacy.requests.plan(id)
    const where = {
      group: 'customer',
      subject: 'customer-1',
      why: 'outdated',
      initiative: 'subject',
    } as const
    await privacy.usage.record({ session: canary.session, ip: canary.ip })
    environment.set('2027-02-01T10:00:00.000Z')
    const paymentAddress = { street: 'New 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
    await privacy.register.correct({ ...where, fields: { paymentAddress } })
    await expect(privacy.requests.fulfil(id, { plan: digest })).rejects.toMatchObject({
      code: 'conflict.plan',
    })
    const again = await privacy.requests.plan(id)
    await privacy.usage.record({ session: canary.session, ip: canary.ip })
    const { kept } = await privacy.requests.fulfil(id, { plan: again.digest })
    expect(kept.find(({ fields }) => fields.includes('paymentAddress'))?.until).toBe('2033-12-31')
  })
})

describe('an erasure', () => {
  it('nothing destructive before a decision is stored: an unconfirmed or unplanned request erases nothing', async () => {
    const { backing, privacy, populate, confirmed } = held()
    await populate()
    const { id } = await privacy.requests.open({
      subject: 'customer-1',
      kind: 'erasure',
      receivedBy: 'email',
    })
    const before = dump(backing)
    await expect(privacy.requests.plan(id)).rejects.toMatchObject({ code: 'conflict.state' })
    await expect(privacy.requests.fulfil(id, { plan: 'x' })).rejects.toMatchObject({ code: 'conflict.state' })
    expect(dump(backing)).toEqual(before)
    const second = await confirmed('erasure')
    await expect(privacy.requests.fulfil(second, { plan: 'x' })).rejects.toMatchObject({
      code: 'conflict.state',
    })
  })

  it('leaves of a person what the report names, and after its dates nothing', async () => {
    const { backing, privacy, environment, populate, erased } = held()
    await populate()
    await privacy.ledger.sequence()
    const { id, report } = await erased()
    await privacy.ledger.sequence()
    const gone = [
      'contactPerson',
      'email',
      'phone',
      'companyName',
      'vatId',
      'domainName',
      'session',
      'ip',
      'iban',
    ] as const
    for (const name of gone) expect([name, holding(dump(backing), canary[name])]).toEqual([name, []])
    const streets = holding(dump(backing), canary.street)
    expect(streets).toEqual(['register pilvi/customer-1/customer'])
    expect(
      holding(dump(backing), 'customer-1').filter(
        (place) => !/^(register|consents|kept|disclosures) /.test(place),
      ),
    ).toEqual([])
    expect(await privacy.register.find({ group: 'customer', subject: 'customer-1' })).toBeNull()
    for await (const event of privacy.consent.list('customer-1')) expect.unreachable(event.id)
    for await (const entry of privacy.disclosure.account('customer-1')) expect.unreachable(entry.id)

    const receipt = await privacy.keys.verify(report.receipt ?? '', receiptType)
    expect(receipt).toMatchObject({ request: id, kind: 'erasure', kept: report.kept })
    expect((receipt['destroyedKeys'] as string[]).length).toBeGreaterThan(0)

    environment.set('2032-12-31T12:00:00.000Z')
    expect((await privacy.retention.sweep()).completed).toEqual([])
    expect(holding(dump(backing), canary.street)).toHaveLength(1)
    environment.set('2033-01-01T12:00:00.000Z')
    expect((await privacy.retention.sweep()).completed).toEqual([id])
    for (const value of [...Object.values(canary), 'customer-1']) {
      expect([value, holding(dump(backing), value)]).toEqual([value, []])
    }
    const ended = await privacy.requests.find(id)
    const completion = await privacy.keys.verify(ended?.completion ?? '', completionType)
    expect(completion).toMatchObject({ request: id, receipt: expect.stringMatching(/^[0-9a-f]{64}$/) })
    await privacy.ledger.sequence()
    expect((await privacy.ledger.verify()).outcome).toBe('intact')
  })

  it('what must be kept is not touched: the sealed payment details stay as they were, byte for byte', async () => {
    const { backing, populate, erased } = held()
    await populate()
    const at = 'register pilvi/customer-1/customer'
    const before = JSON.parse(dump(backing).get(at) ?? '{}')
    await erased()
    const after = JSON.parse(dump(backing).get(at) ?? '{}')
    const { paymentDetails, paymentAddress } = before.fields
    expect(after).toEqual({ ...before, fields: { paymentDetails, paymentAddress } })
  })

  it('leaves everyone else’s data byte-identical', async () => {
    const { backing, populate, erased } = held()
    await populate('customer-2')
    await populate('customer-22')
    const before = [...dump(backing)].filter(([place]) => /customer-2|session-of-another/.test(place))
    expect(before.length).toBeGreaterThan(10)
    await populate('customer-1')
    await erased('customer-1')
    const after = dump(backing)
    for (const [place, json] of before) expect([place, after.get(place)]).toEqual([place, json])
  })

  it('a denial survives it, by contact address, and an erased subject cannot be brought back', async () => {
    const { privacy, populate, erased } = held()
    await populate()
    await erased()
    const call = { purpose: 'telemarketing', channel: 'phone' } as const
    const again = await privacy.consent.decide({
      ...call,
      subject: 'bought-list-9',
      contact: '+358 40 765 4321',
    })
    expect(again).toMatchObject({ outcome: 'deny', because: [{ rule: 'consent.suppressed' }] })
    const other = await privacy.consent.decide({
      ...call,
      subject: 'bought-list-9',
      contact: '+358 40 1111111',
    })
    expect(other.outcome).toBe('permit')
    expect((await privacy.consent.decide({ ...call, subject: 'customer-1' })).because[0].rule).toBe(
      'subject.erased',
    )
    await expect(populate()).rejects.toMatchObject({ code: 'conflict.erased' })
    await expect(privacy.mfa.enrol('customer-1', { label: 'x' })).rejects.toMatchObject({
      code: 'conflict.erased',
    })
  })

  it('takes their sessions out of the ended requests of the person that are kept as proof', async () => {
    const { backing, privacy, populate, confirmed, erased } = held()
    await populate()
    const ended = await confirmed('export')
    await privacy.requests.refuse(ended, { operator: 'agent-7', reason: 'excessive' })
    const { report } = await erased()
    const later = await privacy.requests.find(ended)
    expect(report.sources).toContainEqual({ source: 'requests', rows: 1, keeping: 1 })
    expect(later).toMatchObject({ state: 'refused', sessions: [] })
    expect(holding(dump(backing), canary.session)).toEqual([])
  })

  it('leaves what is still asked for to its own end, with what it was opened with', async () => {
    const { privacy, populate, confirmed, erased } = held()
    await populate()
    const open = await confirmed('export')
    const { report } = await erased()
    expect(report.sources).toContainEqual({ source: 'requests', rows: 0, keeping: 0 })
    expect(await privacy.requests.find(open)).toMatchObject({
      state: 'confirmed',
      sessions: [canary.session],
    })
  })

  it('fulfilled once gives the same report again', async () => {
    const { privacy, populate, erased } = held()
    await populate()
    const { id, plan, report } = await erased()
    expect(await privacy.requests.fulfil(id, { plan: plan.digest })).toEqual(report)
    await expect(privacy.requests.plan(id)).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('of a person about whom nothing is held ends well', async () => {
    const { erased } = held()
    const { report } = await erased('nobody')
    expect(report.kept).toEqual([])
    expect(report.sources.every(({ rows }) => rows === 0)).toBe(true)
  })

  it('refused: a request that was refused does nothing', async () => {
    const { privacy, confirmed } = held()
    const id = await confirmed('erasure')
    const refused = await privacy.requests.refuse(id, { operator: 'agent-7', reason: 'manifestly-unfounded' })
    expect(refused).toMatchObject({
      state: 'refused',
      refused: { reason: 'manifestly-unfounded', operator: 'agent-7' },
    })
    await expect(privacy.requests.plan(id)).rejects.toMatchObject({ code: 'conflict.state' })
    await expect(
      privacy.requests.refuse(id, { operator: 'agent-7', reason: 'because' as never }),
    ).rejects.toMatchObject({ code: 'input.invalid' })
  })
})
