/** The sweep of second factors in memory: four processes are four of everything but the backing. */

import { expect, it } from 'vitest'
import { memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import { factorsOf, sweepFactors } from '../sweeps/factors.ts'
import { expectSound, rounds } from './factors.ts'
import { usesEveryFactor } from './factors-path.ts'

it('200 guesses over 50 challenges, 100 uses of one code', async ({ annotate }) => {
  const backing = memoryBacking()
  const open = () => factorsOf(memoryStore({ backing }))
  const racers = Array.from({ length: 4 }, () => open().racer)
  const report = await sweepFactors(open(), { racers, rounds })
  await annotate(JSON.stringify(report))
  expectSound(report)
  expect(report.rounds).toBe(rounds)
}, 3_600_000)

it('every kind, a step-up and a reset, by two processes', async () => {
  const backing = memoryBacking()
  const dump = async () => [
    ...[...backing.records.values()].flatMap(({ rows }) => [...rows.values()].map(({ json }) => json)),
    JSON.stringify([...backing.streams.values()].map((each) => [...each].map(([, { entries }]) => entries))),
  ]
  await usesEveryFactor(memoryStore({ backing }), dump)
})
