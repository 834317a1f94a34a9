/**
 * The checks can fail. On a small sound project each of them holds. Then faults are put into it, and the check must say
 * so of every one: those that are added to a file all at once, because starting a compiler for each would take long,
 * those that replace a file one at a time.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const made: string[] = []

const sound: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'sound', type: 'module', dependencies: { zod: '4.6.7' } }),
  'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/zod': {} } }),
  'docs/dependencies.md': '## `zod` 4.6.7\n',
  'docs/errors.md': '| `input.invalid` | `InvalidInput` | Malformed. | Mend it. |\n',
  'src/errors.ts':
    "export type ErrorCode = InvalidInputCode\nexport type InvalidInputCode = 'input.invalid'\n",
  'src/environment.ts': 'export type Instant = string\nexport const now = () => new Date().toISOString()\n',
  'src/store.ts':
    'export interface Store { readonly name: string }\nexport type Change = { readonly put: string }\n',
  'src/consent/model.ts': "import * as z from 'zod'\nexport const purpose = z.string()\n",
  'src/consent/rules.ts':
    "import type { Change } from '../store.ts'\nimport { purpose } from './model.ts'\n" +
    'export const changes = (at: string): Change => ({ put: purpose.parse(new Date(at).toISOString()) })\n',
  'src/consent/service.ts':
    "import { now } from '../environment.ts'\nimport type { Store } from '../store.ts'\n" +
    "import { changes } from './rules.ts'\nexport const deny = async (store: Store) => [store, changes(now())]\n",
  'adapters/memory/index.ts':
    "import type { Store } from '../../src/store.ts'\nexport const memoryStore = (): Store => ({ name: 'memory' })\n",
}

/** A project of these files with the real checks in it; gives its folder. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'checks-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  cpSync(join(root, 'test/checks'), join(folder, 'test/checks'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function run(check: string, folder: string): { status: number | null; says: string } {
  const script = join(folder, `test/checks/${check}.mjs`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  return { status, says: stdout + stderr }
}

/** Check, file, what is added to it (or what it becomes, where it begins with `=`), what the check must say. */
type Fault = readonly [check: string, file: string, fault: string, says: RegExp]
const faults: readonly Fault[] = [
  ['imports', 'src/consent/rules.ts', "import pg from 'pg'", /may not import .* from pg/],
  ['imports', 'src/consent/rules.ts', "import type { Store } from '../store.ts'", /types Store from/],
  ['imports', 'src/consent/rules.ts', "import { deny } from './service.ts'", /cycle: .*rules.ts/],
  ['imports', 'src/consent/model.ts', "type X = import('./service.ts').X", /types X from/],
  ['imports', 'src/consent/service.ts', "import { y } from '../mfa/service.ts'", /values y from/],
  ['imports', 'src/consent/service.ts', "import { readFileSync } from 'node:fs'", /from node:fs/],
  ['imports', 'src/consent/service.ts', "export * from './rules.ts'", /has an "export \*"/],
  ['imports', 'src/consent/service.ts', "const driver = import('mongodb')", /from mongodb/],
  [
    'imports',
    'src/consent/service.ts',
    "import { s } from '../../adapters/memory/index.ts'",
    /values s from/,
  ],
  ['imports', 'adapters/memory/index.ts', "import pg from 'pg'", /from pg/],
  [
    'imports',
    'adapters/memory/index.ts',
    "import { d } from '../../src/consent/service.ts'",
    /values d from/,
  ],
  ['imports', 'src/cli/main.ts', "import { purpose } from '../consent/model.ts'", /main.ts .*values purpose/],
  ['imports', 'src/cli/main.ts', "import type { Store } from '../store.ts'", /main.ts .*types Store/],
  ['imports', 'src/privacy.ts', "import { m } from '../adapters/memory/index.ts'", /privacy.ts .*values m/],
  ['imports', 'src/consent/model.ts', "import type { Store } from '../store.ts'", /model.ts .*types Store/],
  ['imports', 'src/consent/rules.ts', "import { now } from '../environment.ts'", /rules.ts .*values now/],
  ['imports', 'src/Odd.ts', 'export {}', /has no row/],
  ['purity', 'src/consent/rules.ts', 'export const late = async () => 1', /is asynchronous/],
  ['purity', 'src/consent/rules.ts', 'export const day = new Date()', /reads the clock/],
  ['purity', 'src/consent/rules.ts', 'export const hash = crypto.subtle', /reaches for the runtime/],
  ['purity', 'src/consent/service.ts', 'export const when = Date.now()', /reads the clock/],
  ['purity', 'src/consent/service.ts', 'export const id = crypto.randomUUID()', /draws chance/],
  ['purity', 'adapters/memory/index.ts', 'export const dice = Math.random()', /draws chance/],
  [
    'ids',
    'src/errors.ts',
    "export type NotFoundCode = 'record.missing'",
    /^ids: record.missing of src\/errors.ts/m,
  ],
  [
    'ids',
    'src/consent/rules.ts',
    "export const because = { rule: 'consent.denied' }",
    /consent.denied of src/,
  ],
  ['ids', 'src/consent/service.ts', "const act = { action: 'consent.recorded' }", /consent.recorded of src/],
  [
    'ids',
    'src/consent/rules.ts',
    "export type Odd = 'transfer.eea' | 'other.no-family'",
    /transfer.eea of src[\s\S]*other.no-family of src/,
  ],
  [
    'ids',
    'src/consent/service.ts',
    "const either = { action: Date ? 'mfa.confirmed' : 'mfa.verified' }",
    /mfa.confirmed of src[\s\S]*mfa.verified of src/,
  ],
  ['ids', 'src/consent/model.ts', "export const checks = { 'consent.known': 1 }", /consent.known of src/],
  ['ids', 'docs/errors.md', '| `consent.withdrawn` | That. |', /docs\/errors.md lists consent.withdrawn/],
  ['dependencies', 'docs/dependencies.md', '=', /does not argue for zod/],
  ['dependencies', 'docs/dependencies.md', '## `left-pad` 1.0.0', /argues for left-pad/],
  ['dependencies', 'docs/dependencies.md', '=## `zod` 3.0.0', /argues for zod 3.0.0/],
  ['dependencies', 'package.json', '={"dependencies":{"zod":"^4.6.7"}}', /is not exact/],
  [
    'dependencies',
    'package.json',
    '={"dependencies":{},"peerDependencies":{"pg":">=8"}}',
    /pg is not optional/,
  ],
  [
    'dependencies',
    'package.json',
    '={"dependencies":{},"scripts":{"postinstall":"x"}}',
    /has an install script/,
  ],
  [
    'dependencies',
    'package-lock.json',
    '={"packages":{"node_modules/a":{"hasInstallScript":true}}}',
    /a has an install script/,
  ],
]

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** The sound project with these faults in it. */
function broken(some: readonly Fault[]): string {
  const files = { ...sound }
  for (const [, file, fault] of some) {
    files[file] = fault.startsWith('=') ? fault.slice(1) : `${files[file] ?? ''}${fault}\n`
  }
  return project(files)
}

const replaces = ([, , fault]: Fault): boolean => fault.startsWith('=')

describe.each([...new Set(faults.map(([check]) => check))])('the check of %s', (check) => {
  const own = faults.filter((fault) => fault[0] === check)
  const added = own.filter((fault) => !replaces(fault))

  it('holds on a sound project', () => {
    expect(run(check, project(sound))).toMatchObject({
      status: 0,
      says: expect.stringContaining('nothing to object to'),
    })
  })

  it('objects to every fault that is added', () => {
    const { status, says } = run(check, broken(added))
    for (const [, file, fault, expected] of added) expect(says, `${file}: ${fault}`).toMatch(expected)
    expect(status).toBe(1)
  })

  it.each(own.filter(replaces))('%s objects to %s when it is %s', (...fault) => {
    const { status, says } = run(check, broken([fault]))
    expect(says).toMatch(fault[3])
    expect(status).toBe(1)
  })
})
