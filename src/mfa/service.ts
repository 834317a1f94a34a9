/**
 * Second factors of a tenant. Whatever the factor, there is one counter for each person and one way of an attempt:
 * reserve, verify, commit (`attempt.ts`).
 */

import { idParser, parse } from '../parsing.ts'
import { partsOf } from '../values/key.ts'
import { readAnswer } from './answers.ts'
import { attempt } from './attempt.ts'
import { challenge } from './challenging.ts'
import { checkAnswer, recoveryCodes, removeFactor, resync, trust } from './changing.ts'
import { confirm, enrolCode, enrolPasskey } from './enrolling.ts'
import { judgeOf, type Question } from './judging.ts'
import { type MfaParts, read, readAll } from './keeping.ts'
import type {
  Answer,
  Challenge,
  ChallengeOptions,
  CodeEnrolment,
  CodeEnrolmentOptions,
  ConfirmingAnswer,
  FactorSummary,
  FullAnswer,
  Outcome,
  PasskeyEnrolment,
  PasskeyEnrolmentOptions,
  RecoveryOutcome,
  Removal,
  StepUp,
  StepUpOutcome,
} from './model.ts'
import { createResets, type Resets } from './resetting.ts'
import { isFull } from './rules.ts'
import { issued, requireStepUp } from './stepping-up.ts'

/**
 * Second factors of one tenant. Every verb that takes an answer makes one attempt, which is counted before the answer is
 * looked at; what comes of it is an {@link Outcome}, and only `accepted` is a yes. Beside what each says, all of them
 * throw InvalidInput `input.invalid` for what has not the form of an answer, which is not counted; Conflict
 * `conflict.erased` for an erased person; and IntegrityFailure `seal.rejected` or `record.corrupt` where what is stored
 * is not what was enrolled.
 */
export interface Mfa {
  /**
   * Makes a new secret for an authenticator app or a counting token; it counts only once it is confirmed. Enrolling again
   * before that replaces the secret. The secret is told here and never again.
   * @throws InvalidInput `input.not-in-policy` (the policy offers no such factor)
   * @throws Conflict `conflict.state` (a confirmed one is there: remove it first)
   * @see RFC 6238, RFC 4226
   */
  enrol(subject: string, options: CodeEnrolmentOptions): Promise<CodeEnrolment>
  /**
   * Makes what the browser is to be given for a new passkey, which is kept only once it is confirmed. A person may have
   * several, at most twenty.
   * @throws Conflict `conflict.state` (there are so many)
   * @throws InvalidInput `input.not-in-policy`; `input.invalid` where `createPrivacy` was given no `passkeys`
   * @see WebAuthn Level 3 §7.1
   */
  enrol(subject: string, options: PasskeyEnrolmentOptions): Promise<PasskeyEnrolment>
  /**
   * Confirms an enrolment by its first code, which then counts as used, or by the browser's response. All challenges and
   * trusted devices of the person are worthless from then on.
   * @throws NotFound `record.missing` (nothing was enrolled); Conflict `conflict.state` (it is confirmed already)
   */
  confirm(subject: string, answer: ConfirmingAnswer): Promise<Outcome>
  /**
   * Makes a challenge: what a passkey signs, what a sent code answers, and what binds an answer to a session, an action
   * and a request. It resets no counter. Fifty are open at a time for one person; older ones go.
   * @throws InvalidInput `input.not-in-policy` (codes are not sent), `input.invalid` (`createPrivacy` has no `sender`)
   * @throws StoreFailure `sender.failed`: nothing was sent that could be answered; it may be tried again
   */
  challenge(subject: string, options?: ChallengeOptions): Promise<Challenge>
  /**
   * Verifies an answer. Look at `factor` of what is accepted: a contact code and a trusted device are no full second
   * factor. A challenge that is named is spent by the acceptance, and nothing is accepted where it is not there, is over,
   * of another session, or of before a change of factors.
   * @throws InvalidInput `input.not-in-policy` (of what is no full factor); NotFound `record.missing` (no app is confirmed)
   * @see RFC 6238 §5.2; NIST SP 800-63B §5.2.2
   */
  verify(subject: string, answer: Answer): Promise<Outcome>
  /**
   * Makes ten recovery codes in place of those there were; they are told here and never again. Needs a full factor.
   * @throws InvalidInput `input.not-in-policy`; NotFound `record.missing` (no app is confirmed)
   */
  recoveryCodes(subject: string, answer: FullAnswer): Promise<RecoveryOutcome>
  /**
   * As `verify` of a full factor, and trusts the browser it was used in for thirty days: `device` of what is accepted is
   * for that browser to keep.
   * @throws InvalidInput `input.not-in-policy`; NotFound `record.missing` (no app is confirmed)
   */
  trust(subject: string, answer: FullAnswer): Promise<Outcome>
  /**
   * Finds the place of a counting token again, by two codes in a row. It accepts both; it is one attempt.
   * @throws NotFound `record.missing` (no counting token is confirmed)
   * @see RFC 4226 §7.4
   */
  resync(subject: string, codes: readonly [string, string]): Promise<Outcome>
  /**
   * Removes a factor, or stops trusting a device; needs a full factor, which may be the one that goes.
   * @throws NotFound `record.missing` (it is not there, or no app is confirmed to answer with)
   */
  remove(subject: string, removal: Removal): Promise<Outcome>
  /**
   * Asks for a factor anew, for one act. Without a `proof` it makes the challenge for that act and request; `verify` of a
   * full factor then gives the proof, and with that this says `accepted`, once. A proof of an act of this library's own
   * is for the call that does it (`requests.confirm`, `enrol`), which uses it up itself.
   * @throws NotAuthorised `proof.rejected`: unknown, expired, spent, of another person, action, request or tenant, or of
   *   before a change of factors, without saying which
   * @throws Conflict `conflict.state` while factors are to be reset because one was stolen
   * @see RFC 9470, RFC 8176
   */
  require(stepUp: StepUp): Promise<StepUpOutcome>
  /** Takes away the factors of a person who lost them: two operators, a notice and a wait. */
  readonly reset: Resets
  /** What a person has, and never a secret of it. */
  list(subject: string): AsyncIterable<FactorSummary>
}

