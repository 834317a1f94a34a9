/**
 * `pilvi-privacy ledger verify|checkpoint`: whether the ledger in a store is what was written, held against a file of
 * checkpoints; and adding a new checkpoint to such a file. Verifying takes public keys only.
 */

import {
  createPrivacy,
  InvalidInput,
  type JsonWebKeySet,
  type LedgerReport,
  type LocalKey,
  localKeys,
  type Store,
  verifyLedger,
} from '../index.ts'
import { fileCheckpoints } from '../node/index.ts'
import { pilviPolicy } from '../policy/pilvi.ts'
import { argumentsOf } from './arguments.ts'
import type { CliIo } from './io.ts'
import { oneStore, openStore } from './open-store.ts'

const help = `Usage: pilvi-privacy ledger verify --postgres URL | --mongo URL --tenant ID
                                   --controller ID | --origin NAME --keys FILE [options]
       pilvi-privacy ledger checkpoint --postgres URL | --mongo URL --tenant ID
                                       --controller ID | --origin NAME
                                       --key-file FILE [options]

verify: computes everything anew and holds it against the signed head and the checkpoints.
        Ends with 1 where the ledger is not what was written.
checkpoint: gives the acts that wait their place, and adds a checkpoint to the file, to be
        kept where whoever can write to the store cannot write.

  --tenant ID        whose ledger
  --controller ID    the controller's own tenant: the ledger's origin is pilvi-privacy/CONTROLLER
  --origin NAME      what the host gave as the ledger's origin, where it gave one
  --checkpoints FILE the checkpoints, one a line; made by the first checkpoint
                     (ledger-checkpoints.jsonl, where you are)
  --keys FILE        the public keys, as privacy.keys.jwks() gives them
  --key-file FILE    the key-encryption keys, for its owner alone: [{ "id": …, "secret": base64 }]
  --schema NAME      schema in PostgreSQL (pilvi_privacy)
  --prefix NAME      what names of collections begin with in MongoDB (pilvi_privacy_)
  --allow-plaintext  connect without encryption to another machine
  --help             this text
`

/** Where checkpoints are kept, unless said. */
const usualFile = 'ledger-checkpoints.jsonl'

const text = { type: 'string' } as const
const options = {
  ...{ postgres: text, mongo: text, schema: text, prefix: text },
  ...{ tenant: text, controller: text, origin: text },
  ...{ checkpoints: text, keys: text, 'key-file': text },
  'allow-plaintext': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof argumentsOf<typeof options>>['values']

/** Runs the command and gives its exit code: 1 where the ledger is broken. @throws PrivacyError */
export async function ledger(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'ledger' })
  if (values.help) {
    io.stdout(help)
    return 0
  }
  const [act, ...rest] = positionals
  if (act === 'verify' && rest.length === 0) return verify(values, io)
  if (act === 'checkpoint' && rest.length === 0) return checkpoint(values, io)
  throw wrong('say verify or checkpoint')
}

async function verify(values: Values, io: CliIo): Promise<number> {
  const tenant = required(values, 'tenant')
  const base = baseOf(values)
  unused(values, 'key-file', 'verify')
  const jwks = await keySet(required(values, 'keys'), io)
  const checkpoints = await keptOf(tenant, { path: values.checkpoints, io })
  const known = { origin: `${base}/${tenant}`, jwks, checkpoints }
  const report = await withStore(values, (store) => verifyLedger({ store, tenant }, known))
  io.stdout(told(report))
  return report.outcome === 'intact' ? 0 : 1
}

