/** Encrypted dumps that are not what was written: each is refused, and nothing false reaches a store. */

import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { checkDump, dumpStore, restoreStore } from '@pilvi/privacy'
import { decryptDump, encryptDump, makeIdentity } from '@pilvi/privacy/age'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, both, chunk, cut, encryptedScene, latin, layout, whole } from './age-scene.ts'
import { inside, memory } from './scene.ts'

const { store, keys, file, identities } = await encryptedScene()
const again = await whole(encryptDump(dumpStore(store), { recipients: [keys.recipient] }))
const plain = await whole(decryptDump([file], { identities }))
const { header, chunks } = layout(file)
const nothing = inside(memory().backing)

const rejected = expect.objectContaining({ code: 'seal.rejected', name: 'IntegrityFailure' })

/** What of a file is given out before it is refused. */
async function given(bytes: Uint8Array, with_ = identities): Promise<{ out: Bytes; error: unknown }> {
  const out: Uint8Array[] = []
  let error: unknown = null
  try {
    for await (const part of decryptDump(cut(bytes), { identities: with_ })) out.push(part)
  } catch (told) {
    error = told
  }
  return { out: both(...out), error }
}

/** It is refused, and what was given out before is a part of what was written. */
async function refused(bytes: Uint8Array): Promise<void> {
  const { out, error } = await given(bytes)
  expect(error).toEqual(rejected)
  expect(Buffer.compare(out, plain.subarray(0, out.length))).toBe(0)
  expect(out.length).toBeLessThan(plain.length)
}

/** It is refused by the check, which writes nothing, and by the restore, which does not end as if it were whole. */
async function notRestored(bytes: Uint8Array): Promise<void> {
  const to = memory()
  await expect(checkDump(decryptDump(cut(bytes), { identities }), to.store)).rejects.toEqual(rejected)
  expect(inside(to.backing)).toEqual(nothing)
  await expect(restoreStore(decryptDump(cut(bytes), { identities }), to.store)).rejects.toEqual(rejected)
}

const flipped = (at: number, bit: number): Bytes => {
  const bytes = file.slice()
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes
}

/** The n-th chunk of a file. */
const nth = (n: number, of = file): Uint8Array => of.subarray(chunks + n * chunk, chunks + (n + 1) * chunk)

describe('a file that was altered', () => {
  it('truncation: cut off anywhere it is refused, and never taken for a whole one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.length - 1 }), (length) => refused(file.subarray(0, length))),
      { numRuns: 150 },
    )
  })

  it.each([
    ['in the header', header - 9],
    ['behind the header', header],
    ['in the nonce', header + 7],
    ['behind the nonce', chunks],
    ['behind the first chunk', chunks + chunk],
    ['behind the second chunk', chunks + 2 * chunk],
    ['in the last chunk', file.length - 1],
  ])('truncation %s is not restored', async (_, length) => {
    await notRestored(file.subarray(0, length))
  })

  it('bit flip: of any bit, it is refused before anything false is given out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.nat({ max: chunks }), fc.nat({ max: file.length - 1 })),
        fc.nat({ max: 7 }),
        (at, bit) => refused(flipped(at, bit)),
      ),
      { numRuns: 300 },
    )
  })

  it('bit flip in the second chunk: only rows of the first are in the store, and they are true', async () => {
    const to = memory()
    const bad = decryptDump(cut(flipped(chunks + chunk + 9, 3)), { identities })
    await expect(restoreStore(bad, to.store)).rejects.toEqual(rejected)
    const there: string[] = []
    for await (const line of dumpStore(to.store)) there.push(line)
    const lines = new Set(
      Buffer.from(plain)
        .toString()
        .split(/(?<=\n)/),
    )
    for (const line of there.slice(1, -1)) expect(lines.has(line)).toBe(true)
    expect(there.length).toBeLessThan(lines.size)
  })

  it.each([
    ['a byte', Uint8Array.of(0)],
    ['a line feed', Uint8Array.of(10)],
    ['a chunk', nth(0)],
    ['the last chunk again', file.subarray(file.length - ((file.length - chunks) % chunk))],
    ['another file', again],
    ['a megabyte of nothing', new Uint8Array(1_000_000)],
  ])('appended: %s', async (_, more) => {
    await notRestored(both(file, more))
  })

  it.each([
    ['changed places', [nth(1), nth(0)]],
    ['there twice', [nth(0), nth(0), nth(1)]],
    ['left out', [nth(1)]],
    ['taken from another dump of the same', [nth(0), nth(1, again)]],
  ])('chunks that were %s', async (_, first) => {
    await notRestored(both(file.subarray(0, chunks), ...first, file.subarray(chunks + 2 * chunk)))
  })

  it('splice: the header of one dump before the chunks of another', async () => {
    await notRestored(both(file.subarray(0, header), again.subarray(header)))
    await notRestored(both(file.subarray(0, chunks), again.subarray(chunks)))
  })

  it('recipients that were added or taken away', async () => {
    const [first, second] = [await makeIdentity(), await makeIdentity()]
    const two = await whole(encryptDump(['a'], { recipients: [first.recipient, second.recipient] }))
    const [intro = '', one = '', other = ''] = latin(two).split(/(?=\n-> )/)
    const mac = other.slice(other.indexOf('\n---'))
    const rest = other.slice(0, other.indexOf('\n---'))
    const joined = (...parts: string[]) => new Uint8Array(Buffer.from(parts.join(''), 'latin1'))
    expect((await given(joined(intro, one, rest, mac), [first.identity])).error).toBeNull()
    for (const bytes of [
      joined(intro, one, mac),
      joined(intro, rest, one, mac),
      joined(intro, one, one, rest, mac),
    ]) {
      expect((await given(bytes, [first.identity])).error).toEqual(rejected)
    }
  })
})

