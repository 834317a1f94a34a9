/** A store in the hands of somebody else: what of it `verify` sees, and what only a checkpoint outside shows. */

import { describe, expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { signCheckpoint } from '../../src/ledger/checkpoint.ts'
import { emptyFrontier, type StoredEntry, writtenFrontier } from '../../src/ledger/rules.ts'
import type { JsonValue } from '../../src/store.ts'
import { refusal, tamper } from '../keys/scene.ts'
import { act, ledgerScene, rechained } from './scene.ts'

type Scene = ReturnType<typeof ledgerScene>

/** A ledger of ten entries in three batches, signed. */
async function sound(options: Parameters<typeof ledgerScene>[0] = {}): Promise<Scene> {
  const scene = ledgerScene(options)
  await scene.sequenced(4)
  await scene.sequenced(3, 5)
  await scene.sequenced(3, 8)
  return scene
}

const edited = (entry: StoredEntry): StoredEntry => ({
  ...entry,
  bytes: entry.bytes.replace('register.saved', 'register.never'),
})
const numbered = (entry: StoredEntry, sequence: number): StoredEntry => ({
  ...entry,
  bytes: entry.bytes.replace(/"sequence":\d+/, `"sequence":${sequence}`),
})
const all = (entries: readonly StoredEntry[]): JsonValue[] => entries.map((entry) => ({ ...entry }))

interface Tampering {
  readonly threat: string
  readonly change: (raw: Scene['raw']) => void
  readonly sequence: number
  readonly says: string
}

/** Changes of single places: the first bad entry is named. */
const inside: readonly Tampering[] = [
  {
    threat: 'edit: the bytes of entry 3',
    change: ({ read, write }) => write(all(read().map((entry, i) => (i === 2 ? edited(entry) : entry)))),
    sequence: 3,
    says: 'the entry was changed',
  },
  {
    threat: 'edit: the stored root of entry 3',
    change: ({ read, write }) => {
      const entries = read()
      write(all(entries.map((entry, i) => (i === 2 ? { ...entry, root: entries[3]?.root ?? '' } : entry))))
    },
    sequence: 3,
    says: 'the entry was changed',
  },
  {
    threat: 'edit: entry 3 and its stored root, but none after it',
    change: ({ read, write }) => {
      const entries = read()
      const { frontier } = rechained(entries.slice(0, 2), emptyFrontier)
      const { entries: made } = rechained(entries.slice(2, 3).map(edited), frontier)
      write(all([...entries.slice(0, 2), ...made, ...entries.slice(3)]))
    },
    sequence: 4,
    says: 'the entry was changed',
  },
  {
    threat: 'edit: entry 3 is no entry any more',
    change: ({ read, write }) => write(all(read()).map((entry, i) => (i === 2 ? null : entry))),
    sequence: 3,
    says: 'the entry is not one',
  },
  {
    threat: 'delete: entry 3, leaving a gap',
    change: ({ stream }) => {
      stream().entries.splice(2, 1)
    },
    sequence: 3,
    says: 'an entry is missing',
  },
  {
    threat: 'delete: entry 3, the others moved up',
    change: ({ read, write }) => write(all(read().filter((_, i) => i !== 2))),
    sequence: 3,
    says: 'the entry is not one',
  },
  {
    threat: 'delete: entry 3, the others moved up and numbered anew',
    change: ({ read, write }) =>
      write(
        all(
          read()
            .filter((_, i) => i !== 2)
            .map((entry, i) => numbered(entry, i + 1)),
        ),
      ),
    sequence: 3,
    says: 'the entry was changed',
  },
  {
    threat: 'delete: the first entries, as if they had been dropped',
    change: ({ stream }) => {
      stream().entries.splice(0, 4)
    },
    sequence: 1,
    says: 'an entry is missing',
  },
  {
    threat: 'insert: a copy before entry 3',
    change: ({ read, write }) => {
      const entries = read()
      write(all([...entries.slice(0, 2), numbered(entries[0] as StoredEntry, 3), ...entries.slice(2)]))
    },
    sequence: 3,
    says: 'the entry was changed',
  },
  {
    threat: 'swap: entries 3 and 7',
    change: ({ read, write }) => {
      const entries = read()
      const [three, seven] = [entries[2] as StoredEntry, entries[6] as StoredEntry]
      write(all(entries.map((entry, i) => (i === 2 ? seven : i === 6 ? three : entry))))
    },
    sequence: 3,
    says: 'the entry is not one',
  },
  {
    threat: 'swap: entries 3 and 7, numbered anew',
    change: ({ read, write }) => {
      const entries = read()
      const [three, seven] = [entries[2] as StoredEntry, entries[6] as StoredEntry]
      write(
        all(entries.map((entry, i) => (i === 2 ? numbered(seven, 3) : i === 6 ? numbered(three, 7) : entry))),
      )
    },
    sequence: 3,
    says: 'the entry was changed',
  },
  {
    threat: 'cut: the last two entries',
    change: ({ read, write }) => write(all(read().slice(0, 8))),
    sequence: 9,
    says: 'entries are missing at the end',
  },
  {
    threat: 'cut: all entries',
    change: ({ write }) => write([]),
    sequence: 1,
    says: 'entries are missing at the end',
  },
  {
    threat: 'append: an entry beyond the head, well made',
    change: ({ read, write }) => {
      const entries = read()
      write(all(rechained([...entries, edited(entries[0] as StoredEntry)], emptyFrontier).entries))
    },
    sequence: 11,
    says: 'no signed head names this entry',
  },
]

/** Changes by somebody who makes every hash in the store fit: the signed head tells that, and not where. */
const everywhere: readonly Tampering[] = [
  {
    threat: 're-chain: entry 3 edited, all roots from there made to fit',
    change: ({ read, write }) => {
      const entries = read().map((entry, i) => (i === 2 ? edited(entry) : entry))
      write(all(rechained(entries, emptyFrontier).entries))
    },
    sequence: 1,
    says: 'the entries are not those that were signed',
  },
  {
    threat: 're-chain: the stored head made to fit as well, under its old signature',
    change: ({ read, write, head, writeHead }) => {
      const made = rechained(read().map(edited), emptyFrontier)
      write(all(made.entries))
      writeHead({ ...(head() as object), ...writtenFrontier(made.frontier) })
    },
    sequence: 1,
    says: 'the stored head is not one that was signed',
  },
  {
    threat: 'cut, and the head cut to the same size under its old signature',
    change: ({ read, write, head, writeHead }) => {
      const made = rechained(read().slice(0, 6), emptyFrontier)
      write(all(made.entries))
      writeHead({ ...(head() as object), ...writtenFrontier(made.frontier) })
    },
    sequence: 1,
    says: 'the stored head is not one that was signed',
  },
  {
    threat: 'head without a signature',
    change: ({ head, writeHead }) => writeHead({ ...(head() as object), note: null }),
    sequence: 1,
    says: 'the stored head is not one that was signed',
  },
  {
    threat: 'head that is none',
    change: ({ writeHead }) => writeHead('x'),
    sequence: 1,
    says: 'the stored head is not one that was signed',
  },
  {
    threat: 'head taken away',
    change: ({ writeHead }) => writeHead(undefined),
    sequence: 1,
    says: 'no signed head names this entry',
  },
]

describe('tampering inside the store', () => {
  it('a sound ledger is intact', async () => {
    const { ledger, raw } = await sound()
    const report = await ledger.verify()
    expect(report).toMatchObject({ outcome: 'intact', entries: 10, pending: 0 })
    expect(report.broken).toBeUndefined()
    expect(report.root).toBe(raw.read().at(-1)?.root)
  })

  it.each([...inside, ...everywhere])(
    '$threat: seen at entry $sequence',
    async ({ change, sequence, says }) => {
      const { ledger, raw } = await sound()
      change(raw)
      const report = await ledger.verify()
      expect(report).toMatchObject({ outcome: 'broken', broken: { sequence, says } })
      // What is counted is what agrees: nothing that was found broken is vouched for.
      expect(report.entries).toBeLessThanOrEqual(10)
      if (says !== 'the entries are not those that were signed') {
        expect(report.entries).toBe(says.includes('head is not') ? raw.read().length : sequence - 1)
      }
    },
  )

  it('an entry that cannot be read is not passed over when entries are listed', async () => {
    const { raw, entries } = await sound()
    raw.write(all(raw.read()).map((entry, i) => (i === 2 ? null : entry)))
    expect(await refusal(entries())).toMatchObject({
      name: 'IntegrityFailure',
      code: 'ledger.broken',
      record: 'pilvi/ledger/3',
    })
  })

  it('the head of another tenant, or of a time before, is no head of these entries', async () => {
    const backing = memoryBacking()
    const { ledger, raw } = await sound({ backing })
    const other = await sound({ backing, tenant: 'customer-a', seed: 2 })
    raw.writeHead(other.raw.head())
    const says = 'the stored head is of another origin'
    expect((await ledger.verify()).broken).toEqual({ sequence: 1, says })
    const refused = { code: 'ledger.broken', message: expect.stringContaining(says) }
    expect(await refusal(ledger.sequence())).toMatchObject(refused)
    expect(await refusal(ledger.proveInclusion({ sequence: 1 }))).toMatchObject(refused)
  })
})

describe('laundering: somebody rewrites the store and waits for the library to sign what stands there', () => {
  it.each(everywhere.filter(({ says }) => says.includes('head is not')))(
    '$threat: nothing is built on it',
    async ({ change }) => {
      const { ledger, raw, record } = await sound()
      change(raw)
      const before = raw.head()
      await record(1, 11)
      expect(await refusal(ledger.sequence())).toMatchObject({
        name: 'IntegrityFailure',
        code: 'ledger.broken',
        record: 'pilvi/ledger',
      })
      expect(raw.head()).toEqual(before)
      expect(await ledger.verify()).toMatchObject({ outcome: 'broken', pending: 1 })
    },
  )

  it.each([...inside.slice(0, 4), ...everywhere.slice(0, 1)])(
    '$threat: the next head is signed over what was there before, and stays at odds with it',
    async ({ change }) => {
      const { ledger, raw, sequenced } = await sound()
      change(raw)
      await sequenced(2, 11)
      const { broken } = await ledger.verify()
      expect(broken).toBeDefined()
      expect(broken?.sequence).toBeLessThanOrEqual(11)
    },
  )

  it.each([
    ['a head taken away', everywhere.at(-1)],
    ['entries appended beyond it', inside.at(-1)],
    ['entries cut off under it', inside.at(-3)],
    ['all entries cut off under it', inside.at(-2)],
  ])('%s: nothing is built on it', async (_, tampering) => {
    const { ledger, raw, record } = await sound()
    tampering?.change(raw)
    await record(1, 11)
    expect(await refusal(ledger.sequence())).toMatchObject({ code: 'ledger.broken', record: 'pilvi/ledger' })
    expect(await ledger.verify()).toMatchObject({ outcome: 'broken', pending: 1 })
  })
})

describe('what cannot be seen without a checkpoint kept outside', () => {
  it('a ledger cut back, together with its head, to a state that was signed before', async () => {
    const scene = ledgerScene()
    await scene.sequenced(4)
    const [entries, head] = [scene.raw.read(), scene.raw.head()]
    await scene.sequenced(6, 5)
    const outside = await scene.ledger.verify()
    scene.raw.write(all(entries))
    scene.raw.writeHead(head)
    const report = await scene.ledger.verify()
    expect(report).toMatchObject({ outcome: 'intact', entries: 4 })
    expect(report.unseen.join()).toMatch(/cut back/)
    // The checkpoint tells: it was over more entries than there are now.
    expect(outside.entries).toBeGreaterThan(report.entries)
  })

  it('a ledger that is gone as a whole', async () => {
    const { ledger, raw } = await sound()
    raw.write([])
    raw.writeHead(undefined)
    const report = await ledger.verify()
    expect(report).toMatchObject({ outcome: 'intact', entries: 0 })
    expect(report.unseen.join()).toMatch(/or to nothing/)
  })

  it('a ledger written anew by somebody who holds the signing key', async () => {
    const { ledger, raw, keys, origin } = await sound()
    const outside = await ledger.verify()
    const made = rechained(raw.read().map(edited), emptyFrontier)
    raw.write(all(made.entries))
    const said = { origin, size: 10, root: made.entries.at(-1)?.root ?? '' }
    raw.writeHead({ ...writtenFrontier(made.frontier), note: await signCheckpoint(keys, said) })
    const report = await ledger.verify()
    expect(report).toMatchObject({ outcome: 'intact', entries: 10 })
    expect(report.unseen.join()).toMatch(/holds the signing key/)
    expect(report.root).not.toBe(outside.root)
  })

  it('an act changed while it waits', async () => {
    const { ledger, backing, record, entries } = await sound()
    await record(1, 11)
    const [[key, row] = ['', { json: '' }]] = backing.records.get('pending')?.rows ?? []
    tamper(backing, { collection: 'pending', key, value: { ...JSON.parse(row.json), ...act(99) } })
    await ledger.sequence()
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 11 })
    expect((await entries()).at(-1)?.record).toBe('record-99')
    expect((await ledger.verify()).unseen.join()).toMatch(/while it waits/)
  })
})
