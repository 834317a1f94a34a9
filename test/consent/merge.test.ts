/** Merging two ids of one person and undoing it: what is carried, what is refused, and what still takes effect. */

import type { BanList, Policy, Statement } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { bothStandings, day, from, into, operator, pair, rulesOf, streamOf, twoIds } from './merging.ts'
import { collect, customer, scene } from './scene.ts'

const call = { subject: into, purpose: 'telemarketing', channel: 'phone' } as const
const message = { ...call, channel: 'sms' } as const
const said = { purpose: 'telemarketing', by: 'letter', operator } as const
const denyFrom = { ...said, subject: from }
const denyInto = { ...said, subject: into }

async function merged(before?: (held: ReturnType<typeof twoIds>) => Promise<unknown>) {
  const held = twoIds()
  await before?.(held)
  const merge = await held.privacy.consent.merge(pair)
  return { ...held, merge }
}

async function replayed(held: Parameters<typeof bothStandings>[0]): Promise<void> {
  for (const subject of [from, into]) {
    const [standing, stream] = await bothStandings(held, subject)
    expect(standing).toEqual(stream)
  }
}

describe('what is carried over', () => {
  it.each([
    ['a denial', 'deny', 'consent.denied'],
    ['a refusal', 'refuse', 'consent.refused'],
    ['a withdrawal', 'withdraw', 'consent.withdrawn'],
    ['a revocation', 'revoke', 'consent.revoked'],
  ] as const)('%s, as it was said, and from whom is not in it readably', async (_, verb, rule) => {
    const evidence = { digest: 'ab'.repeat(32) }
    const held = await merged(({ privacy: { consent } }) => {
      const statement = { ...denyFrom, effectiveAt: day(3), evidence }
      return verb === 'revoke'
        ? consent.revoke({ ...statement, revokedBy: 'court' })
        : consent[verb](statement)
    })
    const [own] = await collect(held.privacy.consent.list(from))
    const [carried] = await collect(held.privacy.consent.list(into))
    expect(carried).toEqual({
      ...own,
      id: expect.not.stringMatching(own?.id ?? ''),
      recordedAt: held.merge.at,
      via: { how: 'carried', merge: held.merge.id, event: own?.id },
    })
    const may = await held.privacy.consent.decide(call)
    expect(may).toMatchObject({ outcome: 'deny', because: [{ rule, record: carried?.id }] })
    expect(JSON.stringify(await streamOf(held, into))).not.toContain(from)
    await replayed(held)
  })

  it('a restriction and an objection, until the request that set them lifts them', async () => {
    const held = await merged(async ({ mark }) => {
      await mark(({ restrict }) => restrict(from, { request: 'r1' }))
      await mark(({ object }) => object(from, { request: 'r2', purpose: 'market-research' }))
    })
    const rules = async (purpose: 'delivery' | 'market-research') =>
      rulesOf(await held.privacy.consent.decide({ subject: into, purpose, channel: 'post' }))
    expect(await rules('delivery')).toEqual(['subject.restricted'])
    expect(await rules('market-research')).toEqual(['subject.restricted', 'consent.objected'])
    await held.mark(({ lift }) => lift(from, { request: 'r1' }))
    expect(await rules('delivery')).toEqual(['basis.other'])
    expect(await rules('market-research')).toEqual(['consent.objected'])
    await held.mark(({ lift }) => lift(from, { request: 'r2' }))
    expect(await rules('market-research')).toEqual(['consent.not-denied'])
    await replayed(held)
  })

  it('of many denials as few as come to the same: the longest, and the last', async () => {
    const held = await merged(async ({ privacy: { consent } }) => {
      for (let i = 1; i <= 9; i++)
        await consent.deny({ ...denyFrom, effectiveAt: day(i), ...(i !== 4 && { expiresAt: day(10 + i) }) })
      await consent.deny({ ...denyFrom, purpose: 'market-research', effectiveAt: day(1), expiresAt: day(2) })
    })
    const carried = await collect(held.privacy.consent.list(into))
    expect(carried.map(({ effectiveAt }) => effectiveAt)).toEqual([day(4), day(9)])
    const [own, other] = await Promise.all([from, into].map((each) => held.standings.read(each)))
    const { event: _, sequence: __, ...denial } = own?.standing.purposes['telemarketing']?.denial ?? {}
    expect(other?.standing.purposes['telemarketing']?.denial).toMatchObject(denial)
  })

  it('the end of a denial, which ends there as it would have here', async () => {
    const held = await merged(({ privacy: { consent } }) => consent.deny({ ...denyFrom, expiresAt: day(30) }))
    const at = '2026-11-30T08:59:59.999Z'
    expect(rulesOf(await held.privacy.consent.decide({ ...call, at }))).toEqual(['consent.denied'])
    expect(rulesOf(await held.privacy.consent.decide({ ...call, at: day(30) }))).toEqual([
      'consent.not-denied',
    ])
  })

  it('no consent, not even one that lifted a denial, which is carried', async () => {
    const held = await merged(async ({ privacy: { consent } }) => {
      await consent.deny(denyFrom)
      await consent.give({ ...denyFrom, by: 'link' })
    })
    expect(rulesOf(await held.privacy.consent.decide(call))).toEqual(['consent.denied'])
    await held.privacy.consent.give({ ...denyInto, by: 'link' })
    expect(rulesOf(await held.privacy.consent.decide(call))).toEqual(['consent.given'])
  })

  it.each([
    ['of the id that stays alone', [], undefined, 'consent.missing'],
    ['of both', [{}], undefined, 'consent.given'],
    ['of both, which ends there first', [{ expiresAt: day(26) }], day(26), 'consent.expired'],
    [
      'of both, as long as the other lasts',
      [{ expiresAt: day(26) }],
      '2026-11-26T08:59:59.999Z',
      'consent.given',
    ],
    ['of both, which ends here first', [{ expiresAt: day(29) }], day(28), 'consent.expired'],
  ] as const)('a consent %s: %#', async (_, other, at, rule) => {
    const ends = at === day(28) ? { expiresAt: day(28) } : {}
    const held = await merged(async ({ privacy: { consent } }) => {
      await consent.give({ ...denyInto, by: 'link', ...ends })
      for (const end of other) await consent.give({ ...denyFrom, by: 'link', ...end })
    })
    expect(rulesOf(await held.privacy.consent.decide({ ...message, ...(at && { at }) }))).toEqual([rule])
    await replayed(held)
  })

  it('stands in the ledger as one act of the operator, which names neither', async () => {
    const { privacy, merge } = await merged(({ privacy: { consent } }) => consent.deny(denyFrom))
    await privacy.consent.unmerge({ ...pair, because: 'mistaken' })
    await privacy.ledger.sequence()
    const all = await collect(privacy.ledger.list())
    const entries = all
      .filter(({ action }) => action.endsWith('merged'))
      .toSorted((a, b) => b.action.localeCompare(a.action))
      .reverse()
    const names = {
      from: expect.stringMatching(/^[0-9a-f]{64}$/),
      into: expect.stringMatching(/^[0-9a-f]{64}$/),
    }
    expect(entries).toMatchObject([
      { action: 'consent.merged', record: merge.id, details: { ...names, carried: 1 } },
      { action: 'consent.unmerged', record: merge.id, details: { ...names, because: 'mistaken' } },
    ])
    for (const { actor } of entries) expect(actor).toEqual({ role: 'operator', id: operator })
    expect(JSON.stringify(entries)).not.toMatch(/id-[12]/)
  })
})

