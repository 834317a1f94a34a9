/** The sources, built into a cache folder of its own, so that a benchmark can use what the package does not give out. */

import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The names that these files give, of all of them together. `entry`: name -> file. */
export async function built(cache, entry) {
  const outDir = join(root, '.cache', cache)
  const files = Object.fromEntries(Object.entries(entry).map(([name, file]) => [name, join(root, file)]))
  const how = { format: 'esm', target: 'node20', skipNodeModulesBundle: true, dts: false, clean: true }
  const outExtension = () => ({ js: '.mjs' })
  await build({ config: false, silent: true, entry: files, outDir, outExtension, ...how })
  const all = Object.keys(entry).map((name) => import(pathToFileURL(join(outDir, `${name}.mjs`)).href))
  return Object.assign({}, ...(await Promise.all(all)))
}
