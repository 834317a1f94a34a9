/** Dumps a database into a file, in a process of its own: tells the processor time it took and how much memory at most. */

import { fork } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { dumpStore } from '@pilvi/privacy'
import { encryptDump, makeIdentity } from '@pilvi/privacy/age'
import { opened } from './copying.mjs'

/** `recipients`: to whom it is encrypted; null for a dump in clear. */
export function dumping({ from, recipients }) {
  const child = fork(fileURLToPath(import.meta.url), ['dump', JSON.stringify({ from, recipients })])
  return new Promise((resolve, reject) => {
    let report = null
    child.on('message', (message) => {
      report = message
    })
    child.once('close', (code) => (code === 0 ? resolve(report) : reject(new Error('the dump failed'))))
  })
}

export const recipients = async () => [(await makeIdentity()).recipient]

async function dump({ from, recipients: to }) {
  const { store, close } = opened(from)
  const folder = await mkdtemp(join(tmpdir(), 'pilvi-bench-'))
  const file = createWriteStream(join(folder, 'dump'))
  const lines = dumpStore(store)
  await pipeline(to === null ? lines : encryptDump(lines, { recipients: to }), file)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  process.send({ cpu: (userCPUTime + systemCPUTime) / 1_000_000, memory: maxRSS / 1_024 })
  await rm(folder, { recursive: true })
  await close()
  process.disconnect()
}

if (process.argv[2] === 'dump') await dump(JSON.parse(process.argv[3]))
