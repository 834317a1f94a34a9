/** Sealing with context, and the data keys beneath: who opens what, and for how long. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MemoryBacking, memoryBacking } from '../../adapters/memory/index.ts'
import { settle } from '../../src/commit.ts'
import { StoreFailure } from '../../src/errors.ts'
import { base64url, hex } from '../../src/keys/digest.ts'
import type { SealContext, Wrapping } from '../../src/keys/model.ts'
import { idParser } from '../../src/parsing.ts'
import { categoriesOf, context, destroyKeys, kek, keyRecord, keysScene, refusal, tamper } from './scene.ts'

const rejected = { name: 'IntegrityFailure', code: 'seal.rejected' }
const fields = ['subject', 'category', 'model', 'field', 'record'] as const
const id = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => idParser.safeParse(text).success && !text.startsWith('#'))
const contexts = fc.record({ subject: id, category: id, model: id, field: id, record: id })

describe('a sealed value', () => {
  it('opens as exactly what was sealed', async () => {
    const { keys } = keysScene()
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ufeff', '\ufeffa', '\u2028'))
    await fc.assert(
      fc.asyncProperty(text, contexts, async (value, where) => {
        fc.pre(!value.includes('\0'))
        const sealed = await keys.seal(value, where)
        expect(keys.isSealed(sealed)).toBe(true)
        expect(await keys.open(sealed, where)).toEqual({ erased: false, value })
      }),
    )
  })

  it('can be as large as a record', async () => {
    const { keys } = keysScene()
    const value = 'é'.repeat(350_000)
    const opened = await keys.open(await keys.seal(value, context), context)
    expect(opened.erased ? '' : opened.value === value).toBe(true)
  })

  it('value moved to another row, field, model, category, subject or tenant: opens under no other context', async () => {
    const { tenant } = keysScene()
    const tenants = fc.constantFrom('pilvi', 'customer-a', 'customer-b')
    const members = fc.constantFrom(...fields, 'tenant' as const)
    await fc.assert(
      fc.asyncProperty(contexts, tenants, members, fc.tuple(id, tenants), async (where, own, member, to) => {
        const [other, others] = to
        fc.pre(member === 'tenant' ? others !== own : where[member] !== other)
        const sealed = await tenant(own).seal('value', where)
        // The key of the other place exists: it is not for want of a key that nothing opens.
        const elsewhere = member === 'tenant' ? where : { ...where, [member]: other }
        const there = tenant(member === 'tenant' ? others : own)
        await there.seal('another', elsewhere)
        expect(await refusal(there.open(sealed, elsewhere))).toMatchObject(rejected)
      }),
    )
  })

  it('context whose parts run into each other: characters that move from one field to the next change it', async () => {
    const { keys } = keysScene()
    const pairs = fields.flatMap((a) => fields.filter((b) => b !== a).map((b) => [a, b] as const))
    for (const [a, b] of pairs) {
      const one: SealContext = { ...context, [a]: 'xy', [b]: 'z' }
      const sealed = await keys.seal('value', one)
      for (const other of [
        { ...one, [a]: 'x', [b]: 'yz' },
        { ...one, [a]: 'z', [b]: 'xy' },
        { ...one, [a]: 'xy","z', [b]: 'z' },
      ]) {
        expect(await refusal(keys.open(sealed, other)), `${a} ${b}`).toMatchObject(rejected)
      }
    }
  })

  it('value moved to another tenant: does not open there, even where every id is the same', async () => {
    const { tenant } = keysScene()
    const [ours, theirs] = [tenant('pilvi'), tenant('customer-a')]
    const sealed = await ours.seal('value', context)
    expect(await refusal(theirs.open(sealed, context))).toMatchObject(rejected)
    await theirs.seal('another', context)
    expect(await refusal(theirs.open(sealed, context))).toMatchObject(rejected)
  })

  it('value moved to another tenant together with its key record: the key does not unwrap there', async () => {
    const { tenant, backing } = keysScene()
    const sealed = await tenant('pilvi').seal('value', context)
    await tenant('customer-a').seal('another', context)
    const stolen = keyRecord(backing, 'pilvi/data/')
    tamper(backing, { key: keyRecord(backing, 'customer-a/data/').key, value: stolen.value })
    expect(await refusal(tenant('customer-a').open(sealed, context))).toMatchObject(rejected)
  })

  it('tampering: a changed character anywhere opens nothing', async () => {
    const { keys } = keysScene()
    const sealed = await keys.seal('value of some length', context)
    const alphabet = 'ABYZabyz0189-_.'
    const places = fc.integer({ min: 0, max: sealed.length - 1 })
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(...alphabet), async (place, character) => {
        fc.pre(sealed[place] !== character)
        const changed = sealed.slice(0, place) + character + sealed.slice(place + 1)
        expect(await refusal(keys.open(changed, context))).toMatchObject(rejected)
      }),
      { numRuns: 300 },
    )
  })

  it('truncation and extension open nothing', async () => {
    const { keys } = keysScene()
    const sealed = await keys.seal('value', context)
    const shorter = Array.from({ length: sealed.length }, (_, length) => sealed.slice(0, length))
    const longer = ['A', '.', '.AAAA', '\n', '='].map((more) => sealed + more)
    for (const changed of [...shorter, ...longer, `${sealed.slice(0, 10)} `, sealed.toUpperCase()]) {
      expect(await refusal(keys.open(changed, context))).toMatchObject(rejected)
    }
  })

  it('swapped parts: nonce and text of another value of the same context open nothing', async () => {
    const { keys } = keysScene()
    const [one, other] = await Promise.all([keys.seal('one', context), keys.seal('another', context)])
    const [v, keyId, nonce] = one.split('.')
    const [, , , text] = other.split('.')
    expect(await refusal(keys.open([v, keyId, nonce, text].join('.'), context))).toMatchObject(rejected)
    // The whole of another value of the same place does open: what was written last is for the store to say.
    expect(await keys.open(other, context)).toEqual({ erased: false, value: 'another' })
  })

  it('nonce reuse: equal values are sealed to different texts', async () => {
    const { keys } = keysScene()
    const sealed = await Promise.all(Array.from({ length: 200 }, () => keys.seal('value', context)))
    expect(new Set(sealed.map((each) => each.split('.')[2])).size).toBe(200)
    expect(new Set(sealed.map((each) => each.split('.')[3])).size).toBe(200)
  })

  it('what is asked about is refused without saying what it was', async () => {
    const { keys } = keysScene()
    const error = (await refusal(keys.open('kanaria@example.com', context))) as Error
    expect(error).toMatchObject({ ...rejected, path: 'paymentDetails' })
    expect(JSON.stringify(error)).not.toContain('kanaria')
  })

  it.each([
    ['pv1.0123456789abcdefghjkmnpqrs.AAAAAAAAAAAAAAAA.AAAA', true],
    ['pv1.0123456789abcdefghjkmnpqrs.AAAAAAAAAAAAAAAA.', false],
    ['pv2.0123456789abcdefghjkmnpqrs.AAAAAAAAAAAAAAAA.AAAA', false],
    ['pv1.0123.AAAAAAAAAAAAAAAA.AAAA', false],
    ['', false],
    [null, false],
    [{}, false],
  ])('%j has the form of one: %s', (value, expected) => {
    expect(keysScene().keys.isSealed(value)).toBe(expected)
  })
})

describe('what is not sealed', () => {
  const contextRefusals: readonly [string, unknown, string][] = [
    ['no context', undefined, 'context'],
    ['a context without a subject', { ...context, subject: undefined }, 'context.subject'],
    ['an empty record', { ...context, record: '' }, 'context.record'],
    ['a field that is a number', { ...context, field: 7 }, 'context.field'],
    ['a category of the library', { ...context, category: '#ledger' }, 'context.category'],
    ['something that would not be bound', { ...context, tenant: 'other' }, 'context'],
  ]
  it.each(contextRefusals)('%s', async (_, given, path) => {
    const { keys, backing } = keysScene()
    const expected = { name: 'InvalidInput', code: 'input.invalid', path }
    expect(await refusal(keys.seal('value', given as SealContext))).toMatchObject(expected)
    const sealed = await keys.seal('value', context)
    expect(await refusal(keys.open(sealed, given as SealContext))).toMatchObject(expected)
    const dataKeys = [...(backing.records.get('keys')?.rows.keys() ?? [])].filter((at) =>
      at.includes('/data/'),
    )
    expect(dataKeys).toHaveLength(1)
  })

  it.each([
    ['a lone surrogate, which would come back as something else', '\ud800', 'input.invalid'],
    ['NUL', 'a\0', 'input.invalid'],
    ['a number', 7, 'input.invalid'],
    ['more than a record holds', 'x'.repeat(1_000_001), 'input.too-large'],
  ])('%s', async (_, value, code) => {
    const refused = refusal(keysScene().keys.seal(value as string, context))
    expect(await refused).toMatchObject({ name: 'InvalidInput', code, path: 'value' })
  })
})

describe('key-id confusion', () => {
  it('a sealed value that names the key of somebody else opens under neither', async () => {
    const { keys } = keysScene()
    const other = { ...context, subject: 'customer-2' }
    const [mine, theirs] = [await keys.seal('mine', context), await keys.seal('theirs', other)]
    const [v, , ...rest] = mine.split('.')
    const confused = [v, theirs.split('.')[1], ...rest].join('.')
    expect(await refusal(keys.open(confused, context))).toMatchObject(rejected)
    expect(await refusal(keys.open(confused, other))).toMatchObject(rejected)
  })

  it('a key record put in the place of another, with its id or without, is not used', async () => {
    const { keys, backing } = keysScene()
    const sealed = await keys.seal('mine', context)
    await keys.seal('theirs', { ...context, category: 'delivery' })
    const mine = keyRecord(backing, '/payment')
    const theirs = keyRecord(backing, '/delivery')
    for (const value of [
      theirs.value,
      { ...theirs.value, id: mine.value['id'] },
      { ...mine.value, material: theirs.value['material'] },
    ]) {
      tamper(backing, { key: mine.key, value })
      expect(await refusal(keys.open(sealed, context))).toMatchObject(rejected)
    }
    tamper(backing, { key: mine.key, value: theirs.value })
    expect(await refusal(keys.seal('mine', context))).toMatchObject(rejected)
  })

  it('a value that outlived its key record does not open', async () => {
    const { keys, backing } = keysScene()
    const sealed = await keys.seal('mine', context)
    backing.records.get('keys')?.rows.delete(keyRecord(backing, '/payment').key)
    expect(await refusal(keys.open(sealed, context))).toMatchObject(rejected)
  })
})

describe('destroying keys', () => {
  const erased = { erased: true, at: '2026-11-23T10:00:00.000Z' }

  it('what was sealed reads as erased, with the moment, and never as ciphertext', async () => {
    const { keys, environment } = keysScene()
    const sealed = await keys.seal('value', context)
    const destroyed = await destroyKeys(keys, 'customer-1', ['payment'])
    expect(destroyed).toEqual([sealed.split('.')[1]])
    environment.advance(60_000)
    expect(await keys.open(sealed, context)).toEqual(erased)
    expect(await destroyKeys(keys, 'customer-1', ['payment'])).toEqual(destroyed)
    expect(await keys.open(sealed, context)).toEqual(erased)
  })

  it('sealing again for an erased person is refused, in every process', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    const sealed = await one.keys.seal('value', context)
    await other.keys.seal('value', context)
    await destroyKeys(one.keys, 'customer-1', ['payment'])
    const expected = { name: 'Conflict', code: 'conflict.erased', record: sealed.split('.')[1] }
    expect(await refusal(one.keys.seal('value', context))).toMatchObject(expected)
    expect(await refusal(other.keys.seal('value', context))).toMatchObject(expected)
  })

  it('the key is gone from the store, and is not asked of the provider any more', async () => {
    let unwraps = 0
    const { keys, backing } = keysScene({
      around: (provider) => ({
        ...provider,
        unwrap: (wrapped, where) => {
          unwraps++
          return provider.unwrap(wrapped, where)
        },
      }),
    })
    const sealed = await keys.seal('value', context)
    await destroyKeys(keys, 'customer-1', ['payment'])
    expect(keyRecord(backing, '/payment').value).toEqual({
      id: sealed.split('.')[1],
      category: 'payment',
      state: 'shredded',
      at: '2026-11-23T10:00:00.000Z',
    })
    const before = unwraps
    await keys.open(sealed, context)
    expect(unwraps).toBe(before)
  })

  it('destroys what was named, and nothing of other categories, people and tenants', async () => {
    const { keys, tenant } = keysScene()
    const delivery = { ...context, category: 'delivery' }
    const somebody = { ...context, subject: 'customer-2' }
    const sealed = [
      await keys.seal('mine', context),
      await keys.seal('mine', delivery),
      await keys.seal('theirs', somebody),
      await tenant('customer-a').seal('elsewhere', context),
    ] as const
    expect(await categoriesOf(keys, 'customer-1')).toEqual(['delivery', 'payment'])
    await destroyKeys(keys, 'customer-1', ['payment', 'unheard-of'])
    // What was destroyed is still named: a run that was cut off names all of its keys in its receipt.
    expect(await categoriesOf(keys, 'customer-1')).toEqual(['delivery', 'payment'])
    expect(await keys.open(sealed[0], context)).toEqual(erased)
    expect(await keys.open(sealed[1], delivery)).toMatchObject({ value: 'mine' })
    expect(await keys.open(sealed[2], somebody)).toMatchObject({ value: 'theirs' })
    expect(await tenant('customer-a').open(sealed[3], context)).toMatchObject({ value: 'elsewhere' })
    expect(await destroyKeys(keys, 'nobody', ['payment'])).toEqual([])
    expect(await categoriesOf(keys, 'nobody')).toEqual([])
  })

  it('a subject whose id begins like another one’s is another', async () => {
    const { keys } = keysScene()
    const longer = { ...context, subject: 'customer-10' }
    const sealed = await keys.seal('theirs', longer)
    await keys.seal('mine', context)
    await destroyKeys(keys, 'customer-1', ['payment'])
    expect(await keys.open(sealed, longer)).toMatchObject({ value: 'theirs' })
  })

  it('two processes that destroy at once agree on when', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    other.environment.advance(1)
    const sealed = await one.keys.seal('value', context)
    await Promise.all([one, other].map(({ keys }) => destroyKeys(keys, 'customer-1', ['payment'])))
    const [a, b] = await Promise.all([one, other].map(({ keys }) => keys.open(sealed, context)))
    expect(a).toEqual(b)
    expect(a).toMatchObject({ erased: true })
  })

  it('a person who begins anew gets a new key, and what was erased stays closed', async () => {
    const { keys, store } = keysScene()
    const delivery = { ...context, category: 'delivery' }
    const sealed = await keys.seal('value', context)
    const kept = await keys.seal('kept', delivery)
    await destroyKeys(keys, 'customer-1', ['payment'])
    const changes = await keys.forget(await keys.digest('subject', ['customer-1']))
    expect(changes).toHaveLength(1)
    await store.commit(changes)
    const again = await keys.seal('anew', context)
    expect(await keys.open(again, context)).toMatchObject({ value: 'anew' })
    expect(await refusal(keys.open(sealed, context))).toMatchObject(rejected)
    expect(await keys.open(kept, delivery)).toMatchObject({ value: 'kept' })
  })
})

describe('key made for a person who was erased', () => {
  const tombstone = { at: '2026-11-23T10:00:00.000Z', request: 'request-1' } as const
  const conflict = { name: 'Conflict', code: 'conflict.erased', record: 'request-1' }
  const dataKeys = (backing: MemoryBacking): string[] =>
    [...(backing.records.get('keys')?.rows.keys() ?? [])].filter((at) => at.includes('/data/'))

  /** What an erasure commits first; it reads again where it lost a race. */
  async function erase({ store, environment, standings }: ReturnType<typeof keysScene>): Promise<void> {
    const subjects = standings('pilvi')
    await settle({ store, environment }, async () => {
      const standing = await subjects.read('customer-1')
      const { tombstone: put } = await subjects.erase(standing, { contacts: [], tombstone })
      return { changes: [put], result: undefined }
    })
  }

  it('is refused under every new category, the ledger’s own included, and nothing is stored', async () => {
    const scene = keysScene()
    const { keys, backing } = scene
    const kept = await keys.seal('kept', context)
    await erase(scene)
    expect(await refusal(keys.seal('new', { ...context, category: 'delivery' }))).toMatchObject(conflict)
    expect(await refusal(keys.reference('customer-1'))).toMatchObject(conflict)
    expect(dataKeys(backing)).toHaveLength(1)
    // The key of what must be kept is there until its date, and is judged by its own state.
    expect(await keys.open(kept, context)).toMatchObject({ value: 'kept' })
    expect(keys.isSealed(await keys.seal('again', context))).toBe(true)
  })

  it('is refused in every process while the tombstone stands, and other people are not concerned', async () => {
    const backing = memoryBacking()
    const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
    await erase(one)
    expect(await refusal(other.keys.seal('new', context))).toMatchObject(conflict)
    expect(one.keys.isSealed(await one.keys.seal('theirs', { ...context, subject: 'customer-2' }))).toBe(true)
    expect(one.keys.isSealed(await one.tenant('customer-a').seal('elsewhere', context))).toBe(true)
  })

  it('erasure that begins while a key is being made: the key is not made', async () => {
    let begin: (() => Promise<void>) | undefined
    const scene = keysScene({
      around: (provider) => ({
        ...provider,
        async wrap(material, where) {
          await begin?.()
          begin = undefined
          return provider.wrap(material, where)
        },
      }),
    })
    await scene.keys.digest('subject', ['customer-1'])
    begin = () => erase(scene)
    expect(await refusal(scene.keys.seal('value', context))).toMatchObject(conflict)
    expect(dataKeys(scene.backing)).toEqual([])
  })

  it('erasure at the same moment as a seal, at every step of each: afterwards no key is active', async () => {
    const outcomes = new Set<string>()
    for (let turns = 0; turns < 60; turns++) {
      const backing = memoryBacking()
      const [one, other] = [keysScene({ backing }), keysScene({ backing, seed: 2 })]
      await one.keys.digest('subject', ['customer-1'])
      const erasing = erase(one).then(async () => destroyKeys(one.keys, 'customer-1'))
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const [sealed] = await Promise.allSettled([other.keys.seal('value', context), erasing])
      outcomes.add(sealed.status)
      if (sealed.status === 'rejected') expect(sealed.reason).toMatchObject({ code: 'conflict.erased' })
      await erasing
      for (const at of dataKeys(backing)) expect(keyRecord(backing, at).value['state']).toBe('shredded')
    }
    expect(outcomes).toContain('rejected')
  })
})

