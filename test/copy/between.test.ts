/** Copying between the three stores, on real servers, by the library and by the command line. */

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { copyStore, dumpStore, type Store } from '@pilvi/privacy'
import { makeIdentity } from '@pilvi/privacy/age'
import { mongoStore } from '@pilvi/privacy/mongo'
import { postgresStore } from '@pilvi/privacy/postgres'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { key } from '../../src/values/key.ts'
import { testIo } from '../cli/io.ts'
import { until } from '../servers/ports.ts'
import { ended, program } from '../servers/program.ts'
import { onMongoDb } from '../stores/mongo.ts'
import { dropSchemas, migrated, testPool } from '../stores/postgres.ts'
import { fill, inside, memory } from './scene.ts'

const databaseUrl = inject('databaseUrl')

onMongoDb(between)

function between(mongoUrl: string): void {
  const pool = testPool(databaseUrl)
  const client = new MongoClient(mongoUrl)
  const name = `copy_${process.pid}`
  const urls = { postgres: databaseUrl, mongo: withDatabase(mongoUrl, name) }
  const [schema, prefix] = [
    ['--schema', name],
    ['--prefix', 'copy_'],
  ] as const
  const names = [...schema, ...prefix]
  const folder = mkdtempSync(join(tmpdir(), 'pilvi-copy-'))
  let postgres: Store
  let mongo: Store

  beforeEach(async () => {
    postgres = await migrated(postgresStore(pool, { schema: name }))
    mongo = await migrated(mongoStore(client.db(name), { prefix: 'copy_' }))
  })
  afterEach(async () => {
    await dropSchemas(pool, [name])
    await client.db(name).dropDatabase()
  })
  afterAll(async () => {
    await pool.end()
    await client.close()
    rmSync(folder, { recursive: true })
  })

  const run = async (...argv: string[]) => {
    const io = testIo()
    const code = await main(['store', ...argv], io)
    return { code, out: io.out.join(''), err: io.err.join(''), files: io.files }
  }

  describe('copied around', () => {
    it('from memory to PostgreSQL, to MongoDB and back to memory, all is as it was', async () => {
      const [from, to] = [memory(), memory()]
      await fill(from.store)
      const reports = [
        await copyStore(from.store, postgres),
        await copyStore(postgres, mongo),
        await copyStore(mongo, to.store),
      ]
      expect(inside(to.backing)).toEqual(inside(from.backing))
      expect(new Set(reports.map((report) => report.digest)).size).toBe(1)
      for (const store of [postgres, mongo]) {
        const at = { collection: 'ledger', key: key('pilvi', 'short') }
        expect((await store.get(at.collection, [at.key]))[0]?.version).toBe(9)
        await store.commit([{ append: at, id: 'next', value: 1, expect: 10 }])
      }
    }, 60_000)
  })

  describe('a process that is killed half-way (kill -9)', () => {
    it('is done again, and ends with the same digest', async () => {
      const command = await program('copy/command')
      const from = memory()
      await fill(from.store, 1_500)
      const whole = await copyStore(from.store, postgres)
      const argv = ['store', 'copy', '--from', urls.postgres, '--to', urls.mongo, ...names]
      let kills = 0
      for (const tenant of ['_system', 'pilvi', 'pilvib']) {
        const half = key(tenant, 'customer', '700')
        const child = command(...argv)
        const gone = ended(child)
        await until(60_000, async () => (await mongo.get('register', [half]))[0] !== null)
        if (child.kill('SIGKILL')) kills++
        expect(await gone).not.toBe(0)
      }
      const { code, out } = await run(...argv.slice(1))
      expect([code, kills]).toEqual([0, 3])
      expect(out).toContain(`digest            ${whole.digest}\n`)
      const written = Number(/^written +([\d,]+)$/m.exec(out)?.[1]?.replaceAll(',', ''))
      expect(written).toBeGreaterThan(0)
      expect(written).toBeLessThan(whole.written)
    }, 180_000)
  })

  describe('the command line', () => {
    it('dumps to a file and restores from it, compressed or not', async () => {
      const from = memory()
      await fill(from.store)
      await copyStore(from.store, postgres)
      for (const file of ['dump.jsonl', 'dump.jsonl.gz']) {
        const path = join(folder, file)
        const dumped = await run('dump', '--from', urls.postgres, '--out', path, '--plaintext', ...schema)
        expect(dumped).toMatchObject({ code: 0, out: '', err: '' })
        writeFileSync(path, dumped.files.get(path) ?? '')
        const bytes = readFileSync(path)
        const lines: string[] = []
        for await (const line of dumpStore(from.store)) lines.push(line)
        expect((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).toBe(lines.join(''))
      }
      const restored = await run('restore', join(folder, 'dump.jsonl.gz'), '--to', urls.mongo, ...prefix)
      expect(restored).toMatchObject({ code: 0, err: '' })
      expect(restored.out).toContain('register          600\n')
      const again = await run('restore', join(folder, 'dump.jsonl'), '--to', urls.mongo, ...prefix)
      expect(again.out).toContain('written           0\n')
      const to = memory()
      await copyStore(mongo, to.store)
      expect(inside(to.backing)).toEqual(inside(from.backing))
    }, 60_000)

    it('dumps to an encrypted file and restores from it, compressed or not', async () => {
      const from = memory()
      await fill(from.store)
      await copyStore(from.store, postgres)
      const { identity, recipient } = await makeIdentity()
      const key = join(folder, 'key')
      writeFileSync(key, `# of the backup\n${identity}\n`, { mode: 0o600 })
      for (const file of ['dump.age', 'dump.gz.age']) {
        const path = join(folder, file)
        const to = ['--out', path, '--recipient', recipient]
        const dumped = await run('dump', '--from', urls.postgres, ...to, ...schema)
        expect(dumped).toMatchObject({ code: 0, err: '' })
        writeFileSync(path, dumped.files.get(path) ?? '')
        const restored = await run(...['restore', path, '--to', urls.mongo, '--identity', key], ...prefix)
        expect(restored).toMatchObject({ code: 0, err: '' })
      }
      const to = memory()
      await copyStore(mongo, to.store)
      expect(inside(to.backing)).toEqual(inside(from.backing))
      const cut = readFileSync(join(folder, 'dump.gz.age')).subarray(0, -40)
      writeFileSync(join(folder, 'cut.age'), cut)
      const refused = await run(
        'restore',
        join(folder, 'cut.age'),
        '--to',
        urls.mongo,
        '--identity',
        key,
        ...prefix,
      )
      expect([refused.code, refused.err]).toEqual([7, expect.stringContaining('does not open')])
    }, 60_000)

    it('refuses a dump that was cut off before it writes anything', async () => {
      const from = memory()
      await fill(from.store, 5)
      const path = join(folder, 'cut.jsonl')
      let text = ''
      for await (const line of dumpStore(from.store)) text += line
      writeFileSync(path, text)
      truncateSync(path, statSync(path).size - 9)
      const cut = await run('restore', path, '--to', urls.postgres, ...schema)
      expect([cut.code, cut.err]).toEqual([
        7,
        expect.stringMatching(/^pilvi-privacy: line \d+: it is no JSON\n$/),
      ])
      expect((await copyStore(memory().store, postgres)).written).toBe(0)
    })

    it('refuses bytes that are no text', async () => {
      const path = join(folder, 'odd.jsonl')
      writeFileSync(path, Buffer.from([0x7b, 0xff, 0x0a]))
      const { code, err } = await run('restore', path, '--to', urls.postgres, ...schema)
      expect([code, err]).toEqual([7, expect.stringContaining('this is no dump: it is no text')])
    })

    it('shows on a terminal how far it has come, and leaves nothing of that behind', async () => {
      const from = memory()
      await fill(from.store, 5)
      await copyStore(from.store, postgres)
      const io = testIo({ terminal: 'yes' })
      const argv = ['store', 'copy', '--from', urls.postgres, '--to', urls.mongo, ...names]
      expect(await main(argv, io)).toBe(0)
      const shown = io.err.join('')
      expect(shown).toContain('\rcopying register 0')
      expect(shown).toContain('\rverifying _visits 0')
      expect(shown).toMatch(/\r +\r$/)
      expect(io.out.join('')).not.toContain('\r')
    })

    it('refuses a target that holds something else, and one that is not migrated', async () => {
      const from = memory()
      await fill(from.store, 5)
      await copyStore(from.store, postgres)
      await mongo.bulk.write('standings', [{ key: 'zz/z', value: 1 }])
      const argv = ['copy', '--from', urls.postgres, '--to', urls.mongo, ...schema]
      const foreign = await run(...argv, ...prefix)
      expect([foreign.code, foreign.err]).toEqual([5, expect.stringContaining('standings')])
      const unmigrated = await run(...argv, '--to-prefix', 'new_')
      expect([unmigrated.code, unmigrated.err]).toEqual([6, 'pilvi-privacy: migrate the mongo store first\n'])
      const itself = await run('copy', '--from', urls.postgres, '--to', urls.postgres, ...schema)
      expect(itself.code).toBe(0)
      const other = await run(
        ...['copy', '--from', urls.postgres, '--to', urls.postgres, ...schema],
        ...['--to-schema', `${name}_b`],
      )
      expect(other.code).toBe(6)
    })
  })
}

function withDatabase(url: string, name: string): string {
  const made = new URL(url)
  made.pathname = `/${name}`
  return made.href
}
