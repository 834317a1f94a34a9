/**
 * `pilvi-privacy demo`: the whole library once, on made-up people and a log that is made up or given, told step by
 * step. It keeps everything in memory; what it leaves in the output folder is what a service would hand out.
 */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSync } from 'otplib'
import { memoryStore } from '../../adapters/memory/index.ts'
import {
  createPrivacy,
  type Decision,
  InvalidInput,
  type KeptSummary,
  type Language,
  lintPolicy,
  localKeys,
  type Privacy,
  renderPolicy,
  renderReport,
  statistics,
} from '../index.ts'
import { pilviPolicy } from '../policy/pilvi.ts'
import { argumentsOf, languageOf } from './arguments.ts'
import { generateLog } from './generate-log.ts'
import type { CliIo } from './io.ts'
import { madeUpVisits } from './made-up.ts'
import { todayOf } from './policy-file.ts'

const help = `Usage: pilvi-privacy demo [options]

Runs the whole library once, in memory, on made-up people, and tells what happens.

  --log FILE     an access log in the common or combined format; without it one is made up
  --out DIR      where the report, the notice, the export and the receipt go (pilvi-privacy-demo)
  --lang en|fi   language of what is written (en)
  --help         this text
`

const options = {
  log: { type: 'string' },
  out: { type: 'string', default: 'pilvi-privacy-demo' },
  lang: { type: 'string', default: 'en' },
  help: { type: 'boolean', default: false },
} as const

type Pilvi = Privacy<typeof pilviPolicy>

/** What the steps share. */
interface Stage {
  readonly privacy: Pilvi
  readonly io: CliIo
  readonly language: Language
  say(text: string): void
  step(title: string): void
  leave(name: string, bytes: string | Uint8Array): Promise<void>
}

/** Runs the command and gives its exit code. @throws InvalidInput */
export async function demo(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'demo' })
  if (values.help || positionals.length > 0) {
    if (positionals.length > 0)
      throw new InvalidInput('input.invalid', 'demo takes options only', { path: 'argv' })
    io.stdout(help)
    return 0
  }
  const stage = await createStage(values.out, { language: languageOf(values.lang), io })
  await thePolicy(stage)
  await theCustomers(stage)
  await theStatistics(stage, values.log)
  await theVisits(stage)
  await theDenial(stage)
  await theDisclosures(stage)
  await theSecondFactor(stage)
  await theExport(stage)
  await theErasure(stage)
  await theLedger(stage)
  io.stdout(`\nEverything is in ${values.out}: open report.html and the ZIP.\n`)
  return 0
}

async function createStage(out: string, { language, io }: { language: Language; io: CliIo }): Promise<Stage> {
  await mkdir(out, { recursive: true }).catch((cause: unknown) => {
    throw new InvalidInput('input.invalid', '--out cannot be made', { path: '--out', cause })
  })
  const { environment } = io
  const keys = localKeys([{ id: 'demo', secret: environment.random(32) }], environment)
  const privacy = createPrivacy({
    policy: pilviPolicy,
    store: memoryStore(),
    keys,
    tenant: 'pilvi',
    environment,
  })
  let steps = 0
  return {
    privacy,
    io,
    language,
    say: (text) => io.stdout(`   ${text}\n`),
    step: (title) => io.stdout(`\n${++steps}. ${title}\n`),
    async leave(name, bytes) {
      await io.writeFile(join(out, name), { argument: '--out', bytes })
      io.stdout(`   -> ${name}\n`)
    },
  }
}

async function thePolicy({ io, language, say, step, leave }: Stage): Promise<void> {
  step(`The policy as data: ${pilviPolicy.title.en}, version ${pilviPolicy.version}`)
  const on = todayOf(pilviPolicy, io.environment.now())
  const findings = lintPolicy(pilviPolicy, { on })
  const errors = findings.filter(({ severity }) => severity === 'error')
  say(`lint on ${on}: ${findings.length} findings, ${errors.length} of them errors, such as`)
  for (const { path, says, rule } of errors.slice(0, 3)) say(`  ${path} ${says} [${rule}]`)
  await leave('notice.html', renderPolicy(pilviPolicy, { format: 'html', language }))
}

