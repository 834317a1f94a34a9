/** The sweep of second factors in memory: four processes are four of everything but the backing. */

import { expect, it } from 'vitest'
import { memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import { factorsOf, sweepFactors } from '../sweeps/factors.ts'
import { expectSound, rounds } from './factors.ts'

it('200 guesses over 50 challenges, 100 uses of one code', async ({ annotate }) => {
  const backing = memoryBacking()
  const open = () => factorsOf(memoryStore({ backing }))
  const racers = Array.from({ length: 4 }, () => open().racer)
  const report = await sweepFactors(open(), { racers, rounds })
  await annotate(JSON.stringify(report))
  expectSound(report)
  expect(report.rounds).toBe(rounds)
}, 3_600_000)
