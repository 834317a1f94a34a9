import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Conflict,
  IntegrityFailure,
  InvalidInput,
  NotAuthorised,
  NotFound,
  StoreFailure,
} from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodes, main } from '../../src/cli/main.ts'
import { testIo } from './io.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pilvi-cli-'))
  await writeFile(join(dir, 'policy.json'), JSON.stringify(pilviPolicy))
  await writeFile(join(dir, 'policy.mjs'), `export const policy = ${JSON.stringify(pilviPolicy)}`)
  await writeFile(join(dir, 'default.mjs'), `export default ${JSON.stringify(pilviPolicy)}`)
  await writeFile(join(dir, 'broken.json'), '{')
  await writeFile(join(dir, 'broken.mjs'), 'export default {')
  await writeFile(join(dir, 'empty.json'), '{}')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function run(...argv: string[]) {
  const io = testIo()
  const code = await main(argv, io)
  return { code, out: io.out.join(''), err: io.err.join(''), files: io.files }
}

describe('pilvi-privacy', () => {
  it('explains itself, and each command does', async () => {
    for (const argv of [
      [],
      ['--help'],
      ['help'],
      ['stats', '--help'],
      ['policy', '--help'],
      ['demo', '--help'],
    ]) {
      const { code, out, err } = await run(...argv)
      expect([argv, code, err]).toEqual([argv, 0, ''])
      expect(out).toMatch(/^Usage: pilvi-privacy/)
      expect(out.split('\n').every((line) => line.length <= 100)).toBe(true)
    }
  })

  const wrong: [argv: string[], says: RegExp][] = [
    [['nonsense'], /no such command/],
    [['constructor'], /no such command/],
    [['policy'], /lint or render/],
    [['policy', 'lint'], /one FILE/],
    [['policy', 'lint', 'a', 'b'], /one FILE/],
    [['policy', 'lint', '/no/such/file.json'], /FILE cannot be read/],
    [['policy', 'lint', '/no/such/file.mjs'], /FILE cannot be loaded/],
    [['policy', 'render', 'POLICY', '--format', 'pdf'], /--format/],
    [['policy', 'render', 'POLICY', '--lang', 'sv'], /--lang/],
    [['policy', 'lint', 'POLICY', '--on', 'banana'], /on must be a date/],
    [['policy', 'lint', 'POLICY', '--on', '2026-13-45'], /on must be a date/],
    [['policy', 'lint', '--nonsense'], /Unknown option/],
    [['demo', 'x'], /options only/],
    [['demo', '--lang', 'sv'], /--lang/],
    [['demo', '--log', '/no/such/file.log'], /--log cannot be read/],
    [['stats', '/no/such/file.log'], /FILE 1 cannot be read/],
  ]
  for (const [argv, says] of wrong) {
    it(`refuses ${argv.join(' ')} in one line, with exit code 2`, async () => {
      const given = argv.map((word) => (word === 'POLICY' ? join(dir, 'policy.json') : word))
      const { code, err } = await run(...(given[0] === 'demo' ? [...given, '--out', dir] : given))
      expect(code).toBe(2)
      expect(err).toMatch(says)
      expect(err).toMatch(/^pilvi-privacy: [^\n]*\n$/)
      expect(err).not.toMatch(/\bat .*:\d+/)
    })
  }

  it('has an exit code for every class of error', () => {
    expect(exitCodes).toEqual([
      [InvalidInput, 2],
      [NotAuthorised, 3],
      [NotFound, 4],
      [Conflict, 5],
      [StoreFailure, 6],
      [IntegrityFailure, 7],
    ])
  })

  it('tells of a foreign error its name only, for its message could hold data', async () => {
    const io = {
      ...testIo(),
      readFile: () => {
        throw new TypeError('person@example.com')
      },
    }
    expect(await main(['stats', 'x.log'], io)).toBe(70)
    expect(io.err.join('')).toBe('pilvi-privacy: something went wrong that should not (TypeError)\n')
  })
})

