import type { CalendarDate, Policy } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { collect, scene } from '../consent/scene.ts'
import { dump, holding } from '../requests/raw.ts'
import { hosting, tax } from './cases.ts'
import { forgetful, law, policy } from './policy.ts'
import { account, exported, type Held, subject } from './scene.ts'

/** An order of secrecy whose last day is the given one. */
const secret = (until: CalendarDate) => ({ ...tax, subject, law: { ...law, secrecy: { until } } })

/** A person about whom an open disclosure and a secret one are on record. */
async function ordered(of: Policy = policy): Promise<Held> {
  const held = scene(of)
  await held.privacy.disclosure.decide({ ...hosting, subject })
  await held.privacy.disclosure.decide(secret('2027-01-31'))
  return held
}

const recipients = async (held: Held) => (await account(held)).map(({ recipient }) => recipient)
const known = async ({ privacy }: Held) =>
  (await collect(privacy.disclosure.account(subject, { audience: 'operator' }))).map(
    ({ recipient }) => recipient,
  )

describe('what an authority ordered to be kept secret (GDPR 23(1))', () => {
  it.each([
    ['on the day of the disclosure', '2026-11-23T10:00:00.000Z', ['hosting-provider']],
    ['in the last moment of the last day', '2027-01-31T21:59:59.999Z', ['hosting-provider']],
    ['when the day is over in Espoo', '2027-01-31T22:00:00.000Z', ['hosting-provider', 'tax-administration']],
    ['ever after', '2029-01-01T00:00:00.000Z', ['hosting-provider', 'tax-administration']],
  ] as const)('%s: is in the person’s account or not, and always in the operator’s', async (_, at, shown) => {
    const held = await ordered()
    held.environment.set(at)
    expect(await recipients(held)).toEqual(shown)
    expect(await known(held)).toEqual(['hosting-provider', 'tax-administration'])
  })

  it('is shown whole when it ends: the reference, the provision and until when it was secret', async () => {
    const held = await ordered()
    held.environment.set('2027-02-01T10:00:00.000Z')
    expect((await account(held)).at(-1)).toMatchObject({
      recipient: 'tax-administration',
      ground: 'law',
      law: { ...law, secrecy: { until: '2027-01-31' } },
    })
  })

  it('is in no file of an export before its end, not even that it is there; and in one after', async () => {
    const held = await ordered()
    const before = await exported(held)
    expect(JSON.parse(before.get('data/disclosures.json') ?? '')).toHaveLength(1)
    for (const [name, text] of before) {
      const what = [law.reference, law.provision, 'tax-administration', 'secrecy']
      for (const word of what) expect([name, word, text.includes(word)]).toEqual([name, word, false])
    }
    held.environment.set('2027-02-01T10:00:00.000Z')
    const after = await exported(held)
    expect(JSON.parse(after.get('data/disclosures.json') ?? '')).toHaveLength(2)
    expect(after.get('data/disclosures.json')).toContain(law.reference)
    for (const words of [law.reference, 'By law', 'Kept secret from you'])
      expect(after.get('index.html')).toContain(words)
  })

  it('does not count in the report of an export where there is nothing else', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.decide(secret('2027-01-31'))
    const files = await exported(held)
    expect(JSON.parse(files.get('data/disclosures.json') ?? '')).toEqual([])
    const { requests } = held.privacy
    const { id } = await requests.open({ subject, kind: 'export', receivedBy: 'email' })
    await requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const plan = await requests.plan(id)
    const { sources } = await requests.fulfil(id, { plan: plan.digest })
    expect(sources.find(({ source }) => source === 'disclosures')?.rows).toBe(0)
    held.environment.set('2027-02-01T10:00:00.000Z')
    const later = await requests.open({ subject, kind: 'export', receivedBy: 'email' })
    await requests.confirm(later.id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const shown = await requests.plan(later.id)
    const report = await requests.fulfil(later.id, { plan: shown.digest })
    expect(report.sources.find(({ source }) => source === 'disclosures')?.rows).toBe(1)
  })

  it('stays secret of a person who was erased and came back, until its end', async () => {
    const held = await ordered()
    await held.erase(subject)
    await held.privacy.requests.reopen({ subject, because: 'returned', operator: 'agent-7' })
    const before = await exported(held)
    expect(before.get('data/disclosures.json')).toContain('hosting-provider')
    expect([...before.values()].join('')).not.toContain(law.reference)
    held.environment.set('2027-02-01T10:00:00.000Z')
    expect((await exported(held)).get('data/disclosures.json')).toContain(law.reference)
  })

  it('is asked for by whoever says operator, and by no other word', async () => {
    const held = await ordered()
    for (const options of [undefined, { audience: 'subject' }, {}] as const)
      expect((await collect(held.privacy.disclosure.account(subject, options))).length).toBe(1)
    for (const options of [
      null,
      'operator',
      { audience: 'everybody' },
      { audience: ['operator'] },
    ] as never[])
      await expect(collect(held.privacy.disclosure.account(subject, options))).rejects.toMatchObject({
        code: 'input.invalid',
      })
  })

  it.each([
    ['with an end more than ten years ahead', { secrecy: { until: '2036-11-24' } }, '.secrecy.until'],
    ['without an end', { secrecy: {} }, '.secrecy.until'],
    ['without a reference', { reference: '' }, '.reference'],
    ['with a blank provision', { provision: ' ' }, '.provision'],
    ['with control characters', { provision: 'a\nb' }, '.provision'],
    ['with a misspelt member', { secret: true }, ''],
  ])('%s is refused', async (_, more, path) => {
    const held = scene(policy)
    const question = { ...tax, subject, law: { ...law, ...more } } as never
    for (const verb of ['decide', 'evaluate'] as const)
      await expect(held.privacy.disclosure[verb](question)).rejects.toMatchObject({
        code: 'input.invalid',
        path: `question.law${path}`,
      })
    expect(await known(held)).toEqual([])
  })

  it('for ten years is the longest', async () => {
    const held = scene(policy)
    expect((await held.privacy.disclosure.decide(secret('2036-11-23'))).outcome).toBe('permit')
  })
})

