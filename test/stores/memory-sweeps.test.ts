/** Fifty writers on one backing; `SWEEP_ROUNDS=1000` runs the whole. */

import { expect, it } from 'vitest'
import { memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import { race, raceCollections } from '../sweeps/races.ts'

const rounds = Number(process.env['SWEEP_ROUNDS'] ?? 20)

it('of 50 writers one wins, in every round, and the stream has neither gap nor fork', async ({
  annotate,
}) => {
  const backing = memoryBacking()
  const stores = Array.from({ length: 50 }, () => memoryStore({ collections: raceCollections, backing }))
  const report = await race(stores, { tenant: 't', rounds })
  await annotate(JSON.stringify(report))
  expect(report).toMatchObject({ rounds, faults: [] })
  expect(Object.keys(report.told)).toEqual(['conflict.version'])
})
