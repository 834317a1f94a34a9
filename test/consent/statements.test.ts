/** What a statement must say and what is kept of it: evidence, proxies, children, lists, renewals and revocations. */

import { type Policy, parsePolicy, type Statement } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { createConsentSource } from '../../src/consent/source.ts'
import { consentAge } from '../../src/policy/law.ts'
import { markingsOf } from './marking.ts'
import { collect, pilvi, proxy, scene, type startedAt } from './scene.ts'

const link = { subject: 'a', purpose: 'direct-marketing', by: 'link' } as const
const byProxy = { ...link, by: 'proxy', operator: 'agent-7' } as const
const email = { subject: 'a', purpose: 'direct-marketing', channel: 'email' } as const
const digest = 'ab'.repeat(32)
const guardian = { role: 'guardian', evidence: { digest } } as const
const odd = (more: object) => ({ ...link, ...more }) as unknown as Statement<'direct-marketing'>
const invalid = (path: string) => ({ code: 'input.invalid', path: `statement.${path}` })

describe('evidence', () => {
  it('is kept with the event: the document, the wording, its language and the policy shown', async () => {
    const evidence = { digest, wording: 'form-3', language: 'sv-FI', policy: 'sha256:1' }
    const { privacy } = pilvi()
    expect(await privacy.consent.give({ ...link, evidence })).toMatchObject({ evidence })
  })

  it.each([
    ['nothing in it', {}, 'evidence'],
    ['a language alone', { language: 'fi' }, 'evidence'],
    ['a digest that is none', { digest: 'AB'.repeat(32) }, 'evidence.digest'],
    ['a document for its digest', { digest: 'the letter itself' }, 'evidence.digest'],
    ['a language that is none', { wording: 'x', language: 'Finnish please' }, 'evidence.language'],
    ['more than is asked', { digest, letter: 'x' }, 'evidence'],
  ])('with %s is refused', async (_, evidence, path) => {
    await expect(pilvi().privacy.consent.give(odd({ evidence }))).rejects.toMatchObject(invalid(path))
  })
})

describe('a proxy', () => {
  it('says in which role, and what shows it', async () => {
    const { privacy } = pilvi()
    expect(await privacy.consent.give({ ...byProxy, proxy })).toMatchObject({ proxy })
    expect((await privacy.consent.decide(email)).outcome).toBe('permit')
  })

  it('who consents without saying so is refused, and who says no is not', async () => {
    const { privacy } = pilvi()
    await expect(privacy.consent.give(byProxy)).rejects.toMatchObject(invalid('proxy'))
    await expect(privacy.consent.renew(byProxy)).rejects.toMatchObject(invalid('proxy'))
    for (const verb of ['deny', 'refuse', 'withdraw'] as const) await privacy.consent[verb](byProxy)
  })

  it('is for statements by proxy', async () => {
    await expect(pilvi().privacy.consent.deny({ ...link, proxy })).rejects.toMatchObject(invalid('proxy'))
  })
})

