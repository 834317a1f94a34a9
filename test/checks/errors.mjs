/**
 * Every error code of src/errors.ts has a row in the table of docs/errors.md under its own class, and every row there
 * is a code. What a caller is told to do about a code cannot be forgotten when one is added.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { report, root } from './report.mjs'

const problems = []
const file = 'src/errors.ts'
const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)

/** The string literals of `type <Class>Code = 'a' | 'b'`, by class. */
const declared = new Map()
for (const node of source.statements) {
  if (!ts.isTypeAliasDeclaration(node) || node.name.text === 'ErrorCode') continue
  const members = ts.isUnionTypeNode(node.type) ? node.type.types : [node.type]
  for (const { literal } of members.filter(ts.isLiteralTypeNode)) {
    declared.set(literal.text, node.name.text.replace(/Code$/, ''))
  }
}

/** The rows `| \`code\` | \`Class\` | … |`. */
const documented = new Map()
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
for (const [, code, name, rest] of page.matchAll(/^\| `([^`]+)` \| `(\w+)` \|(.*)$/gm)) {
  if (documented.has(code)) problems.push(`docs/errors.md has ${code} twice`)
  if (rest.split('|').filter((cell) => cell.trim() !== '').length !== 2) {
    problems.push(`docs/errors.md: the row of ${code} does not say what it means and what to do`)
  }
  documented.set(code, name)
}

for (const [code, name] of declared) {
  if (!documented.has(code)) problems.push(`docs/errors.md has no row for ${code}`)
  else if (documented.get(code) !== name)
    problems.push(`docs/errors.md puts ${code} under ${documented.get(code)}`)
}
for (const code of documented.keys()) {
  if (!declared.has(code)) problems.push(`docs/errors.md has ${code}, which ${file} does not`)
}
report('errors', { seen: declared.size, what: 'error codes', problems })
