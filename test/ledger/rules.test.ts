/** The tree of the ledger (RFC 6962 §2.1) and the form of what is stored of it. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, hex, prefixedDigest } from '../../src/keys/digest.ts'
import type { PendingAct } from '../../src/ledger/model.ts'
import {
  check,
  emptyFrontier,
  enter,
  type Frontier,
  grow,
  leafHash,
  nodeOf,
  readEntry,
  readFrontier,
  rootOf,
  type StoredEntry,
  writtenFrontier,
} from '../../src/ledger/rules.ts'
import type { JsonValue } from '../../src/store.ts'

const vectors = new URL('../../../shared/data/merkle-rfc6962-vectors.json', import.meta.url)

/** The input set of the Certificate Transparency reference implementations, and the root of the first n leaves. */
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map(fromHex)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const tree = (given: readonly Uint8Array[]): Frontier =>
  given.reduce((frontier, leaf) => grow(frontier, leafHash(leaf)).frontier, emptyFrontier)

/** RFC 6962 §2.1, word for word, with another implementation of the hash. */
function defined(given: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest()
  if (given.length === 0) return sha256()
  if (given.length === 1) return sha256(Uint8Array.of(0), given[0] as Uint8Array)
  let split = 1
  while (split * 2 < given.length) split *= 2
  return sha256(Uint8Array.of(1), defined(given.slice(0, split)), defined(given.slice(split)))
}

describe('the tree hash', () => {
  it.each(roots.map((root, size) => [size, root] as const))('of %d leaves is %s', (size, root) => {
    expect(rootOf(tree(leaves.slice(0, size)))).toBe(root)
  })

  it.skipIf(!existsSync(vectors))(
    'the vectors for RFC 6962 (skipped where ../shared/data/merkle-rfc6962-vectors.json is absent)',
    () => {
      const file = JSON.parse(readFileSync(vectors, 'utf8'))
      const inputs = (file.leafInputsHex as string[]).map(fromHex)
      expect(inputs.map((leaf) => hex(leafHash(leaf)))).toEqual(file.leafHashesHex)
      const found = [...inputs.keys(), inputs.length].map((size) => rootOf(tree(inputs.slice(0, size))))
      expect(found).toEqual(file.rootsBySize)
      const text = (given: string): Uint8Array => new TextEncoder().encode(given)
      expect(hex(leafHash(text('L123456')))).toBe(file.hasher.leaf_L123456)
      expect(hex(prefixedDigest(1, text('N123'), text('N456')))).toBe(file.hasher.node_N123_N456)
    },
  )

  it('leaf by leaf is the tree as it is defined', () => {
    const given = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 70 })
    fc.assert(
      fc.property(given, (data) => {
        expect(rootOf(tree(data))).toBe(defined(data).toString('hex'))
      }),
    )
  })

  it('second preimage: a node is no leaf', () => {
    const [a, b] = [leafHash(fromHex('00')), leafHash(fromHex('10'))]
    expect(rootOf(tree([Uint8Array.of(...a, ...b)]))).not.toBe(rootOf(tree([fromHex('00'), fromHex('10')])))
  })

  it('a frontier grows without changing the one before', () => {
    const before = tree(leaves.slice(0, 7))
    const root = rootOf(before)
    grow(before, leafHash(leaves[7] as Uint8Array))
    expect([before.size, before.roots.length, rootOf(before)]).toEqual([7, 3, root])
  })
})

describe('a frontier as it is stored', () => {
  it('is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
        const frontier = tree(Array.from({ length: size }, (_, i) => Uint8Array.of(i)))
        const read = readFrontier(writtenFrontier(frontier))
        expect(read?.size).toBe(size)
        expect(rootOf(read as Frontier)).toBe(rootOf(frontier))
      }),
      { numRuns: 50 },
    )
  })

  const { size, roots: hashes } = writtenFrontier(tree(leaves.slice(0, 3)))
  it.each([
    ['nothing', null],
    ['a text', 'x'],
    ['a list', []],
    ['of no size', { roots: hashes }],
    ['of half a leaf', { size: 2.5, roots: hashes }],
    ['of no leaves', { size: 0, roots: [] }],
    ['of fewer leaves than none', { size: -3, roots: hashes }],
    ['a size that is text', { size: '3', roots: hashes }],
    ['without roots', { size }],
    ['roots that are text', { size, roots: 'x' }],
    ['a root too few', { size, roots: hashes.slice(1) }],
    ['a root too many', { size, roots: [...hashes, ...hashes] }],
    ['another size with as many roots would do', { size: 4, roots: hashes }],
    ['a root that is a number', { size, roots: [1, 2] }],
    ['a root that is short', { size, roots: ['ab', hashes[1]] }],
    ['a root in capitals', { size, roots: hashes.map((root) => root.toUpperCase()) }],
    ['more roots, some of which are none', { size, roots: [...hashes, 7] }],
  ])('%s is none', (_, value) => {
    expect(readFrontier(value as JsonValue)).toBeNull()
  })
})