describe('children (GDPR 8)', () => {
  // Today is 23 November 2026.
  const limits = [
    ['12 years', { age: 12 }, false],
    ['13 years', { age: 13 }, true],
    ['13 tomorrow', { birthDate: '2013-11-24' }, false],
    ['13 today', { birthDate: '2013-11-23' }, true],
    ['13 by the date, 12 in words', { age: 12, birthDate: '2013-11-23' }, false],
    ['13 in words, 12 by the date', { age: 13, birthDate: '2013-11-24' }, false],
  ] as const

  it.each(limits)('of %s in Finland', async (_, age, reached) => {
    const { privacy, backing } = pilvi()
    const own = privacy.consent.give({ ...link, ...age })
    if (reached) expect((await own).ageLimit).toBe('reached')
    else await expect(own).rejects.toMatchObject(invalid('proxy'))
    const other = privacy.consent.give({ ...byProxy, proxy, ...age })
    if (!reached) await expect(other).rejects.toMatchObject(invalid('proxy'))
    const made = await privacy.consent.give({ ...byProxy, proxy: guardian, ...age })
    expect(made.ageLimit).toBe(reached ? 'reached' : 'guardian')
    expect((await privacy.consent.decide(email)).outcome).toBe('permit')
    const kept = JSON.stringify([...(backing.streams.get('consents')?.values() ?? [])])
    for (const text of ['birthDate', '2013', '"age"']) expect(kept).not.toContain(text)
  })

  it('a child’s consent by itself opens nothing', async () => {
    const { privacy } = pilvi()
    await expect(privacy.consent.give({ ...link, age: 9 })).rejects.toMatchObject(invalid('proxy'))
    expect((await privacy.consent.decide(email)).because[0].rule).toBe('consent.missing')
  })

  it('a child’s no is taken as anybody’s', async () => {
    const { privacy } = pilvi()
    expect((await privacy.consent.deny({ ...link, age: 6 })).kind).toBe('denied')
    expect(await privacy.consent.withdraw({ ...link, birthDate: '2020-01-01' })).not.toHaveProperty(
      'ageLimit',
    )
  })

  it.each([
    ['2025-02-28T10:00:00.000Z', false],
    ['2025-02-28T22:00:00.000Z', true],
    ['2028-02-28T10:00:00.000Z', true],
  ] as const)(
    'who was born on 29 February comes to be of age on 1 March of a common year: %s',
    async (at, reached) => {
      const { privacy, environment } = pilvi()
      environment.set(at)
      const given = privacy.consent.give({ ...link, birthDate: '2012-02-29' })
      if (reached) expect((await given).ageLimit).toBe('reached')
      else await expect(given).rejects.toMatchObject({ path: 'statement.proxy' })
    },
  )

  it('the age is that of the day the consent was given', async () => {
    const given = { ...link, effectiveAt: '2026-11-20T10:00:00.000Z', birthDate: '2013-11-23' } as const
    await expect(pilvi().privacy.consent.give(given)).rejects.toMatchObject(invalid('proxy'))
  })

  it.each([
    ['FI', '2018-05-25', 16, 'GDPR 8(1)'],
    ['FI', '2018-12-31', 16, 'GDPR 8(1)'],
    ['FI', '2019-01-01', 13, 'Data Protection Act 1050/2018'],
    ['DE', '2026-11-23', 16, 'GDPR 8(1)'],
    ['FI', '2018-05-24', 16, 'before there was a rule: the strictest'],
  ] as const)('in %s on %s: %i (%s)', (country, on, years, _source) => {
    expect(consentAge(country, on)).toBe(years)
  })
})

describe('lists of denials', () => {
  const label = { en: 'x', fi: 'x' }
  const policy: Policy = parsePolicy({
    ...pilviPolicy,
    denialLists: {
      robinson: { label, lasts: { years: 3 }, clause: 'Right for denial' },
      lasting: { label, clause: 'Right for denial' },
    },
  })
  const listed = { ...link, by: 'list-import', list: 'robinson' } as const
  const call = { subject: 'a', purpose: 'direct-marketing', channel: 'phone' } as const

  it.each([
    ['three years, through their last day in Helsinki', {}, '2029-11-23T22:00:00.000Z'],
    ['from when it took effect', { effectiveAt: '2026-05-10T21:30:00.000Z' }, '2029-05-11T21:00:00.000Z'],
    ['as stated, where it is stated', { expiresAt: '2027-01-01T00:00:00.000Z' }, '2027-01-01T00:00:00.000Z'],
    ['never, where the list says nothing', { list: 'lasting' }, undefined],
    ['never, without a list', { list: undefined }, undefined],
  ] as const)('a denial lasts %s', async (_, more, expiresAt) => {
    const held = scene(policy)
    const { list = undefined, ...rest } = { ...listed, ...more }
    const event = await held.privacy.consent.deny({ ...rest, ...(list && { list }) })
    expect(event.expiresAt).toBe(expiresAt)
    if (expiresAt === undefined) return
    const at = async (moment: string) =>
      (await held.privacy.consent.decide({ ...call, at: moment as typeof startedAt })).outcome
    expect(await at(new Date(Date.parse(expiresAt) - 1).toISOString())).toBe('deny')
    expect(await at(expiresAt)).toBe('permit')
  })

  it('a consent from a list does not end with the list’s denials', async () => {
    const { privacy } = scene(policy)
    const event = await privacy.consent.give({ ...listed, operator: 'agent-7' })
    expect(event).not.toHaveProperty('expiresAt')
  })

  it('the policy must name the list, and a statement must be from one', async () => {
    const { privacy } = scene(policy)
    for (const list of ['mormons', '__proto__', 'toString'])
      await expect(privacy.consent.deny({ ...listed, list })).rejects.toMatchObject({
        code: 'input.not-in-policy',
        path: 'statement.list',
      })
    await expect(privacy.consent.deny({ ...link, list: 'robinson' })).rejects.toMatchObject(invalid('list'))
    await expect(pilvi().privacy.consent.deny(listed)).rejects.toMatchObject({ code: 'input.not-in-policy' })
  })

  it('of no length is no policy', () => {
    const empty = { ...pilviPolicy, denialLists: { x: { label, lasts: {}, clause: 'x' } } }
    expect(() => parsePolicy(empty)).toThrow('denialLists.x.lasts')
  })
})