describe('a retired id', () => {
  it('is denied everything, by one rule that names the merge and nothing else', async () => {
    const { privacy, merge } = await merged(({ privacy: { consent } }) => consent.deny(denyFrom))
    for (const purpose of Object.keys(pilviPolicy.purposes) as (keyof typeof pilviPolicy.purposes)[]) {
      const may = await privacy.consent.decide({
        subject: from,
        purpose,
        channel: 'phone',
        necessity: 'legal-claims',
      })
      expect(may.outcome).toBe('deny')
      expect(may.because).toEqual([
        { rule: 'subject.merged', clause: pilviPolicy.purposes[purpose].clause, record: merge.id },
      ])
    }
    const campaign = privacy.consent.filter([from, into], { purpose: 'direct-marketing', channel: 'post' })
    expect(await collect(campaign)).toEqual([into])
    expect(campaign.counts().because).toMatchObject({ 'subject.merged': 1 })
  })

  it('takes no consent', async () => {
    const { privacy } = await merged(({ privacy: { consent } }) => consent.give({ ...denyFrom, by: 'link' }))
    for (const verb of ['give', 'renew'] as const)
      await expect(privacy.consent[verb](denyFrom)).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it.each(['deny', 'refuse', 'withdraw', 'revoke'] as const)('obeys a no for both: %s', async (verb) => {
    const held = await merged()
    const { consent } = held.privacy
    const event = await (verb === 'revoke'
      ? consent.revoke({ ...denyFrom, revokedBy: 'court' })
      : consent[verb](denyFrom))
    expect(await collect(consent.list(from))).toEqual([event])
    expect(await collect(consent.list(into))).toEqual([
      { ...event, via: { how: 'relayed', merge: held.merge.id } },
    ])
    expect((await consent.decide(call)).because[0].record).toBe(event.id)
    await replayed(held)
  })

  it('obeys a link that was made before', async () => {
    const url = 'https://example.com/leave'
    let token = ''
    const held = await merged(async ({ privacy: { consent } }) => {
      ;({ token } = await consent.unsubscribeLink({ subject: from, purpose: 'direct-marketing', url }))
      await consent.unsubscribe(oneClick(token))
    })
    const denials = async () => (await collect(held.privacy.consent.list(into))).length
    expect(await denials()).toBe(1)
    // What the merge carried does not stand in for it: the merge may be undone.
    await held.privacy.consent.unsubscribe(oneClick(token))
    await held.privacy.consent.unsubscribe(oneClick(token))
    expect(await denials()).toBe(2)
    await held.privacy.consent.unmerge(pair)
    for (const subject of [from, into]) {
      const may = await held.privacy.consent.decide({ subject, purpose: 'direct-marketing', channel: 'post' })
      expect(rulesOf(may)).toEqual(['consent.denied'])
    }
  })

  it('obeys the signal of a browser', async () => {
    const { privacy } = scene(signalling)
    await privacy.consent.merge(pair)
    const signal = () => privacy.consent.signal({ subject: from, headers: { 'sec-gpc': '1' } })
    expect((await signal()).recorded).toHaveLength(1)
    expect((await signal()).recorded).toEqual([])
    const may = { subject: into, purpose: 'direct-marketing', channel: 'post' } as const
    expect(rulesOf(await privacy.consent.decide(may))).toEqual(['consent.denied'])
    // The person's own consent to the very purpose stays, of the id that stays.
    await privacy.consent.give({ subject: into, purpose: 'direct-marketing', by: 'link' })
    expect(await signal()).toMatchObject({ recorded: [], consented: ['direct-marketing'] })
    expect(rulesOf(await privacy.consent.decide(may))).toEqual(['consent.given'])
  })

  it('obeys the signal though a merge had ended the consent that it would have left alone', async () => {
    const { privacy } = scene(signalling)
    const about = { subject: into, purpose: 'direct-marketing' } as const
    await privacy.consent.give({ ...about, by: 'link' })
    await privacy.consent.merge(pair)
    const { recorded } = await privacy.consent.signal({ subject: into, headers: { 'sec-gpc': '1' } })
    expect(recorded).toHaveLength(1)
    const may = await privacy.consent.decide({ ...about, channel: 'post' })
    expect(rulesOf(may)).toContain('consent.denied')
  })

  it('obeys a list of denials, which its preview counts', async () => {
    const { privacy } = scene(signalling)
    const { fields } = customer
    await privacy.register.save({ ...customer, subject: from, fields } as never)
    await privacy.consent.merge(pair)
    const list = (): BanList => ({
      csv: lines(`${fields.email}\n`),
      list: 'robinson',
      purposes: ['direct-marketing'],
      operator,
      asOf: day(1),
      columns: [{ column: 1, holds: 'email' }],
    })
    expect(await privacy.consent.previewBanList(list())).toMatchObject({ known: 1, denied: 1 })
    expect(await privacy.consent.importBanList(list())).toMatchObject({ known: 1, denied: 1 })
    expect(await privacy.consent.previewBanList(list())).toMatchObject({ known: 1, denied: 0 })
    const may = { subject: into, purpose: 'direct-marketing', channel: 'post' } as const
    expect(rulesOf(await privacy.consent.decide(may))).toEqual(['consent.denied'])
  })

  it('obeys a restriction and an objection for both', async () => {
    const held = await merged()
    await held.mark(({ restrict }) => restrict(from, { request: 'r1' }))
    const delivery = { subject: into, purpose: 'delivery', channel: 'none' } as const
    expect(rulesOf(await held.privacy.consent.decide(delivery))).toEqual(['subject.restricted'])
    await held.mark(({ lift }) => lift(from, { request: 'r1' }))
    expect(rulesOf(await held.privacy.consent.decide(delivery))).toEqual(['basis.other'])
    await replayed(held)
  })

  it('takes the noes of imported records, and names the consents', async () => {
    const other = twoIds()
    const statement = { ...denyFrom, by: 'link' } as const
    await other.privacy.consent.give(statement)
    await other.privacy.consent.deny({ ...statement, purpose: 'market-research' })
    const wanted = { format: 'dpv-27560', noticeUrl: 'https://example.com/notice' } as const
    const { records } = await other.privacy.consent.records(from, wanted)
    const held = await merged()
    const imported = { format: 'dpv-27560', subject: from, records, operator } as const
    const { recorded, unmapped } = await held.privacy.consent.importRecords(imported)
    expect(recorded.map(({ kind }) => kind)).toEqual(['denied'])
    expect(unmapped).toMatchObject([{ reason: 'merged' }])
    const may = { subject: into, purpose: 'market-research', channel: 'post' } as const
    expect(rulesOf(await held.privacy.consent.decide(may))).toEqual(['consent.denied'])
  })

  it('and the id that stays tells a carried no as what it is', async () => {
    const held = await merged(({ privacy: { consent } }) =>
      consent.deny({ ...denyFrom, effectiveAt: day(2) }),
    )
    const wanted = { format: 'dpv-27560', noticeUrl: 'https://example.com/notice' } as const
    const { records } = await held.privacy.consent.records(into, wanted)
    expect(JSON.stringify(records)).toContain(`"dpv:isIndicatedAtTime":"${day(2)}"`)
    const again = await held.privacy.consent.importRecords({
      format: 'dpv-27560',
      subject: into,
      records,
      operator,
    })
    // A record that names it is the person's own word about this id, and stays when the merge is undone.
    expect(again.recorded).toMatchObject([{ kind: 'denied' }])
    await held.privacy.consent.unmerge(pair)
    expect(rulesOf(await held.privacy.consent.decide(call))).toEqual(['consent.denied'])
  })
})

const signalling: Policy = {
  ...pilviPolicy,
  purposes: {
    ...pilviPolicy.purposes,
    'direct-marketing': {
      ...pilviPolicy.purposes['direct-marketing'],
      denial: { absolute: true, law: 'GDPR 21(2)', signal: 'gpc' },
    },
  },
  denialLists: { robinson: { label: { en: 'Robinson' }, clause: 'Right for denial' } },
}

async function* lines(...all: readonly string[]) {
  yield* all
}

const oneClick = (token: string) => ({
  method: 'POST',
  contentType: 'application/x-www-form-urlencoded',
  body: 'List-Unsubscribe=One-Click',
  token,
})

describe('a merge that cannot be read', () => {
  it('fails what is said about the retired id: a no that cannot reach both is not taken for both', async () => {
    const held = await merged()
    const rows = held.backing.records.get('standings')?.rows ?? new Map()
    for (const [place, row] of rows) {
      const { merged: by, ...standing } = JSON.parse(row.json)
      if (by)
        rows.set(place, { ...row, json: JSON.stringify({ ...standing, merged: { ...by, other: 'AAAA' } }) })
    }
    const corrupt = { code: 'record.corrupt', record: held.merge.id }
    await expect(held.privacy.consent.deny(denyFrom)).rejects.toMatchObject(corrupt)
    await expect(held.privacy.consent.unmerge(pair)).rejects.toMatchObject(corrupt)
    // To deny, the id that stays is not needed.
    expect(rulesOf(await held.privacy.consent.decide({ ...call, subject: from }))).toEqual(['subject.merged'])
  })
})

describe('a merge is refused', () => {
  const merge = (of: Partial<typeof pair>) => ({ ...pair, ...of })
  it('into oneself', async () => {
    const { privacy } = twoIds()
    await expect(privacy.consent.merge(merge({ into: from }))).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'merge.into',
    })
  })

  it.each([
    ['in a circle', [['a', 'b']], ['b', 'a']],
    ['of an id that was merged into another', [['a', 'b']], ['a', 'c']],
    ['into an id that was merged', [['b', 'c']], ['a', 'b']],
    ['of an id that another was merged into', [['a', 'b']], ['b', 'c']],
  ] as const)('%s', async (_, before, [a, b]) => {
    const { privacy } = twoIds()
    for (const [x, y] of before) await privacy.consent.merge(merge({ from: x, into: y }))
    const act = privacy.consent.merge(merge({ from: a, into: b }))
    await expect(act).rejects.toMatchObject({ code: 'conflict.state', record: expect.any(String) })
  })

  it.each([from, into])('with somebody who was erased: %s', async (subject) => {
    const held = twoIds()
    await held.erase(subject)
    await expect(held.privacy.consent.merge(pair)).rejects.toMatchObject({ code: 'conflict.erased' })
  })

  it.each([
    ['another operator', { ...pair, operator: '' }, 'input.invalid'],
    ['a reason that is none', { ...pair, because: 'mistaken' }, 'input.invalid'],
    ['a member that is not known', { ...pair, force: 'yes' }, 'input.invalid'],
  ] as const)('with %s', async (_, input, code) => {
    await expect(twoIds().privacy.consent.merge(input as never)).rejects.toMatchObject({ code })
  })

  it('but not a second time, nor several into one, nor onward once what was merged in is erased', async () => {
    const held = await merged(({ privacy: { consent } }) => consent.deny(denyFrom))
    const { consent } = held.privacy
    const before = await streamOf(held, into)
    held.environment.advance(1_000)
    expect(await consent.merge({ ...pair, because: 'asked' })).toEqual(held.merge)
    expect(await streamOf(held, into)).toEqual(before)
    await consent.merge({ ...pair, from: 'id-3' })
    await held.erase(from)
    await held.erase('id-3')
    await consent.merge({ ...pair, from: into, into: 'id-4' })
    expect(rulesOf(await consent.decide({ ...call, subject: 'id-4' }))).toEqual(['consent.denied'])
  })
})

