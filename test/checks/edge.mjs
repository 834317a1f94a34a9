/**
 * `.` loads in an edge runtime. First by reading: dist/index.js and every chunk it reaches import no Node module and
 * nothing but the runtime dependencies of package.json, and name none of Node's globals. Then by loading: bundled with
 * its dependencies for browsers, it is evaluated in a context that has only ECMAScript and web globals, and must
 * offer there the same names as in Node.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'tsup'
import ts from 'typescript'
import { report, root } from './report.mjs'
import { importsOf, packageOf, parse, walk } from './source.mjs'

const nodeGlobals = ['Buffer', 'process', 'require', 'global', '__dirname', '__filename']
const webGlobals = (
  'crypto CryptoKey TextEncoder TextDecoder URL URLSearchParams Blob ReadableStream WritableStream TransformStream ' +
  'CompressionStream DecompressionStream Response Request Headers fetch AbortController AbortSignal DOMException ' +
  'structuredClone setTimeout clearTimeout queueMicrotask atob btoa console performance'
).split(' ')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const problems = []
const seen = new Set()

/** `x.process` and `{ process: 1 }` name a member, not the global. */
const isMember = (node) =>
  node.parent.name === node &&
  (ts.isPropertyAccessExpression(node.parent) || ts.isPropertyAssignment(node.parent))

function read(file) {
  if (seen.has(file)) return
  seen.add(file)
  for (const { spec } of importsOf(file)) {
    if (spec.startsWith('.')) read(join(dirname(file), spec))
    else if (isBuiltin(spec) || !(packageOf(spec) in dependencies)) problems.push(`${file} imports ${spec}`)
  }
  walk(parse(file), (node) => {
    if (ts.isIdentifier(node) && nodeGlobals.includes(node.text) && !isMember(node)) {
      problems.push(`${file} names Node's ${node.text}`)
    }
  })
}

/** The names that `.` offers where there is no Node. */
async function load(out) {
  const bundle = { format: 'iife', globalName: 'loaded', platform: 'browser', noExternal: [/./], dts: false }
  await build({ ...bundle, config: false, silent: true, outDir: out, entry: [join(root, 'dist/index.js')] })
  const context = createContext(Object.fromEntries(webGlobals.map((name) => [name, globalThis[name]])))
  const [file] = readdirSync(out)
  runInContext(`${readFileSync(join(out, file), 'utf8')};globalThis.loaded = loaded`, context)
  return Object.keys(context.loaded).sort()
}

read('dist/index.js')
const here = Object.keys(await import(join(root, 'dist/index.js'))).sort()
const out = mkdtempSync(join(tmpdir(), 'edge-'))
try {
  const there = await load(out)
  if (there.join() !== here.join()) problems.push(`offers ${there} without Node, ${here} with it`)
} catch (error) {
  problems.push(`does not load without Node: ${error.message}`)
}
rmSync(out, { recursive: true })
report('edge', {
  seen: seen.size,
  what: `files behind "." (${here.length} names, loaded without Node)`,
  problems,
})
