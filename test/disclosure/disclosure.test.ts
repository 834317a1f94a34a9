import { readFileSync } from 'node:fs'
import type { DisclosureDecision, Instant, Policy } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { disclosureRules } from '../../src/disclosure/rules.ts'
import { collect, pilvi, scene, startedAt } from '../consent/scene.ts'
import { cases, hosting, policy, type Question } from './cases.ts'

const reached = new Set<string>()
const subject = 'person-77'
type Held = ReturnType<typeof scene<Policy>>

async function say({ privacy, environment }: Held, said: (typeof cases)[number]['said'] = []): Promise<void> {
  environment.set(startedAt)
  for (const [kind, purpose] of said) {
    const statement = { subject, purpose, by: 'link' } as const
    if (kind === 'denied') await privacy.consent.deny(statement)
    if (kind === 'given') await privacy.consent.give(statement)
    if (kind === 'refused') await privacy.consent.refuse(statement)
    if (kind === 'withdrawn') await privacy.consent.withdraw(statement)
  }
}

const account = ({ privacy }: Held) => collect(privacy.disclosure.account(subject))

/** What the store holds of disclosures, whoever they are about. */
const streams = ({ backing }: Held) => backing.streams.get('disclosures')?.size ?? 0

async function disclosed({ privacy }: Held) {
  await privacy.ledger.sequence()
  const entries = await collect(privacy.ledger.list())
  return entries.filter(({ action }) => action.startsWith('disclosure.'))
}

/** A permitted disclosure is recorded and accounted for; a denied one leaves nothing. */
async function expectAccount(
  held: Held,
  { question, decision }: { question: Question; decision: DisclosureDecision },
) {
  const entries = await account(held)
  if (decision.outcome === 'deny') {
    expect([decision.fields, decision.record, entries, streams(held)]).toEqual([[], undefined, [], 0])
    expect(await disclosed(held)).toEqual([])
    return
  }
  expect(decision.fields).toEqual([...new Set(question.fields)])
  const { recipient, ground, purpose } = question
  expect(entries).toEqual([
    {
      id: decision.record,
      recipient,
      fields: decision.fields,
      ground,
      purpose,
      transfer: decision.because[1]?.rule,
      category: policy.ownData.disclosures,
      at: held.environment.now(),
    },
  ])
  const [act, ...others] = await disclosed(held)
  expect(others).toEqual([])
  expect(act).toMatchObject({
    action: 'disclosure.permitted',
    record: decision.record,
    clause: 'Disclosure',
    details: { recipient, ground, purpose, fields: decision.fields.join(' ') },
  })
  expect(JSON.stringify(act)).not.toContain(subject)
}

describe('a disclosure', () => {
  it.each(cases)('$name ($clause)', async ({ question, said, on, rules }) => {
    const held = scene(policy)
    await say(held, said)
    if (on !== undefined) held.environment.set(on as Instant)
    const decision = await held.privacy.disclosure.decide({ ...question, subject })
    for (const { rule } of decision.because) reached.add(rule)
    const outcome = rules[0] === 'disclosure.permitted' ? 'permit' : 'deny'
    expect([decision.outcome, decision.because.map(({ rule }) => rule)]).toEqual([outcome, rules])
    expect(decision.because.every(({ clause }) => clause !== '')).toBe(true)
    await expectAccount(held, { question, decision })
  })

  it('names the statement that it was denied for', async () => {
    const held = scene(policy)
    const event = await held.privacy.consent.deny({ subject, purpose: 'market-research', by: 'link' })
    const question = { ...hosting, recipient: 'mailing-house', purpose: 'market-research', subject }
    const { because } = await held.privacy.disclosure.decide(question)
    expect(because).toEqual([
      { rule: 'disclosure.denied', clause: 'Disclosure' },
      { rule: 'consent.denied', clause: 'Right for denial', record: event.id },
    ])
  })

  it('of a field that is asked for twice is accounted for once', async () => {
    const held = scene(policy)
    const fields = ['customer.email', 'customer.email'] as const
    await held.privacy.disclosure.decide({ ...hosting, fields, subject })
    expect((await account(held)).map((entry) => entry.fields)).toEqual([['customer.email']])
  })

  it('is of its tenant', async () => {
    const held = scene(policy)
    await held.privacy.tenant('shop').disclosure.decide({ ...hosting, subject })
    expect(await account(held)).toEqual([])
    expect((await collect(held.privacy.tenant('shop').disclosure.account(subject))).length).toBe(1)
  })

  it('is not lost among 20 at the same moment', async () => {
    const held = scene(policy, { waits: 'really' })
    const made = await Promise.all(
      Array.from({ length: 20 }, () => held.privacy.disclosure.decide({ ...hosting, subject })),
    )
    const ids = (await account(held)).map(({ id }) => id)
    expect(ids.sort()).toEqual(made.map(({ record }) => record).sort())
    expect(new Set(ids).size).toBe(20)
  })
})

