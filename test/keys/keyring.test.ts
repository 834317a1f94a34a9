/** The keyring: what each key may do, in every process at once; commitments, and how often a key may wrap. */

import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { StoreFailure } from '../../src/errors.ts'
import type { KeyEntry, KeyProvider } from '../../src/keys/model.ts'
import { restingTime, wrapBlock, wrapLimit } from '../../src/keys/rules.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import type { Store } from '../../src/store.ts'
import { context, destroyKeys, kek, keyRecord, keysScene, refusal, tamper } from './scene.ts'

const by = { operator: 'agent-7' }
const fresh = { id: 'kek-2', secret: new Uint8Array(32).fill(9) }
const third = { id: 'kek-3', secret: new Uint8Array(32).fill(10) }
const rejected = { name: 'IntegrityFailure', code: 'seal.rejected' }
const refusedFor = (record: string) => ({ name: 'Conflict', code: 'conflict.state', record })
const material = new Uint8Array(32).fill(5)

type Scene = ReturnType<typeof keysScene>
const statuses = async ({ keyring }: Scene): Promise<Record<string, string>> => {
  const all: Record<string, string> = {}
  for await (const { id, status } of keyring.list()) all[id] = status
  return all
}
const acts = async ({ ledger }: Scene): Promise<[string, string, string][]> => {
  await ledger.sequence()
  const all: [string, string, string][] = []
  for await (const { action, actor, record } of ledger.list()) all.push([action, actor.id, record])
  return all
}
const under = (place: string) => `a place\n${place}`

/** Installed with the first key; later processes have the second as well, which was added. */
async function rotating() {
  const backing = memoryBacking()
  const before = keysScene({ backing })
  const sealed = await before.keys.seal('value', context)
  const scene = keysScene({ backing, seed: 2, ring: [kek, fresh] })
  await scene.keyring.add('kek-2', by)
  return { before, sealed, ...scene }
}

describe('a new installation', () => {
  it('has the provider’s first key as primary, and the others unwrap', async () => {
    const scene = keysScene({ ring: [kek, fresh] })
    await scene.keys.seal('value', context)
    const listed: unknown[] = []
    for await (const each of scene.keyring.list()) listed.push(each)
    const at = '2026-11-23T10:00:00.000Z'
    expect(listed).toEqual([
      {
        id: 'kek-1',
        status: 'primary',
        addedAt: at,
        changedAt: at,
        commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
        wraps: wrapBlock,
      },
      {
        id: 'kek-2',
        status: 'active',
        addedAt: at,
        changedAt: at,
        commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
        wraps: 0,
      },
    ])
    expect(keyRecord(scene.backing, '/payment').value['material']).toMatchObject({ keyId: 'kek-1' })
  })

  it('two processes that begin at once agree on one keyring', async () => {
    const backing = memoryBacking()
    const scenes = [
      keysScene({ backing, ring: [kek, fresh] }),
      keysScene({ backing, seed: 2, ring: [fresh, kek] }),
    ]
    await Promise.all(scenes.map(({ keys }) => keys.seal('value', context)))
    const [one, other] = await Promise.all(scenes.map(statuses))
    expect(one).toEqual(other)
    expect(Object.values(one ?? {}).sort()).toEqual(['active', 'primary'])
  })

  it('no key material is in the store', async () => {
    const { backing } = await rotating()
    const raw = JSON.stringify([...(backing.records.get('keys')?.rows ?? [])])
    for (const { secret } of [kek, fresh])
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(raw).not.toContain(Buffer.from(secret).toString(encoding))
  })
})