async function checkpoint(values: Values, io: CliIo): Promise<number> {
  const tenant = required(values, 'tenant')
  const origin = baseOf(values)
  unused(values, 'keys', 'checkpoint')
  const keys = localKeys(await keysOf(required(values, 'key-file'), io), io.environment)
  const checkpoints = fileCheckpoints(values.checkpoints ?? usualFile)
  const controller = values.controller ?? tenant
  const moved = await withStore(values, (store) => {
    const given = { store, keys, tenant: controller, environment: io.environment }
    // No act is done here for which a policy would matter.
    const privacy = createPrivacy({
      ...given,
      policy: pilviPolicy,
      ledger: { origin, checkpoints },
    })
    return (tenant === controller ? privacy : privacy.tenant(tenant)).ledger.sequence()
  })
  io.stdout(table([['sequenced', number.format(moved)]]))
  io.stdout((await checkpoints.last(tenant)) ?? '')
  return 0
}

/** What the ledger's origin begins with. No default: a first head that is signed under a wrong one cannot be mended. */
function baseOf({ origin, controller }: Values): string {
  if (origin !== undefined) return origin
  if (controller !== undefined) return `pilvi-privacy/${controller}`
  throw wrong('--controller or --origin is missing')
}

const wrong = (says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${says}; see pilvi-privacy ledger --help`, { path: 'argv' })

function required(values: Values, name: 'tenant' | 'keys' | 'key-file'): string {
  const value = values[name]
  if (value === undefined) throw wrong(`--${name} is missing`)
  return value
}

/** Whoever gives an option means something by it: one that would not be used is refused. */
function unused(values: Values, name: 'keys' | 'key-file', act: string): void {
  if (values[name] !== undefined) throw wrong(`--${name} does not fit ${act}`)
}

async function withStore<T>(values: Values, work: (store: Store) => Promise<T>): Promise<T> {
  const { store, close } = await openStore(oneStore(values, 'ledger'))
  try {
    return await work(store)
  } finally {
    await close()
  }
}

/** The checkpoints of a tenant; whoever names a file means it to show something. */
async function keptOf(
  tenant: string,
  { path, io }: { path: string | undefined; io: CliIo },
): Promise<string[]> {
  if (path === undefined) return fileCheckpoints(usualFile).list(tenant)
  await io.readFile(path, '--checkpoints')
  const kept = await fileCheckpoints(path).list(tenant)
  if (kept.length > 0) return kept
  throw refused('--checkpoints', 'holds no checkpoint of this tenant')
}

async function keySet(path: string, io: CliIo): Promise<JsonWebKeySet> {
  const { bytes } = await io.readFile(path, '--keys')
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return json(Buffer.concat(parts).toString('utf8'), '--keys') as JsonWebKeySet
}

async function keysOf(path: string, io: CliIo): Promise<[LocalKey, ...LocalKey[]]> {
  const listed = json(await io.readSecret(path, '--key-file'), '--key-file')
  if (!Array.isArray(listed)) throw refused('--key-file', 'must hold a list of keys')
  const keys = listed.map((each) => {
    const { id, secret } = Object(each) as Record<string, unknown>
    return { id, secret: Buffer.from(String(secret), 'base64') }
  })
  return keys as unknown as [LocalKey, ...LocalKey[]]
}

function json(from: string, argument: string): unknown {
  try {
    return JSON.parse(from)
  } catch (cause) {
    throw refused(argument, 'is not JSON', cause)
  }
}

const refused = (argument: string, says: string, cause?: unknown): InvalidInput =>
  new InvalidInput('input.invalid', `${argument} ${says}`, { path: argument, cause })

const number = new Intl.NumberFormat('en-GB')

const told = ({ outcome, entries, vouched, pending, root, broken, unseen }: LedgerReport): string =>
  table([
    ['outcome', outcome],
    ...(broken ? [['broken', `entry ${number.format(broken.sequence)}: ${broken.says}`] as const] : []),
    ['entries', number.format(entries)],
    ['vouched', number.format(vouched)],
    ['pending', number.format(pending)],
    ['root', root],
    ...unseen.map((says) => ['unseen', says] as const),
  ])

const table = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, value]) => `${name.padEnd(12)}${value}\n`).join('')
