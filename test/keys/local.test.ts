/** The provider that holds key-encryption keys in the process. */

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64url, fromBase64url } from '../../src/keys/digest.ts'
import { localKeys } from '../../src/keys/local.ts'
import { fixedEnvironment } from '../../src/testing/index.ts'
import { refusal } from './scene.ts'

const old = { id: 'old', secret: new Uint8Array(32).fill(1) }
const fresh = { id: 'fresh', secret: new Uint8Array(32).fill(2) }
const material = new Uint8Array(32).fill(9)
const rejected = { name: 'IntegrityFailure', code: 'seal.rejected' }

const at = (keyId: string, context = 'c') => ({ keyId, context })

describe('wrapping', () => {
  const provider = localKeys([old])
  const text = fc.string({ unit: 'binary', maxLength: 30 })
  const bytes = fc.uint8Array({ maxLength: 64 }).map((given) => new Uint8Array(given))

  it('gives back what it took, under the same context only', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, text, text, async (given, context, other) => {
        fc.pre(context !== other)
        const wrapped = await provider.wrap(given, at('old', context))
        expect(await provider.unwrap(wrapped, at('old', context))).toEqual(given)
        expect(await refusal(provider.unwrap(wrapped, at('old', other)))).toMatchObject(rejected)
      }),
      { numRuns: 50 },
    )
  })

  it('a changed character anywhere is refused', async () => {
    const wrapped = await provider.wrap(material, at('old'))
    for (let i = 0; i < wrapped.length; i++) {
      const changed = wrapped.slice(0, i) + (wrapped[i] === 'A' ? 'B' : 'A') + wrapped.slice(i + 1)
      expect(await refusal(provider.unwrap(changed, at('old')))).toMatchObject(rejected)
    }
  })

  it.each([
    ['nothing', ''],
    ['one part', 'AAAA'],
    ['three parts', 'AAAA.AAAA.AAAA'],
    ['an empty nonce', `.${base64url(material)}`],
    ['an empty text', `${base64url(material.slice(0, 12))}.`],
    ['what is no base64url', 'AAA*.AAAA'],
    ['a nonce of another length', `${base64url(material)}.${base64url(material)}`],
  ])('%s is refused', async (_, wrapped) => {
    expect(await refusal(provider.unwrap(wrapped, at('old')))).toMatchObject({ ...rejected, record: 'old' })
  })

  it('more stands behind what was wrapped: refused', async () => {
    const wrapped = await provider.wrap(material, at('old'))
    expect(await refusal(provider.unwrap(`${wrapped}.AAAA`, at('old')))).toMatchObject(rejected)
  })

  it('nonce reuse: each wrapping has a nonce of its own', async () => {
    const wrappings = await Promise.all(Array.from({ length: 500 }, () => provider.wrap(material, at('old'))))
    expect(new Set(wrappings.map((wrapped) => wrapped.split('.')[0])).size).toBe(500)
    for (const wrapped of wrappings) expect(fromBase64url(wrapped.split('.')[0] ?? '')).toHaveLength(12)
  })

  it('takes its chance from the environment: same seed, same bytes', async () => {
    const [a, b] = [localKeys([old], fixedEnvironment()), localKeys([old], fixedEnvironment())]
    expect(await a.wrap(material, at('old'))).toEqual(await b.wrap(material, at('old')))
  })
})

describe('several keys', () => {
  it('are offered in the order they are given in, and each wraps and unwraps by its id', async () => {
    const ring = localKeys([fresh, old])
    expect(ring.keyIds).toEqual(['fresh', 'old'])
    for (const keyId of ring.keyIds) {
      const wrapped = await ring.wrap(material, at(keyId))
      expect(await ring.unwrap(wrapped, at(keyId))).toEqual(material)
    }
  })

  it('a key that was taken out of the ring is not tried for', async () => {
    const before = await localKeys([old]).wrap(material, at('old'))
    const without = localKeys([fresh])
    const expected = { ...rejected, record: 'old' }
    expect(await refusal(without.unwrap(before, at('old')))).toMatchObject(expected)
    expect(await refusal(without.wrap(material, at('old')))).toMatchObject(expected)
    expect(await refusal(without.commitment('old'))).toMatchObject(expected)
  })

  it('key-id confusion: what one key wrapped does not open under the id of another, even of the same secret', async () => {
    const twin = { id: 'twin', secret: old.secret }
    const ring = localKeys([old, fresh, twin])
    const wrapped = await ring.wrap(material, at('old'))
    for (const keyId of ['fresh', 'twin', 'constructor', ''])
      expect(await refusal(ring.unwrap(wrapped, at(keyId)))).toMatchObject(rejected)
  })

  it('a key and context do not run into each other', async () => {
    const ring = localKeys([
      { id: 'a', secret: old.secret },
      { id: 'ab', secret: old.secret },
    ])
    const wrapped = await ring.wrap(material, at('a', 'b\nc'))
    expect(await refusal(ring.unwrap(wrapped, at('ab', '\nc')))).toMatchObject(rejected)
  })

  it('the ring is what it was when it was made', async () => {
    const secret = new Uint8Array(32).fill(3)
    const provider = localKeys([{ id: 'k', secret }])
    secret.fill(0)
    const wrapped = await provider.wrap(material, at('k'))
    const same = localKeys([{ id: 'k', secret: new Uint8Array(32).fill(3) }])
    expect(await same.unwrap(wrapped, at('k'))).toEqual(material)
    expect(await same.commitment('k')).toBe(await provider.commitment('k'))
  })

  it('the commitment to a key is the same in every process, another one for another secret, and HMAC-SHA-256', async () => {
    const ring = localKeys([old, fresh, { id: 'twin', secret: old.secret }])
    const [first, second, twin] = await Promise.all(ring.keyIds.map((id) => ring.commitment(id)))
    expect(first).toBe(await localKeys([old]).commitment('old'))
    expect(second).not.toBe(first)
    expect(twin).toBe(first)
    const label = '["pilvi-privacy key commitment"]'
    expect(first).toBe(createHmac('sha256', old.secret).update(label).digest('hex'))
  })
})

describe('what is refused', () => {
  const refusals: readonly [string, unknown, string][] = [
    ['no keys', [], 'keys'],
    ['nothing', undefined, 'keys'],
    ['a single key', old, 'keys'],
    ['a key that is nothing', [old, null], 'keys[1].id'],
    ['an empty id', [{ ...old, id: '' }], 'keys[0].id'],
    ['an id with a line break', [{ ...old, id: 'a\nb' }], 'keys[0].id'],
    ['an id that is a number', [{ ...old, id: 1 }], 'keys[0].id'],
    ['an id of 65 characters', [{ ...old, id: 'x'.repeat(65) }], 'keys[0].id'],
    ['two keys of one id', [old, { ...fresh, id: 'old' }], 'keys[1].id'],
    ['a secret of 16 bytes', [{ id: 'k', secret: new Uint8Array(16) }], 'keys[0].secret'],
    ['a secret of 33 bytes', [old, { id: 'k', secret: new Uint8Array(33) }], 'keys[1].secret'],
    ['a secret as text', [{ id: 'k', secret: 'x'.repeat(32) }], 'keys[0].secret'],
    ['no secret', [{ id: 'k' }], 'keys[0].secret'],
  ]
  it.each(refusals)('%s', (_, keys, path) => {
    const made = () => localKeys(keys as never)
    expect(made).toThrow(expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }))
  })
})
