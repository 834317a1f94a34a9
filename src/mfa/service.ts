/**
 * The shell around second factors: reserve an attempt, verify, commit the step. In that order, always.
 *
 * The reservation is a compare-and-set of one counter per subject, whatever the factor and however many challenges are
 * open; the accepted step is another. A code that two calls verify at once is accepted by the one whose commit wins.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { Conflict, InvalidInput, NotFound } from '../errors.ts'
import type { SealContext } from '../keys/model.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Change, JsonValue, Ref, Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { attemptsParser, type Enrolment, type FactorRecord, factorParser, type Outcome } from './model.ts'
import { isCode, otpauthUri, reserve, toBase32, totp, verifyCode } from './rules.ts'

const factors = collections.factors.name

/** Second factors of one tenant. */
export interface Mfa {
  /**
   * Makes a new secret for an authenticator app; it counts only once it is confirmed. Enrolling again before that
   * replaces the secret. The secret is told here and never again.
   * @param options.label what the app shows beside the controller's name, for example the e-mail address
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (the policy offers no such factor)
   * @throws Conflict `conflict.state` (a confirmed factor is there), `conflict.erased`
   * @see RFC 6238, RFC 4226
   */
  enrol(subject: string, options: { readonly label: string }): Promise<Enrolment>
  /**
   * Confirms an enrolment by its first code, which then counts as used. Attempts are counted with those of `verify`.
   * What comes of it is an {@link Outcome}; a wrong, replayed or locked attempt is no error.
   * @throws InvalidInput `input.invalid` (not six digits); NotFound `record.missing` (nothing was enrolled)
   * @throws Conflict `conflict.state` (it is confirmed already), `conflict.erased`
   * @throws IntegrityFailure `seal.rejected`, `record.corrupt`: what is stored is not what was enrolled
   * @see RFC 6238 §5.2; NIST SP 800-63B §5.2.2
   */
  confirm(subject: string, code: string): Promise<Outcome>
  /**
   * Verifies a code of a confirmed factor. A wrong, replayed or locked attempt is an {@link Outcome}, no error.
   * @throws InvalidInput `input.invalid` (not six digits); NotFound `record.missing` (no confirmed factor)
   * @throws Conflict `conflict.erased`
   * @throws IntegrityFailure `seal.rejected`, `record.corrupt`: what is stored is not what was enrolled
   * @see RFC 6238 §5.2; NIST SP 800-63B §5.2.2
   */
  verify(subject: string, code: string): Promise<Outcome>
}

interface Parts {
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
  readonly tenant: string
}

/** Where a subject's factor and its attempts are kept. */
export const factorKey = (tenant: string, subject: string): string => key(tenant, subject, 'totp')
export const attemptsKey = (tenant: string, subject: string): string => key(tenant, subject)

/** Makes the second factors of a tenant. */
export function createMfa(tenant: string, given: Omit<Parts, 'tenant'>): Mfa {
  const parts = { ...given, tenant }
  return {
    enrol: (subject, options) => enrol(parts, { subject, label: options?.label }),
    confirm: (subject, code) => attempt(parts, { subject, code, from: 'enrolled' }),
    verify: (subject, code) => attempt(parts, { subject, code, from: 'confirmed' }),
  }
}

async function enrol(
  parts: Parts,
  { subject, label }: { subject: string; label: string },
): Promise<Enrolment> {
  const { policy, environment } = parts
  parse(idParser, subject, 'subject')
  if (!policy.mfa.factors.includes('totp')) {
    throw new InvalidInput('input.not-in-policy', 'the policy offers no such factor', { path: 'factor' })
  }
  return settle(parts, async () => {
    const { found, factor } = await read(parts, subject)
    if (factor?.state === 'confirmed') throw confirmedAlready()
    const secret = toBase32(environment.random(totp.secretBytes))
    const uri = otpauthUri({ secret, issuer: policy.controller.name, label })
    const made = await factorOf(parts, { subject, secret })
    const recorded = await record(parts, { subject, action: 'mfa.enrolled' })
    // After the keys were made, which touches the standing as well: no race is lost to oneself.
    const touched = await parts.standings.touch(subject)
    const changes = [putFactor(parts, { subject, factor: made, found }), ...touched, ...recorded]
    return { changes, result: { factor: 'totp', secret, uri } }
  })
}

/** A new factor, which counts for nothing yet. */
async function factorOf(
  { policy, environment, keys }: Parts,
  { subject, secret }: { subject: string; secret: string },
): Promise<FactorRecord> {
  const { algorithm, digits, period } = totp
  return {
    factor: 'totp',
    state: 'enrolled',
    enrolledAt: environment.now(),
    category: policy.ownData.factors,
    secret: await keys.seal(secret, contextOf(subject, policy.ownData.factors)),
    algorithm,
    digits,
    period,
    lastStep: 0,
  }
}

