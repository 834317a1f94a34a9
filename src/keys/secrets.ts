/**
 * The secrets of the whole installation: what digests are keyed with. They live under the system tenant, wrapped, and
 * are made on first use; of two processes that make one at the same time the first wins and the other takes what it
 * made. No rotation replaces them, only their wrapping: what they name must be found again.
 *
 * A secret that is lost is never made anew: under another one a denial or an erasure would not be found, and the person
 * would be taken for one who may be contacted, or kept again. So a fingerprint of each is kept in another collection, by
 * the commit that makes the secret. Where there is a fingerprint, and no secret or another one, everything that needs it
 * is refused. A secret from before there were fingerprints gets its own when it is first read. Whoever loses both, or
 * removes both, is not found out.
 */

import * as z from 'zod'

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { IntegrityFailure } from '../errors.ts'
import { parseStored } from '../parsing.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key, systemTenant } from '../values/key.ts'
import type { Bytes } from './aes.ts'
import { digestOf, keyedDigest, sameText } from './digest.ts'
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

const fingerprintParser = z.object({ fingerprint: z.string() })

/**
 * Reads or makes the installation's secrets: 32 random bytes each, wrapped at rest. They are given or refused with
 * IntegrityFailure `record.corrupt`, whose `record` is the secret's place, where one is lost or is another.
 */
export function createDigestSecrets(parts: Installation): DigestSecrets {
  const known = new Map<string, () => Promise<Bytes>>()
  const secret = (name: string): Promise<Bytes> => {
    const found = known.get(name) ?? remembered(() => load(parts, name))
    known.set(name, found)
    return found()
  }
  return { secret }
}

async function load(parts: Installation, name: string): Promise<Bytes> {
  const { secret, complete } = await settle(parts, async () => {
    const { secret, changes } = await fingerprinted(parts, name)
    return { changes, result: { secret, complete: changes.length === 0 } }
  })
  if (complete) return secret
  // Nothing may rest on a secret before it is seen to be there, and to open.
  const again = await fingerprinted(parts, name)
  if (again.changes.length === 0) return again.secret
  throw lost(secretKey(name))
}

/** The secret as it stands or a new one, and what is missing in the store of it and its fingerprint. */
async function fingerprinted(
  { store, environment, provider }: Installation,
  name: string,
): Promise<{ secret: Bytes; changes: Change[] }> {
  const at = secretKey(name)
  const context = contextOfSecret(at)
  // The fingerprint first: it is made with the secret, so that where it was seen the secret is there.
  const [mark] = await store.get(collections.tenants.name, [at])
  const [found] = await store.get(keysCollection, [at])
  if (mark && !found) throw lost(at)
  const changes: Change[] = []
  const put = (collection: string, value: JsonValue): void =>
    void changes.push({ put: { collection, key: at }, value, expect: 'absent' })
  const secret = found
    ? await unwrapped(provider, { ...parseStored(secretParser, found.value, at), context })
    : environment.random(32)
  if (!found) {
    const material = { ...(await provider.wrap(secret, context)) }
    put(keysCollection, { at: environment.now(), material })
  }
  const fingerprint = keyedDigest(secret, ['fingerprint', name])
  if (!mark) put(collections.tenants.name, { fingerprint })
  else if (!sameText(parseStored(fingerprintParser, mark.value, at).fingerprint, fingerprint)) throw lost(at)
  return { secret, changes }
}

const lost = (record: string): IntegrityFailure =>
  new IntegrityFailure('record.corrupt', 'a secret that digests are keyed with is lost, or is another', {
    record,
  })

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
