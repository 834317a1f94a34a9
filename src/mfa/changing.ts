/**
 * What a full factor allows about the factors themselves: recovery codes, trusting a device, removing a factor, finding
 * a token's place again. Each is one attempt whose acceptance and effect are one commit.
 */

import * as z from 'zod'
import { later } from '../calendar.ts'
import { newId } from '../environment.ts'
import { NotFound } from '../errors.ts'
import { base64url } from '../keys/digest.ts'
import { idParser, parse } from '../parsing.ts'
import type { Change, JsonValue } from '../store.ts'
import { type Given, malformed, readAnswer } from './answers.ts'
import { attempt, type Effect } from './attempt.ts'
import { makeRoom } from './challenges.ts'
import { isCode } from './codes.ts'
import { devices } from './devices.ts'
import { checkState } from './enrolling.ts'
import { deriveHash, judgeOf, judgeTwo, newToken, type Question, verifierOf } from './judging.ts'
import { checkOffered, type MfaParts, type Place, read, readAll, refOf, remove } from './keeping.ts'
import type { FullAnswer, Outcome, RecoveryOutcome, Removal } from './model.ts'
import { recovery, recoveryText, shownCode } from './recovery.ts'
import { isFull } from './rules.ts'
import type { DeviceRecord, RecoveryRecord } from './stored.ts'

/**
 * What can be seen to be wrong with an answer before it is counted.
 * @throws InvalidInput `input.invalid`, `input.not-in-policy`; NotFound `record.missing`
 */
export async function checkAnswer(
  parts: MfaParts,
  { subject, given, by }: { subject: string; given: Given; by: 'any' | 'full' },
): Promise<void> {
  if (by === 'full' && !isFull(given.by)) throw malformed('answer', 'must be of a full factor')
  if (!isFull(given.by)) checkOffered(parts, given.by)
  if (given.by === 'passkey') verifierOf(parts)
  if (given.by === 'totp' || given.by === 'hotp')
    await checkState(parts, { subject, given, state: 'confirmed' })
}

/** An attempt by a full factor, with what it brings about: an answer to a challenge for another act is none. */
export async function changing<T extends object>(
  parts: MfaParts,
  asked: {
    readonly subject: string
    readonly answer: FullAnswer
    readonly action: string
    effect(question: Question): Promise<Effect<T>>
  },
) {
  const { subject, answer, action, effect } = asked
  const given = readAnswer(answer)
  await checkAnswer(parts, { subject, given, by: 'full' })
  const judge = () => judgeOf(parts, { subject, answer: given })
  return attempt<T>(parts, {
    subject,
    answer: given,
    action,
    purpose: 'answer',
    act: 'factor-change',
    judge,
    effect,
  })
}

/** Makes recovery codes in place of those there were. */
export async function recoveryCodes(
  parts: MfaParts,
  { subject, answer }: { subject: string; answer: FullAnswer },
): Promise<RecoveryOutcome> {
  parse(idParser, subject, 'subject')
  checkOffered(parts, 'recovery-code')
  let made: Promise<{ codes: string[]; record: RecoveryRecord }> | undefined
  const outcome = await changing<{ codes: readonly string[] }>(parts, {
    subject,
    answer,
    action: 'mfa.recovery-codes-made',
    effect: async () => {
      // Once, however often the commit is tried: ten derivations take a third of a second.
      made ??= newCodes(parts, subject)
      const { codes, record } = await made
      const found = await read(parts, { subject, place: ['recovery-code'] })
      const put = refOf(parts.tenant, subject, ['recovery-code'])
      const value = record as unknown as JsonValue
      return {
        changes: [{ put, value, expect: found?.version ?? 'absent' }],
        factors: 'changed',
        told: { codes },
      }
    },
  })
  return outcome.outcome === 'accepted' ? { ...outcome, codes: outcome.codes ?? [] } : outcome
}