/** What a factor's secret is bound to. */
const contextOf = (subject: string, category: string): SealContext => ({
  subject,
  category,
  model: 'factor',
  field: 'secret',
  record: 'totp',
})

interface Attempt {
  readonly subject: string
  readonly code: string
  /** The state in which the factor must be. */
  readonly from: FactorRecord['state']
}

async function attempt(parts: Parts, { subject, code, from }: Attempt): Promise<Outcome> {
  parse(idParser, subject, 'subject')
  if (!isCode(code)) throw new InvalidInput('input.invalid', 'code must be six digits', { path: 'code' })
  await readIn(parts, { subject, state: from })
  return (await reserved(parts, subject)) ?? (await accept(parts, { subject, code, from }))
}

/** Counts an attempt before it is made; never for a person who is being erased, or something would be left of them. */
function reserved(parts: Parts, subject: string): Promise<Outcome | null> {
  return settle(parts, async () => {
    const { ref, found } = await readAttempts(parts, subject)
    const before = found && parseStored(attemptsParser, found.value, 'attempts')
    const now = reserve(before, parts.environment.now())
    if ('locked' in now) return { changes: [], result: now.locked }
    const value = now.next as unknown as JsonValue
    const put: Change = { put: ref, value, expect: found?.version ?? 'absent' }
    return { changes: [put, ...(await parts.standings.touch(subject))], result: null }
  })
}

/** Verifies a code against a factor in one state and moves it to `confirmed`. */
function accept(parts: Parts, { subject, code, from }: Attempt): Promise<Outcome> {
  return settle(parts, async (): Promise<{ changes: Change[]; result: Outcome }> => {
    const { found, factor } = await readIn(parts, { subject, state: from })
    const secret = await secretOf(parts, { subject, factor })
    const now = parts.environment.now()
    const verified = verifyCode(code, { secret, lastStep: factor.lastStep, now })
    if (verified.outcome !== 'accepted') return { changes: [], result: { outcome: verified.outcome } }
    const next: FactorRecord = { ...factor, state: 'confirmed', lastStep: verified.step }
    const changes = [
      putFactor(parts, { subject, factor: next, found }),
      ...(await cleared(parts, subject)),
      ...(await record(parts, { subject, action: from === 'enrolled' ? 'mfa.confirmed' : 'mfa.verified' })),
    ]
    return { changes, result: { outcome: 'accepted' } }
  })
}

/** A success clears the counter, whatever was counted meanwhile. */
async function cleared(parts: Parts, subject: string): Promise<Change[]> {
  const { ref, found } = await readAttempts(parts, subject)
  return found ? [{ remove: ref, expect: found.version }] : []
}

async function readAttempts(
  { store, tenant }: Parts,
  subject: string,
): Promise<{ ref: Ref; found: Versioned | null }> {
  const ref = { collection: collections.attempts.name, key: attemptsKey(tenant, subject) }
  const [found = null] = await store.get(ref.collection, [ref.key])
  return { ref, found }
}

async function read(
  { store, tenant }: Parts,
  subject: string,
): Promise<{ found: Versioned | null; factor: FactorRecord | null }> {
  const [found = null] = await store.get(factors, [factorKey(tenant, subject)])
  return { found, factor: found && parseStored(factorParser, found.value, 'totp') }
}

/** The factor, which must be in this state. */
async function readIn(
  parts: Parts,
  { subject, state }: { subject: string; state: FactorRecord['state'] },
): Promise<{ found: Versioned | null; factor: FactorRecord }> {
  const { found, factor } = await read(parts, subject)
  if (factor?.state === state) return { found, factor }
  if (factor?.state === 'confirmed') throw confirmedAlready()
  throw new NotFound('record.missing', `no factor is ${state}`, { record: 'totp' })
}

async function secretOf(
  { keys }: Parts,
  { subject, factor }: { subject: string; factor: FactorRecord },
): Promise<string> {
  const opened = await keys.open(factor.secret, contextOf(subject, factor.category))
  if (!opened.erased) return opened.value
  throw new Conflict('conflict.erased', 'the key of this factor was destroyed', { record: 'totp' })
}

const putFactor = (
  { tenant }: Parts,
  { subject, factor, found }: { subject: string; factor: FactorRecord; found: Versioned | null },
): Change => ({
  put: { collection: factors, key: factorKey(tenant, subject) },
  value: factor as unknown as JsonValue,
  expect: found?.version ?? 'absent',
})

async function record(
  { policy, keys, ledger }: Parts,
  { subject, action }: { subject: string; action: string },
): Promise<Change[]> {
  const id = await keys.reference(subject)
  const { clause } = policy.mfa
  return ledger.changes({ action, actor: { role: 'subject', id }, record: id, clause })
}

const confirmedAlready = (): Conflict =>
  new Conflict('conflict.state', 'a factor is confirmed already', { record: 'totp' })
