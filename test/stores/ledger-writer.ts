/**
 * A process that records acts and sequences them, with others that do the same: which database, its URL, where in it,
 * the file of checkpoints, who it is, how many writers it has, and how many acts each of them records.
 */

import type { PrivacyError } from '@pilvi/privacy'
import { fileCheckpoints } from '@pilvi/privacy/node'
import { openLedger } from './ledger.ts'

const [url = '', where = '', path = '', who = '', writers = '', acts = ''] = process.argv.slice(2)
const { store, ledger, close } = await openLedger({ url, where, seed: who, sink: fileCheckpoints(path) })
let state: 'writing' | 'ended' = 'writing'

/** As a worker of a host would: losing every race for ten seconds is no fault, and it is done again. */
async function sequenced(): Promise<void> {
  try {
    await ledger.sequence()
  } catch (error) {
    if ((error as PrivacyError).code !== 'conflict.contended') throw error
    await sequenced()
  }
}

const sequencing = (async () => {
  while (state === 'writing') await sequenced()
})()
const writing = Array.from({ length: Number(writers) }, async (_, writer) => {
  for (let n = 0; n < Number(acts); n++) {
    const record = `${who}-${writer}-${n}`
    const actor = { role: 'system', id: 'test' } as const
    await store.commit(ledger.changes({ action: 'register.saved', actor, record }))
  }
})
await Promise.all(writing)
state = 'ended'
await sequencing
await sequenced()
await close()
