/** Checkpoints outside the store: handing them over, and what they show. */

import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { signCheckpoint } from '../../src/ledger/checkpoint.ts'
import { verifyConsistency, verifyInclusion } from '../../src/ledger/proof.ts'
import { emptyFrontier, type StoredEntry, writtenFrontier } from '../../src/ledger/rules.ts'
import type { JsonValue } from '../../src/store.ts'
import { refusal } from '../keys/scene.ts'
import { ledgerScene, memorySink, rechained } from './scene.ts'

type Scene = ReturnType<typeof ledgerScene>

const all = (entries: readonly StoredEntry[]): JsonValue[] => entries.map((entry) => ({ ...entry }))
const edited = (entry: StoredEntry): StoredEntry => ({
  ...entry,
  bytes: entry.bytes.replace('register.saved', 'register.never'),
})
const sizes = (notes: readonly string[]): number[] => notes.map((note) => Number(note.split('\n')[1]))

/** The ledger and its head put back to what they were, as from an old backup. */
const snapshot = ({ raw }: Scene) => {
  const [entries, head] = [raw.read(), raw.head()]
  return () => {
    raw.write(all(entries))
    raw.writeHead(head)
  }
}

/** Everything written anew from an entry on, and signed: by whoever holds the key. */
async function forged(
  { raw, keys, origin }: Scene,
  change: (entry: StoredEntry) => StoredEntry,
): Promise<string> {
  const made = rechained(raw.read().map(change), emptyFrontier)
  const root = made.entries.at(-1)?.root ?? ''
  const note = await signCheckpoint(keys, { origin, size: made.entries.length, root })
  raw.write(all(made.entries))
  raw.writeHead({ ...writtenFrontier(made.frontier), note })
  return note
}

describe('handing over', () => {
  it('each call that moved something hands over one checkpoint, over all there is', async () => {
    const { sink, notes } = memorySink()
    const { ledger, record, sequenced } = ledgerScene({ sink })
    expect(await ledger.sequence()).toBe(0)
    expect(notes).toEqual([])
    await record(450)
    expect(await ledger.sequence()).toBe(450)
    expect(await ledger.sequence()).toBe(0)
    await sequenced(1, 451)
    expect(sizes(notes)).toEqual([450, 451])
    const report = await ledger.verify()
    expect(report).toMatchObject({ outcome: 'intact', entries: 451, vouched: 451 })
    expect(report.checkpoint).toBe(notes.at(-1))
  })

  it('a place that is out of reach: handing over fails with the acts in their place, reading its last with none moved', async () => {
    const { sink, notes, state } = memorySink()
    const { ledger, record, sequenced } = ledgerScene({ sink })
    await sequenced(2)
    const put = sink.put.bind(sink)
    sink.put = () => Promise.reject(new Error('full'))
    await record(2, 3)
    const error = await refusal(ledger.sequence())
    expect(error).toMatchObject({ name: 'StoreFailure', code: 'store.unavailable', retryable: true })
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 4, pending: 0, vouched: 2 })
    sink.put = put
    expect(await ledger.sequence()).toBe(0)
    expect(sizes(notes)).toEqual([2, 4])

    state.reach = 'gone'
    await record(1, 5)
    const unread = await refusal(ledger.sequence())
    expect(unread).toMatchObject({ code: 'store.unavailable' })
    expect(`${unread} ${JSON.stringify(unread)}`).not.toContain('jane.doe')
    expect(await refusal(ledger.verify())).toMatchObject({ code: 'store.unavailable' })
    // The last checkpoint could not be read, so nothing was moved.
    expect(await ledger.verify({ checkpoints: [] })).toMatchObject({ entries: 4, pending: 1 })
    state.reach = 'there'
    expect(await ledger.sequence()).toBe(1)
    expect(sizes(notes)).toEqual([2, 4, 5])
  })

  it('a crash between commit and handing over: another process hands it over', async () => {
    const backing = memoryBacking()
    const { sink, notes } = memorySink()
    await ledgerScene({ backing }).sequenced(3)
    expect(await ledgerScene({ backing, seed: 2, sink }).ledger.sequence()).toBe(0)
    expect(sizes(notes)).toEqual([3])
  })

  it('several processes that sequence at once refuse nothing, and the last checkpoint is over everything', async () => {
    const backing = memoryBacking()
    const { sink, notes } = memorySink()
    const scenes = [1, 2, 3, 4].map((seed) => ledgerScene({ backing, seed, sink }))
    for (let round = 0; round < 10; round++) {
      await Promise.all(scenes.map((scene, i) => scene.sequenced(5, 1_000 * i + 5 * round)))
    }
    expect(Math.max(...sizes(notes))).toBe(200)
    for (const { ledger } of scenes) {
      expect(await ledger.verify({ checkpoints: notes })).toMatchObject({ outcome: 'intact', vouched: 200 })
    }
  })

  it('a sink’s own refusal reaches the caller as it is', async () => {
    const { sink } = memorySink()
    const { ledger, sequenced } = ledgerScene({ sink })
    await sequenced(2)
    sink.last = async () => 'no checkpoint'
    const refused = { code: 'seal.rejected', path: 'checkpoint' }
    expect(await refusal(ledger.sequence())).toMatchObject(refused)
    expect(await refusal(ledger.verify())).toMatchObject(refused)
  })
})

