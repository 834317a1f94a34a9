/**
 * What an answer shows, for each kind of factor. Nothing of it is looked at before the attempt was reserved; what is slow
 * is done once, before the commit is tried; and what is accepted comes with the change that uses it up, for the one
 * commit of the attempt.
 */

import type { Instant } from '../environment.ts'
import { base64url, fromBase64url, fromHex, hex, sameText } from '../keys/digest.ts'
import { parseStored } from '../parsing.ts'
import type { Change } from '../store.ts'
import { type Given, malformed } from './answers.ts'
import { type CodeKey, judgeHotp, judgeResync, judgeTotp } from './codes.ts'
import { devices, judgeToken } from './devices.ts'
import {
  contextOf,
  type MfaParts,
  openSecret,
  type Place,
  read,
  readAll,
  recorded,
  remove,
  replace,
  type Stored,
} from './keeping.ts'
import type { TrustedDevice } from './model.ts'
import type { PasskeyCredential, PasskeyVerifier } from './passkeys.ts'
import { recovery, useCode } from './recovery.ts'
import {
  type ChallengeRecord,
  credentialParser,
  type HotpRecord,
  type PasskeyRecord,
  type TotpRecord,
} from './stored.ts'

/** What is known when an answer is judged. */
export interface Question {
  readonly subject: string
  /** The challenge that it answers, which takes answers; `null` where it names none. */
  readonly challenge: ChallengeRecord | null
  readonly challengeId: string | null
  readonly generation: number
  readonly now: Instant
}

/** What an answer came to. A refusal has changes where it shows that a device was copied. */
export type Judged =
  | {
      readonly outcome: 'accepted'
      readonly amr: readonly string[]
      readonly changes: Change[]
      readonly device?: TrustedDevice
    }
  | { readonly outcome: 'wrong' | 'replayed'; readonly changes?: Change[] }
  /** A browser was quicker than itself: told as `replayed`, and not counted. */
  | { readonly outcome: 'raced' }

/** Judges an answer afresh on each try of a commit. */
export type Judge = (question: Question) => Promise<Judged>

const wrong: Judged = { outcome: 'wrong' }

/** How an answer by something that is there already is judged. */
export async function judgeOf(
  parts: MfaParts,
  { subject, answer }: { subject: string; answer: Given },
): Promise<Judge> {
  switch (answer.by) {
    case 'totp':
    case 'hotp':
      return (question) => judgeCode(parts, { ...answer, question, state: 'confirmed' })
    case 'recovery-code':
      return judgeRecovery(parts, { subject, ...answer.code })
    case 'contact-code':
      return (question) => judgeContact(parts, { code: answer.code, question })
    case 'passkey':
      return (question) => judgePasskey(parts, { response: answer.response, question })
    case 'trusted-device':
      return (question) => judgeDevice(parts, { ...answer.token, question })
  }
}

/** A code of an app or token, which must be in one state; what is accepted makes it `confirmed`. */
export async function judgeCode(
  parts: MfaParts,
  {
    by,
    code,
    question: { subject, now, generation },
    state,
  }: { by: 'totp' | 'hotp'; code: string; question: Question; state: TotpRecord['state'] },
): Promise<Judged> {
  const found = await read(parts, { subject, place: [by] })
  if (found === null) return wrong
  const { record } = found
  const key = await codeKeyOf(parts, { subject, record })
  const judged =
    record.factor === 'totp'
      ? judgeTotp(code, { key, lastStep: record.lastStep, now, window: parts.window })
      : judgeHotp(code, { key, counter: record.counter })
  if (judged.outcome !== 'accepted') return { outcome: judged.outcome }
  // Confirmed by somebody else meanwhile, or replaced by what is not confirmed.
  if (record.state !== state) return wrong
  if (state === 'enrolled' && record.generation !== generation) return wrong
  return { outcome: 'accepted', amr: ['otp'], changes: [passed(found, judged.count)] }
}

