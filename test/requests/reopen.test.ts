/** Taking up again somebody who was erased: on record, with what was erased gone and what is kept out of sight. */

import { createPrivacy, localKeys, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { receiptType } from '../../src/requests/receipt.ts'
import { type Held, held, under } from './held.ts'
import { dump, holding } from './raw.ts'
import { canary, secret } from './scene.ts'
import { unzip } from './zip.ts'

const subject = 'customer-1'
const where = { group: 'customer', subject } as const
const reopening = { subject, operator: 'agent-7', because: 'returned' } as const
const again = {
  contactPerson: 'Toinen Testaaja',
  email: 'toinen@example.com',
  vatId: canary.vatId,
  paymentDetails: { method: 'invoice', iban: 'DE89370400440532013000' },
  paymentAddress: { street: 'Uusikatu 2', postalCode: '00100', city: 'Helsinki', country: 'FI' },
} as const
const place = { subject, category: 'delivery', model: 'orders', field: 'note', record: 'order-9' } as const

/** A person who was erased, and of whom something is kept in every source that keeps anything. */
async function erased() {
  const made = held()
  await made.populate('customer-2')
  await made.populate()
  // A voucher that was corrected away is kept as well.
  const correction = { ...where, why: 'outdated', initiative: 'subject' } as const
  const paymentDetails = { method: 'card', cardReference: 'tok_NEWTOKEN99' } as const
  await made.privacy.register.correct({ ...correction, fields: { paymentDetails } })
  const sealed = await made.privacy.keys.seal('leave it at the door', place)
  const asked = await made.confirmed('export')
  await made.privacy.requests.refuse(asked, { operator: 'agent-7', reason: 'excessive' })
  const { id, report } = await made.erased()
  return { ...made, id, report, sealed, asked }
}

const collect = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const each of all) found.push(each)
  return found
}

const comesBack = ({ privacy }: Held) =>
  privacy.register.save({ ...where, origin: 'customer', fields: again })

async function archiveOf(made: Pick<Held, 'privacy'>): Promise<string> {
  const { id } = await made.privacy.requests.open({ subject, kind: 'export', receivedBy: 'console' })
  await made.privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'signed-in-session' })
  const { digest } = await made.privacy.requests.plan(id)
  const { token = '' } = await made.privacy.requests.fulfil(id, { plan: digest })
  const zip = await new Response(await made.privacy.requests.redeem(token)).arrayBuffer()
  const files = unzip(new Uint8Array(zip))
  return [...files.values()].map((bytes) => new TextDecoder().decode(bytes)).join('\n')
}

/** What is left of the time before: places that name the erasure, or lie aside. */
const leftOf = (made: Held, id: string): string[] =>
  [...dump(made.backing).keys()].filter(
    (at) => at.startsWith('aside ') || (at.includes(id) && !at.startsWith('requests ')),
  )

