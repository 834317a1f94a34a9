/**
 * Second factors under fire: guesses and uses of one code at the same moment, from four processes that share a store. Of
 * 200 guesses over 50 challenges at most five are verified before the lock, and of 100 uses of one code or one
 * step-up proof exactly one is accepted, in every round.
 */

import { createPrivacy, type Environment, type Instant, localKeys, type Store } from '@pilvi/privacy'
import { codeAt, stepAt } from '../../src/mfa/codes.ts'
import type { Answer, Outcome, StepUp, StepUpOutcome } from '../../src/mfa/model.ts'
import { kek } from '../keys/scene.ts'
import { label, offering, subject, usual } from '../mfa/scene.ts'

/** Outcome -> how often; errors by their code. */
export type Told = Readonly<Record<string, number>>

/** What a process is to do: to give these answers, or show these proofs, at once, on a clock that stands at a moment. */
export interface Volley {
  readonly at: Instant
  readonly shots: readonly (Answer | { readonly stepUp: StepUp })[]
}

/** Fires a volley, and says what came of it. */
export type Racer = (volley: Volley) => Promise<Told>

/** Second factors of one process, whose clock is set by hand and whose chance and pauses are real. */
export function factorsOf(store: Store) {
  let now: Instant = '2026-11-23T10:00:00.000Z'
  const environment: Environment = {
    now: () => now,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  }
  const keys = localKeys([kek], environment)
  const { mfa } = createPrivacy({ policy: offering, store, keys, tenant: 'pilvi', environment })
  const advance = (milliseconds: number): Instant => {
    now = new Date(Date.parse(now) + milliseconds).toISOString() as Instant
    return now
  }
  const racer: Racer = async ({ at, shots }) => {
    now = at
    const calls = shots.map((shot) =>
      typeof shot === 'object' && 'stepUp' in shot ? mfa.require(shot.stepUp) : mfa.verify(subject, shot),
    )
    return tally(await Promise.allSettled(calls))
  }
  return { mfa, advance, racer }
}

function tally(ends: readonly PromiseSettledResult<Outcome | StepUpOutcome>[]): Told {
  const told: Record<string, number> = {}
  for (const end of ends) {
    const name = end.status === 'fulfilled' ? end.value.outcome : (end.reason as { code: string }).code
    told[name] = (told[name] ?? 0) + 1
  }
  return told
}

/** Deals shots out to the racers, fires, and adds up. */
async function fire(racers: readonly Racer[], { at, shots }: Volley): Promise<Told> {
  const hands = racers.map((_, i) => shots.filter((__, n) => n % racers.length === i))
  const told = await Promise.all(racers.map((racer, i) => racer({ at, shots: hands[i] ?? [] })))
  const sum: Record<string, number> = {}
  for (const each of told)
    for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** What the sweep came to. */
export interface FactorReport {
  /** What 200 guesses over 50 challenges were told. */
  readonly guesses: Told
  readonly rounds: number
  /** All that was told in all rounds, by what was used. */
  readonly uses: { readonly totp: Told; readonly recovery: Told; readonly proof: Told }
  /** Rounds in which not exactly one was accepted, or something else went wrong: in words. */
  readonly faults: readonly string[]
}

/** Sweeps, with racers that share a store with `first`. */
export async function sweepFactors(
  first: ReturnType<typeof factorsOf>,
  { racers, rounds }: { readonly racers: readonly Racer[]; readonly rounds: number },
): Promise<FactorReport> {
  const { mfa, advance } = first
  const { secret } = await mfa.enrol(subject, { label })
  const code = (): string => codeAt({ secret, ...usual }, stepAt(advance(0)))
  const faults: string[] = []
  const hold = (what: string, outcome: string): void => {
    if (outcome !== 'accepted') faults.push(`${what}: ${outcome}`)
  }
  hold('confirming', (await mfa.confirm(subject, code())).outcome)
  if ((await mfa.verify(subject, code())).outcome !== 'replayed') faults.push('the enrolment code is a login')

  const challenges: string[] = []
  while (challenges.length < 50) challenges.push((await mfa.challenge(subject)).id)
  const right = [-2, -1, 0, 1, 2].map((offset) => codeAt({ secret, ...usual }, stepAt(advance(0)) + offset))
  const wrong = Array.from({ length: 220 }, (_, i) => String(400_000 + i)).filter(
    (each) => !right.includes(each),
  )
  const guesses = await fire(racers, {
    at: advance(60_000),
    shots: wrong.slice(0, 200).map((each, i) => ({ code: each, challenge: challenges[i % 50] ?? '' })),
  })

  const uses = { totp: {}, recovery: {}, proof: {} } as Record<
    keyof FactorReport['uses'],
    Record<string, number>
  >
  const round = async (kind: keyof typeof uses, shot: Volley['shots'][number]): Promise<void> => {
    const told = await fire(racers, { at: advance(0), shots: Array.from({ length: 100 }, () => shot) })
    for (const [name, count] of Object.entries(told)) uses[kind][name] = (uses[kind][name] ?? 0) + count
    if (told['accepted'] !== 1) faults.push(`${kind}: ${JSON.stringify(told)}`)
    // Past any lock that the losers made.
    advance(3_700_000)
  }
  let codes: string[] = []
  advance(3_700_000)
  for (let n = 0; n < rounds; n++) {
    await round('totp', code())
    if (codes.length === 0) {
      const made = await mfa.recoveryCodes(subject, code())
      hold('recovery codes', made.outcome)
      codes = made.outcome === 'accepted' ? [...made.codes] : []
      advance(3_700_000)
    }
    await round('recovery', { recoveryCode: codes.pop() ?? '' })
    const act = { subject, action: 'payout', request: `r-${n}` }
    const { id: challenge } = await mfa.challenge(subject, { action: act.action, request: act.request })
    const shown = await mfa.verify(subject, { challenge, code: code() })
    hold('a proof', shown.outcome)
    const proof = shown.outcome === 'accepted' ? (shown.proof ?? '-') : '-'
    await round('proof', { stepUp: { ...act, proof } })
  }
  return { guesses, rounds, uses, faults }
}
