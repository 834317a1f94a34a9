/**
 * The servers of the tests, for a benchmark: in a process of their own, so that what they cost there is nobody's, and
 * gone when that process goes.
 */

import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts both; `mongo` is null, and `why` says so, where none can be had. */
export async function startServers() {
  const outDir = join(root, 'node_modules/.cache/pilvi-bench')
  mkdirSync(outDir, { recursive: true })
  const beside = pathToFileURL(join(root, 'test/servers/mongodb/engine.ts')).href
  await build({
    entry: {
      postgres: join(root, 'test/servers/postgres.ts'),
      mongodb: join(root, 'test/servers/mongodb.ts'),
    },
    outDir,
    config: false,
    format: 'esm',
    silent: true,
    skipNodeModulesBundle: true,
    // They look for what lies beside their sources.
    esbuildOptions: (options) => {
      options.define = { ...options.define, 'import.meta.url': JSON.stringify(beside) }
    },
  })
  const child = fork(fileURLToPath(import.meta.url), ['serve', outDir])
  const given = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('close', () => reject(new Error('the servers could not be started')))
  })
  const gone = new Promise((resolve) => child.once('close', resolve))
  return {
    ...given,
    async stop() {
      child.send('stop')
      await gone
    },
  }
}

async function serve(outDir) {
  const given = {}
  const project = { provide: (name, value) => Object.assign(given, { [name]: value }) }
  const stops = []
  for (const name of ['postgres', 'mongodb']) {
    const { default: setup } = await import(pathToFileURL(join(outDir, `${name}.js`)).href)
    stops.push(await setup(project))
  }
  const stop = async () => {
    for (const each of stops) await each()
    process.exit(0)
  }
  process.once('message', stop)
  process.once('disconnect', stop)
  const { databaseUrl, mongo } = given
  process.send({ postgres: databaseUrl, mongo: mongo.url ?? null, why: mongo.none ?? null })
}

if (process.argv[2] === 'serve') await serve(process.argv[3])
