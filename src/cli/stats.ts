/**
 * `pilvi-privacy stats`: access logs in, anonymous statistics out. What it prints is for whoever runs the service (it
 * holds exact line counts); what it writes may be published.
 */

import { type LogStatistics, type Policy, parsePolicy, renderReport, statistics } from '../index.ts'
import { pilviPolicy } from '../policy/pilvi.ts'
import { argumentsOf, languageOf } from './arguments.ts'
import { openLogs, readLogs } from './input.ts'
import type { CliIo } from './io.ts'
import { readPolicyFile } from './policy-file.ts'

const help = `Usage: pilvi-privacy stats [FILE…] [options]

Makes anonymous daily statistics of web server logs in the common or combined format
(Apache, nginx). Without a FILE, or with -, reads standard input; .gz is recognised.

  --out FILE      write the report: one HTML page that may be published
  --json FILE     write the statistics: JSON that may be published
  --lang en|fi    language of the report (en)
  --title TEXT    heading of the report
  --site HOST     a host name of your own: referrers on it count as internal; may be repeated
  --policy FILE   a policy (JSON or a module) instead of the Pilvi policy
  --help          this text

Prints how many lines were read, counted and rejected, and why. These are exact figures for
whoever runs the service: publish the report or the JSON, not them.
`

const options = {
  out: { type: 'string' },
  json: { type: 'string' },
  lang: { type: 'string', default: 'en' },
  title: { type: 'string' },
  site: { type: 'string', multiple: true },
  policy: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Runs the command and gives its exit code. @throws InvalidInput; IntegrityFailure `guard.tripped` */
export async function stats(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'stats' })
  if (values.help) {
    io.stdout(help)
    return 0
  }
  const language = languageOf(values.lang)
  const policy =
    values.policy === undefined
      ? pilviPolicy
      : parsePolicy(await readPolicyFile(values.policy, { argument: '--policy', io }))
  const logs = await openLogs(positionals, io)
  const made = await statistics({
    chunks: readLogs(logs, io),
    policy,
    sites: values.site ?? [],
    environment: io.environment,
  })
  const { title } = values
  const outputs: Output[] = [
    {
      argument: '--out',
      path: values.out,
      bytes: () => renderReport(made.statistics, { language, ...(title !== undefined && { title }) }),
    },
    {
      argument: '--json',
      path: values.json,
      bytes: () => `${JSON.stringify(made.statistics, null, 2)}\n`,
    },
  ]
  for (const { argument, path, bytes } of outputs) {
    if (path !== undefined) await io.writeFile(path, { argument, bytes: bytes() })
  }
  io.stdout(summary(made, policy))
  return 0
}

interface Output {
  readonly argument: string
  readonly path: string | undefined
  bytes(): string
}

function summary({ statistics: made, lines, openDays }: LogStatistics, policy: Policy): string {
  const number = new Intl.NumberFormat('en-GB')
  const rejected = Object.entries(lines.rejected).filter(([, count]) => count > 0)
  const days = made.publications.map(({ day }) => day)
  const cells = made.publications.reduce((sum, publication) => sum + publication.cells.length, 0)
  const first = (reason: string): string => {
    const found = lines.rejectedLines.find((each) => each.reason === reason)
    return found === undefined ? '' : `, first on line ${number.format(found.line)}`
  }
  const { k } = policy.publications.protection
  const rows: [string, string][] = [
    ['lines read', number.format(lines.read)],
    ['counted', number.format(lines.counted)],
    ['rejected', number.format(lines.read - lines.counted)],
    ...rejected.map(([reason, count]): [string, string] => [
      `  ${reason}`,
      `${number.format(count)}${first(reason)}`,
    ]),
    ['days published', days.length === 0 ? '0' : `${days.length}, ${days.at(0)} to ${days.at(-1)}`],
    ['groups published', `${number.format(cells)}, each of at least ${k} sessions`],
    ...(openDays.length === 0 ? [] : [['days still open', openDays.join(' ')] as [string, string]]),
  ]
  return rows.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join('')
}