async function theCustomers({ privacy, say, step }: Stage): Promise<void> {
  step('Customers, and the prospect of a customer, each in its own tenant')
  await privacy.register.save({
    group: 'customer',
    subject: 'customer-1',
    origin: 'customer',
    fields: {
      contactPerson: 'Maija Esimerkki',
      email: 'maija@example.com',
      companyName: 'Esimerkki Oy',
      vatId: 'FI20774740',
      paymentDetails: { method: 'invoice', iban: 'FI21 1234 5600 0007 85' },
      paymentAddress: { street: 'Esimerkkikatu 1', postalCode: '02600', city: 'Espoo', country: 'FI' },
    },
  })
  await privacy.register.save({
    group: 'customer',
    subject: 'customer-2',
    origin: 'customer',
    fields: {
      contactPerson: 'Example Person',
      email: 'person@example.org',
      companyName: 'Example OÜ',
      vatId: 'EE100931558',
    },
  })
  const shop = privacy.tenant('customer-1')
  await shop.register.save({
    group: 'prospect',
    subject: 'prospect-1',
    origin: 'public-source',
    fields: {
      contactPerson: 'Prospect Example',
      email: 'prospect@example.net',
      companyName: 'Prospect Example Ab',
    },
  })
  let customers = 0
  for await (const _ of privacy.register.list({ group: 'customer' })) customers++
  say(`${customers} customers saved, VAT ids checked, payment details sealed`)
  const seen = await privacy.tenant('customer-2').register.find({ group: 'prospect', subject: 'prospect-1' })
  say(`the prospect of customer-1, looked for by customer-2: ${seen === null ? 'not there' : 'FOUND'}`)
}

async function theStatistics(
  { io, language, say, step, leave }: Stage,
  log: string | undefined,
): Promise<void> {
  step(log === undefined ? 'A made-up access log becomes statistics' : 'The access log becomes statistics')
  const chunks = log === undefined ? generateLog({ lines: 20_000 }) : (await io.readFile(log, '--log')).bytes
  const { statistics: made, lines } = await statistics({
    chunks,
    policy: pilviPolicy,
    environment: io.environment,
  })
  const { k } = pilviPolicy.publications.protection
  const rejected = lines.read - lines.counted
  say(`${lines.read} lines read = ${lines.counted} counted + ${rejected} rejected (told here, not published)`)
  const cells = made.publications.reduce((sum, publication) => sum + publication.cells.length, 0)
  say(`${made.publications.length} days published in ${cells} groups, each of at least ${k} sessions`)
  await leave('report.html', renderReport(made, { language }))
  await leave('statistics.json', `${JSON.stringify(made, null, 2)}\n`)
}

async function theVisits({ privacy, io, say, step, leave }: Stage): Promise<void> {
  step('Visits to the service itself: kept raw for their hours, and published as figures')
  const today = todayOf(pilviPolicy, io.environment.now())
  const yesterday = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10)
  const visits = madeUpVisits(yesterday)
  await privacy.usage.recordMany(visits)
  const { publication, text } = await privacy.usage.publish()
  say(`${visits.length} visits recorded of ${publication.day}; the day has closed, so it is published:`)
  for (const { hour, source, visits, sessions } of publication.cells) {
    say(`  at ${hour} o'clock, from ${source}: ${visits} visits in ${sessions} sessions`)
  }
  say('the one visit at night is in no figure: it would tell of somebody')
  await leave('publication.json', text)
}

async function theDenial({ privacy, say, step }: Stage): Promise<void> {
  step('A customer prohibits telemarketing, by phone; the next call is refused')
  const call = { subject: 'customer-1', purpose: 'telemarketing', channel: 'phone' } as const
  say(`before: ${answer(await privacy.consent.decide(call))}`)
  await privacy.consent.deny({
    subject: 'customer-1',
    purpose: 'telemarketing',
    by: 'phone',
    operator: 'agent-7',
  })
  say(`after:  ${answer(await privacy.consent.decide(call))}`)
}

const answer = ({ outcome, because }: Pick<Decision, 'outcome' | 'because'>): string =>
  `${outcome}, because ${because.map(({ rule, clause }) => `${rule} (${clause})`).join(', ')}`

