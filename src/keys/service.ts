/**
 * The shell around keys: finds, makes and destroys them in the store, and seals, digests and signs with them.
 *
 * Keys of the whole installation (digest secrets, the signing key) live under the system tenant and are made on first
 * use; two processes that make one at the same time agree on the first. Data keys are never cached, so a destroyed
 * key stops working at once, everywhere.
 */

import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, newId } from '../environment.ts'
import { Conflict, IntegrityFailure } from '../errors.ts'
import type { Keys } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { canonical, key, systemTenant } from '../values.ts'
import { base64url, fromBase64url, keyedDigest } from './digest.ts'
import { decrypt, encrypt, importKey } from './local.ts'
import type { DataKeyRecord, DigestUse, KeyProvider, SealContext, Sealed, WrappedKey } from './model.ts'

const collection = collections.keys.name
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const sealedPattern = /^pv1\.([0-9a-z]{26})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)$/
/** The data key under which the ledger's references of a subject are made. */
const referenceCategory = '#ledger'

interface Installation {
  readonly store: Store
  readonly environment: Environment
  readonly provider: KeyProvider
}

/** Secrets of the whole installation, made once and kept in memory. */
export interface Secrets {
  secret(name: string): Promise<Uint8Array<ArrayBuffer>>
}

/** Reads or makes the installation's secrets: 32 random bytes each, wrapped at rest. */
export function createSecrets({ store, environment, provider }: Installation): Secrets {
  const known = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  const load = (name: string): Promise<Uint8Array<ArrayBuffer>> =>
    settle({ store, environment }, async () => {
      const at = key(systemTenant, 'secret', name)
      const [found] = await store.get(collection, [at])
      if (found) {
        const { material } = found.value as { material: JsonValue }
        return { changes: [], result: await provider.unwrap(material as unknown as WrappedKey, at) }
      }
      const made = environment.random(32)
      const material = { ...(await provider.wrap(made, at)) }
      const value = { at: environment.now(), material }
      return { changes: [{ put: { collection, key: at }, value, expect: 'absent' }], result: made }
    })
  return {
    secret(name) {
      const found = known.get(name) ?? load(name)
      known.set(name, found)
      // A failed load is not remembered: the store may be back by the next call.
      found.catch(() => known.delete(name))
      return found
    },
  }
}

