/**
 * Enrolling and confirming. A secret counts for nothing until its first code came back; a passkey is not kept before
 * the browser's answer to its challenge was verified. Confirming is an attempt like any other.
 */

import * as z from 'zod'
import { later } from '../calendar.ts'
import { settle } from '../commit.ts'
import type { Instant } from '../environment.ts'
import { Conflict, NotFound } from '../errors.ts'
import { idParser, parse } from '../parsing.ts'
import type { Change, JsonValue } from '../store.ts'
import { type Given, malformed, readAnswer, sessionParser } from './answers.ts'
import { attempt } from './attempt.ts'
import { makeChallenge } from './challenging.ts'
import { period, secretBytes } from './codes.ts'
import { type Judge, judgeCode, knownPasskeys, passkeyId, type Question, verifierOf } from './judging.ts'
import {
  checkOffered,
  contextOf,
  type MfaParts,
  read,
  readAttempts,
  recorded,
  refOf,
  type Stored,
} from './keeping.ts'
import type {
  CodeEnrolment,
  CodeEnrolmentOptions,
  ConfirmingAnswer,
  Outcome,
  PasskeyEnrolment,
  PasskeyEnrolmentOptions,
} from './model.ts'
import { checkName, otpauthUri, qrSvg } from './otpauth.ts'
import type { PasskeyVerifier } from './passkeys.ts'
import { toBase32 } from './spelling.ts'
import { proofText } from './step-up.ts'
import { allowed } from './stepping-up.ts'
import type { HotpRecord, PasskeyRecord, TotpRecord } from './stored.ts'

/** How long an enrolment can be confirmed, in milliseconds: whoever finds its code later finds nothing. */
const enrolmentLifetime = 3_600_000

const codeOptions = z.strictObject({
  factor: z.exactOptional(z.enum(['totp', 'hotp'])),
  label: z.optional(z.unknown()),
  algorithm: z.exactOptional(z.enum(['sha1', 'sha256', 'sha512'])),
  digits: z.exactOptional(z.union([z.literal(6), z.literal(8)])),
  proof: z.exactOptional(proofText),
})

/** Makes a secret for an app or a token. */
export async function enrolCode(
  parts: MfaParts,
  { subject, options }: { subject: string; options: CodeEnrolmentOptions },
): Promise<CodeEnrolment> {
  parse(idParser, subject, 'subject')
  const {
    factor = 'totp',
    algorithm = 'sha1',
    digits = 6,
    proof,
    ...rest
  } = parse(codeOptions, options ?? {}, 'options')
  const label = checkName(rest.label, 'label')
  checkOffered(parts, factor)
  const { environment, policy } = parts
  return settle(parts, async () => {
    const found = await read(parts, { subject, place: [factor] })
    if (found?.record.state === 'confirmed') throw confirmedAlready(factor)
    // Read before it is looked at what there is: a factor that is confirmed meanwhile makes this enrolment worthless.
    const { generation } = (await readAttempts(parts, subject)).attempts
    const using = await allowed(parts, { subject, proof })
    const secret = toBase32(environment.random(secretBytes[algorithm]))
    const key = { secret, algorithm, digits }
    const uri = otpauthUri({ key, factor, issuer: policy.controller.name, label })
    const changes = [
      ...using,
      await putCode(parts, { subject, found, factor, key, generation }),
      ...(await recorded(parts, { subject, action: 'mfa.enrolled', factor })),
      // After the keys were made, which touches the standing as well: no race is lost to oneself.
      ...(await parts.standings.touch(subject)),
    ]
    return { changes, result: { factor, secret, uri, svg: qrSvg(uri, policy.languages[0] ?? 'en') } }
  })
}

async function putCode(
  { policy, environment, keys, tenant }: MfaParts,
  {
    subject,
    found,
    factor,
    key: { secret, algorithm, digits },
    generation,
  }: {
    subject: string
    generation: number
    found: Stored<TotpRecord | HotpRecord> | null
    factor: 'totp' | 'hotp'
    key: { secret: string } & Pick<TotpRecord, 'algorithm' | 'digits'>
  },
): Promise<Change> {
  const category = policy.ownData.factors
  const made = {
    state: 'enrolled',
    generation,
    enrolledAt: environment.now(),
    category,
    secret: await keys.seal(secret, contextOf({ subject, record: factor }, category)),
    algorithm,
    digits,
  } as const
  const value: TotpRecord | HotpRecord =
    factor === 'totp' ? { ...made, factor, period, lastStep: 0 } : { ...made, factor, counter: 0 }
  const put = refOf(tenant, subject, [factor])
  return { put, value: value as unknown as JsonValue, expect: found?.version ?? 'absent' }
}

/** Of one person. */
const mostPasskeys = 20

const passkeyOptions = z.strictObject({
  factor: z.literal('passkey'),
  label: z.optional(z.unknown()),
  session: z.exactOptional(sessionParser),
  proof: z.exactOptional(proofText),
})