async function theDisclosures({ privacy, say, step }: Stage): Promise<void> {
  step('Subcontractors ask for a contact person')
  const asked = {
    subject: 'customer-1',
    fields: ['customer.contactPerson'],
    ground: 'subcontractor',
  } as const
  const purpose = 'quality-control'
  say(
    `in Finland: ${answer(await privacy.disclosure.decide({ ...asked, purpose, recipient: 'hosting-provider' }))}`,
  )
  say(
    `in the US:  ${answer(await privacy.disclosure.decide({ ...asked, purpose, recipient: 'support-desk' }))}`,
  )
}

async function theSecondFactor({ privacy, io, say, step }: Stage): Promise<void> {
  step('A second factor: enrolled, confirmed, and a code used twice')
  const { secret } = await privacy.mfa.enrol('customer-2', { label: 'customer-2' })
  const code = generateSync({ secret, epoch: Math.floor(Date.parse(io.environment.now()) / 1000) })
  say(`first use, which confirms it: ${(await privacy.mfa.confirm('customer-2', code)).outcome}`)
  say(`the same code as a login:     ${(await privacy.mfa.verify('customer-2', code)).outcome}`)
}

/** Opens a request as one that came by letter, with the check an operator made. */
async function asked({ privacy }: Stage, kind: 'export' | 'erasure'): Promise<string> {
  const { id } = await privacy.requests.open({
    subject: 'customer-1',
    kind,
    receivedBy: 'letter',
    operator: 'agent-7',
  })
  await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'identity-document' })
  return id
}

async function theExport(stage: Stage): Promise<void> {
  const { privacy, language, say, step, leave } = stage
  step('The customer asks what is known, and gets all of it in a file')
  const id = await asked(stage, 'export')
  const plan = await privacy.requests.plan(id)
  const { token = '', sources } = await privacy.requests.fulfil(id, { plan: plan.digest })
  for (const { source, rows } of sources) if (rows > 0) say(`${source}: ${rows}`)
  const archive = await new Response(await privacy.requests.redeem(token, { language })).arrayBuffer()
  await leave('export.zip', new Uint8Array(archive))
  const again = await privacy.requests.redeem(token).then(
    () => 'OPENED',
    (error: Error) => error.message,
  )
  say(`the same token a second time: ${again}`)
}

async function theErasure(stage: Stage): Promise<void> {
  const { privacy, say, step, leave } = stage
  step('The customer asks to be erased: first the plan, then the deed')
  const id = await asked(stage, 'erasure')
  const plan = await privacy.requests.plan(id)
  for (const { source, rows, keeping } of plan.sources) {
    if (rows > 0) say(`${source}: ${rows} found, ${rows - keeping} go whole, ${keeping} keep something`)
  }
  const report = await privacy.requests.fulfil(id, { plan: plan.digest })
  say('kept, because it must be:')
  for (const kept of report.kept) say(`  ${keeping(kept)}`)
  const found = await privacy.register.find({ group: 'customer', subject: 'customer-1' })
  say(`looked for in the register: ${found === null ? 'not there' : 'STILL THERE'}`)
  const keys = await privacy.keys.jwks()
  const receipt = await privacy.keys.verify(report.receipt ?? '', 'pilvi-erasure-receipt+jws')
  await leave('receipt.json', `${JSON.stringify({ receipt, jws: report.receipt, keys }, null, 2)}\n`)
}

const keeping = ({ source, fields, law, until }: KeptSummary): string =>
  `${source} (${fields.join(', ')}) until ${until}: ${law}`

async function theLedger({ privacy, say, step }: Stage): Promise<void> {
  step('The ledger of all this')
  await privacy.ledger.sequence()
  const { outcome, entries, pending, root } = await privacy.ledger.verify()
  say(`${outcome}: ${entries} entries, ${pending} waiting, root ${root.slice(0, 16)}…`)
  for await (const { action, record, details } of privacy.ledger.list()) {
    if (action === 'usage.published')
      say(`among them: ${action} ${record}, with the digest ${details?.['digest']}`)
  }
}
