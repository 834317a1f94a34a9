/** Second factors as a source of a person's data: what an export shows, and what an erasure takes. */

import { describe, expect, it } from 'vitest'
import { createMfaSource } from '../../src/mfa/source.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import type { Row } from '../../src/source.ts'
import { authenticator } from './authenticator.ts'
import { tokenOf } from './racing.ts'
import { mfaScene, subject } from './scene.ts'

const identity = { subject, sessions: [], request: 'request-1' }

/** A person with a factor and a failed attempt, and the source that holds them. */
async function populated() {
  const scene = mfaScene()
  const secret = await scene.enrolled()
  await scene.mfa.verify(subject, scene.wrong(secret))
  const { store, environment } = scene
  const source = createMfaSource('pilvi', { policy: pilviPolicy, store, environment })
  const rows = async (of = identity): Promise<Row[]> => {
    const found: Row[] = []
    for await (const page of source.find(of, 'values')) found.push(...page)
    return found
  }
  return { ...scene, secret, source, rows }
}

describe('the source of second factors', () => {
  it('shows that there is one and how many attempts failed, and never the secret', async () => {
    const { rows, secret, factor } = await populated()
    const category = pilviPolicy.ownData.factors
    const found = await rows()
    expect(found).toEqual([
      {
        id: 'totp',
        fields: [
          { name: 'factor', value: 'totp', category, recordedAt: '2026-11-23T10:00:00.000Z' },
          { name: 'state', value: 'confirmed', category, recordedAt: '2026-11-23T10:00:00.000Z' },
        ],
      },
      {
        id: 'attempts',
        fields: [
          { name: 'failures', value: 1, category, recordedAt: '2026-11-23T10:01:00.000Z' },
          { name: 'codesSent', value: 0, category, recordedAt: '2026-11-23T10:01:00.000Z' },
        ],
      },
    ])
    expect(JSON.stringify(found)).not.toContain(secret)
    const record = factor()
    expect(JSON.stringify(found)).not.toContain(record && 'secret' in record ? record.secret : 'none')
  })

  it('shows every kind, and nothing that could be used', async () => {
    const { rows, mfa, sent, keyed, counting, code, environment, secret, source, kept } = await populated()
    await counting()
    await keyed(authenticator())
    environment.advance(60_000)
    const made = await mfa.recoveryCodes(subject, code(secret))
    const token = tokenOf(await mfa.trust(subject, code(secret, 1)))
    await mfa.challenge(subject, { session: 'session-1', send: 'email', action: 'erasure', request: 'r-1' })
    const found = await rows()
    const named = found.map(({ id }) => id.replace(/\/.+/, '/…'))
    const all = ['hotp', 'passkey/…', 'recovery-code', 'totp', 'trusted-device/…', 'challenge/…', 'attempts']
    expect(named).toEqual(all)
    const challenge = found.find(({ id }) => id.startsWith('challenge'))?.fields
    expect(challenge?.map(({ name, value }) => [name, value])).toEqual([
      ['expiresAt', '2026-11-23T10:12:00.000Z'],
      ['action', 'erasure'],
      ['request', 'r-1'],
    ])
    const codes = made.outcome === 'accepted' ? made.codes : []
    const text = JSON.stringify(found)
    for (const each of [...codes, token, sent[0]?.code ?? '', 'session-1', 'pv1.'])
      expect(text).not.toContain(each)
    await source.erase(
      identity,
      found.map(({ id: row }) => ({ row, keep: [] })),
    )
    expect([await rows(), kept('factors'), kept('challenges')]).toEqual([[], [], []])
  })

  it('of somebody else it shows nothing', async () => {
    const { rows } = await populated()
    expect(await rows({ ...identity, subject: 'customer-10' })).toEqual([])
  })

  it('takes the rows that go, and doing it again changes nothing', async () => {
    const { source, rows, backing } = await populated()
    const all = [
      { row: 'totp', keep: [] },
      { row: 'attempts', keep: [] },
    ]
    await source.erase(identity, all)
    expect(await rows()).toEqual([])
    const before = backing.version
    await source.erase(identity, all)
    expect(backing.version).toBe(before)
  })

  it.each([
    ['totp', 'attempts'],
    ['attempts', 'totp'],
  ])('%s goes, and %s, which must be kept, is not touched', async (going, kept) => {
    const { source, rows } = await populated()
    const before = (await rows()).filter(({ id }) => id === kept)
    await source.erase(identity, [
      { row: going, keep: [] },
      { row: kept, keep: ['failures', 'factor', 'state'] },
    ])
    expect(await rows()).toEqual(before)
  })

  it('nothing goes that was not named', async () => {
    const { source, rows } = await populated()
    const before = await rows()
    await source.erase(identity, [])
    await source.erase(identity, [{ row: 'another', keep: [] }])
    await source.erase({ ...identity, subject: 'customer-10' }, [{ row: 'totp', keep: [] }])
    expect(await rows()).toEqual(before)
  })
})
