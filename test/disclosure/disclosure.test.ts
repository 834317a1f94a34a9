import { readFileSync } from 'node:fs'
import type { Instant } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { disclosureRules } from '../../src/disclosure/rules.ts'
import { collect, pilvi, scene } from '../consent/scene.ts'
import { cases, hosting, mail, partner, tax } from './cases.ts'
import { law, policy } from './policy.ts'
import { account, disclosed, expectAccount, type Held, say, streams, subject } from './scene.ts'

const reached = new Set<string>()

describe('a disclosure', () => {
  it.each(cases)('$name ($clause)', async ({ question, said, linked, on, rules }) => {
    const held = scene(policy)
    await say(held, said)
    if (linked) await held.privacy.disclosure.link({ subject, recipient: question.recipient, ...linked })
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
    const question = { ...mail, purpose: 'market-research', subject }
    const { because } = await held.privacy.disclosure.decide(question)
    expect(because).toEqual([
      { rule: 'disclosure.denied', clause: 'Disclosure' },
      { rule: 'consent.denied', clause: 'Right for denial', record: event.id },
    ])
  })

  it('threat: somebody new at the address of a person who said no and was erased (the policy, "Right for denial")', async () => {
    const held = scene(policy)
    const { register, consent, disclosure } = held.privacy
    const fields = { contactPerson: 'Testi Henkilö', email: 'testi@example.com', vatId: 'FI20774740' }
    await register.save({ group: 'customer', subject: 'person-76', origin: 'customer', fields } as never)
    await consent.deny({
      subject: 'person-76',
      purpose: 'direct-marketing',
      by: 'letter',
      operator: 'agent-7',
    })
    await held.erase('person-76')
    const rules = async (more: object) =>
      (await disclosure.decide({ ...mail, subject, ...more })).because.map(({ rule }) => rule)
    const to = { contact: 'TESTI@example.com' }
    expect(await rules(to)).toEqual(['disclosure.denied', 'consent.suppressed'])
    expect(await rules({ ...to, ground: 'law', law })).toEqual(['disclosure.denied', 'consent.suppressed'])
    expect((await disclosure.evaluate({ ...mail, subject, ...to })).outcome).toBe('deny')
    expect(await account(held)).toEqual([])
    expect((await disclosure.decide({ ...mail, subject, contact: 'other@example.com' })).outcome).toBe(
      'permit',
    )
    // An address is asked about, and not kept.
    expect(JSON.stringify([await account(held), await disclosed(held)])).not.toContain('example.com')
  })

  it('of a field that is asked for twice is accounted for once', async () => {
    const held = scene(policy)
    const fields = ['customer.email', 'customer.email'] as const
    await held.privacy.disclosure.decide({ ...hosting, fields, subject })
    expect((await account(held)).map((entry) => entry.fields)).toEqual([['customer.email']])
  })

  it.each([
    ['permitted', hosting, ['get disclosures 1', 'get keys 1', 'get keys 1', 'commit 3']],
    ['denied', { ...hosting, recipient: 'mailing-house' }, []],
  ] as const)('that is %s reads the standing to hold it and to ask consent', async (_, question, more) => {
    const held = scene(policy)
    await held.privacy.disclosure.decide({ ...hosting, subject })
    held.calls.length = 0
    await held.privacy.disclosure.decide({ ...question, subject })
    expect(held.calls).toEqual(['get standings 1', 'get standings 1', ...more])
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

describe('about a person who was erased', () => {
  it('nothing is disclosed on any ground, and nothing of before is shown', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.decide({ ...hosting, subject })
    const { id } = await held.erase(subject)
    const before = await disclosed(held)
    const questions = [
      [hosting, ['disclosure.denied', 'subject.erased']],
      [tax, ['subject.erased']],
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

describe('what arrives while a disclosure is being decided', () => {
  const deny = ({ privacy }: Held) =>
    privacy.consent.deny({ subject, purpose: 'direct-marketing', by: 'link' })
  const unlink = ({ privacy }: Held) => privacy.disclosure.unlink({ subject, recipient: 'product-partner' })

  it.each([
    ['a denial', mail, deny, ['disclosure.denied', 'consent.denied']],
    ['the end of a link', partner, unlink, ['disclosure.not-linked']],
    ['an erasure', hosting, ({ erase }: Held) => erase(subject), ['disclosure.denied', 'subject.erased']],
  ] as const)('is obeyed, though it had been permitted, and nothing is recorded: %s', async (...row) => {
    const [, question, arrives, rules] = row
    const held = scene(policy)
    await held.privacy.disclosure.link({ subject, recipient: 'product-partner' })
    const inner = memoryStore({ backing: held.backing })
    let interposed = 0
    const { privacy } = scene(policy, {
      over: held.backing,
      seed: 2,
      store: {
        ...bound(inner),
        async commit(changes) {
          const discloses = changes.some(
            (change) => 'append' in change && change.append.collection === 'disclosures',
          )
          if (discloses && interposed++ === 0) await arrives(held)
          return inner.commit(changes)
        },
      },
    })
    const decision = await privacy.disclosure.decide({ ...question, subject })
    expect(interposed).toBe(1)
    expect([decision.outcome, decision.because.map(({ rule }) => rule)]).toEqual(['deny', rules])
    expect(await account(held)).toEqual([])
    expect(await disclosed(held)).toEqual([])
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
    type Linked = Parameters<typeof privacy.disclosure.link>[0]
    // @ts-expect-error a misspelt partner
    const partner: Linked['recipient'] = 'product-partnr'
    type Job = Parameters<typeof privacy.disclosure.choose>[0]
    // @ts-expect-error a misspelt subcontractor
    const recipients: Job['recipients'] = ['hosting-provder']
    expect([partner, recipients]).toHaveLength(2)
  })
})
