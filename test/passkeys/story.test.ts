/** A passkey from enrolment to removal, through the public API, with the software authenticator in the browser's place. */

import { createPrivacy, type FactorSummary, type JsonValue, localKeys, type Mfa } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { passkeys } from '@pilvi/privacy/passkeys'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { describe, expect, it } from 'vitest'
import { Authenticator, type Device, type Faults } from './authenticator.ts'
import { everyAlgorithm } from './keys.ts'
import { relyingParty } from './scene.ts'

const subject = 'customer-1'

function story() {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed: 1 })
  const { mfa, ledger } = createPrivacy({
    policy: { ...pilviPolicy, mfa: { ...pilviPolicy.mfa, stepUp: [] } },
    store: memoryStore(),
    keys: localKeys([{ id: '2026', secret: new Uint8Array(32).fill(7) }], environment),
    passkeys: passkeys(relyingParty),
    tenant: 'pilvi',
    environment,
  })
  const enrolled = async (who = subject, device: Device = {}) => {
    const authenticator = new Authenticator(device)
    const { challenge, options } = await mfa.enrol(who, { factor: 'passkey', label: 'Someone' })
    const passkey = authenticator.create(options)
    expect(await mfa.confirm(who, { challenge, passkey })).toMatchObject({ outcome: 'accepted' })
    return authenticator
  }
  const challenged = async (who = subject) => {
    const { id, passkey } = await mfa.challenge(who)
    expect(passkey, 'the person has a passkey').toBeDefined()
    return { challenge: id, asked: passkey as JsonValue }
  }
  const signIn = async (authenticator: Authenticator, faults: Faults = {}) => {
    const { challenge, asked } = await challenged()
    return mfa.verify(subject, { challenge, passkey: authenticator.get(asked, faults) })
  }
  return { environment, mfa, ledger, enrolled, challenged, signIn }
}

async function listed(mfa: Mfa): Promise<FactorSummary[]> {
  const factors: FactorSummary[] = []
  for await (const factor of mfa.list(subject)) factors.push(factor)
  return factors
}

const accepted = expect.objectContaining({ outcome: 'accepted', factor: 'passkey' })
const refused = expect.objectContaining({ outcome: expect.not.stringMatching(/^accepted$/) })

describe('a passkey', () => {
  it.each(everyAlgorithm)('is enrolled, confirmed, challenged and verified: %s', async (algorithm) => {
    const { mfa, enrolled, signIn } = story()
    const authenticator = await enrolled(subject, { algorithm, counter: 1 })
    expect(await signIn(authenticator)).toEqual(accepted)
    expect(await signIn(authenticator)).toEqual(accepted)
    expect(await listed(mfa)).toEqual([expect.objectContaining({ factor: 'passkey', state: 'confirmed' })])
  })

  it('is asked for by its id, and not made twice on one authenticator', async () => {
    const { mfa, enrolled, challenged } = story()
    const { id } = await enrolled()
    const { asked } = await challenged()
    const { options } = await mfa.enrol(subject, { factor: 'passkey', label: 'Someone' })
    const transports = ['internal', 'hybrid']
    expect(asked).toMatchObject({ rpId: 'example.com', allowCredentials: [{ id, transports }] })
    expect(options).toMatchObject({ excludeCredentials: [{ id, transports }] })
  })

  it('tells its authenticator nothing of the person but the label', async () => {
    const { mfa } = story()
    const { options } = await mfa.enrol(subject, { factor: 'passkey', label: 'Someone' })
    const { user } = options as { user: { id: string; name: string } }
    const handle = Buffer.from(user.id, 'base64url')
    expect(handle.length).toBeLessThanOrEqual(64)
    expect(handle.toString()).not.toContain(subject)
    expect(user.name).toBe('Someone')
  })
})

describe('replay', () => {
  it('of a response is refused: its challenge is spent', async () => {
    const { mfa, enrolled, challenged } = story()
    const authenticator = await enrolled()
    const { challenge, asked } = await challenged()
    const answer = { challenge, passkey: authenticator.get(asked) }
    expect(await mfa.verify(subject, answer)).toEqual(accepted)
    expect(await mfa.verify(subject, answer)).toEqual(refused)
  })

  it('of a response at the same moment is accepted once', async () => {
    const { mfa, enrolled, challenged } = story()
    const authenticator = await enrolled()
    const { challenge, asked } = await challenged()
    const answer = { challenge, passkey: authenticator.get(asked) }
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => mfa.verify(subject, answer)))
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
  })

  it('of a registration is refused: it is no second passkey', async () => {
    const { mfa } = story()
    const { challenge, options } = await mfa.enrol(subject, { factor: 'passkey', label: 'Someone' })
    const answer = { challenge, passkey: new Authenticator().create(options) }
    expect(await mfa.confirm(subject, answer)).toMatchObject({ outcome: 'accepted' })
    const again = await mfa.confirm(subject, answer).catch((error: unknown) => error)
    expect(again).not.toMatchObject({ outcome: 'accepted' })
    expect(await listed(mfa)).toHaveLength(1)
  })
})

describe('a response', () => {
  it('to another challenge is refused', async () => {
    const { mfa, enrolled, challenged } = story()
    const authenticator = await enrolled()
    const [one, other] = [await challenged(), await challenged()]
    const passkey = authenticator.get(one.asked)
    expect(await mfa.verify(subject, { challenge: other.challenge, passkey })).toEqual(refused)
    expect(await mfa.verify(subject, { challenge: one.challenge, passkey })).toEqual(accepted)
  })

  it('of another person’s passkey is refused, whatever id it says', async () => {
    const { mfa, enrolled, challenged } = story()
    const mine = await enrolled()
    const theirs = await enrolled('customer-2')
    for (const id of [theirs.id, mine.id]) {
      const { challenge, asked } = await challenged()
      expect(await mfa.verify(subject, { challenge, passkey: theirs.get(asked, { id }) })).toEqual(refused)
    }
  })

  it('to another person’s challenge is refused', async () => {
    const { mfa, enrolled, challenged } = story()
    const mine = await enrolled()
    await enrolled('customer-2')
    const { challenge, asked } = await challenged('customer-2')
    const passkey = mine.get(asked)
    expect(await mfa.verify(subject, { challenge, passkey })).toEqual(refused)
    expect(await mfa.verify('customer-2', { challenge, passkey })).toEqual(refused)
  })

  it('that comes after the challenge is over is refused', async () => {
    const { environment, mfa, enrolled, challenged } = story()
    const authenticator = await enrolled()
    const { challenge, asked } = await challenged()
    const passkey = authenticator.get(asked)
    environment.advance(24 * 3_600_000)
    expect(await mfa.verify(subject, { challenge, passkey })).toEqual(refused)
  })

  it.each<[string, Faults]>([
    ['of a phishing page', { clientData: { origin: 'https://login-example.com' } }],
    ['without the person being verified', { off: 0x04 }],
    ['of a cloned authenticator', { counter: 1 }],
  ])('%s is refused and counted', async (_, faults) => {
    const { enrolled, signIn } = story()
    const authenticator = await enrolled(subject, { counter: 5 })
    for (let i = 0; i < 5; i++) expect(await signIn(authenticator, faults)).toEqual(refused)
    expect(await signIn(authenticator)).toMatchObject({ outcome: 'locked' })
  })
})
