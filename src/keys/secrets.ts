/**
 * The secrets of the whole installation: what digests are keyed with. They live under the system tenant, wrapped, and
 * are made on first use; of two processes that make one at the same time the first wins and the other takes what it
 * made. No rotation replaces them, only their wrapping: what they name must be found again.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key, systemTenant } from '../values/key.ts'
import { digestOf } from './digest.ts'
import type { Bytes } from './local.ts'
import { secretParser, type WrappedKey, type Wrapping } from './model.ts'

export const keysCollection = collections.keys.name

/** What keys are made of. */
export interface Installation {
  readonly store: Store
  readonly environment: Environment
  readonly provider: Wrapping
}

/** Secrets that digests are keyed with, made once and kept in memory. */
export interface DigestSecrets {
  secret(name: string): Promise<Bytes>
}

/** Where a secret is kept. */
export const secretKey = (name: string): string => key(systemTenant, 'secret', name)

/** What the wrapping of a secret is bound to: its place and, of the key that signs, the public keys before it. */
export const contextOfSecret = (at: string, former: readonly string[] = []): string =>
  former.length === 0 ? at : `${at}\n${digestOf([...former])}`

/** Reads or makes the installation's secrets: 32 random bytes each, wrapped at rest. */
export function createDigestSecrets({ store, environment, provider }: Installation): DigestSecrets {
  const load = async (name: string): Promise<Bytes> => {
    const at = secretKey(name)
    const { value } = await madeOnce({ store, environment }, at, async () => {
      const material = { ...(await provider.wrap(environment.random(32), contextOfSecret(at))) }
      return { at: environment.now(), material }
    })
    const { material } = parseStored(secretParser, value, at)
    return unwrapped(provider, { material, context: contextOfSecret(at) })
  }
  const known = new Map<string, () => Promise<Bytes>>()
  const secret = (name: string): Promise<Bytes> => {
    const found = known.get(name) ?? remembered(() => load(name))
    known.set(name, found)
    return found()
  }
  return { secret }
}

/** The answer of a call that succeeded, from then on. A failure is not kept: the store may be back by the next call. */
function remembered<T>(load: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined
  return () => {
    if (known === undefined) {
      known = load()
      known.catch(() => {
        known = undefined
      })
    }
    return known
  }
}

/**
 * A record of the installation, made where there is none; of two processes that make it the first wins.
 * @throws IntegrityFailure `record.corrupt` where it is gone as soon as it was made: nothing may rest on it then
 */
export async function madeOnce(
  { store, environment }: Omit<Installation, 'provider'>,
  at: string,
  make: () => Promise<JsonValue>,
): Promise<Versioned> {
  const read = async () => (await store.get(keysCollection, [at]))[0]
  const put = async (): Promise<Change> => {
    return { put: { collection: keysCollection, key: at }, value: await make(), expect: 'absent' }
  }
  const there = await settle({ store, environment }, async () => {
    const result = await read()
    return { changes: result ? [] : [await put()], result }
  })
  const found = there ?? (await read())
  if (found) return found
  throw new IntegrityFailure('record.corrupt', 'a record of the installation is gone', { record: at })
}

/** Key material as it was wrapped. @throws IntegrityFailure `seal.rejected`, `record.corrupt` */
export async function unwrapped(
  provider: Wrapping,
  { material, context }: { material: WrappedKey; context: string },
): Promise<Bytes> {
  const bytes = await provider.unwrap(material, context)
  if (bytes.length === 32) return bytes
  throw new IntegrityFailure('record.corrupt', 'what the key provider unwrapped is no key', {
    record: material.keyId,
  })
}
