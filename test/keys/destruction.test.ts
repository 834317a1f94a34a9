/** The end of a key: active, shredding, shredded; what is cut off in between, and that nothing is left that opens. */

import type { Store } from '@pilvi/privacy'
import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { collections } from '../../src/collections.ts'
import { type Bytes, decrypt, importKey } from '../../src/keys/aes.ts'
import { fromBase64url, keyedDigest } from '../../src/keys/digest.ts'
import { contextOfDataKey, usedOf } from '../../src/keys/key-records.ts'
import { localKeys } from '../../src/keys/local.ts'
import { lookupPlace } from '../../src/keys/lookups.ts'
import type { SealContext, WrappedKey } from '../../src/keys/model.ts'
import { contextOfSecret } from '../../src/keys/secrets.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import { canonical } from '../../src/values/canonical.ts'
import { faulty } from '../requests/faults.ts'
import { held } from '../requests/held.ts'
import { canary, secret } from '../requests/scene.ts'
import { context, destroyKeys, keyRecord, keysScene, refusal, tamper } from './scene.ts'

const rejected = { name: 'IntegrityFailure', code: 'seal.rejected' }

/** A person with a sealed value, some lookups under its key, and one under none. */
async function sealedScene({ lookups = 3 } = {}) {
  const backing = memoryBacking()
  const faults: { faulty?: ReturnType<typeof faulty> } = {}
  const scene = keysScene({
    backing,
    aroundStore: (store) => {
      faults.faulty = faulty(store)
      return faults.faulty.store
    },
  })
  const { keys, store } = scene
  const sealed = await keys.seal('value', context)
  const [, key = ''] = sealed.split('.')
  const subjectDigest = await keys.digest('subject', ['customer-1'])
  const lookup = (field: string, more: object, category = 'payment') => ({
    put: {
      collection: collections.lookups.name,
      key: lookupPlace('pilvi', { subjectDigest, category, group: 'customer', field }),
    },
    value: { digest: `digest of ${field}`, subject: 'customer-1', group: 'customer', field, ...more },
    expect: 'absent' as const,
  })
  const under = Array.from({ length: lookups }, (_, i) => lookup(`field${i}`, { key }))
  for (let from = 0; from < under.length; from += 400) await store.commit(under.slice(from, from + 400))
  await store.commit([lookup('plain', {}), lookup('other', { key: 'of another' }, 'contact')])
  const left = () =>
    [...(backing.records.get('lookups')?.rows.values() ?? [])].map(({ json }) => JSON.parse(json).field)
  return { ...scene, ...(faults as Required<typeof faults>), sealed, left }
}

