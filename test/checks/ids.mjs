/**
 * The ids of rules, acts and error codes (`consent.denied`, `register.saved`, `conflict.plan`) are the same in code and
 * documentation: each that src gives stands in a page of docs, in backticks, and each that begins a row of a table there
 * is given in src. So none is added without a word on it, and no table lists what is gone. What an id looks like and
 * where it stands make it one, whatever it begins with, so that a new family of them cannot be overlooked.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { filesBelow, report, root } from './report.mjs'
import { parse, walk } from './source.mjs'

const isId = (text) => /^[a-z]+\.[a-z]+(-[a-z]+)*$/.test(text)

/** The place that a string is for: `a ? 'x' : 'y'` and `('x' as const)` stand where they stand. */
const place = (node) =>
  ts.isConditionalExpression(node.parent) ||
  ts.isParenthesizedExpression(node.parent) ||
  ts.isAsExpression(node.parent)
    ? place(node.parent)
    : node.parent

/** Whether a string gives an id: `rule: 'x'`, `action: 'x'`, `id: 'x'`, `'x': …`, or a member of a union type. */
function gives(node) {
  const at = place(node)
  return (
    ts.isLiteralTypeNode(at) ||
    (ts.isPropertyAssignment(at) &&
      (ts.isStringLiteral(at.name) || ['rule', 'action', 'id'].includes(at.name.getText())))
  )
}

/** Id -> a file that gives it; and every string that could be one. */
const inCode = new Map()
const known = new Set()
for (const file of filesBelow('src', '.ts')) {
  walk(parse(file), (node) => {
    if (!ts.isStringLiteralLike(node) || !isId(node.text)) return
    known.add(node.text)
    if (gives(node)) inCode.set(node.text, file)
  })
}

const inDocs = new Set()
const listed = new Map()
for (const file of readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))) {
  const page = readFileSync(join(root, 'docs', file), 'utf8')
  for (const [, text] of page.matchAll(/`([^`\n]+)`/g)) inDocs.add(text)
  for (const [, text] of page.matchAll(/^\| `([^`\n]+)`/gm)) if (isId(text)) listed.set(text, file)
}

const problems = []
for (const [id, file] of inCode)
  if (!inDocs.has(id)) problems.push(`${id} of ${file} stands in no page of docs`)
for (const [id, file] of listed)
  if (!known.has(id)) problems.push(`docs/${file} lists ${id}, which src does not know`)
report('ids', { seen: inCode.size, what: 'ids', problems })
