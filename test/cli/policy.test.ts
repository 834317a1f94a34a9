import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diffPolicy, type Finding, type Instant, type Policy } from '@pilvi/privacy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { contradictionRules } from '../../src/policy/lint/contradictions.ts'
import { trips } from '../policy/lint-trips.ts'
import { sound, soundOn, spoilt, the } from '../policy/sound.ts'
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

describe('pilvi-privacy policy diff', () => {
  async function diff(after: Policy, argv: readonly string[] = []) {
    const files = ['old.json', 'new.json'].map((name) => join(dir, name))
    const [old = '', now = ''] = files
    await writeFile(old, JSON.stringify(sound))
    await writeFile(now, JSON.stringify(after))
    const io = testIo()
    const code = await main(['policy', 'diff', ...files, ...argv], io)
    return { code, out: io.out.join(''), err: io.err.join('') }
  }
  const narrowed = spoilt((p) => {
    p.version = '2'
    delete p.purposes['surveys']
    p.recipients['surveyor'] = { ...the(p.recipients, 'surveyor'), purposes: ['delivery'] }
  })
  const widened = spoilt((p) => the(p.purposes, 'surveys').categories.push('log'))

  it('says nothing of what says the same', async () => {
    expect(await diff(sound)).toEqual({ code: 0, err: '', out: '0 for, 0 against, 0 unclear\n' })
  })

  it('says what changed, for or against whom and where', async () => {
    const { code, out } = await diff(narrowed)
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      'unclear version [change.version]',
      '        This is version 2, in effect from 1 January 2026; it follows version 1.',
      'for     purposes.surveys [change.purpose-removed]',
      '        Data are no longer used for this purpose: Surveys.',
      'against recipients.surveyor.purposes [change.recipient-widened]',
      '        Survey company may now receive more, or for more purposes, or on more grounds: Delivery.',
      'for     recipients.surveyor.purposes [change.recipient-narrowed]',
      '        Survey company may now receive less, or for fewer purposes, or on fewer grounds; no longer: Surveys.',
      '2 for, 1 against, 1 unclear',
      '',
    ])
  })

  it('ends with 1 where consent must be asked for anew', async () => {
    const { code, out } = await diff(widened)
    expect([code, out.split('\n')[0]]).toEqual([
      1,
      'against purposes.surveys.categories [change.purpose-widened] needs consent anew',
    ])
  })

  it('speaks Finnish, and refuses to where the policy does not', async () => {
    expect((await diff(widened, ['--lang', 'fi'])).out).toContain(
      'käytetään nyt myös näitä tietoja: Käyttöloki.',
    )
    const english = { ...sound, languages: ['en'] as const, title: { en: 'Notice' } }
    const renamed = spoilt((p) => {
      the(p.purposes, 'surveys').label = { en: 'Research' }
    }, english)
    const { code, err, out } = await diff(renamed, ['--lang', 'fi'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe('pilvi-privacy: purposes.surveys.label is not in the language fi\n')
  })

  it('gives the changes as JSON, in every language', async () => {
    const { code, out } = await diff(widened, ['--json'])
    expect([code, JSON.parse(out)]).toEqual([1, diffPolicy(sound, widened)])
  })

  it.each([
    ['no act', ['policy']],
    ['an act that there is not', ['policy', 'merge', 'a.json']],
    ['one file to diff', ['policy', 'diff', 'a.json']],
    ['three', ['policy', 'diff', 'a.json', 'b.json', 'c.json']],
    ['two to lint', ['policy', 'lint', 'a.json', 'b.json']],
    ['a language that there is not', ['policy', 'diff', 'a.json', 'b.json', '--lang', 'sv']],
  ])('refuses %s', async (_, argv) => {
    const io = testIo()
    expect(await main([...argv], io)).toBe(2)
    expect(io.out).toEqual([])
  })

  it('refuses a file that is no policy', async () => {
    const { code, err } = await diff({ ...sound, surprise: 1 } as Policy)
    expect([code, err]).toEqual([2, 'pilvi-privacy: surprise is not a member that a policy has there\n'])
  })
})
