/** Checkpoints in a file: added only, by several processes, and read back whatever happened to its last line. */

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCheckpoints } from '@pilvi/privacy/node'
import { afterAll, describe, expect, it } from 'vitest'
import { refusal } from '../keys/scene.ts'
import { ledgerScene } from '../ledger/scene.ts'
import { ended, program } from '../servers/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilvi-checkpoints-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const fresh = (): string => join(folder, `${++files}.jsonl`)
const noteOf = (size: number, tenant = 'pilvi'): string =>
  `o/${tenant}\n${size}\n${'A'.repeat(43)}=\n\n— o/${tenant} AAAAAAAA\n`

describe('a file of checkpoints', () => {
  it('holds what was put into it, for each tenant, and gives the largest', async () => {
    const path = fresh()
    const sink = fileCheckpoints(path)
    expect([await sink.last('pilvi'), await sink.list('pilvi')]).toEqual([null, []])
    for (const size of [3, 9, 5]) await sink.put({ tenant: 'pilvi', note: noteOf(size) })
    await sink.put({ tenant: 'customer-a', note: noteOf(40, 'customer-a') })
    for (const each of [sink, fileCheckpoints(path)]) {
      expect(await each.last('pilvi')).toBe(noteOf(9))
      expect(await each.list('pilvi')).toEqual([noteOf(3), noteOf(9), noteOf(5)])
      expect(await each.last('customer-a')).toBe(noteOf(40, 'customer-a'))
      expect(await each.last('customer-b')).toBeNull()
    }
    expect(readFileSync(path, 'utf8').split('\n').filter(Boolean)).toHaveLength(4)
    expect(statSync(path).mode & 0o022).toBe(0)
  })

  it('what another process adds is seen by the next call', async () => {
    const path = fresh()
    const [one, other] = [fileCheckpoints(path), fileCheckpoints(path)]
    for (let size = 1; size <= 20; size++) {
      await (size % 2 === 0 ? one : other).put({ tenant: 'pilvi', note: noteOf(size) })
      expect([await one.last('pilvi'), await other.last('pilvi')]).toEqual([noteOf(size), noteOf(size)])
    }
  })

  it('processes that add at once lose nothing and mix nothing', async () => {
    const path = fresh()
    const start = await program('node/append')
    const codes = await Promise.all([1, 2, 3, 4].map((who) => ended(start(path, `${who}`, '50'))))
    expect(codes).toEqual([0, 0, 0, 0])
    const notes = await fileCheckpoints(path).list('pilvi')
    expect(new Set(notes).size).toBe(200)
    expect(notes).toHaveLength(200)
    expect(await fileCheckpoints(path).last('pilvi')).toBe(noteOf(40_050))
  }, 60_000)

  it('a last line that was cut off anywhere is passed over, and what is added after it is read', async () => {
    const path = fresh()
    const sink = fileCheckpoints(path)
    await sink.put({ tenant: 'pilvi', note: noteOf(1) })
    const whole = statSync(path).size
    await sink.put({ tenant: 'pilvi', note: noteOf(2) })
    const all = statSync(path).size
    const bytes = readFileSync(path)
    for (let end = whole; end < all; end++) {
      writeFileSync(path, bytes)
      truncateSync(path, end)
      const reader = fileCheckpoints(path)
      expect(await reader.last('pilvi'), `${end}`).toBe(noteOf(1))
      await reader.put({ tenant: 'pilvi', note: noteOf(3) })
      // All of a line but its end is that line.
      const found = end === all - 1 ? [noteOf(1), noteOf(2), noteOf(3)] : [noteOf(1), noteOf(3)]
      expect(await reader.list('pilvi'), `${end}`).toEqual(found)
      expect(await reader.last('pilvi')).toBe(noteOf(3))
    }
  })

  it('a line of another process that is cut off just before a write does not spoil what is written', async () => {
    const path = fresh()
    const sink = fileCheckpoints(path)
    await sink.put({ tenant: 'pilvi', note: noteOf(1) })
    const before = readFileSync(path)
    await sink.put({ tenant: 'pilvi', note: noteOf(2) })
    const written = readFileSync(path).subarray(before.length)
    const theirs = Buffer.from(`\n${JSON.stringify({ tenant: 'pilvi', note: noteOf(9) })}`)
    for (let end = 0; end < theirs.length; end++) {
      // The file as it is where their bytes landed after ours were made up and before they were added.
      writeFileSync(path, Buffer.concat([before, theirs.subarray(0, end), written]))
      expect(await fileCheckpoints(path).list('pilvi'), `${end}`).toEqual([noteOf(1), noteOf(2)])
    }
  })

  it('lines that are no checkpoints of anybody are passed over', async () => {
    const path = fresh()
    const lines = ['', 'x', 'null', '[]', '{}', '{"tenant":1,"note":"x"}', '{"tenant":"pilvi","note":7}']
    writeFileSync(path, lines.join('\n'))
    const sink = fileCheckpoints(path)
    expect(await sink.last('pilvi')).toBeNull()
    await sink.put({ tenant: 'pilvi', note: noteOf(1) })
    expect(await sink.list('pilvi')).toEqual([noteOf(1)])
  })

  it('a note that is none is not hidden: whoever opens the last one is to see it', async () => {
    const path = fresh()
    const sink = fileCheckpoints(path)
    await sink.put({ tenant: 'pilvi', note: noteOf(9) })
    appendFileSync(path, `${JSON.stringify({ tenant: 'pilvi', note: 'forged' })}\n`)
    expect(await sink.last('pilvi')).toBe('forged')
  })

  it('a file that was cut, or replaced, is read anew', async () => {
    const path = fresh()
    const sink = fileCheckpoints(path)
    for (const size of [1, 2, 3]) await sink.put({ tenant: 'pilvi', note: noteOf(size) })
    expect(await sink.last('pilvi')).toBe(noteOf(3))
    truncateSync(path, statSync(path).size / 3)
    expect(await sink.last('pilvi')).toBe(noteOf(1))
    rmSync(path)
    expect(await sink.last('pilvi')).toBeNull()
    writeFileSync(path, `${JSON.stringify({ tenant: 'pilvi', note: noteOf(2) })}\n`)
    expect(await sink.last('pilvi')).toBe(noteOf(2))
  })

  it('a file that cannot be read or written fails, without its name in the message', async () => {
    const path = join(folder, 'jane.doe')
    mkdirSync(path)
    const sink = fileCheckpoints(path)
    const nowhere = fileCheckpoints(join(folder, 'none/jane.doe'))
    for (const call of [
      () => sink.put({ tenant: 'pilvi', note: noteOf(1) }),
      () => sink.last('pilvi'),
      () => sink.list('pilvi'),
      () => nowhere.put({ tenant: 'pilvi', note: noteOf(1) }),
    ]) {
      const error = await refusal(call())
      expect(error).toMatchObject({ name: 'StoreFailure', code: 'store.unavailable' })
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('jane.doe')
    }
    for (const none of ['', undefined, 7])
      expect(() => fileCheckpoints(none as string)).toThrow(expect.objectContaining({ path: 'path' }))
  })

  it('is the place outside for a ledger', async () => {
    const path = fresh()
    const checkpoints = fileCheckpoints(path)
    const { ledger, sequenced } = ledgerScene({ sink: checkpoints })
    await sequenced(3)
    await sequenced(4, 4)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', vouched: 7 })
    const kept = await checkpoints.list('pilvi')
    expect(kept).toHaveLength(2)
    expect(await ledger.verify({ checkpoints: kept })).toMatchObject({ outcome: 'intact', vouched: 7 })
  })
})
