/**
 * Administrative resets, step by step. The person is told before a reset is opened and before it is done, and after it was
 * cancelled: one that could not be announced is not done. Where a step was cut off, the same call again goes on, and the
 * person may be told twice.
 */

import * as z from 'zod'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Instant, newId } from '../environment.ts'
import { Conflict, NotFound } from '../errors.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { Change, JsonValue } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import { handOver, senderOf } from './challenging.ts'
import { changing } from './changing.ts'
import { collectionOf, type MfaParts, readAll, readAttempts, refOf, replace, type Stored } from './keeping.ts'
import {
  type FactorReset,
  type FullAnswer,
  type Notice,
  type ResetCancellation,
  type ResetCanceller,
  type ResetInput,
  resetReasons,
} from './model.ts'
import { isFlood, isPending, termOf, toCancel, toComplete } from './resets.ts'
import { cleared } from './rules.ts'
import { type ResetRecord, resetParser } from './stored.ts'

/** What a person who lost every factor can be helped by: the factors go, and nothing is given. */
export interface Resets {
  /**
   * Tells the person that their factors are to be reset, and opens the reset. Where one is open already it gives that
   * one, and tells nobody.
   * @throws InvalidInput `input.invalid`, also where `createPrivacy` was given no `sender`
   * @throws StoreFailure `sender.failed` (the same call goes on); Conflict `conflict.state` (five were asked for within a
   *   day), `conflict.erased`
   */
  open(input: ResetInput): Promise<FactorReset>
  /**
   * Tells the person and removes every factor, trusted device, challenge and proof; failures and lock are cleared. By
   * another operator than the one who opened it, from its `notBefore` to its `expiresAt`. A reset that is done stays as it
   * is. Requests that the person confirmed before stay confirmed.
   * @throws InvalidInput `input.invalid`, as `open`; NotFound `record.missing`
   * @throws NotAuthorised `proof.missing` (it takes another operator)
   * @throws Conflict `conflict.state` (it was cancelled, or it is too early or too late), `conflict.erased`
   * @throws StoreFailure `sender.failed` (nothing was removed)
   */
  complete(id: string, by: { readonly operator: string }): Promise<FactorReset>
  /**
   * Cancels a reset, and tells the person: by an operator, or by the person, whose answer by a full factor shows that it is
   * not lost and is an attempt like any other.
   * @throws InvalidInput `input.invalid`, as `open`; NotFound `record.missing`; Conflict `conflict.state` (it is done),
   *   `conflict.erased`
   * @throws NotAuthorised `proof.missing` for an answer where a factor was said to be stolen
   * @throws StoreFailure `sender.failed` (it is cancelled)
   */
  cancel(id: string, by: ResetCanceller): Promise<ResetCancellation>
  /** A reset, or `null`. @throws InvalidInput `input.invalid` */
  find(id: string): Promise<FactorReset | null>
}

/** Makes the resets of a tenant. */
export const createResets = (parts: MfaParts): Resets => ({
  open: (input) => open(parts, input),
  complete: (id, by) => complete(parts, { id, by }),
  cancel: (id, by) => cancel(parts, { id, by }),
  async find(id) {
    const found = await findReset(parts, id)
    return found && resetOf(found)
  },
})

const inputParser: z.ZodType<ResetInput> = z.strictObject({
  subject: idParser,
  operator: idParser,
  because: z.enum(resetReasons),
})

async function open(parts: MfaParts, input: ResetInput): Promise<FactorReset> {
  const { subject, ...asked } = parse(inputParser, input, 'reset')
  senderOf(parts)
  const announced = await announcing(parts, { subject, asked })
  if (announced.record.state === 'opened') return resetOf(announced)
  await tell(parts, { ...announced, what: 'reset-opened' })
  return settle(parts, async () => {
    // First: an erasure and this exclude each other.
    const touched = await parts.standings.touch(subject)
    const found = await existing(parts, announced.record.id)
    if (found.record.state !== 'announcing') return { changes: [], result: resetOf(found) }
    const { environment, policy } = parts
    const record: ResetRecord = { ...found.record, state: 'opened', ...termOf(policy, environment.now()) }
    const acts = await told(parts, { subject, record, action: 'mfa.reset-opened' })
    return { changes: [replace(found, record), ...acts, ...touched], result: resetOf({ ...found, record }) }
  })
}