describe('a person who was erased and returned', () => {
  it('is taken up as somebody new, and as denied: nothing else of the time before is read, listed or told', async () => {
    const made = await erased()
    const { privacy } = made
    await expect(comesBack(made)).rejects.toMatchObject({ code: 'conflict.erased' })
    await privacy.requests.reopen(reopening)
    expect(await privacy.register.find(where)).toBeNull()
    expect(await collect(privacy.register.history(where))).toEqual([])
    const noes = [{ kind: 'denied', purpose: 'telemarketing', by: 'list-import', operator: 'agent-7' }]
    expect(await collect(privacy.consent.list(subject))).toMatchObject(noes)
    expect(await collect(privacy.disclosure.account(subject))).toEqual([])
    await comesBack(made)
    expect((await privacy.register.find(where))?.fields).toEqual(again)
    expect((await collect(privacy.register.list({ group: 'customer' }))).map((each) => each.subject)).toEqual(
      ['customer-1', 'customer-2'],
    )
    const why = { why: 'wrong', initiative: 'subject' } as const
    await privacy.register.correct({ ...where, ...why, fields: { email: 'kolmas@example.com' } })
    expect(
      (await collect(privacy.register.history(where))).map(({ changes }) => Object.keys(changes)),
    ).toEqual([['email']])
    await privacy.consent.give({ subject, purpose: 'direct-marketing', by: 'link' })
    expect(await collect(privacy.consent.list(subject))).toHaveLength(2)
  })

  it('keeps its denials, by the person and by contact address: a denial survives', async () => {
    const made = await erased()
    await made.privacy.requests.reopen(reopening)
    const call = { subject, purpose: 'telemarketing', channel: 'phone' } as const
    const rules = async (asked: Parameters<typeof made.privacy.consent.decide>[0]) =>
      (await made.privacy.consent.decide(asked)).because.map(({ rule }) => rule)
    expect(await rules(call)).toEqual(['consent.denied'])
    expect(await rules({ ...call, contact: canary.phone })).toEqual(['consent.denied', 'consent.suppressed'])
    expect(await rules({ ...call, subject: 'b', contact: canary.phone })).toEqual(['consent.suppressed'])
  })

  it('stands in the ledger: who did it, why, and after which erasure, without the person', async () => {
    const { privacy, id } = await erased()
    await privacy.requests.reopen(reopening)
    await privacy.ledger.sequence()
    const entries = (await collect(privacy.ledger.list())).filter(
      ({ action }) => action === 'requests.reopened',
    )
    expect(entries).toMatchObject([
      { actor: { role: 'operator', id: 'agent-7' }, record: id, details: { because: 'returned' } },
    ])
    expect(JSON.stringify(entries)).not.toContain(subject)
    expect((await privacy.ledger.verify()).outcome).toBe('intact')
  })

  it('what was sealed under a destroyed key still reads as erased, and is never opened or refused', async () => {
    const made = await erased()
    const { privacy, sealed } = made
    const before = await privacy.keys.open(sealed, place)
    expect(before.erased).toBe(true)
    await privacy.requests.reopen(reopening)
    expect(await privacy.keys.open(sealed, place)).toEqual(before)
    const anew = await privacy.keys.seal('ring the bell', place)
    expect(anew.split('.')[1]).not.toBe(sealed.split('.')[1])
    expect(await privacy.keys.open(anew, place)).toEqual({ erased: false, value: 'ring the bell' })
    expect(await privacy.keys.open(sealed, place)).toEqual(before)
  })

  it('an export, and nothing else, shows what is kept of the time before beside what is new', async () => {
    const made = await erased()
    await made.privacy.requests.reopen(reopening)
    await comesBack(made)
    const text = await archiveOf(made)
    for (const value of [
      canary.street,
      canary.iban,
      'tok_NEWTOKEN99',
      'Uusikatu 2',
      'DE89370400440532013000',
    ])
      expect([value, text.includes(value)]).toEqual([value, true])
    for (const value of [canary.email, canary.phone, canary.domainName])
      expect([value, text.includes(value)]).toEqual([value, false])
  })

  it('what is kept lies as it lay, byte for byte, and goes at its date; what is new stays', async () => {
    const made = await erased()
    const { privacy, backing, environment, id } = made
    const kept = [...dump(backing)].filter(([at]) => /^(register|corrections) pilvi\/customer-1\//.test(at))
    expect(kept.length).toBeGreaterThan(1)
    await privacy.requests.reopen(reopening)
    const aside = [...dump(backing)].filter(([at]) => at.startsWith('aside '))
    for (const [, json] of kept) expect(aside.map(([, each]) => each)).toContain(json)
    await comesBack(made)
    environment.set('2033-01-01T12:00:00.000Z')
    expect((await privacy.retention.sweep()).completed).toEqual([id])
    expect(leftOf(made, id)).toEqual([])
    for (const value of [canary.street, canary.email]) {
      const others = holding(dump(backing), value).filter((at) => !at.includes('customer-2'))
      expect([value, others]).toEqual([value, []])
    }
    expect((await privacy.register.find(where))?.fields).toEqual(again)
    expect((await privacy.requests.find(id))?.completion).toBeDefined()
  })

  it('nothing is remembered of the former keys once their tombstone’s last day is over', async () => {
    const made = await erased()
    const { privacy, environment, id, sealed } = made
    await privacy.requests.reopen(reopening)
    await comesBack(made)
    environment.set('2028-01-01T12:00:00.000Z')
    // The tombstone's own day is over, but something is kept of that time.
    expect((await privacy.retention.sweep()).tombstones).toBe(0)
    expect(await privacy.keys.open(sealed, place)).toMatchObject({ erased: true })
    environment.set('2033-01-01T12:00:00.000Z')
    expect((await privacy.retention.sweep()).tombstones).toBe(1)
    expect(leftOf(made, id)).toEqual([])
    await expect(privacy.keys.open(sealed, place)).rejects.toMatchObject({ code: 'seal.rejected' })
    expect((await privacy.register.find(where))?.fields).toEqual(again)
  })

  it('is erased again like anybody, what is kept of both times is reported, and all of it goes', async () => {
    const made = await erased()
    const { privacy, backing, environment, id, report } = made
    await privacy.requests.reopen(reopening)
    environment.set('2027-03-01T10:00:00.000Z')
    await comesBack(made)
    const second = await made.erased()
    const register = second.report.kept.filter(({ source }) => source === 'register')
    expect(register.map(({ until, count }) => [until, count]).sort()).toEqual([
      ['2032-12-31', 1],
      ['2033-12-31', 1],
    ])
    // What came back with the person was said once more.
    for (const { count, ...each } of report.kept) {
      const more = each.source === 'consents' ? 1 : 0
      expect(second.report.kept).toContainEqual({ ...each, count: count + more })
    }
    environment.set('2033-01-01T12:00:00.000Z')
    expect((await privacy.retention.sweep()).completed).toEqual([id])
    expect(holding(dump(backing), 'Uusikatu 2')).toHaveLength(1)
    // The second time over again.
    await privacy.requests.reopen(reopening)
    await comesBack(made)
    environment.set('2034-01-01T12:00:00.000Z')
    expect((await privacy.retention.sweep()).completed).toEqual([second.id])
    expect(leftOf(made, id)).toEqual([])
    expect(leftOf(made, second.id)).toEqual([])
    expect((await privacy.register.find(where))?.fields).toEqual(again)
  })

  it('keys of the time before go when nothing is kept under them, and never one of what is new', async () => {
    const made = await erased()
    const { privacy, backing, environment } = made
    await privacy.requests.reopen(reopening)
    await comesBack(made)
    const states = () =>
      [...dump(backing)]
        .filter(([at]) => /^keys pilvi\/data\/[^/]+\/payment/.test(at))
        .map(([, json]) => JSON.parse(json))
        .filter(({ aside, state }) => aside !== undefined || state !== 'active')
        .map(({ state }) => state)
    expect(states()).toEqual(['active'])
    environment.set('2033-01-01T12:00:00.000Z')
    await privacy.retention.sweep()
    expect(states()).toEqual([])
    expect((await privacy.register.find(where))?.fields.paymentDetails).toEqual(again.paymentDetails)
  })

  it('keys that were set aside are wrapped anew with all others, and still open what is kept', async () => {
    const made = await erased()
    await made.privacy.requests.reopen(reopening)
    await comesBack(made)
    const { store, environment } = made
    const fresh = { id: 'k2', secret: new Uint8Array(32).fill(8) }
    const keys = localKeys([{ id: 'k1', secret }, fresh], environment)
    const privacy = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'pilvi', environment })
    await privacy.keyring.add('k2', { operator: 'agent-7' })
    await privacy.keyring.promote('k2', { operator: 'agent-7' })
    for await (const step of privacy.keyring.rewrap({ operator: 'agent-7' }))
      expect(step.due).toBe(step.rewrapped)
    await privacy.keyring.disable('k1', { operator: 'agent-7' })
    const text = await archiveOf({ ...made, privacy })
    for (const value of [canary.iban, 'tok_NEWTOKEN99', 'DE89370400440532013000'])
      expect([value, text.includes(value)]).toEqual([value, true])
  })

  it('a stream of more entries than one commit holds is set aside whole', async () => {
    const made = held()
    const { privacy, backing } = made
    await made.populate()
    const statement = { subject, purpose: 'telemarketing', by: 'phone', operator: 'agent-7' } as const
    for (let i = 0; i < 450; i++) await privacy.consent.deny(statement)
    await made.erased()
    await privacy.requests.reopen(reopening)
    const aside = [...dump(backing).keys()].filter(
      (at) => at.startsWith('aside ') && at.includes('/consents/'),
    )
    expect(aside).toHaveLength(452)
    // All of them came back as one.
    expect([...dump(backing).keys()].filter((at) => at.startsWith('consents '))).toHaveLength(1)
    await privacy.consent.give({ subject, purpose: 'direct-marketing', by: 'link' })
    expect(await collect(privacy.consent.list(subject))).toHaveLength(2)
  }, 60_000)
})

