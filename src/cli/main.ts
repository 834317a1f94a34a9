/**
 * argv -> a command -> an exit code. What went wrong is told in one line, without a stack; the exit code says whose
 * turn it is: 2 the caller's, 3 to prove something, 4 nothing is there, 5 to try again, 6 the store's, 7 to stop.
 */

import {
  Conflict,
  IntegrityFailure,
  InvalidInput,
  NotAuthorised,
  NotFound,
  PrivacyError,
  StoreFailure,
} from '../index.ts'
import { demo } from './demo.ts'
import type { CliIo } from './io.ts'
import { ledger } from './ledger.ts'
import { migrate } from './migrate.ts'
import { policy } from './policy.ts'
import { stats } from './stats.ts'
import { store } from './store.ts'

const help = `Usage: pilvi-privacy COMMAND [options]

  stats FILE…               anonymous statistics of access logs
  policy lint|render FILE   judge a privacy policy, or write the notice people read
         diff OLD NEW       what changed for them from one version to the next
  migrate plan|apply        make what a database lacks to be a store
  store copy|dump|restore   all that a store keeps, into another or a file, and back;
        identity            a key pair for encrypted dumps
  ledger verify|checkpoint  whether a ledger is what was written; a checkpoint of it into a file
  demo                      the whole library on made-up people, step by step

pilvi-privacy COMMAND --help tells more of each.
Exit codes: 0 done; 1 lint found errors, a change needs consent anew, or a ledger is broken;
2 wrong input; 3 not authorised; 4 not found; 5 conflict; 6 store failure; 7 integrity failure;
70 a fault of this program.
`

const commands: Readonly<Record<string, (argv: string[], io: CliIo) => Promise<number>>> = {
  stats,
  policy,
  migrate,
  demo,
  store,
  ledger,
}

/** The exit code of each class of error. */
export const exitCodes = [
  [InvalidInput, 2],
  [NotAuthorised, 3],
  [NotFound, 4],
  [Conflict, 5],
  [StoreFailure, 6],
  [IntegrityFailure, 7],
] as const

/** Runs a command line and gives its exit code; never throws. */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const [name = '--help', ...rest] = argv
  if (name === '--help' || name === 'help') {
    io.stdout(help)
    return 0
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined) {
      throw new InvalidInput('input.invalid', 'there is no such command; see pilvi-privacy --help', {
        path: 'argv',
      })
    }
    return await command(rest, io)
  } catch (error) {
    io.stderr(`pilvi-privacy: ${told(error)}\n`)
    return exitCodes.find(([kind]) => error instanceof kind)?.[1] ?? 70
  }
}

/** One line; a foreign error's own message could hold data, so only its name is told. */
function told(error: unknown): string {
  if (error instanceof PrivacyError) return error.message
  return `something went wrong that should not (${error instanceof Error ? error.name : typeof error})`
}
