/**
 * Versions of the policy on record, for the whole installation. A version is published once; its name cannot be used for
 * another content. What is read is held against its digest, so that nobody is shown as policy what was not published.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { Conflict, IntegrityFailure, NotFound } from '../errors.ts'
import { digestOf } from '../keys/digest.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import { policyValue } from '../policy/version.ts'
import type { LedgerWriter } from '../services.ts'
import type { JsonValue, Store, Versioned } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { key, systemTenant } from '../values/key.ts'
import { limits, tooLarge } from '../values/limits.ts'
import { utf8Length } from '../values/text.ts'
import { type PolicyVersion, publisherParser, type VersionName, versionParser } from './model.ts'

const collection = collections.policies.name

/** Room for what stands beside the policy in its record. */
const envelope = 2_000

/** The versions of the policy. */
export interface Policies {
  /**
   * Puts the policy that `createPrivacy` was given on record, in force from its date. Publishing it again changes nothing.
   * @throws Conflict `conflict.state` where this version was published with another content
   * @throws InvalidInput `input.invalid`; `input.too-large` for a policy of nearly a megabyte
   * @see the policy, "Updates"; GDPR 5(2)
   */
  publish(by: { readonly operator: string }): Promise<PolicyVersion>
  /** The versions of this policy, in the order of their dates. @throws IntegrityFailure `record.corrupt` */
  list(): AsyncIterable<PolicyVersion>
  /** The version of that digest, or `null`. @throws InvalidInput `input.invalid`; IntegrityFailure `record.corrupt` */
  find(digest: string): Promise<PolicyVersion | null>
}

/** What notices ask of the versions. */
export type FindVersion = (version?: string) => Promise<VersionName>

interface Parts {
  readonly policy: Policy
  readonly policyDigest: string
  readonly store: Store
  readonly environment: Environment
  readonly ledger: LedgerWriter
}

const placeOf = (policyId: string, version: string): string =>
  key(systemTenant, 'policy', policyId, parse(idParser, version, 'version'))

/** Makes the versions of an installation. */
export function createPolicies(parts: Parts): Policies {
  const { policy, store } = parts
  return {
    publish: async (by) => publish(parts, by),
    async *list() {
      const range = { tenant: systemTenant, index: 'date', equals: [policy.id] }
      for await (const found of store.scan(collection, range)) yield read(found)
    },
    async find(input) {
      const digest = parse(idParser, input, 'digest')
      const range = { tenant: systemTenant, index: 'digest', equals: [digest], limit: 1 }
      for await (const found of store.scan(collection, range)) return read(found)
      return null
    },
  }
}

/**
 * What finds a version by its name, and remembers it: none changes. The present one is found only as what it is: nobody was
 * shown what stands on record under its name with another content.
 * @throws NotFound `record.missing`; Conflict `conflict.state`
 */
export function createFindVersion({
  policy,
  policyDigest,
  store,
}: Pick<Parts, 'policy' | 'policyDigest' | 'store'>): FindVersion {
  const known = new Map<string, VersionName>()
  return async (name = policy.version) => {
    const before = known.get(name)
    if (before) return before
    const [found = null] = await store.get(collection, [placeOf(policy.id, name)])
    if (found === null) {
      throw new NotFound('record.missing', 'this version of the policy was not published', { record: name })
    }
    const published = read(found)
    const { version, digest, date } =
      name === policy.version ? sameContent(published, policyDigest) : published
    known.set(name, { version, digest, date })
    return { version, digest, date }
  }
}

async function publish(parts: Parts, input: unknown): Promise<PolicyVersion> {
  const { policy, policyDigest: digest, store, environment, ledger } = parts
  const { operator } = parse(publisherParser, input, 'publisher')
  const { id: policyId, version, date } = policy
  checkSize(policy)
  const at = placeOf(policyId, version)
  return settle({ store, environment }, async () => {
    const [found = null] = await store.get(collection, [at])
    if (found !== null) return { changes: [], result: sameContent(read(found), digest) }
    const publishedAt = environment.now()
    const record: PolicyVersion = { policyId, version, digest, date, publishedAt, operator, policy }
    const act = ledger.changes({
      action: 'policies.published',
      actor: { role: 'operator', id: operator },
      record: digest,
      ...(policy.updates && { clause: policy.updates.clause }),
      details: { version, date },
    })
    const value = record as unknown as JsonValue
    return { changes: [{ put: { collection, key: at }, value, expect: 'absent' }, ...act], result: record }
  })
}

function sameContent(published: PolicyVersion, digest: string): PolicyVersion {
  if (published.digest === digest) return published
  throw new Conflict(
    'conflict.state',
    'this version was published with another content: give it a new version',
    {
      record: published.digest,
    },
  )
}

/** @throws InvalidInput `input.too-large` */
function checkSize(policy: Policy): void {
  if (utf8Length(canonical(policyValue(policy))) <= limits.valueBytes - envelope) return
  throw tooLarge('policy', `must be at most ${limits.valueBytes - envelope} bytes`)
}

/** @throws IntegrityFailure `record.corrupt` where the content is not what its digest names */
function read({ key: at, value }: Versioned): PolicyVersion {
  const version = parseStored(versionParser, value, at)
  if (digestOf(policyValue(version.policy)) === version.digest) return version
  throw new IntegrityFailure('record.corrupt', 'a stored policy is not what its digest names', { record: at })
}
