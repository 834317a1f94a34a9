/**
 * Time and chance are injected (design §5.10), and rules are pure (design §1). In src and adapters only
 * src/environment.ts reads the real clock or draws random numbers; in rules, models and pure files nothing is
 * asynchronous either, and no service of the runtime is reached for.
 */

import ts from 'typescript'
import { table } from './import-table.mjs'
import { filesBelow, report } from './report.mjs'
import { parse, walk } from './source.mjs'

const clocks = ['Date.now', 'Math.random', 'performance.now', 'crypto.getRandomValues', 'crypto.randomUUID']
const runtime = [
  'crypto',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'process',
  'console',
]

/** `new Date()` and `Date()` read the clock; `new Date(given)` does not. */
const isClock = (node) =>
  (ts.isPropertyAccessExpression(node) && clocks.includes(node.getText())) ||
  (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) ||
  (ts.isCallExpression(node) && node.expression.getText() === 'Date')

const isAsync = (node) =>
  ts.isAwaitExpression(node) ||
  (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
  (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)) ||
  (ts.isIdentifier(node) && node.text === 'Promise' && ts.isExpression(node.parent))

const isRuntime = (node) =>
  ts.isIdentifier(node) &&
  runtime.includes(node.text) &&
  ts.isExpression(node.parent) &&
  !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)

const problems = []
function look(file) {
  const source = parse(file)
  const pure = table.find((row) => row.files.test(file))?.pure === true
  const say = (node, what) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    problems.push(`${file}:${line + 1} ${what}: ${node.getText().split('\n')[0].slice(0, 60)}`)
  }
  walk(source, (node) => {
    if (isClock(node)) say(node, 'reads the clock or draws chance, which only src/environment.ts may')
    else if (pure && isAsync(node)) say(node, 'is asynchronous in a pure file')
    else if (pure && isRuntime(node)) say(node, 'reaches for the runtime in a pure file')
  })
}

const files = [...filesBelow('src', '.ts'), ...filesBelow('adapters', '.ts')]
for (const file of files) if (file !== 'src/environment.ts') look(file)
report('purity', { seen: files.length, what: 'files', problems })
