/** The secrets that digests are keyed with: one that is lost is never made anew, because people are found by it. */

import { createPrivacy, localKeys } from '@pilvi/privacy'
import { type MemoryBacking, memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { describe, expect, it } from 'vitest'
import { type Store, StoreFailure } from '../../src/index.ts'
import type { DigestUse } from '../../src/keys/model.ts'
import { secretKey } from '../../src/keys/secrets.ts'
import { kek, keysScene, refusal, tamper } from './scene.ts'

const uses: readonly DigestUse[] = ['subject', 'contact', 'token', 'lookup', 'factor']
const placeOf = (use: DigestUse): string => secretKey(`digest-${use}`)
const corrupt = (use: DigestUse) => ({
  name: 'IntegrityFailure',
  code: 'record.corrupt',
  record: placeOf(use),
})

const rowsOf = (backing: MemoryBacking, collection: string) => {
  const rows = backing.records.get(collection)?.rows
  if (rows === undefined) throw new Error(`nothing is kept in ${collection}`)
  return rows
}
const remove = (backing: MemoryBacking, collection: string, at: string): void => {
  if (!rowsOf(backing, collection).delete(at)) throw new Error(`${at} is not there`)
}
const valueAt = (backing: MemoryBacking, collection: string, at: string): unknown =>
  JSON.parse(rowsOf(backing, collection).get(at)?.json ?? 'null')

/** A whole service of one tenant, in a process of its own. */
function service(backing: MemoryBacking) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed: backing.version })
  const keys = localKeys([kek], environment)
  const privacy = createPrivacy({
    policy: pilviPolicy,
    store: memoryStore({ backing }),
    keys,
    tenant: 'pilvi',
    environment,
  })
  return privacy.tenant('a')
}
const question = { subject: 'person-1', purpose: 'telemarketing', channel: 'phone' } as const

