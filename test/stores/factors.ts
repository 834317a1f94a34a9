/** Second factors on a real database, raced by four processes. */

import type { ChildProcess } from 'node:child_process'
import { expect } from 'vitest'
import { program } from '../servers/program.ts'
import { type FactorReport, factorsOf, type Racer, sweepFactors, type Told } from '../sweeps/factors.ts'
import { connected } from './connected.ts'

/** `SWEEP_ROUNDS=1000` runs the whole. */
export const rounds = Number(process.env['SWEEP_ROUNDS'] ?? 3)

const answered = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a racer ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })

/** Sweeps a database that is migrated, with four processes. */
export async function racedByProcesses(at: { url: string; where: string }): Promise<FactorReport> {
  const start = await program('sweeps/factor-racer')
  const children = Array.from({ length: 4 }, () => start(at.url, at.where))
  // Listened to from the beginning: one that ended already says so no more.
  const ends = children.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  await Promise.all(children.map(answered))
  const racers = children.map(
    (child): Racer =>
      (volley) => {
        const told = answered(child)
        child.send(volley)
        return told as Promise<Told>
      },
  )
  const { store, close } = await connected(at.url, at.where)
  try {
    return await sweepFactors(factorsOf(store), { racers, rounds })
  } finally {
    for (const child of children) if (child.connected) child.disconnect()
    await Promise.all(ends)
    await close()
  }
}

/** What a sweep must come to, wherever it runs. */
export function expectSound(report: FactorReport): void {
  expect(report.faults).toEqual([])
  const { wrong = 0, locked = 0, ...others } = report.guesses
  expect({ others, sum: wrong + locked }).toEqual({ others: {}, sum: 200 })
  expect(wrong).toBeLessThanOrEqual(5)
  const { totp, recovery, proof } = report.uses
  expect(proof).toEqual({ accepted: report.rounds, 'proof.rejected': 99 * report.rounds })
  for (const told of [totp, recovery]) {
    const { accepted = 0, wrong: spent = 0, replayed = 0, locked: refused = 0, ...more } = told
    expect({ accepted, more }).toEqual({ accepted: report.rounds, more: {} })
    expect(accepted + spent + replayed + refused).toBe(100 * report.rounds)
  }
}
