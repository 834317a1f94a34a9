import { parsePolicy, policyDigest, type Statement } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { collect, pilvi, proxy, scene, startedAt } from './scene.ts'

const statement = { subject: 'a', purpose: 'telemarketing', by: 'link' } as const
const call = { subject: 'a', purpose: 'telemarketing', channel: 'phone' } as const

describe('a decision', () => {
  it.each([
    ['about somebody unknown', {}],
    ['about an address as well', { contact: 'a@example.com' }],
  ])('costs one get of the store: %s', async (_, more) => {
    const { privacy, calls } = pilvi()
    await privacy.consent.deny(statement)
    // The secrets of the installation are read once and kept.
    await privacy.consent.decide({ ...call, ...more })
    calls.length = 0
    await privacy.consent.decide({ ...call, ...more })
    expect(calls).toEqual([`get standings ${1 + Object.keys(more).length}`])
  })

  it('fails closed on a standing that cannot be read', async () => {
    const { privacy, backing } = pilvi()
    await privacy.consent.deny(statement)
    const rows = backing.records.get('standings')?.rows ?? new Map()
    const [place = '', row] = [...rows][0] ?? []
    const spoilt = [
      'null',
      '[]',
      '{}',
      '{"state":"active","events":0,"purposes":null}',
      '{"state":"active","events":-1,"purposes":{}}',
      '{"state":"other","events":0,"purposes":{}}',
      '{"state":"active","events":1,"purposes":{"telemarketing":{"denied":true}}}',
      '{"state":"active","events":1,"purposes":{"telemarketing":{"denial":{"event":"e","sequence":1,"at":"now"}}}}',
    ]
    for (const json of spoilt) {
      rows.set(place, { ...row, json })
      for (const act of [privacy.consent.decide(call), privacy.consent.give(statement)]) {
        await expect(act).rejects.toMatchObject({ code: 'record.corrupt', record: place })
      }
    }
  })

  it('is of its tenant', async () => {
    const { privacy } = pilvi()
    await privacy.consent.deny(statement)
    expect((await privacy.tenant('shop').consent.decide(call)).outcome).toBe('permit')
    expect((await privacy.consent.decide(call)).outcome).toBe('deny')
  })
})

describe('a statement', () => {
  it('is kept with its two clocks, its route, who took it and the version of the policy', async () => {
    const { privacy } = pilvi()
    const effectiveAt = '2026-11-20T08:00:00.000Z'
    const event = await privacy.consent.deny({ ...statement, by: 'letter', operator: 'agent-7', effectiveAt })
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-z]{26}$/),
      kind: 'denied',
      purpose: 'telemarketing',
      by: 'letter',
      operator: 'agent-7',
      effectiveAt,
      recordedAt: startedAt,
      policyVersion: pilviPolicy.version,
      policyDigest: policyDigest(pilviPolicy),
      category: pilviPolicy.ownData.consents,
    })
    expect(await collect(privacy.consent.list('a'))).toEqual([event])
    expect(await collect(privacy.consent.list('b'))).toEqual([])
  })

  it.each([
    ['the operator who took it', { by: 'phone', operator: 'agent-7' }, { role: 'operator', id: 'agent-7' }],
    [
      'the person at a screen',
      { by: 'link' },
      { role: 'subject', id: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ],
    ['nobody, where somebody took it who is not named', { by: 'phone' }, { role: 'system', id: 'consent' }],
  ] as const)('stands in the ledger as the act of %s, without the person’s id', async (_, how, actor) => {
    const { privacy } = pilvi()
    const event = await privacy.consent.deny({ subject: 'person-77', purpose: 'telemarketing', ...how })
    await privacy.ledger.sequence()
    const entries = await collect(privacy.ledger.list())
    expect(entries).toMatchObject([
      {
        action: 'consent.denied',
        actor,
        record: event.id,
        clause: 'Right for denial',
        effectiveAt: event.effectiveAt,
        details: { purpose: 'telemarketing', by: how.by },
      },
    ])
    expect(JSON.stringify(entries)).not.toContain('person-77')
  })

  const now = startedAt
  const earliest = '2025-11-22T10:00:00.000Z'
  it.each([
    ['now', now, true],
    ['a millisecond ahead', '2026-11-23T10:00:00.001Z', false],
    ['366 days back', earliest, true],
    ['a millisecond more', '2025-11-22T09:59:59.999Z', false],
  ] as const)('may take effect %s: %s %s', async (_, effectiveAt, accepted) => {
    const { privacy } = pilvi()
    const made = privacy.consent.deny({ ...statement, effectiveAt })
    if (accepted) expect((await made).effectiveAt).toBe(effectiveAt)
    else {
      await expect(made).rejects.toMatchObject({ code: 'input.invalid', path: 'statement.effectiveAt' })
    }
  })

  it('stands once, though its commit was overtaken', async () => {
    const { privacy } = pilvi()
    await Promise.all([privacy.consent.deny(statement), privacy.consent.give(statement)])
    expect((await collect(privacy.consent.list('a'))).length).toBe(2)
  })

  it('about somebody who was erased is refused, and nothing they said is read', async () => {
    const { privacy, erase } = pilvi()
    await privacy.consent.deny(statement)
    const { id } = await erase('a')
    const erased = { code: 'conflict.erased', record: id }
    const { deny, give, refuse, withdraw } = privacy.consent
    for (const act of [deny, give, refuse, withdraw])
      await expect(act(statement)).rejects.toMatchObject(erased)
    expect(await collect(privacy.consent.list('a'))).toEqual([])
  })
})

