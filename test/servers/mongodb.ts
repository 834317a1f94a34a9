/**
 * A MongoDB server for the tests, in this order: `MONGODB_URI`, where it is given; on Debian as root the DocumentDB
 * engine, an independent engine that speaks BSON inside PostgreSQL, in a chroot that is kept in the temporary folder
 * between runs, behind a gateway that speaks the wire protocol; otherwise none, and the tests say how to run them.
 *
 * The engine has no change streams, no authentication and no TLS. It does have unique and partial indexes,
 * compare-and-set, and transactions with write conflicts, which is what the store's tests are about.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startGateway } from './mongodb/gateway.ts'
import { freePort, until } from './ports.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the tests' MongoDB is; without one, why there is none. */
    mongo: { readonly url: string } | { readonly none: string }
  }
}

const mostBuilding = 240_000
const root = join(tmpdir(), 'pilvi-privacy-documentdb')

interface Running {
  readonly url: string
  stop(): Promise<void>
}

/** The vitest global set-up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['MONGODB_URI']
  try {
    const server = given ? { url: given, stop: async () => {} } : await start()
    project.provide('mongo', { url: server.url })
    return server.stop
  } catch (error) {
    project.provide('mongo', { none: (error as Error).message })
    return async () => {}
  }
}

async function start(): Promise<Running> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error('the DocumentDB engine needs Debian and root')
  }
  await build()
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each()
  }
  try {
    const engine = await startEngine(stops)
    const gateway = await startGateway(engine)
    stops.push(() => gateway.stop())
    return { url: gateway.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Makes the chroot, or gives up after four minutes. */
async function build(): Promise<void> {
  const script = fileURLToPath(new URL('./mongodb/engine.sh', import.meta.url))
  const child = spawn('bash', [script, root], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let says = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    says = (says + chunk.toString()).slice(-300)
  })
  const timer = setTimeout(() => {
    says = 'it took longer than four minutes'
    // The whole group: what the script has started must not outlive it.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, mostBuilding)
  const code = await ended(child)
  clearTimeout(timer)
  if (code !== 0) throw new Error(`the DocumentDB engine could not be built (${says.trim()})`)
}

/** Starts PostgreSQL with the engine on data of its own; gives its port. */
async function startEngine(stops: (() => Promise<void>)[]): Promise<number> {
  const port = await freePort()
  const data = `/var/lib/postgresql/run-${port}`
  const bin = '/usr/lib/postgresql/18/bin'
  const init = `${bin}/initdb -D ${data} -A trust --no-sync -E UTF8 --locale=C.UTF-8 -U postgres`
  if ((await ended(inChroot(init))) !== 0) throw new Error('the DocumentDB engine could not make its data')
  stops.push(async () => rmSync(join(root, data), { recursive: true, force: true }))
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',
    'cron.database_name': 'postgres',
    fsync: 'off',
    max_connections: 200,
  }
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`)
  const server = inChroot(`${bin}/postgres -D ${data} ${flags.join(' ')}`)
  const gone = ended(server)
  stops.push(async () => {
    server.kill('SIGINT') // a fast shutdown: it does not wait for clients
    await gone
  })
  await until(30_000, () => extended(port))
  return port
}

/**
 * Runs a command as `postgres` within the chroot, in a mount namespace of its own. Each program replaces the one
 * before, so that the child is the command itself; it goes when this process goes.
 */
function inChroot(command: string): ChildProcess {
  mkdirSync(join(root, 'dev'), { recursive: true })
  const mounts = `mount --rbind /dev '${root}/dev' && (mount -t proc proc '${root}/proc' || true)`
  const within = `setpriv --pdeathsig INT -- ${command}`
  const enter = `exec chroot --userspec=postgres:postgres '${root}' ${within}`
  return spawn('unshare', ['-m', '--propagation', 'private', 'bash', '-c', `${mounts}; ${enter}`], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  })
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', (code) => resolve(code))
  })

/** Whether the engine is there and has its extension. */
async function extended(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('create extension if not exists documentdb cascade')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
