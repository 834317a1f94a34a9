/**
 * Keys as services use them: seals and opens with context, digests, refers to subjects and signs.
 *
 * A sealed value is AES-256-GCM under the subject's data key; tenant, subject, category, model, field and record are
 * authenticated with it. Statements are JWS in compact form, EdDSA only (RFC 7515, RFC 8037), each with its own `typ` and
 * the tenant in the signed header: one key signs for all tenants, and none vouches for another's statements.
 */

import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose'
import { IntegrityFailure, InvalidInput } from '../errors.ts'
import { parse } from '../parsing.ts'
import type { Keys, Standings } from '../services.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { checkValue } from '../values/json.ts'
import { checkText } from '../values/text.ts'
import { type Bytes, decrypt, encrypt, importKey } from './aes.ts'
import { createDataKeys, type DataKeys } from './data-keys.ts'
import { base64url, fromBase64url, keyedDigest, keyedDigests } from './digest.ts'
import { type SealContext, type Sealed, sealContextParser } from './model.ts'
import { createDigestSecrets, type DigestSecrets, type Installation } from './secrets.ts'
import { createSigningKeys, type SigningKeys } from './signing.ts'
import { createTokens } from './tokens.ts'

/** The secrets of the whole installation. */
export type Secrets = DigestSecrets & SigningKeys

export const createSecrets = (parts: Installation): Secrets => ({
  ...createDigestSecrets(parts),
  ...createSigningKeys(parts),
})

const encoder = new TextEncoder()
// Exactly what was sealed comes back: no byte order mark is dropped, nothing is replaced.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const sealedPattern = /^pv1\.([0-9a-z]{26})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)$/
/** The data key under which the ledger's references of a subject are made. */
const referenceCategory = '#ledger'

/** The digests of one tenant, which need no key of a subject. */
export function createDigests(tenant: string, secrets: Secrets): Pick<Keys, 'digest'> {
  const begun = new WeakMap<Uint8Array, ReturnType<typeof keyedDigests>>()
  return {
    async digest(use, parts) {
      const secret = await secrets.secret(`digest-${use}`)
      const digests = begun.get(secret) ?? keyedDigests(secret)
      begun.set(secret, digests)
      return digests([tenant, ...parts])
    },
  }
}

/** The keys of one tenant. */
export function createKeys(
  tenant: string,
  {
    secrets,
    ...given
  }: Installation & { readonly secrets: Secrets; readonly standings: Pick<Standings, 'touch'> },
): Keys {
  const { digest } = createDigests(tenant, secrets)
  const dataKeys = createDataKeys(tenant, { ...given, digest })
  return {
    ...createSealing(tenant, { ...given, dataKeys }),
    list: dataKeys.list,
    destroy: dataKeys.destroy,
    endDestruction: dataKeys.endDestruction,
    setAside: dataKeys.setAside,
    forget: dataKeys.forget,
    digest,
    async reference(subject) {
      const { material } = await dataKeys.active(subject, referenceCategory)
      return keyedDigest(material, [tenant, subject])
    },
    ...createSigning(tenant, secrets),
    ...createTokens(tenant, secrets),
  }
}

function createSealing(
  tenant: string,
  { environment, dataKeys }: Pick<Installation, 'environment'> & { dataKeys: DataKeys },
): Pick<Keys, 'seal' | 'open' | 'isSealed'> {
  const bound = ({ subject, category, model, field, record }: SealContext): Bytes =>
    encoder.encode(canonical([tenant, subject, category, model, field, record]))

  return {
    async seal(value, given) {
      const context = parse(sealContextParser, given, 'context')
      const plain = encoder.encode(checkText(value, 'value'))
      const { id, material } = await dataKeys.active(context.subject, context.category)
      const iv = environment.random(12)
      const text = await encrypt(await importKey(material), plain, { iv, bound: bound(context) })
      return `pv1.${id}.${base64url(iv)}.${base64url(text)}`
    },

    async open(sealed, given) {
      const context = parse(sealContextParser, given, 'context')
      const [, id = '', nonce = '', cipher = ''] = sealedPattern.exec(sealed) ?? []
      const iv = fromBase64url(nonce)
      const text = fromBase64url(cipher)
      const found = iv && text && (await dataKeys.find({ ...context, id }))
      if (!found) {
        const says = 'a sealed value does not open under this key and context'
        throw new IntegrityFailure('seal.rejected', says, { path: context.field })
      }
      if ('state' in found) return { erased: true, at: found.at }
      const opening = { iv, bound: bound(context), record: id }
      const plain = await decrypt(await importKey(found.material), text, opening)
      return { erased: false, value: decoder.decode(plain) }
    },

    isSealed: (value): value is Sealed => typeof value === 'string' && sealedPattern.test(value),
  }
}

function createSigning(
  tenant: string,
  secrets: SigningKeys,
): Pick<Keys, 'sign' | 'verify' | 'jwks' | 'signBytes' | 'publicKeys'> {
  return {
    async sign(payload, typ) {
      checkValue(payload, 'payload')
      const { privateKey, kid } = await secrets.signing()
      return new CompactSign(encoder.encode(canonical(payload as JsonValue)))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid, tenant })
        .sign(privateKey)
    },

    async verify(jws, typ) {
      const found = await secrets.verifying(signerOf(jws))
      if (found === null) throw notSigned()
      try {
        const { payload, protectedHeader } = await compactVerify(jws, found.publicKey, {
          algorithms: ['EdDSA'],
        })
        const { typ: signedAs, tenant: signedFor } = protectedHeader
        if (signedAs === typ && signedFor === tenant)
          return JSON.parse(decoder.decode(payload)) as Record<string, unknown>
      } catch {
        // Falls through: whatever was wrong with it, it is not ours.
      }
      throw notSigned()
    },

    async jwks() {
      return { keys: (await secrets.publicKeys()).map(({ jwk }) => ({ ...jwk })) }
    },

    async signBytes(bytes) {
      if (!isApartFromJws(bytes)) {
        const says = 'bytes must hold a line feed, and no dot before it'
        throw new InvalidInput('input.invalid', says, { path: 'bytes' })
      }
      const { privateKey, raw } = await secrets.signing()
      const signature = await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(bytes))
      return { publicKey: raw.slice(), signature: new Uint8Array(signature) }
    },

    publicKeys: async () => (await secrets.publicKeys()).map(({ raw }) => raw.slice()),
  }
}

/** The `kid` that a statement claims; no key has the empty one. */
function signerOf(jws: string): string {
  try {
    return decodeProtectedHeader(jws).kid ?? ''
  } catch {
    return ''
  }
}

const notSigned = (): IntegrityFailure =>
  new IntegrityFailure('seal.rejected', 'this is not a statement that was signed for this tenant', {
    path: 'jws',
  })

/** Whether bytes cannot be the signing input of a JWS, which is base64url with a dot (RFC 7515 §5.1). */
function isApartFromJws(bytes: Uint8Array): boolean {
  const [line, dot] = [bytes.indexOf(0x0a), bytes.indexOf(0x2e)]
  return line >= 0 && (dot < 0 || line < dot)
}
