/** Statements the library signs, and what passes for one. */

import { createHash, createPublicKey, generateKeyPairSync, verify as verifySignature } from 'node:crypto'
import fc from 'fast-check'
import { base64url, CompactSign, calculateJwkThumbprint, FlattenedSign, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { Store } from '../../src/store.ts'
import { keyRecord, keysScene, refusal, tamper } from './scene.ts'

const typ = 'pilvi-test+jws'
const tenant = 'pilvi'
const rejected = { name: 'IntegrityFailure', code: 'seal.rejected', path: 'jws' }
const encoded = (value: unknown): string => base64url.encode(JSON.stringify(value))

describe('a signed statement', () => {
  it('comes back as it was, in every process of the installation', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    const payload = { b: [1, { d: 'é', c: null }], a: true }
    const jws = await one.keys.sign(payload, typ)
    expect(await one.keys.verify(jws, typ)).toEqual(payload)
    expect(await other.keys.verify(jws, typ)).toEqual(payload)
  })

  it('is one that anybody can check with the public keys alone (RFC 7515, RFC 8037)', async () => {
    const { keys } = keysScene()
    const jws = await keys.sign({ receipt: 1 }, typ)
    const [header = '', payload = '', signature = ''] = jws.split('.')
    const [jwk] = (await keys.jwks()).keys
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    expect(verifySignature(null, signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      typ,
      kid: jwk?.['kid'],
      tenant: 'pilvi',
    })
  })

  it('has the same bytes for the same payload, whatever the order of its members', async () => {
    const { keys } = keysScene()
    expect(await keys.sign({ a: 1, b: 2 }, typ)).toBe(await keys.sign({ b: 2, a: 1 }, typ))
  })

  it('is refused before it is made where JSON would lose something of it', async () => {
    const { keys } = keysScene()
    for (const payload of [{ a: undefined }, { a: Number.NaN }, { at: new Date(0) }])
      expect(await refusal(keys.sign(payload, typ))).toMatchObject({ name: 'InvalidInput' })
  })
})

describe('the public keys', () => {
  it('are named by their thumbprint (RFC 7638) and hold nothing private', async () => {
    const [jwk, ...others] = (await keysScene().keys.jwks()).keys
    const { x } = jwk as { x: string }
    const thumbprint = createHash('sha256')
      .update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
      .digest('base64url')
    expect(jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x, alg: 'EdDSA', use: 'sig', kid: thumbprint })
    expect(others).toEqual([])
  })

  it('the private key cannot be exported', async () => {
    const { privateKey } = await keysScene().secrets.signing()
    expect(privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow()
  })

  it('a caller who changes what it was given changes nothing for others', async () => {
    const { keys } = keysScene()
    const [jwk] = (await keys.jwks()).keys
    Object.assign(jwk as object, { kid: 'mine' })
    expect((await keys.jwks()).keys[0]?.['kid']).not.toBe('mine')
  })
})

