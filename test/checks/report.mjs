/**
 * How a check ends: one line when it holds, otherwise every problem on a line of its own and exit code 1. A check that
 * looked at nothing has not held, so `seen` (how many things it looked at) must be above zero.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project, with a slash at the end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Says how it went and sets the exit code. */
export function report(check, { seen, what, problems }) {
  if (seen === 0) problems.push(`looked at no ${what}: the check is broken`)
  for (const problem of problems) console.error(`${check}: ${problem}`)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`${check}: ${seen} ${what}, nothing to object to`)
}

/** The files below a folder of the project whose names end so, as sorted paths with forward slashes from its root. */
export function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .sort()
}