describe('names that must not be readable', () => {
  it('a digest depends on tenant, use and every part, and on nothing else', async () => {
    const { keys, tenant } = keysScene()
    const all = [
      await keys.digest('subject', ['a', 'b']),
      await keys.digest('subject', ['ab']),
      await keys.digest('subject', ['a']),
      await keys.digest('contact', ['a']),
      await keys.digest('token', ['a']),
      await tenant('customer-a').digest('subject', ['a']),
      await keys.digest('subject', ['pilvi', 'a']),
    ]
    expect(new Set(all).size).toBe(all.length)
    expect(await keys.digest('subject', ['a'])).toBe(all[2])
    for (const each of all) expect(each).toMatch(/^[0-9a-f]{64}$/)
  })

  it('the ledger’s reference of a subject is stable until it is erased, and cannot be made again after', async () => {
    const { keys, tenant } = keysScene()
    const reference = await keys.reference('customer-1')
    expect(await keys.reference('customer-1')).toBe(reference)
    expect(await keys.reference('customer-2')).not.toBe(reference)
    expect(await tenant('customer-a').reference('customer-1')).not.toBe(reference)
    expect(await categoriesOf(keys, 'customer-1')).toEqual(['#ledger'])
    await destroyKeys(keys, 'customer-1', ['#ledger'])
    expect(await refusal(keys.reference('customer-1'))).toMatchObject({ code: 'conflict.erased' })
  })

  it('after an erasure nobody who holds everything that is left can tell whose reference it was', async () => {
    const { keys, store } = keysScene()
    const reference = await keys.reference('customer-1')
    await destroyKeys(keys, 'customer-1', ['#ledger'])
    await store.commit(await keys.forget(await keys.digest('subject', ['customer-1'])))
    expect(await keys.reference('customer-1')).not.toBe(reference)
  })
})

