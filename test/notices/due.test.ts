import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markingsOf } from '../consent/marking.ts'
import { refusal } from '../keys/scene.ts'
import { by, collect, ids, next, policy, scene } from './scene.ts'

async function published(...given: Parameters<typeof scene>) {
  const made = scene(...given)
  await made.policies.publish(by)
  return made
}

describe('who is to be told of a version', () => {
  it('is everybody in the register who was neither told nor shown it and has not accepted it', async () => {
    const { notices, enrol, due } = await published()
    await enrol(['a', 'b', 'c', 'd'])
    expect(await due()).toEqual([['a', 'b', 'c', 'd']])
    await notices.shown({ subject: 'a', channel: 'screen' })
    await notices.told({ subject: 'b', channel: 'phone' })
    await notices.accepted({ subject: 'c', channel: 'screen', by: 'use' })
    expect(await due()).toEqual([['d']])
    await notices.told({ subject: 'd', channel: 'phone' })
    expect(await due()).toEqual([])
  })

  it('is asked of each version anew: who was told of the last one is due for the next', async () => {
    const first = await published()
    await first.enrol(['a'])
    await first.notices.told({ subject: 'a', channel: 'post' })
    const later = await published({ backing: first.backing, policy: next, seed: 2 })
    expect(await later.due()).toEqual([['a']])
    expect(await later.due({ version: '1' })).toEqual([])
    expect(await first.due({ version: '2' })).toEqual([['a']])
  })

  it('is nobody who was erased, though something of them had to be kept', async () => {
    const { enrol, erase, due, backing } = await published()
    await enrol(['a', 'b'])
    await erase('a')
    expect([...(backing.records.get('register')?.rows.keys() ?? [])]).toContain('pilvi/a/customer')
    expect(await due()).toEqual([['b']])
  })

  it('is whoever denied marketing or has restricted the use of their data as well: being informed is their right', async () => {
    const made = await published()
    const { enrol, due, privacy, notices, sent } = made
    await enrol(['a', 'b'])
    await privacy.consent.deny({ subject: 'a', purpose: 'marketing', by: 'link' })
    await markingsOf(made, policy).mark((markings) => markings.restrict('b', { request: 'r-1' }))
    const may = await privacy.consent.decide({ subject: 'b', purpose: 'delivery' })
    expect(may).toMatchObject({ outcome: 'deny', because: [{ rule: 'subject.restricted' }] })
    expect(await due()).toEqual([['a', 'b']])
    await notices.send({ channel: 'post' })
    expect(sent.map(({ subject }) => subject)).toEqual(['a', 'b'])
  })

  it('is told of groups, each person once', async () => {
    const { enrol, due, notices, privacy } = await published()
    await enrol(['a', 'b'], 'customer')
    await enrol(['b', 'c'], 'member')
    expect(await due()).toEqual([['a', 'b', 'c']])
    expect(await due({ groups: ['member'] })).toEqual([['b', 'c']])
    await privacy.tenant('customer-1').register.save({
      ...{ group: 'guest', subject: 'g', origin: 'subject' },
      fields: { name: 'N. N.', email: 'n@example.com' },
    })
    expect(await due()).toEqual([['a', 'b', 'c']])
    const [theirs] = await collect(privacy.tenant('customer-1').notices.due())
    expect(theirs?.subjects).toEqual(['g'])
    for (const group of ['guest', 'nobody', 'constructor'])
      expect(await refusal(collect(notices.due({ groups: ['member', group] })))).toMatchObject({
        code: 'input.not-in-policy',
        path: 'due.groups[1]',
      })
  })

  it('is told of a published version only, and of sound input', async () => {
    const { notices } = scene()
    expect(await refusal(collect(notices.due()))).toMatchObject({ code: 'record.missing' })
    for (const wrong of [{ groups: [] }, { after: '' }, { version: 2 }, { limit: 1 }])
      expect(await refusal(collect(notices.due(wrong as never)))).toMatchObject({ code: 'input.invalid' })
  })

  it('comes in batches of at most a hundred, and goes on from where one ended', async () => {
    const { enrol, due, notices } = await published()
    const all = ids(230)
    await enrol(all)
    const batches = await collect(notices.due())
    expect(batches.map(({ subjects }) => subjects.length)).toEqual([100, 100, 30])
    const after = batches[0]?.after ?? ''
    // Whoever was before it is not asked for again, told or not.
    expect((await due({ after })).flat()).toEqual(all.slice(100))
    expect(await due({ after: batches[2]?.after ?? '' })).toEqual([])
  }, 30_000)

  it('is, whatever people are called, everybody once, from any place on', async () => {
    const id = fc.oneof(
      fc.constantFrom('a', 'a-b', 'a/b', 'a%2Fb', 'a~', '~', 'ä', 'a b', 'A', 'a/', 'customer', 'a/customer'),
      fc.string({
        minLength: 1,
        maxLength: 3,
        unit: fc.constantFrom('a', '/', '%', '~', '-', '0', 'é', '😀'),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 12 }), fc.func(fc.boolean()), async (all, isTold) => {
        const { enrol, due, notices } = await published()
        await enrol(all)
        await enrol(all.slice(3), 'member')
        const told = all.filter((subject) => isTold(subject))
        for (const subject of told) await notices.told({ subject, channel: 'post' })
        const expected = all.filter((subject) => !told.includes(subject))
        const found = (await due()).flat()
        expect([...found].sort()).toEqual([...expected].sort())
        for (const [n, after] of found.entries())
          expect((await due({ after })).flat()).toEqual(found.slice(n + 1))
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
