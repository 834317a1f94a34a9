/** Second factors of one tenant over a memory store that can be looked into, in one process or several. */

import {
  type CodeMessage,
  createPrivacy,
  localKeys,
  type Message,
  type Notice,
  type Policy,
  type Store,
} from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { type CodeWindow, codeAt, stepAt } from '../../src/mfa/codes.ts'
import type { Attempts, FactorRecord } from '../../src/mfa/stored.ts'
import { parsePolicy } from '../../src/policy/define.ts'
import { kek } from '../keys/scene.ts'
import type { Enrolled } from './authenticator.ts'
import { verifierOf } from './authenticator.ts'

export const subject = 'customer-1'
export const label = 'person@example.com'

const { stepUp: _, ...mfaOfPilvi } = pilviPolicy.mfa

/** The Pilvi policy, offering all there is and demanding no proof. */
export const offering: Policy = parsePolicy({
  ...pilviPolicy,
  mfa: {
    ...mfaOfPilvi,
    factors: ['totp', 'hotp', 'passkey', 'recovery-code', 'contact-code', 'trusted-device'],
    stepUp: [],
  },
})

/** The same, asking for a step-up wherever one can be asked for. */
export const demanding: Policy = parsePolicy({
  ...offering,
  mfa: { ...offering.mfa, stepUp: ['erasure', 'export', 'factor-change'] },
})

/** What the tests' apps and tokens are: what most are. */
export const usual = { algorithm: 'sha1', digits: 6 } as const

interface SceneOptions {
  readonly backing?: ReturnType<typeof memoryBacking>
  readonly seed?: number | string
  readonly policy?: Policy
  readonly codeWindow?: CodeWindow
  readonly aroundStore?: (store: Store) => Store
  /** What the host's sender does beside taking messages down. */
  readonly onSend?: (message: Message) => Promise<void>
}

/** One process. Processes of one backing take seeds of their own. */
export function mfaScene({
  backing = memoryBacking(),
  seed = 1,
  policy = offering,
  codeWindow = 'default',
  aroundStore = (store) => store,
  onSend = async () => {},
}: SceneOptions = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
  const store = aroundStore(memoryStore({ backing }))
  const sent: CodeMessage[] = []
  const notices: Notice[] = []
  const sender = {
    send: async (message: Message) => {
      await onSend(message)
      if (message.kind === 'code') sent.push(message)
      else if (message.kind === 'notice') notices.push(message)
    },
  }
  const keys = localKeys([kek], environment)
  const passkeys = verifierOf()
  const options = { policy, store, keys, tenant: 'pilvi', environment, sender, passkeys, codeWindow }
  const privacy = createPrivacy(options)
  const { mfa } = privacy

  /** The code of a secret, so many steps from now. */
  const code = (secret: string, offset = 0): string =>
    codeAt({ secret, ...usual }, stepAt(environment.now()) + offset)
  /** The code of a token that was pressed so often before. */
  const pressed = (secret: string, count: number): string => codeAt({ secret, ...usual }, count)

  /** Enrols and confirms, and gives the secret; the clock then stands two steps later, where codes are fresh. */
  async function enrolled(who = subject): Promise<string> {
    const { secret } = await mfa.enrol(who, { label })
    await mfa.confirm(who, code(secret))
    environment.advance(60_000)
    return secret
  }

  /** A token that counts, whose first code confirmed it. */
  async function counting(who = subject): Promise<string> {
    const { secret } = await mfa.enrol(who, { factor: 'hotp', label })
    await mfa.confirm(who, { factor: 'hotp', code: pressed(secret, 0) })
    return secret
  }

  /** A passkey in an authenticator. */
  async function keyed(authenticator: Enrolled, who = subject): Promise<void> {
    const { challenge, options: asked } = await mfa.enrol(who, { factor: 'passkey', label })
    await mfa.confirm(who, { challenge, passkey: authenticator.create(asked) })
  }

  /** Recovery codes of a person whose app has that secret. */
  async function recoverable(secret: string, who = subject): Promise<readonly string[]> {
    const made = await mfa.recoveryCodes(who, code(secret))
    environment.advance(60_000)
    return made.outcome === 'accepted' ? made.codes : []
  }

  /** A code that is wrong now, and in the steps around. */
  function wrong(secret: string, n = 0): string {
    const right = [-2, -1, 0, 1, 2].map((offset) => code(secret, offset))
    for (let guess = n; ; guess++) {
      const text = String(guess % 1_000_000).padStart(6, '0')
      if (!right.includes(text)) return text
    }
  }

  const stored = <T>(collection: string, key: string): T | null => {
    const row = backing.records.get(collection)?.rows.get(key)
    return row === undefined ? null : (JSON.parse(row.json) as T)
  }
  const attempts = (who = subject) => stored<Attempts>('attempts', `pilvi/${who}`)
  const factor = (who = subject, place = 'totp') => stored<FactorRecord>('factors', `pilvi/${who}/${place}`)
  /** The keys of what is kept below a person. */
  const kept = (collection: string, who = subject): string[] =>
    [...(backing.records.get(collection)?.rows.keys() ?? [])].filter((key) => key.startsWith(`pilvi/${who}/`))
  /** Everything that is stored, as text. */
  const dump = (): string =>
    JSON.stringify([
      [...backing.records.values()].map(({ rows }) => [...rows]),
      [...backing.streams.values()].map((each) => [...each].map(([key, { entries }]) => [key, entries])),
    ])

  const helpers = { code, pressed, enrolled, counting, keyed, recoverable, wrong }
  return {
    backing,
    environment,
    store,
    privacy,
    mfa,
    sent,
    notices,
    attempts,
    factor,
    kept,
    dump,
    ...helpers,
  }
}

export type Scene = ReturnType<typeof mfaScene>
