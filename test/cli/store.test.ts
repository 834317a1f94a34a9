/** `pilvi-privacy store`: what it refuses before it connects, and how it reads and writes files. */

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidInput } from '@pilvi/privacy'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { processIo } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { testIo } from './io.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilvi-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = testIo()
  const code = await main(['store', ...argv], io)
  return { code, out: io.out.join(''), err: io.err.join('') }
}

const [postgres, mongo] = ['postgres://127.0.0.1:1/x', 'mongodb://127.0.0.1:1/x']

describe('pilvi-privacy store', () => {
  it('tells how it is used', async () => {
    const { code, out } = await run('--help')
    expect([code, out]).toEqual([0, expect.stringContaining('pilvi-privacy store copy --from URL --to URL')])
  })

  it.each([
    ['no act', []],
    ['another act', ['move']],
    ['a copy of a file', ['copy', 'file', '--from', postgres, '--to', mongo]],
    ['a copy from nowhere', ['copy', '--to', mongo]],
    ['a copy to nowhere', ['copy', '--from', mongo]],
    ['a dump to nowhere', ['dump', '--from', mongo]],
    ['a restore of nothing', ['restore', '--to', mongo]],
    ['a restore of two', ['restore', 'a', 'b', '--to', mongo]],
    ['a restore to nowhere', ['restore', 'a']],
    ['a file that is not there', ['restore', join(folder, 'none'), '--to', mongo]],
    ['an option that there is none of', ['copy', '--fast']],
    ['another database', ['dump', '--from', 'mysql://localhost/x', '--out', 'x']],
    ['a path', ['dump', '--from', '/var/lib/x', '--out', 'x']],
    ['MongoDB without a database', ['dump', '--from', 'mongodb://localhost:1', '--out', 'x', '--plaintext']],
    [
      'MongoDB with options and no database',
      ['dump', '--from', 'mongodb://localhost:1/?a=b', '--out', 'x', '--plaintext'],
    ],
    ['a schema that is none', ['dump', '--from', postgres, '--out', 'x', '--plaintext', '--schema', 'a"b']],
    ['a prefix that is none', ['dump', '--from', mongo, '--out', 'x', '--plaintext', '--prefix', '$']],
  ])('refuses %s', async (_, argv) => {
    const { code, out, err } = await run(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^pilvi-privacy: [^\n]+\n$/)
  })

  const [from, to] = [
    ['--from', postgres],
    ['--to', mongo],
  ] as const
  it.each([
    ['to', ['dump', ...from, ...to, '--out', 'x']],
    ['from', ['restore', 'x', ...from, ...to]],
    ['out', ['restore', 'x', ...to, '--out', 'x']],
    ['out', ['copy', ...from, ...to, '--out', 'x']],
    ['schema', ['dump', '--from', mongo, '--out', 'x', '--schema', 'a']],
    ['prefix', ['dump', ...from, '--out', 'x', '--prefix', 'a']],
    ['to-schema', ['dump', ...from, '--out', 'x', '--to-schema', 'a']],
    ['schema', ['restore', 'x', ...to, '--schema', 'a']],
    ['to-schema', ['restore', 'x', ...to, '--to-schema', 'a']],
    ['prefix', ['restore', 'x', ...to, '--prefix', 'a', '--to-prefix', 'b']],
    ['prefix', ['copy', ...from, '--to', postgres, '--prefix', 'a']],
    ['prefix', ['copy', ...from, ...to, '--prefix', 'a', '--to-prefix', 'b']],
    ['to-schema', ['copy', ...from, ...to, '--to-schema', 'a']],
    ['recipient', ['copy', ...from, ...to, '--recipient', 'age1']],
    ['recipient', ['restore', 'x', ...to, '--recipient', 'age1']],
    ['plaintext', ['restore', 'x', ...to, '--plaintext']],
    ['identity', ['dump', ...from, '--out', 'x', '--plaintext', '--identity', 'x']],
    ['from', ['identity', '--out', 'x', ...from]],
    ['schema', ['copy', '--from', mongo, '--to', mongo, '--schema', 'a']],
  ])('an option that says nothing is refused, before anything is opened: --%s', async (name, argv) => {
    const { code, out, err } = await run(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe(
      `pilvi-privacy: --${name} does not fit this ${argv[0]}; see pilvi-privacy store --help\n`,
    )
  })

  // These URLs are refused as soon as they are opened: they lead to another machine, without encryption.
  const [there, other] = ['postgres://db.example.org/x', 'mongodb://db.example.org/x']
  it.each([
    ['the names of both', ['copy', '--from', there, '--to', other, '--schema', 'a', '--prefix', 'b']],
    ['a name of each', ['copy', '--from', there, '--to', there, '--schema', 'a', '--to-schema', 'b']],
    ['one name for both', ['copy', '--from', other, '--to', other, '--prefix', 'a']],
    ['the target’s name', ['restore', join(folder, 'there'), '--to', other, '--to-prefix', 'a']],
    ['the name', ['restore', join(folder, 'there'), '--to', other, '--prefix', 'a']],
    ['the source’s name', ['dump', '--from', there, '--out', 'x', '--plaintext', '--schema', 'a']],
  ])('options that fit are taken, and it goes on to open: %s', async (_, argv) => {
    writeFileSync(join(folder, 'there'), '')
    expect((await run(...argv)).code).toBe(6)
  })

  it.each([
    ['postgres', 'postgres://app:hunter2@db.example.org/x', 6],
    ['postgres, not there', 'postgres://app:hunter2@127.0.0.1:1/x', 6],
    ['mongo', 'mongodb://app:hunter2@db.example.org/x', 6],
    ['mongo, options that it has not', 'mongodb://app:hunter2@127.0.0.1:1/x?hunter2=1', 2],
    ['mongo, a broken address', 'mongodb://app:hunter2@[::/x', 2],
    ['another database', 'mysql://app:hunter2@localhost/x', 2],
  ])('credentials are never printed: %s', async (_, url, expected) => {
    const { code, out, err } = await run('dump', '--from', url, '--out', join(folder, 'x'), '--plaintext')
    expect([code, out + err]).toEqual([expected, expect.not.stringContaining('hunter2')])
    expect(err).toMatch(/^pilvi-privacy: [^\n]+\n$/)
  })

  it.each([
    ['pg', postgres],
    ['mongodb', mongo],
  ])('says which package is missing: %s', async (name, url) => {
    vi.doMock(name, () => {
      throw new Error('Cannot find package')
    })
    const { code, err } = await run('dump', '--from', url, '--out', 'x', '--plaintext')
    vi.doUnmock(name)
    expect([code, err]).toEqual([2, `pilvi-privacy: --from needs the package ${name}: npm install ${name}\n`])
  })
})

describe('a file that is written as its parts come', () => {
  const parts = async function* (...texts: string[]): AsyncGenerator<string> {
    yield* texts
  }

  it('is its owner’s alone, and replaces what was there', async () => {
    const path = join(folder, 'dump')
    writeFileSync(path, 'old')
    await processIo().writeChunks(path, { argument: '--out', chunks: parts('a', 'ä', 'c') })
    expect(readFileSync(path, 'utf8')).toBe('aäc')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is its owner’s alone though an interrupted run, or another user, left one half-way that all may read', async () => {
    const path = join(folder, 'left')
    writeFileSync(`${path}.part`, 'old', { mode: 0o644 })
    chmodSync(`${path}.part`, 0o644)
    let meanwhile = 0
    const looking = async function* (): AsyncGenerator<string> {
      yield 'a'
      meanwhile = statSync(`${path}.part`).mode & 0o777
      yield 'b'
    }
    await processIo().writeChunks(path, { argument: '--out', chunks: looking() })
    expect([meanwhile, statSync(path).mode & 0o777]).toEqual([0o600, 0o600])
    expect(readFileSync(path, 'utf8')).toBe('ab')
  })

  it('does not go where a planted link leads', async () => {
    const [path, elsewhere] = [join(folder, 'linked'), join(folder, 'elsewhere')]
    writeFileSync(elsewhere, 'theirs')
    symlinkSync(elsewhere, `${path}.part`)
    await processIo().writeChunks(path, { argument: '--out', chunks: parts('a') })
    expect(readFileSync(elsewhere, 'utf8')).toBe('theirs')
    expect([lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([true, 'a'])
  })

  it('is refused where what lies in its way cannot be removed, and its parts are not asked for', async () => {
    const path = join(folder, 'blocked')
    mkdirSync(`${path}.part`)
    let asked = 'no'
    const asking = async function* (): AsyncGenerator<string> {
      asked = 'yes'
      yield 'a'
    }
    await expect(
      processIo().writeChunks(path, { argument: '--out', chunks: asking() }),
    ).rejects.toMatchObject({ code: 'input.invalid', path: '--out' })
    expect([asked, existsSync(path), existsSync(`${path}.part`)]).toEqual(['no', false, true])
  })

  it('leaves what was there where its parts end in an error', async () => {
    const path = join(folder, 'kept')
    writeFileSync(path, 'old')
    const failing = async function* (): AsyncGenerator<string> {
      yield 'new'
      throw new InvalidInput('input.invalid', 'broken')
    }
    const writing = processIo().writeChunks(path, { argument: '--out', chunks: failing() })
    await expect(writing).rejects.toMatchObject({ message: 'broken' })
    expect([readFileSync(path, 'utf8'), existsSync(`${path}.part`)]).toEqual(['old', false])
  })

  it('that cannot be written is told by its argument', async () => {
    const writing = processIo().writeChunks(join(folder, 'no', 'dump'), {
      argument: '--out',
      chunks: parts('a'),
    })
    await expect(writing).rejects.toMatchObject({
      code: 'input.invalid',
      message: '--out cannot be written (ENOENT)',
    })
  })
})
