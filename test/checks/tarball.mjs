/**
 * What is published is what is meant to be, and it works where it is installed. The packed file list is asserted: the
 * entry points that package.json names, the chunks and declarations behind them, five texts, and nothing else. Then
 * the tarball is installed into an empty project, without install scripts, and README's first snippet runs there.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { report, root } from './report.mjs'

const packedBound = 350_000 // bytes, gzip; a library of this size has no business being larger
const texts = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']
const shared = [/^dist\/chunk-[A-Z0-9]{8}\.js$/, /^dist\/[a-z]+-[A-Za-z0-9_-]{8}\.d\.ts$/]
const problems = []

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

function checkList({ files, size }) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = [...Object.values(manifest.exports), manifest.bin].flatMap((each) =>
    typeof each === 'string' ? [each] : Object.values(each),
  )
  const expected = new Set([...texts, ...entries.map((path) => path.replace(/^\.\//, ''))])
  const packed = files.map(({ path }) => path)
  for (const path of expected)
    if (!packed.includes(path)) problems.push(`${path} is missing from the tarball`)
  for (const path of packed) {
    if (!expected.has(path) && !shared.some((one) => one.test(path)))
      problems.push(`${path} should not be published`)
  }
  if (size > packedBound) problems.push(`${size} bytes packed, more than ${packedBound}`)
}

/** README's first `ts` block, without its types, as a reader would paste it into a file of their own. */
function firstSnippet() {
  const block = readFileSync(join(root, 'README.md'), 'utf8').match(/^```ts\n(.*?)^```/ms)?.[1]
  if (block === undefined) throw new Error('README.md has no ts block')
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  return ts.transpileModule(block, { compilerOptions: options }).outputText
}

function tryInstalled(folder) {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], root))
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }')
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  run('npm', ['install', ...quiet, join(folder, filename)], folder)
  writeFileSync(join(folder, 'snippet.js'), firstSnippet())
  const printed = run(process.execPath, ['snippet.js'], folder)
  if (printed.trim() === '') problems.push('the first snippet of README.md printed nothing')
  const help = run(join(folder, 'node_modules/.bin/pilvi-privacy'), ['--help'], folder)
  if (!help.includes('pilvi-privacy')) problems.push('the installed command does not answer to --help')
}

const [listed] = JSON.parse(run('npm', ['pack', '--dry-run', '--json'], root))
checkList(listed)
const folder = mkdtempSync(join(tmpdir(), 'tarball-'))
try {
  tryInstalled(folder)
} catch (error) {
  problems.push(error.message)
} finally {
  rmSync(folder, { recursive: true })
}
report('tarball', { seen: listed.files.length, what: `files, ${listed.size} bytes packed`, problems })