describe('pilvi-privacy policy', () => {
  it('lints a policy, by the law of a day', async () => {
    const { code, out } = await run('policy', 'lint', join(dir, 'policy.json'))
    expect(code).toBe(1)
    expect(out).toMatch(/names privacy-shield, which has been invalid since 2020-07-16/)
    expect(out).toMatch(/\d+ errors, \d+ warnings, \d+ notes\n$/)
    const early = await run('policy', 'lint', join(dir, 'policy.mjs'), '--on', '2019-01-01', '--json')
    const late = await run('policy', 'lint', join(dir, 'default.mjs'), '--on', '2026-11-23', '--json')
    expect(JSON.parse(late.out).length).toBeGreaterThan(0)
    expect(early.out).not.toBe(late.out)
  })

  it('refuses a file that is not a policy, naming the place', async () => {
    for (const name of ['broken.json', 'broken.mjs', 'empty.json']) {
      const { code, err } = await run('policy', 'lint', join(dir, name))
      expect([name, code]).toEqual([name, 2])
      expect(err).not.toContain(dir)
    }
  })

  it('renders the notice and the record of processing', async () => {
    const markdown = await run('policy', 'render', join(dir, 'policy.json'))
    expect(markdown.out).toMatch(/^# /)
    const html = await run(
      'policy',
      'render',
      join(dir, 'policy.json'),
      '--format',
      'html',
      '--lang',
      'fi',
      '--out',
      'n.html',
    )
    expect(html.out).toBe('')
    expect(html.files.get('n.html')).toContain('<html lang="fi">')
    const records = await run('policy', 'render', join(dir, 'policy.json'), '--records')
    expect(records.out).toMatch(/^# /)
    expect(records.out).not.toBe(markdown.out)
  })
})

describe('pilvi-privacy demo', () => {
  it('tells its story and leaves what a service would hand out', async () => {
    const { code, out, err, files } = await run('demo', '--out', join(dir, 'out'))
    expect([code, err]).toEqual([0, ''])
    expect([...files.keys()].map((path) => path.split('/').at(-1))).toEqual([
      'notice.html',
      'report.html',
      'statistics.json',
      'publication.json',
      'export.zip',
      'receipt.json',
    ])
    expect(out).toMatch(/20000 lines read = \d+ counted \+ \d+ rejected/)
    expect(out).toMatch(/71 visits recorded of 2026-11-22/)
    expect(out).toMatch(/at 11 o'clock, from example\.org: 40 visits in 12 sessions/)
    expect(JSON.parse(String(files.get(join(dir, 'out', 'publication.json'))))).toMatchObject({
      day: '2026-11-22',
      cells: [
        { hour: 11, source: 'example.org', visits: 40, sessions: 12 },
        { hour: 15, source: 'direct', visits: 30, sessions: 12 },
      ],
    })
    expect(out).toMatch(/among them: usage\.published 2026-11-22\/visits, with the digest \w+/)
    expect(out).toMatch(/before: permit/)
    expect(out).toMatch(/after: {2}deny, because consent\.denied/)
    expect(out).toMatch(/in Finland: permit/)
    expect(out).toMatch(/in the US: {2}deny/)
    expect(out).toMatch(/the same code as a login: +replayed/)
    expect(out).toMatch(/register \(paymentAddress, paymentDetails\) until \d{4}-12-31: Accounting Act/)
    expect(out).toMatch(/looked for in the register: not there/)
    expect(out).toMatch(/intact: \d+ entries, 0 waiting/)
  })

  it('is the same with the same seed and clock', async () => {
    const [first, second] = [await run('demo', '--out', dir), await run('demo', '--out', dir)]
    expect(second.out).toBe(first.out)
    for (const [path, bytes] of first.files) expect([path, second.files.get(path)]).toEqual([path, bytes])
  })
})

describe('the program itself', () => {
  let built = ''
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'pilvi-bin-'))
    const tsup = join(root, 'node_modules/.bin/tsup')
    expect(await ran(tsup, ['--no-dts', '--silent', '--out-dir', built])).toMatchObject({ code: 0 })
    await writeFile(join(built, 'package.json'), '{ "type": "module" }')
    await symlink(join(root, 'node_modules'), join(built, 'node_modules'))
  }, 60_000)
  afterAll(() => rm(built, { recursive: true, force: true }))

  const run = (argv: string[], stdin = '') => ran(process.execPath, [join(built, 'cli.js'), ...argv], stdin)

  it('prints its help on standard output, and what is wrong on standard error with a code', async () => {
    const help = await run(['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toMatch(/^Usage: pilvi-privacy COMMAND/)
    expect(await run(['nonsense'])).toEqual({
      code: 2,
      out: '',
      err: 'pilvi-privacy: there is no such command; see pilvi-privacy --help\n',
    })
  })

  it('reads standard input and writes files', async () => {
    const json = join(built, 'out.json')
    const { code, out, err } = await run(['stats', '--json', json], 'garbage\n')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^lines read +1\ncounted +0\nrejected +1\n/)
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ publications: [] })
  })
})

/** Runs a program in the project's folder to its end. */
function ran(
  program: string,
  argv: string[],
  stdin = '',
): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, argv, { cwd: root }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    )
    child.stdin?.end(stdin)
  })
}
