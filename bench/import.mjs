/**
 * What a cold `import('@pilvi/privacy')` costs, as a whole process, against importing zod alone (the one dependency that
 * every user of it pays for), and how large the entry point is, minified and gzipped, dependencies apart.
 *
 * `npm run bench:import` after a build; `--quick` for fewer runs, `--json` for one object a line: `bench`, `row`, `ours`,
 * `peer`, `unit`, `ratio`, `better`, `aim` (null where nothing is aimed at). Runs alternate, so that a busy machine is
 * busy for both; figures are medians.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } })
const runs = values.quick ? 7 : 31

/** Milliseconds of one process that imports a module and ends. */
function cold(code) {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - started
}

const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]
const round = (number) => Math.round(number * 100) / 100

function importRows() {
  const programs = { ours: "await import('@pilvi/privacy')", peer: "await import('zod')", node: '' }
  const times = { ours: [], peer: [], node: [] }
  for (const code of Object.values(programs)) cold(code) // the file system's cache is warm for everyone
  for (let i = 0; i < runs; i++) for (const name in programs) times[name].push(cold(programs[name]))
  const [ours, peer, node] = [times.ours, times.peer, times.node].map(median)
  const row = (name, a, b) => ({ row: name, ours: round(a), peer: round(b), unit: 'ms', ratio: round(a / b) })
  return [
    row('cold import, whole process, against zod alone', ours, peer),
    row('the same less an empty process', ours - node, peer - node),
  ]
}

/** The size that the `size` check bounds, so that there is one way to measure it. */
function sizeRow() {
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/size-limit'), ['--json'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [entry] = stdout ? JSON.parse(stdout) : []
  if (entry === undefined) throw new Error(stderr)
  return {
    row: 'entry point, gzip, dependencies apart',
    ours: entry.size,
    peer: null,
    unit: 'bytes',
    ratio: null,
  }
}

for (const row of [...importRows(), sizeRow()]) {
  const line = { bench: 'import', ...row, better: 'lower', aim: null }
  const against = row.peer === null ? '' : ` against ${row.peer} ${row.unit}, ratio ${row.ratio}`
  console.log(values.json ? JSON.stringify(line) : `${row.row}: ${row.ours} ${row.unit}${against}`)
}
