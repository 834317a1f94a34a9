/** A scene on a memory store that can be looked into and made to fail, and the same data under another policy. */

import { createPrivacy, localKeys, type Policy, parsePolicy } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { faulty } from './faults.ts'
import { scene, secret } from './scene.ts'

export type Held = ReturnType<typeof held>

export function held() {
  const backing = memoryBacking()
  const faults = faulty(memoryStore({ backing }))
  return { backing, faults, ...scene({ store: faults.store }) }
}

/** The same data under another policy, as after a new version was deployed. */
export const under = ({ store, environment }: Held, policy: Policy) =>
  createPrivacy({
    policy,
    store,
    environment,
    keys: localKeys([{ id: 'k1', secret }], environment),
    tenant: 'pilvi',
  })

const { payment: declared, ...others } = pilviPolicy.retention

/** How long payment details are kept, as Pilvi's policy has it, and a policy that has it otherwise. */
export const payment = declared
export const withPayment = (of: object): Policy =>
  parsePolicy({ ...pilviPolicy, retention: { ...others, payment: of } })