/** Two codes in a row of a counting token. */
export async function judgeTwo(
  parts: MfaParts,
  { codes, question: { subject } }: { codes: readonly [string, string]; question: Question },
): Promise<Judged> {
  const found = await read(parts, { subject, place: ['hotp'] })
  if (found?.record.state !== 'confirmed') return wrong
  const { record } = found
  const judged = judgeResync(codes, {
    key: await codeKeyOf(parts, { subject, record }),
    counter: record.counter,
  })
  if (judged.outcome !== 'accepted') return wrong
  return { outcome: 'accepted', amr: ['otp'], changes: [passed(found, judged.count)] }
}

/** The factor with that count used up: no earlier one is accepted again. */
function passed(found: Stored<TotpRecord | HotpRecord>, count: number): Change {
  const { record } = found
  const next: TotpRecord | HotpRecord =
    record.factor === 'totp' ? { ...record, lastStep: count } : { ...record, counter: count + 1 }
  return replace<TotpRecord | HotpRecord>(found, { ...next, state: 'confirmed' })
}

async function codeKeyOf(
  parts: MfaParts,
  { subject, record }: { subject: string; record: TotpRecord | HotpRecord },
): Promise<CodeKey> {
  const { secret: sealed, category, factor, algorithm, digits } = record
  const context = contextOf({ subject, record: factor }, category)
  return { secret: await openSecret(parts, { sealed, context }), algorithm, digits }
}

/** A recovery code: exactly one derivation, whatever its index and whether or not there is a set. */
async function judgeRecovery(
  parts: MfaParts,
  { subject, index, text }: { subject: string; index: number; text: string },
): Promise<Judge> {
  const place: Place & readonly ['recovery-code'] = ['recovery-code']
  const salt = (await read(parts, { subject, place }))?.record.codes[index]?.salt ?? ''
  const hash = await deriveHash(parts, { subject, text, salt })
  return async ({ now: at }) => {
    const found = await read(parts, { subject, place })
    const used = found && useCode(found.record, { index, hash, at })
    return used ? { outcome: 'accepted', amr: ['otp'], changes: [replace(found, used)] } : wrong
  }
}

/** What is stored of a recovery code: PBKDF2 (RFC 8018 §5.2) over a keyed digest that is bound to the person. */
export async function deriveHash(
  { keys }: Pick<MfaParts, 'keys'>,
  { subject, text, salt }: { subject: string; text: string; salt: string },
): Promise<string> {
  const peppered = Uint8Array.from(fromHex(await keys.digest('factor', ['recovery-code', subject, text])))
  const key = await crypto.subtle.importKey('raw', peppered, 'PBKDF2', false, ['deriveBits'])
  const { iterations, hashBits, saltBytes } = recovery
  const bytes = fromBase64url(salt) ?? new Uint8Array()
  // Where there is none, one of the same length: the derivation takes as long.
  const salted = bytes.length > 0 ? bytes : new Uint8Array(saltBytes)
  const way = { name: 'PBKDF2', hash: 'SHA-256', salt: salted, iterations }
  return hex(new Uint8Array(await crypto.subtle.deriveBits(way, key, hashBits)))
}

/** What a code that is sent is kept as: so few digits are bound to the one challenge by a key. */
export const contactDigest = (
  { keys }: Pick<MfaParts, 'keys'>,
  { subject, challenge, code }: { subject: string; challenge: string; code: string },
): Promise<string> => keys.digest('factor', ['contact-code', subject, challenge, code])

async function judgeContact(
  parts: MfaParts,
  { code, question }: { code: string; question: Question },
): Promise<Judged> {
  const { subject, challenge, challengeId } = question
  const sent = challenge?.contact ?? null
  if (sent === null || challengeId === null) return wrong
  const given = await contactDigest(parts, { subject, challenge: challengeId, code })
  if (!sameText(sent.code, given)) return wrong
  // RFC 8176 has a value for text messages; of e-mail it says only that another channel was used.
  return { outcome: 'accepted', amr: [sent.channel === 'sms' ? 'sms' : 'mca'], changes: [] }
}

/** What names a passkey below its person. */
export const passkeyId = (
  { keys }: Pick<MfaParts, 'keys'>,
  { subject, credential }: { subject: string; credential: string },
): Promise<string> => keys.digest('factor', ['passkey', subject, credential])