/** Makes the second factors of a tenant. */
export function createMfa(tenant: string, given: Omit<MfaParts, 'tenant'>): Mfa {
  const parts = { ...given, tenant }
  const enrol = (subject: string, options: CodeEnrolmentOptions | PasskeyEnrolmentOptions) =>
    options?.factor === 'passkey'
      ? enrolPasskey(parts, { subject, options })
      : enrolCode(parts, { subject, options })
  return {
    enrol: enrol as Mfa['enrol'],
    confirm: (subject, answer) => confirm(parts, { subject, answer }),
    challenge: (subject, options = {}) => challenge(parts, { subject, options }),
    verify: (subject, answer) => verify(parts, { subject, answer }),
    recoveryCodes: (subject, answer) => recoveryCodes(parts, { subject, answer }),
    trust: (subject, answer) => trust(parts, { subject, answer }),
    resync: (subject, codes) => resync(parts, { subject, codes }),
    remove: (subject, removal) => removeFactor(parts, { subject, removal }),
    require: (stepUp) => requireStepUp(parts, stepUp),
    reset: createResets(parts),
    list: (subject) => list(parts, subject),
  }
}

async function verify(
  parts: MfaParts,
  { subject, answer }: { subject: string; answer: Answer },
): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  const given = readAnswer(answer)
  await checkAnswer(parts, { subject, given, by: 'any' })
  const judge = () => judgeOf(parts, { subject, answer: given })
  // One answer allows one thing: only here, where nothing else follows from it, does it give a proof.
  const effect = isFull(given.by)
    ? (question: Question, amr: readonly string[]) => issued(parts, { question, amr })
    : undefined
  return attempt(parts, {
    subject,
    answer: given,
    action: 'mfa.verified',
    purpose: 'answer',
    judge,
    ...(effect && { effect }),
  })
}

async function* list(parts: MfaParts, subject: string): AsyncIterable<FactorSummary> {
  parse(idParser, subject, 'subject')
  for (const factor of ['totp', 'hotp'] as const) {
    const found = await read(parts, { subject, place: [factor] })
    if (found) yield { factor, id: factor, state: found.record.state, since: found.record.enrolledAt }
  }
  const codes = await read(parts, { subject, place: ['recovery-code'] })
  if (codes) {
    const remaining = codes.record.codes.filter(({ usedAt }) => usedAt === null).length
    yield { ...confirmed('recovery-code', codes.record), id: 'recovery-code', remaining }
  }
  for (const { ref, record } of await readAll(parts, { subject, kind: 'passkey' })) {
    yield { ...confirmed('passkey', record), id: idIn(ref.key) }
  }
  for (const { ref, record } of await readAll(parts, { subject, kind: 'trusted-device' })) {
    yield { ...confirmed('trusted-device', record), id: idIn(ref.key), expiresAt: record.expiresAt }
  }
}

const confirmed = <F extends FactorSummary['factor']>(
  factor: F,
  { enrolledAt: since }: { readonly enrolledAt: FactorSummary['since'] },
) => ({ factor, state: 'confirmed', since }) as const

const idIn = (key: string): string => partsOf(key).at(-1) ?? ''