describe('an erasure', () => {
  const customer = { subject, recipient: 'product-partner' } as const

  it('takes disclosures and links out of sight at once, and out of the store when their proof has had its time', async () => {
    const held = await ordered()
    const { disclosure, retention } = held.privacy
    await disclosure.link(customer)
    const { report } = await held.erase(subject)
    const kept = report.kept.map(({ source }) => source)
    expect(kept).toEqual(expect.arrayContaining(['disclosures', 'links']))
    expect([await account(held), await known(held)]).toEqual([[], []])
    expect(await collect(disclosure.links(subject))).toEqual([])
    held.environment.set('2033-01-01T10:00:00.000Z')
    await retention.sweep()
    expect([...dump(held.backing).keys()].filter((at) => /^(disclosures|links|aside) /.test(at))).toEqual([])
    expect(holding(dump(held.backing), subject)).toEqual([])
  })

  it('removes all of it, what is secret as well, where nothing must be kept as proof', async () => {
    const held = await ordered(forgetful)
    const { disclosure } = held.privacy
    await disclosure.link(customer)
    await disclosure.unlink(customer)
    const { report } = await held.erase(subject)
    expect(report.kept.filter(({ source }) => ['disclosures', 'links'].includes(source))).toEqual([])
    const left = [...dump(held.backing).keys()].filter((at) => /^(disclosures|links|aside) /.test(at))
    expect(left).toEqual([])
    expect([...dump(held.backing).values()].join('')).not.toContain(law.reference)
  })

  it('leaves what is on record about others', async () => {
    const held = await ordered(forgetful)
    const { disclosure } = held.privacy
    await disclosure.link({ ...customer, subject: 'person-78' })
    await disclosure.decide({ ...hosting, subject: 'person-78' })
    await held.erase(subject)
    expect(await collect(disclosure.account('person-78'))).toHaveLength(1)
    expect(await collect(disclosure.links('person-78'))).toHaveLength(1)
  })

  it('is preceded by an export that has the links as well', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.link({ ...customer, until: '2027-01-31' })
    const files = await exported(held)
    expect(files.get('data/links.json')).toContain('2027-01-31')
    const html = files.get('index.html')
    for (const words of ['Partners’ products you connected', '<dd>connected</dd>', '<dt>Last day</dt>'])
      expect(html).toContain(words)
  })
})