describe('a merge that is undone', () => {
  it('counts no more, and the consents that it ended do', async () => {
    const held = await merged(async ({ privacy: { consent }, mark }) => {
      await consent.give({ ...denyInto, by: 'link' })
      await consent.deny(denyFrom)
      await mark(({ restrict }) => restrict(from, { request: 'r1' }))
    })
    held.environment.advance(1_000)
    const undone = await held.privacy.consent.unmerge({ ...pair, because: 'mistaken' })
    expect(undone).toEqual({ id: held.merge.id, at: held.environment.now() })
    expect(rulesOf(await held.privacy.consent.decide(message))).toEqual(['consent.given'])
    expect(rulesOf(await held.privacy.consent.decide({ ...message, subject: from }))).toEqual([
      'subject.restricted',
      'consent.denied',
      'consent.missing',
    ])
    await replayed(held)
    // What was another's is not told as this person's.
    expect((await collect(held.privacy.consent.list(into))).map(({ kind }) => kind)).toEqual(['given'])
    await held.privacy.consent.give({ ...denyFrom, by: 'link' })
    await replayed(held)
  })

  it('leaves what was said since about either, and a no about the retired one with both', async () => {
    const held = await merged()
    const { consent } = held.privacy
    await consent.deny(denyFrom)
    await consent.deny({ ...denyInto, purpose: 'market-research' })
    await consent.unmerge(pair)
    const rules = async (subject: string, purpose: 'telemarketing' | 'market-research') =>
      rulesOf(await consent.decide({ subject, purpose, channel: 'phone' }))
    expect(await rules(from, 'telemarketing')).toEqual(['consent.denied'])
    expect(await rules(into, 'telemarketing')).toEqual(['consent.denied'])
    expect(await rules(from, 'market-research')).toEqual(['consent.not-denied'])
    expect(await rules(into, 'market-research')).toEqual(['consent.denied'])
    await replayed(held)
  })

  it('can be made again, and what is carried counts again', async () => {
    const held = await merged(({ privacy: { consent } }) => consent.deny(denyFrom))
    const { consent } = held.privacy
    for (let i = 0; i < 3; i++) {
      await consent.unmerge(pair)
      expect(rulesOf(await consent.decide(call))).toEqual(['consent.not-denied'])
      await consent.merge(pair)
      expect(rulesOf(await consent.decide(call))).toEqual(['consent.denied'])
      await replayed(held)
    }
    // In the other direction nothing goes along that was carried and undone.
    await consent.unmerge(pair)
    await consent.merge({ ...pair, from: into, into: 'id-3' })
    expect(rulesOf(await consent.decide({ ...call, subject: 'id-3' }))).toEqual(['consent.not-denied'])
  })

  it('is not carried onward, though the person said the same at the same moment', async () => {
    const held = twoIds()
    const { consent } = held.privacy
    const own = await consent.deny({ ...denyInto, effectiveAt: day(5) })
    await consent.deny({ ...denyFrom, effectiveAt: day(5), by: 'email' })
    await consent.merge(pair)
    await consent.unmerge(pair)
    await consent.merge({ ...pair, from: into, into: 'id-3' })
    const carried = await collect(consent.list('id-3'))
    expect(carried.map(({ via }) => via)).toMatchObject([{ how: 'carried', event: own.id }])
  })

  it.each([
    ['that was not made', pair],
    ['with another id', { ...pair, into: 'id-3' }],
    ['the other way round', { ...pair, from: into, into: from }],
  ])('is refused where it is one %s', async (_, asked) => {
    const held = asked === pair ? twoIds() : await merged()
    await expect(held.privacy.consent.unmerge(asked)).rejects.toMatchObject({ code: 'conflict.state' })
  })
})

