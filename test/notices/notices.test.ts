import { parsePolicy, policyDigest } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusal } from '../keys/scene.ts'
import { unzip } from '../requests/zip.ts'
import { by, collect, next, policy, scene, startedAt } from './scene.ts'

const digest = policyDigest(policy)

/** A scene in which the version is published. */
async function published(...given: Parameters<typeof scene>) {
  const made = scene(...given)
  await made.policies.publish(by)
  return made
}

describe('what is kept of a notice', () => {
  const told = { subject: 'a', channel: 'email' } as const
  it.each([
    ['shown', told, { role: 'system', id: 'notices' }, 'Your rights', {}],
    ['told', { ...told, operator: 'agent-7' }, { role: 'operator', id: 'agent-7' }, 'Your rights', {}],
    [
      'accepted',
      { ...told, by: 'signature' },
      { role: 'subject' },
      'Acceptance',
      { by: 'signature', meaning: 'acknowledgement' },
    ],
  ] as const)('that somebody was %s, or did, as what it is', async (kind, input, actor, clause, more) => {
    const { notices, privacy, environment } = await published()
    environment.advance(60_000)
    const at = startedAt
    const { operator } = { operator: undefined, ...input }
    const record = await notices[kind]({ ...input, at } as never)
    expect(record).toEqual({
      version: '1',
      digest,
      acts: [
        {
          ...{ kind, channel: 'email', at, recordedAt: '2026-11-23T10:01:00.000Z', ...more },
          ...(operator !== undefined && { operator }),
        },
      ],
      recordedAt: '2026-11-23T10:01:00.000Z',
      category: 'contact',
    })
    expect(await collect(notices.list('a'))).toEqual([record])
    expect(await collect(notices.list('b'))).toEqual([])
    await privacy.ledger.sequence()
    const entry = (await collect(privacy.ledger.list())).find(({ action }) => action === `notices.${kind}`)
    expect(entry).toMatchObject({ actor, clause, record: digest, effectiveAt: at })
    expect(JSON.stringify(entry)).not.toMatch(/"a"/)
  })

  it('is the first by each channel: a page that is shown again is no second entry', async () => {
    const { notices, environment, acts, backing } = await published()
    const first = await notices.shown({ subject: 'a', channel: 'screen' })
    environment.advance(60_000)
    const rows = () => [...(backing.records.get('notices')?.rows.values() ?? [])]
    const before = rows()
    expect(await notices.shown({ subject: 'a', channel: 'screen' })).toEqual(first)
    expect(rows()).toEqual(before)
    await notices.shown({ subject: 'a', channel: 'in-person' })
    await notices.accepted({ subject: 'a', channel: 'screen', by: 'use' })
    await notices.accepted({ subject: 'a', channel: 'screen', by: 'signature' })
    expect(
      (await collect(notices.list('a')))[0]?.acts.map(({ kind, channel }) => `${kind} ${channel}`),
    ).toEqual(['shown screen', 'shown in-person', 'accepted screen', 'accepted screen'])
    expect(await acts('notices.')).toHaveLength(4)
  })

  it('holds, in any order and however often, each kind by each channel once, the first of it', async () => {
    const act = fc.record({
      kind: fc.constantFrom('shown', 'told'),
      channel: fc.constantFrom('screen', 'post', 'email', 'sms', 'phone', 'in-person'),
      version: fc.constantFrom('1', '2'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (all) => {
        const made = await published()
        await scene({ backing: made.backing, policy: next, seed: 2 }).policies.publish(by)
        const expected = new Map<string, string>()
        for (const { kind, channel, version } of all) {
          made.environment.advance(1000)
          await made.notices[kind]({ subject: 'a', channel, version })
          const name = `${version} ${kind} ${channel}`
          if (!expected.has(name)) expected.set(name, made.environment.now())
        }
        const kept = (await collect(made.notices.list('a'))).flatMap(({ version, acts }) =>
          acts.map(({ kind, channel, at }) => [`${version} ${kind} ${channel}`, at]),
        )
        expect(kept.sort()).toEqual([...expected].sort())
      }),
      { numRuns: 30 },
    )
  })

  it('is no consent: who accepted a policy has agreed to no marketing, whatever the policy says of it', async () => {
    const acceptance = { ...policy.acceptance, by: 'use', meaning: 'consent' }
    const { notices, privacy } = await published({ policy: parsePolicy({ ...policy, acceptance }) })
    const asked = [
      { subject: 'a', purpose: 'surveys' },
      { subject: 'a', purpose: 'marketing', channel: 'email' },
    ] as const
    const before = await Promise.all(asked.map((each) => privacy.consent.decide(each)))
    expect(before.map(({ outcome }) => outcome)).toEqual(['deny', 'deny'])
    const { acts } = await notices.accepted({ subject: 'a', channel: 'screen', by: 'use' })
    expect(acts).toMatchObject([{ meaning: 'acknowledgement' }])
    expect(await Promise.all(asked.map((each) => privacy.consent.decide(each)))).toEqual(before)
    expect(await collect(privacy.consent.list('a'))).toEqual([])
  })

  it('is of one tenant, and of a version that all of them have', async () => {
    const { notices, privacy } = await published()
    const customer = privacy.tenant('customer-1').notices
    await customer.shown({ subject: 'a', channel: 'screen' })
    expect(await collect(notices.list('a'))).toEqual([])
    expect(await collect(privacy.tenant('customer-2').notices.list('a'))).toEqual([])
    expect(await collect(customer.list('a'))).toHaveLength(1)
  })

  it('names no version that was not published: nobody could read again what was shown', async () => {
    const { notices } = scene()
    const call = { subject: 'a', channel: 'screen' } as const
    expect(await refusal(notices.shown(call))).toMatchObject({ code: 'record.missing', record: '1' })
    expect(await refusal(notices.told({ ...call, version: '7' }))).toMatchObject({ code: 'record.missing' })
  })

  it.each([
    ['notice.subject', { subject: '' }],
    ['notice.channel', { channel: 'fax' }],
    ['notice.at', { at: '2026-11-23T10:00:00.001Z' }],
    ['notice.at', { at: '2025-11-01T00:00:00.000Z' }],
    ['notice.at', { at: 'today' }],
    ['notice.version', { version: '' }],
    ['notice', { meaning: 'consent' }],
  ])('refuses %s that is none: %j', async (path, wrong) => {
    const { notices } = await published()
    const call = { subject: 'a', channel: 'screen', ...wrong } as never
    expect(await refusal(notices.shown(call))).toMatchObject({ code: 'input.invalid', path })
    expect(await refusal(notices.accepted({ by: 'use', ...(call as object) } as never))).toMatchObject({
      path,
    })
  })

  it('refuses an acknowledgement that does not say how it was made', async () => {
    const { notices } = await published()
    for (const how of [{}, { by: 'silence' }])
      expect(
        await refusal(notices.accepted({ subject: 'a', channel: 'screen', ...how } as never)),
      ).toMatchObject({
        code: 'input.invalid',
        path: 'notice.by',
      })
  })
})

describe('what was told a person, as data about them', () => {
  it('is in their export', async () => {
    const { notices, privacy, enrol } = await published()
    await enrol(['a'])
    await notices.accepted({ subject: 'a', channel: 'screen', by: 'use' })
    const { id } = await privacy.requests.open({ subject: 'a', kind: 'export', receivedBy: 'email' })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest: plan } = await privacy.requests.plan(id)
    const { token = '' } = await privacy.requests.fulfil(id, { plan })
    const archive = await new Response(await privacy.requests.redeem(token)).arrayBuffer()
    const files = unzip(new Uint8Array(archive))
    const data = new TextDecoder().decode(files.get('data/notices.json'))
    expect(JSON.parse(data)).toMatchObject([
      { values: { acts: [{ kind: 'accepted', meaning: 'acknowledgement' }] } },
    ])
    const page = new TextDecoder().decode(files.get('index.html'))
    expect(page).toContain('acknowledged by you')
  })

  it('goes with them, and nothing is recorded of them or shown of them afterwards', async () => {
    const free = { keep: 'while-needed', says: { en: 'While needed' }, clause: 'Retention' }
    const { contact } = policy.categories
    const own = parsePolicy({
      ...policy,
      languages: ['en'],
      categories: {
        ...policy.categories,
        notice: { ...contact, kind: 'personal', holds: { en: 'Notices' } },
      },
      ownData: { ...policy.ownData, notices: 'notice' },
      retention: { ...policy.retention, notice: free },
    })
    const { notices, enrol, erase, backing } = await published({ policy: own })
    await enrol(['a', 'b'])
    for (const subject of ['a', 'b']) await notices.shown({ subject, channel: 'screen' })
    await erase('a')
    expect([...(backing.records.get('notices')?.rows.keys() ?? [])]).toEqual([`pilvi/b/${policyDigest(own)}`])
    expect(await refusal(notices.shown({ subject: 'a', channel: 'screen' }))).toMatchObject({
      code: 'conflict.erased',
    })
    expect(await collect(notices.list('a'))).toEqual([])
    expect(await collect(notices.list('b'))).toHaveLength(1)
  })

  it('that has to be kept as proof is kept, shown to nobody, and goes on its day', async () => {
    const { notices, enrol, erase, backing, environment, privacy } = await published()
    await enrol(['a'])
    await notices.shown({ subject: 'a', channel: 'screen' })
    await erase('a')
    const kept = () => backing.records.get('notices')?.rows.size ?? 0
    expect(kept()).toBe(1)
    expect(await collect(notices.list('a'))).toEqual([])
    environment.set('2038-01-01T12:00:00.000Z')
    await privacy.retention.sweep()
    expect(kept()).toBe(0)
  })

  it('that is kept lies aside of what they are told once they have come back', async () => {
    const { notices, enrol, erase, due, backing, privacy, environment } = await published()
    await enrol(['a'])
    await notices.shown({ subject: 'a', channel: 'screen' })
    await erase('a')
    await privacy.requests.reopen({ subject: 'a', operator: 'agent-7', because: 'returned' })
    expect(await collect(notices.list('a'))).toEqual([])
    await enrol(['a'])
    expect(await due()).toEqual([['a']])
    await notices.told({ subject: 'a', channel: 'post' })
    environment.set('2038-01-01T12:00:00.000Z')
    await privacy.retention.sweep()
    expect((await collect(notices.list('a')))[0]?.acts).toMatchObject([{ kind: 'told' }])
    expect(backing.records.get('aside')?.rows.size).toBe(0)
  })
})
