/**
 * The changelog can be trusted: its newest entry is the version of package.json, every waiting changeset names this
 * package, a kind of bump and what changed, and `changeset version`, run on a copy, turns what waits into a newer
 * entry above the old ones.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { report, root } from './report.mjs'

const problems = []
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const newest = (folder) => readFileSync(join(folder, 'CHANGELOG.md'), 'utf8').match(/^## (\S+)$/m)?.[1]
if (newest(root) !== version)
  problems.push(`CHANGELOG.md begins with ${newest(root)}, package.json says ${version}`)

const waiting = readdirSync(join(root, '.changeset')).filter(
  (file) => /^[^.].*\.md$/.test(file) && file !== 'README.md',
)
for (const file of waiting) {
  const [, head, text] =
    readFileSync(join(root, '.changeset', file), 'utf8').match(/^---\n(.*?)---\n(.*)$/s) ?? []
  if (!new RegExp(`^['"]${name}['"]: (patch|minor|major)\n$`).test(head ?? '')) {
    problems.push(`.changeset/${file} does not name ${name} and a kind of bump`)
  }
  if (!text?.trim()) problems.push(`.changeset/${file} does not say what changed`)
}

/** A copy of what `changeset version` reads, with one changeset more, so that it always has something to do. */
function rehearse(folder) {
  for (const part of ['package.json', 'CHANGELOG.md', '.changeset']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(
    join(folder, '.changeset/rehearsal.md'),
    `---\n'${name}': patch\n---\n\nA rehearsed change.\n`,
  )
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  const command = join(root, 'node_modules/.bin/changeset')
  const { status, stderr, stdout } = spawnSync(command, ['version'], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) return problems.push(`changeset version failed: ${stdout}${stderr}`)
  const next = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  const log = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')
  if (next === version || newest(folder) !== next)
    problems.push(`changeset version made ${newest(folder)} of ${version}`)
  if (!log.includes('A rehearsed change.'))
    problems.push('changeset version left a change out of CHANGELOG.md')
  if (!log.includes(`## ${version}\n`)) problems.push('changeset version lost an older entry of CHANGELOG.md')
}

const folder = mkdtempSync(join(tmpdir(), 'changesets-'))
try {
  rehearse(folder)
} finally {
  rmSync(folder, { recursive: true })
}
report('changesets', {
  seen: waiting.length + 1,
  what: `changesets (one of them rehearsed) on ${version}`,
  problems,
})
