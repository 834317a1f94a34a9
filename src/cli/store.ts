/**
 * `pilvi-privacy store copy|dump|restore|identity`: all that a store keeps, into another store or a file, and back.
 * Progress is shown on a terminal and nowhere else.
 */

import { setFlagsFromString } from 'node:v8'
import {
  type CopyReport,
  type CopyStep,
  checkDump,
  copySteps,
  dumpStore,
  InvalidInput,
  restoreSteps,
  type Store,
} from '../index.ts'
import { argumentsOf } from './arguments.ts'
import { identitiesIn, makeIdentityFile, readDump, writing } from './dump-file.ts'
import type { CliIo } from './io.ts'
import { databaseOf, openStore, type StoreArgument } from './open-store.ts'

const help = `Usage: pilvi-privacy store copy --from URL --to URL [options]
       pilvi-privacy store dump --from URL --out FILE --recipient age1… [options]
       pilvi-privacy store restore FILE --to URL [--identity FILE] [options]
       pilvi-privacy store identity --out FILE

A URL is postgres://… or mongodb://host/database. Nothing may write to the source meanwhile;
the target must be migrated, and empty or what an interrupted run has left.

copy: all that one store keeps into another, and in the end a comparison of both.
dump: the same into a file of JSON lines, compressed if its name ends in .gz or .gz.age,
      and encrypted in the age format to each --recipient. Only --plaintext leaves it
      readable: then keep it as you keep the database.
restore: from such a file. It is read to its end before anything is written. With
      --identity it must be encrypted, without it must not be.
identity: makes a key pair: the identity into a new file, the recipient on standard output.

  --recipient age1…  who can open the dump; once for each of them
  --plaintext        do not encrypt the dump
  --identity FILE    identities as age-keygen writes them, readable by their owner alone

  --schema NAME      schema in PostgreSQL (pilvi_privacy)
  --prefix NAME      what names of collections begin with in MongoDB (pilvi_privacy_)
  --to-schema NAME   the same of the target, where it is another
  --to-prefix NAME
  --allow-plaintext  connect without encryption to another machine
  --help             this text
`

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  recipient: { type: 'string', multiple: true },
  plaintext: { type: 'boolean' },
  identity: { type: 'string', multiple: true },
  schema: { type: 'string' },
  prefix: { type: 'string' },
  'to-schema': { type: 'string' },
  'to-prefix': { type: 'string' },
  'allow-plaintext': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof argumentsOf<typeof options>>['values']

/** Runs the command and gives its exit code. @throws PrivacyError */
export async function store(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'store' })
  if (values.help) {
    io.stdout(help)
    return 0
  }
  // What passes through is garbage soon; V8 would let it grow to four times what lives before it looks.
  setFlagsFromString('--heap-growing-percent=100')
  const [act, file, ...rest] = positionals
  if (act === 'copy' && file === undefined) return copy(fitting(values, act), io)
  if (act === 'dump' && file === undefined) return dump(fitting(values, act), io)
  if (act === 'restore' && file !== undefined && rest.length === 0) {
    return restore(file, { values: fitting(values, act), io })
  }
  if (act === 'identity' && file === undefined) return identity(fitting(values, act), io)
  throw wrong('say copy, dump, restore FILE, or identity')
}

/** What each act needs. */
const needs = { copy: ['from', 'to'], dump: ['from', 'out'], restore: ['to'], identity: ['out'] } as const

/** What else it takes, beside the names in a database. */
const takes = { copy: [], dump: ['recipient', 'plaintext'], restore: ['identity'], identity: [] } as const

/** The options that are not for every act. */
const some = [
  ...(['from', 'to', 'out', 'schema', 'prefix', 'to-schema', 'to-prefix'] as const),
  ...(['recipient', 'plaintext', 'identity'] as const),
]

/** Whoever gives an option means something by it: one that would not be used is refused. */
function fitting(values: Values, act: keyof typeof needs): Values {
  const named = needs[act].flatMap((name) => [name, naming(name, values)])
  const used: readonly string[] = [...named, ...takes[act]]
  for (const name of some) {
    if (values[name] === undefined || used.includes(name)) continue
    throw wrong(`--${name} does not fit this ${act}`)
  }
  return values
}

/** The option that says where in its database a store is. */
function naming(side: 'from' | 'to' | 'out', values: Values) {
  const url = required(values, side)
  if (side === 'out') return side
  const name = databaseOf({ url, argument: `--${side}` }) === 'postgres' ? 'schema' : 'prefix'
  const own = `to-${name}` as const
  return side === 'to' && values[own] !== undefined ? own : name
}

