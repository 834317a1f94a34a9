/**
 * Wrapping by the keyring: under its primary key, and unwrapping under the key that is named, as far as its status
 * allows. The keyring is read each time, so that a change holds in every process from its commit on; in a transaction of
 * the host's that shows an older state, from then on.
 *
 * Before a key is used for the first time in a process, the provider's commitment to it is held against the one on
 * record: another secret under a known id is refused before anything is wrapped or unwrapped under it. AES-GCM alone
 * would not tell: a text can be made that opens under two keys.
 *
 * Wraps are counted. Each process reserves a block of them by compare-and-set and counts it down in memory.
 */

import * as z from 'zod'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { JsonValue, Store, Versioned } from '../store.ts'
import { key, systemTenant } from '../values/key.ts'
import { type KeyEntry, type KeyProvider, keyringParser, type Wrapping } from './model.ts'
import { firstEntries, grantOf, mayUnwrap, primaryOf, refused } from './rules.ts'
import { keysCollection, madeOnce } from './secrets.ts'

/** What the keyring is kept and used with; the store is never one inside a transaction of the host's. */
export interface KeyringParts {
  readonly store: Store
  readonly environment: Environment
  readonly provider: KeyProvider
}

/** The keyring as others use it. */
export interface KeyringWrapping {
  /** Wraps and unwraps, reading the keyring from this store. */
  through(store: Pick<Store, 'get'>): Wrapping
  /** The same under entries that were read already, for many keys at once. */
  under(entries: readonly KeyEntry[]): Wrapping
  /** The keyring as it stands, made where there is none; `version` is that of its record. */
  read(): Promise<{ readonly entries: readonly KeyEntry[]; readonly version: number }>
  /** The provider's commitment to a key. @throws InvalidInput `input.invalid` where it does not have the key */
  commitment(id: string): Promise<string>
  /** @throws IntegrityFailure `seal.rejected` where the provider has no such key, or another one under this id */
  check(entry: KeyEntry): Promise<void>
  /** How many wraps of a key are reserved. */
  reserved(id: string): Promise<number>
}

export const keyringRef = { collection: keysCollection, key: key(systemTenant, 'keyring') }
const wrapsKey = (id: string): string => key(systemTenant, 'wraps', id)

const keyIdsParser = z.array(idParser).min(1)
const wrapsParser = z.object({ reserved: z.int().min(0) })

/**
 * Makes the wrapping of an installation.
 * @throws InvalidInput `input.invalid` where the provider names no keys
 */
export function createWrapping(parts: KeyringParts): KeyringWrapping {
  parse(keyIdsParser, Object(parts.provider).keyIds, 'keys.keyIds')
  const take = counting(parts)
  const check = checking(parts)
  const read = async (
    store: Pick<Store, 'get'>,
  ): Promise<{ entries: readonly KeyEntry[]; version: number }> => {
    const [found] = await store.get(keysCollection, [keyringRef.key])
    const { value, version } = found ?? (await present(parts))
    return { version, entries: parseStored(keyringParser, value, keyringRef.key).entries }
  }
  const under = (entries: readonly KeyEntry[]): Wrapping => wrappingUnder(entries, { ...parts, take, check })
  return {
    through: (store) => ({
      wrap: async (material, context) => under((await read(store)).entries).wrap(material, context),
      unwrap: async (wrapped, context) => under((await read(store)).entries).unwrap(wrapped, context),
      mayUnwrap: async (keyId) => under((await read(store)).entries).mayUnwrap(keyId),
    }),
    under,
    read: () => read(parts.store),
    commitment: (id) => commitmentOf(parts.provider, id),
    check,
    reserved: async (id) => (await countOf(parts.store, id)).reserved,
  }
}

interface Checks extends Pick<KeyringParts, 'provider'> {
  take(id: string): Promise<void>
  check(entry: KeyEntry): Promise<void>
}

const wrappingUnder = (entries: readonly KeyEntry[], { provider, take, check }: Checks): Wrapping => ({
  async wrap(material, context) {
    const primary = primaryOf(entries)
    await check(primary)
    await take(primary.id)
    return { keyId: primary.id, wrapped: await provider.wrap(material, { keyId: primary.id, context }) }
  },
  async unwrap({ keyId, wrapped }, context) {
    const entry = entries.find(({ id }) => id === keyId)
    if (!entry) throw notOurs(keyId)
    if (!mayUnwrap(entry.status)) throw refused(keyId, `it is ${entry.status}`)
    await check(entry)
    return provider.unwrap(wrapped, { keyId, context })
  },
  mayUnwrap: async (keyId) => entries.some(({ id, status }) => id === keyId && mayUnwrap(status)),
})

/** The record of the keyring, made where there is none. */
const present = (parts: KeyringParts): Promise<Versioned> =>
  madeOnce(parts, keyringRef.key, async () => {
    const keys = parts.provider.keyIds.map(async (id) => {
      return { id, commitment: await commitmentOf(parts.provider, id) }
    })
    return { entries: firstEntries(await Promise.all(keys), parts.environment.now()) } as unknown as JsonValue
  })

async function commitmentOf(provider: KeyProvider, id: string): Promise<string> {
  parse(
    idParser.refine((each) => provider.keyIds.includes(each)),
    id,
    'id',
  )
  return parse(idParser, await provider.commitment(id), 'keys.commitment')
}

/** Holds a key against its commitment on record, once in a process; a failure is not remembered. */
function checking({ provider }: KeyringParts): Checks['check'] {
  const known = new Map<string, string>()
  return async ({ id, commitment }) => {
    if (known.get(id) === commitment) return
    if (!provider.keyIds.includes(id) || (await commitmentOf(provider, id)) !== commitment) throw notOurs(id)
    known.set(id, commitment)
  }
}

const notOurs = (record: string): IntegrityFailure =>
  new IntegrityFailure('seal.rejected', 'the provider does not have the key of this id that is on record', {
    record,
  })

/** Takes one wrap of a key from the block that this process holds, and reserves another block where there is none. */
function counting(parts: KeyringParts): Checks['take'] {
  const left = new Map<string, number>()
  const reserving = new Map<string, Promise<void>>()
  const reserve = (id: string): Promise<void> => {
    const running = reserving.get(id)
    if (running) return running
    const begun = granted(parts, id)
      .then((count) => void left.set(id, (left.get(id) ?? 0) + count))
      .finally(() => reserving.delete(id))
    reserving.set(id, begun)
    return begun
  }
  return async (id) => {
    while ((left.get(id) ?? 0) < 1) await reserve(id)
    left.set(id, (left.get(id) ?? 0) - 1)
  }
}

/** Reserves the next block of a key's wraps. @throws Conflict `conflict.state` where there are none left */
const granted = (parts: KeyringParts, id: string): Promise<number> =>
  settle(parts, async () => {
    const { reserved, expect } = await countOf(parts.store, id)
    const result = grantOf(id, reserved)
    const put = { collection: keysCollection, key: wrapsKey(id) }
    return { changes: [{ put, value: { reserved: reserved + result }, expect }], result }
  })

async function countOf(store: Store, id: string): Promise<{ reserved: number; expect: number | 'absent' }> {
  const at = wrapsKey(id)
  const [found] = await store.get(keysCollection, [at])
  if (!found) return { reserved: 0, expect: 'absent' }
  return { ...parseStored(wrapsParser, found.value, at), expect: found.version }
}
