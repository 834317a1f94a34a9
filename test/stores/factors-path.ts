/** Every kind of second factor, a step-up and a reset on a store, by two processes that share it. */

import type { Store } from '@pilvi/privacy'
import { expect } from 'vitest'
import type { Answer, Outcome } from '../../src/mfa/model.ts'
import { refusal } from '../keys/scene.ts'
import { authenticator } from '../mfa/authenticator.ts'
import { counted, tokenOf } from '../mfa/racing.ts'
import { mfaScene, subject } from '../mfa/scene.ts'

/** Walks the path. @param dump everything that the store holds, as texts */
export async function usesEveryFactor(store: Store, dump: () => Promise<readonly string[]>): Promise<void> {
  const [one, other] = [1, 2].map((seed) => mfaScene({ seed, aroundStore: () => store }))
  if (!one || !other) throw new Error('no processes')
  const wait = (milliseconds: number) => {
    for (const { environment } of [one, other]) environment.advance(milliseconds)
  }
  /** Of twenty uses at once, ten in each process, one is accepted. */
  const once = async (answer: Answer): Promise<Outcome> => {
    const accepted: Outcome[] = []
    const calls = Array.from({ length: 20 }, async (_, n) => {
      const outcome = await (n % 2 ? one : other).mfa.verify(subject, answer)
      if (outcome.outcome === 'accepted') accepted.push(outcome)
      return outcome
    })
    expect((await counted(calls))['accepted']).toBe(1)
    // Past any lock that the losers made.
    wait(3_700_000)
    return accepted[0] as Outcome
  }

  const secret = await one.enrolled()
  other.environment.advance(60_000)
  const token = await one.counting()
  const key = authenticator()
  await other.keyed(key)
  const codes = await one.recoverable(secret)
  other.environment.advance(60_000)

  await once(one.code(secret))
  await once({ factor: 'hotp', code: one.pressed(token, 1) })
  await once({ recoveryCode: codes[0] ?? '' })
  const signing = await one.mfa.challenge(subject)
  await once({ challenge: signing.id, passkey: key.use(signing.passkey) })
  const letter = await other.mfa.challenge(subject, { send: 'email' })
  await once({ challenge: letter.id, contactCode: other.sent.at(-1)?.code ?? '' })
  const device = tokenOf(await one.mfa.trust(subject, one.code(secret)))
  expect(tokenOf(await once({ device }))).not.toBe('')

  const listed = async (): Promise<string[]> => {
    const factors: string[] = []
    for await (const { factor } of one.mfa.list(subject)) factors.push(factor)
    return factors.sort()
  }
  expect(await listed()).toEqual(['hotp', 'passkey', 'recovery-code', 'totp', 'trusted-device'])
  const act = { subject, action: 'payout', request: 'r-1' }
  const asked = await one.mfa.require(act)
  const challenge = asked.outcome === 'challenge' ? asked.challenge.id : ''
  const shown = await other.mfa.verify(subject, { challenge, code: other.code(secret) })
  const proof = shown.outcome === 'accepted' ? (shown.proof ?? '') : ''
  expect(await one.mfa.require({ ...act, proof })).toMatchObject({ outcome: 'accepted' })
  expect(await refusal(other.mfa.require({ ...act, proof }))).toMatchObject({ code: 'proof.rejected' })

  const held = (await dump()).join('\n')
  for (const text of [
    secret,
    token,
    device,
    proof,
    ...codes.flatMap((code) => [code, code.replaceAll('-', '')]),
  ])
    expect(held.includes(text)).toBe(false)

  const resets = await Promise.all(
    [one, other, one, other].map(({ mfa }) =>
      mfa.reset.open({ subject, operator: 'agent-7', because: 'lost' }),
    ),
  )
  expect(new Set(resets.map(({ id }) => id)).size).toBe(1)
  const { id = '' } = resets[0] ?? {}
  wait(86_400_000)
  const by = { operator: 'agent-8' }
  const done = await Promise.all([one, other].map(({ mfa }) => mfa.reset.complete(id, by)))
  expect(done.map(({ state }) => state)).toEqual(['done', 'done'])
  expect(await listed()).toEqual([])
  expect(await one.mfa.verify(subject, { device })).not.toMatchObject({ outcome: 'accepted' })
  expect(await one.privacy.ledger.verify()).toMatchObject({ outcome: 'intact' })
}