describe('a renewal', () => {
  const later = '2027-06-01T00:00:00.000Z'
  const refused = { code: 'conflict.state' }

  it('gives the consent that stands a new term, or none', async () => {
    const { privacy, environment } = pilvi()
    await privacy.consent.give({ ...link, expiresAt: '2027-01-01T00:00:00.000Z' })
    const event = await privacy.consent.renew({ ...link, expiresAt: later })
    expect(event).toMatchObject({ kind: 'renewed', expiresAt: later })
    environment.set('2027-05-31T00:00:00.000Z')
    expect((await privacy.consent.decide(email)).because[0]).toMatchObject({
      rule: 'consent.given',
      record: event.id,
    })
    await privacy.consent.renew(link)
    environment.set('2036-01-01T00:00:00.000Z')
    expect((await privacy.consent.decide(email)).outcome).toBe('permit')
  })

  it.each([
    ['nothing was given', []],
    ['it was withdrawn', ['give', 'withdraw']],
    ['the purpose was denied', ['give', 'deny']],
    ['it was refused when asked again', ['give', 'refuse']],
  ] as const)('is refused where %s', async (_, verbs) => {
    const { privacy } = pilvi()
    for (const verb of verbs) await privacy.consent[verb](link)
    await expect(privacy.consent.renew(link)).rejects.toMatchObject(refused)
    expect((await privacy.consent.decide(email)).outcome).toBe('deny')
  })

  it('is refused where a wider purpose was denied since', async () => {
    const { privacy } = pilvi()
    const sms = { ...link, purpose: 'telemarketing' } as const
    await privacy.consent.give(sms)
    await privacy.consent.deny(link)
    await expect(privacy.consent.renew(sms)).rejects.toMatchObject(refused)
  })

  it('is refused where the person objected since, though the objection was lifted', async () => {
    const held = pilvi()
    const { mark } = markingsOf(held, pilviPolicy)
    await held.privacy.consent.give(link)
    await mark(({ object }) => object('a', { request: 'r1', purpose: 'direct-marketing' }))
    await expect(held.privacy.consent.renew(link)).rejects.toMatchObject(refused)
    await mark(({ lift }) => lift('a', { request: 'r1' }))
    await expect(held.privacy.consent.renew(link)).rejects.toMatchObject(refused)
    expect((await held.privacy.consent.decide(email)).because[0].rule).toBe('consent.superseded')
  })

  it('is refused once it has run out, and is by whoever gave it', async () => {
    const { privacy, environment } = pilvi()
    await privacy.consent.give({ ...link, expiresAt: '2027-01-01T00:00:00.000Z' })
    await expect(privacy.consent.renew({ ...byProxy, proxy })).rejects.toMatchObject(refused)
    environment.set('2027-01-01T00:00:00.000Z')
    await expect(privacy.consent.renew(link)).rejects.toMatchObject(refused)
  })

  it('found later does not reach back before the consent', async () => {
    const { privacy } = pilvi()
    await privacy.consent.give(link)
    const early = { ...link, effectiveAt: '2026-11-01T00:00:00.000Z' } as const
    await expect(privacy.consent.renew(early)).rejects.toMatchObject(refused)
  })

  it('stands beside a consent by proxy, and is of its own voice', async () => {
    const { privacy } = pilvi()
    await privacy.consent.give(link)
    await privacy.consent.give({ ...byProxy, proxy, expiresAt: later })
    const event = await privacy.consent.renew({ ...byProxy, proxy })
    expect(event.kind).toBe('renewed')
  })
})

