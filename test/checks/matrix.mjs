/**
 * The same tests on other Node lines: `npm run test:matrix`, or with lines as arguments, `npm run test:matrix -- 24`.
 * Each line's own binary is installed from a package into a temporary folder, never into the project; what is under
 * test is the same working tree with the same node_modules.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './report.mjs'

const lines = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26']
const binary = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const folder = mkdtempSync(join(tmpdir(), 'matrix-'))

/** Installs one line of Node below the temporary folder and gives the path of its binary. */
function install(line) {
  const prefix = join(folder, line)
  const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--no-save', `${binary}@${line}`]
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', cwd: folder })
  if (status !== 0) throw new Error(`could not install ${binary}@${line}: ${stderr}`)
  return join(prefix, 'node_modules', binary, 'bin', 'node')
}

function test(node, line) {
  const output = join(folder, `${line}.json`)
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${output}`]
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(node, [vitest, 'run', ...reporters], { cwd: root, stdio: 'inherit' })
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(output, 'utf8'))
  return { status, says: `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped` }
}

const said = []
try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  for (const line of lines) {
    const node = install(line)
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
    const { status, says } = test(node, line)
    said.push(`Node ${version}: ${says}`)
    if (status !== 0) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(said.join('\n'))
