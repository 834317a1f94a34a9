/** A controller with customers and members over a memory store that can be looked into, in one process or several. */

import {
  createPrivacy,
  localKeys,
  type Message,
  type Policy,
  type PolicyMessage,
  parsePolicy,
  type Store,
} from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { sound, the } from '../policy/sound.ts'

export const startedAt = '2026-11-23T10:00:00.000Z'

const customer = the(sound.groups, 'customer')

/** The sound policy with a second group, and one in each customer's tenant. */
export const policy: Policy = parsePolicy({
  ...sound,
  groups: {
    ...sound.groups,
    member: { ...customer, label: { en: 'Members', fi: 'Jäsenet' } },
    guest: { ...customer, label: { en: 'Guests', fi: 'Vieraat' }, tier: 'customer' },
  },
})

/** Its next version. */
export const next: Policy = parsePolicy({ ...policy, version: '2', date: '2027-01-01' })

export const by = { operator: 'agent-7' }

interface SceneOptions {
  readonly backing?: ReturnType<typeof memoryBacking>
  readonly store?: Store
  readonly seed?: number
  readonly policy?: Policy
  readonly aroundStore?: (store: Store) => Store
  /** What the host's sender does beside taking messages down; `null`: there is no sender. */
  readonly onSend?: ((message: PolicyMessage) => Promise<void>) | null
}

/** One process. Processes of one backing take seeds of their own. */
export function scene({
  backing = memoryBacking(),
  store: given = memoryStore({ backing }),
  seed = 1,
  policy: enforced = policy,
  aroundStore = (each) => each,
  onSend = async () => {},
}: SceneOptions = {}) {
  const environment = fixedEnvironment({ at: startedAt, seed })
  const store = aroundStore(given)
  const sent: PolicyMessage[] = []
  const sender = {
    async send(message: Message) {
      if (message.kind !== 'policy') throw new Error('no such message is sent here')
      await onSend?.(message)
      sent.push(message)
    },
  }
  const privacy = createPrivacy({
    ...{
      policy: enforced,
      store,
      keys: localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment),
      tenant: 'pilvi',
      environment,
    },
    ...(onSend !== null && { sender }),
  })
  const { notices, policies } = privacy

  /** Puts people into the register. */
  async function enrol(subjects: Iterable<string>, group = 'customer'): Promise<void> {
    for (const subject of subjects) {
      const fields = { name: 'N. N.', email: 'n@example.com' }
      await privacy.register.save({ group, subject, origin: 'subject', fields })
    }
  }

  async function erase(subject: string): Promise<void> {
    const { id } = await privacy.requests.open({ subject, kind: 'erasure', receivedBy: 'email' })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    const { digest } = await privacy.requests.plan(id)
    await privacy.requests.fulfil(id, { plan: digest })
  }

  /** Who is due, batch by batch. */
  const due = async (whom: Parameters<typeof notices.due>[0] = {}): Promise<string[][]> =>
    (await collect(notices.due(whom))).map(({ subjects }) => [...subjects])

  /** The acts in the ledger that begin so. */
  async function acts(beginning: string): Promise<string[]> {
    await privacy.ledger.sequence()
    const entries = await collect(privacy.ledger.list())
    return entries.map(({ action }) => action).filter((action) => action.startsWith(beginning))
  }

  return { backing, environment, store, privacy, notices, policies, sent, enrol, erase, due, acts }
}

/** Everything of an iterable. */
export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const some: T[] = []
  for await (const each of all) some.push(each)
  return some
}

/** So many ids. */
export const ids = (count: number, prefix = 'person'): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}-${String(n).padStart(4, '0')}`)
