/** The ledger on a real database: written by many processes at once, tampered with around the store, and verified. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCheckpoints } from '@pilvi/privacy/node'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { expect, onTestFinished } from 'vitest'
import { mongoStore } from '../../adapters/mongo/index.ts'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { main } from '../../src/cli/main.ts'
import { createStandings } from '../../src/consent/standings.ts'
import type { Environment, Instant } from '../../src/environment.ts'
import { localKeys } from '../../src/keys/local.ts'
import { createDigests, createKeys, createSecrets } from '../../src/keys/service.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import type { CheckpointSink } from '../../src/ledger/model.ts'
import { createLedger } from '../../src/ledger/service.ts'
import type { Store } from '../../src/store.ts'
import { fixedEnvironment } from '../../src/testing/index.ts'
import { testIo } from '../cli/io.ts'
import { ended, program } from '../servers/program.ts'
import { type RawLedger, tamper } from '../sweeps/tampers.ts'

const tenant = 'pilvi'
const origin = 'pilvi-privacy/pilvi/pilvi'
const secret = new Uint8Array(32).fill(7)

/** The ledger of a tenant in a database, as a process of its own would open it. `where`: schema or prefix. */
export async function openLedger({
  url,
  where,
  seed,
  sink,
}: {
  readonly url: string
  readonly where: string
  readonly seed: string
  readonly sink?: CheckpointSink
}) {
  const { store, close } = await connected(url, where)
  const { random } = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
  const environment: Environment = {
    now: () => new Date().toISOString() as Instant,
    random,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  }
  const given = { store, environment, provider: localKeys([{ id: 'k1', secret }], environment) }
  const provider = createWrapping(given).through(store)
  const secrets = createSecrets({ store, environment, provider })
  const standings = createStandings(tenant, { store, keys: createDigests(tenant, secrets) })
  const keys = createKeys(tenant, { store, environment, provider, secrets, standings })
  return {
    store,
    keys,
    origin,
    ledger: createLedger(tenant, { store, environment, keys, origin, sink }),
    close,
  }
}

async function connected(url: string, where: string): Promise<{ store: Store; close(): Promise<void> }> {
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: url, max: 8 })
    return { store: postgresStore(pool, { schema: where }), close: () => pool.end() }
  }
  const client = new MongoClient(url)
  return { store: mongoStore(client.db(), { prefix: where }), close: () => client.close() }
}

/** A folder for the files of a test, and its end. */
export function filesFor(): { path: (name: string) => string; end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'pilvi-ledger-'))
  return { path: (name) => join(folder, name), end: () => rmSync(folder, { recursive: true }) }
}

/** Fifty writers in five processes that all sequence: no gap, no double, and every checkpoint holds. */
export async function writtenByMany(at: { url: string; where: string; file: string }): Promise<void> {
  const start = await program('stores/ledger-writer')
  const children = ['a', 'b', 'c', 'd', 'e'].map((who) => start(at.url, at.where, at.file, who, '10', '8'))
  expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0, 0])
  const sink = fileCheckpoints(at.file)
  const { ledger, close } = await openLedger({ ...at, seed: 'z', sink })
  const entries: { sequence: number; record: string; id: string }[] = []
  for await (const entry of ledger.list()) entries.push(entry)
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  expect(new Set(entries.map(({ record }) => record)).size).toBe(400)
  expect(new Set(entries.map(({ id }) => id)).size).toBe(400)
  const checkpoints = await sink.list(tenant)
  expect(checkpoints.length).toBeGreaterThan(1)
  expect(await ledger.verify({ checkpoints })).toMatchObject({
    outcome: 'intact',
    entries: 400,
    pending: 0,
    vouched: 400,
  })
  for (const from of checkpoints) await ledger.proveConsistency({ from })
  await close()
}

/** Some of every kind of tamper, made around the store. */
export async function tamperedWith(
  at: { url: string; where: string },
  around: { read(): Promise<RawLedger>; write(state: RawLedger): Promise<void> },
): Promise<void> {
  const opened = await openLedger({ ...at, seed: 't' })
  const { store, ledger } = opened
  const states: RawLedger[] = []
  for (const count of [3, 1, 5]) {
    for (let n = 0; n < count; n++) {
      const actor = { role: 'system', id: 'test' } as const
      await store.commit(ledger.changes({ action: 'register.saved', actor, record: `r${n}` }))
    }
    await ledger.sequence()
    states.push(await around.read())
  }
  const { random } = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed: 'tampers' })
  const report = await tamper({ ...opened, states, write: around.write }, { tampers: 44, random })
  expect(report).toMatchObject({ tampers: 44, faults: [] })
  expect(report.neededCheckpoint).toHaveLength(2)
  await opened.close()
}

/** `pilvi-privacy ledger`, from the first checkpoint to a ledger that is broken. */
export async function commanded(
  at: { url: string; where: string },
  { path, cut }: { path: (name: string) => string; cut(): Promise<void> },
): Promise<void> {
  const run = async (...argv: string[]) => {
    const io = testIo()
    const code = await main(['ledger', ...argv], io)
    return { code, out: io.out.join(''), err: io.err.join('') }
  }
  const { store, keys, ledger, close } = await openLedger({ ...at, seed: 'c' })
  const given = at.url.startsWith('postgres')
    ? ['--postgres', at.url, '--schema', at.where]
    : ['--mongo', at.url, '--prefix', at.where]
  const here = [...given, '--tenant', tenant]
  // Where nothing is said the file of checkpoints lies where one is.
  const before = process.cwd()
  process.chdir(path('.'))
  onTestFinished(() => process.chdir(before))
  const own = [...here, '--controller', 'pilvi']
  const encoded = [{ id: 'k1', secret: Buffer.from(secret).toString('base64') }]
  writeFileSync(path('keys.json'), JSON.stringify(encoded), { mode: 0o600 })
  for (const count of [3, 4]) {
    for (let n = 0; n < count; n++) {
      const actor = { role: 'system', id: 'test' } as const
      await store.commit(ledger.changes({ action: 'register.saved', actor, record: `r${n}` }))
    }
    const made = await run('checkpoint', ...own, '--key-file', path('keys.json'))
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(new RegExp(`^sequenced +${count}\n${origin}\n\\d\n`))
  }
  writeFileSync(path('jwks.json'), JSON.stringify(await keys.jwks()))
  const verify = [...own, '--keys', path('jwks.json')]
  expect(existsSync(path('ledger-checkpoints.jsonl'))).toBe(true)
  const intact = await run('verify', ...verify)
  expect(intact).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^outcome +intact\nentries +7\nvouched +7\n/),
  })
  await cut()
  const broken = await run('verify', ...verify)
  expect(broken).toMatchObject({
    code: 1,
    err: '',
    out: expect.stringContaining('entry 6: entries are missing'),
  })
  const foreign = await run('verify', ...verify, '--origin', 'another')
  expect(foreign).toMatchObject({ code: 7, out: '' })
  const refused = await run('checkpoint', ...own, '--key-file', path('keys.json'))
  expect(refused).toMatchObject({ code: 7, out: '' })
  await close()
}