describe('no question', () => {
  const fields = fc.constantFrom(
    'customer.email',
    'customer.contactPerson',
    'customer.vatId',
    'customer.paymentDetails',
    'domain-registration.domainName',
    'customer.shoeSize',
  )
  /** What a recipient may ask for, one part of it perhaps replaced. */
  const questions = fc
    .constantFrom(...Object.entries(policy.recipients))
    .chain(([name, { fields: own, grounds, purposes }]) => {
      const fitting = {
        recipient: fc.constant(name),
        fields: fc.subarray([...own], { minLength: 1 }),
        ground: fc.constantFrom<string>(...grounds),
        purpose: fc.constantFrom(...purposes),
      }
      return fc.oneof(
        fc.record(fitting),
        fc.record({ ...fitting, recipient: fc.constantFrom('nobody', 'support-desk', 'hosting-provider') }),
        fc.record({ ...fitting, fields: fc.array(fields, { minLength: 1, maxLength: 4 }) }),
        fc.record({ ...fitting, ground: fc.constantFrom('law', 'consent', 'partner', 'subcontractor') }),
        fc.record({ ...fitting, purpose: fc.constantFrom('delivery', 'accounting', 'direct-marketing') }),
      )
    })
  const statements = fc.array(
    fc.tuple(
      fc.constantFrom('denied', 'given', 'refused', 'withdrawn'),
      fc.constantFrom('direct-marketing', 'telemarketing'),
    ),
    { maxLength: 3 },
  )

  it('gets fields beyond the recipient’s set, or on a ground or for a purpose that is not the recipient’s', async () => {
    let permitted = 0
    await fc.assert(
      fc.asyncProperty(questions, statements, async (drawn, said) => {
        const question = drawn as unknown as Question
        const held = scene(policy)
        await say(held, said as never)
        const decision = await held.privacy.disclosure.decide({ ...question, subject })
        await expectAccount(held, { question, decision })
        if (decision.outcome === 'deny') return
        permitted++
        const recipient = policy.recipients[question.recipient]
        expect(decision.fields.filter((field) => !recipient?.fields.includes(field))).toEqual([])
        expect(recipient?.grounds).toContain(question.ground)
        expect(recipient?.purposes).toContain(question.purpose)
      }),
      { numRuns: 300, seed: 7 },
    )
    expect(permitted).toBeGreaterThan(50)
  })
})

describe('about a person who was erased', () => {
  it('nothing is disclosed on any ground, and nothing of before is shown', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.decide({ ...hosting, subject })
    const { id } = await held.erase(subject)
    const before = await disclosed(held)
    const questions = [
      [hosting, ['disclosure.denied', 'subject.erased']],
      [
        {
          ...hosting,
          recipient: 'tax-administration',
          purpose: 'accounting',
          ground: 'law',
          fields: ['customer.vatId'],
        },
        ['subject.erased'],
      ],
    ] as const
    for (const [question, rules] of questions) {
      const { outcome, because } = await held.privacy.disclosure.decide({ ...question, subject })
      expect([outcome, because.map(({ rule }) => rule)]).toEqual(['deny', rules])
      expect(because.at(-1)?.record).toBe(id)
    }
    expect(await account(held)).toEqual([])
    expect(await disclosed(held)).toEqual(before)
  })
})