describe('a reopening is refused', () => {
  const state = { name: 'Conflict', code: 'conflict.state' }

  it('of somebody who is not erased, was never heard of, or was reopened already', async () => {
    const made = await erased()
    const { privacy, backing } = made
    await privacy.requests.reopen(reopening)
    const before = dump(backing)
    for (const other of [subject, 'customer-2', 'nobody'])
      await expect(privacy.requests.reopen({ ...reopening, subject: other })).rejects.toMatchObject(state)
    expect(dump(backing)).toEqual(before)
  })

  it('while an erasure of the person runs, the first or another', async () => {
    const made = held()
    await made.populate()
    const id = await made.confirmed('erasure')
    const { digest: plan } = await made.privacy.requests.plan(id)
    made.faults.arm(40, 'before')
    await made.privacy.requests.fulfil(id, { plan }).catch(() => null)
    made.faults.arm(-1, 'before')
    expect((await made.privacy.requests.find(id))?.state).toBe('running')
    await expect(made.privacy.requests.reopen(reopening)).rejects.toMatchObject({ ...state, record: id })
    await made.privacy.requests.fulfil(id, { plan })
    await made.privacy.requests.reopen(reopening)
  })

  it('where a source cannot set aside what it keeps, and then nothing has changed for anybody', async () => {
    const { retention } = pilviPolicy
    const exemption = retention['request-record'].exemption
    const policy = parsePolicy({
      ...pilviPolicy,
      retention: { ...retention, 'second-factor': { ...retention['second-factor'], exemption } },
    })
    const made = held()
    await made.populate()
    const edited = under(made, policy)
    const id = await made.confirmed('erasure')
    const { digest: plan } = await edited.requests.plan(id)
    await edited.requests.fulfil(id, { plan })
    await expect(edited.requests.reopen(reopening)).rejects.toMatchObject({ ...state, record: id })
    await expect(comesBack(made)).rejects.toMatchObject({ code: 'conflict.erased' })
    expect((await edited.register.find(where)) === null).toBe(true)
  })

  it.each([
    ['no operator', { subject, because: 'returned' }],
    ['a reason of one’s own', { ...reopening, because: 'they asked nicely' }],
    ['more than it takes', { ...reopening, force: true }],
  ])('with %s', async (_, given) => {
    const { privacy } = held()
    await expect(privacy.requests.reopen(given as never)).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('of another tenant’s person of the same id', async () => {
    const made = await erased()
    const other = made.privacy.tenant('customer-a').requests
    await expect(other.reopen(reopening)).rejects.toMatchObject(state)
  })
})

describe('a reopening that is cut off, or raced', () => {
  it('at each of its store calls is completed by the same call again, and swept as it lies until then', async () => {
    const whole = await erased()
    whole.faults.arm(-1, 'before')
    await whole.privacy.requests.reopen(reopening)
    const calls = whole.faults.calls()
    expect(calls).toBeGreaterThan(30)
    for (let call = 1; call <= calls; call++) {
      for (const fault of ['before', 'after'] as const) {
        for (const then of ['reopened', 'swept'] as const) {
          const made = await erased()
          const { privacy, faults, environment, backing, id } = made
          faults.arm(call, fault)
          const first = await privacy.requests.reopen(reopening).catch(({ code }) => code)
          expect([call, fault, first]).toEqual([call, fault, expect.stringMatching(/^store\./)])
          faults.arm(-1, 'before')
          if (then === 'reopened') {
            const second = await privacy.requests.reopen(reopening).catch(({ code }) => code)
            // Where the last commit had taken effect, there is nothing left to do.
            expect(['conflict.state', undefined]).toContain(second)
            expect([call, await privacy.register.find(where)]).toEqual([call, null])
            await comesBack(made)
            expect((await privacy.register.find(where))?.fields).toEqual(again)
          }
          environment.set('2033-01-01T12:00:00.000Z')
          const { completed } = await privacy.retention.sweep()
          expect([call, fault, then, completed]).toEqual([call, fault, then, [id]])
          expect([call, leftOf(made, id)]).toEqual([call, []])
          const street = holding(dump(backing), canary.street).filter((at) => !at.includes('customer-2'))
          expect([call, street]).toEqual([call, []])
        }
      }
    }
  }, 300_000)

  it('with an erasure of the person at the same moment: one of the two gives way at every step', async () => {
    const outcomes = new Set<string>()
    for (let turns = -80; turns < 60; turns += 4) {
      const made = await erased()
      const { privacy, backing } = made
      const other = await made.confirmed('erasure')
      const { digest: plan } = await privacy.requests.plan(other)
      const pause = async (count: number) => {
        for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      const [a, b] = await Promise.allSettled([
        pause(-turns).then(() => privacy.requests.reopen(reopening)),
        pause(turns).then(() => privacy.requests.fulfil(other, { plan })),
      ])
      outcomes.add(`${a.status} ${b.status}`)
      if (a.status === 'rejected') expect(a.reason).toMatchObject({ code: 'conflict.state' })
      if (b.status === 'rejected') {
        expect(b.reason).toMatchObject({ code: 'conflict.plan' })
        const anew = await privacy.requests.plan(other)
        await privacy.requests.fulfil(other, { plan: anew.digest })
      }
      if (`${a.status} ${b.status}` === 'fulfilled fulfilled') {
        // One after the other: the erasure had ended.
        await comesBack(made)
        continue
      }
      await expect(comesBack(made)).rejects.toMatchObject({ code: 'conflict.erased' })
      made.environment.set('2033-01-01T12:00:00.000Z')
      await privacy.retention.sweep()
      for (const value of [canary.street, subject]) {
        const left = holding(dump(backing), value).filter((at) => !at.includes('customer-2'))
        expect([turns, left.filter((at) => !at.includes(other))]).toEqual([turns, []])
      }
    }
    expect(outcomes).toContain('fulfilled rejected')
    expect(outcomes).toContain('rejected fulfilled')
  }, 120_000)

  it('twice at once: one of them does it', async () => {
    const made = await erased()
    const done = await Promise.allSettled([1, 2, 3].map(() => made.privacy.requests.reopen(reopening)))
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await comesBack(made)
  })

  it('by another process that knows nothing of the first', async () => {
    const made = await erased()
    const { store, environment } = made
    const keys = localKeys([{ id: 'k1', secret }], environment)
    const other = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'pilvi', environment })
    await other.requests.reopen(reopening)
    await comesBack(made)
    expect((await other.register.find(where))?.fields).toEqual(again)
    const second = await made.erased()
    expect(await other.keys.verify(second.report.receipt ?? '', receiptType)).toMatchObject({
      request: second.id,
    })
  })
})
