import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateLog } from '../../src/cli/generate-log.ts'
import { InvalidInput } from '../../src/errors.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { fixedEnvironment } from '../../src/testing/environment.ts'
import type { UsagePolicy } from '../../src/usage/model.ts'
import { statistics } from '../../src/usage/statistics.ts'
import { line, usagePolicy } from './visits.ts'

const encoder = new TextEncoder()
const environment = () => fixedEnvironment({ at: '2026-06-01T12:00:00.000Z', seed: 4 })

const of = (lines: readonly string[], policy: UsagePolicy = usagePolicy()) =>
  statistics({
    chunks: [encoder.encode(lines.map((each) => `${each}\n`).join(''))],
    policy,
    environment: environment(),
  })

/** One line of so many visitors. */
const visitors = (count: number, given: Parameters<typeof line>[0] = {}): string[] =>
  Array.from({ length: count }, (_, i) => line({ ...given, host: `198.51.100.${i + 1}` }))

describe('statistics of a log', () => {
  it('publish the groups of at least k sessions of each closed day', async () => {
    const { statistics: made } = await of([
      ...visitors(3, { referrer: 'https://www.example.org/' }),
      ...visitors(2, { referrer: 'https://www.example.net/' }),
      ...visitors(4, { at: '2026-01-06T23:00:00Z' }),
    ])
    expect(made.publications.map(({ day, cells }) => [day, cells])).toEqual([
      ['2026-01-05', [{ hour: 12, source: 'example.org', visits: 3, sessions: 3 }]],
      ['2026-01-06', [{ hour: 23, source: 'direct', visits: 4, sessions: 4 }]],
    ])
  })

  it('leave out a day that has not closed, and say so to the operator only', async () => {
    const { statistics: made, openDays, lines } = await of(visitors(5, { at: '2026-06-01T11:00:00Z' }))
    expect([made.publications, openDays, lines.counted]).toEqual([[], ['2026-06-01'], 5])
  })

  it('do not tell of a day on which no group was large enough', async () => {
    const { statistics: made } = await of(visitors(2))
    expect(JSON.stringify(made)).not.toContain('2026-01-05')
  })

  it('count days and hours on the wall clock of the policy', async () => {
    const made = await of(
      visitors(3, { at: '2026-01-05T22:30:00Z' }),
      usagePolicy({ timeZone: 'Europe/Helsinki' }),
    )
    expect(made.statistics.publications[0]).toMatchObject({ day: '2026-01-06', cells: [{ hour: 0 }] })
  })

  it('count each line once, as counted or as rejected, and name rejected lines by number', async () => {
    const { lines } = await of([...visitors(2), '', 'garbage', line().slice(0, -1), line()])
    expect(lines).toMatchObject({
      read: 6,
      counted: 3,
      rejected: { empty: 1, host: 1, agent: 1, 'too-long': 0 },
      rejectedLines: [
        { line: 3, reason: 'empty' },
        { line: 4, reason: 'host' },
        { line: 5, reason: 'agent' },
      ],
    })
  })

  it('keep to the sum whatever the bytes and chunks', async () => {
    const pieces = fc.oneof(
      fc.constant(`${line()}\n`),
      fc.constant(line()),
      fc.constant('\n'),
      fc.constant('x'.repeat(70_000)),
      fc.string({ unit: 'binary', maxLength: 30 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 20 }), async (list) => {
        const bytes = encoder.encode(list.join(''))
        const { lines } = await statistics({
          chunks: list.map((piece) => encoder.encode(piece)),
          policy: usagePolicy(),
          environment: environment(),
        })
        const newlines = bytes.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0)
        expect(lines.read).toBe(newlines + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0))
        const rejected = Object.values(lines.rejected).reduce((sum, count) => sum + count, 0)
        expect(lines.counted + rejected).toBe(lines.read)
      }),
      { numRuns: 60 },
    )
  })

  it('remember no more than 1,000 rejected lines', async () => {
    const { lines } = await of(Array.from({ length: 1_500 }, () => 'garbage'))
    expect([lines.rejected.host, lines.rejectedLines.length, lines.rejectedLines.at(-1)?.line]).toEqual([
      1_500, 1_000, 1_000,
    ])
  })

  it('are the same bytes for the same seed, and draw chance from the environment only', async () => {
    const log = [...generateLog({ lines: 3_000, days: 2 })]
    const run = async (seed: number) =>
      JSON.stringify(
        await statistics({
          chunks: log,
          policy: pilviPolicy,
          environment: fixedEnvironment({ at: '2026-06-01T00:00:00.000Z', seed }),
        }),
      )
    expect(await run(1)).toBe(await run(1))
    expect(await run(1)).not.toBe(await run(2))
  })

  it('take a log in chunks that arrive over time, and the real clock', async () => {
    async function* chunks() {
      for (const each of visitors(3)) yield encoder.encode(`${each}\n`)
    }
    const made = await statistics({ chunks: chunks(), policy: usagePolicy(), sites: ['www.example.com'] })
    expect(made.statistics.publications).toHaveLength(1)
  })

  it.each([
    ['no options', undefined, 'options'],
    ['no log', { policy: usagePolicy() }, 'options.chunks'],
    ['a log that is one text', { chunks: 'x', policy: usagePolicy() }, 'options.chunks'],
    ['no policy', { chunks: [], policy: null }, 'options.policy'],
    ['a policy without publications', { chunks: [], policy: {} }, 'options.policy.publications'],
  ])('refuse %s, and name the path', async (_, options, path) => {
    await expect(statistics(options as never)).rejects.toThrow(
      expect.objectContaining({ code: 'input.invalid', path }),
    )
  })

  it('refuse a policy without a safe base table, an unknown zone and a site that is none', async () => {
    await expect(of([], usagePolicy({ k: 1 }))).rejects.toThrow(InvalidInput)
    await expect(of([], usagePolicy({ timeZone: 'Nowhere' }))).rejects.toThrow(InvalidInput)
    await expect(statistics({ chunks: [], policy: usagePolicy(), sites: ['http://x'] })).rejects.toThrow(
      InvalidInput,
    )
  })

  it('publish nothing that the guard stops: here a dimension that the tally does not know', async () => {
    const dimensions = ['hour', 'minute'] as unknown as readonly ['hour']
    await expect(of(visitors(3), usagePolicy({ dimensions }))).rejects.toThrow(
      expect.objectContaining({ code: 'guard.tripped' }),
    )
  })

  it('read a hostile log without a throw, in memory that stays bounded', async () => {
    const hostile = ['"', '\\', '[', '\\"', '\0', ' ', ':'].map((unit) => unit.repeat(64_000 / unit.length))
    const { lines } = await of(Array.from({ length: 20 }, () => hostile).flat())
    expect([lines.read, lines.counted]).toEqual([140, 0])
  })
})

