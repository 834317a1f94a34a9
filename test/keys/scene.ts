/** Keys over a memory store that can be looked into, in one process or several. */

import { type MemoryBacking, memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import { createStandings } from '../../src/consent/standings.ts'
import { createKeyring } from '../../src/keys/keyring.ts'
import { type LocalKey, localKeys } from '../../src/keys/local.ts'
import type { KeyProvider, SealContext, Wrapping } from '../../src/keys/model.ts'
import { createDigests, createKeys, createSecrets } from '../../src/keys/service.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import { createLedger } from '../../src/ledger/service.ts'
import type { Keys, Standings } from '../../src/services.ts'
import type { Store } from '../../src/store.ts'
import { fixedEnvironment } from '../../src/testing/index.ts'

export const kek: LocalKey = { id: 'kek-1', secret: new Uint8Array(32).fill(7) }

export const context: SealContext = {
  subject: 'customer-1',
  category: 'payment',
  model: 'register',
  field: 'paymentDetails',
  record: 'customer',
}

interface SceneOptions {
  readonly backing?: MemoryBacking
  readonly seed?: number | string
  readonly ring?: readonly [LocalKey, ...LocalKey[]]
  /** Something around the provider. */
  readonly aroundProvider?: (provider: KeyProvider) => KeyProvider
  /** Something around what wraps by the keyring. */
  readonly around?: (wrapping: Wrapping) => Wrapping
  readonly aroundStore?: (store: Store) => Store
}

/** One process: a store on the backing, secrets in memory, and the keys of any tenant. */
export function keysScene({
  backing = memoryBacking(),
  seed = 1,
  ring = [kek],
  aroundProvider = (provider) => provider,
  around = (wrapping) => wrapping,
  aroundStore = (store) => store,
}: SceneOptions = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
  const store = aroundStore(memoryStore({ backing }))
  const installed = { store, environment, provider: aroundProvider(localKeys(ring, environment)) }
  const wrapping = createWrapping(installed)
  const provider = around(wrapping.through(store))
  const secrets = createSecrets({ store, environment, provider })
  const standings = (id: string): Standings =>
    createStandings(id, { store, keys: createDigests(id, secrets) })
  const tenant = (id: string): Keys =>
    createKeys(id, { store, environment, provider, secrets, standings: standings(id) })
  const keys = tenant('pilvi')
  const ledger = createLedger('pilvi', { store, environment, keys, origin: 'test/pilvi' })
  const keyring = createKeyring({ ...installed, ring: wrapping, signing: secrets, ledger })
  return {
    backing,
    environment,
    wrapping,
    provider,
    store,
    secrets,
    standings,
    tenant,
    keys,
    keyring,
    ledger,
  }
}

/** The stored text of the one key record whose key holds a text. */
export function keyRecord(
  backing: MemoryBacking,
  part: string,
): { key: string; value: Record<string, unknown> } {
  const rows = [...(backing.records.get('keys')?.rows ?? [])].filter(([key]) => key.includes(part))
  const [[key, row] = ['', undefined]] = rows
  if (rows.length !== 1 || row === undefined) throw new Error(`${rows.length} key records hold ${part}`)
  return { key, value: JSON.parse(row.json) as Record<string, unknown> }
}

/** Overwrites a stored record beside the store's verbs. */
export function tamper(
  backing: MemoryBacking,
  { collection = 'keys', key, value }: { collection?: string; key: string; value: unknown },
): void {
  backing.version += 1
  backing.records.get(collection)?.rows.set(key, { version: backing.version, json: JSON.stringify(value) })
}

/** The error a promise is rejected with; a test fails where it is not. */
export async function refusal(call: Promise<unknown>): Promise<unknown> {
  const given = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (given === undefined) throw new Error('was not refused')
  return given
}

/** The categories under which a subject has data keys. */
export const categoriesOf = async (keys: Pick<Keys, 'list'>, subject: string): Promise<string[]> =>
  (await keys.list(subject)).map(({ category }) => category)

/** Destroys a subject's keys of some categories, or all of them; gives their ids. */
export async function destroyKeys(
  keys: Pick<Keys, 'list' | 'destroy'>,
  subject: string,
  categories?: readonly string[],
): Promise<string[]> {
  const named = (await keys.list(subject)).filter(({ category }) => categories?.includes(category) ?? true)
  const ids = named.map(({ id }) => id)
  return (await keys.destroy(subject, ids)).map(({ id }) => id)
}