/**
 * The reset that is open, or one that is to be announced. It is there before the person is told of it, so that whatever a
 * notice names can be found; and whoever asks at the same moment announces the same.
 */
function announcing(
  parts: MfaParts,
  { subject, asked }: { subject: string; asked: Omit<ResetInput, 'subject'> },
): Promise<StoredReset> {
  const { environment, policy, standings, tenant } = parts
  return settle(parts, async () => {
    const touched = await standings.touch(subject)
    const now = environment.now()
    const all = await readAll(parts, { subject, kind: 'reset' })
    const open = all.find(({ record }) => isPending(record, now))
    if (open) return { changes: [], result: { ...open, subject } }
    if (
      isFlood(
        all.map(({ record }) => record),
        now,
      )
    ) {
      throw new Conflict('conflict.state', 'resets were asked for too often today', { record: 'reset' })
    }
    const id = newId(environment)
    const made = { ...asked, ...termOf(policy, now), id, state: 'announcing', ended: null } as const
    const record: ResetRecord = { ...made, category: policy.ownData.factors }
    const ref = refOf(tenant, subject, ['reset', id])
    const put: Change = { put: ref, value: record as unknown as JsonValue, expect: 'absent' }
    return { changes: [put, ...touched], result: { ref, record, version: 0, subject } }
  })
}

async function complete(
  parts: MfaParts,
  { id, by }: { id: string; by: { readonly operator: string } },
): Promise<FactorReset> {
  const { operator } = parse(z.strictObject({ operator: idParser }), by, 'by')
  const { environment } = parts
  senderOf(parts)
  const before = await existing(parts, id)
  if (!toComplete(before.record, { operator, now: environment.now() })) return resetOf(before)
  // Nobody is written to who is being erased.
  await parts.standings.touch(before.subject)
  await tell(parts, { ...before, what: 'reset-due' })
  return settle(parts, async () => {
    const found = await existing(parts, id)
    const { subject, record } = found
    const at = environment.now()
    if (!toComplete(record, { operator, now: at })) return { changes: [], result: resetOf(found) }
    const next: ResetRecord = { ...record, state: 'done', ended: { at, operator } }
    const counter = await readAttempts(parts, subject)
    const changes = [
      ...(await everything(parts, subject)),
      counter.put(cleared(counter.attempts, at)),
      replace(found, next),
      ...(await told(parts, { subject, record: next, action: 'mfa.reset-done' })),
      ...(await parts.standings.touch(subject)),
    ]
    return { changes, result: { ...withoutCategory(next), subject } }
  })
}

/** All that a person could show, whether or not it can be read. */
async function everything({ store, tenant }: MfaParts, subject: string): Promise<Change[]> {
  const changes: Change[] = []
  for (const collection of ['totp', 'challenge', 'proof'].map(collectionOf)) {
    for await (const { key: at, version } of store.scan(collection, { prefix: `${key(tenant, subject)}/` })) {
      changes.push({ remove: { collection, key: at }, expect: version })
    }
  }
  return changes
}

const cancellerParser = z.union([
  z.strictObject({ operator: idParser }),
  z.strictObject({ answer: z.unknown().refine((answer) => answer !== undefined) }),
])

async function cancel(
  parts: MfaParts,
  { id, by }: { id: string; by: ResetCanceller },
): Promise<ResetCancellation> {
  const canceller = parse(cancellerParser, by, 'by')
  senderOf(parts)
  const found = await existing(parts, id)
  const byOperator = 'operator' in canceller
  if (!toCancel(found.record, byOperator ? 'operator' : 'answer')) {
    // An operator's call is taken again where telling failed; anybody's answer, which is not looked at, sends nothing.
    if (byOperator) await tell(parts, { ...found, what: 'reset-cancelled' })
    return { outcome: 'cancelled', reset: resetOf(found) }
  }
  const outcome = byOperator
    ? await cancelByOperator(parts, { id, operator: canceller.operator })
    : await cancelBySubject(parts, { id, subject: found.subject, answer: canceller.answer as FullAnswer })
  // After it: a person must not take for cancelled what is not.
  if (outcome.outcome === 'cancelled') await tell(parts, { ...found, what: 'reset-cancelled' })
  return outcome
}