it('a generated log is the same for the same seed and has lines as asked', async () => {
  const bytes = (seed: number): string => Buffer.concat([...generateLog({ lines: 5_000, seed })]).toString()
  expect(bytes(1)).toBe(bytes(1))
  expect(bytes(1)).not.toBe(bytes(2))
  expect(bytes(1).split('\n')).toHaveLength(5_001)
  const { lines } = await statistics({ chunks: generateLog({ lines: 5_000 }), policy: pilviPolicy })
  expect([lines.read, lines.counted]).toEqual([5_000, 4_990])
  const whole = await statistics({
    chunks: generateLog({ lines: 500, malformedEvery: 0 }),
    policy: pilviPolicy,
  })
  expect(whole.lines.counted).toBe(500)
  expect([...generateLog({ lines: 0 })]).toEqual([])
})

it('a generated log names nobody: documentation addresses and example hosts only', () => {
  const text = Buffer.concat([...generateLog({ lines: 20_000, malformedEvery: 0 })]).toString()
  const hosts = new Set(
    text
      .split('\n')
      .slice(0, -1)
      .map((each) => each.slice(0, each.indexOf(' '))),
  )
  for (const host of hosts) {
    expect(host).toMatch(/^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$|^2001:db8:|\.example\.(net|org)$/)
  }
  for (const [, host] of text.matchAll(/https?:\/\/([^/"]+)/g)) {
    expect(host).toMatch(/(^|\.)example\.(com|net|org)$|^intranet$|^printer\.local$|^198\.51\.100\.7$/)
  }
})