/** The public half of a passkey. @throws Conflict `conflict.erased`; IntegrityFailure `seal.rejected` */
async function credentialOf(
  parts: Pick<MfaParts, 'keys'>,
  { subject, record }: { subject: string; record: PasskeyRecord },
): Promise<PasskeyCredential> {
  const context = contextOf({ subject, record: 'passkey' }, record.category)
  const text = await openSecret(parts, { sealed: record.credential, context })
  return parseStored(credentialParser, JSON.parse(text), 'passkey')
}

/** The passkeys of a person. */
export async function knownPasskeys(parts: MfaParts, subject: string): Promise<PasskeyCredential[]> {
  const all = await readAll(parts, { subject, kind: 'passkey' })
  return Promise.all(all.map(({ record }) => credentialOf(parts, { subject, record })))
}

/** @throws InvalidInput `input.invalid` where `createPrivacy` was given none */
export function verifierOf({ passkeys }: Pick<MfaParts, 'passkeys'>): PasskeyVerifier {
  if (passkeys === undefined) throw malformed('passkeys', 'is needed to verify a passkey: see createPrivacy')
  return passkeys
}

async function judgePasskey(
  parts: MfaParts,
  { response, question }: { response: unknown; question: Question },
): Promise<Judged> {
  const { keys, passkeys } = parts
  const { subject, challenge } = question
  const named = (response as { readonly id?: unknown } | null | undefined)?.id
  if (challenge === null || typeof named !== 'string' || named === '') return wrong
  const id = await passkeyId(parts, { subject, credential: named })
  const found = await read(parts, { subject, place: ['passkey', id] })
  if (found === null || passkeys === undefined) return wrong
  const credential = await credentialOf(parts, { subject, record: found.record })
  const use = await passkeys.authenticate({ response, challenge: challenge.nonce, credential })
  if (use === null) return wrong
  const { counter, backedUp, userVerified } = use
  const context = contextOf({ subject, record: 'passkey' }, found.record.category)
  const sealed = await keys.seal(JSON.stringify({ ...credential, counter, backedUp }), context)
  const amr = ['pop', 'user', ...(userVerified ? ['mfa'] : [])]
  return { outcome: 'accepted', amr, changes: [replace(found, { ...found.record, credential: sealed })] }
}

/** A new token of a device, and what is kept of it. */
export async function newToken(
  { keys, environment }: Pick<MfaParts, 'keys' | 'environment'>,
  { subject, id }: { subject: string; id: string },
): Promise<{ readonly token: string; readonly digest: string }> {
  const secret = base64url(environment.random(devices.tokenBytes))
  return { token: `${id}.${secret}`, digest: await tokenDigest({ keys }, { subject, id, secret }) }
}

const tokenDigest = (
  { keys }: Pick<MfaParts, 'keys'>,
  { subject, id, secret }: { subject: string; id: string; secret: string },
): Promise<string> => keys.digest('factor', ['trusted-device', subject, id, secret])

async function judgeDevice(
  parts: MfaParts,
  { id, secret, question }: { id: string; secret: string; question: Question },
): Promise<Judged> {
  const { subject, generation, now } = question
  const found = await read(parts, { subject, place: ['trusted-device', id] })
  if (found === null) return wrong
  const { record } = found
  const token = await tokenDigest(parts, { subject, id, secret })
  switch (judgeToken(record, { token, generation, now })) {
    case 'over':
      return wrong
    case 'raced':
      return { outcome: 'raced' }
    case 'copied': {
      const told = await recorded(parts, { subject, action: 'mfa.device-revoked', factor: 'trusted-device' })
      return { outcome: 'wrong', changes: [remove(found), ...told] }
    }
    case 'current': {
      const next = await newToken(parts, { subject, id })
      const rotated = { ...record, token: next.digest, previous: { token: record.token, at: now } }
      const device = { token: next.token, expiresAt: record.expiresAt }
      return { outcome: 'accepted', amr: [], changes: [replace(found, rotated)], device }
    }
  }
}
