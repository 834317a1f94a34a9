/**
 * What consent costs: the pure decision next to CASL with conditions; `filter` of a campaign on each adapter next to a
 * batched lookup written by hand, with the same decision; and the time and the storage of a statement as the history of
 * one person grows.
 *
 * `npm ci --prefix bench/peers` once, then `npm run bench:consent`; `--quick` for a minute or two and less meaning; `--only
 * decide|filter|history` for a part; `--json` for one object a line: `bench`, `row`, `ours`, `peer`, `unit`, `ratio`,
 * `better`, `aim` (null where nothing is aimed at). The rules are no public calls, so all is built from the sources into
 * `.cache/`. Servers are those of the tests; where no MongoDB can be started its rows are left out, and one line says so.
 */

import { parseArgs } from 'node:util'
import { decisions } from './consent/decisions.mjs'
import { filters } from './consent/filters.mjs'
import { histories } from './consent/histories.mjs'
import { built } from './store/built.mjs'
import { startServers } from './store/servers.mjs'

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' } },
})
const quick = values.quick === true
const only = values.only ?? ''
const digits = (number) => (number === null ? null : Number(number.toPrecision(4)))
let missed = 0

function tell({ row, unit, aim, ...figures }) {
  const [ours, peer, ratio] = [figures.ours, figures.peer, figures.ratio].map(digits)
  const misses = aim !== null && ratio > aim
  if (misses) missed++
  if (values.json) {
    console.log(JSON.stringify({ bench: 'consent', row, ours, peer, unit, ratio, better: 'lower', aim }))
    return
  }
  const end = aim === null ? '' : ` (aim ${aim}${misses ? ': missed' : ''})`
  console.log(`${row}: ${ours} ${unit} against ${peer}, ratio ${ratio}${end}`)
}

const lib = await built('bench-consent', {
  privacy: 'src/index.ts',
  memory: 'adapters/memory/index.ts',
  postgres: 'adapters/postgres/index.ts',
  mongo: 'adapters/mongo/index.ts',
  testing: 'src/testing/index.ts',
  pilvi: 'src/policy/pilvi.ts',
  rules: 'src/consent/rules.ts',
  standing: 'src/consent/standing.ts',
  standings: 'src/consent/standings.ts',
  keys: 'src/keys/service.ts',
  wrapping: 'src/keys/wrapping.ts',
})

if ('decide'.startsWith(only)) {
  for await (const row of decisions(lib, { quick })) tell(row)
}
if ('filter'.startsWith(only) || 'history'.startsWith(only)) {
  const servers = await startServers()
  try {
    if (servers.mongo === null) console.error(`MongoDB was not run (${servers.why})`)
    if ('filter'.startsWith(only)) for await (const row of filters(lib, { servers, quick })) tell(row)
    if ('history'.startsWith(only)) for await (const row of histories(lib, { servers, quick })) tell(row)
  } finally {
    await servers.stop()
  }
}
if (missed > 0 && !values.json) console.log(`${missed} rows miss their aims; docs/consent.md explains them`)
