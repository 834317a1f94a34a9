/** Wrapping anew while the service runs: cut off anywhere, raced by erasures and new keys, and never losing a key. */

import { describe, expect, it } from 'vitest'
import { type MemoryBacking, memoryBacking } from '../../adapters/memory/index.ts'
import type { WrappedKey } from '../../src/keys/model.ts'
import type { RewrapOptions, RewrapStep } from '../../src/keys/rewrap.ts'
import type { Store } from '../../src/store.ts'
import { type Fault, faulty } from '../requests/faults.ts'
import { context, kek, keyRecord, keysScene, refusal, tamper } from './scene.ts'

const by = { operator: 'agent-7' }
const fresh = { id: 'kek-2', secret: new Uint8Array(32).fill(9) }
const ring = [kek, fresh] as const
const people = ['customer-1', 'customer-2', 'customer-3', 'customer-4'] as const
const tenants = ['pilvi', 'customer-a'] as const

type Scene = ReturnType<typeof keysScene>

/** Under which key everything lies: place -> key id. */
function lying(backing: MemoryBacking): Map<string, string> {
  const places = new Map<string, string>()
  for (const [at, { json }] of backing.records.get('keys')?.rows ?? []) {
    const { material } = JSON.parse(json) as { material?: WrappedKey }
    if (material) places.set(at, material.keyId)
  }
  return places
}
const idsOf = (backing: MemoryBacking): string[] => [...new Set(lying(backing).values())].sort()

/** Sealed values of several people in two tenants, everything under the first key; the second is primary now. */
async function promoted(aroundStore: (store: Store) => Store = (store) => store) {
  const backing = memoryBacking()
  const before = keysScene({ backing, ring })
  const values: { tenant: string; subject: string; sealed: string }[] = []
  for (const tenant of tenants)
    for (const subject of people) {
      const sealed = await before.tenant(tenant).seal(`of ${subject}`, { ...context, subject })
      values.push({ tenant, subject, sealed })
    }
  const reference = await before.keys.reference('customer-1')
  const statement = await before.keys.sign({ a: 1 }, 'test+jws')
  await before.keyring.promote('kek-2', by)
  const scene = keysScene({ backing, ring, seed: 2, aroundStore })
  /** Everything is there as it was, read by a process that knows nothing yet. */
  async function opens(of: Scene = keysScene({ backing, ring, seed: 3 })): Promise<void> {
    for (const { tenant, subject, sealed } of values)
      expect(await of.tenant(tenant).open(sealed, { ...context, subject })).toEqual({
        erased: false,
        value: `of ${subject}`,
      })
    expect(await of.keys.reference('customer-1')).toBe(reference)
    expect(await of.keys.verify(statement, 'test+jws')).toEqual({ a: 1 })
  }
  return { ...scene, backing, values, opens, before }
}

async function walked(
  { keyring }: Scene,
  options: Omit<RewrapOptions, 'operator'> = {},
): Promise<RewrapStep[]> {
  const steps: RewrapStep[] = []
  for await (const step of keyring.rewrap({ ...by, ...options })) steps.push(step)
  return steps
}
const sum = (steps: readonly RewrapStep[], of: 'looked' | 'due' | 'rewrapped'): number =>
  steps.reduce((total, step) => total + step[of], 0)

