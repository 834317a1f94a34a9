/** Dumps: what is written comes back, and what is not as it was written is refused. */

import { checkDump, copyStore, dumpStore, PrivacyError, restoreStore, type Store } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest } from '../../src/keys/digest.ts'
import { canonical } from '../../src/values/canonical.ts'
import { cut } from './age-scene.ts'
import { failing, fill, inside, memory } from './scene.ts'

async function linesOf(store: Store): Promise<string[]> {
  const lines: string[] = []
  for await (const line of dumpStore(store)) lines.push(line)
  return lines
}

async function filled(count?: number): Promise<ReturnType<typeof memory> & { lines: string[] }> {
  const made = memory()
  await fill(made.store, count)
  return { ...made, lines: await linesOf(made.store) }
}

const corrupt = (path?: string): unknown =>
  expect.objectContaining({ code: 'record.corrupt', ...(path !== undefined && { path }) })

describe('a dump', () => {
  it('brings everything back, and is the same again', async () => {
    const [from, to] = [await filled(), memory()]
    const report = await restoreStore(from.lines, to.store)
    expect(inside(to.backing)).toEqual(inside(from.backing))
    expect(await linesOf(to.store)).toEqual(from.lines)
    const copied = await copyStore(from.store, memory().store)
    expect(report).toEqual(copied)
  })

  it('is lines of canonical JSON; the digest of a section is the SHA-256 of its lines', async () => {
    const { lines } = await filled(8)
    for (const line of lines) expect(`${canonical(JSON.parse(line))}\n`).toBe(line)
    const last = JSON.parse(lines.at(-1) ?? '') as {
      sections: { section: string; rows: number; digest: string }[]
      digest: string
    }
    for (const { section, rows, digest: told } of last.sections) {
      const own = lines.filter((line) => line.startsWith(`["${section}",`))
      expect([own.length, digest(own.join(''))]).toEqual([rows, told])
    }
    expect(last.digest).toBe(digest(canonical(last.sections)))
  })

  it('comes from any iterable, with line feeds or without', async () => {
    const from = await filled(8)
    const [one, two] = [memory(), memory()]
    await restoreStore(dumpStore(from.store), one.store)
    await restoreStore(
      from.lines.map((line) => line.trimEnd()),
      two.store,
    )
    expect(inside(one.backing)).toEqual(inside(from.backing))
    expect(inside(two.backing)).toEqual(inside(from.backing))
  })

  it('comes as bytes, cut anywhere', async () => {
    const from = await filled(8)
    const bytes = Buffer.from(from.lines.join(''))
    for (const size of [1, 3, 1_000, bytes.length]) {
      for (const whole of [bytes, bytes.subarray(0, -1)]) {
        const to = memory()
        await restoreStore(cut(whole, size), to.store)
        expect(inside(to.backing)).toEqual(inside(from.backing))
      }
    }
  })

  it('of an older version that knew fewer collections is restored', async () => {
    const collections = [{ name: 'register', kind: 'records' as const, indexes: {} }]
    const old = memoryStore({ collections })
    await old.bulk.write('register', [{ key: 'a/b', value: 1 }])
    const to = memory()
    await restoreStore(dumpStore(old), to.store)
    expect((await to.store.get('register', ['a/b']))[0]?.value).toBe(1)
    await expect(restoreStore(await linesOf(to.store), old)).rejects.toMatchObject({ code: 'input.invalid' })
  })
})

describe('a restore that was interrupted', () => {
  it('at any call, goes on when it is done again', async () => {
    const from = await filled(10)
    let finished = false
    for (let n = 1; !finished; n++) {
      const to = memory()
      finished = await restoreStore(from.lines, failing(to.store, n)).then(
        () => true,
        () => false,
      )
      await restoreStore(from.lines, to.store)
      expect(inside(to.backing)).toEqual(inside(from.backing))
    }
  })
})

