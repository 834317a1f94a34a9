/** Dumps as files of the command line: who may read them, and what is refused before a store is opened. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { checkDump, dumpStore, restoreStore } from '@pilvi/privacy'
import { decryptDump, makeIdentity } from '@pilvi/privacy/age'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { identitiesIn, readDump, writing } from '../../src/cli/dump-file.ts'
import { processIo } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { whole } from '../copy/age-scene.ts'
import { filled, inside, memory } from '../copy/scene.ts'
import { testIo } from './io.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilvi-dump-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

/** The command with the real files of this process. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const io = { ...processIo(), isTerminal: false }
  const code = await main(['store', ...argv], {
    ...io,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
  })
  return { code, out: out.join(''), err: err.join('') }
}

const { identity, recipient } = await makeIdentity()
const keyFile = at('key')
writeFileSync(keyFile, `# created: today\n# public key: ${recipient}\n\n${identity}\r\n`, { mode: 0o600 })
const [from, to] = [
  ['--from', 'postgres://127.0.0.1:1/x'],
  ['--to', 'postgres://127.0.0.1:1/x'],
] as const

/** Writes a dump of a store in memory to a file. */
async function dumped(name: string, recipients: readonly string[] | 'plaintext') {
  const { store, backing } = await filled(20)
  const chunks = (await writing(at(name), recipients))(dumpStore(store))
  await processIo().writeChunks(at(name), { argument: '--out', chunks })
  return { backing, file: at(name) }
}

