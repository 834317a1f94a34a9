/**
 * Sequences of calls over three tenants whose ids begin alike, with the same subjects, addresses and sessions in each.
 * A model holds what each tenant wrote; whatever a tenant reads must be exactly that, and every key that a call touches
 * in the store must be of its tenant, or be a key of the installation.
 */

import { createPrivacy, localKeys, PrivacyError, type Store } from '@pilvi/privacy'
import { type MemoryBacking, memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect } from './consent/scene.ts'
import { confused, watched } from './tenants.ts'

const tenants = ['a', 'a-b', 'ab'] as const
type Tenant = (typeof tenants)[number]
const subjects = ['s', 's1', 's/1', 'a', 'ab'] as const
const contact = 'shared@example.com'
const acts = [
  'save',
  'correct',
  'deny',
  'give',
  'withdraw',
  'disclose',
  'open',
  'erase',
  'visit',
  'others',
] as const

interface Step {
  readonly tenant: Tenant
  readonly subject: string
  readonly act: (typeof acts)[number]
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    tenant: fc.constantFrom(...tenants),
    subject: fc.constantFrom(...subjects),
    act: fc.constantFrom(...acts, 'save', 'save'),
  }),
  { minLength: 5, maxLength: 40 },
)

/** What one tenant wrote. */
interface Known {
  readonly records: Map<string, string>
  readonly corrections: Map<string, string[]>
  readonly statements: Map<string, string[]>
  readonly disclosures: Map<string, string[]>
  readonly opened: Set<string>
  readonly erased: Set<string>
  /** Whether somebody erased had said no at the shared address. */
  suppressed: boolean
  visits: number
}

const nothing = (): Known => ({
  records: new Map(),
  corrections: new Map(),
  statements: new Map(),
  disclosures: new Map(),
  opened: new Set(),
  erased: new Set(),
  suppressed: false,
  visits: 0,
})

/** The three tenants on one store, what each wrote, and what the last call touched. */
class World {
  readonly known = new Map<Tenant, Known>(tenants.map((tenant) => [tenant, nothing()]))
  readonly backing: MemoryBacking
  readonly touched: Set<string>
  readonly #of: ReadonlyMap<
    Tenant,
    ReturnType<ReturnType<typeof createPrivacy<typeof pilviPolicy>>['tenant']>
  >
  #count = 0

  constructor(over: (store: Store) => Store = (store) => store) {
    this.backing = memoryBacking()
    const { store, touched } = watched(over(memoryStore({ backing: this.backing })))
    this.touched = touched
    const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' })
    const keys = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
    const privacy = createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'a', environment })
    this.#of = new Map([
      ['a', privacy],
      ['a-b', privacy.tenant('a-b')],
      ['ab', privacy.tenant('ab')],
    ])
  }

  api(tenant: Tenant) {
    const found = this.#of.get(tenant)
    const known = this.known.get(tenant)
    if (found === undefined || known === undefined) throw new Error('no such tenant')
    return { ...found, known }
  }

  /** A name that occurs once. */
  mark(tenant: Tenant): string {
    return `Person ${tenant} ${this.#count++}`
  }

  /** Runs a call of one tenant and holds what it touched in the store against that tenant. */
  async call(tenant: Tenant, run: () => Promise<void>): Promise<void> {
    this.touched.clear()
    await run()
    const own = [tenant, '_system keys', '_system tenants']
    const foreign = [...this.touched].filter((each) => !own.includes(each))
    expect(foreign, `touched by a call of ${tenant}`).toEqual([])
  }
}

/** An act on somebody who was erased is refused; every other one does what it says. */
async function unlessErased(
  known: Known,
  { subject, act }: { subject: string; act: Promise<unknown> },
): Promise<boolean> {
  const code = await act.then(
    () => 'done',
    (error: unknown) => (error instanceof PrivacyError ? error.code : Promise.reject(error)),
  )
  expect(code).toBe(known.erased.has(subject) ? 'conflict.erased' : 'done')
  return code === 'done'
}

const push = (map: Map<string, string[]>, at: string, value: string): unknown =>
  map.set(at, [...(map.get(at) ?? []), value])

