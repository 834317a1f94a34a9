/** The age format as others have it: the test vectors of its author, and the `age` program where there is one. */

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { dumpStore, restoreStore } from '@pilvi/privacy'
import { decryptDump, encryptDump, makeIdentity } from '@pilvi/privacy/age'
import { afterAll, describe, expect, it } from 'vitest'
import { cut, whole } from './age-scene.ts'
import { vectors } from './age-vectors.json'
import { filled, inside, memory } from './scene.ts'

describe('the test vectors of the age format (C2SP/CCTV)', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(67)
    expect(vectors.filter(({ expect: outcome }) => outcome === 'success')).toHaveLength(13)
  })

  it.each(vectors)('$name: $expect', async ({ expect: outcome, payload, identities, compressed, file }) => {
    const packed = Buffer.from(file, 'base64')
    const bytes = compressed === 'zlib' ? inflateSync(packed) : packed
    for (const size of [bytes.length, 65_552, 999]) {
      const opening = whole(decryptDump(cut(bytes, size), { identities }))
      if (outcome === 'success') {
        expect(
          createHash('sha256')
            .update(await opening)
            .digest('hex'),
        ).toBe(payload)
      } else await expect(opening).rejects.toMatchObject({ code: 'seal.rejected' })
    }
  })
})

const program = spawnSync('age', ['--version']).status === 0
describe.skipIf(!program)(`the age program${program ? '' : ' (it is not installed: skipped)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilvi-age-'))
  const [key, file, clear] = ['key', 'dump.age', 'dump'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  afterAll(() => rmSync(folder, { recursive: true }))

  it('opens what was encrypted here', async () => {
    const { store } = await filled()
    const { identity, recipient } = await makeIdentity()
    writeFileSync(key, `${identity}\n`)
    expect(execFileSync('age-keygen', ['-y', key], { encoding: 'utf8' })).toBe(`${recipient}\n`)
    writeFileSync(file, await whole(encryptDump(dumpStore(store), { recipients: [recipient] })))
    execFileSync('age', ['-d', '-i', key, '-o', clear, file])
    let lines = ''
    for await (const line of dumpStore(store)) lines += line
    expect(readFileSync(clear, 'utf8') === lines).toBe(true)
  })

  it('writes what is opened here', async () => {
    const [from, to] = [await filled(), memory()]
    rmSync(key, { force: true })
    execFileSync('age-keygen', ['-o', key], { stdio: 'ignore' })
    const recipient = execFileSync('age-keygen', ['-y', key], { encoding: 'utf8' }).trim()
    let lines = ''
    for await (const line of dumpStore(from.store)) lines += line
    execFileSync('age', ['-r', recipient, '-o', file], { input: lines })
    const identities = readFileSync(key, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('AGE-'))
    await restoreStore(decryptDump([readFileSync(file)], { identities }), to.store)
    expect(inside(to.backing)).toEqual(inside(from.backing))
  })
})