describe('algorithm confusion', () => {
  /** The library's own public key, and a statement it did sign. */
  async function known() {
    const { keys } = keysScene()
    const jws = await keys.sign({ admin: false }, typ)
    const [jwk] = (await keys.jwks()).keys as { x: string; kid: string }[]
    if (jwk === undefined) throw new Error('no key')
    return { keys, jws, ...jwk }
  }

  it('alg none: a statement without a signature', async () => {
    const { keys, kid } = await known()
    const header = encoded({ alg: 'none', typ, kid, tenant })
    const payload = encoded({ admin: true })
    for (const jws of [
      `${header}.${payload}.`,
      `${header}.${payload}`,
      new UnsecuredJWT({ admin: true }).encode(),
    ])
      expect(await refusal(keys.verify(jws, typ))).toMatchObject(rejected)
  })

  it('HS256 with the public key for a secret, as bytes and as text', async () => {
    const { keys, x, kid } = await known()
    for (const secret of [base64url.decode(x), new TextEncoder().encode(x)]) {
      const forged = await new CompactSign(new TextEncoder().encode('{"admin":true}'))
        .setProtectedHeader({ alg: 'HS256', typ, kid, tenant })
        .sign(secret)
      expect(await refusal(keys.verify(forged, typ))).toMatchObject(rejected)
    }
  })

  it('a key of the attacker: under another kid, under ours, and brought along in the header', async () => {
    const { keys, kid } = await known()
    const pair = generateKeyPairSync('ed25519')
    const jwk = pair.publicKey.export({ format: 'jwk' })
    for (const header of [
      { kid: 'other' },
      { kid },
      { kid, jwk },
      { kid, jku: 'https://example.com/jwks' },
    ]) {
      const forged = await new CompactSign(new TextEncoder().encode('{"admin":true}'))
        .setProtectedHeader({ alg: 'EdDSA', typ, tenant, ...header } as never)
        .sign(pair.privateKey)
      expect(await refusal(keys.verify(forged, typ))).toMatchObject(rejected)
    }
  })

  it('key-id confusion: our own signature under another kid', async () => {
    const { secrets, keys } = keysScene()
    const { privateKey } = await secrets.signing()
    const signed = await new CompactSign(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: 'another', tenant })
      .sign(privateKey)
    expect(await refusal(keys.verify(signed, typ))).toMatchObject(rejected)
  })

  it('another name for the same algorithm: what was not asked for is not taken', async () => {
    const { secrets, keys } = keysScene()
    const { privateKey, kid } = await secrets.signing()
    const signed = await new CompactSign(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'Ed25519', typ, kid, tenant })
      .sign(privateKey)
    expect(await refusal(keys.verify(signed, typ))).toMatchObject(rejected)
  })

  it('a critical extension that nobody here knows', async () => {
    const { secrets, keys } = keysScene()
    const { privateKey, kid } = await secrets.signing()
    const {
      protected: header,
      payload,
      signature,
    } = await new FlattenedSign(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid, tenant, crit: ['x'], x: 1 } as never)
      .sign(privateKey, { crit: { x: true } })
    expect(await refusal(keys.verify(`${header}.${payload}.${signature}`, typ))).toMatchObject(rejected)
  })

  it('token of one purpose used for another: the type must be the one asked for', async () => {
    const { keys, jws } = await known()
    expect(await keys.verify(jws, typ)).toEqual({ admin: false })
    for (const other of ['pilvi-ledger-checkpoint+jws', '', 'JWT', `${typ} `, typ.toUpperCase()])
      expect(await refusal(keys.verify(jws, other))).toMatchObject(rejected)
  })

  it('statement of one tenant used for another: the key signs for all of them, and each takes its own only', async () => {
    const { keys, tenant: keysOf, secrets } = keysScene()
    const [ours, theirs] = [keys, keysOf('customer-a')]
    const jws = await ours.sign({ admin: true }, typ)
    expect(await refusal(theirs.verify(jws, typ))).toMatchObject(rejected)
    expect(await refusal(ours.verify(await theirs.sign({ admin: true }, typ), typ))).toMatchObject(rejected)
    expect(await ours.verify(jws, typ)).toEqual({ admin: true })
    // What the payload says of a tenant is not what binds it.
    const claims = await ours.sign({ tenant: 'customer-a' }, typ)
    expect(await refusal(theirs.verify(claims, typ))).toMatchObject(rejected)
    const { privateKey, kid } = await secrets.signing()
    for (const header of [{}, { tenant: ['customer-a'] }, { tenant: '' }]) {
      const unbound = await new CompactSign(new TextEncoder().encode('{}'))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid, ...header })
        .sign(privateKey)
      expect(await refusal(theirs.verify(unbound, typ))).toMatchObject(rejected)
    }
  })

  it('a changed payload, header or signature, and what is none at all', async () => {
    const { keys, jws, kid } = await known()
    const [header, payload, signature] = jws.split('.')
    for (const forged of [
      `${header}.${encoded({ admin: true })}.${signature}`,
      `${encoded({ alg: 'EdDSA', typ: 'other', kid, tenant })}.${payload}.${signature}`,
      `${header}.${payload}.${base64url.encode(new Uint8Array(64))}`,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${jws}.${signature}`,
      'not a statement',
      '',
    ]) {
      expect(await refusal(keys.verify(forged, typ))).toMatchObject(rejected)
    }
    expect(await refusal(keys.verify(undefined as never, typ))).toMatchObject(rejected)
  })

  it('the signature of another installation', async () => {
    const [one, other] = [keysScene(), keysScene({ seed: 2 })]
    const jws = await other.keys.sign({ admin: true }, typ)
    expect(await refusal(one.keys.verify(jws, typ))).toMatchObject(rejected)
  })

  it('a store that is down is not taken for a forgery', async () => {
    const { keys, jws } = await known()
    const { keys: cut } = keysScene({
      aroundStore: (store) => ({
        ...store,
        get: async () => {
          throw new StoreFailure('store.unavailable', 'no answer')
        },
      }),
    })
    expect(await keys.verify(jws, typ)).toEqual({ admin: false })
    expect(await refusal(cut.verify(jws, typ))).toMatchObject({ code: 'store.unavailable' })
  })
})

describe('rotating the key that signs', () => {
  const by = { operator: 'agent-7' }
  const kids = async ({ keys }: ReturnType<typeof keysScene>) =>
    (await keys.jwks()).keys.map(({ kid }) => kid)

  it('new statements are by the new key, and those of the old ones remain verifiable, in every process', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    const statements = [await other.keys.sign({ n: 0 }, typ)]
    const rotated = [(await kids(one))[0]]
    for (let n = 1; n <= 3; n++) {
      rotated.unshift(await one.keyring.rotateSigning(by))
      // The other process has used the old key and is told nothing.
      statements.push(await other.keys.sign({ n }, typ))
    }
    expect(await kids(one)).toEqual(rotated)
    expect(await kids(other)).toEqual(rotated)
    const late = keysScene({ backing, seed: 3 })
    for (const { keys } of [one, other, late])
      for (const [n, jws] of statements.entries()) expect(await keys.verify(jws, typ)).toEqual({ n })
    const decoded = statements.map((jws) =>
      JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()),
    )
    expect(decoded.map(({ kid }) => kid)).toEqual([...rotated].reverse())
  })

  it('an unknown kid makes a process read the store once, and then it is refused', async () => {
    const backing = memoryBacking()
    let reads = 0
    const counting = (store: Store): Store => ({
      ...store,
      get: (...asked) => {
        if (asked[1].includes('_system/secret/signing')) reads++
        return store.get(...asked)
      },
    })
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2, aroundStore: counting })]
    const before = await one.keys.sign({ n: 0 }, typ)
    await other.keys.verify(before, typ)
    await one.keyring.rotateSigning(by)
    const after = await one.keys.sign({ n: 1 }, typ)
    reads = 0
    expect(await other.keys.verify(after, typ)).toEqual({ n: 1 })
    expect(reads).toBe(1)
    for (const jws of [before, after]) await other.keys.verify(jws, typ)
    expect(reads).toBe(1)
    const foreign = await keysScene({ seed: 9 }).keys.sign({ n: 2 }, typ)
    expect(await refusal(other.keys.verify(foreign, typ))).toMatchObject(rejected)
    expect(reads).toBe(2)
  })

  it('key-id confusion: a statement under the kid of another of our keys is refused, whichever signed it', async () => {
    const scene = keysScene()
    const { keys, secrets, keyring } = scene
    const former = await secrets.signing()
    await keyring.rotateSigning(by)
    const current = await secrets.signing()
    for (const [signer, named] of [
      [former, current],
      [current, former],
    ] as const) {
      const confused = await new CompactSign(new TextEncoder().encode('{}'))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: named.kid, tenant })
        .sign(signer.privateKey)
      expect(await refusal(keys.verify(confused, typ))).toMatchObject(rejected)
    }
  })

  it('no private half of a former key is kept: there is one record, with one seed', async () => {
    const { keys, keyring, backing } = keysScene()
    await keys.sign({}, typ)
    const first = keyRecord(backing, '/secret/signing').value
    await keyring.rotateSigning(by)
    const second = keyRecord(backing, '/secret/signing').value
    expect(JSON.stringify([...(backing.records.get('keys')?.rows ?? [])])).not.toContain(
      (first['material'] as { wrapped: string }).wrapped,
    )
    const [, former] = (await keys.jwks()).keys
    expect(second).toEqual({ at: expect.any(String), material: expect.any(Object), former: [former?.['x']] })
    for (const jwk of (await keys.jwks()).keys) expect(jwk).not.toHaveProperty('d')
  })

  it('a public key that was added to the former ones beside the library: nothing is signed or verified', async () => {
    const { keys, keyring, backing } = keysScene()
    await keys.sign({}, typ)
    await keyring.rotateSigning(by)
    const { key, value } = keyRecord(backing, '/secret/signing')
    const pair = generateKeyPairSync('ed25519')
    const { x = '' } = pair.publicKey.export({ format: 'jwk' })
    const theirs = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })
    const forged = await new CompactSign(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: theirs, tenant })
      .sign(pair.privateKey)
    const own = value['former'] as string[]
    for (const former of [[x], [x, ...own], [...own, x], []]) {
      tamper(backing, { key, value: { ...value, former } })
      const fresh = keysScene({ backing, seed: 4 })
      for (const call of [
        () => fresh.keys.verify(forged, typ),
        () => fresh.keys.jwks(),
        () => fresh.keys.sign({}, typ),
        () => fresh.keyring.rotateSigning(by),
      ])
        expect(await refusal(call())).toMatchObject({ code: 'seal.rejected' })
    }
  })

  it('two that rotate at once: both keys are there, and one of them is the present one', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    const first = await one.keys.sign({}, typ)
    const rotated = await Promise.all([one, other].map(({ keyring }) => keyring.rotateSigning(by)))
    const all = await kids(one)
    expect(all).toHaveLength(3)
    expect(new Set(all.slice(0, 2))).toEqual(new Set(rotated))
    expect(await other.keys.verify(first, typ)).toEqual({})
  })

  it('in an installation that never signed, there is one former key that signed nothing', async () => {
    const scene = keysScene()
    const kid = await scene.keyring.rotateSigning(by)
    expect((await kids(scene))[0]).toBe(kid)
  })
})

describe('bytes that are signed as they are', () => {
  const text = (given: string) => new TextEncoder().encode(given)

  it('are signed by the present key: 64 bytes that anybody can check with its 32 (RFC 8032)', async () => {
    const { keys, keyring } = keysScene()
    for (let round = 0; round < 2; round++) {
      const bytes = text(`ledger of pilvi\n${round}\nroot.\n`)
      const { publicKey, signature } = await keys.signBytes(bytes)
      expect([publicKey.length, signature.length]).toEqual([32, 64])
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(publicKey) }
      const key = createPublicKey({ key: jwk as never, format: 'jwk' })
      expect(verifySignature(null, bytes, key, signature)).toBe(true)
      expect((await keys.publicKeys())[0]).toEqual(publicKey)
      await keyring.rotateSigning({ operator: 'agent-7' })
      expect((await keys.publicKeys())[1]).toEqual(publicKey)
    }
    expect(await keys.publicKeys()).toHaveLength(3)
  })

  it('label injection: what could be the signing input of a JWS is refused', async () => {
    const { keys } = keysScene()
    const jws = await keys.sign({ admin: true }, typ)
    const input = jws.slice(0, jws.lastIndexOf('.'))
    for (const bytes of ['', 'a', '.', input, `${input}\n`, `a.b\n`, `a.\nb`, jws])
      expect(await refusal(keys.signBytes(text(bytes)))).toMatchObject({
        name: 'InvalidInput',
        code: 'input.invalid',
        path: 'bytes',
      })
    for (const bytes of ['\n', 'a\n', 'a\nb.c', '\n.'])
      expect((await keys.signBytes(text(bytes))).signature).toHaveLength(64)
  })

  it('property: no bytes that are signed have the form of a signing input (RFC 7515 §5.1, RFC 7797)', async () => {
    const { keys } = keysScene()
    const pieces = fc.array(fc.constantFrom('a', '.', '\n', 'é'), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const all = given.join('')
        const signed = await keys.signBytes(text(all)).then(
          () => true,
          () => false,
        )
        expect(signed && /^[A-Za-z0-9_-]*\./.test(all)).toBe(false)
        expect(signed).toBe(/^[^.]*\n/.test(all))
      }),
    )
  })

  it('what was given can be changed by the caller and changes nothing', async () => {
    const { keys } = keysScene()
    const [first] = await keys.publicKeys()
    first?.fill(0)
    const { publicKey } = await keys.signBytes(text('\n'))
    publicKey.fill(0)
    expect((await keys.publicKeys())[0]).not.toEqual(new Uint8Array(32))
  })
})