describe('a file that is another one', () => {
  it('wrong identity: another recipient’s file is refused', async () => {
    const { identity } = await makeIdentity()
    const { out, error } = await given(file, [identity])
    expect([out.length, error]).toEqual([0, rejected])
  })

  it.each([
    ['empty', new Uint8Array(0)],
    ['a dump in clear', plain],
    ['a compressed dump in clear', gzipSync(plain)],
    ['of the next version', both(Buffer.from(latin(file).replace('.org/v1', '.org/v2'), 'latin1'))],
    ['in ASCII armour', Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\n')],
    ['the beginning of a header', Buffer.from('age-encryption.org/v1')],
    ['a header that names nobody', Buffer.from('age-encryption.org/v1\n--- AAAA\n')],
  ])('substitution: a file that is %s is refused where an encrypted one is expected', async (_, bytes) => {
    await notRestored(bytes)
  })

  it('an encrypted file is refused where one in clear is expected, in whatever pieces it comes', async () => {
    for (const size of [1, 7, 300, 100_000]) {
      const to = memory()
      await expect(restoreStore(cut(file, size), to.store)).rejects.toMatchObject({ code: 'record.corrupt' })
      expect(inside(to.backing)).toEqual(nothing)
    }
  })

  it('a header without end is not read into memory whole', async () => {
    let read = 0
    const endless = (function* () {
      yield Buffer.from('age-encryption.org/v1\n-> X25519 ')
      for (;;) {
        read += 60_000
        yield Buffer.alloc(60_000, 'A')
      }
    })()
    await expect(whole(decryptDump(endless, { identities }))).rejects.toEqual(rejected)
    expect(read).toBeLessThan(1_200_000)
  })
})

describe('secret in an error', () => {
  it.each([
    ['an identity with a typing error', keys.identity.replace(/..$/, '!!')],
    ['an identity for a recipient', keys.identity],
  ])('%s is repeated nowhere', (_, secret) => {
    for (const call of [
      () => decryptDump([], { identities: [`${secret}x`] }),
      () => encryptDump([], { recipients: [secret] }),
    ]) {
      let told: unknown
      try {
        call()
      } catch (error) {
        told = error
      }
      expect(told).toMatchObject({ code: 'input.invalid' })
      const { cause } = told as Error
      const shown = `${told} ${JSON.stringify(told)} ${inspect(told, { depth: 9 })} ${inspect(cause)}`
      expect(shown.toUpperCase()).not.toContain(secret.slice(16, 40))
    }
  })

  it('nothing of a file that was refused is in its error', async () => {
    const error: unknown = await whole(decryptDump([plain], { identities })).catch((told: unknown) => told)
    expect(`${error} ${JSON.stringify(error)} ${inspect((error as Error).cause)}`).not.toContain(
      'collections',
    )
  })
})
