import { createHash } from 'node:crypto'
import { parsePolicy, policyDigest } from '@pilvi/privacy'
import { memoryBacking } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { refusal } from '../keys/scene.ts'
import { by, collect, next, policy, scene, startedAt } from './scene.ts'

/** RFC 8785 of what a policy is made of: text, numbers, booleans, lists and members in order of their names. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  )
}

const reworded = parsePolicy({ ...policy, title: { en: 'Privacy policy', fi: 'Tietosuojakäytäntö' } })

describe('the digest of a policy', () => {
  it('is the SHA-256 of its canonical form, whatever the order of its members', () => {
    const expected = createHash('sha256')
      .update(JSON.stringify(sorted(policy)))
      .digest('hex')
    expect(policyDigest(policy)).toBe(expected)
    expect(policyDigest(parsePolicy(Object.fromEntries(Object.entries(policy).reverse())))).toBe(expected)
    expect(policyDigest(reworded)).not.toBe(expected)
  })
})

describe('a version of the policy', () => {
  it('is kept whole, under its digest, with who published it and when', async () => {
    const { policies } = scene()
    const digest = policyDigest(policy)
    const version = {
      policyId: 'sound',
      version: '1',
      digest,
      date: '2026-01-01',
      publishedAt: startedAt,
      ...by,
    }
    expect(await policies.find(digest)).toBeNull()
    expect(await policies.publish(by)).toEqual({ ...version, policy })
    expect(await policies.find(digest)).toEqual({ ...version, policy })
    expect(parsePolicy((await policies.find(digest))?.policy)).toEqual(policy)
  })

  it('is published once, however often and by however many', async () => {
    const backing = memoryBacking()
    const processes = [1, 2, 3].map((seed) => scene({ backing, seed }))
    processes[2]?.environment.advance(1000)
    const published = await Promise.all(
      processes.map(({ policies }, n) => policies.publish({ operator: `agent-${n}` })),
    )
    expect(new Set(published.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(await processes[0]?.acts('policies.')).toEqual(['policies.published'])
  })

  it('is refused with another content, and what was published stays', async () => {
    const backing = memoryBacking()
    const first = await scene({ backing }).policies.publish(by)
    const { policies } = scene({ backing, seed: 2, policy: reworded })
    expect(await refusal(policies.publish(by))).toMatchObject({
      code: 'conflict.state',
      record: first.digest,
    })
    expect(await collect(policies.list())).toEqual([first])
  })

  it('is listed with the others of its policy, in the order of their dates', async () => {
    const backing = memoryBacking()
    const versions = [
      next,
      { ...policy, version: '0', date: '2025-01-01' },
      policy,
      { ...policy, id: 'other' },
    ]
    for (const [seed, each] of versions.entries())
      await scene({ backing, seed, policy: parsePolicy(each) }).policies.publish(by)
    const listed = await collect(scene({ backing }).policies.list())
    expect(listed.map(({ version }) => version)).toEqual(['0', '1', '2'])
  })

  it('names the version in what is recorded of consents by its content', async () => {
    const { privacy, policies } = scene()
    const { digest } = await policies.publish(by)
    const { policyDigest: named } = await privacy.consent.give({
      subject: 'a',
      purpose: 'surveys',
      by: 'link',
    })
    expect(named).toBe(digest)
  })

  it('whose content was changed in the store is not shown to anybody', async () => {
    const { policies, backing } = scene()
    const { digest } = await policies.publish(by)
    const [row] = [...(backing.records.get('policies')?.rows.values() ?? [])]
    if (!row) throw new Error('nothing was published')
    Object.assign(row, { json: row.json.replace('Privacy notice', 'Privacy no-tice') })
    expect(await refusal(policies.find(digest))).toMatchObject({ code: 'record.corrupt' })
    expect(await refusal(collect(policies.list()))).toMatchObject({ code: 'record.corrupt' })
    expect(
      await refusal(scene({ backing }).notices.shown({ subject: 'a', channel: 'screen' })),
    ).toMatchObject({
      code: 'record.corrupt',
    })
  })

  it('that does not fit a record is refused', async () => {
    const long = { en: 'x'.repeat(9_000) }
    const passages = Array.from({ length: 120 }, () => ({
      heading: { en: 'More' },
      text: long,
      clause: 'More',
    }))
    const { policies } = scene({ policy: parsePolicy({ ...policy, languages: ['en'], passages }) })
    expect(await refusal(policies.publish(by))).toMatchObject({ code: 'input.too-large', path: 'policy' })
  })

  it.each([
    ['publish', (all: ReturnType<typeof scene>) => all.policies.publish({} as never)],
    ['publish', (all: ReturnType<typeof scene>) => all.policies.publish({ operator: '' })],
    ['find', (all: ReturnType<typeof scene>) => all.policies.find('')],
    ['find', (all: ReturnType<typeof scene>) => all.policies.find({ $ne: 1 } as never)],
  ])('%s refuses what is no input', async (_, call) => {
    expect(await refusal(call(scene()))).toMatchObject({ code: 'input.invalid' })
  })
})

describe('the name of the present version, published with another content', () => {
  it('is no version that anybody was shown: nothing is recorded, listed or sent', async () => {
    const one = scene()
    await one.policies.publish(by)
    await one.enrol(['p1'])
    const two = scene({ backing: one.backing, seed: 2, policy: reworded })
    const notice = { subject: 'p1', channel: 'screen' } as const
    const state = expect.objectContaining({ name: 'Conflict', code: 'conflict.state' })
    for (const named of [{}, { version: policy.version }]) {
      await expect(two.notices.shown({ ...notice, ...named })).rejects.toThrow(state)
      await expect(two.notices.told({ ...notice, ...named })).rejects.toThrow(state)
      await expect(two.notices.accepted({ ...notice, ...named, by: 'use' })).rejects.toThrow(state)
      await expect(two.notices.send({ channel: 'email', ...named })).rejects.toThrow(state)
      await expect(collect(two.notices.due(named))).rejects.toThrow(state)
    }
    expect(await collect(one.notices.list('p1'))).toEqual([])
    expect((await one.notices.shown(notice)).digest).toBe(policyDigest(policy))
  })
})