describe('rewrap', () => {
  it('brings every data key and secret of every tenant under the primary, and everything opens as before', async () => {
    const scene = await promoted()
    const all = lying(scene.backing).size
    expect(idsOf(scene.backing)).toEqual(['kek-1'])
    const steps = await walked(scene, { batch: 3 })
    expect(idsOf(scene.backing)).toEqual(['kek-2'])
    expect([sum(steps, 'looked'), sum(steps, 'due'), sum(steps, 'rewrapped')]).toEqual([all, all, all])
    await scene.opens()
    const again = await walked(scene)
    expect([sum(again, 'looked'), sum(again, 'due')]).toEqual([all, 0])
  })

  it('changes nothing of a record but its wrapping', async () => {
    const scene = await promoted()
    const records = () =>
      [...lying(scene.backing).keys()].map((at) => {
        const { material: _, ...rest } = keyRecord(scene.backing, at).value
        return [at, rest]
      })
    const before = records()
    await walked(scene)
    expect(records()).toEqual(before)
  })

  it('a dry run counts what there is to do and writes nothing', async () => {
    const scene = await promoted()
    const before = JSON.stringify([...scene.backing.records].map(([name, { rows }]) => [name, [...rows]]))
    const steps = await walked(scene, { dryRun: true, batch: 4 })
    const all = lying(scene.backing).size
    expect([sum(steps, 'looked'), sum(steps, 'due'), sum(steps, 'rewrapped')]).toEqual([all, all, 0])
    expect(JSON.stringify([...scene.backing.records].map(([name, { rows }]) => [name, [...rows]]))).toBe(
      before,
    )
  })

  it('goes on after a cursor, and nothing happens but while it is iterated over', async () => {
    const scene = await promoted()
    const all = lying(scene.backing).size
    let cursor: string | undefined
    let rewrapped = 0
    for (let turn = 0; turn <= all; turn++) {
      const after = cursor === undefined ? {} : { after: cursor }
      cursor = undefined
      for await (const step of scene.keyring.rewrap({ ...by, batch: 2, ...after })) {
        rewrapped += step.rewrapped
        cursor = step.cursor
        break
      }
      if (cursor === undefined) break
      expect([...lying(scene.backing).values()].filter((id) => id === 'kek-2')).toHaveLength(rewrapped)
    }
    expect(cursor).toBeUndefined()
    expect(rewrapped).toBe(all)
    await scene.opens()
  })

  it('cut off at each of its store calls, before and after it took effect, it is completed by the next', async () => {
    const whole = await promoted()
    const counted = faulty(whole.store)
    counted.arm(-1, 'before')
    await walked(keysScene({ backing: whole.backing, ring, seed: 4, aroundStore: () => counted.store }))
    expect(counted.calls()).toBeGreaterThan(4)
    for (let call = 1; call <= counted.calls(); call++) {
      for (const fault of ['before', 'after'] satisfies Fault[]) {
        const scene = await promoted()
        const failing = faulty(scene.store)
        const cut = keysScene({ ...scene, ring, seed: 5, aroundStore: () => failing.store })
        failing.arm(call, fault)
        expect(await refusal(walked(cut))).toMatchObject({ code: expect.stringMatching(/^store\./) })
        await scene.opens()
        failing.arm(-1, 'before')
        await walked(cut)
        expect(idsOf(scene.backing)).toEqual(['kek-2'])
        await scene.opens()
      }
    }
  })

  it('two walks at once wrap each key once or twice and lose none', async () => {
    const scene = await promoted()
    const other = keysScene({ backing: scene.backing, ring, seed: 6 })
    const all = lying(scene.backing).size
    const steps = await Promise.all([scene, other].map((each) => walked(each, { batch: 3 })))
    expect(sum(steps.flat(), 'rewrapped')).toBe(all)
    await scene.opens()
  })

  it.each([
    ['no operator', {}, 'rewrap.operator'],
    ['nothing', undefined, 'rewrap'],
    ['a batch of none', { ...by, batch: 0 }, 'rewrap.batch'],
    ['a batch larger than a commit', { ...by, batch: 401 }, 'rewrap.batch'],
    ['dryRun as false', { ...by, dryRun: false }, 'rewrap.dryRun'],
    ['an empty cursor', { ...by, after: '' }, 'rewrap.after'],
    ['what it does not know', { ...by, limit: 1 }, 'rewrap'],
  ])('with %s is refused', async (_, options, path) => {
    const { keyring } = await promoted()
    const [step] = [
      keyring
        .rewrap(options as never)
        [Symbol.asyncIterator]()
        .next(),
    ]
    expect(await refusal(step)).toMatchObject({ name: 'InvalidInput', code: 'input.invalid', path })
  })
})

