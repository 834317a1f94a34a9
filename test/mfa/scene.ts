/** Second factors of one tenant over a memory store that can be looked into, in one process or several. */

import { createPrivacy, localKeys, type Policy, type Store } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import type { Attempts, FactorRecord } from '../../src/mfa/model.ts'
import { codeAt, stepAt } from '../../src/mfa/rules.ts'
import { kek } from '../keys/scene.ts'

export const subject = 'customer-1'
export const label = 'person@example.com'

interface SceneOptions {
  readonly backing?: ReturnType<typeof memoryBacking>
  readonly seed?: number | string
  readonly policy?: Policy
  readonly aroundStore?: (store: Store) => Store
}

/** One process. Processes of one backing take seeds of their own. */
export function mfaScene({
  backing = memoryBacking(),
  seed = 1,
  policy = pilviPolicy,
  aroundStore = (store) => store,
}: SceneOptions = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
  const store = aroundStore(memoryStore({ backing }))
  const keys = localKeys([kek], environment)
  const privacy = createPrivacy({ policy, store, keys, tenant: 'pilvi', environment })
  const { mfa } = privacy

  /** The code of a secret, so many steps from now. */
  const code = (secret: string, offset = 0): string => codeAt(secret, stepAt(environment.now()) + offset)

  /** Enrols and confirms, and gives the secret; the clock then stands two steps later, where codes are fresh. */
  async function enrolled(who = subject): Promise<string> {
    const { secret } = await mfa.enrol(who, { label })
    await mfa.confirm(who, code(secret))
    environment.advance(60_000)
    return secret
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
  const factor = (who = subject) => stored<FactorRecord>('factors', `pilvi/${who}/totp`)

  return { backing, environment, store, privacy, mfa, code, enrolled, wrong, attempts, factor }
}
