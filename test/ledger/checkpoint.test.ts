/** Whose checkpoint it is: signing, opening, keys that were replaced, ledgers of others. */

import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { openCheckpoint, originOf, publicKeysOf, signCheckpoint } from '../../src/ledger/checkpoint.ts'
import type { Checkpoint } from '../../src/ledger/model.ts'
import { headText, signedNote } from '../../src/ledger/note.ts'
import { verified, verifyLedger } from '../../src/ledger/verifying.ts'
import { keysScene, refusal } from '../keys/scene.ts'
import { ledgerScene } from './scene.ts'

const origin = 'pilvi-privacy/pilvi/pilvi'
const said: Checkpoint = { origin, size: 3, root: 'ab'.repeat(32) }
const rejected = { name: 'IntegrityFailure', code: 'seal.rejected', path: 'checkpoint' }

/** A new signing key for the installation. */
async function rotated({ secrets, store }: ReturnType<typeof keysScene>): Promise<void> {
  await store.commit([(await secrets.rotation()).change])
}

describe('a checkpoint', () => {
  it('is opened with the public keys, and with no other', async () => {
    const { keys } = keysScene()
    const note = await signCheckpoint(keys, said)
    const jwks = await keys.jwks()
    expect(await openCheckpoint(note, { origin, jwks })).toEqual(said)
    const others = await keysScene({ seed: 2 }).keys.jwks()
    expect(await refusal(openCheckpoint(note, { origin, jwks: others }))).toMatchObject(rejected)
    expect(await refusal(openCheckpoint(note, { origin, jwks: { keys: [] } }))).toMatchObject(rejected)
  })

  it('of the same state is the same note', async () => {
    const { keys } = keysScene()
    expect(await signCheckpoint(keys, said)).toBe(await signCheckpoint(keys, said))
  })

  it('stays good after the signing key was replaced, and new ones are signed by the new key', async () => {
    const scene = keysScene()
    const { keys } = scene
    const before = await signCheckpoint(keys, said)
    await rotated(scene)
    const jwks = await keys.jwks()
    expect(await openCheckpoint(before, { origin, jwks })).toEqual(said)
    const after = await signCheckpoint(keys, said)
    expect(after).not.toBe(before)
    expect(await openCheckpoint(after, { origin, jwks })).toEqual(said)
    const old = { keys: jwks.keys.slice(1) }
    expect(await refusal(openCheckpoint(after, { origin, jwks: old }))).toMatchObject(rejected)
  })

  it('signatures of witnesses beside ours are passed over, and do for none of ours', async () => {
    const { keys } = keysScene()
    const note = await signCheckpoint(keys, said)
    const witness = `— witness.example/w ${note.split(' ').at(-1)}`
    const jwks = await keys.jwks()
    expect(await openCheckpoint(note.replace(/— /, `${witness}— `), { origin, jwks })).toEqual(said)
    const alone = note.replace(/— .*\n$/, witness)
    expect(await refusal(openCheckpoint(alone, { origin, jwks }))).toMatchObject(rejected)
  })

  it('key-id confusion: one that claims to be of our key and is not ends it, beside one that is', async () => {
    const { keys } = keysScene()
    const note = await signCheckpoint(keys, said)
    const [publicKey = new Uint8Array()] = await keys.publicKeys()
    const text = headText(said)
    const forged = signedNote(text, { name: origin, publicKey, signature: new Uint8Array(64) })
    const jwks = await keys.jwks()
    expect(await refusal(openCheckpoint(forged, { origin, jwks }))).toMatchObject(rejected)
    const both = note + forged.slice(forged.indexOf('—'))
    expect(await refusal(openCheckpoint(both, { origin, jwks }))).toMatchObject(rejected)
  })

  it.each<[string, (note: string) => unknown]>([
    ['another size', (note) => note.replace('\n3\n', '\n4\n')],
    ['another origin in the text', (note) => note.replace('/pilvi\n', '/other\n')],
    ['another name of the key', (note) => note.replace(`— ${origin}`, '— pilvi-privacy/pilvi/other')],
    ['a line more', (note) => note.replace('\n\n', '\nmore\n\n')],
    ['no signature', (note) => note.replace(/— .*\n$/, '')],
    ['nothing', () => undefined],
    ['an object', (note) => ({ note })],
  ])('with %s is refused', async (_, change) => {
    const { keys } = keysScene()
    const note = change(await signCheckpoint(keys, said)) as string
    expect(await refusal(openCheckpoint(note, { origin, jwks: await keys.jwks() }))).toMatchObject(rejected)
  })

  it('algorithm confusion: keys of other kinds, and what is no key, sign nothing', async () => {
    const { keys } = keysScene()
    const [jwk = {}] = (await keys.jwks()).keys
    const { x } = jwk
    const others = [
      { ...jwk, kty: 'RSA' },
      { ...jwk, crv: 'X25519' },
      { ...jwk, x: 7 },
      { ...jwk, x: `${x}AA` },
      { ...jwk, x: '*' },
      { kty: 'oct', k: x },
      null,
      'x',
    ]
    expect(publicKeysOf({ keys: others as Record<string, unknown>[] })).toEqual([])
    expect(publicKeysOf({ keys: [jwk] })).toHaveLength(1)
    for (const none of [null, 'x', {}, { keys: {} }])
      expect(() => publicKeysOf(none as never)).toThrow(expect.objectContaining({ path: 'jwks' }))
  })
})