describe('a key that is destroyed', () => {
  it('takes the lookups of what was sealed under it along, and no others', async () => {
    const { keys, backing, left } = await sealedScene()
    await destroyKeys(keys, 'customer-1', ['payment'])
    expect(left().sort()).toEqual(['other', 'plain'])
    expect(keyRecord(backing, '/payment').value).toEqual({
      id: expect.any(String),
      category: 'payment',
      state: 'shredded',
      at: '2026-11-23T10:00:00.000Z',
    })
  })

  it('takes more of them along than one commit holds', async () => {
    const { keys, left } = await sealedScene({ lookups: 900 })
    await destroyKeys(keys, 'customer-1', ['payment'])
    expect(left().sort()).toEqual(['other', 'plain'])
  })

  it.each(['destroyed again', 'swept'] as const)(
    'cut off at any call: no state leads back, reads are erased as soon as it began, and %s it ends',
    async (how) => {
      const whole = await sealedScene()
      whole.faulty.arm(-1, 'before')
      await destroyKeys(whole.keys, 'customer-1', ['payment'])
      const calls = whole.faulty.calls()
      const seen = new Set<unknown>()
      for (let call = 1; call <= calls; call++) {
        for (const fault of ['before', 'after'] as const) {
          const made = await sealedScene()
          made.faulty.arm(call, fault)
          const cut = await destroyKeys(made.keys, 'customer-1', ['payment']).catch(({ code }) => code)
          expect([call, fault, cut]).toEqual([call, fault, expect.stringMatching(/^store\./)])
          made.faulty.arm(-1, 'before')
          const { state } = keyRecord(made.backing, '/payment').value
          seen.add(state)
          const opened = await made.keys.open(made.sealed, context)
          expect([call, state, opened.erased]).toEqual([call, state, state !== 'active'])
          if (state !== 'active') {
            const again = await refusal(made.keys.seal('new', context))
            expect(again).toMatchObject({ code: 'conflict.erased' })
          }
          if (state === 'shredded') expect(made.left().sort()).toEqual(['other', 'plain'])
          if (how === 'destroyed again') await destroyKeys(made.keys, 'customer-1', ['payment'])
          else await made.keys.endDestruction()
          const after = keyRecord(made.backing, '/payment').value['state']
          expect([call, after]).toEqual([call, how === 'swept' && state === 'active' ? 'active' : 'shredded'])
        }
      }
      expect([...seen].sort()).toEqual(['active', 'shredded', 'shredding'])
    },
  )

  it('the sweep of a service ends what an erasure of it left half-done', async () => {
    let found = 0
    for (let call = 40; call < 200; call += 1) {
      const made = held()
      await made.populate()
      const id = await made.confirmed('erasure')
      const { digest: plan } = await made.privacy.requests.plan(id)
      const half = () =>
        [...(made.backing.records.get('keys')?.rows.values() ?? [])].filter(({ json }) =>
          json.includes('"shredding"'),
        )
      made.faults.arm(call, 'before')
      const cut = await made.privacy.requests.fulfil(id, { plan }).catch(() => null)
      made.faults.arm(-1, 'before')
      if (cut !== null) break
      if (half().length === 0) continue
      found++
      await made.privacy.retention.sweep()
      expect(half()).toEqual([])
      expect((await made.privacy.requests.find(id))?.state).toBe('running')
      await made.privacy.requests.fulfil(id, { plan })
    }
    expect(found).toBeGreaterThan(0)
  }, 60_000)

  it('two processes that destroy at once end it once', async () => {
    const made = await sealedScene({ lookups: 500 })
    const other = keysScene({ backing: made.backing, seed: 2 })
    const both = [made.keys, other.keys].map((keys) => destroyKeys(keys, 'customer-1', ['payment']))
    const [a, b] = await Promise.all(both)
    expect(a).toEqual(b)
    expect(made.left().sort()).toEqual(['other', 'plain'])
  })
})

describe('key commitment', () => {
  it('a record whose material was exchanged is refused before it is used, to open and to seal', async () => {
    const { keys, backing, provider } = keysScene()
    const sealed = await keys.seal('value', context)
    const { key, value } = keyRecord(backing, '/payment')
    // Whoever could make the wrapping open to other material would be believed by AES-GCM.
    const other = new Uint8Array(32).fill(9)
    const material = await provider.wrap(other, contextOfDataKey(key, String(value['id'])))
    tamper(backing, { key, value: { ...value, material } })
    expect(await refusal(keys.open(sealed, context))).toMatchObject({ ...rejected, record: value['id'] })
    expect(await refusal(keys.seal('value', context))).toMatchObject({ ...rejected, record: value['id'] })
  })

  it('another commitment, none, and that of another key are refused', async () => {
    const { keys, backing } = keysScene()
    const sealed = await keys.seal('value', context)
    await keys.seal('theirs', { ...context, subject: 'customer-2' })
    const rows = [...(backing.records.get('keys')?.rows ?? [])].filter(([at]) => at.includes('/payment'))
    const [one, other] = rows.map(([key, { json }]) => ({ key, value: JSON.parse(json) }))
    const mine = sealed.includes(one?.value.id) ? one : other
    const theirs = mine === one ? other : one
    for (const commitment of [theirs?.value.commitment, '', '0'.repeat(64)]) {
      tamper(backing, { key: mine?.key ?? '', value: { ...mine?.value, commitment } })
      expect(await refusal(keys.open(sealed, context))).toMatchObject(rejected)
    }
    const { commitment: _, ...without } = mine?.value ?? {}
    tamper(backing, { key: mine?.key ?? '', value: without })
    expect(await refusal(keys.open(sealed, context))).toMatchObject({ code: 'record.corrupt' })
  })

  it('the key that seals is neither the material nor the commitment', async () => {
    const { keys, backing, provider } = keysScene()
    const sealed = await keys.seal('value', context)
    const { key, value } = keyRecord(backing, '/payment')
    const at = contextOfDataKey(key, String(value['id']))
    const material = await provider.unwrap(value['material'] as WrappedKey, at)
    const commitment = Uint8Array.from(Buffer.from(String(value['commitment']), 'hex'))
    expect(await opens(sealed, { material, ...context })).toBe(false)
    expect(await opens(sealed, { material: commitment, ...context })).toBe(false)
    expect(await opens(sealed, { material: usedOf(material), ...context })).toBe(true)
  })
})