describe('two processes at once', () => {
  it('that make the same secret or data key first agree on one', async () => {
    for (let round = 0; round < 10; round++) {
      const backing = memoryBacking()
      const scenes = [1, 2, 3].map((seed) => keysScene({ backing, seed: `${seed}-${round}` }))
      const digests = await Promise.all(scenes.map(({ keys }) => keys.digest('subject', ['a'])))
      expect(new Set(digests).size).toBe(1)
      const sealed = await Promise.all(scenes.map(({ keys }, i) => keys.seal(`from ${i}`, context)))
      expect(new Set(sealed.map((each) => each.split('.')[1])).size).toBe(1)
      for (const { keys } of scenes) {
        for (const [i, each] of sealed.entries())
          expect(await keys.open(each, context)).toEqual({ erased: false, value: `from ${i}` })
      }
      const references = await Promise.all(scenes.map(({ keys }) => keys.reference('customer-1')))
      expect(new Set(references).size).toBe(1)
    }
  })

  it('one key is made for many calls at once, and none is lost', async () => {
    const { keys, backing } = keysScene()
    const sealed = await Promise.all(Array.from({ length: 20 }, (_, i) => keys.seal(`${i}`, context)))
    for (const [i, each] of sealed.entries())
      expect(await keys.open(each, context)).toEqual({ erased: false, value: `${i}` })
    expect(keyRecord(backing, '/payment').value['state']).toBe('active')
  })
})