const odd = (more: object) => ({ ...statement, ...more }) as unknown as Statement<'telemarketing'>

describe('bad input is refused, by the path of the field and never by its value', () => {
  const own = JSON.parse('{"subject":"a","purpose":"telemarketing","by":"link","__proto__":{"by":"phone"}}')
  it.each([
    ['an object as subject', odd({ subject: { $ne: null } }), 'input.invalid', 'statement.subject'],
    ['an array as subject', odd({ subject: ['a'] }), 'input.invalid', 'statement.subject'],
    ['an empty subject', odd({ subject: '' }), 'input.invalid', 'statement.subject'],
    ['a subject with NUL', odd({ subject: 'a\0' }), 'input.invalid', 'statement.subject'],
    ['a subject with half a character', odd({ subject: '\ud800' }), 'input.invalid', 'statement.subject'],
    ['no subject', odd({ subject: undefined }), 'input.invalid', 'statement.subject'],
    [
      'a purpose not in the policy',
      odd({ purpose: 'espionage' }),
      'input.not-in-policy',
      'statement.purpose',
    ],
    ['the purpose __proto__', odd({ purpose: '__proto__' }), 'input.not-in-policy', 'statement.purpose'],
    ['the purpose constructor', odd({ purpose: 'constructor' }), 'input.not-in-policy', 'statement.purpose'],
    ['an object as purpose', odd({ purpose: { toString: 1 } }), 'input.invalid', 'statement.purpose'],
    [
      'a purpose that cannot be denied',
      odd({ purpose: 'delivery' }),
      'input.not-in-policy',
      'statement.purpose',
    ],
    ['a route that does not exist', odd({ by: 'telepathy' }), 'input.invalid', 'statement.by'],
    ['an object as operator', odd({ operator: {} }), 'input.invalid', 'statement.operator'],
    ['a date without a time', odd({ effectiveAt: '2026-11-20' }), 'input.invalid', 'statement.effectiveAt'],
    ['a Date', odd({ effectiveAt: new Date() }), 'input.invalid', 'statement.effectiveAt'],
    [
      'an end before the beginning',
      odd({ expiresAt: '2026-11-01T00:00:00.000Z' }),
      'input.invalid',
      'statement.expiresAt',
    ],
    ['an end at the beginning', odd({ expiresAt: startedAt }), 'input.invalid', 'statement.expiresAt'],
    ['an unknown member', odd({ actor: 'me' }), 'input.invalid', 'statement'],
    ['a member __proto__', own, 'input.invalid', 'statement'],
    ['nothing', undefined as never, 'input.invalid', 'statement'],
    ['a text', 'a' as never, 'input.invalid', 'statement'],
  ])('%s', async (_, input, code, path) => {
    const { privacy, backing } = pilvi()
    await expect(privacy.consent.deny(input)).rejects.toMatchObject({ name: 'InvalidInput', code, path })
    expect(backing.streams.get('consents')?.size).toBe(0)
  })

  const taken = ['letter', 'phone', 'in-person', 'list-import', 'proxy'] as const
  it.each(taken)('a consent by %s that does not say who took it', async (by) => {
    const { privacy } = pilvi()
    const path = 'statement.operator'
    const yes = { ...statement, by, ...(by === 'proxy' && { proxy }) }
    await expect(privacy.consent.give(yes)).rejects.toMatchObject({ code: 'input.invalid', path })
    expect((await privacy.consent.give({ ...yes, operator: 'agent-7' })).kind).toBe('given')
    expect((await privacy.consent.deny({ ...statement, by })).kind).toBe('denied')
  })

  it.each(['give', 'refuse', 'withdraw'] as const)(
    'the signal of a browser is never more than a denial: %s',
    async (verb) => {
      const { privacy } = pilvi()
      const act = privacy.consent[verb]({ ...statement, by: 'gpc' })
      await expect(act).rejects.toMatchObject({ code: 'input.invalid', path: 'statement.by' })
      expect((await privacy.consent.deny({ ...statement, by: 'gpc' })).by).toBe('gpc')
    },
  )

  it.each(['refuse', 'withdraw'] as const)('an answer does not end by itself: %s', async (verb) => {
    const { privacy } = pilvi()
    const act = privacy.consent[verb](odd({ expiresAt: '2027-01-01T00:00:00.000Z' }))
    await expect(act).rejects.toMatchObject({ code: 'input.invalid', path: 'statement.expiresAt' })
  })

  it.each([
    ['an object as subject', { ...call, subject: {} }, 'input.invalid', 'question.subject'],
    [
      'a purpose not in the policy',
      { ...call, purpose: 'toString' },
      'input.not-in-policy',
      'question.purpose',
    ],
    ['a channel that does not exist', { ...call, channel: 'pigeon' }, 'input.invalid', 'question.channel'],
    [
      'a contact with half a character',
      { ...call, contact: 'abc\udc00' },
      'input.invalid',
      'question.contact',
    ],
    ['an object as contact', { ...call, contact: { length: 5 } }, 'input.invalid', 'question.contact'],
    ['a day for a moment', { ...call, at: '2026-11-23' }, 'input.invalid', 'question.at'],
    [
      'what will be known',
      { ...call, asKnownAt: '2026-11-23T10:00:00.001Z' },
      'input.invalid',
      'question.asKnownAt',
    ],
    ['a moment too far ahead', { ...call, at: '2036-12-31T00:00:00.000Z' }, 'input.invalid', 'question.at'],
    [
      'a relationship without a way out',
      { ...call, relationship: { customerSince: '2026-01-01', bought: 'x', offered: 'x' } },
      'input.invalid',
      'question.relationship.wayOut',
    ],
    ['a necessity of one’s own', { ...call, necessity: 'profit' }, 'input.invalid', 'question.necessity'],
    ['nothing', null, 'input.invalid', 'question'],
  ])('a question with %s', async (_, question, code, path) => {
    const { privacy } = pilvi()
    await expect(privacy.consent.decide(question as never)).rejects.toMatchObject({ code, path })
  })

  it('a list of the statements of an object', async () => {
    const { privacy } = pilvi()
    await expect(collect(privacy.consent.list({ $gt: '' } as never))).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'subject',
    })
  })
})

describe('the types', () => {
  it('refuse a misspelt purpose, and a denial of what cannot be denied', () => {
    const { privacy } = pilvi()
    type Denied = Parameters<typeof privacy.consent.deny>[0]['purpose']
    expectTypeOf<Denied>().toEqualTypeOf<
      'direct-marketing' | 'telemarketing' | 'market-research' | 'personal-research'
    >()
    // @ts-expect-error a misspelt purpose
    const misspelt: Parameters<typeof privacy.consent.decide>[0] = { subject: 'a', purpose: 'telemarketting' }
    const ending: Parameters<typeof privacy.consent.withdraw>[0] = {
      ...statement,
      // @ts-expect-error a withdrawal does not expire
      expiresAt: startedAt,
    }
    expect([misspelt, ending]).toHaveLength(2)
  })

  it('leave the names of a policy from a file to the run', async () => {
    const { privacy } = scene(parsePolicy(JSON.parse(JSON.stringify(pilviPolicy))))
    expect((await privacy.consent.deny(statement)).kind).toBe('denied')
    await expect(privacy.consent.deny({ ...statement, purpose: 'delivery' })).rejects.toMatchObject({
      code: 'input.not-in-policy',
    })
  })
})
