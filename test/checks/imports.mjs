/**
 * Holds the import table of the design (import-table.mjs) against src and adapters: every import, type imports and
 * re-exports included, must be one its row allows; `export *` is refused; and no file reaches itself again by its
 * imports.
 */

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { table } from './import-table.mjs'
import { filesBelow, report, root } from './report.mjs'
import { importsOf, packageOf } from './source.mjs'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const problems = []
/** `src/consent` of `src/consent/rules.ts`; a file of its own where there is no such folder. */
const ownFolder = (file) => file.split('/').slice(0, 2).join('/')
const rowOf = (file) => table.find((row) => row.files.test(file))

function packageAllowed(file, { spec }) {
  const { packages = [] } = rowOf(file)
  const name = packageOf(spec)
  if (spec.startsWith('node:')) return packages.includes('node')
  return packages.includes(name) || (packages.includes('dependencies') && name in manifest.dependencies)
}

function fileAllowed(file, target, { onlyTypes, names }) {
  const [from, to] = [rowOf(file), rowOf(target)]
  if (from.imports?.includes('own') && ownFolder(file) === ownFolder(target)) return true
  if (from.imports?.includes(to?.row)) return true
  const types = from.types?.[to?.row]
  return onlyTypes && types !== undefined && (types === '*' || names.every((name) => types.includes(name)))
}

/** Says what a file imports against its row, and gives the files of the project that it imports. */
function look(file) {
  const row = rowOf(file)
  if (!row) problems.push(`${file} has no row in the import table`)
  const targets = []
  for (const each of row ? importsOf(file) : []) {
    const target = each.spec.startsWith('.') ? join(dirname(file), each.spec) : undefined
    if (target) targets.push(target)
    if (each.star) problems.push(`${file} has an "export *" from ${each.spec}`)
    const allowed = target ? fileAllowed(file, target, each) : packageAllowed(file, each)
    const what = each.onlyTypes ? 'the types' : 'the values'
    if (!allowed) problems.push(`${file} (${row.row}) may not import ${what} ${each.names} from ${each.spec}`)
  }
  return targets
}

const files = [...filesBelow('src', '.ts'), ...filesBelow('adapters', '.ts')]
const graph = new Map(files.map((file) => [file, look(file)]))
const done = new Set()
function follow(file, path) {
  if (path.includes(file)) problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
  else if (!done.has(file)) for (const next of graph.get(file) ?? []) follow(next, [...path, file])
  done.add(file)
}
for (const file of files) follow(file, [])
report('imports', { seen: files.length, what: 'files', problems })
