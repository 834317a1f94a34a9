/** Encrypted dumps: what is encrypted opens to the same, piece by piece, and which keys are taken. */

import { checkDump, dumpStore, restoreStore } from '@pilvi/privacy'
import { decryptDump, encryptDump, makeIdentity } from '@pilvi/privacy/age'
import { generateHybridIdentity, identityToRecipient } from 'age-encryption'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { both, chunk, cut, encryptedScene, latin, layout, whole } from './age-scene.ts'
import { filled, inside, memory } from './scene.ts'

const [one, other] = [await makeIdentity(), await makeIdentity()]
/** Against quantum computers. */
const strong = await generateHybridIdentity()
const hybrid = await identityToRecipient(strong)

describe('an encrypted dump', () => {
  it('is restored as it was, by each of its recipients', async () => {
    const from = await filled()
    const recipients = [one.recipient, other.recipient]
    const file = await whole(encryptDump(dumpStore(from.store), { recipients }))
    expect(file.length).toBeGreaterThan(2 * chunk)
    for (const { identity } of [one, other]) {
      const to = memory()
      const identities = [(await makeIdentity()).identity, identity]
      const checked = await checkDump(decryptDump(cut(file), { identities }), to.store)
      expect(inside(to.backing)).toEqual(inside(memory().backing))
      const { digest } = await restoreStore(decryptDump(cut(file), { identities }), to.store)
      expect(digest).toBe(checked.digest)
      expect(inside(to.backing)).toEqual(inside(from.backing))
    }
  })

  it('is restored as it comes, without a file between', async () => {
    const [from, to] = [await filled(20), memory()]
    const encrypted = encryptDump(dumpStore(from.store), { recipients: [one.recipient] })
    await restoreStore(decryptDump(encrypted, { identities: [one.identity] }), to.store)
    expect(inside(to.backing)).toEqual(inside(from.backing))
  })

  it('opens with keys against quantum computers', async () => {
    const file = await whole(encryptDump(['a\n', 'b\n'], { recipients: [hybrid] }))
    expect(latin(await whole(decryptDump([file], { identities: [strong] })))).toBe('a\nb\n')
  })

  it('a stolen dump shows nothing of what is in it, and the same twice is not seen to be the same', async () => {
    const { store, file, keys } = await encryptedScene()
    const again = await whole(encryptDump(dumpStore(store), { recipients: [keys.recipient] }))
    expect(again.length).toBe(file.length)
    for (const bytes of [file, again]) {
      expect(latin(bytes)).not.toMatch(/pilvi|customer|203\.0\.113|xxxx/)
      expect(latin(bytes)).not.toContain(keys.recipient)
    }
    const at = layout(file).chunks
    const alike = file.subarray(at).filter((byte, i) => byte === again[at + i]).length
    expect(alike / (file.length - at)).toBeLessThan(0.01)
  })

  it('opens to the same bytes, whatever they are and however they are cut', async () => {
    const size = 65_536
    const lengths = [0, 1, size - 1, size, size + 1, 2 * size, 3 * size + 7]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lengths),
        fc.integer({ min: 1, max: 2 * size }),
        fc.integer({ min: 500, max: 2 * size }),
        fc.nat(),
        async (length, sizeIn, sizeOut, seed) => {
          const plain = Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 256)
          const file = await whole(encryptDump(cut(plain, sizeIn + 500), { recipients: [one.recipient] }))
          const opened = await whole(decryptDump(cut(file, sizeOut), { identities: [one.identity] }))
          expect(Buffer.compare(opened, plain)).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps the order of text and bytes that come by turns', async () => {
    const parts = ['ä', Buffer.from('b'), 'c', 'd', Buffer.from('e'), 'f']
    const file = await whole(encryptDump(parts, { recipients: [one.recipient] }))
    expect(latin(await whole(decryptDump([file], { identities: [one.identity] })))).toBe(
      latin(Buffer.from('äbcdef')),
    )
  })
})