describe('what a checkpoint outside shows', () => {
  it('cut tail: a ledger cut back, together with its head, to a state that was signed before', async () => {
    const scene = ledgerScene()
    await scene.sequenced(4)
    const back = snapshot(scene)
    await scene.sequenced(6, 5)
    const { checkpoint = '' } = await scene.ledger.verify()
    back()
    expect(await scene.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 4, vouched: 0 })
    const report = await scene.ledger.verify({ checkpoints: [checkpoint] })
    expect(report).toMatchObject({
      outcome: 'broken',
      entries: 4,
      broken: { sequence: 5, says: 'entries are missing at the end' },
    })
    expect(report.checkpoint).toBeUndefined()
  })

  it('a ledger that is gone as a whole', async () => {
    const { ledger, raw, sequenced } = ledgerScene()
    await sequenced(4)
    const { checkpoint = '' } = await ledger.verify()
    raw.write([])
    raw.writeHead(undefined)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 0 })
    expect(await ledger.verify({ checkpoints: [checkpoint] })).toMatchObject({
      outcome: 'broken',
      broken: { sequence: 1, says: 'entries are missing at the end' },
    })
  })

  it('re-chain: a ledger written anew by somebody who holds the signing key, to the span between two checkpoints', async () => {
    const scene = ledgerScene()
    const notes: string[] = []
    for (const from of [1, 5, 9]) {
      await scene.sequenced(4, from)
      notes.push((await scene.ledger.verify()).checkpoint ?? '')
    }
    await forged(scene, (entry) => (entry.bytes.includes('"sequence":7}') ? edited(entry) : entry))
    expect(await scene.ledger.verify()).toMatchObject({ outcome: 'intact', entries: 12, vouched: 0 })
    const says = 'the entries are not those of the checkpoint'
    for (const [checkpoints, sequence, vouched] of [
      [notes, 5, 4],
      [[notes[2], notes[0]], 5, 4],
      [[notes[2]], 1, 0],
      [[notes[1]], 1, 0],
    ] as const) {
      const found = await scene.ledger.verify({ checkpoints: checkpoints as string[] })
      expect(found).toMatchObject({ outcome: 'broken', vouched, broken: { sequence, says } })
    }
    // The first was made before what was changed, and says so much.
    expect(await scene.ledger.verify({ checkpoints: notes.slice(0, 1) })).toMatchObject({
      outcome: 'intact',
      vouched: 4,
    })
  })

  it('two checkpoints that contradict each other show that one was signed over another ledger', async () => {
    const scene = ledgerScene()
    await scene.sequenced(4)
    const { checkpoint = '' } = await scene.ledger.verify()
    const other = await forged(scene, edited)
    for (const checkpoints of [
      [checkpoint, other],
      [other, checkpoint],
    ]) {
      expect(await scene.ledger.verify({ checkpoints })).toMatchObject({
        outcome: 'broken',
        broken: { sequence: 1 },
      })
    }
  })

  it('a single entry that was changed is still named, and what is not signed from where nobody vouches', async () => {
    const scene = ledgerScene()
    await scene.sequenced(6)
    const { checkpoint = '' } = await scene.ledger.verify()
    await scene.sequenced(6, 7)
    const [entries, head] = [scene.raw.read(), scene.raw.head()]
    const put = (values: readonly StoredEntry[]): void => {
      scene.raw.write(all(values))
      scene.raw.writeHead(head)
    }
    put(entries.map((entry, i) => (i === 2 ? edited(entry) : entry)))
    const checkpoints = [checkpoint]
    expect((await scene.ledger.verify({ checkpoints })).broken?.sequence).toBe(3)
    put(
      rechained(
        entries.map((entry, i) => (i === 8 ? edited(entry) : entry)),
        emptyFrontier,
      ).entries,
    )
    expect((await scene.ledger.verify({ checkpoints })).broken).toEqual({
      sequence: 7,
      says: 'the entries are not those that were signed',
    })
    put(entries)
    scene.raw.writeHead('x')
    expect((await scene.ledger.verify({ checkpoints })).broken).toEqual({
      sequence: 7,
      says: 'the stored head is not one that was signed',
    })
  })

  it('unseen is what came after it, and what waits', async () => {
    const { ledger, sequenced } = ledgerScene()
    await sequenced(4)
    const { checkpoint = '', unseen } = await ledger.verify()
    await sequenced(4, 5)
    const given = await ledger.verify({ checkpoints: [checkpoint] })
    expect([unseen.length, given.unseen.length]).toEqual([3, 2])
    expect(given.unseen.join()).toMatch(/after number 4 .*while it waits/)
  })
})

