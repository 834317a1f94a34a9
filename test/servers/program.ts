/** Programs of the tests that run in processes of their own: TypeScript, which not every Node line here can run. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** By a name that the compiler does not follow: the bundler's own types do not compile here. */
const bundler: string = 'tsup'

/** Bundles `test/<name>.ts`; gives a way to start it with arguments. */
export async function program(name: string): Promise<(...args: readonly string[]) => ChildProcess> {
  // Below node_modules, so that it finds the packages.
  const outDir = `${root}node_modules/.cache/pilvi-tests/${name}`
  const entry = { program: `${root}test/${name}.ts` }
  const { build } = (await import(bundler)) as { build(options: object): Promise<void> }
  await build({ entry, outDir, config: false, format: 'esm', silent: true, skipNodeModulesBundle: true })
  return (...args) => fork(`${outDir}/program.js`, args)
}

/** Resolves with the code that a process ends with. */
export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve))