/** Whether a sealed text opens under some bytes, in its own context. */
async function opens(
  sealed: string,
  { material, ...where }: SealContext & { readonly material: Bytes },
  tenant = 'pilvi',
): Promise<boolean> {
  const [, , nonce = '', cipher = ''] = sealed.split('.')
  const { subject, category, model, field, record } = where
  const bound = new TextEncoder().encode(canonical([tenant, subject, category, model, field, record]))
  const iv = fromBase64url(nonce) as Bytes
  const text = fromBase64url(cipher) as Bytes
  return decrypt(await importKey(material), text, { iv, bound, record: '' }).then(
    () => true,
    () => false,
  )
}

/** Everything a store holds, as one text per row. */
async function raw(store: Store): Promise<string[]> {
  const rows: string[] = []
  for (const { name } of store.bulk.collections)
    for await (const some of store.bulk.read(name))
      rows.push(...some.map((row) => `${name} ${JSON.stringify(row)}`))
  return rows
}

/** All key material that whoever holds the store and the key-encryption keys can still get at. */
async function materialIn(
  store: Store,
  environment: ReturnType<typeof held>['environment'],
): Promise<Bytes[]> {
  const provider = localKeys([{ id: 'k1', secret }], environment)
  const wrapping = createWrapping({ store, environment, provider }).through(store)
  const found: Bytes[] = []
  for await (const rows of store.bulk.read('keys')) {
    for (const { key, value } of rows) {
      const { material, id } = Object(value) as { material?: WrappedKey; id?: string }
      if (material === undefined) continue
      const where = id === undefined ? contextOfSecret(key) : contextOfDataKey(key, id)
      found.push(await wrapping.unwrap(material, where))
    }
  }
  return found
}

describe('after destruction nothing in a raw dump of the store opens or matches a lookup', () => {
  it.each(['swept', 'reopened, returned and swept'] as const)(
    'of a person who was erased and %s',
    async (how) => {
      const made = held()
      const { privacy, store, environment } = made
      await made.populate()
      await made.populate('customer-2')
      const note = { ...context, category: 'delivery', model: 'orders', field: 'note', record: 'order-9' }
      const seals = [
        { sealed: await privacy.keys.seal('leave it at the door', note), place: note as SealContext },
      ]
      const register = made.backing.records.get('register')?.rows.get('pilvi/customer-1/customer')
      const { paymentDetails } = JSON.parse(register?.json ?? '{}').fields
      seals.push({ sealed: paymentDetails.value, place: context })
      const old = await materialIn(store, environment)
      // The check can fail: before, each opens under one of the keys, and the lookups match.
      for (const { sealed, place } of seals) {
        const each = await Promise.all(
          old.map((material) => opens(sealed, { material: usedOf(material), ...place })),
        )
        expect(each.filter(Boolean)).toHaveLength(1)
      }
      const forms = [
        ['customer', 'email', canary.email],
        ['customer', 'vatId', canary.vatId],
        ['customer', 'paymentDetails', canary.iban.replaceAll(' ', '')],
      ] as const
      const digestsUnder = (all: readonly Bytes[]) =>
        all.flatMap((material) => forms.map((parts) => keyedDigest(material, ['pilvi', ...parts])))
      const matching = async (digests: readonly string[]) =>
        (await raw(store)).filter(
          (row) => !row.includes('customer-2') && digests.some((digest) => row.includes(digest)),
        )
      expect(await matching(digestsUnder(old))).toHaveLength(3)

      await made.erased()
      if (how !== 'swept') {
        await privacy.requests.reopen({ subject: 'customer-1', operator: 'agent-7', because: 'returned' })
        const fields = { contactPerson: 'N. N.', email: 'new@example.com', vatId: 'FI01120389' }
        await privacy.register.save({ group: 'customer', subject: 'customer-1', origin: 'customer', fields })
        await privacy.keys.seal('ring the bell', note)
      }
      environment.set('2033-01-01T12:00:00.000Z')
      await privacy.retention.sweep()

      const left = await materialIn(store, environment)
      expect(left.length).toBeGreaterThan(2)
      for (const { sealed, place } of seals) {
        for (const material of left) {
          expect(await opens(sealed, { material, ...place })).toBe(false)
          expect(await opens(sealed, { material: usedOf(material), ...place })).toBe(false)
        }
      }
      expect(await matching(digestsUnder([...old, ...left]))).toEqual([])
      // No key of theirs is among what is left, and no sealed text of theirs either.
      const rows = await raw(store)
      for (const { sealed } of seals) expect(rows.filter((row) => row.includes(sealed))).toEqual([])
    },
  )
})