describe('stolen store', () => {
  it('holds neither plaintext nor any key that is not wrapped, in any spelling', async () => {
    const material: Uint8Array[] = []
    const recording = (provider: Wrapping): Wrapping => ({
      ...provider,
      wrap: (given, where) => {
        material.push(new Uint8Array(given))
        return provider.wrap(given, where)
      },
    })
    const { keys, backing } = keysScene({ around: recording })
    await keys.seal('kanaria@example.com', context)
    await keys.reference('customer-1')
    await keys.sign({ a: 1 }, 'test+jws')
    await keys.digest('contact', ['kanaria@example.com'])
    const raw = JSON.stringify([...(backing.records.get('keys')?.rows ?? [])])
    expect(material.length).toBe(5)
    for (const secret of [...material, kek.secret]) {
      const buffer = Buffer.from(secret)
      for (const spelt of [hex(secret), base64url(secret), buffer.toString('base64'), secret.join(',')])
        expect(raw).not.toContain(spelt)
    }
    for (const plain of ['kanaria', Buffer.from('kanaria@example').toString('base64url').slice(0, 12)])
      expect(raw).not.toContain(plain)
    // Names of people are digests there as well.
    expect(raw).not.toContain('customer-1')
  })

  it('opens nothing under another key-encryption key of the same id', async () => {
    const { keys, backing } = keysScene()
    const sealed = await keys.seal('value', context)
    await keys.jwks()
    const thief = keysScene({ backing, ring: [{ id: 'kek-1', secret: new Uint8Array(32).fill(8) }] })
    expect(await refusal(thief.keys.open(sealed, context))).toMatchObject(rejected)
    expect(await refusal(thief.keys.jwks())).toMatchObject(rejected)
  })
})