async function copy(values: Values, io: CliIo): Promise<number> {
  const [from, to] = [source(values), target(values)]
  await withStore(from, (one) => withStore(to, (other) => told(copySteps(one, other), io)))
  return 0
}

async function dump(values: Values, io: CliIo): Promise<number> {
  const path = required(values, 'out')
  const written = await writing(path, recipients(values))
  await withStore(source(values), async (one) => {
    const lines = counted(dumpStore(one), new Meter(io))
    await io.writeChunks(path, { argument: '--out', chunks: written(lines) })
  })
  return 0
}

/** Nobody leaves personal data in clear without having said so. */
function recipients({ recipient, plaintext }: Values): readonly string[] | 'plaintext' {
  if (recipient !== undefined && plaintext === undefined) return recipient
  if (recipient === undefined && plaintext === true) return 'plaintext'
  throw wrong('say to whom with --recipient age1…, or --plaintext: one of the two')
}

async function restore(path: string, { values, io }: { values: Values; io: CliIo }): Promise<number> {
  const to = target(values)
  const identities = values.identity === undefined ? null : await identitiesIn(values.identity, io)
  const [first, second] = [await readDump(path, { identities, io }), await readDump(path, { identities, io })]
  await withStore(to, async (one) => {
    await checkDump(first, one)
    await told(restoreSteps(second, one), io)
  })
  return 0
}

async function identity(values: Values, io: CliIo): Promise<number> {
  io.stdout(`${await makeIdentityFile(required(values, 'out'), io)}\n`)
  return 0
}

const wrong = (says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${says}; see pilvi-privacy store --help`, { path: 'argv' })

function required(values: Values, name: 'from' | 'to' | 'out'): string {
  const value = values[name]
  if (value === undefined) throw wrong(`--${name} is missing`)
  return value
}

const source = (values: Values): StoreArgument => ({
  url: required(values, 'from'),
  argument: '--from',
  schema: values.schema,
  prefix: values.prefix,
  allowPlaintext: values['allow-plaintext'],
})

const target = (values: Values): StoreArgument => ({
  url: required(values, 'to'),
  argument: '--to',
  schema: values['to-schema'] ?? values.schema,
  prefix: values['to-prefix'] ?? values.prefix,
  allowPlaintext: values['allow-plaintext'],
})

async function withStore(of: StoreArgument, work: (store: Store) => Promise<void>): Promise<void> {
  const { store: one, close } = await openStore(of)
  try {
    await work(one)
  } finally {
    await close()
  }
}

/** Shows the steps, and in the end what they came to. */
async function told(steps: AsyncIterable<CopyStep>, io: CliIo): Promise<void> {
  const meter = new Meter(io)
  try {
    for await (const step of steps) {
      if (step.phase === 'done') io.stdout(summary(step.report))
      else meter.show(`${step.phase} ${step.section}`, step.rows)
    }
  } finally {
    meter.end()
  }
}

const number = new Intl.NumberFormat('en-GB')

const summary = ({ sections, written, digest }: CopyReport): string =>
  [
    ...sections
      .filter(({ rows }) => rows > 0)
      .map(({ section, rows }): [string, string] => [section, number.format(rows)]),
    ['written', number.format(written)] as const,
    ['digest', digest] as const,
  ]
    .map(([name, value]) => `${name.padEnd(18)}${value}\n`)
    .join('')

async function* counted(lines: AsyncIterable<string>, meter: Meter): AsyncGenerator<string> {
  let count = 0
  try {
    for await (const line of lines) {
      yield line
      if (++count % 1_000 === 0) meter.show('dumping', count)
    }
  } finally {
    meter.end()
  }
}

/** One line on a terminal that is written over and over. */
class Meter {
  readonly #io: CliIo
  #shown = ''

  constructor(io: CliIo) {
    this.#io = io
  }

  show(what: string, rows: number): void {
    // Often enough to see that it goes on, and not so often that it holds things up.
    const now = `${what} ${number.format(rows - (rows % 1_000))}`.slice(0, this.#io.columns - 1)
    if (!this.#io.isTerminal || now === this.#shown) return
    this.#io.stderr(`\r${now.padEnd(this.#shown.length)}`)
    this.#shown = now
  }

  end(): void {
    if (this.#shown !== '') this.#io.stderr(`\r${' '.repeat(this.#shown.length)}\r`)
    this.#shown = ''
  }
}
