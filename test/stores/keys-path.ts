/** Keys on a real database: rotation while the service runs, its races, and what is left under the old key. */

import { createPrivacy, localKeys, type RewrapStep, type Store } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { expect } from 'vitest'
import { refusal } from '../keys/scene.ts'

const by = { operator: 'agent-7' }
const people = Array.from({ length: 30 }, (_, n) => `person-${n}`)
const place = (subject: string) =>
  ({ subject, category: 'delivery', model: 'orders', field: 'note', record: 'order-1' }) as const

/** Two processes, which share the database and two keys. */
function processes(store: Store) {
  const [old, fresh] = [1, 2].map((n) => ({ id: `key-${n}`, secret: new Uint8Array(32).fill(n) }))
  if (!old || !fresh) throw new Error('no keys')
  return [1, 2].map((seed) => {
    const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
    const keys = localKeys([old, fresh], environment)
    return {
      environment,
      ...createPrivacy({ policy: pilviPolicy, store, keys, tenant: 'keys-path', environment }),
    }
  })
}

/** Walks the path. @param dump everything that the database holds, as texts */
export async function rotatesTheKeys(store: Store, dump: () => Promise<readonly string[]>): Promise<void> {
  const [one, other] = processes(store)
  if (!one || !other) throw new Error('no processes')
  const sealed = await Promise.all(
    people.map((subject, n) =>
      (n % 2 ? one : other).tenant(`customer-${n % 3}`).keys.seal(subject, place(subject)),
    ),
  )
  const opens = async () => {
    for (const [n, subject] of people.entries())
      expect(await other.tenant(`customer-${n % 3}`).keys.open(sealed[n] ?? '', place(subject))).toEqual({
        erased: false,
        value: subject,
      })
  }
  const under = async (id: string) => (await dump()).filter((row) => wraps(row, id)).length
  const tenants: string[] = []
  for await (const tenant of one.tenants()) tenants.push(tenant)
  expect(tenants).toEqual(['customer-0', 'customer-1', 'customer-2'])
  expect(await under('key-1')).toBeGreaterThanOrEqual(people.length)

  const promotions = await Promise.allSettled([one, other].map(({ keyring }) => keyring.promote('key-2', by)))
  expect(promotions.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])

  // Two walks at once, one of them cut off, while new keys are made and a person is erased.
  const cut = async () => {
    for await (const { cursor } of one.keyring.rewrap({ ...by, batch: 7 })) return cursor
    return ''
  }
  const walk = async (of: typeof one, after?: string) => {
    const steps: RewrapStep[] = []
    for await (const step of of.keyring.rewrap({ ...by, batch: 7, ...(after && { after }) })) steps.push(step)
    return steps
  }
  const [cursor] = await Promise.all([
    cut(),
    walk(other),
    ...['a', 'b', 'c'].map((id) => one.tenant('customer-9').keys.seal(id, place(id))),
  ])
  await walk(one, cursor)
  expect(await under('key-1')).toBe(0)
  await opens()

  await one.keyring.disable('key-1', by)
  expect(await refusal(one.keyring.destroy('key-1', by))).toMatchObject({ code: 'conflict.state' })
  one.environment.advance(5 * 60_000)
  await one.keyring.destroy('key-1', by)
  await opens()
  const listed: [string, string][] = []
  for await (const { id, status } of other.keyring.list()) listed.push([id, status])
  expect(listed).toEqual([
    ['key-1', 'destroyed'],
    ['key-2', 'primary'],
  ])

  await one.ledger.sequence()
  expect((await one.ledger.verify()).outcome).toBe('intact')
  const kid = await other.keyring.rotateSigning(by)
  const { keys } = await one.keys.jwks()
  expect([keys[0]?.['kid'], keys.length]).toEqual([kid, 2])
  await one.ledger.sequence()
  expect((await other.ledger.verify()).outcome).toBe('intact')
}

/** Whether a row holds something that a key has wrapped. */
const wraps = (row: string, id: string): boolean => new RegExp(`keyId\\W+${id}\\W`).test(row)