describe('a revocation', () => {
  it('ends a consent and says who ended it', async () => {
    const { privacy, environment } = pilvi()
    await privacy.consent.give(link)
    environment.advance(1_000)
    const event = await privacy.consent.revoke({
      ...link,
      by: 'letter',
      operator: 'agent-7',
      revokedBy: 'court',
    })
    expect(event).toMatchObject({ kind: 'revoked', revokedBy: 'court', operator: 'agent-7' })
    expect((await privacy.consent.decide(email)).because[0]).toMatchObject({
      rule: 'consent.revoked',
      record: event.id,
    })
    await privacy.ledger.sequence()
    const actions: string[] = []
    for await (const { action } of privacy.ledger.list()) actions.push(action)
    expect(actions).toEqual(['consent.given', 'consent.revoked'])
  })

  it.each([
    ['without who ended it', { operator: 'agent-7' }, 'revokedBy'],
    ['without who recorded it', { revokedBy: 'court' }, 'operator'],
    ['by the person', { operator: 'agent-7', revokedBy: 'subject' }, 'revokedBy'],
  ])('%s is refused', async (_, more, path) => {
    await expect(pilvi().privacy.consent.revoke(odd(more) as never)).rejects.toMatchObject(invalid(path))
  })

  it('does not end by itself', async () => {
    const ending = odd({ operator: 'agent-7', revokedBy: 'court', expiresAt: '2027-01-01T00:00:00.000Z' })
    await expect(pilvi().privacy.consent.revoke(ending as never)).rejects.toMatchObject({ path: 'statement' })
  })
})

describe('what requests put on a standing', () => {
  const r = { request: 'r1' }

  it('is refused of a purpose that cannot be objected to', async () => {
    const { markings } = markingsOf(pilvi(), pilviPolicy)
    for (const purpose of ['delivery', 'accounting', 'nothing', '__proto__'])
      await expect(markings.object('a', { ...r, purpose })).rejects.toMatchObject({
        code: 'input.not-in-policy',
      })
  })

  it('is refused of somebody who was erased', async () => {
    const held = pilvi()
    await held.erase('a')
    const { markings } = markingsOf(held, pilviPolicy)
    for (const change of [markings.restrict('a', r), markings.lift('a', r)])
      await expect(change).rejects.toMatchObject({ code: 'conflict.erased' })
  })

  it('two objections to a purpose: one lifted, the other stands', async () => {
    const held = pilvi()
    const { mark } = markingsOf(held, pilviPolicy)
    const purpose = 'market-research'
    const ask = async () =>
      (await held.privacy.consent.decide({ subject: 'a', purpose, channel: 'post' })).outcome
    await mark(({ object }) => object('a', { ...r, purpose }))
    await mark(({ object }) => object('a', { request: 'r2', purpose }))
    await mark(({ lift }) => lift('a', r))
    await mark(({ lift }) => lift('a', r))
    expect(await ask()).toBe('deny')
    await mark(({ lift }) => lift('a', { request: 'r2' }))
    expect(await ask()).toBe('permit')
  })

  it('stands in the stream that exports and erasures walk', async () => {
    const held = pilvi()
    const { mark } = markingsOf(held, pilviPolicy)
    await mark(({ restrict }) => restrict('a', r))
    const source = createConsentSource('pilvi', held)
    const [rows = []] = await collect(source.find({ subject: 'a', sessions: [] }, 'values'))
    expect(rows[0]?.fields.map(({ name, value }) => [name, value])).toContainEqual(['kind', 'restricted'])
    expect(new Set(rows[0]?.fields.map(({ category }) => category))).toEqual(new Set(['consent-record']))
  })
})
