/** `pilvi-privacy policy lint|render|diff`: what is wrong with a policy, what people read of it, what changed for them. */

import {
  type CalendarDate,
  diffPolicy,
  type Finding,
  InvalidInput,
  type Language,
  lintPolicy,
  type PolicyChange,
  parsePolicy,
  renderPolicy,
  renderRecords,
} from '../index.ts'
import { argumentsOf, languageOf } from './arguments.ts'
import type { CliIo } from './io.ts'
import { readPolicyFile, todayOf } from './policy-file.ts'

const help = `Usage: pilvi-privacy policy lint FILE [options]
       pilvi-privacy policy render FILE [options]
       pilvi-privacy policy diff OLD NEW [options]

A file is a policy as JSON, or a module whose default export (or export named policy) is one.

lint: says what is unlawful, unenforceable or missing, and what to do; ends with 1 if there
is an error among the findings.
  --on DATE       judge by the law of that day, YYYY-MM-DD (today where the policy holds)
  --json          print the findings as JSON

render: writes the notice that people read (GDPR 13 and 14), or the record of processing.
  --format markdown|html   (markdown)
  --lang en|fi             (en)
  --records                the record of processing (GDPR 30) instead of the notice
  --out FILE               write there instead of standard output

diff: says what changed for the people concerned; ends with 1 if consent must be asked for
anew before data are used so.
  --lang en|fi    (en)
  --json          print the changes as JSON, in every language there is

  --help                   this text
`

const options = {
  on: { type: 'string' },
  json: { type: 'boolean', default: false },
  format: { type: 'string', default: 'markdown' },
  lang: { type: 'string', default: 'en' },
  records: { type: 'boolean', default: false },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof argumentsOf<typeof options>>['values']

/** Runs the command and gives its exit code. @throws InvalidInput */
export async function policy(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = argumentsOf(argv, { options, command: 'policy' })
  if (values.help) {
    io.stdout(help)
    return 0
  }
  const [act, ...files] = positionals
  if (act === 'diff') return diff(await readFiles(files, { names: ['OLD', 'NEW'], io }), { values, io })
  if (act !== 'lint' && act !== 'render') throw unclear()
  const [read] = await readFiles(files, { names: ['FILE'], io })
  return act === 'lint' ? lint(read, { values, io }) : render(read, { values, io })
}

const unclear = (): InvalidInput =>
  new InvalidInput(
    'input.invalid',
    'say lint or render and one FILE, or diff and two; see pilvi-privacy policy --help',
    { path: 'argv' },
  )

/** Exactly the files that are named. */
function readFiles(
  files: readonly string[],
  { names, io }: { readonly names: readonly string[]; readonly io: CliIo },
): Promise<unknown[]> {
  if (files.length !== names.length) throw unclear()
  return Promise.all(files.map((file, i) => readPolicyFile(file, { argument: names[i] ?? 'FILE', io })))
}

/** Shape is all that is asked of the file: that its parts contradict each other is among the findings. */
function lint(read: unknown, { values, io }: { values: Values; io: CliIo }): number {
  const on = (values.on as CalendarDate | undefined) ?? todayOf(read, io.environment.now())
  const findings = lintPolicy(read, { on })
  io.stdout(values.json ? `${JSON.stringify(findings, null, 2)}\n` : told(findings))
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0
}

/** Findings as a terminal shows them: what and where on one line, what to do on the next. */
function told(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ severity, path, says, remedy, rule }) =>
      `${severity.padEnd(8)}${path} ${says} [${rule}]\n        ${remedy}\n`,
  )
  const counts = ['error', 'warning', 'note'].map(
    (severity) => `${findings.filter((finding) => finding.severity === severity).length} ${severity}s`,
  )
  return `${lines.join('')}${counts.join(', ')}\n`
}

async function render(read: unknown, { values, io }: { values: Values; io: CliIo }): Promise<number> {
  const { format } = values
  if (format !== 'markdown' && format !== 'html') {
    throw new InvalidInput('input.invalid', '--format must be markdown or html', { path: '--format' })
  }
  const how = { format, language: languageOf(values.lang) } as const
  const text = (values.records ? renderRecords : renderPolicy)(parsePolicy(read), how)
  if (values.out === undefined) io.stdout(text)
  else await io.writeFile(values.out, { argument: '--out', bytes: text })
  return 0
}

function diff([before, after]: readonly unknown[], { values, io }: { values: Values; io: CliIo }): number {
  const language = languageOf(values.lang)
  const changes = diffPolicy(parsePolicy(before), parsePolicy(after))
  io.stdout(values.json ? `${JSON.stringify(changes, null, 2)}\n` : changed(changes, language))
  return changes.some(({ needsConsent }) => needsConsent) ? 1 : 0
}

/** Changes as a terminal shows them: for whom and where on one line, what it is on the next. */
function changed(changes: readonly PolicyChange[], language: Language): string {
  const lines = changes.map(({ direction, path, says, rule, needsConsent }) => {
    const said = says[language]
    if (said === undefined) {
      throw new InvalidInput('policy.untranslated', `${path} is not in the language ${language}`, { path })
    }
    return `${direction.padEnd(8)}${path} [${rule}]${needsConsent ? ' needs consent anew' : ''}\n        ${said}\n`
  })
  const counts = (['for', 'against', 'unclear'] as const).map(
    (direction) => `${changes.filter((change) => change.direction === direction).length} ${direction}`,
  )
  return `${lines.join('')}${counts.join(', ')}\n`
}