describe('a dump that is not what was written', () => {
  it('cut off behind any line, it is refused, and the check of it writes nothing', async () => {
    const { lines } = await filled(3)
    for (let n = 0; n < lines.length; n++) {
      const to = memory()
      await expect(checkDump(lines.slice(0, n), to.store)).rejects.toEqual(corrupt(`line ${n + 1}`))
      expect(inside(to.backing)).toEqual(inside(memory().backing))
      await expect(restoreStore(lines.slice(0, n), to.store)).rejects.toEqual(corrupt())
    }
  })

  it('altered in any byte, it is refused', async () => {
    const { lines } = await filled(3)
    const whole = lines.join('')
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length - 2 }),
        fc.constantFrom('0', '1', 'a', '"', ' ', '{', ']', ',', '\\', 'é'),
        async (at, other) => {
          fc.pre(whole[at] !== other)
          const altered = `${whole.slice(0, at)}${other}${whole.slice(at + 1)}`.split('\n').slice(0, -1)
          const outcome = await restoreStore(altered, memory().store).catch((error: unknown) => error)
          // A collection that the target does not keep is the caller's to see to.
          expect(['record.corrupt', 'input.invalid']).toContain((outcome as { code?: string }).code)
          if (at > (lines[0]?.length ?? 0)) expect(outcome).toEqual(corrupt())
        },
      ),
      { numRuns: 400 },
    )
  })

  const alterations: readonly [string, (lines: string[]) => string[]][] = [
    ['a row is left out', (lines) => lines.filter((_, i) => i !== 5)],
    ['a row is there twice', (lines) => lines.flatMap((line, i) => (i === 5 ? [line, line] : [line]))],
    [
      'two rows change places',
      (lines) => [...lines.slice(0, 5), ...lines.slice(5, 7).reverse(), ...lines.slice(7)],
    ],
    ['something comes after the last line', (lines) => [...lines, lines[5] ?? '']],
    ['an empty line is put in', (lines) => [...lines.slice(0, 5), '\n', ...lines.slice(5)]],
    ['another format', ([first = '', ...rest]) => [first.replace('privacy', 'piracy'), ...rest]],
    ['a later version', ([first = '', ...rest]) => [first.replace('"version":1', '"version":2'), ...rest]],
    ['no collections', ([, ...rest]) => ['{"format":"pilvi-privacy-dump","version":1}', ...rest]],
    ['a list for the first line', ([, ...rest]) => ['[]', ...rest]],
    ['a collection of no kind', ([first = '', ...rest]) => [first.replace('"records"', '"heaps"'), ...rest]],
  ]
  it.each(alterations)('%s: refused, and nothing is written by the check', async (_, alter) => {
    const from = await filled(3)
    const to = memory()
    await expect(checkDump(alter(from.lines), to.store)).rejects.toEqual(corrupt())
    expect(inside(to.backing)).toEqual(inside(memory().backing))
    await expect(restoreStore(alter(from.lines), to.store)).rejects.toEqual(corrupt())
  })

  it.each([
    ['a row of no collection', '["none","a/b",1]'],
    ['a visit of no time', '["_visits","pilvi",{"id":"a","session":"b"}]'],
    ['a visit whose address is a number', '["_visits","pilvi",{"at":"","host":1,"id":"a","session":"b"}]'],
    ['an entry without a number', '["ledger","a/b","1","id",1]'],
    ['an entry of a collection of records', '["register","a/b",1,"id",1]'],
    ['a record of a collection of streams', '["ledger","a/b",1]'],
    ['a key that is no text', '["register",{"$ne":null},1]'],
  ])('%s: refused', async (_, row) => {
    const { lines } = await filled(1)
    await expect(checkDump([lines[0] ?? '', row], memory().store)).rejects.toEqual(corrupt('line 2'))
  })

  it.each([
    ['a key without a tenant', 'register', { key: 'nobody', value: 1 }],
    ['text with NUL', 'register', { key: 'a/b', value: '\0' }],
    ['a sequence number of nought', 'ledger', { key: 'a/b', value: 1, entry: { sequence: 0, id: 'a' } }],
  ])('made up, with digests that fit: %s is refused by the store', async (_, collection, row) => {
    const given = memory().store
    const forged: Store = {
      ...given,
      bulk: {
        ...given.bulk,
        read: async function* (name) {
          if (name === collection) yield [row]
        },
      },
    }
    await expect(restoreStore(await linesOf(forged), memory().store)).rejects.toEqual(corrupt())
  })

  it.each([
    ['bytes that are no text', [Buffer.from([0x7b, 0xff, 0x0a])]],
    ['text that ends within a character', [Buffer.from([0xc3])]],
    ['a line that has no end', Array.from({ length: 1_000 }, () => Buffer.alloc(10_000, 'x'))],
  ])('%s: refused', async (_, source) => {
    await expect(checkDump(source, memory().store)).rejects.toMatchObject({
      code: 'record.corrupt',
      message: expect.stringMatching(/^this is no dump: /),
    })
  })

  it('its error holds nothing of it', async () => {
    const { lines } = await filled(3)
    const altered = lines.map((line, i) => (i === 9 ? `secret${line}` : line))
    const error: unknown = await restoreStore(altered, memory().store).catch((given: unknown) => given)
    expect(JSON.stringify(error)).not.toContain('secret')
  })
})

describe('the wrong target: a dump is refused where the store holds what it does not', () => {
  it('by the check before anything is written', async () => {
    const [from, to] = [await filled(3), memory()]
    await to.store.bulk.write('standings', [{ key: 'zz/z', value: 1 }])
    const before = structuredClone(inside(to.backing))
    await expect(checkDump(from.lines, to.store)).rejects.toMatchObject({ code: 'conflict.state' })
    expect(inside(to.backing)).toEqual(before)
    await expect(restoreStore(from.lines, to.store)).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('and passes where it holds a part of it', async () => {
    const [from, to] = [await filled(3), memory()]
    await restoreStore(from.lines.slice(0, -3), to.store).catch(() => {})
    const checked = await checkDump(from.lines, to.store)
    expect((await restoreStore(from.lines, to.store)).digest).toBe(checked.digest)
  })
})

describe('what a dump is read from', () => {
  /** Lines, and whether they were let go of. */
  function source(lines: readonly string[]) {
    const seen = { left: 'no' }
    const parts = (async function* () {
      try {
        yield* lines
        yield* lines
      } finally {
        seen.left = 'yes'
      }
    })()
    return { parts, seen }
  }

  it.each([
    ['whose first line is none', (lines: string[]) => lines.slice(1)],
    [
      'that names what the store does not keep',
      ([first = '']: string[]) => [first.replace('register', 'none')],
    ],
    ['with a row that is out of order', (lines: string[]) => [...lines.slice(0, 5), lines[3] ?? '']],
    ['that goes on behind its end', (lines: string[]) => lines],
  ])('is let go of where it is refused: a dump %s', async (_, alter) => {
    const { lines } = await filled(3)
    for (const read of [checkDump, restoreStore]) {
      const { parts, seen } = source(alter(lines))
      await expect(read(parts, memory().store)).rejects.toBeInstanceOf(PrivacyError)
      expect(seen.left).toBe('yes')
    }
  })

  it('is told where it fails itself', async () => {
    const broken = new Error('the disk is gone')
    const failing = async function* () {
      yield* (await filled(3)).lines.slice(0, 9)
      throw broken
    }
    await expect(checkDump(failing(), memory().store)).rejects.toBe(broken)
  })
})