describe('laundering through the library', () => {
  it('a ledger that was cut back is not built on: no new checkpoint covers the cut', async () => {
    const { sink, notes } = memorySink()
    const scene = ledgerScene({ sink })
    await scene.sequenced(4)
    const back = snapshot(scene)
    await scene.sequenced(6, 5)
    back()
    await scene.record(20, 11)
    const head = scene.raw.head()
    const refused = { name: 'IntegrityFailure', code: 'ledger.broken', record: 'pilvi/ledger' }
    expect(await refusal(scene.ledger.sequence())).toMatchObject(refused)
    expect([sizes(notes), scene.raw.head()]).toEqual([[4, 10], head])
    expect(await scene.ledger.verify()).toMatchObject({ outcome: 'broken', broken: { sequence: 5 } })
  })

  it('nor is one that is gone, or was written anew with the signing key and grew beyond the last checkpoint', async () => {
    const { sink, notes } = memorySink()
    const scene = ledgerScene({ sink })
    await scene.sequenced(5)
    const back = snapshot(scene)
    scene.raw.write([])
    scene.raw.writeHead(undefined)
    await scene.record(9, 6)
    expect(await refusal(scene.ledger.sequence())).toMatchObject({ code: 'ledger.broken' })
    back()
    await forged(scene, edited)
    expect(await refusal(scene.ledger.sequence())).toMatchObject({ code: 'ledger.broken' })
    // In a process that does not ask outside it grows, and is still refused where somebody does.
    const blind = ledgerScene({ backing: scene.backing, seed: 2 })
    expect(await blind.ledger.sequence()).toBe(9)
    expect(await refusal(scene.ledger.sequence())).toMatchObject({ code: 'ledger.broken' })
    expect(sizes(notes)).toEqual([5])
  })
})

