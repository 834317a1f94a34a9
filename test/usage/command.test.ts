import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { generateLog } from '../../src/cli/generate-log.ts'
import { type CliIo, processIo } from '../../src/cli/io.ts'
import { stats } from '../../src/cli/stats.ts'
import { InvalidInput } from '../../src/errors.ts'
import { fixedEnvironment } from '../../src/testing/environment.ts'
import { statisticsParser } from '../../src/usage/model.ts'

const folder = mkdtempSync(join(tmpdir(), 'stats-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

const log = Buffer.concat([...generateLog({ lines: 3_100, days: 2 })])
writeFileSync(at('a.log'), log)
writeFileSync(at('a.log.gz'), gzipSync(log))
writeFileSync(at('half.gz'), gzipSync(log).subarray(0, 5_000))
writeFileSync(
  at('two.gz'),
  Buffer.concat([gzipSync(log.subarray(0, 50_000)), gzipSync(log.subarray(50_000))]),
)
writeFileSync(at('no-newline.log'), log.subarray(0, -1))
writeFileSync(at('empty.log'), '')
writeFileSync(at('policy.json'), '{}')

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

/** Runs the command in this process on real files. */
async function run(
  argv: string[],
  given: { stdin?: Uint8Array; size?: number; terminal?: boolean; columns?: number } = {},
) {
  const said = { out: '', err: '' }
  const io: CliIo = {
    ...processIo(),
    stdin: chunked(given.stdin ?? new Uint8Array(0), given.size ?? 1_000),
    stdout: (text) => {
      said.out += text
    },
    stderr: (text) => {
      said.err += text
    },
    isTerminal: given.terminal ?? false,
    columns: given.columns ?? 80,
    environment: fixedEnvironment({ at: '2026-06-01T00:00:00.000Z', seed: 2 }),
  }
  return { code: await stats(argv, io), ...said }
}

const figures = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^ *([a-z ]+?) {2,}(.+)$/gm)].map(([, name, value]) => [name, value]))

describe('pilvi-privacy stats', () => {
  it('reads a file, writes the report and the JSON, and says what it read', async () => {
    const { code, out, err } = await run([
      at('a.log'),
      '--out',
      at('r.html'),
      '--json',
      at('r.json'),
      '--site',
      'www.example.com',
    ])
    expect([code, err]).toEqual([0, ''])
    expect(figures(out)).toMatchObject({
      'lines read': '3,100',
      counted: '3,094',
      rejected: '6',
      'days published': expect.stringMatching(/^\d, 2026-01-05 to 2026-01-0\d$/),
      'groups published': expect.stringMatching(/^\d+, each of at least 10 sessions$/),
    })
    expect(out).toMatch(/ (agent|referrer|time|host|empty) +\d+, first on line [\d,]+/)
    const json = JSON.parse(await readFile(at('r.json'), 'utf8'))
    expect(statisticsParser.parse(json)).toEqual(json)
    expect(json.publications.length).toBeGreaterThan(0)
    expect(await readFile(at('r.html'), 'utf8')).toContain('<html lang="en">')
  })

  it.each([
    ['plain', [at('a.log')], undefined, 3_100],
    ['compressed', [at('a.log.gz')], undefined, 3_100],
    ['compressed in two members', [at('two.gz')], undefined, 3_100],
    ['from standard input', [], log, 3_100],
    ['from standard input, compressed', ['-'], gzipSync(log), 3_100],
    ['several, one without a final newline', [at('no-newline.log'), at('a.log.gz')], undefined, 6_200],
    ['a file and standard input', [at('a.log'), '-'], log, 6_200],
    ['empty', [at('empty.log')], undefined, 0],
  ])('counts the same lines: %s', async (_, argv, stdin, lines) => {
    const { out } = await run(argv, stdin === undefined ? {} : { stdin })
    expect(figures(out)['lines read']).toBe(lines.toLocaleString('en-GB'))
    expect(figures(out)['counted']).toBe((lines - (lines / 3_100) * 6).toLocaleString('en-GB'))
  })

  it('recognises gzip that arrives byte by byte', async () => {
    const { out } = await run([], { stdin: gzipSync(log), size: 1 })
    expect(figures(out)['lines read']).toBe('3,100')
  })

  it('writes the report in Finnish with a title of its own', async () => {
    await run([at('a.log'), '--lang', 'fi', '--title', 'Oma & otsikko', '--out', at('fi.html')])
    const html = await readFile(at('fi.html'), 'utf8')
    expect(html).toContain('<html lang="fi">')
    expect(html).toContain('<h1>Oma &amp; otsikko</h1>')
  })

  it('names the days that are still open', async () => {
    const today = Buffer.concat([
      ...generateLog({ lines: 200, from: '2026-06-01', days: 1, malformedEvery: 0 }),
    ])
    const { out } = await run([], { stdin: today })
    expect(figures(out)).toMatchObject({
      'days published': '0',
      'days still open': expect.stringContaining('2026-06-01'),
    })
  })

  it('shows progress on a terminal only, and clears it', async () => {
    const { err } = await run([at('a.log')], { terminal: true })
    expect(err).toMatch(/^\r +\d+ % █+░+\r.*\r100 % █+\r/)
    expect(err.endsWith(`\r${' '.repeat(60)}\r`)).toBe(true)
    expect((await run([], { stdin: log, terminal: true })).err).toMatch(/^\r0 MB/)
    expect((await run([at('a.log')], { terminal: true, columns: 10 })).err).toMatch(/\r100 %\r/)
  })

  it('clears the progress when reading fails', async () => {
    const said: string[] = []
    const io = { ...processIo(), stderr: (text: string) => void said.push(text), isTerminal: true }
    await expect(stats([at('half.gz')], io)).rejects.toThrow(InvalidInput)
    expect(said.at(-1)).toMatch(/^\r +\r$/)
  })

  it('helps', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/^Usage: pilvi-privacy stats/)
    for (const text of out.split('\n')) expect(text.length).toBeLessThan(100)
  })

  it.each([
    ['an option that is not known', ['--nonsense'], /'--nonsense'/],
    ['an option without its value', ['--out'], /--out/],
    ['a language it has not', ['--lang', 'sv'], /--lang/],
    ['a site that is none', ['--site', 'http://x'], /sites\[0\]/],
    ['a file that is not there', [at('a.log'), at('absent.log')], /^FILE 2 cannot be read \(ENOENT\)$/],
    ['a folder', [folder], /^FILE 1 cannot be read \(EISDIR\)$/],
    ['half a gzip file', [at('half.gz')], /^FILE 1 is not a whole gzip file$/],
    ['standard input twice', ['-', '-'], /once only/],
    [
      'an output that cannot be written',
      [at('a.log'), '--out', at('absent/r.html')],
      /^--out cannot be written \(ENOENT\)$/,
    ],
    ['a policy that is none', [at('a.log'), '--policy', at('policy.json')], /./],
    ['a policy that is not there', [at('a.log'), '--policy', at('absent.json')], /^--policy cannot be read/],
  ])('refuses %s', async (_, argv, message) => {
    await expect(run(argv)).rejects.toThrow(InvalidInput)
    await expect(run(argv)).rejects.toThrow(message)
    // A path can hold a name: messages call files by their place.
    await expect(run(argv)).rejects.not.toThrow(folder)
  })
})

it('the real process says whether it is a terminal and writes where it should', () => {
  const io = processIo()
  expect(typeof io.isTerminal).toBe('boolean')
  expect(io.columns).toBeGreaterThan(0)
  io.stdout('')
  io.stderr('')
})