describe('pilvi-privacy store dump', () => {
  it.each([
    ['neither encrypted nor said to be in clear', []],
    ['both', ['--plaintext', '--recipient', recipient]],
    ['to nobody', ['--recipient', '']],
    ['to what is no recipient', ['--recipient', recipient.slice(0, -1)]],
    ['to one of two that is none', ['--recipient', recipient, '--recipient', 'age1none']],
  ])('personal data in clear: a dump is refused that is %s, and no file is written', async (_, more) => {
    const { code, out, err } = await run('dump', ...from, '--out', at('refused'), ...more)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^pilvi-privacy: [^\n]+\n$/)
    expect(statSync(at('refused'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('a secret key that was given for a recipient is not repeated', async () => {
    const { code, err } = await run('dump', ...from, '--out', at('refused'), '--recipient', identity)
    expect([code, err]).toEqual([2, expect.not.stringContaining(identity.slice(16, 30))])
  })

  it('goes on to the store where it knows to whom', async () => {
    for (const more of [['--plaintext'], ['--recipient', recipient, '--recipient', recipient]]) {
      expect((await run('dump', ...from, '--out', at('x'), ...more)).code).toBe(6)
    }
  })

  it('is its owner’s alone, encrypted, and compressed where the name says so', async () => {
    for (const name of ['a.jsonl', 'a.jsonl.gz', 'a.age', 'a.gz.age']) {
      const { file } = await dumped(name, name.endsWith('.age') ? [recipient] : 'plaintext')
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
    const clear = readFileSync(at('a.jsonl'))
    expect(gunzipSync(readFileSync(at('a.jsonl.gz')))).toEqual(clear)
    const open = async (name: string) =>
      Buffer.from(await whole(decryptDump([readFileSync(at(name))], { identities: [identity] })))
    expect(await open('a.age')).toEqual(clear)
    expect(gunzipSync(await open('a.gz.age'))).toEqual(clear)
  })
})

describe('pilvi-privacy store restore', () => {
  const io = testIo()

  it.each(['b.jsonl', 'b.jsonl.gz', 'b.age', 'b.gz.age'])('reads %s', async (name) => {
    const encrypted = name.endsWith('.age')
    const { file, backing } = await dumped(name, encrypted ? [recipient] : 'plaintext')
    const identities = encrypted ? await identitiesIn([keyFile], io) : null
    const target = memory()
    await restoreStore(await readDump(file, { identities, io }), target.store)
    expect(inside(target.backing)).toEqual(inside(backing))
  })

  it('substitution: a file in clear is refused where an encrypted one is expected', async () => {
    for (const name of ['c.jsonl', 'c.jsonl.gz']) {
      const { file } = await dumped(name, 'plaintext')
      const bytes = await readDump(file, { identities: [identity], io })
      await expect(checkDump(bytes, memory().store)).rejects.toMatchObject({ code: 'seal.rejected' })
    }
  })

  it('an encrypted file is refused where one in clear is expected, with what to do', async () => {
    const { file } = await dumped('d.gz.age', [recipient])
    writeFileSync(at('armour'), '-----BEGIN AGE ENCRYPTED FILE-----\n')
    for (const path of [file, at('armour')]) {
      await expect(checkDump(await readDump(path, { identities: null, io }), memory().store)).rejects.toEqual(
        expect.objectContaining({
          code: 'input.invalid',
          message: 'FILE is encrypted: --identity FILE opens it',
        }),
      )
    }
  })

  it('truncation: an encrypted and compressed file that was cut off is no damaged gzip file, but refused as altered', async () => {
    const { file } = await dumped('e.gz.age', [recipient])
    writeFileSync(at('cut.gz.age'), readFileSync(file).subarray(0, -3))
    const bytes = await readDump(at('cut.gz.age'), { identities: [identity], io })
    await expect(checkDump(bytes, memory().store)).rejects.toMatchObject({ code: 'seal.rejected' })
  })

  it('identities that others may read are refused', async () => {
    writeFileSync(at('open'), `${identity}\n`)
    for (const mode of [0o644, 0o640, 0o604]) {
      chmodSync(at('open'), mode)
      const { code, err } = await run('restore', 'x', ...to, '--identity', at('open'))
      expect([code, err]).toEqual([2, 'pilvi-privacy: --identity can be read by others: chmod 600 it\n'])
    }
    chmodSync(at('open'), 0o400)
    expect(await identitiesIn([at('open'), keyFile], io)).toEqual([identity, identity])
  })

  it.each([
    ['is not there', at('none'), '--identity cannot be read (ENOENT)'],
    ['is a folder', folder, '--identity cannot be read'],
    ['holds none', at('empty'), 'identities must be a list of one or more'],
    ['holds something else', at('else'), 'identities[0] is no such key of age'],
  ])('a file of identities that %s is refused before the store is opened', async (_, path, says) => {
    writeFileSync(at('empty'), '# nothing\n', { mode: 0o600 })
    writeFileSync(at('else'), 'hunter2\n', { mode: 0o600 })
    writeFileSync(at('x'), '')
    const { code, err } = await run('restore', at('x'), ...to, '--identity', path)
    expect([code, err]).toEqual([2, expect.stringContaining(says)])
    expect(err).not.toContain('hunter2')
  })
})

describe('pilvi-privacy store identity', () => {
  it('makes a key pair: the identity in a file that is its owner’s alone, the recipient printed', async () => {
    const { code, out, err } = await run('identity', '--out', at('made'))
    expect([code, err]).toEqual([0, ''])
    expect(statSync(at('made')).mode & 0o777).toBe(0o600)
    expect(out).toMatch(/^age1[a-z0-9]{58}\n$/)
    expect(readFileSync(at('made'), 'utf8')).toContain(`# public key: ${out}`)
    const { file } = await dumped('f.age', [out.trim()])
    const identities = await identitiesIn([at('made')], testIo())
    await checkDump(await readDump(file, { identities, io: testIo() }), memory().store)
  })

  it('never writes over a key that is there: what it opened would be lost', async () => {
    writeFileSync(at('there'), 'old')
    const { code, err } = await run('identity', '--out', at('there'))
    expect([code, err]).toEqual([2, 'pilvi-privacy: --out cannot be written (EEXIST)\n'])
    expect(readFileSync(at('there'), 'utf8')).toBe('old')
  })

  it('needs a file', async () => {
    expect((await run('identity')).code).toBe(2)
    expect((await run('identity', 'x', '--out', at('y'))).code).toBe(2)
  })
})

describe('without the package that encrypts', () => {
  it.each([
    ['--recipient', ['dump', ...from, '--out', 'x', '--recipient', recipient]],
    ['--identity', ['restore', keyFile, ...to, '--identity', keyFile]],
    ['identity', ['identity', '--out', at('z')]],
  ])('%s says what to install', async (name, argv) => {
    vi.doMock('../../adapters/age/index.ts', () => {
      throw new Error('Cannot find package')
    })
    const { code, err } = await run(...argv)
    vi.doUnmock('../../adapters/age/index.ts')
    expect([code, err]).toEqual([
      2,
      `pilvi-privacy: ${name} needs the package age-encryption: npm install age-encryption\n`,
    ])
  })
})
