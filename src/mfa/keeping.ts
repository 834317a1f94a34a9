/**
 * Where second factors are kept, and how they are read and written. Everything of a person lies below the person's own
 * keys, so that a source finds all of it. Every write touches the standing: an erasure and the write exclude each other.
 */

import type * as z from 'zod'
import { collections } from '../collections.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import type { SealContext, Sealed } from '../keys/model.ts'
import { parseStored } from '../parsing.ts'
import type { SecondFactor } from '../policy/model.ts'
import type { Sender } from '../sender.ts'
import type { ServiceParts } from '../services.ts'
import type { Change, JsonValue, Ref, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { CodeWindow } from './codes.ts'
import type { PasskeyVerifier } from './passkeys.ts'
import { noAttempts } from './rules.ts'
import {
  type Attempts,
  attemptsParser,
  type ChallengeRecord,
  challengeParser,
  type DeviceRecord,
  deviceParser,
  type HotpRecord,
  hotpParser,
  type PasskeyRecord,
  type ProofRecord,
  passkeyParser,
  proofParser,
  type RecoveryRecord,
  type ResetRecord,
  recoveryParser,
  resetParser,
  type TotpRecord,
  totpParser,
} from './stored.ts'

/** What second factors of a tenant work with. */
export interface MfaParts extends ServiceParts {
  /** How many steps a time code may be off. */
  readonly window: CodeWindow
  readonly sender: Sender | undefined
  readonly passkeys: PasskeyVerifier | undefined
}

/** A record as it was read. */
export interface Stored<T> {
  readonly ref: Ref
  readonly record: T
  readonly version: number
}

/** What has a place of its own below a person: a code factor by its kind, the rest by kind and id. */
export type Place =
  | readonly ['totp' | 'hotp' | 'recovery-code']
  | readonly ['passkey' | 'trusted-device' | 'challenge' | 'proof' | 'reset', string]

/** The collection of what has a place below a person. */
export function collectionOf(kind: string): string {
  switch (kind) {
    case 'challenge':
      return collections.challenges.name
    case 'proof':
      return collections.proofs.name
    case 'reset':
      return collections.resets.name
    default:
      return collections.factors.name
  }
}

/** Where a thing of a person's is kept. */
export const refOf = (tenant: string, subject: string, place: Place): Ref => ({
  collection: collectionOf(place[0]),
  key: key(tenant, subject, ...place),
})

export const attemptsRef = (tenant: string, subject: string): Ref => ({
  collection: collections.attempts.name,
  key: key(tenant, subject),
})

interface Records {
  readonly totp: TotpRecord
  readonly hotp: HotpRecord
  readonly 'recovery-code': RecoveryRecord
  readonly passkey: PasskeyRecord
  readonly 'trusted-device': DeviceRecord
  readonly challenge: ChallengeRecord
  readonly proof: ProofRecord
  readonly reset: ResetRecord
}

const parsers: { readonly [K in keyof Records]: z.ZodType<Records[K]> } = {
  totp: totpParser,
  hotp: hotpParser,
  'recovery-code': recoveryParser,
  passkey: passkeyParser,
  'trusted-device': deviceParser,
  challenge: challengeParser,
  proof: proofParser,
  reset: resetParser,
}

/** One thing of a person's; `null` where it is not there. @throws IntegrityFailure `record.corrupt` */
export async function read<K extends keyof Records>(
  { store, tenant }: Pick<MfaParts, 'store' | 'tenant'>,
  { subject, place }: { subject: string; place: Place & readonly [K, ...string[]] },
): Promise<Stored<Records[K]> | null> {
  const ref = refOf(tenant, subject, place)
  const [found] = await store.get(ref.collection, [ref.key])
  return found ? stored(found, { ref, kind: place[0] }) : null
}

/** All of a kind, in order of keys. @throws IntegrityFailure `record.corrupt` */
export async function readAll<K extends Extract<Place, readonly [string, string]>[0]>(
  { store, tenant }: Pick<MfaParts, 'store' | 'tenant'>,
  { subject, kind }: { subject: string; kind: K },
): Promise<Stored<Records[K]>[]> {
  const { collection, key: at } = refOf(tenant, subject, [kind, 'x'])
  const all: Stored<Records[K]>[] = []
  for await (const found of store.scan(collection, { prefix: at.slice(0, -1) })) {
    all.push(stored(found, { ref: { collection, key: found.key }, kind }))
  }
  return all
}

const stored = <K extends keyof Records>(
  found: Versioned,
  { ref, kind }: { ref: Ref; kind: K },
): Stored<Records[K]> => ({
  ref,
  record: parseStored<Records[K]>(parsers[kind], found.value, kind),
  version: found.version,
})

/** The counter of a person as it was read, and the change that puts another in its place. */
export interface Counter {
  readonly attempts: Attempts
  put(next: Attempts): Change
}

/** Reads the counter of a person. @throws IntegrityFailure `record.corrupt`: no attempt is free */
export async function readAttempts(
  { store, tenant, environment }: Pick<MfaParts, 'store' | 'tenant' | 'environment'>,
  subject: string,
): Promise<Counter> {
  const ref = attemptsRef(tenant, subject)
  const [found = null] = await store.get(ref.collection, [ref.key])
  return {
    attempts: found ? parseStored(attemptsParser, found.value, 'attempts') : noAttempts(environment.now()),
    put: (next) => ({
      put: ref,
      value: next as unknown as JsonValue,
      expect: found?.version ?? 'absent',
    }),
  }
}

export const replace = <T>({ ref, version }: Stored<T>, next: T): Change => ({
  put: ref,
  value: next as unknown as JsonValue,
  expect: version,
})

export const remove = ({ ref, version }: Stored<unknown>): Change => ({ remove: ref, expect: version })

/** What of a record is sealed, and to what it is bound. */
export const contextOf = (
  { subject, record }: { subject: string; record: string },
  category: string,
): SealContext => ({ subject, category, model: 'factor', field: 'secret', record })

/** @throws Conflict `conflict.erased` where the key was destroyed; IntegrityFailure `seal.rejected` */
export async function openSecret(
  { keys }: Pick<MfaParts, 'keys'>,
  { sealed, context }: { sealed: Sealed; context: SealContext },
): Promise<string> {
  const opened = await keys.open(sealed, context)
  if (!opened.erased) return opened.value
  throw new Conflict('conflict.erased', 'the key of this factor was destroyed', { record: context.record })
}

/** The entry of the ledger that says what was done with which kind of factor; it names the person by a keyed digest. */
export async function recorded(
  { policy, keys, ledger }: Pick<MfaParts, 'policy' | 'keys' | 'ledger'>,
  {
    subject,
    action,
    factor,
    details,
  }: {
    subject: string
    action: string
    factor: SecondFactor
    details?: Readonly<Record<string, string>> | undefined
  },
): Promise<Change[]> {
  const id = await keys.reference(subject)
  const actor = { role: 'subject', id } as const
  return ledger.changes({
    action,
    actor,
    record: id,
    clause: policy.mfa.clause,
    details: { factor, ...details },
  })
}

/** @throws InvalidInput `input.not-in-policy` */
export function checkOffered({ policy }: Pick<MfaParts, 'policy'>, factor: SecondFactor): void {
  if (policy.mfa.factors.includes(factor)) return
  throw new InvalidInput('input.not-in-policy', 'the policy offers no such factor', { path: 'factor' })
}
