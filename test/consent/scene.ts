/** A controller on a memory store whose backing, clock and store calls a test can look at. */

import { createPrivacy, localKeys, type Policy, type Store } from '@pilvi/privacy'
import { type MemoryBacking, memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'

export const startedAt = '2026-11-23T10:00:00.000Z'

/** A real store around which every call is written down. */
function counted(store: Store): { store: Store; calls: string[] } {
  const calls: string[] = []
  const noted: Store = {
    name: store.name,
    migrate: store.migrate,
    visits: store.visits,
    bulk: store.bulk,
    close: () => store.close(),
    get: (collection, keys) => {
      calls.push(`get ${collection} ${keys.length}`)
      return store.get(collection, keys)
    },
    scan: (collection, range) => {
      calls.push(`scan ${collection}`)
      return store.scan(collection, range)
    },
    commit: (changes) => {
      calls.push(`commit ${changes.length}`)
      return store.commit(changes)
    },
  }
  return { store: noted, calls }
}

/**
 * @param options `over`: a backing that another scene filled; `store`: one on that backing; `waits`: whether lost races
 *   are waited out, which takes time, or retried at once
 */
export function scene<const P extends Policy>(
  policy: P,
  options: {
    readonly seed?: number
    readonly over?: MemoryBacking
    readonly store?: Store
    readonly waits?: 'really'
  } = {},
) {
  const { seed = 1, over: backing = memoryBacking() } = options
  const { store, calls } = counted(options.store ?? memoryStore({ backing }))
  const environment = fixedEnvironment({ at: startedAt, seed })
  if (options.waits) environment.wait = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds))
  const keys = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const privacy = createPrivacy({ policy, store, keys, tenant: 'pilvi', environment })

  /** Erases a person by the whole of the policy's own process. */
  async function erase(subject: string, of: Pick<typeof privacy, 'requests'> = privacy) {
    const { id } = await of.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await of.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const plan = await of.requests.plan(id)
    return { id, report: await of.requests.fulfil(id, { plan: plan.digest }) }
  }

  return { backing, store, calls, environment, privacy, erase }
}

/** Somebody who speaks for another, and what shows it. */
export const proxy = { role: 'attorney', evidence: { digest: 'ab'.repeat(32) } } as const

export const pilvi = (options?: Parameters<typeof scene>[1]) => scene(pilviPolicy, options)

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** A customer with everything that is asked of one. */
export const customer = {
  group: 'customer',
  subject: 'customer-1',
  origin: 'customer',
  fields: { contactPerson: 'Testi Henkilö', email: 'testi@example.com', vatId: 'FI20774740' },
} as const
