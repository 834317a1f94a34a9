import type { DisclosureGround, DisclosureQuestion } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { markingsOf } from '../consent/marking.ts'
import { scene } from '../consent/scene.ts'
import { hosting, mail, type Question, support, tax } from './cases.ts'
import { law, policy } from './policy.ts'
import { account, type Held, subject } from './scene.ts'

const rules = async ({ privacy }: Held, question: Question) => {
  const { because } = await privacy.disclosure.decide({ ...question, subject })
  return because.map(({ rule }) => rule)
}
const permitted = ['disclosure.permitted', 'transfer.eea']

/** Makes the ground hold: what a host or the person has to have said. */
async function prove(
  { privacy }: Held,
  { ground, recipient, purpose }: Question,
): Promise<Partial<Question>> {
  if (ground === 'partner') await privacy.disclosure.link({ subject, recipient })
  if (ground === 'consent') await privacy.consent.give({ subject, purpose, by: 'link' })
  if (ground === 'agreement') return { agreement: { reference: 'DPA-7' } }
  if (ground === 'law') return { law }
  return {}
}

describe('each ground with each kind of recipient (the policy, "Disclosure")', () => {
  const roles = ['processor', 'controller', 'authority'] as const
  const lacking: Readonly<Record<DisclosureGround, (role: (typeof roles)[number]) => readonly string[]>> = {
    law: (role) => [
      'disclosure.law-missing',
      ...(role === 'authority' ? ['disclosure.authority-missing'] : []),
    ],
    consent: () => ['disclosure.not-consented'],
    agreement: () => ['disclosure.agreement-missing'],
    partner: () => ['disclosure.not-linked'],
    subcontractor: () => permitted,
  }
  const rows = roles.flatMap((role) =>
    (Object.keys(lacking) as DisclosureGround[]).map((ground) => [role, ground] as const),
  )

  it.each(rows)('%s, %s', async (role, ground) => {
    const held = scene(policy)
    const question: Question = { ...support, recipient: role, ground }
    expect(await rules(held, question)).toEqual(lacking[ground](role))
    const proof = await prove(held, question)
    expect(await rules(held, { ...question, ...proof })).toEqual(permitted)
    if (ground !== 'law' || role === 'authority') return
    // Nobody else can order secrecy.
    const secret = { law: { ...law, secrecy: { until: '2027-01-01' } } } as const
    expect(await rules(held, { ...question, ...secret })).toEqual(['disclosure.not-an-authority'])
  })

  it.each(rows)('%s, %s: with the policy’s leave only', async (role, ground) => {
    const recipient = policy.recipients[role]
    if (!recipient) throw new Error('no such recipient')
    const others = recipient.grounds.filter((each) => each !== ground)
    const held = scene({
      ...policy,
      recipients: { ...policy.recipients, [role]: { ...recipient, grounds: others } },
    })
    const question: Question = { ...support, recipient: role, ground }
    if (ground === 'partner') {
      await expect(prove(held, question)).rejects.toMatchObject({ code: 'input.not-in-policy' })
      expect(await rules(held, question)).toEqual(['disclosure.ground', 'disclosure.not-linked'])
      return
    }
    const proof = await prove(held, question)
    expect(await rules(held, { ...question, ...proof })).toEqual(['disclosure.ground'])
  })
})

describe('restricted data (GDPR 18(2))', () => {
  async function restricted(): Promise<Held> {
    const held = scene(policy)
    const { mark } = markingsOf(held, policy)
    await mark((markings) => markings.restrict(subject, { request: 'r-1' }))
    return held
  }

  it('are disclosed to nobody, by law neither', async () => {
    const held = await restricted()
    expect(await rules(held, hosting)).toEqual(['disclosure.denied', 'subject.restricted'])
    expect(await rules(held, tax)).toEqual(['subject.restricted'])
  })

  it.each<NonNullable<DisclosureQuestion['necessity']>>([
    'legal-claims',
    'rights-of-others',
    'public-interest',
  ])('but for %s, which is said in the reasons and kept on record', async (necessity) => {
    const held = await restricted()
    expect(await rules(held, { ...tax, necessity })).toEqual([...permitted, 'subject.restriction-excepted'])
    expect((await account(held)).map((entry) => entry.necessity)).toEqual([necessity])
  })

  it.each(['legal-claims', 'rights-of-others', 'public-interest'] as const)(
    'threat: marketing that calls itself necessary for %s (GDPR 18(2), 21(3))',
    async (necessity) => {
      const held = await restricted()
      for (const question of [mail, { ...mail, ground: 'law', law } as const])
        expect(await rules(held, { ...question, necessity })).toEqual([
          'disclosure.denied',
          'subject.restricted',
        ])
      expect(await account(held)).toEqual([])
    },
  )

  it('threat: a disclosure that calls itself storage (GDPR 18(2))', async () => {
    const held = await restricted()
    for (const question of [tax, hosting, mail])
      await expect(rules(held, { ...question, necessity: 'storage' } as never)).rejects.toMatchObject({
        code: 'input.invalid',
        path: 'question.necessity',
      })
    expect(await account(held)).toEqual([])
  })

  it('and with the person’s own consent since', async () => {
    const held = await restricted()
    held.environment.set('2026-11-23T11:00:00.000Z')
    await held.privacy.consent.give({ subject, purpose: 'delivery', by: 'link' })
    expect(await rules(held, hosting)).toEqual(permitted)
  })

  it('need no necessity where nothing is restricted, and none that does not exist', async () => {
    const held = scene(policy)
    expect(await rules(held, tax)).toEqual(permitted)
    await expect(rules(held, { ...tax, necessity: 'habit' } as never)).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'question.necessity',
    })
  })
})

describe('what a question carries is refused', () => {
  it.each([
    ['a provision of law on another ground', { law }, 'question.law'],
    [
      'threat: secrecy on another ground (GDPR 23(1))',
      { law: { ...law, secrecy: { until: '2027-01-01' } } },
      'question.law',
    ],
    ['a channel that does not exist', { channel: 'smoke' }, 'question.channel'],
    ['a contact of one character', { contact: 'x' }, 'question.contact'],
    ['an agreement on another ground', { agreement: { reference: 'DPA-7' } }, 'question.agreement'],
    [
      'an agreement without a reference',
      { ground: 'agreement', agreement: {} },
      'question.agreement.reference',
    ],
    [
      'a derogation without a reason',
      { derogation: { ground: 'legal-claims', reason: ' ' } },
      'question.derogation.reason',
    ],
    [
      'a derogation that the law does not have',
      { derogation: { ground: 'habit', reason: 'x' } },
      'question.derogation.ground',
    ],
    [
      'a reason of many pages',
      { derogation: { ground: 'legal-claims', reason: 'x'.repeat(501) } },
      'question.derogation.reason',
    ],
  ])('%s', async (_, more, path) => {
    const held = scene(policy)
    for (const verb of ['decide', 'evaluate'] as const)
      await expect(
        held.privacy.disclosure[verb]({ ...hosting, subject, ...more } as never),
      ).rejects.toMatchObject({ code: 'input.invalid', path })
    expect(await account(held)).toEqual([])
  })
})