async function newCodes(
  parts: MfaParts,
  subject: string,
): Promise<{ codes: string[]; record: RecoveryRecord }> {
  const { environment, policy } = parts
  const made = Array.from({ length: recovery.codes }, (_, index) => ({
    text: recoveryText(index, environment.random(recovery.bytes)),
    salt: base64url(environment.random(recovery.saltBytes)),
  }))
  const hashes = await Promise.all(made.map(({ text, salt }) => deriveHash(parts, { subject, text, salt })))
  const record: RecoveryRecord = {
    factor: 'recovery-code',
    enrolledAt: environment.now(),
    category: policy.ownData.factors,
    codes: made.map(({ salt }, i) => ({ salt, hash: hashes[i] ?? '', usedAt: null })),
  }
  return { codes: made.map(({ text }) => shownCode(text)), record }
}

/** Trusts the browser in which a full factor was used. */
export async function trust(
  parts: MfaParts,
  { subject, answer }: { subject: string; answer: FullAnswer },
): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  checkOffered(parts, 'trusted-device')
  const { environment, policy, tenant } = parts
  return changing(parts, {
    subject,
    answer,
    action: 'mfa.device-trusted',
    effect: async ({ generation, now }) => {
      const id = newId(environment)
      const { token, digest } = await newToken(parts, { subject, id })
      const expiresAt = later(now, devices.lifetime)
      const record: DeviceRecord = {
        factor: 'trusted-device',
        enrolledAt: now,
        category: policy.ownData.factors,
        generation,
        token: digest,
        previous: null,
        expiresAt,
      }
      const there = await readAll(parts, { subject, kind: 'trusted-device' })
      const going = makeRoom(there, { now, most: devices.most })
      const put = refOf(tenant, subject, ['trusted-device', id])
      const made: Change = { put, value: record as unknown as JsonValue, expect: 'absent' }
      const changes = [made, ...going.map(remove)]
      return { changes, factors: 'same', told: { device: { token, expiresAt } } }
    },
  })
}

const removalParser = z.strictObject({
  factor: z.enum(['totp', 'hotp', 'passkey', 'recovery-code', 'trusted-device']),
  id: z.exactOptional(idParser),
  answer: z.unknown(),
})

/** Removes a factor, or revokes a trusted device. */
export async function removeFactor(
  parts: MfaParts,
  { subject, removal }: { subject: string; removal: Removal },
): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  const { factor, id } = parse(removalParser, removal, 'removal')
  const place = placeOf(factor, id)
  if ((await read(parts, { subject, place })) === null) throw missing(factor)
  return changing(parts, {
    subject,
    answer: removal.answer,
    action: 'mfa.removed',
    effect: async () => {
      const found = await read(parts, { subject, place })
      if (found === null) throw missing(factor)
      return { changes: [remove(found)], factors: factor === 'trusted-device' ? 'same' : 'changed', told: {} }
    },
  })
}

const missing = (factor: string): NotFound =>
  new NotFound('record.missing', 'there is no such factor', { record: factor })

function placeOf(
  factor: Removal['factor'],
  id: string | undefined,
): Exclude<Place, readonly ['challenge', string]> {
  if (factor !== 'passkey' && factor !== 'trusted-device') return [factor]
  if (id === undefined) throw malformed('removal.id', 'must say which')
  return [factor, id]
}

/** Finds the place of a counting token again by two codes in a row. */
export async function resync(
  parts: MfaParts,
  { subject, codes }: { subject: string; codes: readonly [string, string] },
): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  const [one, two] = Array.isArray(codes) ? codes : []
  if (!isCode(one) || !isCode(two)) throw malformed('codes', 'must be two codes')
  await checkState(parts, { subject, given: { by: 'hotp', code: one }, state: 'confirmed' })
  return attempt(parts, {
    subject,
    answer: { by: 'hotp', challenge: null, session: null },
    action: 'mfa.resynchronised',
    purpose: 'answer',
    judge: async () => (question) => judgeTwo(parts, { codes: [one, two], question }),
  })
}