describe('rotation', () => {
  it('a promoted key wraps in every process from then on, and what lay under the former still opens', async () => {
    const { keyring, keys, backing, before, sealed } = await rotating()
    await keyring.promote('kek-2', by)
    await keys.seal('new', { ...context, category: 'delivery' })
    expect(keyRecord(backing, '/delivery').value['material']).toMatchObject({ keyId: 'kek-2' })
    expect(keyRecord(backing, '/payment').value['material']).toMatchObject({ keyId: 'kek-1' })
    expect(await keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
    // A process that was never given the new key goes on reading what it can, and wraps nothing under the old one.
    expect(await before.keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
    const refused = await refusal(before.keys.seal('new', { ...context, category: 'contact' }))
    expect(refused).toMatchObject({ ...rejected, record: 'kek-2' })
  })

  it('every change is on record, with its operator', async () => {
    const scene = await rotating()
    const { keyring, environment } = scene
    const step = async (act: Promise<unknown>) => {
      await act
      environment.advance(restingTime)
    }
    environment.advance(1)
    await step(keyring.promote('kek-2', by))
    await step(keyring.demote('kek-1', by))
    await step(keyring.enable('kek-1', by))
    await step(keyring.disable('kek-1', by))
    await step(keyring.enable('kek-1', by))
    for await (const _ of keyring.rewrap(by)) environment.advance(1)
    await step(keyring.disable('kek-1', by))
    await step(keyring.destroy('kek-1', by))
    const kid = await keyring.rotateSigning(by)
    expect(await acts(scene)).toEqual([
      ['keys.added', 'agent-7', 'kek-2'],
      ['keys.promoted', 'agent-7', 'kek-2'],
      ['keys.demoted', 'agent-7', 'kek-1'],
      ['keys.enabled', 'agent-7', 'kek-1'],
      ['keys.disabled', 'agent-7', 'kek-1'],
      ['keys.enabled', 'agent-7', 'kek-1'],
      ['keys.rewrapped', 'agent-7', 'kek-2'],
      ['keys.disabled', 'agent-7', 'kek-1'],
      ['keys.destroyed', 'agent-7', 'kek-1'],
      ['keys.signing-rotated', 'agent-7', kid],
    ])
    expect(await statuses(scene)).toEqual({ 'kek-1': 'destroyed', 'kek-2': 'primary' })
  })

  it('what is refused is not on record and changes nothing', async () => {
    const scene = await rotating()
    const before = await acts(scene)
    const { keyring } = scene
    for (const verb of ['promote', 'demote', 'disable', 'destroy', 'enable', 'add'] as const)
      expect(await refusal(keyring[verb]('kek-1', by)), verb).toMatchObject(refusedFor('kek-1'))
    expect(await refusal(keyring.disable('unheard-of', by))).toMatchObject(refusedFor('unheard-of'))
    expect(await acts(scene)).toEqual(before)
    expect(await statuses(scene)).toEqual({ 'kek-1': 'primary', 'kek-2': 'active' })
  })

  it('a key that the provider does not have is neither added nor promoted', async () => {
    const { before } = await rotating()
    expect(await refusal(before.keyring.add('kek-3', by))).toMatchObject({
      name: 'InvalidInput',
      code: 'input.invalid',
      path: 'id',
    })
    expect(await refusal(before.keyring.promote('kek-2', by))).toMatchObject({
      ...rejected,
      record: 'kek-2',
    })
  })

  it.each([undefined, {}, { operator: '' }, { operator: 7 }])(
    'without an operator: %j is refused',
    async (who) => {
      const { keyring } = await rotating()
      for (const call of [
        keyring.promote('kek-2', who as never),
        keyring.add('kek-3', who as never),
        keyring.rotateSigning(who as never),
      ])
        expect(await refusal(call)).toMatchObject({ name: 'InvalidInput', code: 'input.invalid' })
    },
  )

  it('two operators at once: one of two promotions is the last, and one key is primary', async () => {
    const backing = memoryBacking()
    const ring = [kek, fresh, third] as const
    const [one, other] = [keysScene({ backing, ring }), keysScene({ backing, ring, seed: 2 })]
    await Promise.all([one.keyring.promote('kek-2', by), other.keyring.promote('kek-3', by)])
    const after = Object.values(await statuses(one)).sort()
    expect(after).toEqual(['active', 'active', 'primary'])
    expect(await acts(one)).toHaveLength(2)
  })
})

describe('a key that must not be used', () => {
  it('disabled: nothing under it opens, in any process, until it is enabled again', async () => {
    const { keyring, keys, before, sealed } = await rotating()
    await keyring.promote('kek-2', by)
    await keyring.disable('kek-1', by)
    expect(await refusal(keys.open(sealed, context))).toMatchObject(refusedFor('kek-1'))
    expect(await refusal(before.keys.open(sealed, context))).toMatchObject(refusedFor('kek-1'))
    await keyring.enable('kek-1', by)
    expect(await before.keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
  })

  it('decrypt-only: opens, and has to become active before it is promoted', async () => {
    const { keyring, keys, sealed } = await rotating()
    await keyring.promote('kek-2', by)
    await keyring.demote('kek-1', by)
    expect(await keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
    expect(await refusal(keyring.promote('kek-1', by))).toMatchObject(refusedFor('kek-1'))
    await keyring.enable('kek-1', by)
    await keyring.promote('kek-1', by)
  })

  it('is not destroyed while anything of any tenant lies under it, and for good once nothing does', async () => {
    const scene = await rotating()
    const { keyring, environment, tenant, keys, sealed } = scene
    const theirs = await tenant('customer-a').seal('theirs', context)
    await keyring.promote('kek-2', by)
    for (const left of ['everything', 'what is the controller’s'] as const) {
      await keyring.disable('kek-1', by)
      environment.advance(restingTime)
      expect(await refusal(keyring.destroy('kek-1', by)), left).toMatchObject(refusedFor('kek-1'))
      await keyring.enable('kek-1', by)
      for await (const step of keyring.rewrap({ ...by, batch: 1 }))
        if (left === 'everything' && step.cursor.startsWith('customer-a/')) break
    }
    await keyring.disable('kek-1', by)
    environment.advance(restingTime)
    await keyring.destroy('kek-1', by)
    for (const verb of ['add', 'enable', 'promote', 'demote', 'disable', 'destroy'] as const)
      expect(await refusal(keyring[verb]('kek-1', by)), verb).toMatchObject(refusedFor('kek-1'))
    expect(await keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
    expect(await tenant('customer-a').open(theirs, context)).toMatchObject({ value: 'theirs' })
  })

  it('destroyed: what a restored record has under it does not open', async () => {
    const { keyring, keys, environment, backing, sealed } = await rotating()
    const old = keyRecord(backing, '/payment')
    await keyring.promote('kek-2', by)
    for await (const _ of keyring.rewrap(by));
    await keyring.disable('kek-1', by)
    environment.advance(restingTime)
    await keyring.destroy('kek-1', by)
    tamper(backing, old)
    expect(await refusal(keys.open(sealed, context))).toMatchObject(refusedFor('kek-1'))
  })
})

describe('key-id confusion: key-encryption keys', () => {
  it('what names a key that is not in the keyring does not open, though the provider has it', async () => {
    const { provider } = keysScene({ ring: [kek] })
    const wrapped = await provider.wrap(material, under('a'))
    for (const keyId of ['kek-2', 'constructor', ''])
      expect(await refusal(provider.unwrap({ ...wrapped, keyId }, under('a')))).toMatchObject({
        ...rejected,
        record: keyId,
      })
    const backing = memoryBacking()
    const installed = keysScene({ backing })
    await installed.keys.jwks()
    const more = keysScene({ backing, ring: [kek, fresh] })
    const foreign = await keysScene({ ring: [fresh] }).provider.wrap(material, under('a'))
    expect(await refusal(more.provider.unwrap(foreign, under('a')))).toMatchObject({
      ...rejected,
      record: 'kek-2',
    })
  })

  it('what one key wrapped does not open under the id of another of the keyring, even of the same secret', async () => {
    const twin = { id: 'twin', secret: kek.secret }
    const { provider } = keysScene({ ring: [kek, fresh, twin] })
    const { wrapped } = await provider.wrap(material, under('a'))
    for (const keyId of ['kek-2', 'twin'])
      expect(await refusal(provider.unwrap({ keyId, wrapped }, under('a')))).toMatchObject(rejected)
    expect(await provider.unwrap({ keyId: 'kek-1', wrapped }, under('a'))).toEqual(material)
  })
})

describe('invisible salamander: another secret under a known id', () => {
  /** What is asked of a provider, written down. */
  const recorded =
    (asked: string[]) =>
    (provider: KeyProvider): KeyProvider => ({
      ...provider,
      wrap: (given, where) => {
        asked.push('wrap')
        return provider.wrap(given, where)
      },
      unwrap: (given, where) => {
        asked.push('unwrap')
        return provider.unwrap(given, where)
      },
    })
  const impostor = { id: 'kek-1', secret: new Uint8Array(32).fill(8) }

  it('is refused before anything is wrapped or unwrapped under it', async () => {
    const backing = memoryBacking()
    const sealed = await keysScene({ backing }).keys.seal('value', context)
    const asked: string[] = []
    const other = keysScene({ backing, seed: 2, ring: [impostor], aroundProvider: recorded(asked) })
    const expected = { ...rejected, record: 'kek-1' }
    for (const call of [
      () => other.keys.open(sealed, context),
      () => other.keys.seal('new', { ...context, category: 'delivery' }),
      () => other.keys.sign({}, 'test+jws'),
      () => other.provider.wrap(material, 'a'),
    ])
      expect(await refusal(call())).toMatchObject(expected)
    expect(asked).toEqual([])
    // The count is not touched either.
    expect(keyRecord(backing, '/wraps/').value).toEqual({ reserved: wrapBlock })
  })

  it('a provider that unwraps whatever it is given is not asked either, as long as its commitment differs', async () => {
    const backing = memoryBacking()
    const sealed = await keysScene({ backing }).keys.seal('value', context)
    const willing = keysScene({
      backing,
      ring: [impostor],
      aroundProvider: (provider) => ({ ...provider, unwrap: async () => material }),
    })
    expect(await refusal(willing.keys.open(sealed, context))).toMatchObject({ ...rejected, record: 'kek-1' })
  })

  it('a promotion under another secret is refused, so that no process begins to wrap under it', async () => {
    const { backing } = await rotating()
    const other = keysScene({ backing, seed: 3, ring: [kek, { ...fresh, secret: impostor.secret }] })
    expect(await refusal(other.keyring.promote('kek-2', by))).toMatchObject({ ...rejected, record: 'kek-2' })
    expect(await statuses(other)).toEqual({ 'kek-1': 'primary', 'kek-2': 'active' })
  })

  it('a key that was good once in a process is asked about no more, one on record anew is', async () => {
    let asked = 0
    const backing = memoryBacking()
    const { keys } = keysScene({
      backing,
      aroundProvider: (provider) => ({
        ...provider,
        commitment: (id) => {
          asked++
          return provider.commitment(id)
        },
      }),
    })
    const sealed = await keys.seal('value', context)
    const first = asked
    await keys.open(sealed, context)
    expect([first, asked]).toEqual([2, 2])
    const { key, value } = keyRecord(backing, '_system/keyring')
    const [entry] = value['entries'] as KeyEntry[]
    tamper(backing, { key, value: { entries: [{ ...entry, commitment: 'another' }] } })
    expect(await refusal(keys.open(sealed, context))).toMatchObject({ ...rejected, record: 'kek-1' })
  })

  it('a key service that does not answer is asked again by the next call', async () => {
    let down = true
    const { keys } = keysScene({
      aroundProvider: (provider) => ({
        ...provider,
        commitment: async (id) => {
          if (down) throw new StoreFailure('store.unavailable', 'no answer')
          return provider.commitment(id)
        },
      }),
    })
    expect(await refusal(keys.jwks())).toMatchObject({ code: 'store.unavailable' })
    down = false
    expect((await keys.jwks()).keys).toHaveLength(1)
  })
})

describe('a data key committed under a key-encryption key that was stopped between wrap and commit', () => {
  /** A process, and another whose acts come just before the first commits to the data key: one act for each commit. */
  async function overtaken(...acts: ((other: Scene) => Promise<unknown>)[]) {
    const { backing, keys: before } = await rotating()
    const other = keysScene({ backing, seed: 3, ring: [kek, fresh] })
    const around = (store: Store): Store => ({
      ...store,
      async commit(changes) {
        const ours = changes.some((each) => 'put' in each && each.put.key.endsWith('/delivery'))
        if (ours) await acts.shift()?.(other)
        return store.commit(changes)
      },
    })
    const scene = keysScene({ backing, seed: 4, ring: [kek, fresh], aroundStore: around })
    // Its secrets are in memory from before.
    await Promise.all([before, scene.keys].map((keys) => keys.seal('before', context)))
    return { ...scene, other, left: acts }
  }
  const delivery = { ...context, category: 'delivery' }
  const disabled = async ({ keyring }: Scene) => {
    await keyring.promote('kek-2', by)
    for await (const _ of keyring.rewrap(by));
    await keyring.disable('kek-1', by)
  }
  const destroyed = async (other: Scene) => {
    await disabled(other)
    other.environment.advance(restingTime)
    await other.keyring.destroy('kek-1', by)
  }
  const under = ({ backing }: Scene) => keyRecord(backing, '/delivery').value['material']

  it.each([
    ['disabled', disabled],
    ['destroyed', destroyed],
  ])('%s: wrapped anew before anything is sealed under it', async (status, act) => {
    const scene = await overtaken(act)
    const sealed = await scene.keys.seal('value', delivery)
    expect(await statuses(scene)).toEqual({ 'kek-1': status, 'kek-2': 'primary' })
    expect(under(scene)).toMatchObject({ keyId: 'kek-2' })
    const next = keysScene({ backing: scene.backing, seed: 5, ring: [kek, fresh] })
    expect(await next.keys.open(sealed, delivery)).toEqual({ erased: false, value: 'value' })
  })

  it('another process wraps it anew first: that one stands', async () => {
    const scene = await overtaken(disabled, async ({ keyring }) => {
      await keyring.enable('kek-1', by)
      for await (const _ of keyring.rewrap(by));
    })
    const sealed = await scene.keys.seal('value', delivery)
    expect(scene.left).toEqual([])
    expect(under(scene)).toMatchObject({ keyId: 'kek-2' })
    expect(await scene.other.keys.open(sealed, delivery)).toMatchObject({ value: 'value' })
  })

  it('an erasure is faster: the key does not come back', async () => {
    const scene = await overtaken(destroyed, ({ keys }) => destroyKeys(keys, delivery.subject))
    const sealed = await scene.keys.seal('value', delivery)
    expect(scene.left).toEqual([])
    expect(under(scene)).toBeUndefined()
    expect(await scene.keys.open(sealed, delivery)).toMatchObject({ erased: true })
  })

  it('a process that ends before it wraps anew leaves a key that nothing was sealed under, and that refuses', async () => {
    const scene = await overtaken(destroyed, async () => {
      throw new StoreFailure('store.unavailable', 'killed by the test')
    })
    expect(await refusal(scene.keys.seal('value', delivery))).toMatchObject({ code: 'store.unavailable' })
    expect(await refusal(scene.other.keys.seal('value', delivery))).toMatchObject(refusedFor('kek-1'))
  })
})

describe('wrap budget', () => {
  const wrapsAt = '_system/wraps/kek-1'
  const reserve = (scene: Scene, reserved: number) =>
    tamper(scene.backing, { key: wrapsAt, value: { reserved } })
  const reservedIn = ({ backing }: Scene) => keyRecord(backing, '/wraps/kek-1').value['reserved']

  it('a process reserves a block at a time, and takes its wraps from it', async () => {
    const scene = keysScene()
    for (let i = 0; i < wrapBlock; i++) await scene.provider.wrap(material, 'a')
    expect(reservedIn(scene)).toBe(wrapBlock)
    await scene.provider.wrap(material, 'a')
    expect(reservedIn(scene)).toBe(2 * wrapBlock)
  })

  it('many wraps at once reserve no more than they need', async () => {
    const scene = keysScene()
    await Promise.all(Array.from({ length: wrapBlock + 1 }, () => scene.provider.wrap(material, 'a')))
    expect(reservedIn(scene)).toBe(2 * wrapBlock)
  })

  it('two processes never hold the same wraps', async () => {
    const backing = memoryBacking()
    const scenes = [1, 2, 3].map((seed) => keysScene({ backing, seed }))
    for (let round = 1; round <= 3; round++) {
      await Promise.all(
        scenes.flatMap(({ provider }) =>
          Array.from({ length: wrapBlock }, () => provider.wrap(material, 'a')),
        ),
      )
      expect(keyRecord(backing, '/wraps/kek-1').value['reserved']).toBe(round * 3 * wrapBlock)
    }
  })

  it('at 2^31 the key wraps no more, in any process, and opens as before', async () => {
    const scene = keysScene()
    const sealed = await scene.keys.seal('value', context)
    reserve(scene, wrapLimit - 2)
    const next = keysScene({ backing: scene.backing, seed: 2 })
    const wraps = Array.from({ length: 5 }, () => next.provider.wrap(material, 'a'))
    const outcomes = await Promise.allSettled(wraps)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    for (const each of outcomes)
      if (each.status === 'rejected') expect(each.reason).toMatchObject(refusedFor('kek-1'))
    expect(reservedIn(scene)).toBe(wrapLimit)
    expect(await refusal(next.keys.seal('new', { ...context, category: 'delivery' }))).toMatchObject(
      refusedFor('kek-1'),
    )
    expect(await next.keys.open(sealed, context)).toEqual({ erased: false, value: 'value' })
  })

  it('another key that is promoted goes on, with a count of its own', async () => {
    const scene = keysScene({ ring: [kek, fresh] })
    await scene.keys.jwks()
    reserve(scene, wrapLimit)
    const next = keysScene({ backing: scene.backing, seed: 2, ring: [kek, fresh] })
    expect(await refusal(next.keys.seal('new', context))).toMatchObject(refusedFor('kek-1'))
    await next.keyring.promote('kek-2', by)
    expect(next.keys.isSealed(await next.keys.seal('new', context))).toBe(true)
    const wraps: [string, number][] = []
    for await (const each of next.keyring.list()) wraps.push([each.id, each.wraps])
    expect(wraps).toEqual([
      ['kek-1', wrapLimit],
      ['kek-2', wrapBlock],
    ])
  })

  it('a reservation that failed is not counted as one, and the next call reserves', async () => {
    let down = true
    const failing = (store: Store): Store => ({
      ...store,
      async commit(changes) {
        const counts = changes.some((each) => 'put' in each && each.put.key === wrapsAt)
        if (down && counts) throw new StoreFailure('store.unavailable', 'no answer')
        return store.commit(changes)
      },
    })
    const { provider } = keysScene({ aroundStore: failing })
    const both = [provider.wrap(material, 'a'), provider.wrap(material, 'a')].map(refusal)
    for (const each of await Promise.all(both)) expect(each).toMatchObject({ code: 'store.unavailable' })
    down = false
    expect(await provider.unwrap(await provider.wrap(material, 'a'), 'a')).toEqual(material)
  })

  it.each([
    ['a text', 'x'],
    ['a negative count', { reserved: -1 }],
    ['a count that is no whole number', { reserved: 0.5 }],
  ])('a count that is %s stops wrapping', async (_, value) => {
    const scene = keysScene()
    await scene.keys.jwks()
    tamper(scene.backing, { key: wrapsAt, value })
    const next = keysScene({ backing: scene.backing, seed: 2 })
    expect(await refusal(next.provider.wrap(material, 'a'))).toMatchObject({
      code: 'record.corrupt',
      record: wrapsAt,
    })
  })
})

describe('what is not as it should be', () => {
  it('a keyring record that is none stops everything', async () => {
    const { backing, keys } = keysScene()
    const sealed = await keys.seal('value', context)
    const { key, value } = keyRecord(backing, '_system/keyring')
    const [entry] = value['entries'] as KeyEntry[]
    for (const broken of [null, 'x', { entries: [] }, { entries: [{ ...entry, status: 'asleep' }] }]) {
      tamper(backing, { key, value: broken })
      expect(await refusal(keys.open(sealed, context))).toMatchObject({ code: 'record.corrupt', record: key })
    }
  })

  it.each([
    ['nothing', undefined],
    ['no ids', {}],
    ['no keys', { keyIds: [] }],
    ['an empty id', { keyIds: ['a', ''] }],
  ])('a provider with %s is refused at once', (_, provider) => {
    const { store, environment } = keysScene()
    const made = () => createWrapping({ store, environment, provider: provider as never })
    expect(made).toThrow(expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid' }))
  })

  it('a store that loses what it acknowledged is not asked for ever', async () => {
    const forgetful = (store: Store): Store => ({ ...store, commit: async () => {} })
    const { keys } = keysScene({ aroundStore: forgetful })
    expect(await refusal(keys.jwks())).toMatchObject({ code: 'record.corrupt', record: '_system/keyring' })
  })

  it('a provider whose commitment is no text is refused before the keyring is made', async () => {
    const { keys, backing } = keysScene({
      aroundProvider: (provider) => ({ ...provider, commitment: async () => '' }),
    })
    expect(await refusal(keys.jwks())).toMatchObject({ code: 'input.invalid', path: 'keys.commitment' })
    expect(backing.records.get('keys')?.rows.size).toBe(0)
  })
})
