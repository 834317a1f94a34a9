/**
 * `pilvi-privacy migrate plan|apply`: what a store lacks for this version, in words and in its own language; and making
 * it. A plan that is blocked says why, and ends as a store that failed.
 */

import { InvalidInput, type Migration } from '../index.ts'
import { argumentsOf } from './arguments.ts'
import type { CliIo } from './io.ts'
import { oneStore, openStore } from './open-store.ts'

const help = `Usage: pilvi-privacy migrate plan --postgres URL | --mongo URL [options]
       pilvi-privacy migrate apply --postgres URL | --mongo URL [options]

plan: says what would be done, in words and in SQL or calls, and writes nothing.
apply: plans, and does it. Two may do so at once. No data are dropped.
Both end with 6 where something stands in the way, for example a newer database.

  --schema NAME      schema in PostgreSQL (pilvi_privacy)
  --prefix NAME      what names of collections begin with in MongoDB (pilvi_privacy_)
  --allow-plaintext  connect without encryption to another machine
  --help             this text
`

const options = {
  postgres: { type: 'string' },
  mongo: { type: 'string' },
  schema: { type: 'string' },
  prefix: { type: 'string' },
  'allow-plaintext': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Runs the command and gives its exit code. @throws PrivacyError */
export async function migrate(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'migrate' })
  if (values.help) {
    io.stdout(help)
    return 0
  }
  const [act, ...rest] = positionals
  if ((act !== 'plan' && act !== 'apply') || rest.length > 0) throw wrong('say plan or apply')
  const { store, close } = await openStore(oneStore(values, 'migrate'))
  try {
    const plan = await store.migrate.plan()
    io.stdout(told(plan))
    if (plan.blocked.length > 0) return 6
    if (act === 'apply' && plan.steps.length > 0) {
      await store.migrate.apply(plan)
      io.stdout('Done.\n')
    }
    return 0
  } finally {
    await close()
  }
}

const wrong = (says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${says}; see pilvi-privacy migrate --help`, { path: 'argv' })

/** A plan as a terminal shows it: words behind a number, and what is run below them. */
function told({ from, to, steps, blocked }: Migration): string {
  const lines = [
    ...(steps.length > 0 ? [`From layout ${from} to ${to}:`] : []),
    ...steps.flatMap(({ says, statement }, i) => [`${i + 1}. ${says}`, `   ${statement}`]),
    ...blocked.map((each) => `Blocked: ${each}.`),
    ...(steps.length + blocked.length === 0 ? [`Nothing is left to do (layout ${to}).`] : []),
  ]
  return `${lines.join('\n')}\n`
}
