/** Programs of the tests that run in processes of their own: TypeScript, which not every Node line here can run. */

import { type ChildProcess, execFile, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bundler = `${root}node_modules/tsup/dist/cli-default.js`

/** Bundles `test/<name>.ts`; gives a way to start it with arguments. */
export async function program(name: string): Promise<(...args: readonly string[]) => ChildProcess> {
  // Below node_modules, so that it finds the packages.
  const outDir = `${root}node_modules/.cache/pilvi-tests/${name}`
  const options = [
    '--out-dir',
    outDir,
    '--format',
    'esm',
    '--silent',
    '--no-config',
    '--skip-node-modules-bundle',
  ]
  const entry = ['--entry.program', `test/${name}.ts`]
  await promisify(execFile)(process.execPath, [bundler, ...entry, ...options], { cwd: root })
  return (...args) => fork(`${outDir}/program.js`, args)
}

/** Resolves with the code that a process ends with. */
export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve))