/** The keys of one tenant. */
export function createKeys(
  tenant: string,
  { secrets, ...installation }: Installation & { secrets: Secrets },
): Keys {
  const { store, environment, provider } = installation

  async function place(subject: string, category: string): Promise<string> {
    return key(tenant, 'data', await digest('subject', [subject]), category)
  }

  const digest = async (use: DigestUse, parts: readonly string[]): Promise<string> =>
    keyedDigest(await secrets.secret(`digest-${use}`), [tenant, ...parts])

  const unwrap = (record: DataKeyRecord, at: string): Promise<Uint8Array<ArrayBuffer>> =>
    provider.unwrap(record.material as WrappedKey, `${at}\n${record.id}`)

  /** The subject's active data key, made where there is none. */
  async function dataKey(
    subject: string,
    category: string,
  ): Promise<{ id: string; material: Uint8Array<ArrayBuffer> }> {
    const at = await place(subject, category)
    return settle({ store, environment }, async () => {
      const [found] = await store.get(collection, [at])
      if (found) {
        const record = dataKeyRecord(found)
        if (record.state === 'destroyed') {
          throw new Conflict('conflict.erased', 'the keys of this subject were destroyed', {
            record: record.id,
          })
        }
        return { changes: [], result: { id: record.id, material: await unwrap(record, at) } }
      }
      const made = environment.random(32)
      const id = newId(environment)
      const material = { ...(await provider.wrap(made, `${at}\n${id}`)) }
      const value = { id, category, state: 'active', at: environment.now(), material }
      const put: Change = { put: { collection, key: at }, value, expect: 'absent' }
      return { changes: [put], result: { id, material: made } }
    })
  }

  async function* dataKeys(subject: string): AsyncIterable<{ found: Versioned; record: DataKeyRecord }> {
    const prefix = `${key(tenant, 'data', await digest('subject', [subject]))}/`
    for await (const found of store.scan(collection, { prefix }))
      yield { found, record: dataKeyRecord(found) }
  }

  const bound = (context: SealContext): Uint8Array<ArrayBuffer> =>
    encoder.encode(
      canonical([tenant, context.subject, context.category, context.model, context.field, context.record]),
    )

  return {
    async seal(value, context) {
      const { id, material } = await dataKey(context.subject, context.category)
      const iv = environment.random(12)
      const text = await encrypt(await importKey(material), encoder.encode(value), {
        iv,
        bound: bound(context),
      })
      return `pv1.${id}.${base64url(iv)}.${base64url(text)}`
    },

    async open(sealed, context) {
      const [, id = '', nonce = '', cipher = ''] = sealedPattern.exec(sealed) ?? []
      const iv = fromBase64url(nonce)
      const text = fromBase64url(cipher)
      const at = await place(context.subject, context.category)
      const [found] = await store.get(collection, [at])
      const record = found && dataKeyRecord(found)
      if (!record || record.id !== id || !iv || !text) {
        throw new IntegrityFailure(
          'seal.rejected',
          'a sealed value does not open under this key and context',
          {
            path: context.field,
          },
        )
      }
      if (record.state === 'destroyed') return { erased: true, at: record.at }
      const material = await importKey(await unwrap(record, at))
      const plain = await decrypt(material, text, { iv, bound: bound(context), record: id })
      return { erased: false, value: decoder.decode(plain) }
    },

    isSealed: (value): value is Sealed => typeof value === 'string' && sealedPattern.test(value),

    async categories(subject) {
      const names: string[] = []
      for await (const { record } of dataKeys(subject))
        if (record.state === 'active') names.push(record.category)
      return names
    },

    async destroy(subject, categories) {
      const ids: string[] = []
      for await (const { found, record } of dataKeys(subject)) {
        if (!categories.includes(record.category)) continue
        ids.push(record.id)
        await settle({ store, environment }, async () => {
          const [now] = await store.get(collection, [found.key])
          if (!now || dataKeyRecord(now).state === 'destroyed') return { changes: [], result: undefined }
          const value = {
            id: record.id,
            category: record.category,
            state: 'destroyed',
            at: environment.now(),
          }
          return {
            changes: [{ put: { collection, key: now.key }, value, expect: now.version }],
            result: undefined,
          }
        })
      }
      return ids
    },

    async forget(subjectDigest) {
      const changes: Change[] = []
      const prefix = `${key(tenant, 'data', subjectDigest)}/`
      for await (const found of store.scan(collection, { prefix })) {
        if (dataKeyRecord(found).state === 'active') continue
        changes.push({ remove: { collection, key: found.key }, expect: found.version })
      }
      return changes
    },

    digest,

    async reference(subject) {
      const { material } = await dataKey(subject, referenceCategory)
      return keyedDigest(material, [tenant, subject])
    },

    async sign(payload, typ) {
      const { privateKey, publicJwk } = await signingKey(secrets)
      return new CompactSign(encoder.encode(canonical(payload as JsonValue)))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: publicJwk.kid as string })
        .sign(privateKey)
    },

    async verify(jws, typ) {
      const { publicJwk } = await signingKey(secrets)
      const publicKey = await importJWK(publicJwk, 'EdDSA')
      try {
        const { payload, protectedHeader } = await compactVerify(jws, publicKey, { algorithms: ['EdDSA'] })
        if (protectedHeader.typ === typ) return JSON.parse(decoder.decode(payload)) as Record<string, unknown>
      } catch {
        // Falls through: whatever was wrong with it, it is not ours.
      }
      throw new IntegrityFailure('seal.rejected', 'this is not a statement that this library signed', {
        path: 'jws',
      })
    },

    async jwks() {
      const { publicJwk } = await signingKey(secrets)
      return { keys: [{ ...publicJwk }] }
    },
  }
}

function dataKeyRecord({ value, key: at }: Versioned): DataKeyRecord {
  const record = value as unknown as DataKeyRecord
  const known = record?.state === 'active' ? record.material !== undefined : record?.state === 'destroyed'
  if (!known || typeof record.id !== 'string') {
    throw new IntegrityFailure('record.corrupt', 'a stored data key is not what it should be', { record: at })
  }
  return record
}

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)

async function signingKey(secrets: Secrets): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  const seed = await secrets.secret('signing')
  const pkcs8 = new Uint8Array(pkcs8Prefix.length + seed.length)
  pkcs8.set(pkcs8Prefix)
  pkcs8.set(seed, pkcs8Prefix.length)
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, true, ['sign'])
  const { kty = 'OKP', crv = 'Ed25519', x = '' } = await crypto.subtle.exportKey('jwk', privateKey)
  const publicJwk: JWK = { kty, crv, x }
  return {
    privateKey,
    publicJwk: { ...publicJwk, alg: 'EdDSA', use: 'sig', kid: await calculateJwkThumbprint(publicJwk) },
  }
}
