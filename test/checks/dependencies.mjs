/**
 * Every runtime dependency and optional peer is argued in docs/dependencies.md: a heading `## name version` for each,
 * at the version of package.json, and no heading for what is not there. Versions are exact, no peer is compulsory,
 * and nothing that a host installs with the library runs an install script.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, root } from './report.mjs'

const problems = []
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const manifest = json('package.json')
const peers = manifest.peerDependencies ?? {}
const wanted = new Map(Object.entries({ ...manifest.dependencies, ...peers }))

const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
const headings = new Map(
  [...page.matchAll(/^## `([^`]+)` (\S.*)$/gm)].map(([, name, version]) => [name, version]),
)
for (const [name, version] of wanted) {
  if (!headings.has(name)) problems.push(`docs/dependencies.md does not argue for ${name}`)
  else if (headings.get(name) !== version) {
    problems.push(
      `docs/dependencies.md argues for ${name} ${headings.get(name)}, package.json has ${version}`,
    )
  }
}
for (const name of headings.keys()) {
  if (!wanted.has(name))
    problems.push(`docs/dependencies.md argues for ${name}, which package.json does not have`)
}

for (const [name, version] of Object.entries(manifest.dependencies)) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) problems.push(`the version of ${name} is not exact: ${version}`)
}
for (const name of Object.keys(peers)) {
  if (manifest.peerDependenciesMeta?.[name]?.optional !== true)
    problems.push(`the peer ${name} is not optional`)
}
for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
  if (manifest.scripts?.[script]) problems.push(`package.json has an install script: ${script}`)
}
const installed = Object.entries(json('package-lock.json').packages).filter(
  ([path, entry]) => path && !entry.dev,
)
for (const [path, entry] of installed) {
  if (entry.hasInstallScript && !entry.peer) problems.push(`${path} has an install script`)
}
report('dependencies', { seen: wanted.size, what: `dependencies (${installed.length} packages)`, problems })