describe('proofs', () => {
  it('of every entry, against each checkpoint, by a logarithm of reads', async () => {
    let reads = 0
    const { ledger, sequenced, origin } = ledgerScene({
      aroundStore: (store) => ({
        ...store,
        scan: (...given: Parameters<typeof store.scan>) => {
          reads++
          return store.scan(...given)
        },
      }),
    })
    const notes: string[] = []
    for (let size = 0; size < 70; size += 7) {
      await sequenced(7, size + 1)
      notes.push((await ledger.verify()).checkpoint ?? '')
    }
    for (const [i, note] of notes.entries()) {
      const said = { origin, size: 7 * (i + 1), root: rootIn(note) }
      for (let sequence = 1; sequence <= said.size; sequence++) {
        reads = 0
        const proof = await ledger.proveInclusion({ sequence, checkpoint: note })
        expect(reads).toBeLessThanOrEqual(20)
        expect(proof).toMatchObject({ sequence, checkpoint: note })
        expect(verifyInclusion(proof, said)).toBe(true)
        expect(JSON.parse(proof.bytes)).toMatchObject({ sequence, record: `record-${sequence}` })
      }
      for (const [j, later] of notes.entries()) {
        if (j < i) continue
        const proof = await ledger.proveConsistency({ from: note, to: later })
        const to = { origin, size: 7 * (j + 1), root: rootIn(later) }
        expect(verifyConsistency(proof, { from: said, to })).toBe(true)
      }
    }
    expect(await ledger.proveInclusion({ sequence: 70 })).toMatchObject({ checkpoint: notes.at(-1) })
    expect(await ledger.proveConsistency({ from: notes[0] ?? '' })).toMatchObject({
      from: notes[0],
      to: notes.at(-1),
    })
  })

  it('what is not there, or asked the wrong way round, is refused', async () => {
    const { ledger, sequenced, record } = ledgerScene()
    const missing = { name: 'NotFound', code: 'record.missing', path: 'sequence' }
    expect(await refusal(ledger.proveInclusion({ sequence: 1 }))).toMatchObject(missing)
    await sequenced(2)
    const { checkpoint: first = '' } = await ledger.verify()
    await sequenced(2, 3)
    await record(1, 5)
    expect(await refusal(ledger.proveInclusion({ sequence: 5 }))).toMatchObject(missing)
    expect(await refusal(ledger.proveInclusion({ sequence: 3, checkpoint: first }))).toMatchObject(missing)
    for (const sequence of [0, -1, 1.5, Number.NaN, '1' as never]) {
      expect(await refusal(ledger.proveInclusion({ sequence }))).toMatchObject({
        code: 'input.invalid',
        path: 'sequence',
      })
    }
    const { checkpoint: second = '' } = await ledger.verify()
    expect(await refusal(ledger.proveConsistency({ from: second, to: first }))).toMatchObject({
      code: 'input.invalid',
      path: 'to',
    })
  })

  it.each<[string, (raw: Scene['raw']) => void]>([
    [
      'an entry that was changed',
      ({ read, write }) => write(all(read().map((each, i) => (i === 2 ? edited(each) : each)))),
    ],
    [
      'an entry that is none',
      ({ read, write }) => write(all(read()).map((each, i) => (i === 2 ? null : each))),
    ],
    [
      'entries without subtrees',
      ({ read, write }) => write(read().map(({ bytes, root }) => ({ bytes, root }))),
    ],
    [
      'other subtrees',
      ({ read, write }) =>
        write(all(read().map((each) => ({ ...each, subtrees: each.subtrees.map(() => each.root) })))),
    ],
    ['a gap', ({ stream }) => void stream().entries.splice(2, 1)],
    ['a head that was not signed', ({ writeHead }) => writeHead('x')],
  ])('a store with %s proves nothing', async (_, change) => {
    const { ledger, raw, sequenced } = ledgerScene()
    await sequenced(3)
    const { checkpoint: from = '' } = await ledger.verify()
    await sequenced(8, 4)
    change(raw)
    expect(await refusal(ledger.proveInclusion({ sequence: 3 }))).toMatchObject({ code: 'ledger.broken' })
    expect(await refusal(ledger.proveConsistency({ from }))).toMatchObject({ code: 'ledger.broken' })
  })
})

const rootIn = (note: string): string => Buffer.from(note.split('\n')[2] ?? '', 'base64').toString('hex')
