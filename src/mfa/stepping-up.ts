/**
 * Step-up proofs: issued with the acceptance of an answer, used up in the commit of what they allow. Asking for one, and
 * what other services are given for it.
 */

import * as z from 'zod'
import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { Conflict, IntegrityFailure, NotAuthorised } from '../errors.ts'
import { idParser, parse } from '../parsing.ts'
import type { StepUpAct } from '../policy/model.ts'
import type { StepUps } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import { sessionParser } from './answers.ts'
import type { Effect } from './attempt.ts'
import { makeRoom } from './challenges.ts'
import { challenge } from './challenging.ts'
import type { Question } from './judging.ts'
import { type MfaParts, read, readAll, readAttempts, refOf, remove } from './keeping.ts'
import type { StepUp, StepUpOutcome } from './model.ts'
import { isStolen } from './resets.ts'
import { actionParser, claimsOf, endOf, holds, proofText, readClaims, shown, stepUp } from './step-up.ts'
import type { ProofRecord } from './stored.ts'

/** What of second factors is handed to other services. */
export const createStepUps = (tenant: string, given: Omit<MfaParts, 'tenant'>): StepUps => {
  const parts = { ...given, tenant }
  return {
    demanded: (of) => demanded(parts, of),
    spend: async (of) => (await spend(parts, of)).changes,
  }
}

/** Whether the policy asks for a proof of that act, and the person has something to give one with. */
const demanded = async (
  parts: MfaParts,
  { subject, act }: { subject: string; act: StepUpAct },
): Promise<boolean> => (parts.policy.mfa.stepUp ?? []).includes(act) && (await hasFull(parts, subject))

/** Whether the person has a full factor that can answer. */
async function hasFull(parts: MfaParts, subject: string): Promise<boolean> {
  for (const factor of ['totp', 'hotp'] as const) {
    if ((await read(parts, { subject, place: [factor] }))?.record.state === 'confirmed') return true
  }
  const codes = await read(parts, { subject, place: ['recovery-code'] })
  if (codes?.record.codes.some(({ usedAt }) => usedAt === null)) return true
  return (await readAll(parts, { subject, kind: 'passkey' })).length > 0
}

/** What an answer by a full factor brings about: a proof, where its challenge names an action. */
export async function issued(
  parts: MfaParts,
  { question, amr }: { question: Question; amr: readonly string[] },
): Promise<Effect<{ readonly proof?: string }>> {
  const { subject, challenge: answered, generation, now: at } = question
  const { action = null, request = null } = answered ?? {}
  if (action === null) return { changes: [], factors: 'same', told: {} }
  const { keys, environment, policy, tenant } = parts
  const jti = newId(environment)
  const claims = claimsOf({ tenant, sub: await keys.reference(subject), jti, amr, action, request, at })
  const category = policy.ownData.factors
  const record: ProofRecord = { at, expiresAt: endOf(claims), category, generation, action, request }
  const there = await readAll(parts, { subject, kind: 'proof' })
  const going = makeRoom(there, { now: at, most: stepUp.most })
  const put = refOf(tenant, subject, ['proof', jti])
  const made: Change = { put, value: record as unknown as JsonValue, expect: 'absent' }
  const changes = [made, ...going.map(remove)]
  return { changes, factors: 'same', told: { proof: await keys.sign(claims, stepUp.typ) } }
}

interface Shown {
  readonly subject: string
  readonly action: string
  readonly request?: string
  readonly proof: string
}

/**
 * The changes that use a proof up, for the commit of what it allows, which touches the standing as well.
 * @throws NotAuthorised `proof.rejected`; Conflict `conflict.erased`, `conflict.state` (a reset is open)
 */
async function spend(
  parts: MfaParts,
  { subject, action, request = null, proof }: Omit<Shown, 'request'> & { readonly request?: string | null },
): Promise<ReturnType<typeof shown> & { readonly changes: Change[] }> {
  const { keys, tenant, environment } = parts
  await checkNotStolen(parts, subject)
  const claims = readClaims(await signed(parts, proof))
  const found = claims && (await read(parts, { subject, place: ['proof', claims.jti] }))
  if (claims === null || found === null) throw rejected()
  const reference = await keys.reference(subject)
  const { attempts } = await readAttempts(parts, subject)
  const asked = { tenant, reference, action, request, now: environment.now(), attempts }
  if (!holds(claims, { record: found.record, asked })) throw rejected()
  return { ...shown(claims), changes: [remove(found)] }
}

/** While factors are to be reset because one was stolen, nobody can tell whose proof it is. */
async function checkNotStolen(parts: MfaParts, subject: string): Promise<void> {
  const now = parts.environment.now()
  const found = (await readAll(parts, { subject, kind: 'reset' })).find(({ record }) => isStolen(record, now))
  if (!found) return
  throw new Conflict('conflict.state', 'the factors are to be reset, because one was stolen', {
    record: found.record.id,
  })
}

/** What was signed for this tenant as a proof; `null` where it was not. */
async function signed({ keys }: MfaParts, proof: string): Promise<unknown> {
  try {
    return await keys.verify(proof, stepUp.typ)
  } catch (error) {
    if (error instanceof IntegrityFailure && error.code === 'seal.rejected') return null
    throw error
  }
}

const rejected = (): NotAuthorised =>
  new NotAuthorised('proof.rejected', 'the proof was not accepted', { path: 'proof' })

/**
 * What allows a change of factors: the changes that use up the proof, if there is one; none where none is asked for.
 * @throws NotAuthorised `proof.missing`, `proof.rejected`
 */
export async function allowed(
  parts: MfaParts,
  { subject, proof }: { subject: string; proof: string | undefined },
): Promise<Change[]> {
  const act = 'factor-change'
  if (proof !== undefined) return (await spend(parts, { subject, action: act, proof })).changes
  if (!(await demanded(parts, { subject, act }))) return []
  throw new NotAuthorised('proof.missing', 'a person who has a factor needs a proof of it', { path: 'proof' })
}

const stepUpParser: z.ZodType<StepUp> = z.strictObject({
  subject: idParser,
  action: actionParser,
  request: z.exactOptional(idParser),
  session: z.exactOptional(sessionParser),
  proof: z.exactOptional(proofText),
})

/** Makes the challenge that is to be answered, or checks what came of it. */
export async function requireStepUp(parts: MfaParts, given: StepUp): Promise<StepUpOutcome> {
  const { subject, session, proof, ...act } = parse(stepUpParser, given, 'stepUp')
  if (proof !== undefined) return used(parts, { subject, proof, ...act })
  if (!(await hasFull(parts, subject))) return { outcome: 'no-factor' }
  await checkNotStolen(parts, subject)
  const options = { ...act, ...(session !== undefined && { session }) }
  return { outcome: 'challenge', challenge: await challenge(parts, { subject, options }) }
}

const used = (parts: MfaParts, given: Shown): Promise<StepUpOutcome> =>
  settle(parts, async () => {
    const { policy, keys, ledger, standings } = parts
    const { changes, ...told } = await spend(parts, given)
    const id = await keys.reference(given.subject)
    const actor = { role: 'subject', id } as const
    const details = { for: given.action }
    const act = { action: 'mfa.stepped-up', actor, record: id, clause: policy.mfa.clause, details }
    const all = [...changes, ...ledger.changes(act), ...(await standings.touch(given.subject))]
    return { changes: all, result: { outcome: 'accepted', ...told } }
  })