const cancelByOperator = (
  parts: MfaParts,
  { id, operator }: { id: string; operator: string },
): Promise<ResetCancellation> =>
  settle(parts, async () => {
    const found = await existing(parts, id)
    const { subject } = found
    if (!toCancel(found.record, 'operator')) {
      return { changes: [], result: { outcome: 'cancelled', reset: resetOf(found) } }
    }
    const { next, changes } = cancelled(found, { at: parts.environment.now(), operator })
    const acts = await told(parts, { subject, record: next.record, action: 'mfa.reset-cancelled' })
    const touched = await parts.standings.touch(subject)
    return {
      changes: [...changes, ...acts, ...touched],
      result: { outcome: 'cancelled', reset: resetOf(next) },
    }
  })

async function cancelBySubject(
  parts: MfaParts,
  { id, subject, answer }: { id: string; subject: string; answer: FullAnswer },
): Promise<ResetCancellation> {
  const outcome = await changing<{ reset: FactorReset }>(parts, {
    subject,
    answer,
    action: 'mfa.reset-cancelled',
    effect: async ({ now: at }) => {
      const found = await existing(parts, id)
      const over = !toCancel(found.record, 'answer')
      const { next, changes } = over ? { next: found, changes: [] } : cancelled(found, { at, operator: null })
      const details = { reset: id, because: found.record.because }
      return { changes, factors: 'same', told: { reset: resetOf(next) }, details }
    },
  })
  if (outcome.outcome !== 'accepted') return outcome
  return { outcome: 'cancelled', reset: outcome.reset as FactorReset }
}

function cancelled(
  found: StoredReset,
  ended: { at: Instant; operator: string | null },
): { next: StoredReset; changes: Change[] } {
  const record: ResetRecord = { ...found.record, state: 'cancelled', ended }
  return { next: { ...found, record }, changes: [replace(found, record)] }
}

/** A reset as it was read, and whose it is. */
interface StoredReset extends Stored<ResetRecord> {
  readonly subject: string
}

const withoutCategory = ({ category: _, ...reset }: ResetRecord): Omit<FactorReset, 'subject'> => reset

const resetOf = ({ record, subject }: StoredReset): FactorReset => ({ ...withoutCategory(record), subject })

async function findReset({ store, tenant }: MfaParts, id: string): Promise<StoredReset | null> {
  const equals = [parse(idParser, id, 'id')]
  const { name: collection } = collections.resets
  for await (const found of store.scan(collection, { tenant, index: 'id', equals })) {
    const [subject = ''] = partsOf(found.key)
    const record = parseStored(resetParser, found.value, 'reset')
    return { ref: { collection, key: found.key }, record, version: found.version, subject }
  }
  return null
}

async function existing(parts: MfaParts, id: string): Promise<StoredReset> {
  const found = await findReset(parts, id)
  if (found === null) throw new NotFound('record.missing', 'there is no such reset', { path: 'id' })
  return found
}

function tell(
  parts: MfaParts,
  { subject, record, what }: { subject: string; record: ResetRecord; what: Notice['what'] },
): Promise<void> {
  const { id: reset, because, notBefore } = record
  const at = parts.environment.now()
  const { tenant } = parts
  return handOver(senderOf(parts), { kind: 'notice', tenant, subject, what, reset, because, at, notBefore })
}

/** The entry of the ledger, by the operator who acted last. */
async function told(
  { keys, ledger, policy }: MfaParts,
  { subject, record, action }: { subject: string; record: ResetRecord; action: string },
): Promise<Change[]> {
  const actor = { role: 'operator', id: record.ended?.operator ?? record.operator } as const
  const details = { reset: record.id, because: record.because }
  const reference = await keys.reference(subject)
  const act = { action, actor, record: reference, clause: policy.mfa.clause, details }
  return ledger.changes(act)
}