describe('what is not as it should be', () => {
  const records: readonly [string, unknown][] = [
    ['a text', 'x'],
    ['nothing', null],
    ['a state that does not exist', { id: 'a', category: 'payment', state: 'asleep', at: '' }],
    [
      'an active key without material',
      { id: 'a', category: 'payment', state: 'active', at: '2026-01-01T00:00:00.000Z' },
    ],
    ['a shredded key without a moment', { id: 'a', category: 'payment', state: 'shredded' }],
  ]
  it.each(records)('a data key record that is %s', async (_, value) => {
    const { keys, backing } = keysScene()
    const sealed = await keys.seal('value', context)
    const { key } = keyRecord(backing, '/payment')
    tamper(backing, { key, value })
    const expected = { name: 'IntegrityFailure', code: 'record.corrupt', record: key }
    expect(await refusal(keys.seal('value', context))).toMatchObject(expected)
    expect(await refusal(keys.open(sealed, context))).toMatchObject(expected)
    expect(await refusal(categoriesOf(keys, 'customer-1'))).toMatchObject(expected)
    expect(await refusal(destroyKeys(keys, 'customer-1', ['payment']))).toMatchObject(expected)
  })

  it('a secret of the installation that is none stops everything', async () => {
    const { keys, backing } = keysScene()
    await keys.digest('subject', ['a'])
    tamper(backing, { key: '_system/secret/digest-subject', value: { material: 'x' } })
    expect(await refusal(keysScene({ backing }).keys.digest('subject', ['a']))).toMatchObject({
      code: 'record.corrupt',
      record: '_system/secret/digest-subject',
    })
  })

  it('a secret put in the place of another does not unwrap', async () => {
    const { keys, backing } = keysScene()
    await keys.digest('subject', ['a'])
    await keys.digest('contact', ['a'])
    const { value } = keyRecord(backing, 'digest-contact')
    tamper(backing, { key: '_system/secret/digest-subject', value })
    expect(await refusal(keysScene({ backing }).keys.digest('subject', ['a']))).toMatchObject(rejected)
  })

  it('a provider that unwraps to something of another length is not believed', async () => {
    const backing = memoryBacking()
    await keysScene({ backing }).keys.seal('value', context)
    const { keys } = keysScene({
      backing,
      around: (provider) => ({ ...provider, unwrap: async () => new Uint8Array(16) }),
    })
    expect(await refusal(keys.seal('value', context))).toMatchObject({
      code: 'record.corrupt',
      record: 'kek-1',
    })
  })

  it('a store that was down is asked again by the next call', async () => {
    let down = 2
    const { keys } = keysScene({
      aroundStore: (store) => ({
        ...store,
        get: async (...asked: Parameters<typeof store.get>) => {
          if (down-- > 0) throw new StoreFailure('store.unavailable', 'no answer')
          return store.get(...asked)
        },
      }),
    })
    expect(await refusal(keys.digest('subject', ['a']))).toMatchObject({ code: 'store.unavailable' })
    expect(await refusal(keys.jwks())).toMatchObject({ code: 'store.unavailable' })
    expect(await keys.digest('subject', ['a'])).toMatch(/^[0-9a-f]{64}$/)
    expect((await keys.jwks()).keys).toHaveLength(1)
  })
})
