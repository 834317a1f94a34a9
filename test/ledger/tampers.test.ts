/** Random tampers of a ledger in memory, a sample of them; `SWEEP_TAMPERS=10000` runs the whole. */

import { expect, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import type { StoredEntry } from '../../src/ledger/rules.ts'
import { fixedEnvironment } from '../../src/testing/index.ts'
import { type RawLedger, tamper } from '../sweeps/tampers.ts'
import { ledgerScene } from './scene.ts'

const tampers = Number(process.env['SWEEP_TAMPERS'] ?? 330)

it('random tampers are all seen with a checkpoint outside, which two kinds need', async ({ annotate }) => {
  const backing = memoryBacking()
  const scene = ledgerScene({ backing })
  const at = 'pilvi/ledger'
  const read = (): RawLedger => ({
    entries: scene.raw.stream().entries.map(({ sequence, id, json }) => {
      return { sequence, id, value: JSON.parse(json) as StoredEntry }
    }),
    head: scene.raw.head(),
  })
  const states: RawLedger[] = []
  for (const [from, count] of [
    [1, 5],
    [6, 1],
    [7, 8],
    [15, 9],
  ] as const) {
    await scene.sequenced(count, from)
    states.push(read())
  }
  const write = async ({ entries, head }: RawLedger): Promise<void> => {
    const rows = entries.map(({ sequence, id, value }) => ({ sequence, id, json: JSON.stringify(value) }))
    if (rows.length === 0) backing.streams.get('ledger')?.delete(at)
    else backing.streams.get('ledger')?.set(at, { entries: rows, ids: new Map() })
    scene.raw.writeHead(head ?? undefined)
  }
  const { random } = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed: 'tampers' })
  const report = await tamper({ ...scene, states, write }, { tampers, random })
  await annotate(JSON.stringify(report))
  expect(report).toMatchObject({ tampers, faults: [] })
  expect(report.neededCheckpoint).toEqual([
    'cut, together with its head, to what was signed before',
    're-chain, signed with the signing key',
  ])
}, 1_800_000)
