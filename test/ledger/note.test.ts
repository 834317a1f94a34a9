/** Checkpoints as text: what is written, what is read, and what is refused. */

import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest, hex } from '../../src/keys/digest.ts'
import { headText, keyIdOf, readHead, readNote, signedNote } from '../../src/ledger/note.ts'

const vectors = new URL('../../../shared/data/merkle-rfc6962-vectors.json', import.meta.url)

/** The example of c2sp.org/tlog-checkpoint. */
const example =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
  '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n'

describe('a signed note', () => {
  it.skipIf(!existsSync(vectors))(
    'of another implementation is read, and its signature holds (skipped where ../shared/data/merkle-rfc6962-vectors.json is absent)',
    async () => {
      const { note, vkey } = JSON.parse(readFileSync(vectors, 'utf8')).signedNoteExample
      const [name, keyId, coded] = (vkey as string).split(/\+(.*?)\+/) as [string, string, string]
      const [kind, ...publicKey] = Buffer.from(coded, 'base64')
      const read = readNote(note)
      expect([kind, read?.text]).toEqual([1, 'This is an example message.\n'])
      expect(keyIdOf(name, Uint8Array.from(publicKey))).toBe(keyId)
      const [signature = { name: '', keyId: '', signature: new Uint8Array() }, ...more] =
        read?.signatures ?? []
      expect([signature.name, signature.keyId, more]).toEqual([name, keyId, []])
      const raw = Uint8Array.from(publicKey)
      const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify'])
      const text = new TextEncoder().encode(read?.text)
      expect(await crypto.subtle.verify('Ed25519', key, signature.signature, text)).toBe(true)
      expect(signedNote(read?.text ?? '', { name, publicKey: raw, signature: signature.signature })).toBe(
        note,
      )
    },
  )

  it('the example of the format is a checkpoint, and written again as it was', () => {
    const { text = '', signatures = [] } = readNote(example) ?? {}
    const head = readHead(text)
    expect(head).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: hex(Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64')),
    })
    expect(head && headText(head)).toBe(text)
    expect(signatures.map(({ name, signature }) => [name, signature.length])).toEqual([
      ['example.com/behind-the-sofa', 64],
    ])
  })

  it('what is written is read', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const names = fc.stringMatching(/^[A-Za-z0-9./_:-]{1,40}$/)
    fc.assert(
      fc.property(
        names,
        fc.maxSafeNat(),
        bytes(32),
        bytes(32),
        bytes(64),
        (name, size, root, publicKey, signature) => {
          const head = { origin: name, size, root: hex(root) }
          const read = readNote(signedNote(headText(head), { name, publicKey, signature }))
          expect(read && readHead(read.text)).toEqual(head)
          expect(read?.signatures).toEqual([{ name, keyId: keyIdOf(name, publicKey), signature }])
        },
      ),
    )
  })

  it('no change of one character is read as the same', () => {
    fc.assert(
      fc.property(
        fc.nat(example.length - 1),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        (at, put) => {
          fc.pre(example[at] !== put)
          const changed = readNote(example.slice(0, at) + put + example.slice(at + 1))
          if (changed !== null) expect(changed).not.toEqual(readNote(example))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('many signatures are read, and lines of others between root and end', () => {
    const [text = '', line = ''] = example.split('\n\n')
    const read = readNote(`${text}\nof others\n\n${line.repeat(100)}`)
    expect(read?.signatures).toHaveLength(100)
    expect(readHead(read?.text ?? '')?.size).toBe(20852163)
  })

  const line = '— example.com/a AAAAAAAA\n'
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 7],
    ['an object that says it is text', { toString: () => `a\n\n${line}` }],
    ['an empty text', ''],
    ['only signatures', `\n\n${line}`],
    ['no signature', 'a\n'],
    ['an end without a signature', 'a\n\n'],
    ['no empty line', `a\n${line}`],
    ['an empty line too many', `a\n\n${line}\n`],
    ['a last line without its end', `a\n\n${line.trimEnd()}`],
    ['a carriage return', `a\r\n\n${line}`],
    ['a tab', `a\tb\n\n${line}`],
    ['a NUL', `a\0\n\n${line}`],
    ['a control character of Latin-1', `a\x85\n\n${line}`],
    ['half a character', `a\ud800\n\n${line}`],
    ['another dash', `a\n\n- example.com/a AAAAAAAA\n`],
    ['two spaces', `a\n\n—  example.com/a AAAAAAAA\n`],
    ['no name', `a\n\n— AAAAAAAA\n`],
    ['a name with a plus', `a\n\n— a+b AAAAAAAA\n`],
    ['a name with a wide space', `a\n\n— a\u3000b AAAAAAAA\n`],
    ['a word after the signature', `a\n\n— a AAAAAAAA x\n`],
    ['a signature that is only a key id', `a\n\n— a AAAAAA==\n`],
    ['base64 without padding', `a\n\n— a AAAAAAA\n`],
    ['base64 with other bits in its end', `a\n\n— a AAAAAAB=\n`],
    ['base64 of a URL', `a\n\n— a AAAA-_AA\n`],
    ['101 signatures', `a\n\n${line.repeat(101)}`],
    ['more than it may be long', `${'a'.repeat(100_000)}\n\n${line}`],
  ])('%s is no note', (_, note) => {
    expect(readNote(note)).toBeNull()
  })

  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='
  it.each([
    ['one line', 'a\n'],
    ['two lines', 'a\n1\n'],
    ['no origin', `\n1\n${root}\n`],
    ['a size with a leading zero', `a\n01\n${root}\n`],
    ['a size with a sign', `a\n+1\n${root}\n`],
    ['a size below nothing', `a\n-1\n${root}\n`],
    ['a size in hex', `a\n0x1\n${root}\n`],
    ['a size with a space', `a\n 1\n${root}\n`],
    ['a size beyond what numbers tell apart', `a\n9007199254740992\n${root}\n`],
    ['a size of many digits', `a\n${'9'.repeat(40)}\n${root}\n`],
    ['a root that is short', `a\n1\nAAAA\n`],
    ['a root that is no base64', `a\n1\n${root.replace('C', '*')}\n`],
    ['a root in base64 of a URL', `a\n1\n${root.replace('/', '_')}\n`],
    ['an empty line of others', `a\n1\n${root}\nx\n\ny\n`],
  ])('%s is no text of a checkpoint', (_, text) => {
    expect(readHead(text)).toBeNull()
  })

  it('an empty tree is told, and the largest there is', () => {
    const empty = { origin: 'a', size: 0, root: digest('') }
    expect(readHead(headText(empty))).toEqual(empty)
    const largest = { ...empty, size: Number.MAX_SAFE_INTEGER }
    expect(readHead(headText(largest))).toEqual(largest)
  })

  it('the id of a key depends on the name it signs under', () => {
    const publicKey = new Uint8Array(32)
    expect(keyIdOf('pilvi-privacy/a/b', publicKey)).not.toBe(keyIdOf('pilvi-privacy/a/c', publicKey))
  })
})
