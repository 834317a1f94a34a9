/** Statements in memory. */

import { expect, it } from 'vitest'
import { memoryStore } from '../../adapters/memory/index.ts'
import { noEventIsLost, noNoIsLostInMerges, ordersAreObeyed } from './consents.ts'

it('orders of statements are decided as the words of the rule say', async ({ annotate }) => {
  const report = await ordersAreObeyed(memoryStore())
  await annotate(report)
  expect(report).toContain('"faults":[]')
}, 3_600_000)

it('50 writers about one person lose nothing, and the standing is the replay', async () => {
  await noEventIsLost(memoryStore())
})

it('merges of two ids under other writers lose no no, and are undone', async () => {
  await noNoIsLostInMerges(memoryStore())
})
