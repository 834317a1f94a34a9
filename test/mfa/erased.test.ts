/** Second factors of a person who is erased, or was. */

import { memoryBacking } from '@pilvi/privacy/memory'
import { describe, expect, it } from 'vitest'
import { refusal, tamper } from '../keys/scene.ts'
import { authenticator } from './authenticator.ts'
import { racing } from './racing.ts'
import { label, mfaScene, type Scene, subject } from './scene.ts'

describe('an erased person', () => {
  /** Erases a person as a request does. */
  async function erase({ privacy }: Pick<Scene, 'privacy'>): Promise<void> {
    const { requests } = privacy
    const { id } = await requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await requests.plan(id)
    await requests.fulfil(id, { plan: digest })
  }

  it('cannot enrol, and has no factor left', async () => {
    const { mfa, enrolled, code, wrong, privacy, factor, attempts } = mfaScene()
    const secret = await enrolled()
    await mfa.verify(subject, wrong(secret))
    await erase({ privacy })
    expect([factor(), attempts()]).toEqual([null, null])
    expect(await refusal(mfa.enrol(subject, { label }))).toMatchObject({ code: 'conflict.erased' })
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'record.missing' })
  })

  it('has nothing left of all that there can be, and nothing of it opens', async () => {
    const made = mfaScene()
    const { mfa, enrolled, counting, keyed, recoverable, code, kept, privacy, attempts } = made
    const secret = await enrolled()
    await counting()
    await keyed(authenticator())
    await recoverable(secret)
    await mfa.trust(subject, code(secret))
    await mfa.challenge(subject, { session: 's', send: 'sms' })
    expect([kept('factors').length, kept('challenges').length]).toEqual([5, 1])
    await erase({ privacy })
    expect([kept('factors'), kept('challenges'), attempts()]).toEqual([[], [], null])
    for (const call of [
      mfa.challenge(subject),
      mfa.challenge(subject, { send: 'email' }),
      mfa.enrol(subject, { factor: 'passkey', label }),
      mfa.verify(subject, { recoveryCode: '0-AAAA-BBBB-CCCC-DDDD' }),
    ])
      expect(await refusal(call)).toMatchObject({ code: 'conflict.erased' })
    expect(made.sent).toHaveLength(1)
    expect([kept('factors'), kept('challenges'), attempts()]).toEqual([[], [], null])
  })

  it('an attempt that runs while its person is erased leaves nothing of them', async () => {
    const backing = memoryBacking()
    const other = mfaScene({ backing, seed: 2 })
    const secret = await other.enrolled()
    const { mfa, code, environment, attempts } = mfaScene({
      backing,
      aroundStore: racing('attempts', 1, () => erase(other)),
    })
    environment.set(other.environment.now())
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'conflict.erased' })
    expect(attempts()).toBeNull()
  })

  it('a factor whose key was destroyed verifies nothing', async () => {
    const { mfa, enrolled, code, backing } = mfaScene()
    const secret = await enrolled()
    for (const [key, { json }] of backing.records.get('keys')?.rows ?? []) {
      const { material: _, ...record } = JSON.parse(json)
      const value = { ...record, state: 'shredded' }
      if (key.startsWith('pilvi/data/') && !key.includes('#')) tamper(backing, { key, value })
    }
    expect(await refusal(mfa.verify(subject, code(secret)))).toMatchObject({ code: 'conflict.erased' })
  })
})