const waiting: PendingAct = {
  id: 'a1',
  action: 'consent.denied',
  actor: { role: 'operator', id: 'agent-7' },
  record: 'event-1',
  recordedAt: '2026-11-23T10:00:00.000Z',
  details: { purpose: 'telemarketing', by: 'phone' },
}

describe('an entry', () => {
  it('is its exact bytes in canonical form (RFC 8785), with its number', () => {
    const { entry, frontier } = enter(emptyFrontier, waiting)
    expect(entry.bytes).toBe(
      '{"action":"consent.denied","actor":{"id":"agent-7","role":"operator"},"details":{"by":"phone",' +
        '"purpose":"telemarketing"},"id":"a1","record":"event-1","recordedAt":"2026-11-23T10:00:00.000Z","sequence":1}',
    )
    expect(entry.root).toBe(rootOf(frontier))
    expect(readEntry({ ...entry }, 1)).toEqual({ ...waiting, sequence: 1 })
  })

  it('holds the roots of the full subtrees that end with it, so that each node of the tree is found in one entry', () => {
    let frontier = emptyFrontier
    const stored: StoredEntry[] = []
    for (let n = 0; n < 70; n++) {
      const entered = enter(frontier, { ...waiting, id: `a${n}` })
      frontier = entered.frontier
      stored.push(entered.entry)
    }
    const data = stored.map(({ bytes }) => Buffer.from(bytes))
    for (const [i, entry] of stored.entries()) {
      for (let [level, leaves] = [0, 1]; (i + 1) % leaves === 0; level++, leaves *= 2) {
        const full = defined(data.slice(i + 1 - leaves, i + 1)).toString('hex')
        expect(hex(nodeOf({ ...entry }, level) as Uint8Array)).toBe(full)
        if (leaves === 64) break
      }
    }
    expect(stored.map(({ subtrees }) => subtrees.length).slice(0, 8)).toEqual([0, 1, 0, 2, 0, 1, 0, 3])
    expect(nodeOf({ ...(stored[0] as StoredEntry) }, 1)).toBeNull()
    for (const value of [null, 'x', [], { bytes: 1 }]) expect(nodeOf(value as JsonValue, 0)).toBeNull()
    for (const subtrees of [undefined, null, 'x', [1], ['x']])
      expect(nodeOf({ bytes: 'x', subtrees } as JsonValue, 1)).toBeNull()
  })

  it('a number it brings along is not believed', () => {
    const { entry } = enter(emptyFrontier, { ...waiting, sequence: 9 } as PendingAct)
    expect(readEntry({ ...entry }, 1)?.sequence).toBe(1)
  })

  it.each([
    ['nothing', null],
    ['a text', 'x'],
    ['no bytes', { root: 'x' }],
    ['bytes that are no JSON', { bytes: '{' }],
    ['bytes of nothing', { bytes: 'null' }],
    ['an entry without an action', { bytes: '{"sequence":1}' }],
    ['an entry of another number', { bytes: '{"action":"a","sequence":2}' }],
  ])('%s is none', (_, value) => {
    expect(readEntry(value as JsonValue, 1)).toBeNull()
    expect(check(emptyFrontier, { value: value as JsonValue, version: 1 })).toEqual({
      fault: { sequence: 1, says: 'the entry is not one' },
    })
  })

  it('is checked against its number, its bytes and the tree up to it', () => {
    const one = enter(emptyFrontier, waiting)
    const two = enter(one.frontier, { ...waiting, id: 'a2' })
    expect(check(emptyFrontier, { value: { ...one.entry }, version: 1 })).toEqual({ frontier: one.frontier })
    expect(check(one.frontier, { value: { ...two.entry }, version: 2 })).toEqual({ frontier: two.frontier })
    expect(check(emptyFrontier, { value: { ...two.entry }, version: 2 })).toEqual({
      fault: { sequence: 1, says: 'an entry is missing' },
    })
    const was = { fault: { sequence: 1, says: 'the entry was changed' } }
    const changed = { ...one.entry, bytes: one.entry.bytes.replace('agent-7', 'agent-8') }
    expect(check(emptyFrontier, { value: changed, version: 1 })).toEqual(was)
    const { bytes, root, subtrees } = two.entry
    for (const value of [
      { bytes, subtrees },
      { bytes, root },
      { bytes, root, subtrees: null },
      { bytes, root, subtrees: [] },
      { bytes, root, subtrees: [...subtrees, ...subtrees] },
      { bytes, root, subtrees: [one.entry.root] },
    ]) {
      const found = check(one.frontier, { value: value as JsonValue, version: 2 })
      expect(found).toEqual({ fault: { ...was.fault, sequence: 2 } })
    }
  })
})
