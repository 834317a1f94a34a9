import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding, Instant, Policy } from '@pilvi/privacy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { contradictionRules } from '../../src/policy/lint/contradictions.ts'
import { trips } from '../policy/lint-trips.ts'
import { sound, soundOn, spoilt } from '../policy/sound.ts'
import { testIo } from './io.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pilvi-cli-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Lints a policy as the command does with a file; the clock says `at`. */
async function lint(policy: Policy, { on, at }: { on?: string; at?: Instant }) {
  const file = join(dir, 'policy.json')
  await writeFile(file, JSON.stringify(policy))
  const io = testIo(at === undefined ? {} : { at })
  const argv = ['policy', 'lint', file, '--json', ...(on === undefined ? [] : ['--on', on])]
  const code = await main(argv, io)
  return { code, err: io.err.join(''), findings: JSON.parse(io.out.join('') || '[]') as Finding[] }
}

describe('pilvi-privacy policy lint', () => {
  const cases = Object.entries(trips).flatMap(([rule, all]) => all.map((trip) => ({ rule, ...trip })))

  it.each(cases)('reports $rule of a file at $path', async ({ rule, path, spoil, on = soundOn }) => {
    const { code, err, findings } = await lint(spoilt(spoil), { on })
    expect(err).toBe('')
    expect(findings).toContainEqual(expect.objectContaining({ rule, path }))
    expect(code).toBe(findings.some(({ severity }) => severity === 'error') ? 1 : 0)
  })

  it('reports every contradiction of a file at once, not the first of them', async () => {
    const first = contradictionRules.flatMap(({ id }) => trips[id]?.slice(0, 1) ?? [])
    const policy = spoilt((p) => {
      for (const { spoil } of first) spoil(p)
    })
    const { findings } = await lint(policy, { on: soundOn })
    const found = new Set(findings.map(({ rule }) => rule))
    expect(contradictionRules.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([])
  })

  it('refuses what has not the shape of a policy, naming the place', async () => {
    const { code, err } = await lint({ ...sound, surprise: 1 } as Policy, { on: soundOn })
    expect([code, err]).toEqual([2, 'pilvi-privacy: surprise is not a member that a policy has there\n'])
  })

  const due = spoilt((p) => {
    p.reviewBy = '2026-11-23'
  })
  const stale = async (policy: Policy, at: Instant) =>
    (await lint(policy, { at })).findings.some(({ rule }) => rule === 'policy.version-stale')

  it('judges by the day it is where the policy holds', async () => {
    expect(await stale(due, '2026-11-23T21:59:59.999Z')).toBe(false)
    expect(await stale(due, '2026-11-23T22:00:00.000Z')).toBe(true)
    expect(await stale({ ...due, timeZone: 'America/New_York' }, '2026-11-24T04:59:59.999Z')).toBe(false)
    expect(await stale({ ...due, timeZone: 'Mars/Olympus' }, '2026-11-23T23:59:59.999Z')).toBe(false)
    expect(await stale({ ...due, timeZone: 'Mars/Olympus' }, '2026-11-24T00:00:00.000Z')).toBe(true)
  })
})

describe('pilvi-privacy policy render', () => {
  it('refuses a policy that contradicts itself: what it says could not be enforced', async () => {
    const file = join(dir, 'contradicting.json')
    const policy = spoilt((p) => {
      p.publications.rawHours = 24
    })
    await writeFile(file, JSON.stringify(policy))
    const io = testIo()
    expect(await main(['policy', 'render', file], io)).toBe(2)
    expect(io.err.join('')).toBe('pilvi-privacy: retention.log.keep is not what publications.rawHours says\n')
    expect(io.out).toEqual([])
  })
})