describe('the past', () => {
  /** Denied on the 10th, consented under the other id on the 12th; merged on the 15th, undone on the 20th. */
  async function told() {
    const held = twoIds()
    const { consent } = held.privacy
    held.environment.set(day(10))
    await consent.deny(denyFrom)
    held.environment.set(day(12))
    await consent.give({ ...denyInto, by: 'link' })
    held.environment.set(day(15))
    await consent.merge(pair)
    return held
  }

  it.each([
    [{ at: day(14) }, ['consent.given'], ['consent.denied']],
    [{ asKnownAt: day(14) }, ['consent.given'], ['consent.denied']],
    [{ at: day(9) }, ['consent.not-denied'], ['consent.not-denied']],
    [{ at: day(15) }, ['consent.denied'], ['subject.merged']],
    [{ at: day(18), asKnownAt: day(14) }, ['consent.given'], ['consent.denied']],
    [{ at: day(19) }, ['consent.denied'], ['subject.merged']],
    [{ asKnownAt: day(19) }, ['consent.denied'], ['subject.merged']],
    [{ at: day(21) }, ['consent.given'], ['consent.denied']],
    [{ at: day(21), asKnownAt: day(19) }, ['consent.denied'], ['subject.merged']],
    [{}, ['consent.given'], ['consent.denied']],
  ])('is as it was: %o', async (when, ofInto, ofFrom) => {
    const held = await told()
    held.environment.set(day(20))
    await held.privacy.consent.unmerge(pair)
    held.environment.set(day(23))
    expect(rulesOf(await held.privacy.consent.decide({ ...call, ...when }))).toEqual(ofInto)
    expect(rulesOf(await held.privacy.consent.decide({ ...call, subject: from, ...when }))).toEqual(ofFrom)
  })

  it('is not moved by a letter about the retired id that came since', async () => {
    const held = await told()
    held.environment.set(day(18))
    await held.privacy.consent.deny({ ...denyFrom, purpose: 'market-research', effectiveAt: day(11) })
    const at = async (on: number) =>
      rulesOf(await held.privacy.consent.decide({ ...call, purpose: 'market-research', at: day(on) }))
    expect([await at(14), await at(17), await at(18)]).toEqual([
      ['consent.not-denied'],
      ['consent.not-denied'],
      ['consent.denied'],
    ])
  })
})

