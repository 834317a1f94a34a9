/**
 * `pilvi-privacy store copy|dump|restore`: all that a store keeps, into another store or a file, and back. Progress is
 * shown on a terminal and nowhere else.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { createGzip } from 'node:zlib'
import {
  type CopyReport,
  type CopyStep,
  checkDump,
  copySteps,
  dumpStore,
  IntegrityFailure,
  InvalidInput,
  restoreSteps,
  type Store,
} from '../index.ts'
import { argumentsOf } from './arguments.ts'
import { readPacked } from './input.ts'
import type { CliIo } from './io.ts'
import { databaseOf, openStore, type StoreArgument } from './open-store.ts'

const help = `Usage: pilvi-privacy store copy --from URL --to URL [options]
       pilvi-privacy store dump --from URL --out FILE [options]
       pilvi-privacy store restore FILE --to URL [options]

A URL is postgres://… or mongodb://host/database. Nothing may write to the source meanwhile;
the target must be migrated, and empty or what an interrupted run has left.

copy: all that one store keeps into another, and in the end a comparison of both.
dump: the same into a file of JSON lines, compressed if its name ends in .gz. It holds
      personal data, unencrypted: keep it as you keep the database.
restore: from such a file. It is read to its end before anything is written.

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
  throw wrong('say copy, dump, or restore FILE')
}

/** What each act needs. */
const needs = { copy: ['from', 'to'], dump: ['from', 'out'], restore: ['to'] } as const

/** Whoever gives an option means something by it: one that would not be used is refused. */
function fitting(values: Values, act: keyof typeof needs): Values {
  const used = needs[act].flatMap((name) => [name, naming(name, values)])
  for (const name of ['from', 'to', 'out', 'schema', 'prefix', 'to-schema', 'to-prefix'] as const) {
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
  await withStore(source(values), async (one) => {
    const lines = counted(dumpStore(one), new Meter(io))
    const chunks = path.endsWith('.gz') ? packed(lines) : lines
    await io.writeChunks(path, { argument: '--out', chunks })
  })
  return 0
}

async function restore(path: string, { values, io }: { values: Values; io: CliIo }): Promise<number> {
  const to = target(values)
  const lines = async (): Promise<AsyncIterable<string>> => {
    const file = await io.readFile(path, 'FILE')
    return linesOf(readPacked({ ...file, argument: 'FILE' }, io))
  }
  const [first, second] = [await lines(), await lines()]
  await withStore(to, async (one) => {
    await checkDump(first, one)
    await told(restoreSteps(second, one), io)
  })
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

/** Compressed; what goes wrong before comes out of it. Nothing is read before it is asked for. */
async function* packed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  pipeline(Readable.from(lines), gzip).catch(() => undefined)
  yield* gzip
}

/** Longer than any line of a dump: a value of a megabyte, a key, and what is around them. */
const longest = 2_000_000

/** @throws IntegrityFailure `record.corrupt` for what is no text, or has lines that no dump has */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + text(decoder, chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longest) throw noDump()
    yield* lines
  }
  rest += text(decoder)
  if (rest !== '') yield rest
}

function text(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    throw noDump()
  }
}

const noDump = (): IntegrityFailure =>
  new IntegrityFailure('record.corrupt', 'FILE is no dump', { path: 'FILE' })

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