describe('a denial that arrives while a disclosure is being decided', () => {
  it('is obeyed, though the disclosure had been permitted: nothing is recorded, and the answer is deny', async () => {
    const held = scene(policy)
    const question = { ...hosting, recipient: 'mailing-house', purpose: 'direct-marketing', subject }
    const inner = memoryStore({ backing: held.backing })
    let interposed = 0
    const { privacy } = scene(policy, {
      over: held.backing,
      store: {
        ...bound(inner),
        async commit(changes) {
          const discloses = changes.some(
            (change) => 'append' in change && change.append.collection === 'disclosures',
          )
          if (discloses && interposed++ === 0) {
            await held.privacy.consent.deny({ subject, purpose: 'direct-marketing', by: 'link' })
          }
          return inner.commit(changes)
        },
      },
    })
    const decision = await privacy.disclosure.decide(question)
    expect(interposed).toBe(1)
    expect([decision.outcome, decision.because[1]?.rule]).toEqual(['deny', 'consent.denied'])
    expect(await account(held)).toEqual([])
  })
})

const bound = (store: ReturnType<typeof memoryStore>) => ({
  name: store.name,
  migrate: store.migrate,
  visits: store.visits,
  bulk: store.bulk,
  get: store.get.bind(store),
  scan: store.scan.bind(store),
  close: store.close.bind(store),
})

describe('bad input is refused, by the path of the field and never by its value', () => {
  it.each([
    ['an object as subject', { subject: { $ne: null } }, 'input.invalid', 'question.subject'],
    ['no fields', { fields: [] }, 'input.invalid', 'question.fields[0]'],
    ['an object as field', { fields: [{}] }, 'input.invalid', 'question.fields[0]'],
    ['an object as recipient', { recipient: {} }, 'input.invalid', 'question.recipient'],
    ['a ground that does not exist', { ground: 'habit' }, 'input.invalid', 'question.ground'],
    ['a purpose not in the policy', { purpose: 'espionage' }, 'input.not-in-policy', 'question.purpose'],
    ['the purpose __proto__', { purpose: '__proto__' }, 'input.not-in-policy', 'question.purpose'],
    ['an unknown member', { consent: 'yes' }, 'input.invalid', 'question'],
  ])('%s', async (_, more, code, path) => {
    const held = scene(policy)
    const question = { ...hosting, subject, ...more } as never
    await expect(held.privacy.disclosure.decide(question)).rejects.toMatchObject({ code, path })
    expect(streams(held)).toBe(0)
  })

  it('an account of an object', async () => {
    const { privacy } = scene(policy)
    await expect(collect(privacy.disclosure.account({} as never))).rejects.toMatchObject({ path: 'subject' })
  })
})

describe('the rules', () => {
  it('are all reached by a case above', () => {
    const own = [...reached].filter((rule) => rule.startsWith('disclosure.'))
    expect(own.sort()).toEqual(Object.keys(disclosureRules).sort())
  })

  it('docs/disclosure.md has the table that the code has, row by row', () => {
    const text = readFileSync(new URL('../../docs/disclosure.md', import.meta.url), 'utf8')
    const rows = text.split('\n').filter((line) => line.startsWith('| `disclosure.'))
    expect(rows).toEqual(
      Object.entries(disclosureRules).map(
        ([rule, says]) =>
          `| \`${rule}\` | ${rule === 'disclosure.permitted' ? 'permit' : 'deny'} | ${says} |`,
      ),
    )
  })
})

describe('the types', () => {
  it('refuse a misspelt recipient or purpose', () => {
    const { privacy } = pilvi()
    type Asked = Parameters<typeof privacy.disclosure.decide>[0]
    expectTypeOf<Asked['recipient']>().toEqualTypeOf<
      'hosting-provider' | 'tax-administration' | 'product-partner' | 'support-desk'
    >()
    // @ts-expect-error a misspelt recipient
    const recipient: Asked['recipient'] = 'hosting-provder'
    // @ts-expect-error a misspelt purpose
    const purpose: Asked['purpose'] = 'delivry'
    expect([recipient, purpose]).toHaveLength(2)
  })
})
