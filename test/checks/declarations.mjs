/**
 * What is published type-checks where no optional peer is installed: every declaration in dist imports its neighbours,
 * Node's own modules and the runtime dependencies of package.json, and nothing else.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, root } from './report.mjs'
import { importsOf, packageOf } from './source.mjs'

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.d.ts'),
)
const problems = files.flatMap((file) =>
  importsOf(join('dist', file))
    .map(({ spec }) => spec)
    .filter((spec) => !/^(\.|node:)/.test(spec) && !(packageOf(spec) in dependencies))
    .map((spec) => `dist/${file} needs ${spec}, which a host may not have`),
)
report('declarations', { seen: files.length, what: 'declarations', problems })