/** Makes the challenge for a new passkey; nothing of it is kept but that. */
export async function enrolPasskey(
  parts: MfaParts,
  { subject, options }: { subject: string; options: PasskeyEnrolmentOptions },
): Promise<PasskeyEnrolment> {
  parse(idParser, subject, 'subject')
  const { session = null, proof, ...rest } = parse(passkeyOptions, options, 'options')
  const userName = checkName(rest.label, 'label')
  checkOffered(parts, 'passkey')
  const verifier = verifierOf(parts)
  const known = await knownPasskeys(parts, subject)
  if (known.length >= mostPasskeys) {
    throw new Conflict('conflict.state', 'there are as many passkeys as there can be', { record: 'passkey' })
  }
  const { id, expiresAt, nonce } = await makeChallenge(parts, {
    subject,
    session,
    purpose: 'registration',
    allowed: () => allowed(parts, { subject, proof }),
  })
  const registration = await verifier.registration({
    // Opaque, and no other digest of the person: authenticators show it to nobody, and keep it.
    userHandle: await parts.keys.digest('factor', ['user-handle', subject]),
    userName,
    challenge: nonce,
    known,
  })
  return { factor: 'passkey', challenge: id, options: registration, expiresAt }
}

/** Confirms an enrolment. */
export async function confirm(
  parts: MfaParts,
  { subject, answer }: { subject: string; answer: ConfirmingAnswer },
): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  const given = readAnswer(answer)
  const judge = await confirming(parts, { subject, given })
  return attempt(parts, {
    subject,
    answer: given,
    action: 'mfa.confirmed',
    purpose: given.by === 'passkey' ? 'registration' : 'answer',
    judge: async () => judge,
    effect: async () => ({ changes: [], factors: 'changed', told: {} }),
  })
}

/** How what confirms is judged. @throws InvalidInput, NotFound, Conflict where there is nothing to be confirmed by it */
async function confirming(
  parts: MfaParts,
  { subject, given }: { subject: string; given: Given },
): Promise<Judge> {
  switch (given.by) {
    case 'totp':
    case 'hotp':
      await checkState(parts, { subject, given, state: 'enrolled' })
      return (question) => judgeCode(parts, { by: given.by, code: given.code, question, state: 'enrolled' })
    case 'passkey': {
      const verifier = verifierOf(parts)
      return (question) => judgeRegistration(parts, { verifier, response: given.response, question })
    }
    default:
      throw malformed('answer', 'must be a code or the response of a passkey')
  }
}

async function judgeRegistration(
  { keys, policy, tenant, environment, store }: MfaParts,
  { verifier, response, question }: { verifier: PasskeyVerifier; response: unknown; question: Question },
): ReturnType<Judge> {
  const { subject, challenge } = question
  const credential = challenge && (await verifier.register({ response, challenge: challenge.nonce }))
  if (credential === null) return { outcome: 'wrong' }
  const category = policy.ownData.factors
  const record: PasskeyRecord = {
    factor: 'passkey',
    enrolledAt: environment.now(),
    category,
    credential: await keys.seal(
      JSON.stringify(credential),
      contextOf({ subject, record: 'passkey' }, category),
    ),
  }
  const id = await passkeyId({ keys }, { subject, credential: credential.id })
  const put = refOf(tenant, subject, ['passkey', id])
  const [there] = await store.get(put.collection, [put.key])
  if (there) throw new Conflict('conflict.state', 'this passkey is there already', { record: 'passkey' })
  return {
    outcome: 'accepted',
    amr: ['pop', 'user'],
    changes: [{ put, value: record as unknown as JsonValue, expect: 'absent' }],
  }
}

/**
 * That there is a code factor in a state, before an attempt is counted. Whether its form is the one that was enrolled is
 * no secret either.
 */
export async function checkState(
  parts: MfaParts,
  {
    subject,
    given: { by, code },
    state,
  }: {
    subject: string
    given: { readonly by: 'totp' | 'hotp'; readonly code: string }
    state: TotpRecord['state']
  },
): Promise<void> {
  const found = await read(parts, { subject, place: [by] })
  if (found?.record.state === 'confirmed' && state === 'enrolled') throw confirmedAlready(by)
  const isOver = state === 'enrolled' && found !== null && isOverAt(found.record, parts.environment.now())
  if (found?.record.state !== state || isOver)
    throw new NotFound('record.missing', `no factor is ${state}`, { record: by })
  if (code.length !== found.record.digits)
    throw malformed('code', 'must have as many digits as were enrolled')
}

const isOverAt = ({ enrolledAt }: TotpRecord | HotpRecord, now: Instant): boolean =>
  now >= later(enrolledAt, enrolmentLifetime)

const confirmedAlready = (factor: 'totp' | 'hotp'): Conflict =>
  new Conflict('conflict.state', 'a factor is confirmed already', { record: factor })