describe('while the service runs', () => {
  /** Runs `act` before the `nth` call of the walk's store. */
  function meanwhile(nth: number, act: (scene: Scene) => Promise<void>) {
    let calls = 0
    const other: { scene?: Scene } = {}
    const counted = async () => {
      if (++calls === nth && other.scene) await act(other.scene)
    }
    const around = (store: Store): Store => ({
      ...store,
      async get(...asked) {
        await counted()
        return store.get(...asked)
      },
      async commit(changes) {
        await counted()
        return store.commit(changes)
      },
    })
    return { around, other, calls: () => calls }
  }

  /** Walks once for each call of the store, `act` before that one; then `check`. */
  async function atEachMoment(
    act: (scene: Scene) => Promise<void>,
    check: (scene: Awaited<ReturnType<typeof promoted>>) => Promise<void>,
  ): Promise<void> {
    let last = 1
    for (let nth = 1; nth <= last; nth++) {
      const { around, other, calls } = meanwhile(nth, act)
      const scene = await promoted(around)
      other.scene = scene.before
      await walked(scene, { batch: 3 })
      last = Math.max(last, calls())
      // A walk that lost a race takes more calls than others, which `act` then comes too late for.
      if (calls() >= nth) await check(scene)
    }
    expect(last).toBeGreaterThan(15)
  }

  it('resurrection by rewrap, at every moment: a key that is destroyed meanwhile has no material afterwards', async () => {
    await atEachMoment(
      async ({ keys }) => {
        for (const subject of ['customer-2', 'customer-4'])
          await keys.destroy(
            subject,
            (await keys.list(subject)).map(({ id }) => id),
          )
      },
      async ({ backing, values }) => {
        const late = keysScene({ backing, ring, seed: 7 })
        for (const { tenant, subject, sealed } of values) {
          const where = { ...context, subject }
          const erased = tenant === 'pilvi' && ['customer-2', 'customer-4'].includes(subject)
          expect(await late.tenant(tenant).open(sealed, where)).toMatchObject({ erased })
          if (!erased) continue
          expect(await refusal(late.keys.seal('new', where))).toMatchObject({ code: 'conflict.erased' })
        }
        // Of nine data keys two are gone.
        const left = [...lying(backing).keys()]
        expect(left.filter((at) => at.includes('/data/'))).toHaveLength(7)
        expect(idsOf(backing)).toEqual(['kek-2'])
      },
    )
  })

  it('keys that are made meanwhile are under the primary and open, at every moment', async () => {
    let made: { subject: string; sealed: string }[] = []
    await atEachMoment(
      async ({ keys }) => {
        made = []
        for (const subject of ['a-new-one', 'customer-1', 'z-new-one'])
          made.push({
            subject,
            sealed: await keys.seal('new', { ...context, subject, category: 'delivery' }),
          })
      },
      async (scene) => {
        expect(idsOf(scene.backing)).toEqual(['kek-2'])
        for (const { subject, sealed } of made) {
          const where = { ...context, subject, category: 'delivery' }
          expect(await scene.keys.open(sealed, where)).toMatchObject({ value: 'new' })
        }
        await scene.opens()
      },
    )
  })

  it('a promotion at any moment: nothing is lost, and a second walk brings the rest', async () => {
    await atEachMoment(
      ({ keyring }) => keyring.promote('kek-1', by),
      async (scene) => {
        await scene.opens()
        await walked(scene)
        expect(idsOf(scene.backing)).toEqual(['kek-1'])
        await scene.opens()
      },
    )
  })
})

describe('what stands in its way', () => {
  it('a key that is disabled, or not the one on record, is named, and nothing is written', async () => {
    const scene = await promoted()
    await scene.keyring.disable('kek-1', by)
    const before = lying(scene.backing)
    expect(await refusal(walked(scene))).toMatchObject({ code: 'conflict.state', record: 'kek-1' })
    const without = keysScene({ backing: scene.backing, ring: [fresh], seed: 8 })
    await scene.keyring.enable('kek-1', by)
    expect(await refusal(walked(without))).toMatchObject({ code: 'seal.rejected', record: 'kek-1' })
    expect(lying(scene.backing)).toEqual(before)
  })

  it('key-id confusion: material that was put in another place is not wrapped anew', async () => {
    const scene = await promoted()
    const [one, other] = [...lying(scene.backing).keys()].filter((at) => at.includes('pilvi/data/'))
    const { value } = keyRecord(scene.backing, other ?? '')
    tamper(scene.backing, { key: one ?? '', value })
    expect(await refusal(walked(scene, { batch: 1 }))).toMatchObject({ code: 'seal.rejected' })
  })

  it.each([
    ['where no key has its place', 'pilvi/elsewhere/x', { keyId: 'kek-1', wrapped: 'x' }],
    ['of another form', 'pilvi/data/x/y', { keyId: 'kek-1' }],
  ])('material %s is not passed over', async (_, key, material) => {
    const scene = await promoted()
    await scene.store.commit([{ put: { collection: 'keys', key }, value: { material }, expect: 'absent' }])
    expect(await refusal(walked(scene))).toMatchObject({ code: 'record.corrupt', record: key })
  })
})
