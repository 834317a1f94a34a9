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
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import { attemptsParser, type Enrolment, type FactorRecord, factorParser, type Outcome } from './model.ts'
import { isCode, otpauthUri, reserve, toBase32, totp, verifyCode } from './rules.ts'

const factors = collections.factors.name
const attemptsIn = collections.attempts.name

/** Second factors of one tenant. */
export interface Mfa {
  /**
   * Makes a new secret for an authenticator app; it counts only once it is confirmed. Enrolling again before that
   * replaces the secret.
   * @param options.label what the app shows beside the controller's name, for example the e-mail address
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (the policy offers no such factor)
   * @throws Conflict `conflict.state` (a confirmed factor is there), `conflict.erased`
   * @see RFC 6238, RFC 4226
   */
  enrol(subject: string, options: { readonly label: string }): Promise<Enrolment>
  /**
   * Confirms an enrolment by its first code, which then counts as used. Attempts are counted with those of `verify`.
   * @throws InvalidInput `input.invalid` (not six digits); NotFound `record.missing` (nothing was enrolled)
   * @throws Conflict `conflict.state` (it is confirmed already)
   */
  confirm(subject: string, code: string): Promise<Outcome>
  /**
   * Verifies a code of a confirmed factor.
   * @throws InvalidInput `input.invalid` (not six digits); NotFound `record.missing` (no confirmed factor)
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
}

/** Where a subject's factor and its attempts are kept. */
export const factorKey = (tenant: string, subject: string): string => key(tenant, subject, 'totp')
export const attemptsKey = (tenant: string, subject: string): string => key(tenant, subject)

/** Makes the second factors of a tenant. */
export function createMfa(
  tenant: string,
  { policy, store, environment, keys, ledger, standings }: Parts,
): Mfa {
  const clause = policy.mfa.clause

  const context = (subject: string): SealContext => ({
    subject,
    category: policy.ownData.factors,
    model: 'factor',
    field: 'secret',
    record: 'totp',
  })

  async function read(subject: string): Promise<{ found: Versioned | null; factor: FactorRecord | null }> {
    const [found = null] = await store.get(factors, [factorKey(tenant, subject)])
    return { found, factor: found && parseStored(factorParser, found.value, 'totp') }
  }

  /** The factor, which must be in this state. */
  async function readIn(
    state: FactorRecord['state'],
    subject: string,
  ): Promise<{ found: Versioned | null; factor: FactorRecord }> {
    const { found, factor } = await read(subject)
    if (factor?.state === state) return { found, factor }
    if (factor?.state === 'confirmed') throw confirmedAlready()
    throw new NotFound('record.missing', `no factor is ${state}`, { record: 'totp' })
  }

  const putFactor = (
    subject: string,
    { factor, found }: { factor: FactorRecord; found: Versioned | null },
  ): Change => ({
    put: { collection: factors, key: factorKey(tenant, subject) },
    value: factor as unknown as JsonValue,
    expect: found?.version ?? 'absent',
  })

  async function recorded(action: string, subject: string): Promise<Change[]> {
    const id = await keys.reference(subject)
    return ledger.changes({ action, actor: { role: 'subject', id }, record: id, clause })
  }

  /** Counts an attempt before it is made; never for a person who is being erased, or something would be left of them. */
  function reserved(subject: string): Promise<Outcome | null> {
    return settle({ store, environment }, async () => {
      const ref = { collection: attemptsIn, key: attemptsKey(tenant, subject) }
      const [found] = await store.get(attemptsIn, [ref.key])
      const before = found ? parseStored(attemptsParser, found.value, 'attempts') : null
      const now = reserve(before, environment.now())
      if ('locked' in now) return { changes: [], result: now.locked }
      const value = now.next as unknown as JsonValue
      const put: Change = { put: ref, value, expect: found?.version ?? 'absent' }
      return { changes: [put, ...(await standings.touch(subject))], result: null }
    })
  }

  /** A success clears the counter, whatever was counted meanwhile. */
  async function cleared(subject: string): Promise<Change[]> {
    const ref = { collection: attemptsIn, key: attemptsKey(tenant, subject) }
    const [found] = await store.get(attemptsIn, [ref.key])
    return found ? [{ remove: ref, expect: found.version }] : []
  }

  async function secretOf(subject: string, factor: FactorRecord): Promise<string> {
    const opened = await keys.open(factor.secret, context(subject))
    if (!opened.erased) return opened.value
    throw new Conflict('conflict.erased', 'the key of this factor was destroyed', { record: 'totp' })
  }

  /** Verifies a code against a factor in one state and moves it to `confirmed`. */
  function accept(
    subject: string,
    { code, from }: { code: string; from: FactorRecord['state'] },
  ): Promise<Outcome> {
    return settle({ store, environment }, async (): Promise<{ changes: Change[]; result: Outcome }> => {
      const { found, factor } = await readIn(from, subject)
      const secret = await secretOf(subject, factor)
      const verified = verifyCode(code, { secret, lastStep: factor.lastStep, now: environment.now() })
      if (verified.outcome !== 'accepted') return { changes: [], result: { outcome: verified.outcome } }
      const next: FactorRecord = { ...factor, state: 'confirmed', lastStep: verified.step }
      const action = from === 'enrolled' ? 'mfa.confirmed' : 'mfa.verified'
      const changes = [
        putFactor(subject, { factor: next, found }),
        ...(await cleared(subject)),
        ...(await recorded(action, subject)),
      ]
      return { changes, result: { outcome: 'accepted' } }
    })
  }

  async function attempt(
    subject: string,
    { code, from }: { code: string; from: FactorRecord['state'] },
  ): Promise<Outcome> {
    parse(idParser, subject, 'subject')
    if (!isCode(code)) throw new InvalidInput('input.invalid', 'code must be six digits', { path: 'code' })
    await readIn(from, subject)
    return (await reserved(subject)) ?? (await accept(subject, { code, from }))
  }

  return {
    async enrol(subject, options) {
      parse(idParser, subject, 'subject')
      if (!policy.mfa.factors.includes('totp')) {
        throw new InvalidInput('input.not-in-policy', 'the policy offers no such factor', { path: 'factor' })
      }
      return settle({ store, environment }, async () => {
        const { found, factor } = await read(subject)
        if (factor?.state === 'confirmed') throw confirmedAlready()
        const touched = await standings.touch(subject)
        const secret = toBase32(environment.random(totp.secretBytes))
        const uri = otpauthUri({ secret, issuer: policy.controller.name, label: options?.label })
        const made: FactorRecord = {
          factor: 'totp',
          state: 'enrolled',
          enrolledAt: environment.now(),
          secret: await keys.seal(secret, context(subject)),
          algorithm: totp.algorithm,
          digits: totp.digits,
          period: totp.period,
          lastStep: 0,
        }
        const changes = [
          putFactor(subject, { factor: made, found }),
          ...touched,
          ...(await recorded('mfa.enrolled', subject)),
        ]
        return { changes, result: { factor: 'totp', secret, uri } }
      })
    },
    confirm: (subject, code) => attempt(subject, { code, from: 'enrolled' }),
    verify: (subject, code) => attempt(subject, { code, from: 'confirmed' }),
  }
}

const confirmedAlready = (): Conflict =>
  new Conflict('conflict.state', 'a factor is confirmed already', { record: 'totp' })
