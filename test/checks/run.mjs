/**
 * Runs the checks one after another, all of them even when one fails, and says at the end which did not hold. With
 * names as arguments it runs only those: `npm run check -- imports edge` (`edge`, `declarations`, `size`, `publint`,
 * `attw` and `tarball` look at what `build` left in dist).
 */

import { spawnSync } from 'node:child_process'
import { root } from './report.mjs'

const checks = {
  lint: 'biome check --error-on-warnings .',
  types: 'tsc --noEmit -p .',
  imports: 'node test/checks/imports.mjs',
  purity: 'node test/checks/purity.mjs',
  ids: 'node test/checks/ids.mjs',
  dependencies: 'node test/checks/dependencies.mjs',
  changesets: 'node test/checks/changesets.mjs',
  unused: 'knip',
  build: 'tsup --silent',
  publint: 'publint --strict',
  attw: 'attw --pack . --profile esm-only --format ascii',
  edge: 'node test/checks/edge.mjs',
  declarations: 'node test/checks/declarations.mjs',
  size: 'size-limit',
  tarball: 'node test/checks/tarball.mjs',
  typedoc: 'typedoc --logLevel Warn',
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(checks, name))
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`)
  process.exit(2)
}

const failed = []
for (const name of asked.length > 0 ? asked : Object.keys(checks)) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(checks[name], {
    cwd: root,
    shell: true,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${status === 0 ? 'holds ' : 'FAILED'} ${name.padEnd(12)} ${seconds.padStart(5)} s   ${checks[name]}`,
  )
  if (status !== 0) {
    failed.push(name)
    console.log(`${stdout}${stderr}`.replace(/^/gm, '    '))
  }
}
console.log(failed.length === 0 ? 'every check holds' : `did not hold: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