describe('what was said already', () => {
  const url = 'https://example.com/leave'
  it.each([
    ['an objection does not say a denial: the request lifts it', 'telemarketing'],
    ['an objection to a wider purpose does not either', 'direct-marketing'],
  ] as const)('%s', async (_, objected) => {
    const held = twoIds()
    const { consent } = held.privacy
    await held.mark(({ object }) => object(into, { request: 'r1', purpose: objected }))
    const { token } = await consent.unsubscribeLink({ subject: into, purpose: 'telemarketing', url })
    await consent.unsubscribe(oneClick(token))
    await consent.signal({ subject: into, headers: { 'sec-gpc': '1' } })
    expect(rulesOf(await consent.decide(call))).toContain('consent.denied')
    await held.mark(({ lift }) => lift(into, { request: 'r1' }))
    expect(rulesOf(await consent.decide({ ...call, necessity: 'legal-claims' }))).toContain('consent.denied')
    expect(rulesOf(await consent.decide(call))).toContain('consent.denied')
  })

  it('a denial of a wide purpose is said anew after a consent to a narrower one', async () => {
    const { privacy } = twoIds()
    const { token } = await privacy.consent.unsubscribeLink({
      subject: into,
      purpose: 'direct-marketing',
      url,
    })
    const leave = () => privacy.consent.unsubscribe(oneClick(token))
    await leave()
    await privacy.consent.give({ ...(denyInto satisfies Statement), by: 'link' })
    expect(rulesOf(await privacy.consent.decide(call))).toEqual(['consent.given'])
    await leave()
    expect(rulesOf(await privacy.consent.decide(call))).toEqual(['consent.denied-broader'])
    await leave()
    expect((await collect(privacy.consent.list(into))).length).toBe(3)
  })
})