describe('lost digest secret', () => {
  it('a denied person is not permitted, an erased one not saved again', async () => {
    const backing = memoryBacking()
    const before = service(backing)
    const person = {
      group: 'customers-customer',
      subject: 'person-2',
      origin: 'customer',
      fields: { contactPerson: 'Firstname Lastname', email: 'someone@example.com', vatId: 'FI20774740' },
    } as const
    await before.consent.deny({
      subject: 'person-1',
      purpose: 'telemarketing',
      by: 'phone',
      operator: 'agent-7',
    })
    await before.register.save(person)
    const { id } = await before.requests.open({ subject: 'person-2', kind: 'erasure', receivedBy: 'email' })
    await before.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    await before.requests.fulfil(id, { plan: (await before.requests.plan(id)).digest })
    const meanwhile = service(backing)
    expect(await meanwhile.consent.decide(question)).toMatchObject({ outcome: 'deny' })
    expect(await refusal(meanwhile.register.save(person))).toMatchObject({ code: 'conflict.erased' })

    remove(backing, 'keys', placeOf('subject'))
    const after = service(backing)
    expect(await refusal(after.consent.decide(question))).toMatchObject(corrupt('subject'))
    expect(await refusal(after.register.save(person))).toMatchObject(corrupt('subject'))
    expect(rowsOf(backing, 'keys').has(placeOf('subject'))).toBe(false)
  })

  it.each(uses)('%s: gone, it is refused until it is back', async (use) => {
    const backing = memoryBacking()
    const digest = await keysScene({ backing }).keys.digest(use, ['a'])
    const kept = valueAt(backing, 'keys', placeOf(use))
    remove(backing, 'keys', placeOf(use))
    const next = keysScene({ backing, seed: 2 })
    for (const _ of [1, 2]) expect(await refusal(next.keys.digest(use, ['a']))).toMatchObject(corrupt(use))
    tamper(backing, { key: placeOf(use), value: kept })
    expect(await next.keys.digest(use, ['a'])).toBe(digest)
  })

  it.each(uses)('%s: another in its place, wrapped as it should be, is refused', async (use) => {
    const [backing, other] = [memoryBacking(), memoryBacking()]
    await keysScene({ backing }).keys.digest(use, ['a'])
    await keysScene({ backing: other, seed: 2 }).keys.digest(use, ['a'])
    tamper(backing, { key: placeOf(use), value: valueAt(other, 'keys', placeOf(use)) })
    const next = keysScene({ backing, seed: 3 })
    expect(await refusal(next.keys.digest(use, ['a']))).toMatchObject(corrupt(use))
  })

  it('a fingerprint that is none is refused', async () => {
    const backing = memoryBacking()
    await keysScene({ backing }).keys.digest('subject', ['a'])
    for (const value of [null, {}, { fingerprint: '' }, { fingerprint: 7 }]) {
      tamper(backing, { collection: 'tenants', key: placeOf('subject'), value })
      const next = keysScene({ backing, seed: 2 })
      expect(await refusal(next.keys.digest('subject', ['a']))).toMatchObject(corrupt('subject'))
    }
  })

  it('one of an installation from before gets its fingerprint when it is read, and is not lost unseen then', async () => {
    const backing = memoryBacking()
    const digest = await keysScene({ backing }).keys.digest('subject', ['a'])
    const fingerprint = valueAt(backing, 'tenants', placeOf('subject'))
    remove(backing, 'tenants', placeOf('subject'))
    const processes = [2, 3].map((seed) => keysScene({ backing, seed }))
    const read = await Promise.all(processes.map(({ keys }) => keys.digest('subject', ['a'])))
    expect(read).toEqual([digest, digest])
    expect(valueAt(backing, 'tenants', placeOf('subject'))).toEqual(fingerprint)
    remove(backing, 'keys', placeOf('subject'))
    const next = keysScene({ backing, seed: 4 })
    expect(await refusal(next.keys.digest('subject', ['a']))).toMatchObject(corrupt('subject'))
  })

  it('processes that make it at once, and one that reads meanwhile, take the same and refuse nothing', async () => {
    const backing = memoryBacking()
    // The reader stands between its two reads while the other makes the secret.
    const other = keysScene({ backing, seed: 2 })
    let made: string | undefined
    const around = (store: Store): Store => ({
      ...store,
      async get(collection, keys) {
        const found = await store.get(collection, keys)
        if (collection === 'tenants') made ??= await other.keys.digest('subject', ['a'])
        return found
      },
    })
    const reader = keysScene({ backing, seed: 3, aroundStore: around })
    expect(await reader.keys.digest('subject', ['a'])).toBe(made)
    const processes = [4, 5, 6].map((seed) => keysScene({ backing, seed }))
    const all = await Promise.all(processes.map(({ keys }) => keys.digest('factor', ['a'])))
    expect(new Set(all).size).toBe(1)
  })

  it('cut off while it is made: there is neither, and the next call makes both', async () => {
    const backing = memoryBacking()
    let down = true
    const around = (store: Store): Store => ({
      ...store,
      async commit(changes) {
        if (down && changes.length > 1) throw new StoreFailure('store.unavailable', 'killed by the test')
        return store.commit(changes)
      },
    })
    const { keys } = keysScene({ backing, aroundStore: around })
    expect(await refusal(keys.digest('subject', ['a']))).toMatchObject({ code: 'store.unavailable' })
    expect(rowsOf(backing, 'keys').has(placeOf('subject'))).toBe(false)
    expect(valueAt(backing, 'tenants', placeOf('subject'))).toBeNull()
    down = false
    const digest = await keys.digest('subject', ['a'])
    expect(await keysScene({ backing, seed: 2 }).keys.digest('subject', ['a'])).toBe(digest)
  })

  it('a store that loses what it acknowledged: nothing rests on the secret', async () => {
    const around = (store: Store): Store => ({
      ...store,
      commit: async (changes) => {
        if (changes.length === 1) await store.commit(changes)
      },
    })
    const { keys } = keysScene({ aroundStore: around })
    expect(await refusal(keys.digest('subject', ['a']))).toMatchObject(corrupt('subject'))
  })

  it('the fingerprint tells no secret, and no digest that is in use', async () => {
    const backing = memoryBacking()
    const { keys, secrets } = keysScene({ backing })
    const digest = await keys.digest('subject', ['a'])
    const secret = Buffer.from(await secrets.secret('digest-subject')).toString('hex')
    const { fingerprint } = valueAt(backing, 'tenants', placeOf('subject')) as { fingerprint: string }
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect([digest, secret]).not.toContain(fingerprint)
  })
})
