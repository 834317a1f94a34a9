/** Copies one database into another, in a process of its own: tells how it went and how much memory it took at most. */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import { copySteps } from '@pilvi/privacy'
import { mongoStore } from '@pilvi/privacy/mongo'
import { postgresStore } from '@pilvi/privacy/postgres'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { collections, timed } from './data.mjs'

/** Starts a copy; with `kill` it is killed when it has come so far, and `null` is given. */
export function copying({ from, to, kill }) {
  const child = fork(fileURLToPath(import.meta.url), ['copy', JSON.stringify([from, to])])
  return new Promise((resolve, reject) => {
    let report = null
    child.on('message', (message) => {
      if ('digest' in message) report = message
      else if (kill !== undefined && message.rows >= kill) child.kill('SIGKILL')
    })
    child.once('close', (code, signal) => {
      if (code === 0 || (kill !== undefined && signal === 'SIGKILL')) resolve(report)
      else reject(new Error(`the copy ended with ${code ?? signal}`))
    })
  })
}

/** A store in a schema or a database of that name, and a way to end its connections. */
export function opened({ url, name }) {
  if (url.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    return {
      store: postgresStore(pool, { schema: name, collections }),
      driver: pool,
      close: () => pool.end(),
    }
  }
  const client = new MongoClient(url)
  const store = mongoStore(client.db(name), { collections })
  return { store, driver: client, close: () => client.close() }
}

async function copy(from, to) {
  v8.setFlagsFromString('--heap-growing-percent=100')
  const [one, other] = [opened(from), opened(to)]
  await other.store.migrate.apply(await other.store.migrate.plan())
  let report
  let copied = 0
  let told = 0
  const all = await timed(async () => {
    const started = performance.now()
    for await (const step of copySteps(one.store, other.store)) {
      if (step.phase === 'done') report = step.report
      else if (step.phase === 'copying') {
        // Now and then: what is sent waits in memory until it is taken.
        if (step.rows >= told) {
          process.send({ rows: step.rows })
          told = step.rows + 1_000
        }
        copied = performance.now() - started
      }
    }
  })
  const rows = report.sections.reduce((sum, section) => sum + section.rows, 0)
  const memory = process.resourceUsage().maxRSS / 1_024
  process.send({ digest: report.digest, rows, written: report.written, copied, all, memory })
  await one.close()
  await other.close()
  process.disconnect()
}

if (process.argv[2] === 'copy') await copy(...JSON.parse(process.argv[3]))