describe('the origin', () => {
  it('is the host’s name and the tenant', () => {
    expect(originOf('pilvi-privacy/pilvi', 'customer-a')).toBe('pilvi-privacy/pilvi/customer-a')
  })

  it.each(['', 'a b', 'a+b', 'a\n', 'example.com', 'ä', 'x'.repeat(201), 7, null])('%j is none', (base) => {
    const refused = { code: 'input.invalid', path: 'ledger.origin' }
    expect(() => originOf(base, 'a')).toThrow(expect.objectContaining(refused))
  })
})

describe('ledgers of others', () => {
  it('a checkpoint of another tenant, signed by the same key, vouches for nothing', async () => {
    const backing = memoryBacking()
    const ours = ledgerScene({ backing })
    const theirs = ledgerScene({ backing, tenant: 'customer-a', seed: 2 })
    await ours.sequenced(3)
    await theirs.sequenced(3)
    const { checkpoint = '' } = await theirs.ledger.verify()
    expect(await theirs.ledger.verify({ checkpoints: [checkpoint] })).toMatchObject({ vouched: 3 })
    expect(await refusal(ours.ledger.verify({ checkpoints: [checkpoint] }))).toMatchObject(rejected)
    expect(await refusal(ours.ledger.proveConsistency({ from: checkpoint }))).toMatchObject(rejected)
    expect(await refusal(ours.ledger.proveInclusion({ sequence: 1, checkpoint }))).toMatchObject(rejected)
  })

  it('a ledger goes on and verifies after the signing key was replaced, from its first head to its last', async () => {
    const scene = ledgerScene()
    await scene.sequenced(3)
    const { checkpoint = '' } = await scene.ledger.verify()
    await rotated(scene)
    expect(await scene.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 3 })
    await scene.sequenced(3, 4)
    expect(await scene.ledger.verify({ checkpoints: [checkpoint] })).toMatchObject({
      outcome: 'intact',
      entries: 6,
      vouched: 3,
    })
  })
})

describe('verifying without a key that signs', () => {
  it('takes the store, the public keys and the origin', async () => {
    const { ledger, sequenced, store, keys, raw } = ledgerScene()
    await sequenced(5)
    const report = await ledger.verify()
    const { checkpoint = '' } = report
    const jwks = await keys.jwks()
    const bare = { get: store.get, scan: store.scan }
    const at = { store: bare, tenant: 'pilvi' }
    expect(await verifyLedger(at, { origin, jwks })).toEqual(report)
    expect(await verifyLedger(at, { origin, jwks, checkpoints: [checkpoint] })).toMatchObject({ vouched: 5 })
    const others = await keysScene({ seed: 2 }).keys.jwks()
    expect(await verifyLedger(at, { origin, jwks: others })).toMatchObject({
      outcome: 'broken',
      broken: { sequence: 1, says: 'the stored head is not one that was signed' },
    })
    expect(
      await refusal(verifyLedger(at, { origin, jwks: others, checkpoints: [checkpoint] })),
    ).toMatchObject(rejected)
    raw.write([])
    expect(await verifyLedger(at, { origin, jwks })).toMatchObject({ outcome: 'broken' })
  })

  it('a ledger of another origin is told from one that was not signed', async () => {
    const { sequenced, store, keys } = ledgerScene({ tenant: 'customer-a' })
    await sequenced(2)
    const wrong = { origin: 'pilvi-privacy/customer-a/customer-a', jwks: await keys.jwks() }
    expect(await verifyLedger({ store, tenant: 'customer-a' }, wrong)).toMatchObject({
      outcome: 'broken',
      broken: { sequence: 1, says: 'the stored head is of another origin' },
    })
  })

  it('reads the public keys once, after the head, however many notes there are', async () => {
    const { store, ledger, sequenced, keys } = ledgerScene()
    const notes: string[] = []
    for (const from of [1, 2, 3]) {
      await sequenced(1, from)
      notes.push((await ledger.verify()).checkpoint ?? '')
    }
    const calls: string[] = []
    const counted = {
      get: (...given: Parameters<typeof store.get>) => {
        calls.push(given[0])
        return store.get(...given)
      },
      scan: store.scan,
    }
    const publicKeys = () => {
      calls.push('keys')
      return keys.publicKeys()
    }
    const place = { store: counted, tenant: 'pilvi', origin, publicKeys }
    expect(await verified(place, notes)).toMatchObject({ outcome: 'intact', vouched: 3 })
    expect(calls).toEqual(['heads', 'keys'])
  })

  it('refuses a tenant and keys that are none', async () => {
    const { store } = ledgerScene()
    const jwks = { keys: [] }
    await expect(async () => verifyLedger({ store, tenant: '../x' }, { origin, jwks })).rejects.toMatchObject(
      {
        code: 'input.invalid',
        path: 'tenant',
      },
    )
    await expect(async () =>
      verifyLedger({ store, tenant: 'pilvi' }, { origin, jwks: null as never }),
    ).rejects.toMatchObject({ path: 'jwks' })
  })
})