async function take(world: World, { tenant, subject, act }: Step): Promise<void> {
  const { known, register, consent, disclosure, requests, usage, ledger, retention, mfa } = world.api(tenant)
  const group = tenant === 'a' ? ('customer' as const) : ('customers-customer' as const)
  const mark = world.mark(tenant)
  const statement = { subject, purpose: 'telemarketing', by: 'link' } as const
  switch (act) {
    case 'save': {
      const fields = { contactPerson: mark, email: contact, vatId: 'FI20774740' }
      const saved = register.save({ group, subject, origin: 'customer', fields })
      if (await unlessErased(known, { subject, act: saved })) known.records.set(subject, mark)
      return
    }
    case 'correct': {
      if (!known.records.has(subject) && !known.erased.has(subject)) return
      const correction = { group, subject, why: 'outdated', initiative: 'subject' } as const
      const corrected = register.correct({ ...correction, fields: { contactPerson: mark } })
      if (!(await unlessErased(known, { subject, act: corrected }))) return
      push(known.corrections, subject, `${known.records.get(subject)} -> ${mark}`)
      known.records.set(subject, mark)
      return
    }
    case 'deny':
    case 'give':
    case 'withdraw':
      if (await unlessErased(known, { subject, act: consent[act](statement) })) {
        push(known.statements, subject, act)
      }
      return
    case 'disclose': {
      const fields = ['customer.email'] as const
      const asked = { subject, fields, ground: 'subcontractor', purpose: 'delivery' } as const
      const { record } = await disclosure.decide({ ...asked, recipient: 'hosting-provider' })
      expect(record === undefined).toBe(known.erased.has(subject))
      if (record !== undefined) push(known.disclosures, subject, record)
      return
    }
    case 'open': {
      const { id } = await requests.open({ subject, kind: 'export', receivedBy: 'email' })
      known.opened.add(id)
      return
    }
    case 'erase': {
      const { id } = await requests.open({
        subject,
        kind: 'erasure',
        receivedBy: 'email',
        sessions: ['shared'],
      })
      await requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
      const plan = await requests.plan(id)
      await requests.fulfil(id, { plan: plan.digest })
      const said = known.statements.get(subject)?.at(-1)
      if (known.records.has(subject) && said !== undefined && said !== 'give') known.suppressed = true
      known.erased.add(subject)
      for (const held of [known.records, known.corrections, known.statements, known.disclosures])
        held.delete(subject)
      known.visits = 0
      return
    }
    case 'visit':
      await usage.record({ session: 'shared', ip: '192.0.2.1', source: 'https://example.org/' })
      known.visits++
      return
    case 'others':
      await ledger.sequence()
      expect((await ledger.verify()).outcome).toBe('intact')
      await usage.purge()
      await collect(usage.publications())
      await retention.sweep()
      await collect(retention.list())
      await mfa.enrol(subject, { label: subject }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^conflict\./) })
      })
  }
}

/** Reads all that a tenant can read and compares it with what the tenant wrote. */
async function audit(world: World, tenant: Tenant): Promise<void> {
  const { known, register, consent, disclosure, requests, ledger } = world.api(tenant)
  const group = tenant === 'a' ? ('customer' as const) : ('customers-customer' as const)
  const listed = await collect(register.list({ group }))
  expect(new Map(listed.map(({ subject, fields }) => [subject, fields.contactPerson]))).toEqual(known.records)
  for (const subject of subjects) {
    const record = await register.find({ group, subject })
    expect(record?.fields.contactPerson).toBe(known.records.get(subject))
    const history = await collect(register.history({ group, subject }))
    const changes = history.map(
      ({ changes: { contactPerson: change } }) => `${change?.from} -> ${change?.to}`,
    )
    expect(changes).toEqual(known.corrections.get(subject) ?? [])
    const events = await collect(consent.list(subject))
    const verbs: Record<string, string> = { denied: 'deny', given: 'give', withdrawn: 'withdraw' }
    expect(events.map(({ kind }) => verbs[kind])).toEqual(known.statements.get(subject) ?? [])
    const accounted = await collect(disclosure.account(subject))
    expect(accounted.map(({ id }) => id)).toEqual(known.disclosures.get(subject) ?? [])
    const may = { subject, purpose: 'telemarketing', channel: 'phone' } as const
    const last = known.statements.get(subject)?.at(-1) ?? 'give'
    const free = last === 'give' && !known.erased.has(subject)
    expect((await consent.decide(may)).outcome).toBe(free ? 'permit' : 'deny')
    expect((await consent.decide({ ...may, contact })).outcome).toBe(
      free && !known.suppressed ? 'permit' : 'deny',
    )
  }
  const opened = await collect(requests.list({ state: 'opened' }))
  expect(new Set(opened.map(({ id }) => id))).toEqual(known.opened)
  for (const [other, { opened: theirs }] of world.known) {
    for (const id of theirs) expect((await requests.find(id)) !== null).toBe(other === tenant)
  }
  await ledger.sequence()
  const entries = await collect(ledger.list())
  const ids = new Set(entries.map(({ record }) => record))
  for (const [other, { opened: theirs, disclosures }] of world.known) {
    const all = [...theirs, ...[...disclosures.values()].flat()]
    expect(all.filter((id) => ids.has(id) !== (other === tenant))).toEqual([])
  }
  expect(world.backing.visits.get(tenant)?.rows.size ?? 0).toBe(known.visits)
}

async function runs(world: World, all: readonly Step[]): Promise<void> {
  for (const step of all) await world.call(step.tenant, () => take(world, step))
  for (const tenant of tenants) await world.call(tenant, () => audit(world, tenant))
}

describe('tenants', () => {
  it('no call sequence reads or writes across tenants', async () => {
    await fc.assert(
      fc.asyncProperty(steps, (all) => runs(new World(), all)),
      { numRuns: 100 },
    )
  }, 120_000)

  it('which a store that takes one tenant for another would not pass', async () => {
    const { failed } = await fc.check(
      fc.asyncProperty(steps, (all) => runs(new World(confused), all)),
      { numRuns: 20, endOnFailure: true },
    )
    expect(failed).toBe(true)
  })

  it.each(['', 'a/b', 'a b', '..', 'ä', 'x'.repeat(65), '%2F', { $ne: null }, ['a'], undefined])(
    'a tenant must not be called %j',
    (id) => {
      const { tenant } = new World().api('a') as unknown as { tenant(id: unknown): unknown }
      expect(() => tenant(id)).toThrow(expect.objectContaining({ code: 'input.invalid', path: 'tenant' }))
    },
  )

  it.each(['a', '_system'])('%s is nobody’s to be a customer under', (id) => {
    const { tenant } = new World().api('a') as unknown as { tenant(id: unknown): unknown }
    expect(() => tenant(id)).toThrow(expect.objectContaining({ code: 'tenant.not-allowed' }))
  })
})
