/**
 * The DocumentDB engine, an independent engine that speaks BSON inside PostgreSQL, in a chroot that is kept in the
 * temporary folder between runs (engine.sh makes it, on Debian, as root). Each engine has data and a port of its own.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort, until } from '../ports.ts'

/** An engine that is running. */
export interface Engine {
  readonly port: number
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
  /** Starts it again, with the data that it left. */
  restart(): Promise<void>
  /** Ends it, and takes its data away. */
  stop(): Promise<void>
}

const mostBuilding = 240_000
const root = join(tmpdir(), 'pilvi-privacy-documentdb')
const bin = '/usr/lib/postgresql/18/bin'

/** Starts an engine without data. @throws Error where there can be none */
export async function startEngine(): Promise<Engine> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error('the DocumentDB engine needs Debian and root')
  }
  await build()
  const port = await freePort()
  const data = `/var/lib/postgresql/run-${port}`
  const init = `${bin}/initdb -D ${data} -A trust --no-sync -E UTF8 --locale=C.UTF-8 -U postgres`
  if ((await ended(inChroot(init))) !== 0) throw new Error('the DocumentDB engine could not make its data')
  let server = await serve(data, port)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = ended(server)
    if (server.kill(signal)) await gone
  }
  return {
    port,
    kill: () => end('SIGKILL'),
    async restart() {
      server = await serve(data, port)
    },
    async stop() {
      await end('SIGINT') // a fast shutdown: it does not wait for clients
      rmSync(join(root, data), { recursive: true, force: true })
    },
  }
}

/** Makes the chroot, or gives up after four minutes. */
async function build(): Promise<void> {
  const script = fileURLToPath(new URL('./engine.sh', import.meta.url))
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

/** Starts PostgreSQL, again and again while what a killed one has left behind is still there. */
async function serve(data: string, port: number): Promise<ChildProcess> {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',
    'cron.database_name': 'postgres',
    // Lost with the machine, but not with the process: what was written is the kernel's.
    fsync: 'off',
    max_connections: 200,
    // As long as MongoDB lets a transaction live whose client has gone.
    idle_in_transaction_session_timeout: '60s',
  }
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`)
  const start = (): ChildProcess => inChroot(`${bin}/postgres -D ${data} ${flags.join(' ')}`)
  let server = start()
  await until(30_000, async () => {
    if (server.exitCode !== null) server = start()
    return extended(port)
  })
  return server
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