describe('memory', () => {
  /** Parts without end, and how many were asked for; `left` when nobody wants more. */
  function endless<T>(make: () => T) {
    const seen = { asked: 0, left: 'no' }
    const parts = (async function* () {
      try {
        for (;;) {
          seen.asked++
          yield make()
        }
      } finally {
        seen.left = 'yes'
      }
    })()
    return { parts, seen }
  }

  const megabytes = async (bytes: AsyncIterable<Uint8Array>, enough: number): Promise<void> => {
    let read = 0
    for await (const { length } of bytes) {
      read += length
      if (read > enough * 1_000_000) return
    }
  }

  it('of encryption is bounded: nothing is read before it is asked for, little ahead, and the source is let go of', async () => {
    const { parts, seen } = endless(() => `${'x'.repeat(999)}\n`)
    const encrypted = encryptDump(parts, { recipients: [one.recipient] })
    expect(seen.asked).toBe(0)
    await megabytes(encrypted, 5)
    expect(seen.asked).toBeGreaterThan(4_900)
    expect(seen.asked).toBeLessThan(5_700)
    expect(seen.left).toBe('yes')
  })

  it('of decryption is bounded likewise', async () => {
    const { parts } = endless(() => `${'x'.repeat(999)}\n`)
    const source = encryptDump(parts, { recipients: [one.recipient] })
    const seen = { read: 0 }
    const through = (async function* () {
      for await (const part of source) {
        seen.read += part.length
        yield part
      }
    })()
    const opened = decryptDump(through, { identities: [one.identity] })
    expect(seen.read).toBe(0)
    await megabytes(opened, 5)
    expect(seen.read).toBeLessThan(5_700_000)
    expect(await parts.next()).toEqual({ value: undefined, done: true })
  })
})

describe('a dump that fails on its way', () => {
  const broken = new Error('the disk is full')
  async function* failing<T>(parts: Iterable<T>): AsyncGenerator<T> {
    yield* parts
    throw broken
  }

  it('fails with the same error, and what came of it does not pass for a whole one', async () => {
    const came: Uint8Array[] = []
    const encrypted = encryptDump(failing(['x'.repeat(200_000)]), { recipients: [one.recipient] })
    const end = (async () => {
      for await (const part of encrypted) came.push(part)
    })()
    await expect(end).rejects.toBe(broken)
    expect(both(...came).length).toBeGreaterThan(chunk)
    await expect(whole(decryptDump(came, { identities: [one.identity] }))).rejects.toMatchObject({
      code: 'seal.rejected',
    })
  })

  it.each([
    ['in its header', 100],
    ['behind it', 70_000],
  ])('fails with the same error when it is opened: %s', async (_, length) => {
    const { file, identities } = await encryptedScene()
    const opened = decryptDump(failing(cut(file.subarray(0, length), 50)), { identities })
    await expect(whole(opened)).rejects.toBe(broken)
  })
})

describe('keys that are refused, before anything is read', () => {
  const zero = 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z'

  it.each([
    ['no recipient', [], 'recipients'],
    ['recipients that are missing', undefined, 'recipients'],
    ['recipients given as text', one.recipient, 'recipients'],
    ['more than a hundred', Array.from({ length: 101 }, () => one.recipient), 'recipients'],
    ['no key', [one.recipient, 'age1'], 'recipients[1]'],
    ['a typing error', [one.recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'))], 'recipients[0]'],
    ['an identity for a recipient', [one.identity], 'recipients[0]'],
    ['what is no text', [{ wrapFileKey: () => [] } as unknown as string], 'recipients[0]'],
    [
      'quiet downgrade: a recipient against quantum computers beside another',
      [hybrid, one.recipient],
      'recipients',
    ],
  ])('%s', (_, recipients, path) => {
    expect(() => encryptDump([], { recipients: recipients as string[] })).toThrow(
      expect.objectContaining({ code: 'input.invalid', path }),
    )
  })

  it('a recipient that is a point of small order: what is encrypted to it everybody could open', async () => {
    await expect(whole(encryptDump(['a'], { recipients: [zero] }))).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'recipients',
    })
  })

  it.each([
    ['no identity', [], 'identities'],
    ['identities that are missing', undefined, 'identities'],
    ['identities given as text', one.identity, 'identities'],
    ['a recipient for an identity', [one.recipient], 'identities[0]'],
    ['half of one', [one.identity, other.identity.slice(0, -3)], 'identities[1]'],
    ['what is no text', [{ unwrapFileKey: () => null } as unknown as string], 'identities[0]'],
  ])('%s', (_, identities, path) => {
    expect(() => decryptDump([], { identities: identities as string[] })).toThrow(
      expect.objectContaining({ code: 'input.invalid', path }),
    )
  })
})
